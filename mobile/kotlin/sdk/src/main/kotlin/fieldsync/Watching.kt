package fieldsync

import fieldsync.core.FieldClient
import fieldsync.core.FieldException
import fieldsync.core.StaleObserver
import fieldsync.core.WatchedQuery
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.callbackFlow
import kotlinx.coroutines.flow.combine
import kotlinx.coroutines.flow.conflate
import kotlinx.coroutines.flow.flowOn
import kotlinx.coroutines.flow.transform

/**
 * The generation of [query] whenever it should be read again, and once at the beginning.
 * Notices carry no data and are merged while the collector is busy. The observer ends with
 * the collection, and the flow with [FieldException.Closed] when the client is closed.
 */
public fun Fieldsync.stale(query: WatchedQuery): Flow<ULong> = callbackFlow {
    val observer = object : StaleObserver {
        override fun onStale(generation: ULong) {
            trySend(generation)
        }
    }
    val observation = ours { core.observe(query, observer) }
    // A closed client lets go of its observers: nothing would come any more.
    val closing = end.invokeOnCompletion { close(wasClosed()) }
    // After the observer is there: a change in between is not missed.
    trySend(0uL)
    awaitClose {
        closing.dispose()
        observation.cancel()
        observation.destroy()
    }
}.conflate()

/**
 * What [load] reads, now and whenever [query] is stale. While the client is paused or nobody
 * is signed in nothing comes, and afterwards what there is then. Ends with another
 * [fieldsync.core.FieldException] if it cannot be read.
 */
public fun <T> Fieldsync.watch(query: WatchedQuery, load: FieldClient.() -> T): Flow<T> =
    combine(stale(query), renewed) { _, _ -> }.conflate().unlessPaused { ours { core.load() } }.flowOn(io)

/** Maps what comes; what falls into a pause, or between two sign-ins, is read after it. */
internal fun <A, B> Flow<A>.unlessPaused(read: (A) -> B): Flow<B> = transform { value ->
    val found = try {
        listOf(read(value))
    } catch (_: FieldException.Paused) {
        emptyList()
    } catch (_: FieldException.NotSignedIn) {
        emptyList()
    }
    found.forEach { emit(it) }
}

/** The same with null for as long as it cannot be read, instead of an end. */
public fun <T : Any> Fieldsync.watchOrNull(
    query: WatchedQuery,
    load: FieldClient.() -> T?,
): Flow<T?> = watch(query) {
    try {
        ours { load() }
    } catch (_: FieldException) {
        null
    }
}
