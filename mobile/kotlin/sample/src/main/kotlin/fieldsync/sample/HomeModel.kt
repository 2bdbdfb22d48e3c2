package fieldsync.sample

import fieldsync.core.AgendaRow
import fieldsync.core.DayPlan
import fieldsync.core.FieldClient
import fieldsync.core.FieldException
import fieldsync.core.WatchedQuery
import fieldsync.dayPlan
import fieldsync.liveAgenda
import fieldsync.liveScorecard
import fieldsync.watch
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.combine
import kotlinx.coroutines.flow.flatMapLatest

/**
 * The first screen, in the order of a rep's day: the plan, whom to visit, what is due, my
 * numbers, alerts. The sync pill is [SyncModel]'s.
 */
@OptIn(ExperimentalCoroutinesApi::class)
public class HomeModel(private val desk: Desk) {
    /** The sections that have something in them. */
    public val sections: StateFlow<List<Section>> = with(desk) {
        combine(
            days.flatMapLatest { client.dayPlan(it) },
            client.liveAgenda(limit = AGENDA),
            followUps(),
            numbers(),
            conflicts(),
        ) { plan, agenda, followUps, numbers, conflicts ->
            listOf(
                Section(say(Word.PLAN), plan(plan)),
                Section(say(Word.OVERDUE), overdue(agenda)),
                Section(say(Word.FOLLOW_UPS), followUps),
                Section(say(Word.MY_NUMBERS), numbers),
                Section(say(Word.ALERTS), risks(agenda) + conflicts),
            ).filter { it.lines.isNotEmpty() }
        }.kept(emptyList())
    }

    private fun plan(plan: DayPlan?): List<Line> = desk.planLines(plan)

    private fun overdue(agenda: List<AgendaRow>): List<Line> =
        agenda.filter { it.status == "overdue" || it.status == "never" }
            .sortedBy { it.customer.tier ?: LAST_TIER }
            .map { row ->
                val since = row.days?.let { desk.say(Word.DAYS, it) }.orEmpty()
                val detail = if (row.lastVisit == null) desk.say(Word.NEVER) else since
                Line(row.customer.id, row.customer.name, detail, Tone.WATCH, row.customer.id)
            }

    private fun followUps(): Flow<List<Line>> = desk.client.watch(WatchedQuery.Agenda) {
        whenSynced(emptyList()) {
            reminders(AGENDA).map { due ->
                val name = due.customer?.let { customer(it)?.row?.name }.orEmpty()
                Line(due.id, desk.code("task", due.kind), listOf(name, due.dueOn).filter { it.isNotEmpty() }.joinToString(" · "), if (due.overdue) Tone.URGENT else Tone.PLAIN, due.customer)
            }
        }
    }

    /** Score and visits, then each of my targets that run, with its pace. */
    private fun numbers(): Flow<List<Line>> = desk.months.flatMapLatest { month ->
        combine(desk.client.liveScorecard(month), targets()) { card, targets -> desk.scoreLines(card) + targets }
    }

    private fun targets(): Flow<List<Line>> = desk.client.watch(WatchedQuery.Scorecard) {
        val mine = whenSynced(emptyList()) { targets(null) }.filter { it.mine && it.running }
        val figures = figures()
        mine.map { desk.targetLine(it, figures) }
    }

    private fun risks(agenda: List<AgendaRow>): List<Line> = agenda.mapNotNull { row ->
        row.risk?.let { level ->
            val tone = if (level == "red") Tone.URGENT else Tone.WATCH
            Line(row.customer.id, row.customer.name, desk.code("risk", level), tone, row.customer.id)
        }
    }

    private fun conflicts(): Flow<List<Line>> = desk.client.watch(WatchedQuery.Conflicts) {
        val open = conflicts(null, false, AGENDA, null).rows.size
        if (open == 0) emptyList() else listOf(Line("conflicts", desk.say(Word.CONFLICTS, open), "", Tone.WATCH))
    }

    private companion object {
        const val AGENDA = 20u
        const val LAST_TIER = "z"
    }
}

/** What is read, or [otherwise] until the first sync brought what it needs. */
internal fun <T> FieldClient.whenSynced(otherwise: T, read: FieldClient.() -> T): T = try {
    read()
} catch (_: FieldException.NotYetSynced) {
    otherwise
}
