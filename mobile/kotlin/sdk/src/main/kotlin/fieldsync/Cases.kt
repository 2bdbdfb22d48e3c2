package fieldsync

import fieldsync.core.CaseChange
import fieldsync.core.CaseDetail
import fieldsync.core.CaseRow
import fieldsync.core.NewCase
import fieldsync.core.WatchedQuery
import kotlinx.coroutines.flow.Flow

/** Notes a complaint or an enquiry; gives its id. */
public suspend fun Fieldsync.openCase(new: NewCase): String = save { openCase(new) }

/** One case; null if it is not on this phone. */
public suspend fun Fieldsync.case(id: String): CaseRow? = read { case(id) }

/** One case, now and after every change; null while it is not on this phone. */
public fun Fieldsync.liveCase(id: String): Flow<CaseRow?> =
    watch(WatchedQuery.Case(id)) { case(id) }

/** A case's page, now and after every change; null while it is not on this phone. */
public fun Fieldsync.casePage(id: String): Flow<CaseDetail?> =
    watch(WatchedQuery.Case(id)) { casePage(id) }

/** Says more about a case: its cause, what is done about it, what keeps it from happening again. */
public suspend fun Fieldsync.editCase(case: String, change: CaseChange): Unit =
    save { editCase(case, change) }

/** Notes what happened with a case meanwhile; [replied] says that the customer heard. */
public suspend fun Fieldsync.noteProgress(
    case: String,
    text: String,
    replied: Boolean = false,
): Unit = save { noteProgress(case, text, replied) }

/** A case is resolved, now. */
public suspend fun Fieldsync.resolveCase(
    case: String,
    action: String? = null,
    satisfied: Boolean? = null,
): Unit = save { resolveCase(case, action, satisfied) }

/**
 * Notes what a customer answered, 0 to 10, to an `nps` or `csat` question: beside a case, or as
 * a survey of its own. Gives the case's id.
 */
public suspend fun Fieldsync.recordSurvey(
    customer: String,
    kind: String,
    score: UByte,
    case: String? = null,
    comment: String? = null,
): String = save { recordSurvey(customer, kind, score, case, comment) }
