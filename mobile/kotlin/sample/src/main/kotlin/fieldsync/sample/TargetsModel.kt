package fieldsync.sample

import fieldsync.adjustments
import fieldsync.askTarget
import fieldsync.core.AdjustmentRow
import fieldsync.core.AskedState
import fieldsync.core.FieldException
import fieldsync.core.TargetRow
import fieldsync.core.WatchedQuery
import fieldsync.watchOrNull
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.combine
import kotlinx.coroutines.flow.map

/** Targets: how far and how fast each is reached, and asking for another value of one's own. */
public class TargetsModel(private val desk: Desk) {
    private val picked = MutableStateFlow<String?>(null)

    private val known: StateFlow<KnownTargets> = with(desk) {
        client.watchOrNull(WatchedQuery.Scorecard) {
            KnownTargets(targets(null).filter { it.running }, figures())
        }.map { it ?: KnownTargets() }.kept(KnownTargets())
    }

    /** Mine, then those of my units and of the whole, then what I asked for. */
    public val sections: StateFlow<List<Section>> = with(desk) {
        combine(known, client.adjustments()) { known, asked ->
            val (mine, others) = known.rows.partition { it.mine }
            listOf(
                Section(say(Word.MY_TARGETS), mine.map { targetLine(it, known.figures) }),
                Section(say(Word.OTHER_TARGETS), others.map { targetLine(it, known.figures) }),
                Section(say(Word.ASKED_FOR), asked.map { asked(it, known.figures) }),
            ).filter { it.lines.isNotEmpty() }
        }.kept(emptyList())
    }

    /** The target of mine that is asked about: one, or none until a tap chose it. */
    public val chosen: StateFlow<List<Line>> = with(desk) {
        combine(known, picked) { known, id ->
            known.rows.filter { it.id == id }.map { targetLine(it, known.figures) }
        }.kept(emptyList())
    }

    /** Chooses a target to ask about; nothing where it is not mine. */
    public fun choose(line: Line) {
        picked.value = known.value.rows.firstOrNull { it.mine && it.id == line.id }?.id
    }

    /** Asks for another value of the chosen target, typed as it is shown, with a reason. */
    public suspend fun ask(wanted: String, reason: String) {
        val now = known.value
        val target = now.rows.firstOrNull { it.id == picked.value } ?: return
        val value = now.figures.read(target.unit, wanted)
            ?: throw FieldException.BadInput("$wanted is no figure")
        desk.client.askTarget(target.id, value, reason)
        picked.value = null
    }

    private fun asked(row: AdjustmentRow, figures: Figures): Line {
        val unit = row.unit.orEmpty()
        val metric = row.metric?.let { desk.code("metric", it) }.orEmpty()
        val title = "$metric  ${figures.show(unit, row.was)} → ${figures.show(unit, row.wanted)}"
        return desk.askedLine(row.id, title, row.state, listOf(row.by.orEmpty(), row.reason, row.note.orEmpty()))
    }
}

/** What is known of targets. */
private class KnownTargets(val rows: List<TargetRow> = emptyList(), val figures: Figures = Figures(null))

/** A target: what is reached of it and how fast. */
internal fun Desk.targetLine(row: TargetRow, figures: Figures): Line {
    val of = listOfNotNull(row.actual, row.value).joinToString(" / ") { figures.show(row.unit, it) }
    val pace = row.pace
    val detail = listOfNotNull(
        row.period,
        row.whose.takeUnless { row.mine } ?: say(Word.EVERYBODY).takeUnless { row.mine },
        row.dimension.toSortedMap().values.joinToString(", ").ifEmpty { null },
        row.attainmentBp?.let { say(Word.REACHED, share(it)) },
        pace?.paceBp?.let { say(Word.PACE, share(it)) },
    )
    val tone = when {
        pace?.outside == "below" && pace.serious -> Tone.URGENT
        pace?.outside == "below" -> Tone.WATCH
        pace?.outside == "above" -> Tone.GOOD
        else -> Tone.PLAIN
    }
    return Line(row.id, "${code("metric", row.metric)}  $of", detail.joinToString(" · "), tone)
}

/** Something that was asked for, with what became of it. */
internal fun Desk.askedLine(id: String, title: String, state: AskedState, about: List<String>): Line {
    val (code, tone) = when (state) {
        is AskedState.Waiting -> "waiting" to Tone.PLAIN
        is AskedState.Refused -> "refused" to Tone.URGENT
        is AskedState.Open -> "open" to Tone.WATCH
        is AskedState.Accepted -> "accepted" to Tone.GOOD
        is AskedState.Declined -> "declined" to Tone.WATCH
    }
    val detail = (listOf(code("asked", code)) + about).filter { it.isNotEmpty() }
    return Line(id, title, detail.joinToString(" · "), tone)
}
