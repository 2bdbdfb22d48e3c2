package fieldsync

import fieldsync.core.CaseRow
import fieldsync.core.CustomerRow
import fieldsync.core.DealRow
import fieldsync.core.FieldClient
import fieldsync.core.VisitRow
import fieldsync.core.WatchedQuery
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.combine
import kotlinx.coroutines.flow.conflate
import kotlinx.coroutines.flow.flowOn
import kotlinx.coroutines.flow.update

/** One page as the library reads it. */
public class Page<T>(
    /** Its rows. */
    public val rows: List<T>,
    /** Where the next one begins; null at the end. */
    public val next: String?,
)

/** The part of a list that a screen holds. */
public data class Window<T>(
    /** Its rows, from the first one on. */
    public val rows: List<T>,
    /** There are more: see [Pages.more]. */
    public val more: Boolean,
)

/**
 * A list that is read page by page and read again when it is stale. The library pages by
 * key, so a list that grows while somebody scrolls neither repeats nor skips a row.
 */
public class Pages<T> internal constructor(
    private val client: Fieldsync,
    private val query: WatchedQuery,
    private val load: FieldClient.(after: String?) -> Page<T>,
) {
    private val wanted = MutableStateFlow(1)

    /** The rows of the pages that were asked for, now and after every change. */
    public val windows: Flow<Window<T>> =
        combine(client.stale(query), client.renewed, wanted) { _, _, pages -> pages }
            .conflate()
            .unlessPaused { pages -> read(pages) }
            .flowOn(client.io)

    /** Asks for one page more. */
    public fun more(): Unit = wanted.update { it + 1 }

    private fun read(pages: Int): Window<T> {
        val rows = mutableListOf<T>()
        var after: String? = null
        repeat(pages) { number ->
            if (number == 0 || after != null) {
                val page = ours { client.core.load(after) }
                rows += page.rows
                after = page.next
            }
        }
        return Window(rows, after != null)
    }
}

/** Rows of a page, unless a caller says otherwise: few calls, and no more than a screen shows. */
public const val PAGE_ROWS: UInt = 100u

/**
 * Customers by name, or those that match [search]: any part of a name, pinyin or its
 * initials, or the tail of a number.
 */
public fun Fieldsync.customers(
    search: String? = null,
    pageRows: UInt = PAGE_ROWS,
): Pages<CustomerRow> = Pages(this, WatchedQuery.Customers) { after ->
    customers(search, pageRows, after).let { Page(it.rows, it.next) }
}

/** Visits, newest first, of one customer or of all. */
public fun Fieldsync.visits(
    customer: String? = null,
    pageRows: UInt = PAGE_ROWS,
): Pages<VisitRow> = Pages(this, WatchedQuery.Visits) { after ->
    visits(customer, pageRows, after).let { Page(it.rows, it.next) }
}

/** Deals, newest first, of one customer or of all; with [open] those that are not decided. */
public fun Fieldsync.deals(
    customer: String? = null,
    stage: String? = null,
    open: Boolean = false,
    pageRows: UInt = PAGE_ROWS,
): Pages<DealRow> = Pages(this, WatchedQuery.Deals) { after ->
    deals(customer, stage, open, pageRows, after).let { Page(it.rows, it.next) }
}

/** Complaints, enquiries and surveys, newest first; with [open] those that are not resolved. */
public fun Fieldsync.cases(
    customer: String? = null,
    open: Boolean = false,
    pageRows: UInt = PAGE_ROWS,
): Pages<CaseRow> = Pages(this, WatchedQuery.Cases) { after ->
    cases(customer, open, pageRows, after).let { Page(it.rows, it.next) }
}
