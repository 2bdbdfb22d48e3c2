package fieldsync

import fieldsync.core.AgendaRow
import fieldsync.core.DailyReport
import fieldsync.core.DayPlan
import fieldsync.core.FieldException
import fieldsync.core.GpsFix
import fieldsync.core.HelpAnswer
import fieldsync.core.HelpWanted
import fieldsync.core.ReminderRow
import fieldsync.core.SignalRow
import fieldsync.core.WatchedQuery
import kotlinx.coroutines.flow.Flow

/** Today where this phone is, `YYYY-MM-DD`. */
public suspend fun Fieldsync.today(): String = read { today() }

/** My plan of a day, `YYYY-MM-DD`, now and after every change; null while there is none. */
public fun Fieldsync.dayPlan(date: String): Flow<DayPlan?> =
    watch(WatchedQuery.Plans) { dayPlan(date) }

/** Adds a key task to a day; a fourth one is refused. Gives its id. */
public suspend fun Fieldsync.addKeyTask(
    date: String,
    text: String,
    customer: String? = null,
): String = save { addKeyTask(date, text, customer) }

/** Marks a key task done, or not done after all. */
public suspend fun Fieldsync.setKeyTaskDone(date: String, task: String, done: Boolean): Unit =
    save { setKeyTaskDone(date, task, done) }

/**
 * Adds a customer to a day's route, last; gives the stop's id. A visit logged there that day
 * fulfils it.
 */
public suspend fun Fieldsync.addStop(
    date: String,
    customer: String,
    objective: String? = null,
): String = save { addStop(date, customer, objective) }

/** Says why a stop did not happen. */
public suspend fun Fieldsync.skipStop(date: String, stop: String, reason: String): Unit =
    save { skipStop(date, stop, reason) }

/**
 * Asks for help in the plan of a day; gives the request's id, which its answer has too. In a
 * visit help is said with [fieldsync.core.VisitChange].
 */
public suspend fun Fieldsync.askHelp(date: String, help: HelpWanted): String =
    save { askHelp(date, help) }

/** What became of help that I asked for, the latest answer first, now and after every change. */
public fun Fieldsync.helpAnswers(): Flow<List<HelpAnswer>> = watch(WatchedQuery.Asked) { helpAnswers() }

/** Writes what is given of a day's report and, with [submit], hands it in. */
public suspend fun Fieldsync.writeDailyReport(
    date: String,
    report: DailyReport,
    submit: Boolean = false,
): Unit = save { writeDailyReport(date, report, submit) }

/**
 * Whom to visit next, most urgent first; of equals the nearest first where the phone says where
 * it is ([here]). Works offline.
 */
public suspend fun Fieldsync.agenda(limit: UInt = 50u, here: GpsFix? = null): List<AgendaRow> =
    read { agenda(limit, here) }

/** The same, now and after every change; empty until everything is on this phone. */
public fun Fieldsync.liveAgenda(limit: UInt = 50u): Flow<List<AgendaRow>> =
    watch(WatchedQuery.Agenda) {
        try {
            agenda(limit)
        } catch (_: FieldException.NotYetSynced) {
            emptyList()
        }
    }

/** What is to be done by when, overdue first; empty until everything is on this phone. */
public suspend fun Fieldsync.reminders(limit: UInt = 50u): List<ReminderRow> =
    read { reminders(limit) }

/** What looks odd in my own work and in that of the people I lead, open ones first. */
public suspend fun Fieldsync.signals(): List<SignalRow> = read { signals() }

/**
 * Answers such a question, also without signal: [upheld] takes what it is about out of the
 * count. The rep reads the [note].
 */
public suspend fun Fieldsync.answerSignal(id: String, upheld: Boolean, note: String): Unit =
    save { answerSignal(id, upheld, note) }
