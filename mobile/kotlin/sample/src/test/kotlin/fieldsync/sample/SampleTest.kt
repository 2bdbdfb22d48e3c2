package fieldsync.sample

import fieldsync.Fieldsync
import fieldsync.core.CustomerChange
import fieldsync.core.FieldException
import fieldsync.core.NewCustomer
import fieldsync.core.OpenConfig
import fieldsync.core.OrgRow
import fieldsync.createCustomer
import fieldsync.dayPlan
import fieldsync.editCustomer
import fieldsync.ladder
import fieldsync.sync
import fieldsync.visits
import java.io.ByteArrayOutputStream
import java.io.File
import java.io.PrintStream
import java.util.Locale
import kotlin.test.Test
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assumptions.assumeTrue
import org.junit.jupiter.api.io.TempDir

internal class SampleTest {
    @TempDir
    lateinit var folder: File

    private fun played(play: suspend () -> Unit) {
        assumeTrue(of("URL").isNotEmpty(), "needs a server: mobile/kotlin is tested by kotlin_sdk")
        runBlocking { withTimeout(120_000) { play() } }
    }

    private fun of(name: String): String = System.getenv("FIELDSYNC_TEST_$name").orEmpty()

    private fun config(): OpenConfig =
        OpenConfig(folder.path, of("URL"), "sample", "jvm", "0.1.0", "Asia/Shanghai", 28800)

    private suspend fun phone(login: String): Fieldsync {
        return Fieldsync.open(config()).also { it.signIn(login, of("PASSWORD")) }
    }

    @Test
    fun `a rep's whole day in a terminal`() = played {
        phone("xenia").use { client ->
            val shown = ByteArrayOutputStream()
            val score = Day(client, PrintStream(shown, true, "UTF-8"), Language.ZH_CN).play()
            val text = shown.toString("UTF-8")
            println(text)
            assertContains(score, "绩效评分")
            for (seen in listOf("当日计划", "已保存在本机", "日报已提交", "华东机械有限公司", "与后台一致", "目标调整", "待发送：已自评", "已同步")) {
                assertContains(text, seen)
            }
        }
    }

    @Test
    fun `a log without a customer says so and saves nothing`() = played {
        phone("wei").use { client ->
            client.sync()
            runBlocking {
                val desk = Desk(client, this, Language.EN)
                val quick = QuickLogModel(desk)
                assertEquals(null, quick.save())
                assertEquals("Choose a customer", quick.state.value.said.title)
            }
        }
    }

