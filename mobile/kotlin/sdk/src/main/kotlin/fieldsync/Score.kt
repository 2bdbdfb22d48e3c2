package fieldsync

import fieldsync.core.ExplainedCard
import fieldsync.core.LateWorkRow
import fieldsync.core.ScorecardView
import fieldsync.core.TargetRow
import fieldsync.core.WatchedQuery
import kotlinx.coroutines.flow.Flow

/** My card for a period such as `2026-10`, computed on this phone. */
public suspend fun Fieldsync.scorecard(period: String): ScorecardView = read { scorecard(period) }

/** The same, now and after every change; null until everything is on this phone. */
public fun Fieldsync.liveScorecard(period: String): Flow<ScorecardView?> =
    watchOrNull(WatchedQuery.Scorecard) { scorecard(period) }

/** My card, opened down to the visits behind each point. */
public suspend fun Fieldsync.explainedScorecard(period: String): ExplainedCard =
    read { explainedScorecard(period) }

/** Objects to a line of my own card, with documents that show why; also without signal. */
public suspend fun Fieldsync.contestLine(
    period: String,
    line: String,
    reason: String,
    evidence: List<String> = emptyList(),
): Unit = save { contestLine(period, line, reason, evidence) }

/** Hands in one's own view of a period, with ratings 1 to 5 by family. */
public suspend fun Fieldsync.assessSelf(
    period: String,
    comment: String,
    ratings: Map<String, UByte>,
): Unit = save { assessSelf(period, comment, ratings) }

/** The published targets that concern me, of one period or of all. */
public suspend fun Fieldsync.targets(period: String? = null): List<TargetRow> =
    read { targets(period) }

/** Asks for another value of a target; it holds once it was approved. */
public suspend fun Fieldsync.askTarget(target: String, wanted: Long, reason: String): Unit =
    save { askTarget(target, wanted, reason) }

/** Late work that concerns me: my own, and that of the people I lead. */
public suspend fun Fieldsync.lateWork(): List<LateWorkRow> = read { lateWork() }

/** Decides on late work: `accepted`, `rejected` or `handed_over`. */
public suspend fun Fieldsync.decideLateWork(
    case: String,
    verdict: String,
    note: String? = null,
): Unit = save { decideLateWork(case, verdict, note) }
