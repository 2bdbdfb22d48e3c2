package fieldsync

import fieldsync.core.ClockReading
import fieldsync.core.CustomerChange
import fieldsync.core.DeviceClock
import fieldsync.core.FieldException
import fieldsync.core.provokePanic
import java.io.File
import java.io.IOException
import java.io.RandomAccessFile
import kotlin.math.abs
import kotlin.random.Random
import kotlin.test.Test
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlinx.coroutines.flow.first

/** Misuse and misfortune give errors that an app can act on. */
internal class MisuseTest {
    @Test
    fun `nobody signed in`() = promise("error-not-signed-in") {
        opened("nobody").use { client ->
            expect<FieldException.NotSignedIn> { client.pending() }
            expect<FieldException.NotSignedIn> { client.logVisit(visitAt(Stage.NOWHERE)) }
        }
    }

    @Test
    fun `nobody said where the server is`() = promise("error-no-server") {
        opened("no-server", "").use { client ->
            expect<FieldException.NoServer> { client.signIn("anna", Stage.password) }
        }
    }

    @Test
    fun `a phone that is somebody else's`() = promise("error-device-taken") {
        phone("rosa", "taken").close()
        val devices = Stage.folder.resolve("taken/devices.json")
        devices.writeText(devices.readText().replace("\"rosa\"", "\"sven\""))
        devices.resolveSibling("session.json").delete()
        opened("taken").use { client ->
            expect<FieldException.DeviceTaken> { client.signIn("sven", Stage.password) }
        }
    }

    @Test
    fun `a wrong password`() = promise("error-sign-in-again") {
        opened("nobody-else").use { client ->
            expect<FieldException.SignInAgain> { client.signIn("tina", "not the password") }
        }
    }

    @Test
    fun `a phone whose access was ended`() = promise("error-device-revoked") {
        phone("tina").use { client ->
            val listed = Stage.run("device", "list")
            val entry = Regex("\\{[^{}]*\"login\":\\s*\"tina\"[^{}]*\\}").find(listed)!!.value
            val device = Regex("\"device\":\\s*\"([^\"]+)\"").find(entry)!!.groupValues[1]
            Stage.run("device", "revoke", device)
            expect<FieldException.DeviceRevoked> { client.sync() }
            assertNull(client.signedIn())
            assertTrue(Stage.folder.resolve("tina").list()!!.none { it.endsWith(".fieldsync") })
        }
    }

    @Test
    fun `two clients on one folder`() = promise("error-file-in-use") {
        opened("two").use { expect<FieldException.FileInUse> { opened("two") } }
        opened("two").close()
    }

    @Test
    fun `a file whose key is not here`() = promise("error-wrong-key") {
        phone("vera").close()
        val sealed = Random(1).nextBytes(8192)
        replica("vera").writeBytes(sealed)
        expect<FieldException.WrongKey> { opened("vera") }
        assertContentEquals(sealed, replica("vera").readBytes())
    }

    @Test
    fun `a file of a newer app`() = promise("error-newer-database") {
        phone("vera", "vera-2").close()
        RandomAccessFile(replica("vera-2"), "rw").use { file ->
            file.seek(60)
            file.writeInt(99)
        }
        val newer = replica("vera-2").readBytes()
        expect<FieldException.NewerDatabase> { opened("vera-2") }
        assertContentEquals(newer, replica("vera-2").readBytes())
    }

    @Test
    fun `a clock that is hours off`() = promise("error-clock-far-off") {
        val hours = 3 * 3_600_000L
        val ahead = object : DeviceClock {
            override fun read() = ClockReading(System.currentTimeMillis() + hours, null, null)
        }
        phone("wei", clock = ahead).use { client ->
            val found = expect<FieldException.ClockFarOff> { client.checkClock() }
            assertTrue(abs(found.offMs - hours) < 60_000, "${found.offMs}")
        }
        phone("wei", "wei-2").use { it.checkClock() }
    }

