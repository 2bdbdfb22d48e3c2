package fieldsync.sample

import fieldsync.checkClock
import fieldsync.core.FailureKind
import fieldsync.core.FieldException
import fieldsync.core.PendingCounts
import fieldsync.core.SyncState
import fieldsync.sync
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.combine
import kotlinx.coroutines.flow.map

/** The sync pill, and the page behind it. */
public class SyncModel(private val desk: Desk, private val failed: (FieldException) -> Unit = {}) {
    private val problem = MutableStateFlow("")

    /** The pill. */
    public val pill: StateFlow<Line> = with(desk) {
        client.syncState.map { pill(it) }.kept(Line("sync", ""))
    }

    /** What waits on this phone and what is wrong, line by line. */
    public val lines: StateFlow<List<Line>> = with(desk) {
        combine(client.syncState, problem) { state, said -> lines(state, said) }.kept(emptyList())
    }

    /** Syncs now; what went wrong is among the [lines]. */
    public suspend fun sync() {
        problem.value = try {
            desk.client.sync()
            desk.client.checkClock()
            ""
        } catch (error: FieldException) {
            failed(error)
            desk.fault(error)
        }
    }

    private fun pill(state: SyncState?): Line {
        val waiting = state?.pending?.waiting() ?: 0uL
        val known = state?.knownUpToMs
        val failed = state?.lastError?.kind?.takeUnless { it == FailureKind.STOPPED }
        if (state?.syncing == false && failed != null && failed != FailureKind.OFFLINE) {
            return Line("sync", desk.code("fault", failed.fault()), "", Tone.URGENT)
        }
        val (text, tone) = when {
            state == null -> Word.NOT_SYNCED to Tone.WATCH
            state.syncing -> Word.SYNCING to Tone.PLAIN
            failed != null -> Word.OFFLINE to Tone.WATCH
            waiting > 0uL -> Word.WAITING to Tone.PLAIN
            known == null -> Word.NOT_SYNCED to Tone.WATCH
            else -> Word.SYNCED to Tone.GOOD
        }
        val about = if (text == Word.SYNCED) desk.time(known ?: 0) else waiting.toString()
        return Line("sync", desk.say(text, about), "", tone)
    }

    private fun lines(state: SyncState?, said: String): List<Line> = buildList {
        val pending = state?.pending ?: return@buildList
        add(Line("waiting", desk.say(Word.WAITING, pending.waiting())))
        val notTaken = pending.notTaken + pending.requestsRefused
        if (notTaken > 0uL) {
            add(Line("refused", desk.say(Word.NOT_TAKEN, notTaken), tone = Tone.URGENT))
        }
        if (pending.undecided > 0uL) {
            add(Line("undecided", desk.say(Word.UNDECIDED), "${pending.undecided}", Tone.WATCH))
        }
        if (said.isNotEmpty()) add(Line("problem", said, tone = Tone.WATCH))
        state.faults.forEach { add(Line("fault", it, tone = Tone.URGENT)) }
    }
}

/** The error of the same name, for which there are words. */
private fun FailureKind.fault(): String =
    name.split('_').joinToString("") { it.lowercase().replaceFirstChar(Char::uppercase) }

/** Changes and requests that the server has not answered. */
private fun PendingCounts.waiting(): ULong = saved + sent + requests
