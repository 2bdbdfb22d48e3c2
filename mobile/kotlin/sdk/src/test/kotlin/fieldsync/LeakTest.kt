package fieldsync

import fieldsync.core.FieldException
import fieldsync.core.StaleObserver
import fieldsync.core.WatchedQuery
import java.io.File
import java.lang.ref.WeakReference
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
        flat("clients") { opened("sven", Stage.DEAD).close() }
    }

    @Test
    fun `observers that were cancelled are let go of`() = staged {
        opened("watched", Stage.DEAD).use { client ->
            val watchers = List(10_000) {
                val observer = object : StaleObserver {
                    override fun onStale(generation: ULong) = Unit
                }
                client.core.observe(WatchedQuery.Customers, observer).run {
                    cancel()
                    destroy()
                }
                WeakReference(observer)
            }
            awaitUntil {
                System.gc()
                watchers.count { it.get() != null } <= 1
            }
        }
    }

    private suspend fun flat(what: String, act: suspend () -> Unit) {
        repeat(2_000) { act() }
        val before = standing()
        repeat(8_000) { act() }
        val (memory, threads) = standing().zip(before) { now, then -> now - then }
        println("  10,000 $what: $memory KiB, $threads threads")
        assertTrue(memory < 24 * 1024 && threads < 16, what)
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
