package fieldsync.sample

import fieldsync.agenda
import fieldsync.checkIn
import fieldsync.core.ContactRow
import fieldsync.core.FieldException
import fieldsync.core.GpsFix
import fieldsync.core.NewVisit
import fieldsync.core.VisitChange
import fieldsync.customer
import fieldsync.dayPlan
import fieldsync.logVisit
import fieldsync.today
import fieldsync.visits
import java.time.LocalDate
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock

/** What the quick log shows. */
public data class QuickLog(
    /** At whom; empty until one is chosen. */
    public val customer: Line = Line("", ""),
    /** How contact was made: one is chosen. */
    public val modes: List<Chip> = emptyList(),
    /** How many minutes it took: one is chosen. A check-in that is open knows by itself. */
    public val minutes: List<Chip> = emptyList(),
    /** What may have come out: one is chosen. */
    public val outcomes: List<Chip> = emptyList(),
    /** Whom one may have met: any number. */
    public val contacts: List<Chip> = emptyList(),
    /** What may follow: one is chosen. */
    public val nextSteps: List<Chip> = emptyList(),
    /** What there is to say: of the check-in, after saving, or what is missing. */
    public val said: Line = Line("", ""),
    /** A check-in at this customer is open, and this log is its check-out. */
    internal val arrived: Boolean = false,
    /** It was begun and not saved yet. */
    internal val open: Boolean = false,
)

/** Something to choose. */
public data class Chip(
    /** What it stands for. */
    public val id: String,
    /** What it says. */
    public val title: String,
    /** It is chosen. */
    public val chosen: Boolean,
)

/**
 * A visit in five taps: the customer is chosen already, then outcome, contacts, next step,
 * save. A position comes along where there is one and never blocks. On site a visit counts
 * from its check-in ([arrive]) to its log.
 */
public class QuickLogModel(private val desk: Desk) {
    private val shown = MutableStateFlow(QuickLog())
    private val saving = Mutex()

    /** The screen. */
    public val state: StateFlow<QuickLog> = shown.asStateFlow()

    /** A log was begun and waits to be saved. */
    public val open: Boolean get() = shown.value.open

    /** Begins a log at [customer], or at today's next stop, or at whoever is most urgent here. */
    public suspend fun begin(customer: String? = null, here: GpsFix? = null) {
        val chosen = customer ?: nextStop() ?: nearest(here)
        val page = chosen?.let { desk.client.customer(it).first() }
        val arrived = chosen?.let { checkedIn(it) } ?: false
        shown.value = QuickLog(
            customer = Line(page?.row?.id.orEmpty(), page?.row?.name ?: desk.say(Word.CHOOSE_CUSTOMER)),
            modes = MODES.map { Chip(it, desk.code("mode", it), false) }.only(if (arrived) ONSITE else PHONE),
            minutes = MINUTES.map { Chip(it, desk.say(Word.MINUTES, it), false) }.only(USUAL),
            outcomes = OUTCOMES.map { Chip(it, desk.code("outcome", it), false) },
            contacts = page?.contacts.orEmpty().map { Chip(it.id, named(it), false) },
            nextSteps = NEXT.map { (code, word) -> Chip(code, desk.say(word), false) },
            said = if (arrived) Line("", desk.say(Word.CHECKED_IN)) else Line("", ""),
            arrived = arrived,
            open = true,
        )
    }

    /** Arrives at the customer now; [save] leaves. */
    public suspend fun arrive(here: GpsFix? = null) {
        saving.withLock {
            val log = shown.value
            when {
                log.customer.id.isEmpty() ->
                    say(Line("", desk.say(Word.CHOOSE_CUSTOMER), tone = Tone.WATCH))
                log.open && !log.arrived -> trying {
                    desk.client.checkIn(log.customer.id, here)
                    shown.update { it.copy(modes = it.modes.only(ONSITE), arrived = true) }
                    say(Line("", desk.say(Word.CHECKED_IN), log.customer.title, Tone.GOOD))
                }
                else -> Unit
            }
        }
    }

    /** How contact was made. */
    public fun mode(code: String): Unit = shown.update { it.copy(modes = it.modes.only(code)) }

    /** How many minutes it took. */
    public fun minutes(count: String): Unit =
        shown.update { it.copy(minutes = it.minutes.only(count)) }

