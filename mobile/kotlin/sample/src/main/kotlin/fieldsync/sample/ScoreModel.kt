package fieldsync.sample

import fieldsync.contestLine
import fieldsync.contests
import fieldsync.core.ContestRow
import fieldsync.core.ExplainedCard
import fieldsync.core.ExplainedLine
import fieldsync.core.ScorecardView
import fieldsync.core.WatchedQuery
import fieldsync.liveScorecard
import fieldsync.watchOrNull
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.combine
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.flatMapLatest
import kotlinx.coroutines.flow.map

/** My score of a period, opened down to what each point comes from, and what I object to. */
@OptIn(ExperimentalCoroutinesApi::class)
public class ScoreModel(private val desk: Desk) {
    private val picked = MutableStateFlow<String?>(null)

    /** The total, and whether the office says the same. */
    public val total: StateFlow<List<Line>> = with(desk) {
        months.flatMapLatest { client.liveScorecard(it) }.map { scoreLines(it) }.kept(emptyList())
    }

    private val card: StateFlow<OpenedCard> = with(desk) {
        months.flatMapLatest { period ->
            client.watchOrNull(WatchedQuery.Scorecard) { OpenedCard(explainedScorecard(period), figures()) }
        }.map { it ?: OpenedCard() }.kept(OpenedCard())
    }

    /** A section for each line of the card: what counted, then what was left out and why. */
    public val sections: StateFlow<List<Section>> = with(desk) {
        card.map { opened -> opened.lines.map { section(it, opened.figures) } }.kept(emptyList())
    }

    /** The lines that can be objected to; one is chosen, or none. */
    public val choices: StateFlow<List<Chip>> = with(desk) {
        combine(card, picked) { opened, chosen ->
            opened.lines.map { Chip(it.indicator, code("metric", it.indicator), it.indicator == chosen) }
        }.kept(emptyList())
    }

    /** What I objected to this month, and what became of it. */
    public val objections: StateFlow<List<Line>> = with(desk) {
        combine(client.contests(), months) { rows, period ->
            rows.filter { it.mine && it.period == period }.map(::objection)
        }.kept(emptyList())
    }

    /** Chooses a line to object to. */
    public fun choose(line: String) {
        picked.value = line
    }

    /** Objects to the chosen line; nothing where none is. */
    public suspend fun contest(reason: String) {
        contest(picked.value ?: return, reason)
        picked.value = null
    }

    /** Objects to a line, with documents that show why. */
    public suspend fun contest(line: String, reason: String, evidence: List<String> = emptyList()): Unit =
        desk.client.contestLine(desk.months.first(), line, reason, evidence)

    private fun objection(row: ContestRow): Line {
        val points = row.centipoints?.let(::points).orEmpty()
        val title = "${desk.code("metric", row.line)}  $points"
        return desk.askedLine(row.id, title.trim(), row.state, listOf(row.reason, row.note.orEmpty()))
    }

    private fun section(line: ExplainedLine, figures: Figures): Section {
        val reached = listOfNotNull(line.value, line.target).joinToString(" / ") { figures.show(line.unit, it) }
        val title = "${desk.code("metric", line.indicator)}  ${points(line.centipoints)}  ($reached)"
        val counted = line.facts.map { Line(it.doc, desk.code("fact", it.kind), it.on.orEmpty(), Tone.GOOD) }
        val leftOut = line.leftOut.map {
            Line(it.fact.doc, desk.code("fact", it.fact.kind), it.reasons.joinToString("; ") { reason -> reason(reason) }, Tone.WATCH)
        }
        return Section(title, counted + leftOut)
    }

    /** The last part of `visit.too_short` says it. */
    private fun reason(code: String): String = desk.code("reason", code.substringAfterLast('.'))
}

/** A card with where its points come from; empty until everything is on this phone. */
private class OpenedCard(card: ExplainedCard? = null, val figures: Figures = Figures(null)) {
    val lines: List<ExplainedLine> = card?.lines.orEmpty().filter { it.applicable }
}

/** A card in a few lines; what is not known yet is said so, and no figure stands for it. */
internal fun Desk.scoreLines(card: ScorecardView?): List<Line> {
    if (card == null) return listOf(Line("score", say(Word.UNKNOWN), tone = Tone.WATCH))
    val (detail, tone) = when (card.equalsOfficial) {
        true -> say(Word.OFFICIAL) to Tone.GOOD
        else -> say(Word.PROVISIONAL, card.waitingChanges) to Tone.PLAIN
    }
    return listOf(
        Line("score", say(Word.SCORE, card.totalCentipoints?.let(::points) ?: "–"), detail, tone),
        Line("visits", say(Word.VISITS, card.visitsCounted), say(Word.NOT_COUNTED, card.visitsNotCounted)),
    )
}
