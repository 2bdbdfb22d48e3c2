package fieldsync

import fieldsync.core.FieldException
import fieldsync.core.NewCustomer
import fieldsync.core.NewVisit
import fieldsync.core.OpenConfig
import fieldsync.core.SecretStore
import fieldsync.core.VisitChange
import java.io.File
import java.nio.file.Files
import java.time.YearMonth
import java.time.ZoneOffset
import java.util.concurrent.ConcurrentHashMap
import kotlin.test.fail
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assumptions.assumeTrue

/** What the tests are played against: `tests/src/stage.rs` sets it. */
internal object Stage {
    val url: String get() = of("URL")
    val password: String get() = of("PASSWORD")
    val invitation: String get() = of("INVITATION")
    val small: File? get() = System.getenv("FIELDSYNC_TEST_SMALL")?.let(::File)
    val month: String = YearMonth.now(ZoneOffset.UTC).toString()

    /** Nobody listens on the discard port. */
    const val DEAD: String = "http://127.0.0.1:9"
    const val NOWHERE: String = "0192f0c1-2b3c-7d4e-8f90-a1b2c3d4e5f6"

    val folder: File = Files.createTempDirectory("fieldsync").toFile().also { made ->
        Runtime.getRuntime().addShutdownHook(Thread { made.deleteRecursively() })
    }

    fun of(name: String): String = System.getenv("FIELDSYNC_TEST_$name") ?: ""

    /** Runs the server's command line on the stage's data. */
    fun run(vararg arguments: String): String {
        val command = listOf(of("PROGRAM"), *arguments, "--data", of("DATA"), "--json")
        val process = ProcessBuilder(command).redirectErrorStream(false).start()
        val said = process.inputStream.bufferedReader().readText()
        check(process.waitFor() == 0) { said }
        return said
    }
}

/** Plays something against the stage, where there is one. */
internal fun staged(play: suspend () -> Unit) {
    assumeTrue(Stage.url.isNotEmpty(), "needs a server: mobile/kotlin is tested by kotlin_sdk")
    runBlocking { withTimeout(300_000) { play() } }
}

/** A promise of mobile/contract.toml: kept, it says so. */
internal fun promise(id: String, keep: suspend () -> Unit) {
    try {
        staged(keep)
        println("held $id")
    } catch (_: Skipped) {
        println("skipped $id")
    }
}

/** This machine has not what it takes. */
internal class Skipped : RuntimeException()

internal suspend fun opened(
    name: String,
    url: String = Stage.url,
    secrets: SecretStore? = null,
    clock: fieldsync.core.DeviceClock? = null,
    authority: String? = null,
): Fieldsync {
    val dir = File(name).takeIf { it.isAbsolute } ?: Stage.folder.resolve(name)
    val config = OpenConfig(dir.path, url, "kotlin", "test", "0.1.0", "Asia/Shanghai", 8 * 3600, authority)
    return Fieldsync.open(config, secrets, clock)
}

/** A phone of a rep's that has everything. */
internal suspend fun phone(
    rep: String,
    name: String = rep,
    secrets: SecretStore? = null,
    clock: fieldsync.core.DeviceClock? = null,
): Fieldsync = opened(name, secrets = secrets, clock = clock).also {
    it.signIn(rep, Stage.password)
    it.sync()
}

/**
 * A phone of a rep's that was in use before, whatever lies on it. The server takes fifty
 * sign-ins from one address in a quarter of an hour, and every test has the same address.
 */
internal suspend fun used(rep: String, url: String = Stage.url): Fieldsync {
    val name = "$rep-used"
    if (!Stage.folder.resolve(name).exists()) phone(rep, name).close()
    return opened(name, url)
}

internal suspend fun Fieldsync.newCustomer(name: String = "Acme"): String =
    createCustomer(NewCustomer(name)).id

internal fun visitAt(customer: String, minutesAgo: Long = 5): NewVisit {
    val end = System.currentTimeMillis() - minutesAgo * 60_000
    val said = VisitChange(
        outcome = "progress",
        result = "talked about the trial",
        nextStep = "send the quote",
        startedAtMs = end - 15 * 60_000,
        endedAtMs = end,
    )
    return NewVisit(customer, mode = "phone", said = said)
}

/** The first value that is as wanted, within a bound. */
internal suspend fun <T> Flow<T>.awaited(wanted: (T) -> Boolean): T =
    withTimeout(10_000) { first { wanted(it) } }

internal suspend inline fun <reified E : FieldException> expect(act: suspend () -> Unit): E {
    try {
        act()
    } catch (found: FieldException) {
        if (found is E) return found
        throw found
    }
    fail("no ${E::class.simpleName}")
}

internal fun replica(name: String): File =
    Stage.folder.resolve(name).listFiles { file -> file.extension == "fieldsync" }!!.single()

/** A keychain in memory. */
internal open class Keys : SecretStore {
    val kept: MutableMap<String, ByteArray> = ConcurrentHashMap()

    override fun load(name: String): ByteArray? = kept[name]

    override fun keep(name: String, secret: ByteArray) {
        kept[name] = secret
    }

    override fun forget(name: String) {
        kept.remove(name)
    }
}
