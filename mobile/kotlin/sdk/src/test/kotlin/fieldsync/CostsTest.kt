package fieldsync

import fieldsync.core.FieldClient
import fieldsync.core.StaleObserver
import fieldsync.core.WatchedQuery
import java.util.concurrent.ArrayBlockingQueue
import java.util.concurrent.TimeUnit
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertNotNull
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assumptions.assumeTrue

/** What calls cost, for mobile/README.md. It says the figures and asserts none of them. */
internal class CostsTest {
    @Test
    fun `open, a page of 100 rows, a visit, a notice`() {
        assumeTrue(Stage.url.isNotEmpty(), "needs a server: mobile/kotlin is tested by kotlin_sdk")
        runBlocking { play() }
    }

    private suspend fun play() {
        val made = phone("fang", "costs").use { client ->
            (1..100).map { client.newCustomer("Customer $it") }.first()
        }
        tell("open and close", 50) { opened("costs", Stage.DEAD).close() }
        opened("costs", Stage.DEAD).use { client ->
            tell("page of 100 customers", 200) {
                assertEquals(100, client.customers().windows.first().rows.size)
            }
            tell("save a visit, durable", 200) { client.logVisit(visitAt(made)) }
            notice(client.core, made, client)
        }
    }

    private suspend fun notice(core: FieldClient, customer: String, client: Fieldsync) {
        val heard = ArrayBlockingQueue<ULong>(1000)
        val observer = object : StaleObserver {
            override fun onStale(generation: ULong) {
                heard.put(generation)
            }
        }
        val observation = core.observe(WatchedQuery.Visits, observer)
        tell("from a saved visit to its notice, 30 ms gathering included", 50) {
            client.logVisit(visitAt(customer))
            assertNotNull(heard.poll(10, TimeUnit.SECONDS))
        }
        observation.cancel()
        observation.destroy()
    }

    private suspend fun tell(what: String, times: Int, act: suspend () -> Unit) {
        repeat(times / 5) { act() }
        val took = (1..times).map { nanos(act) }.sorted()
        val ms = { nanos: Long -> "%.2f".format(nanos / 1e6) }
        println("  cost: $what: p50 ${ms(took[times / 2])} ms, p95 ${ms(took[times * 95 / 100])} ms")
    }

    private suspend fun nanos(act: suspend () -> Unit): Long {
        val from = System.nanoTime()
        act()
        return System.nanoTime() - from
    }
}
