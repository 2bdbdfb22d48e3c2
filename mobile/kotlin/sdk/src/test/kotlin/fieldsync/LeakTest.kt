package fieldsync

import fieldsync.core.FieldException
import fieldsync.core.WatchedQuery
import java.io.File
import kotlin.test.Test
import kotlin.test.assertTrue
import kotlinx.coroutines.flow.first

/** What is opened and dropped leaves nothing behind. */
internal class LeakTest {
    @Test
    fun `observers, jobs and clients leave memory and threads flat`() = promise("leak") {
        phone("sven").close()
        opened("sven", Stage.DEAD).use { client ->
            flat("observers") { client.stale(WatchedQuery.Customers).first() }
            flat("jobs") {
                val job = client.startSync()
                job.cancel()
                try {
                    job.wait()
                } catch (_: FieldException) {
                    // Offline or cancelled, whichever came first.
                }
                job.destroy()
            }
        }
        flat("clients") { opened("sven-empty", Stage.DEAD).close() }
    }

    private suspend fun flat(what: String, act: suspend () -> Unit) {
        repeat(2_000) { act() }
        val before = standing()
        repeat(8_000) { act() }
        val (memory, threads) = standing().zip(before) { now, then -> now - then }
        println("  10,000 $what: $memory KiB, $threads threads")
        assertTrue(memory < 48 * 1024 && threads < 24, what)
    }

    /** Resident memory, of which the heap is a constant part (see pom.xml), and threads. */
    private fun standing(): List<Long> {
        repeat(3) { System.gc() }
        val status = File("/proc/self/status").readLines()
        val figure = { name: String ->
            status.first { it.startsWith("$name:") }.split(Regex("\\s+"))[1].toLong()
        }
        return listOf(figure("VmRSS"), figure("Threads"))
    }
}
