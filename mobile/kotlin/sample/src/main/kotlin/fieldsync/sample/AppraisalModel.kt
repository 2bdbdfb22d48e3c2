package fieldsync.sample

import fieldsync.appraisal
import fieldsync.assessSelf
import fieldsync.core.AppraisalView
import fieldsync.disputeAppraisal
import java.time.YearMonth
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.combine
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.flatMapLatest
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.update

/** What a family is rated with. */
public data class Rated(
    /** The family's code. */
    public val id: String,
    /** What it is called. */
    public val title: String,
    /** 1 to 5; one is chosen, or none. */
    public val ratings: List<Chip>,
)

/** My appraisal of a month: how far it is, handing in my own view, and a dispute. */
@OptIn(ExperimentalCoroutinesApi::class)
public class AppraisalModel(private val desk: Desk) {
    private val back = MutableStateFlow(LAST)
    private val given = MutableStateFlow<Map<String, Int>>(emptyMap())

    private val period: Flow<String> =
        combine(desk.months, back) { month, back -> YearMonth.parse(month).minusMonths(back).toString() }

    private val view: StateFlow<AppraisalView?> = with(desk) {
        period.flatMapLatest { client.appraisal(it) }.kept(null)
    }

    /** The months to choose from: the last one, which is usually talked about, and this one. */
    public val months: StateFlow<List<Chip>> = with(desk) {
        combine(desk.months, back) { month, chosen ->
            listOf(LAST, THIS).map {
                Chip(it.toString(), YearMonth.parse(month).minusMonths(it).toString(), it == chosen)
            }
        }.kept(emptyList())
    }

    /** How far it is, the score, and every step. */
    public val lines: StateFlow<List<Line>> = with(desk) { view.map(::lines).kept(emptyList()) }

    /** What is rated, while one's own view may be handed in. */
    public val families: StateFlow<List<Rated>> = with(desk) {
        combine(view, given) { view, given ->
            view?.takeIf { it.mayHandIn }?.families.orEmpty().map { rated ->
                val ratings = RATINGS.map { Chip("$it", "$it", given[rated.family] == it) }
                Rated(rated.family, code("family", rated.family), ratings)
            }
        }.kept(emptyList())
    }

    /** What may be done now: a button for each. */
    public val actions: StateFlow<List<Chip>> = with(desk) {
        view.map { view ->
            listOfNotNull(
                Chip(HAND_IN, say(Word.HAND_IN), false).takeIf { view?.mayHandIn == true },
                Chip(DISPUTE, say(Word.DISPUTE), false)
                    .takeIf { view?.mine == true && DISPUTED in view.next },
            )
        }.kept(emptyList())
    }

    /** Chooses a month. */
    public fun month(chip: String) {
        back.value = chip.toLongOrNull() ?: LAST
        given.value = emptyMap()
    }

    /** Rates a family. */
    public fun rate(family: String, rating: String): Unit =
        given.update { it + (family to (rating.toIntOrNull() ?: return@update it)) }

    /** Hands in or disputes, as the button says, with what there is to say. */
    public suspend fun act(action: String, comment: String) {
        val period = period.first()
        when (action) {
            HAND_IN -> desk.client.assessSelf(period, comment, given.value.mapValues { it.value.toUByte() })
            DISPUTE -> desk.client.disputeAppraisal(period, comment)
        }
    }

    private fun lines(view: AppraisalView?): List<Line> {
        if (view == null) return listOf(Line("state", desk.say(Word.UNKNOWN), tone = Tone.WATCH))
        val waiting = view.waiting?.let { desk.say(Word.STEP_WAITS, desk.code("appraisal", it)) }.orEmpty()
        val state = Line("state", desk.code("appraisal", view.state), waiting)
        val total = view.totalCentipoints?.let { Line("total", desk.say(Word.FROZEN_SCORE, points(it))) }
        val steps = view.steps.mapIndexed { at, step ->
            val ratings = step.ratings.toSortedMap().map { (family, rating) -> "${desk.code("family", family)} $rating" }
            val detail = listOf(desk.day(step.atMs), step.comment.orEmpty()) + ratings
            Line("step-$at", desk.code("appraisal", step.to), detail.filter { it.isNotEmpty() }.joinToString(" · "))
        }
        return listOfNotNull(state, total) + steps
    }

    private companion object {
        const val LAST = 1L
        const val THIS = 0L
        const val HAND_IN = "hand_in"
        const val DISPUTE = "dispute"
        const val DISPUTED = "disputed"
        val RATINGS = 1..5
    }
}
