package fieldsync

import fieldsync.core.AppraisalView
import fieldsync.core.WatchedQuery
import kotlinx.coroutines.flow.Flow

/**
 * The appraisal for a [period] such as `2026-10`, now and after every change: my own, or that
 * of somebody I lead. A `draft` without steps before anybody handed in; null before the first
 * sync.
 *
 * @param rep whose, by id; mine if absent.
 */
public fun Fieldsync.appraisal(period: String, rep: String? = null): Flow<AppraisalView?> =
    watchOrNull(WatchedQuery.Asked) { appraisal(period, rep) }

/**
 * The appraisals in which somebody handed in: my own, and those of whom I lead; newest period
 * first.
 */
public suspend fun Fieldsync.appraisals(): List<AppraisalView> = read { appraisals() }

/**
 * Hands in my own view of a period, also without signal. The card is frozen with it; until
 * somebody has scored it, handing in again replaces it.
 *
 * @param comment what went well and what did not; it cannot be empty.
 * @param ratings 1 to 5 by family, as [AppraisalView.families] names them.
 */
public suspend fun Fieldsync.assessSelf(
    period: String,
    comment: String,
    ratings: Map<String, UByte> = emptyMap(),
): Unit = save { assessSelf(period, comment, ratings) }

/** Disputes my own published appraisal, with the reason, also without signal. */
public suspend fun Fieldsync.disputeAppraisal(period: String, reason: String): Unit =
    save { disputeAppraisal(period, reason) }

/**
 * Takes a step of an appraisal, also without signal.
 *
 * @param rep whose, by id.
 * @param to one of the states that [AppraisalView.next] names.
 * @param comment what to say; a step back needs it.
 * @param ratings 1 to 5 by family.
 */
public suspend fun Fieldsync.stepAppraisal(
    rep: String,
    period: String,
    to: String,
    comment: String? = null,
    ratings: Map<String, UByte> = emptyMap(),
): Unit = save { stepAppraisal(rep, period, to, comment, ratings) }
