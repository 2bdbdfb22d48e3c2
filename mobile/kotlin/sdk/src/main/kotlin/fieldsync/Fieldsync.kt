package fieldsync

import fieldsync.core.Account
import fieldsync.core.DeviceClock
import fieldsync.core.FieldClient
import fieldsync.core.FieldException
import fieldsync.core.InternalException
import fieldsync.core.OpenConfig
import fieldsync.core.OrgRow
import fieldsync.core.SecretStore
import fieldsync.core.SyncState
import fieldsync.core.WatchedQuery
import java.time.Instant
import java.time.ZoneId
import java.util.concurrent.atomic.AtomicBoolean
import kotlinx.coroutines.CompletableJob
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.catch
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.isActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext

/**
 * The replica on this phone.
 *
 * Saving and reading never touch the network and never wait for it; a save that returned
 * is durable. Every call runs off the caller's thread, so it may be made from the main
 * thread. What can go wrong is a [fieldsync.core.FieldException] that says what to do:
 * whatever reads or saves may end with `NotSignedIn`, `Paused`, `Closed` or `Storage`; what is
 * given an id, a day or a code with `BadInput`; what edits something with `NotFound` where it
 * is not on this phone; a save with `StorageFull`; what rests on the policy, the calendar or
 * the card with `NotYetSynced` before the first sync. What needs the network says so.
 *
 * One client for a folder at a time: keep it for as long as the process lives, [pause] it
 * before the system suspends the app, and [close] it at the end.
 */
public class Fieldsync private constructor(
    private val held: FieldClient,
    internal val io: CoroutineDispatcher,
) : AutoCloseable {
    private val closed = AtomicBoolean(false)

    /** The library's client, for as long as this one is open. */
    internal val core: FieldClient
        get() = if (closed.get()) throw wasClosed() else held

    /** Completes when this client is closed: whatever waits for a notice ends then. */
    internal val end: CompletableJob = Job()

    /** Who keeps this phone in step. */
    internal val steps: Steps = Steps()

    private val scope = CoroutineScope(SupervisorJob() + io)

    /** Rises when everything should be read again: somebody signed in, the client resumed. */
    internal val renewed: MutableStateFlow<Int> = MutableStateFlow(0)

    private val standing = MutableStateFlow<SyncState?>(null)

    /**
     * Where this phone stands, for the sync pill: what waits, up to when everything is here,
     * why the last sync failed. Null while nobody is signed in, and once the client is paused
     * or closed.
     */
    public val syncState: StateFlow<SyncState?> = standing.asStateFlow()

    init {
        scope.launch {
            val watched = standing.subscriptionCount.map { it > 0 }.distinctUntilChanged()
            watched.collectLatest { if (it) follow() }
        }
    }

    private suspend fun follow() = watchOrNull(WatchedQuery.Sync) { syncState() }
        .catch { emit(null) }
        .collect { found -> standing.update { found.takeUnless { closed.get() } } }

    /** Signs in and enrols this phone. Needs the network, once. */
    public suspend fun signIn(login: String, password: String): Account =
        renewing { ours { core.signIn(login, password) } }

    /** Signs in with an invitation: the content of the QR code, or the code as typed. */
    public suspend fun enrol(invitation: String): Account =
        renewing { ours { core.enrol(invitation) } }

    /** Who is signed in here; works offline. */
    public suspend fun signedIn(): Account? = read { signedIn() }

    /** The organisation's settings, its currency among them; NotYetSynced before they came. */
    public suspend fun org(): OrgRow = read { org() }

    /** Forgets the session. Data and everything unsent stay for the same person's next sign-in. */
    public suspend fun signOut(): Unit = renewing { save { signOut() } }

    /**
     * Removes the data of whoever is signed in from this phone. What was not sent is first
     * sealed into a file, see [rescueFiles].
     */
    public suspend fun wipe(): Unit = renewing { save { wipe() } }

    /** Files with the unsent work of a phone whose access ended, for an administrator. */
    public suspend fun rescueFiles(): List<String> = read { rescueFiles() }

    /**
     * The device is in [zone] from now on: to be said when the app comes to the front and when
     * the system says so. A rep travels, and summer time begins while an app is open.
     */
    public suspend fun setTimeZone(zone: ZoneId = ZoneId.systemDefault()): Unit =
        save { setTimeZone(zone.id, zone.rules.getOffset(Instant.now()).totalSeconds) }

    /** Ends what runs and closes every file: before the system suspends the app. */
    public suspend fun pause(): Unit = renewing { save { pause() } }

    /** Opens what [pause] closed. */
    public suspend fun resume(): Unit = renewing { save { resume() } }

    /**
     * Ends everything and lets go of the library's memory. The client is of no use afterwards:
     * calls fail with [fieldsync.core.FieldException.Closed], and flows end with it.
     */
    override fun close() {
        if (closed.compareAndSet(false, true)) {
            scope.cancel()
            standing.value = null
            end.complete()
            held.shutDown()
            held.destroy()
        }
    }

    /** However it ended: a sign-in whose caller was cancelled may have come about. */
    private inline fun <T> renewing(act: () -> T): T = try {
        act()
    } finally {
        renewed.update { it + 1 }
    }

    /** Reads off the caller's thread. */
    internal suspend fun <T> read(block: FieldClient.() -> T): T =
        withContext(io) { ours { core.block() } }

    /**
     * Writes off the caller's thread. A save that has begun ends, and its caller hears of it:
     * a cancelled caller must not believe that nothing was saved.
     */
    internal suspend fun <T> save(block: FieldClient.() -> T): T {
        currentCoroutineContext().ensureActive()
        return carriedThrough(io) { ours { core.block() } }
    }

    /** Opens clients. */
    public companion object {
        /**
         * Opens the client and, without any network, the data of whoever was signed in last.
         *
         * @param secrets the system's keychain; with it tokens lie in no file, and a library
         *   built for release encrypts the data.
         * @param clock the device's clocks, where they tell more than the wall clock.
         * @param io where calls run; each blocks for a disk write at most.
         */
        public suspend fun open(
            config: OpenConfig,
            secrets: SecretStore? = null,
            clock: DeviceClock? = null,
            io: CoroutineDispatcher = Dispatchers.IO,
        ): Fieldsync {
            currentCoroutineContext().ensureActive()
            val opened = carriedThrough(io) {
                ours { Fieldsync(FieldClient.open(config, secrets, clock), io) }
            }
            // Nobody would hold it, and nobody else could open the folder.
            if (!currentCoroutineContext().isActive) carriedThrough(io) { opened.close() }
            currentCoroutineContext().ensureActive()
            return opened
        }
    }
}

/**
 * Runs [act] on [io] and gives what it gave, also to a caller that was cancelled meanwhile.
 * The order of the two is the point: `withContext(io + NonCancellable)` looks at the caller's
 * job on the way back and throws the result away.
 */
private suspend fun <T> carriedThrough(io: CoroutineDispatcher, act: () -> T): T =
    withContext(NonCancellable) { withContext(io) { act() } }

internal fun wasClosed() = FieldException.Closed("the client is closed")

/**
 * What the generated code throws by itself, as the library's errors: a panic is a fault of ours
 * like any other, and what was closed while a call was on its way to it is closed.
 */
internal inline fun <T> ours(call: () -> T): T =
    try {
        call()
    } catch (panic: InternalException) {
        throw FieldException.Internal(panic.message.orEmpty())
    } catch (gone: IllegalStateException) {
        throw if ("already been destroyed" in gone.message.orEmpty()) wasClosed() else gone
    }
