package fieldsync

import fieldsync.core.FieldException
import fieldsync.core.LiveState
import fieldsync.core.OpenConfig
import fieldsync.core.WatchedQuery
import fieldsync.core.provokePanic
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertNotEquals
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.collect
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.joinAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.supervisorScope
import kotlinx.coroutines.withTimeout

/** What is cancelled, paused or closed halfway leaves nothing in between. */
internal class LifecycleTest {
    @Test
    fun `an opening that was cancelled leaves the folder free`() = staged {
        onOneThread { io, whenCancelled ->
            val config = OpenConfig(
                Stage.folder.resolve("given-up").path, Stage.url, "kotlin", "test", "0.1.0",
                "Asia/Shanghai", 8 * 3600,
            )
            whenCancelled { Fieldsync.open(config, io = io) }
            Fieldsync.open(config).close()
        }
    }

    @Test
    fun `a caller that was cancelled hears of its save`() = staged {
        phone("anna", "anna-save").close()
        onOneThread { io, whenCancelled ->
            val config = OpenConfig(
                Stage.folder.resolve("anna-save").path, Stage.url, "kotlin", "test", "0.1.0",
                "Asia/Shanghai", 8 * 3600,
            )
            Fieldsync.open(config, io = io).use { client ->
                var told: String? = null
                whenCancelled { told = client.newCustomer() }
                assertNotNull(client.customer(assertNotNull(told)).first())
            }
        }
    }

    /** Cancels what is given after it was handed to the one thread of its client, and before it ran. */
    private suspend fun onOneThread(
        play: suspend (CoroutineDispatcher, suspend (suspend () -> Unit) -> Unit) -> Unit,
    ) = Executors.newSingleThreadExecutor().asCoroutineDispatcher().use { io ->
        play(io) { act ->
            val free = CountDownLatch(1)
            coroutineScope {
                launch(io) { free.await() }
                val acting = launch(Dispatchers.Default, CoroutineStart.UNDISPATCHED) { act() }
                acting.cancel()
                free.countDown()
            }
        }
    }

    @Test
    fun `whoever watches a client hears that it was closed`() = staged {
        val client = used("boris")
        val made = client.newCustomer()
        val flows = listOf(
            client.customers().windows, client.liveAgenda(), client.customer(made),
            client.stale(WatchedQuery.Sync),
        )
        supervisorScope {
            val begun = flows.map { Job() }
            val ends = flows.zip(begun) { flow, first ->
                async(Dispatchers.Default) {
                    expect<FieldException.Closed> { flow.collect { first.complete() } }
                }
            }
            val sync = launch(Dispatchers.Default) { client.syncState.collect() }
            begun.joinAll()
            client.syncState.awaited { it != null }
            client.close()
            withTimeout(10_000) { ends.awaitAll() }
            client.syncState.awaited { it == null }
            sync.cancelAndJoin()
        }
        expect<FieldException.Closed> { client.stale(WatchedQuery.Sync).first() }
    }

    @Test
    fun `a paused client stands nowhere`() = staged {
        used("boris").use { client ->
            client.syncState.awaited { it != null }
            coroutineScope {
                val watching = launch(Dispatchers.Default) { client.syncState.collect() }
                client.pause()
                client.syncState.awaited { it == null }
                client.resume()
                client.syncState.awaited { it != null }
                watching.cancelAndJoin()
            }
        }
    }

    @Test
    fun `one of two who keep in step may go`() = staged {
        phone("wei", "wei-step").use { client ->
            val job = client.core.listen()
            coroutineScope {
                val begun = List(2) { Job() }
                val (one, two) = begun.map { first ->
                    launch(Dispatchers.Default) { client.inStep().collect { first.complete() } }
                }
                begun.joinAll()
                one.cancelAndJoin()
                client.newCustomer()
                awaitUntil { client.pending().run { saved + sent } == 0uL }
                assertNotEquals(LiveState.ENDED, job.state())
                two.cancelAndJoin()
                awaitUntil { job.state() == LiveState.ENDED }
            }
            job.destroy()
        }
    }

    @Test
    fun `a call that meets the closing of its client says so`() = staged {
        used("dora").close()
        val others = ConcurrentHashMap.newKeySet<String>()
        repeat(60) {
            val client = used("dora")
            coroutineScope {
                val begun = CountDownLatch(CALLERS)
                repeat(CALLERS) {
                    launch(Dispatchers.IO) {
                        var open = true
                        while (open) {
                            open = try {
                                client.pending()
                                true
                            } catch (_: FieldException.Closed) {
                                false
                            } catch (error: Exception) {
                                others += error.toString()
                                false
                            }
                            begun.countDown()
                        }
                    }
                }
                begun.await()
                client.close()
            }
        }
        assertTrue(others.isEmpty(), "$others")
    }

    @Test
    fun `a panic while a screen reads is a fault of the library's own`() = staged {
        used("boris").use { client ->
            expect<FieldException.Internal> {
                client.watch(WatchedQuery.Customers) { provokePanic() }.first()
            }
            assertNull(client.watchOrNull(WatchedQuery.Customers) { provokePanic() }.first())
        }
    }

    private companion object {
        const val CALLERS = 6
    }
}
