package fieldsync

import fieldsync.core.Amount
import fieldsync.core.GpsFix
import fieldsync.core.NewAttachment
import fieldsync.core.NewVisit
import fieldsync.core.ReviewRow
import fieldsync.core.VisitChange
import fieldsync.core.VisitDetail
import fieldsync.core.WatchedQuery
import kotlinx.coroutines.flow.Flow

/** Logs a visit in one go; gives its id. It is durable when this returns. */
public suspend fun Fieldsync.logVisit(visit: NewVisit): String = save { logVisit(visit) }

/** Arrives at a customer now; gives the visit's id. */
public suspend fun Fieldsync.checkIn(customer: String, fix: GpsFix? = null): String =
    save { checkIn(customer, fix) }

/** Leaves a customer now; closes the check-in. */
public suspend fun Fieldsync.checkOut(visit: String, fix: GpsFix? = null): Unit =
    save { checkOut(visit, fix) }

/** Says more about a visit, until it is submitted: what is given is written, and nothing else. */
public suspend fun Fieldsync.editVisit(visit: String, change: VisitChange): Unit =
    save { editVisit(visit, change) }

/**
 * Notes a photo, a spoken note or a signature, until the visit is submitted; gives its id. The
 * signature, of which there is one, has none.
 */
public suspend fun Fieldsync.attach(visit: String, file: NewAttachment): String? =
    save { attach(visit, file) }

/**
 * Notes what a visit cost, until it is submitted; gives the expense's id.
 *
 * @param kind `travel`, `meal`, `lodging`, `gift`, `material` or `other`.
 * @param voucher SHA-256 of the photo that proves it.
 */
public suspend fun Fieldsync.noteExpense(
    visit: String,
    kind: String,
    amount: Amount,
    voucher: String? = null,
): String = save { noteExpense(visit, kind, amount, voucher) }

/** Submits a visit: it is complete and read-only from then on. */
public suspend fun Fieldsync.submitVisit(visit: String): Unit = save { submitVisit(visit) }

/** Adds something to a submitted visit, and says why. */
public suspend fun Fieldsync.amendVisit(visit: String, reason: String, text: String): Unit =
    save { amendVisit(visit, reason, text) }

/** A visit's page, now and after every change; null while it is not on this phone. */
public fun Fieldsync.visit(id: String): Flow<VisitDetail?> =
    watch(WatchedQuery.Visit(id)) { visit(id) }

/** What leaders said about a visit, oldest first. */
public suspend fun Fieldsync.reviews(visit: String): List<ReviewRow> = read { reviews(visit) }

/** Comments on a visit of somebody one leads, also without signal. */
public suspend fun Fieldsync.reviewVisit(
    visit: String,
    comment: String,
    rating: UByte? = null,
): Unit = save { reviewVisit(visit, comment, rating) }
