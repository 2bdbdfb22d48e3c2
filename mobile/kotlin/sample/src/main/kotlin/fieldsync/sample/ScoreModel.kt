package fieldsync.sample

import fieldsync.contestLine
import fieldsync.core.ExplainedCard
import fieldsync.core.ExplainedLine
import fieldsync.core.ScorecardView
import fieldsync.core.WatchedQuery
import fieldsync.liveScorecard
import fieldsync.watch
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.flatMapLatest
import kotlinx.coroutines.flow.map

/** My score of a period, opened down to what each point comes from. */
@OptIn(ExperimentalCoroutinesApi::class)
public class ScoreModel(private val desk: Desk) {
    /** The total, and whether the office says the same. */
    public val total: StateFlow<List<Line>> = with(desk) {
        months.flatMapLatest { client.liveScorecard(it) }.map { scoreLines(it) }.kept(emptyList())
    }

    /** A section for each line of the card: what counted, then what was left out and why. */
    public val sections: StateFlow<List<Section>> = with(desk) {
        months.flatMapLatest { period ->
            client.watch(WatchedQuery.Scorecard) { whenSynced<ExplainedCard?>(null) { explainedScorecard(period) } }
        }
            .map { card -> card?.lines.orEmpty().filter { it.applicable }.map(::section) }
            .kept(emptyList())
    }

    /** Objects to a line, with documents that show why. */
    public suspend fun contest(line: String, reason: String, evidence: List<String> = emptyList()): Unit =
        desk.client.contestLine(desk.months.first(), line, reason, evidence)

    private fun section(line: ExplainedLine): Section {
        val reached = listOfNotNull(line.value, line.target).joinToString(" / ")
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