    @Test
    fun `the app leads from the first screen to a saved visit`() = played {
        phone("uwe").use { client ->
            client.sync()
            val made = client.createCustomer(NewCustomer("Acme")).id
            val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)
            var saved = 0
            val app = AppModel(Desk(client, scope, Language.ZH_TW)) { saved += 1 }
            app.screen.first { it == Screen.HOME }
            assertEquals(Screen.HOME, app.tabs.first { it.items.size > 1 }.items.single { it.chosen }.screen)
            app.enrol("not a code").join()
            assertEquals("內容有誤，無法儲存", app.said.value)
            app.beginLog(made).join()
            assertEquals(Screen.LOG, app.screen.value)
            app.quickLog.outcome("progress")
            app.saveLog().join()
            assertEquals("已儲存在本機" to 1, app.quickLog.state.value.said.title to saved)
            app.saveLog().join()
            assertEquals(1 to 1, client.visits().windows.first().rows.size to saved, "a second tap")
            app.open(Line("score", "My score"))
            assertEquals(Screen.LOG, app.screen.value, "a line about no customer opens nothing")
            app.show(Screen.LOG).join()
            assertTrue(app.quickLog.open)
            assertTrue(app.quickLog.state.value.outcomes.isNotEmpty(), "the tab is not blank")
            app.open(app.customers.lines.first { it.isNotEmpty() }.single())
            assertEquals(Screen.CUSTOMER, app.screen.value)
            val left = app.customer.value
            assertEquals("Acme", left.title.first { it.title.isNotEmpty() }.title)
            app.open(Line(made, "Acme", customer = made))
            client.editCustomer(made, CustomerChange(name = "Acme AG"))
            assertEquals("Acme AG", app.customer.value.title.first { it.title == "Acme AG" }.title)
            assertEquals("Acme", left.title.value.title, "a page that was left still watches")
            client.signOut()
            app.syncNow().join()
            assertEquals(Screen.ENROL, app.screen.value)
            assertTrue(app.said.value.isNotEmpty())
            scope.cancel()
        }
    }

    @Test
    fun `a visit on site runs from its check-in to its log`() = played {
        phone("vera").use { client ->
            client.sync()
            val made = client.createCustomer(NewCustomer("Acme")).id
            val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)
            val quick = QuickLogModel(Desk(client, scope, Language.EN))
            val chosen = { chips: List<Chip> -> chips.filter { it.chosen }.map { it.id } }
            quick.begin(made)
            assertEquals(listOf("phone"), chosen(quick.state.value.modes))
            assertEquals(listOf("15"), chosen(quick.state.value.minutes))
            quick.arrive()
            quick.arrive()
            // The rep closes the screen, and opens it again when leaving.
            quick.begin(made)
            assertEquals(listOf("onsite"), chosen(quick.state.value.modes))
            quick.outcome("progress")
            quick.next("none")
            val saved = quick.save()
            val row = client.visits(made).windows.first().rows.single()
            assertEquals(listOf(saved, "onsite", true), listOf(row.id, row.mode, row.submitted))
            val missing = client.ladder(row.id).reasons.map { it.substringAfterLast('.') }
            assertTrue("no_check_in" !in missing && "no_check_out" !in missing, "$missing")
            scope.cancel()
        }
    }

    @Test
    fun `figures read and are typed as what they count`() {
        val yuan = Figures(OrgRow("", "", "", "CNY", 2u, 1u))
        val yen = Figures(OrgRow("", "", "", "JPY", 0u, 1u))
        val shown = listOf(
            yuan.show("minor_units", 12_800_000), yen.show("minor_units", 12_800_000),
            yuan.show("basis_points", 8_550), yuan.show("hundredths", 450), yuan.show("count", 1_200),
        )
        assertEquals(listOf("128,000.00", "12,800,000", "85.50 %", "4.50", "1,200"), shown)
        val typed = listOf(
            yuan.read("minor_units", "128,000"), yen.read("minor_units", "5"), yuan.read("count", " 36 "),
            yuan.read("basis_points", "85.5 %"), yuan.read("count", "3.5"), yuan.read("count", "many"),
        )
        assertEquals(listOf<Long?>(12_800_000, 5, 36, 8_550, null, null), typed)
        val early = Figures(null)
        assertEquals("–" to "1,200", early.show("minor_units", 5) to early.show("count", 1_200))
        assertNull(early.read("minor_units", "5"), "whose currency nobody knows yet")
    }

    @Test
    fun `a new day finds a new plan`() = played {
        phone("tina").use { client ->
            client.sync()
            val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)
            val days = MutableStateFlow("2026-11-23")
            val plan = DayPlanModel(Desk(client, scope, Language.EN, days = days))
            plan.task("Monday's")
            plan.lines.first { lines -> lines.any { it.title == "Monday's" } }
            days.value = "2026-11-24"
            plan.lines.first { lines -> lines.none { it.title == "Monday's" } }
            plan.task("Tuesday's")
            assertEquals("Tuesday's", client.dayPlan("2026-11-24").first()?.keyTasks?.single()?.text)
            scope.cancel()
        }
    }

    @Test
    fun `a replica that cannot be opened is said and tried again`() = played {
        val first = phone("rosa")
        val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)
        val door = DoorModel(scope, Language.EN) { Fieldsync.open(config()) }
        door.enter().join()
        assertEquals(listOf("Another app uses these data: close it"), door.problems.value)
        first.close()
        door.enter().join()
        door.enter().join()
        assertEquals(0 to 1, door.problems.value.size to door.rooms.value.size)
        scope.cancel()
    }

    @Test
    fun `every error says what to do`() {
        val errors = FieldException::class.java.declaredClasses.map { it.simpleName }
            .filterNot { it == "ErrorHandler" || it == "Companion" }
        assertTrue(errors.size > 15, "$errors")
        for (error in errors) assertTrue("fault.$error" in Codes.words, error)
    }

    @Test
    fun `from nothing to a logged visit, as the README shows it`() = played {
        assertTrue(firstVisit(folder.path, of("INVITATION")).isNotEmpty())
    }

    @Test
    fun `every text is there in every language and none is another one's`() {
        for (word in Word.entries) {
            val texts = Language.entries.map { word.say(it, "1") }
            assertTrue(texts.all { it.isNotBlank() && "%s" !in it }, "$word")
            assertTrue(texts.distinct().size >= 2, "$word is the same everywhere")
        }
        for ((code, texts) in Codes.words) {
            assertEquals(Language.entries.size, texts.size, code)
            assertTrue(texts.all { it.isNotBlank() }, code)
        }
    }

    @Test
    fun `a phone's language is found`() {
        val found = listOf("zh-CN", "zh-Hant-HK", "zh-TW", "fr-FR").map { Language.of(Locale.forLanguageTag(it)) }
        assertEquals(listOf(Language.ZH_CN, Language.ZH_TW, Language.ZH_TW, Language.EN), found)
    }
}
