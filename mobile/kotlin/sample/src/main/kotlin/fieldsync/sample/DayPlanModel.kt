package fieldsync.sample

import fieldsync.addKeyTask
import fieldsync.addStop
import fieldsync.core.DailyReport
import fieldsync.core.DayPlan
import fieldsync.core.FieldException
import fieldsync.dayPlan
import fieldsync.setKeyTaskDone
import fieldsync.skipStop
import fieldsync.writeDailyReport
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.flatMapLatest
import kotlinx.coroutines.flow.map

/** The plan of a day, and its evening's report. */
@OptIn(ExperimentalCoroutinesApi::class)
public class DayPlanModel(private val desk: Desk) {
    private val said = MutableStateFlow("")

    /** Key tasks, then stops in order of the route, then the report. */
    public val lines: StateFlow<List<Line>> = with(desk) {
        days.flatMapLatest { client.dayPlan(it) }.map { planLines(it) + report(it) }.kept(emptyList())
    }

    /** Why the last thing was not taken; empty if it was. */
    public val problem: StateFlow<String> = said.asStateFlow()

    /** Adds a key task. */
    public suspend fun task(text: String): Unit = trying { desk.client.addKeyTask(it, text) }

    /** A key task is done. */
    public suspend fun done(task: String): Unit =
        trying { desk.client.setKeyTaskDone(it, task, true) }

    /** Adds a customer to the route. */
    public suspend fun stop(customer: String, objective: String? = null): Unit =
        trying { desk.client.addStop(it, customer, objective) }

    /** A stop did not happen. */
    public suspend fun skip(stop: String, reason: String): Unit =
        trying { desk.client.skipStop(it, stop, reason) }

    /** Hands in the report of the day. */
    public suspend fun handIn(progress: String, obstacles: String): Unit = trying {
        desk.client.writeDailyReport(it, DailyReport(progress, obstacles), submit = true)
    }

    private fun report(plan: DayPlan?): List<Line> {
        val handedIn = plan?.submittedAtMs != null
        val (word, tone) = if (handedIn) Word.REPORT_IN to Tone.GOOD else Word.REPORT_OPEN to Tone.PLAIN
        return listOf(Line("report", desk.say(word), "", tone))
    }

    private suspend fun trying(act: suspend (date: String) -> Any) {
        said.value = try {
            act(desk.days.first())
            ""
        } catch (error: FieldException) {
            desk.fault(error)
        }
    }
}

/** A plan, line by line. */
internal fun Desk.planLines(plan: DayPlan?): List<Line> {
    val tasks = plan?.keyTasks.orEmpty().map { task ->
        val (detail, tone) = if (task.done) say(Word.DONE) to Tone.GOOD else "" to Tone.PLAIN
        Line(task.id, task.text, detail, tone)
    }
    val stops = plan?.stops.orEmpty().map { stop ->
        val (detail, tone) = when {
            stop.visit != null -> say(Word.DONE) to Tone.GOOD
            stop.skippedReason != null -> say(Word.SKIPPED, stop.skippedReason.orEmpty()) to Tone.WATCH
            else -> stop.objective.orEmpty() to Tone.PLAIN
        }
        Line(stop.id, stop.customerName.orEmpty(), detail, tone, stop.customer)
    }
    return tasks + stops
}
