package fieldsync

import fieldsync.core.BackgroundReport
import fieldsync.core.ItemLadder
import fieldsync.core.LiveState
import fieldsync.core.PendingCounts
import fieldsync.core.RefusedRow
import fieldsync.core.RequestRow
import fieldsync.core.SyncJob
import fieldsync.core.SyncReport
import kotlin.time.Duration
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.flowOn

/**
 * Sends what waits and fetches what is new. The sync belongs to the library: a caller that
 * is cancelled ends it as soon as that loses nothing.
 */
public suspend fun Fieldsync.sync(): SyncReport = ending(ours { core.startSync() }) { it.wait() }

/**
 * A sync for work in the background, for [budget] at most. Having no way to the server is
 * no error then: the report says when to try again.
 */
public suspend fun Fieldsync.syncNow(budget: Duration): BackgroundReport =
    ending(ours { core.startSyncWithin(budget.inWholeMilliseconds.coerceAtLeast(0).toULong()) }) {
        it.backgroundReport()
    }

/**
 * Starts a sync without waiting; the library goes on with it whoever waits. Destroy the job when
 * it is not looked at any more.
 */
public fun Fieldsync.startSync(): SyncJob = ours { core.startSync() }

/**
 * Keeps this phone in step for as long as it is collected, and says how: for the time that
 * the app is in front. What is saved goes out by itself. Ends with [LiveState.ENDED], or with
 * what a person has to act on. Collectors share it: it ends with the last of them.
 */
public fun Fieldsync.inStep(): Flow<LiveState> = flow {
    val job = steps.join { ours { core.listen() } }
    try {
        var state = ours { job.state() }
        emit(state)
        while (state != LiveState.ENDED) {
            state = ours { job.stateOtherThan(state) }
            emit(state)
        }
        ours { job.wait() }
    } finally {
        steps.leave(job)
    }
}.flowOn(io)

/** What waits on this phone. */
public suspend fun Fieldsync.pending(): PendingCounts = read { pending() }

/** How far an item has come: saved, sent, stored, counted or not counted with the reason. */
public suspend fun Fieldsync.ladder(item: String): ItemLadder = read { ladder(item) }

/**
 * Changes the server did not take, and those that wait for something, oldest first: they are
 * kept on this phone.
 */
public suspend fun Fieldsync.refusedChanges(): List<RefusedRow> = read { refusedChanges() }

/**
 * Lets go of a change the server did not take, once its author has seen it. True if there was
 * one; what still waits for an answer stays.
 */
public suspend fun Fieldsync.dismissRefused(change: String): Boolean =
    save { dismissRefused(change) }

/**
 * Requests that the server has not taken, oldest first: those that wait, and those it refused,
 * with the reason.
 */
public suspend fun Fieldsync.requests(): List<RequestRow> = read { requests() }

/**
 * Lets go of a request that was refused, once whoever asked has seen it. True if there was one;
 * what still waits stays.
 */
public suspend fun Fieldsync.dismissRequest(id: String): Boolean = save { dismissRequest(id) }

/** Throws [fieldsync.core.FieldException.ClockFarOff] where the phone's clock is set wrong. */
public suspend fun Fieldsync.checkClock(): Unit = read { checkClock() }

private suspend fun <T> ending(job: SyncJob, wait: suspend (SyncJob) -> T): T =
    try {
        ours { wait(job) }
    } catch (cancelled: CancellationException) {
        job.cancel()
        throw cancelled
    } finally {
        job.destroy()
    }
