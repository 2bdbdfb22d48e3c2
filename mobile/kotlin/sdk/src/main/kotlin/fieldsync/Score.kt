package fieldsync

import fieldsync.core.ExplainedCard
import fieldsync.core.LateWorkRow
import fieldsync.core.ScorecardView
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

/** Late work that concerns me: my own, and that of the people I lead. */
public suspend fun Fieldsync.lateWork(): List<LateWorkRow> = read { lateWork() }

/** Decides on late work: `accepted`, `rejected` or `handed_over`. */
public suspend fun Fieldsync.decideLateWork(
    case: String,
    verdict: String,
    note: String? = null,
): Unit = save { decideLateWork(case, verdict, note) }
