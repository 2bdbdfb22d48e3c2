package fieldsync

import fieldsync.core.AdjustmentRow
import fieldsync.core.ContestRow
import fieldsync.core.TargetRow
import fieldsync.core.WatchedQuery
import kotlinx.coroutines.flow.Flow

/**
 * The published targets that concern me: my own, my units', the whole, and those of whom I
 * lead; of one [period] such as `2026-10`, or of all. My own say how far they are and how fast.
 */
public suspend fun Fieldsync.targets(period: String? = null): List<TargetRow> =
    read { targets(period) }

/** The same, now and whenever a target or what is reached of it moves; null before the first sync. */
public fun Fieldsync.liveTargets(period: String? = null): Flow<List<TargetRow>?> =
    watchOrNull(WatchedQuery.Scorecard) { targets(period) }

/**
 * Asks for another value of a target, also without signal; it holds once it was approved.
 *
 * @param target the target's id.
 * @param wanted the value in the metric's unit: minor units, a count, or basis points.
 * @param reason why; it cannot be empty.
 */
public suspend fun Fieldsync.askTarget(target: String, wanted: Long, reason: String): Unit =
    save { askTarget(target, wanted, reason) }

/**
 * Requests for other targets, now and after every change: mine from the moment I asked, and
 * those of whom I lead. What is not answered comes first, then the newest.
 */
public fun Fieldsync.adjustments(): Flow<List<AdjustmentRow>> =
    watch(WatchedQuery.Asked) { adjustments() }

/**
 * Answers a request for another target of somebody I lead, also without signal; a yes changes
 * the target once the server has it.
 *
 * @param id the request's.
 * @param note what to say to whoever asked.
 */
public suspend fun Fieldsync.answerAdjustment(id: String, accepted: Boolean, note: String? = null): Unit =
    save { answerAdjustment(id, accepted, note) }

/**
 * Objects to a line of my own card as it stands on this phone, also without signal.
 *
 * @param line the indicator's code, for example `effective_visits`.
 * @param reason why it is wrong; it cannot be empty.
 * @param evidence ids of visits, deals, customers or cases that show it, 50 at most.
 */
public suspend fun Fieldsync.contestLine(
    period: String,
    line: String,
    reason: String,
    evidence: List<String> = emptyList(),
): Unit = save { contestLine(period, line, reason, evidence) }

/**
 * Objections to lines of cards, now and after every change: mine from the moment I made them,
 * and those of whom I lead. What is not answered comes first, then the newest.
 */
public fun Fieldsync.contests(): Flow<List<ContestRow>> = watch(WatchedQuery.Asked) { contests() }

/**
 * Answers an objection of somebody I lead, also without signal. A yes says that the facts will
 * be put right: no answer changes a figure by itself.
 *
 * @param id the objection's.
 * @param note what to say to whoever objected.
 */
public suspend fun Fieldsync.answerContest(id: String, accepted: Boolean, note: String? = null): Unit =
    save { answerContest(id, accepted, note) }
