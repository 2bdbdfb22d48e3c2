package fieldsync.sample

import fieldsync.Fieldsync
import fieldsync.core.FieldException
import fieldsync.core.ItemState
import java.time.Clock
import java.time.Instant
import java.time.LocalDate
import java.time.ZoneId
import java.time.format.DateTimeFormatter
import kotlin.time.Duration.Companion.minutes
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.SharingStarted
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.catch
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.stateIn

/** What every view model works with. */
public class Desk(
    /** The replica. */
    public val client: Fieldsync,
    /** Where states are kept up to date: as long as the screens live. */
    public val scope: CoroutineScope,
    /** The person's language. */
    public val language: Language,
    /** The phone's clock and zone. */
    public val clock: Clock = DeviceTime,
    /** Today, `YYYY-MM-DD`, and every day that follows it while screens live. */
    public val days: Flow<String> = days(clock),
) {
    /** The month of the day, `YYYY-MM`. */
    internal val months: Flow<String> = days.map { it.take(MONTH) }.distinctUntilChanged()

    /** The same for a page that comes and goes; [leave] ends what it watches. */
    internal fun apart(): Desk {
        val own = SupervisorJob(scope.coroutineContext[Job])
        return Desk(client, CoroutineScope(scope.coroutineContext + own), language, clock, days)
    }

    /** Nobody looks at what stands [apart] any more. */
    internal fun leave(): Unit = scope.cancel()

    internal fun say(word: Word, vararg about: Any): String = word.say(language, *about)

    internal fun time(atMs: Long): String = TIME.withZone(zone()).format(Instant.ofEpochMilli(atMs))

    internal fun day(atMs: Long): String = DAY.withZone(zone()).format(Instant.ofEpochMilli(atMs))

    internal fun status(state: ItemState): Pair<String, Tone> = when (state) {
        is ItemState.Saved -> say(Word.SAVED) to Tone.PLAIN
        is ItemState.Sent -> say(Word.SENT) to Tone.PLAIN
        is ItemState.Waiting -> say(Word.SAVED) to Tone.WATCH
        is ItemState.Stored -> say(Word.STORED) to Tone.GOOD
        is ItemState.NotTaken -> say(Word.REFUSED) to Tone.URGENT
        is ItemState.Undecided -> say(Word.UNDECIDED) to Tone.WATCH
    }

    /** What cannot be read any more stays on the screen as it was: the app goes on. */
    internal fun <T> Flow<T>.kept(first: T): StateFlow<T> =
        catch { error -> if (error !is FieldException) throw error }
            .stateIn(scope, SharingStarted.Eagerly, first)

    private fun zone(): ZoneId = clock.zone

    private companion object {
        const val MONTH = 7
        val TIME: DateTimeFormatter = DateTimeFormatter.ofPattern("HH:mm")
        val DAY: DateTimeFormatter = DateTimeFormatter.ofPattern("yyyy-MM-dd")
    }
}

/** The system's clock in the zone that the device is in now: Java's own keeps its first one. */
private object DeviceTime : Clock() {
    override fun getZone(): ZoneId = ZoneId.systemDefault()

    override fun withZone(zone: ZoneId): Clock = system(zone)

    override fun instant(): Instant = Instant.now()
}

/** The day is looked up every minute: a timer until midnight would sleep with the phone. */
private fun days(clock: Clock): Flow<String> = flow {
    while (true) {
        emit(LocalDate.now(clock).toString())
        delay(1.minutes)
    }
}.distinctUntilChanged()

/** Hundredths of a point, as people write points. */
internal fun points(centipoints: Long): String = "%d.%02d".format(centipoints / 100, centipoints % 100)
