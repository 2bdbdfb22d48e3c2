package fieldsync

import fieldsync.core.ConflictPage
import fieldsync.core.CreatedCustomer
import fieldsync.core.CustomerChange
import fieldsync.core.CustomerDetail
import fieldsync.core.NewContact
import fieldsync.core.NewCustomer
import fieldsync.core.TimelineItem
import fieldsync.core.WatchedQuery
import kotlinx.coroutines.flow.Flow

/** Creates a customer; warns about likely duplicates and never refuses them. */
public suspend fun Fieldsync.createCustomer(new: NewCustomer): CreatedCustomer =
    save { createCustomer(new) }

/** A customer's page, now and after every change; null while it is not on this phone. */
public fun Fieldsync.customer(id: String): Flow<CustomerDetail?> =
    watch(WatchedQuery.Customer(id)) { customer(id) }

/** Changes what is given and nothing else, so that others' edits of the rest all stay. */
public suspend fun Fieldsync.editCustomer(id: String, change: CustomerChange): Unit =
    save { editCustomer(id, change) }

/** Adds a person to a customer; gives what a visit names them by. */
public suspend fun Fieldsync.addContact(customer: String, contact: NewContact): String =
    save { addContact(customer, contact) }

/**
 * What happened at a customer, newest first: [limit] things before [beforeMs] (milliseconds
 * since 1970 UTC), or up to now, and what else happened at the last one's instant. So the last
 * one's time begins the next part, and nothing comes twice.
 */
public suspend fun Fieldsync.timeline(
    customer: String,
    beforeMs: Long? = null,
    limit: UInt = 50u,
): List<TimelineItem> = read { timeline(customer, beforeMs, limit) }

/**
 * What people wrote without seeing each other: one field at a time or, with [parallel],
 * different fields. Of one document or of all, newest first.
 *
 * @param after what [ConflictPage.next] of the page before says.
 */
public suspend fun Fieldsync.conflicts(
    doc: String? = null,
    parallel: Boolean = false,
    limit: UInt = 50u,
    after: String? = null,
): ConflictPage = read { conflicts(doc, parallel, limit, after) }

/**
 * Decides a conflict: the value that [change] wrote stands alone from now on. [field] and
 * [change] are those of the conflict's row.
 */
public suspend fun Fieldsync.resolveConflict(doc: String, field: String, change: String): Unit =
    save { resolveConflict(doc, field, change) }
