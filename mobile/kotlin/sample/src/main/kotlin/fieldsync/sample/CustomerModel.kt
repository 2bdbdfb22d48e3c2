package fieldsync.sample

import fieldsync.core.CustomerDetail
import fieldsync.core.TimelineItem
import fieldsync.core.WatchedQuery
import fieldsync.customer
import fieldsync.stale
import fieldsync.timeline
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.combine
import kotlinx.coroutines.flow.flowOf
import kotlinx.coroutines.flow.map

/** A customer's page: who they are, whom one knows there, and what happened. */
public class CustomerModel(private val desk: Desk, private val id: String?) {
    /** Name and tier. */
    public val title: StateFlow<Line> = with(desk) {
        page().map { page ->
            val row = page?.row
            val (status, tone) = row?.let { status(it.state) } ?: ("" to Tone.PLAIN)
            Line(id.orEmpty(), row?.name.orEmpty(), listOfNotNull(row?.tier?.let { desk.code("tier", it) }, status).joinToString(" · "), tone, id)
        }.kept(Line(id.orEmpty(), "", customer = id))
    }

    /** People and history. */
    public val sections: StateFlow<List<Section>> = with(desk) {
        val happened = listOf(WatchedQuery.Visits, WatchedQuery.Deals, WatchedQuery.Cases)
            .map { client.stale(it) }
        combine(page(), combine(happened) {}) { page, _ ->
            listOf(
                Section(say(Word.PEOPLE), people(page)),
                Section(say(Word.HISTORY), id?.let { client.timeline(it) }.orEmpty().map(::line)),
            ).filter { it.lines.isNotEmpty() }
        }.kept(emptyList())
    }

    /** The page was left: it watches nothing any more. */
    internal fun leave(): Unit = desk.leave()

    private fun page(): Flow<CustomerDetail?> =
        id?.let { desk.client.customer(it) } ?: flowOf(null)

    private fun people(page: CustomerDetail?): List<Line> = page?.contacts.orEmpty().map { contact ->
        val about = listOfNotNull(contact.title, contact.buyingRole?.let { desk.code("role", it) }, contact.phone.e164 ?: contact.phone.raw)
        Line(contact.id, contact.name.orEmpty(), about.joinToString(" · "))
    }

    private fun line(item: TimelineItem): Line = when (item) {
        is TimelineItem.Visit -> item.row.let { visit ->
            val (status, tone) = desk.status(visit.state)
            entry(visit.id, Word.VISIT, visit.outcome?.let { desk.code("outcome", it) }, desk.day(visit.atMs), status, tone)
        }
        is TimelineItem.Deal -> item.row.let { deal ->
            val (status, tone) = desk.status(deal.state)
            entry(deal.id, Word.DEAL, deal.name, deal.stage, status, tone)
        }
        is TimelineItem.Case -> item.row.let { case ->
            val (status, tone) = desk.status(case.state)
            entry(case.id, Word.CASE, case.subject, desk.day(case.openedAtMs), status, tone)
        }
    }

    private fun entry(id: String, what: Word, about: String?, more: String?, status: String, tone: Tone): Line =
        Line(id, desk.say(what), listOfNotNull(about, more, status).joinToString(" · "), tone)
}