    @Test
    fun `a keychain that refuses`() = promise("error-keychain") {
        val broken = object : Keys() {
            override fun keep(name: String, secret: ByteArray) = error("the keychain is gone")
        }
        opened("paul-2", secrets = broken).use { client ->
            expect<FieldException.Keychain> { client.signIn("paul", Stage.password) }
            assertNull(client.signedIn())
        }
    }

    @Test
    fun `a server that nobody vouches for`() = promise("error-not-private") {
        used("boris", Stage.of("TLS")).use { client ->
            val made = client.newCustomer()
            assertNotNull(expect<FieldException.NotPrivate> { client.sync() }.retryAtMs)
            assertNotNull(client.customer(made).first())
        }
    }

    @Test
    fun `a server of a later version`() = promise("error-update-required") {
        used("boris", Stage.of("NEWER")).use { client ->
            expect<FieldException.UpdateRequired> { client.sync() }
            assertNotNull(client.customer(client.newCustomer()).first())
        }
    }

    @Test
    fun `a fault of the library's own`() = promise("error-internal") {
        used("uwe").use { client ->
            val found = expect<FieldException.Internal> { client.read { provokePanic() } }
            assertTrue("provoked" in found.detail, found.detail)
        }
    }

    @Test
    fun `no server`() = promise("error-offline") {
        used("uwe", Stage.DEAD).use { client ->
            assertNotNull(expect<FieldException.Offline> { client.sync() }.retryAtMs)
        }
    }

    @Test
    fun `jobs that the app cancelled`() = promise("error-cancelled") {
        used("uwe").use { client ->
            val jobs = List(8) { client.startSync() }.onEach { it.cancel() }
            val cancelled = jobs.count { job ->
                try {
                    job.wait()
                    false
                } catch (_: FieldException.Cancelled) {
                    true
                }
            }
            // One may have been over before; those behind it were waiting for their turn.
            assertTrue(cancelled >= 7, "$cancelled")
        }
    }

    @Test
    fun `ids and page tokens that are none`() = promise("error-bad-input") {
        used("uwe").use { client ->
            expect<FieldException.BadInput> { client.logVisit(visitAt("nonsense")) }
            expect<FieldException.BadInput> { client.conflicts(after = "nonsense") }
            assertEquals(0uL, client.pending().saved)
        }
    }

    @Test
    fun `something that is not on this phone`() = promise("error-not-found") {
        used("uwe").use { client ->
            expect<FieldException.NotFound> {
                client.editCustomer(Stage.NOWHERE, CustomerChange(name = "Acme"))
            }
        }
    }

    @Test
    fun `a card before the first sync`() = promise("error-not-yet-synced") {
        opened("xenia").use { client ->
            client.signIn("xenia", Stage.password)
            expect<FieldException.NotYetSynced> { client.scorecard(Stage.month) }
        }
    }

    @Test
    fun `a full disk`() = promise("error-storage-full") {
        val small = Stage.small ?: throw Skipped()
        phone("xenia", small.resolve("kotlin").path).use { client ->
            val made = client.newCustomer()
            val filler = small.resolve("filler")
            fill(filler)
            expect<FieldException.StorageFull> { repeat(2000) { client.newCustomer("Customer $it") } }
            assertEquals("Acme", client.customer(made).first()?.row?.name)
            filler.delete()
            client.newCustomer("There is room again")
        }
    }

    private fun fill(filler: File) = filler.outputStream().use { out ->
        var block = 65536
        while (block > 0) {
            try {
                out.write(ByteArray(block))
            } catch (_: IOException) {
                block /= 2
            }
        }
    }

    @Test
    fun `a folder that cannot be used`() = promise("error-storage") {
        Stage.folder.resolve("a-file").writeText("not a folder")
        expect<FieldException.Storage> { opened("a-file/in-it") }
    }
}
