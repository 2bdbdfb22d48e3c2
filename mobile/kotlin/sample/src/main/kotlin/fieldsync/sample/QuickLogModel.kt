package fieldsync.sample

import fieldsync.agenda
import fieldsync.core.ContactRow
import fieldsync.core.FieldException
import fieldsync.core.GpsFix
import fieldsync.core.NewVisit
import fieldsync.customer
import fieldsync.dayPlan
import fieldsync.logVisit
import fieldsync.today
import java.time.LocalDate
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.update

/** What the quick log shows. */
public data class QuickLog(
    /** At whom; empty until one is chosen. */
    public val customer: Line = Line("", ""),
    /** What may have come out: one is chosen. */
    public val outcomes: List<Chip> = emptyList(),
    /** Whom one may have met: any number. */
    public val contacts: List<Chip> = emptyList(),
    /** What may follow: one is chosen. */
    public val nextSteps: List<Chip> = emptyList(),
    /** What there is to say after saving. */
    public val said: Line = Line("", ""),
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
 * save. A position comes along where there is one and never blocks.
 */
public class QuickLogModel(private val desk: Desk) {
    private val shown = MutableStateFlow(QuickLog())
    private var startedAtMs = desk.clock.millis()

    /** The screen. */
    public val state: StateFlow<QuickLog> = shown.asStateFlow()

    /**
     * Begins a log at [customer], or at today's next stop, or at whoever is most urgent here;
     * of a visit that began at [arrivedAtMs], or now.
     */
    public suspend fun begin(
        customer: String? = null,
        here: GpsFix? = null,
        arrivedAtMs: Long = desk.clock.millis(),
    ) {
        startedAtMs = arrivedAtMs
        val chosen = customer ?: nextStop() ?: nearest(here)
        val page = chosen?.let { desk.client.customer(it).first() }
        shown.value = QuickLog(
            customer = Line(page?.row?.id.orEmpty(), page?.row?.name ?: desk.say(Word.CHOOSE_CUSTOMER)),
            outcomes = OUTCOMES.map { Chip(it, desk.code("outcome", it), false) },
            contacts = page?.contacts.orEmpty().map { Chip(it.id, named(it), false) },
            nextSteps = NEXT.map { (code, word) -> Chip(code, desk.say(word), false) },
        )
    }

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

    /** Saves; the visit's id, or null where it could not be saved and [QuickLog.said] says why. */
    public suspend fun save(
        result: String? = null,
        mode: String = "onsite",
        fix: GpsFix? = null,
    ): String? {
        val log = shown.value
        if (log.customer.id.isEmpty()) {
            say(Line("", desk.say(Word.CHOOSE_CUSTOMER), tone = Tone.WATCH))
            return null
        }
        val next = log.nextSteps.firstOrNull { it.chosen }?.id
        val due = next?.let { DUE[it] }?.let { days -> today().plusDays(days).toString() }
        val visit = NewVisit(
            customer = log.customer.id,
            mode = mode,
            outcome = log.outcomes.firstOrNull { it.chosen }?.id,
            result = result,
            nextStep = due?.let { desk.say(Word.FOLLOW_UP) },
            nextStepDue = due,
            noNextStep = next == NONE,
            startedAtMs = startedAtMs,
            endedAtMs = desk.clock.millis(),
            fix = fix,
            contactsMet = log.contacts.filter { it.chosen }.map { it.id },
        )
        return try {
            desk.client.logVisit(visit).also {
                say(Line(it, desk.say(Word.SAVED), log.customer.title, Tone.GOOD))
            }
        } catch (error: FieldException) {
            say(Line("", desk.fault(error), tone = Tone.URGENT))
            null
        }
    }

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
