package fieldsync.sample

import fieldsync.Fieldsync
import fieldsync.addContact
import fieldsync.core.NewContact
import fieldsync.core.NewCustomer
import fieldsync.core.OpenConfig
import fieldsync.createCustomer
import fieldsync.pending
import fieldsync.today
import java.io.PrintStream
import java.util.Locale
import kotlin.system.exitProcess
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout

/**
 * A rep's whole day in a terminal, over the same view models as the app's screens: sign in,
 * plan the morning, log visits, look at the score, hand in the report, sync.
 */
public class Day(private val client: Fieldsync, private val out: PrintStream, language: Language) {
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)
    private val desk = Desk(client, scope, language, days = flow { emit(client.today()) })

    /** Plays it; the score that phone and office agree on, in hundredths of a point. */
    public suspend fun play(): String {
        val sync = SyncModel(desk)
        sync.sync()
        val customers = listOf("华东机械有限公司", "Harbour Foods", "台北精密").map { name ->
            client.createCustomer(NewCustomer(name, phone = "021-5555${name.length}234")).id
        }
        val buyer = client.addContact(customers[0], NewContact("王敏", title = "采购经理", buyingRole = "decision"))
        val home = HomeModel(desk)
        val plan = DayPlanModel(desk)
        for (text in listOf("Two new visits", "Five prospects followed", "Quote for Harbour Foods")) plan.task(text)
        customers.take(2).forEach { plan.stop(it, "trial") }
        show(desk.say(Word.PLAN), plan.lines.until { it.size == MORNING })

        log(null, "progress", buyer)
        log(null, "order", null)
        log(customers[2], "follow_up", null)
        val tasks = plan.lines.until { lines -> lines.count { it.tone == Tone.GOOD } == 2 }
        plan.done(tasks.first().id)
        plan.handIn("Trial agreed", "Price approval wanted")
        show(desk.say(Word.EVENING), plan.lines.until { it.last().tone == Tone.GOOD })

        val list = CustomerListModel(desk)
        list.search("hdjx")
        val found = list.lines.until { it.size == 1 }.single()
        val page = CustomerModel(desk, found.id)
        page.sections.until { it.size == 2 }.forEach { show("${found.title}: ${it.title}", it.lines) }

        show("", listOf(sync.pill.value))
        val score = ScoreModel(desk)
        val agreed = withTimeout(PATIENCE_MS) {
            while (score.total.value.firstOrNull()?.tone != Tone.GOOD) {
                sync.sync()
                delay(POLL_MS)
            }
            score.total.value.first()
        }
        show(desk.say(Word.MY_NUMBERS), score.total.value)
        score.sections.value.forEach { show(it.title, it.lines) }
        asks(score)
        withTimeout(PATIENCE_MS) {
            while (client.pending().requests > 0uL) {
                sync.sync()
                delay(POLL_MS)
            }
        }
        home.sections.until { it.isNotEmpty() }.forEach { show(it.title, it.lines) }
        show("", listOf(sync.pill.until { it.tone == Tone.GOOD }))
        scope.cancel()
        return agreed.title
    }

    /** An objection, another target, and the own view of the month: each seen at once. */
    private suspend fun asks(score: ScoreModel) {
        score.choose("effective_visits")
        score.contest("One visit of today is missing")
        show("", score.objections.until { it.isNotEmpty() })

        val targets = TargetsModel(desk)
        val mine = targets.sections.until { it.isNotEmpty() }.first()
        show(mine.title, mine.lines)
        targets.choose(mine.lines.first())
        targets.chosen.until { it.isNotEmpty() }
        targets.ask("30", "The fair takes a week")
        val adjusted = desk.say(Word.ASKED_FOR)
        targets.sections.until { sections -> sections.any { it.title == adjusted } }.forEach { show(it.title, it.lines) }

        val appraisal = AppraisalModel(desk)
        appraisal.month("0")
        val family = appraisal.families.until { it.isNotEmpty() }.first()
        appraisal.rate(family.id, "4")
        val handIn = appraisal.actions.until { it.isNotEmpty() }.single()
        appraisal.act(handIn.id, "A good month")
        show(handIn.title, appraisal.lines.until { lines -> lines.first().detail.isNotEmpty() })
    }

    private suspend fun log(customer: String?, outcome: String, met: String?) {
        val quick = QuickLogModel(desk)
        quick.begin(customer)
        quick.mode("phone")
        quick.minutes("15")
        quick.outcome(outcome)
        met?.let { quick.met(it) }
        quick.next("week")
        quick.save("Talked about the trial")
        show("", listOf(quick.state.value.said))
    }

    private fun show(title: String, lines: List<Line>) {
        if (title.isNotEmpty()) out.println("\n$title")
        lines.forEach { out.println("  ${it.shown}  ${it.detail}".trimEnd()) }
    }

    private suspend fun <T> StateFlow<T>.until(wanted: (T) -> Boolean): T =
        withTimeout(PATIENCE_MS) { first(wanted) }

    private companion object {
        const val MORNING = 6
        const val PATIENCE_MS = 30_000L
        const val POLL_MS = 200L
    }
}

/** `Day FOLDER URL LOGIN PASSWORD`: plays a day on the phone in FOLDER. */
public fun main(arguments: Array<String>): Unit = runBlocking {
    if (arguments.size != 4) {
        System.err.println("usage: Day FOLDER URL LOGIN PASSWORD")
        exitProcess(2)
    }
    val (folder, url, login, password) = arguments
    val config = OpenConfig(folder, url, "terminal", "jvm", "0.1.0", "Asia/Shanghai", 8 * 3600)
    Fieldsync.open(config).use { client ->
        client.signIn(login, password)
        Day(client, System.out, Language.of(Locale.getDefault())).play()
    }
}
