package fieldsync.sample

import fieldsync.Pages
import fieldsync.Window
import fieldsync.core.CustomerRow
import fieldsync.customers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.flatMapLatest
import kotlinx.coroutines.flow.map

/** The list of customers, with its search. */
@OptIn(ExperimentalCoroutinesApi::class)
public class CustomerListModel(private val desk: Desk, private val pageRows: UInt = 50u) {
    private val shown = MutableStateFlow(list(""))

    private val windows: Flow<Window<CustomerRow>> = shown.flatMapLatest { it.windows }

    /** The rows that were asked for. */
    public val lines: StateFlow<List<Line>> = with(desk) {
        windows.map { window -> window.rows.map(::line) }.kept(emptyList())
    }

    /** Shows who matches: part of a name, pinyin, or the tail of a number. */
    public fun search(typed: String) {
        shown.value = list(typed)
    }

    /** Shows a page more, for a list that was scrolled to its end. */
    public fun more(): Unit = shown.value.more()

    private fun list(typed: String): Pages<CustomerRow> =
        desk.client.customers(typed.trim().ifEmpty { null }, pageRows)

    private fun line(row: CustomerRow): Line {
        val tier = row.tier?.let { desk.code("tier", it) }
        val detail = listOfNotNull(tier, row.address).joinToString(" · ")
        return Line(row.id, row.name, detail, desk.status(row.state).second, customer = row.id)
    }
}