    /** What came out. */
    public fun outcome(code: String): Unit =
        shown.update { it.copy(outcomes = it.outcomes.only(code)) }

    /** Met somebody, or not after all. */
    public fun met(contact: String): Unit = shown.update { now ->
        now.copy(contacts = now.contacts.map { if (it.id == contact) it.copy(chosen = !it.chosen) else it })
    }

    /** What follows. */
    public fun next(code: String): Unit =
        shown.update { it.copy(nextSteps = it.nextSteps.only(code)) }

    /**
     * Saves, once for each [begin]; the visit's id, or null where nothing was saved now and
     * [QuickLog.said] says why.
     */
    public suspend fun save(result: String? = null, fix: GpsFix? = null): String? = saving.withLock {
        val log = shown.value
        when {
            log.customer.id.isEmpty() -> {
                say(Line("", desk.say(Word.CHOOSE_CUSTOMER), tone = Tone.WATCH))
                null
            }
            !log.open -> null
            else -> trying { saved(log, result, fix) }
        }
    }

    private suspend fun saved(log: QuickLog, result: String?, fix: GpsFix?): String {
        val next = log.nextSteps.firstOrNull { it.chosen }?.id
        val due = next?.let { DUE[it] }?.let { days -> today().plusDays(days).toString() }
        val endedAtMs = desk.clock.millis()
        val minutes = log.minutes.firstOrNull { it.chosen }?.id?.toLong() ?: 0
        val said = VisitChange(
            outcome = log.outcomes.firstOrNull { it.chosen }?.id,
            result = result,
            nextStep = due?.let { desk.say(Word.FOLLOW_UP) },
            nextStepDue = due,
            noNextStep = next == NONE,
            startedAtMs = endedAtMs - minutes * MINUTE_MS,
            endedAtMs = endedAtMs,
            contactsMet = log.contacts.filter { it.chosen }.map { it.id },
        )
        val mode = log.modes.firstOrNull { it.chosen }?.id ?: PHONE
        return desk.client.logVisit(NewVisit(log.customer.id, mode, said, fix)).also { id ->
            val saved = Line(id, desk.say(Word.SAVED), log.customer.title, Tone.GOOD)
            shown.update { it.copy(said = saved, open = false) }
        }
    }

    private suspend fun <T> trying(act: suspend () -> T): T? = try {
        act()
    } catch (error: FieldException) {
        say(Line("", desk.fault(error), tone = Tone.URGENT))
        null
    }

    private suspend fun checkedIn(customer: String): Boolean =
        desk.client.visits(customer).windows.first().rows
            .any { !it.submitted && it.mode == ONSITE && it.outcome == null }

    private fun say(line: Line) = shown.update { it.copy(said = line) }

    private suspend fun today(): LocalDate = LocalDate.parse(desk.client.today())

    private suspend fun nextStop(): String? {
        val stops = desk.client.dayPlan(today().toString()).first()?.stops.orEmpty()
        return stops.firstOrNull { it.visit == null && it.skippedReason == null }?.customer
    }

    private suspend fun nearest(here: GpsFix?): String? = try {
        desk.client.agenda(1u, here).firstOrNull()?.customer?.id
    } catch (_: FieldException.NotYetSynced) {
        null
    }

    private fun named(contact: ContactRow): String =
        listOfNotNull(contact.name, contact.title).joinToString(" · ")

    private fun List<Chip>.only(code: String): List<Chip> = map { it.copy(chosen = it.id == code) }

    private companion object {
        const val NONE = "none"
        const val ONSITE = "onsite"
        const val PHONE = "phone"
        const val USUAL = "15"
        const val MINUTE_MS = 60_000L
        val MODES = listOf(ONSITE, PHONE, "video", "wechat", "email", "event")
        val MINUTES = listOf("5", USUAL, "30", "60")
        val OUTCOMES = listOf("order", "progress", "maintained", "follow_up", "not_met", "rejected")
        val NEXT = listOf(
            "tomorrow" to Word.TOMORROW,
            "week" to Word.ONE_WEEK,
            "month" to Word.ONE_MONTH,
            NONE to Word.NO_NEXT_STEP,
        )
        val DUE = mapOf("tomorrow" to 1L, "week" to 7L, "month" to 30L)
    }
}
