package fieldsync.sample

import fieldsync.core.Account
import fieldsync.core.FieldException
import fieldsync.inStep
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.catch
import kotlinx.coroutines.flow.collect
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.getAndUpdate
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.launch

/** The screens. */
public enum class Screen {
    /** Nobody is signed in. */
    ENROL,

    /** The first screen of the day. */
    HOME,

    /** A visit in five taps. */
    LOG,

    /** The list. */
    CUSTOMERS,

    /** One of them. */
    CUSTOMER,

    /** The plan. */
    DAY,

    /** The card. */
    SCORE,

    /** What is to be reached. */
    TARGETS,

    /** What was said about a month. */
    APPRAISAL,

    /** What waits. */
    SYNC,
}

/** The tabs, and which of them is chosen. */
public data class Tabs(
    /** In order. */
    public val items: List<TabItem>,
    /** The place of the chosen one. */
    public val selected: Int,
)

/** A tab. */
public data class TabItem(
    /** What it shows. */
    public val screen: Screen,
    /** It is shown now. */
    public val chosen: Boolean,
)

/** The app: which screen is shown, and what a tap does. Layers on top only draw it. */
public class AppModel(private val desk: Desk, private val saved: () -> Unit = {}) {
    private val shown = MutableStateFlow(Screen.ENROL)
    private val problem = MutableStateFlow("")

    /** The screen. */
    public val screen: StateFlow<Screen> = shown.asStateFlow()

    /** The tabs of a person who is signed in; before that there is one. */
    public val tabs: StateFlow<Tabs> = with(desk) {
        shown.map { screen ->
            val screens = if (screen == Screen.ENROL) listOf(Screen.ENROL) else TABS
            Tabs(screens.map { TabItem(it, it == screen) }, screens.indexOf(screen).coerceAtLeast(0))
        }.kept(Tabs(listOf(TabItem(Screen.ENROL, true)), 0))
    }

    /** What went wrong last; empty if nothing did. */
    public val said: StateFlow<String> = problem.asStateFlow()

    /** The sync pill and its page. */
    public val sync: SyncModel = SyncModel(desk, ::leaving)

    /** The home screen. */
    public val home: HomeModel by lazy { HomeModel(desk) }

    /** The quick log. */
    public val quickLog: QuickLogModel = QuickLogModel(desk)

    /** The list of customers. */
    public val customers: CustomerListModel by lazy { CustomerListModel(desk) }

    private val page = MutableStateFlow(CustomerModel(desk.apart(), null))

    /** The customer that was opened last. */
    public val customer: StateFlow<CustomerModel> = page.asStateFlow()

    /** The day's plan. */
    public val day: DayPlanModel by lazy { DayPlanModel(desk) }

    /** My score this month. */
    public val score: ScoreModel by lazy { ScoreModel(desk) }

    /** Targets, and asking for others. */
    public val targets: TargetsModel by lazy { TargetsModel(desk) }

    /** My appraisal. */
    public val appraisal: AppraisalModel by lazy { AppraisalModel(desk) }

    init {
        trying { if (desk.client.signedIn() != null) shown.value = Screen.HOME }
    }

    /** Shows a screen; a log that was begun goes on. */
    public fun show(screen: Screen): Job = trying {
        if (screen == Screen.LOG && !quickLog.open) quickLog.begin()
        shown.value = screen
    }

    /** Enrols this phone with what was scanned or typed. */
    public fun enrol(invitation: String): Job = entering { desk.client.enrol(invitation) }

    /** Signs in by name and password: again, or on a phone without an invitation. */
    public fun signIn(login: String, password: String): Job =
        entering { desk.client.signIn(login, password) }

    private fun entering(enter: suspend () -> Account): Job = trying {
        enter()
        shown.value = Screen.HOME
        sync.sync()
    }

    /** Opens the customer that a line is about; nothing where it is about none. */
    public fun open(line: Line) {
        val customer = line.customer ?: return
        page.getAndUpdate { CustomerModel(desk.apart(), customer) }.leave()
        shown.value = Screen.CUSTOMER
    }

    /** Begins a visit at a customer, or at the likeliest one. */
    public fun beginLog(customer: String? = null): Job = trying {
        quickLog.begin(customer)
        shown.value = Screen.LOG
    }

    /** Checks in at the customer of the log. */
    public fun arrive(): Job = trying { quickLog.arrive() }

    /** Saves it; what there is to say is the log's own. */
    public fun saveLog(): Job = trying { if (quickLog.save() != null) saved() }

    /** A key task is done. */
    public fun done(line: Line): Job = trying { day.done(line.id) }

    /** Objects to the chosen line of my card. */
    public fun contest(reason: String): Job = trying { score.contest(reason) }

    /** Asks for another value of the chosen target. */
    public fun askTarget(wanted: String, reason: String): Job = trying { targets.ask(wanted, reason) }

    /** Hands in my own view, or disputes what was published, as the button says. */
    public fun appraise(action: String, comment: String): Job = trying { appraisal.act(action, comment) }

    /** Syncs. */
    public fun syncNow(): Job = trying { sync.sync() }

    /** Keeps the phone in step while somebody is signed in; cancelled when the app goes back. */
    public suspend fun follow() {
        trying { desk.client.setTimeZone(desk.clock.zone) }.join()
        shown.map { it != Screen.ENROL }.distinctUntilChanged().collectLatest { signedIn ->
            if (signedIn) desk.client.inStep().catch { said(it) }.collect()
        }
    }

    private fun said(error: Throwable) {
        problem.value = if (error is FieldException) desk.fault(error) else throw error
        leaving(error)
    }

    /** Back to the door where a person has to sign in, and why. */
    private fun leaving(error: FieldException) {
        when (error) {
            is FieldException.NotSignedIn,
            is FieldException.SignInAgain,
            is FieldException.DeviceRevoked,
            -> {
                problem.value = desk.fault(error)
                shown.value = Screen.ENROL
            }
            else -> Unit
        }
    }

    private fun trying(act: suspend () -> Unit): Job = desk.scope.launch {
        try {
            problem.value = ""
            act()
        } catch (error: FieldException) {
            said(error)
        }
    }

    private companion object {
        val TABS = listOf(
            Screen.HOME, Screen.LOG, Screen.CUSTOMERS, Screen.DAY, Screen.SCORE, Screen.TARGETS,
            Screen.APPRAISAL, Screen.SYNC,
        )
    }
}
