package fieldsync

import fieldsync.core.Amount
import fieldsync.core.AttachmentKind
import fieldsync.core.CaseChange
import fieldsync.core.Competitor
import fieldsync.core.CustomerChange
import fieldsync.core.DailyReport
import fieldsync.core.DealChange
import fieldsync.core.FieldException
import fieldsync.core.HelpWanted
import fieldsync.core.ItemState
import fieldsync.core.LiveState
import fieldsync.core.LossReview
import fieldsync.core.NewAttachment
import fieldsync.core.NewCase
import fieldsync.core.NewCustomer
import fieldsync.core.NewDeal
import fieldsync.core.NewMilestone
import fieldsync.core.VisitChange
import fieldsync.core.WatchedQuery
import fieldsync.core.provokePanic
import java.io.File
import java.time.ZoneId
import java.util.concurrent.CopyOnWriteArrayList
import kotlin.test.Test
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch

/** What the library promises in every language: mobile/contract.toml. */
internal class ContractTest {
    @Test
    fun `a client opens without a network and shows who was signed in last`() = promise("open") {
        phone("anna").close()
        opened("anna", Stage.DEAD).use { assertEquals("anna", it.signedIn()?.userName) }
    }

    @Test
    fun `a visit is saved without a server`() = promise("write-offline") {
        phone("boris").close()
        opened("boris", Stage.DEAD).use { client ->
            val made = client.logVisit(visitAt(client.newCustomer()))
            val row = client.visits().windows.first().rows.single()
            assertEquals(made, row.id)
            assertEquals(ItemState.Saved, row.state)
            assertTrue(client.pending().saved >= 2uL)
        }
    }

    @Test
    fun `an observer hears and stops hearing`() = promise("observe") {
        phone("chen").use { client ->
            val heard = CopyOnWriteArrayList<ULong>()
            coroutineScope {
                val listening = launch {
                    client.stale(WatchedQuery.Customers).collect { heard += it }
                }
                client.customers().windows.awaited { it.rows.isEmpty() }
                for (number in 1..2) {
                    val known = heard.size
                    client.newCustomer("Customer $number")
                    client.customers().windows.awaited { it.rows.size == number }
                    awaitUntil { heard.size > known }
                }
                listening.cancelAndJoin()
            }
            assertEquals(heard.toSortedSet().toList(), heard.toList())
            val known = heard.size
            coroutineScope {
                val second = launch { client.stale(WatchedQuery.Customers).first { it > heard.last() } }
                awaitUntil {
                    client.newCustomer("Once more")
                    second.isCompleted
                }
            }
            assertEquals(known, heard.size, "heard after it was cancelled")
        }
    }

    @Test
    fun `a list is read page by page`() = promise("page") {
        phone("dora").use { client ->
            val made = (0 until 25).map { client.newCustomer("Customer ${"%03d".format(it)}") }
            val pages = client.customers(pageRows = 10u)
            assertTrue(pages.windows.first().more)
            repeat(2) { pages.more() }
            val window = pages.windows.awaited { !it.more }
            assertEquals(made.sorted(), window.rows.map { it.id }.sorted())
        }
    }

    @Test
    fun `a Chinese name is found`() = promise("search") {
        phone("emil").use { client ->
            val made = client.createCustomer(NewCustomer("华东机械有限公司", phone = "021-55551234")).id
            client.newCustomer("Another one")
            for (typed in listOf("机械", "hdjx", "1234")) {
                val found = client.customers(search = typed).windows.first().rows
                assertEquals(listOf(made), found.map { it.id }, typed)
            }
        }
    }

    @Test
    fun `what was saved is stored on the server`() = promise("sync") {
        phone("fang").use { client ->
            val made = client.logVisit(visitAt(client.newCustomer()))
            val report = client.sync()
            assertTrue(report.pushed >= 2uL && report.remaining == 0uL, "$report")
            assertEquals(ItemState.Stored, client.ladder(made).state)
            client.syncState.awaited { it?.pending?.saved == 0uL && it.complete }
        }
    }

    @Test
    fun `a sync in the background says what to do next`() = promise("background-sync") {
        phone("gita").use { client ->
            client.newCustomer()
            val report = client.syncNow(30.seconds)
            assertEquals(listOf(1uL, 0uL), listOf(report.pushed, report.remaining))
            assertNull(report.retryAtMs)
            client.newCustomer()
        }
        opened("gita", Stage.DEAD).use { client ->
            val report = client.syncNow(30.seconds)
            assertEquals(listOf(0uL, 1uL), listOf(report.pushed, report.remaining))
            assertNotNull(report.retryAtMs)
        }
    }

    @Test
    fun `what is saved while in step goes out by itself`() = promise("in-step") {
        phone("wei", "wei-in-step").use { client ->
            coroutineScope {
                val states = CopyOnWriteArrayList<LiveState>()
                val listening = launch { client.inStep().collect { states += it } }
                awaitUntil { LiveState.LISTENING in states }
                val made = client.logVisit(visitAt(client.newCustomer()))
                awaitUntil { client.pending().run { saved + sent } == 0uL }
                assertEquals(ItemState.Stored, client.ladder(made).state)
                listening.cancelAndJoin()
            }
        }
    }

    @Test
    fun `two phones of one person show the same`() = promise("converge") {
        val (one, two) = phone("hugo", "hugo-1") to phone("hugo", "hugo-2")
        one.newCustomer("From one")
        two.newCustomer("From two")
        for (client in listOf(one, two, one)) client.sync()
        for (client in listOf(one, two)) client.use {
            val names = it.customers().windows.first().rows.map { row -> row.name }
            assertEquals(listOf("From one", "From two"), names)
        }
    }

    @Test
    fun `both values of a field stay until one is chosen`() = promise("conflict") {
        val (one, two) = phone("ines", "ines-1") to phone("ines", "ines-2")
        val made = one.newCustomer("Acme")
        for (client in listOf(one, two)) client.sync()
        one.editCustomer(made, CustomerChange(name = "Acme AG"))
        two.editCustomer(made, CustomerChange(name = "Acme GmbH"))
        for (client in listOf(one, two, one)) client.sync()
        val found = one.conflicts(doc = made).rows.single()
        assertEquals(setOf("Acme AG", "Acme GmbH"), found.values.map { it.value }.toSet())
        val chosen = found.values.single { it.value == "Acme AG" }
        one.resolveConflict(made, found.field, chosen.change)
        for (client in listOf(one, two)) client.use {
            it.sync()
            assertEquals("Acme AG", it.customer(made).first()?.row?.name)
            assertEquals(emptyList(), it.conflicts(doc = made).rows)
        }
    }

    @Test
    fun `a sync that is cancelled loses nothing`() = promise("cancel") {
        phone("jan").use { client ->
            client.newCustomer()
            val job = client.startSync()
            job.cancel()
            try {
                job.wait()
            } catch (_: FieldException.Cancelled) {
                assertEquals(1uL, client.pending().run { saved + sent })
            }
            for (pause in listOf(0L, 2L, 10L)) {
                client.newCustomer("After $pause")
                coroutineScope {
                    val waiting = launch { client.sync() }
                    delay(pause)
                    waiting.cancelAndJoin()
                }
            }
            client.sync()
            assertEquals(0uL, client.pending().run { saved + sent })
            assertEquals(4, client.customers().windows.first().rows.size)
        }
    }

    @Test
    fun `a paused client saves nothing and resumes where it was`() = promise("pause-resume") {
        phone("kira").use { client ->
            val made = client.newCustomer()
            client.pause()
            expect<FieldException.Paused> { client.logVisit(visitAt(made)) }
            client.resume()
            assertEquals("Acme", client.customer(made).first()?.row?.name)
        }
    }

    @Test
    fun `a process killed after a save has lost nothing`() = promise("kill-reopen") {
        phone("liu").close()
        val classes = System.getProperty("surefire.test.class.path") ?: System.getProperty("java.class.path")
        val library = "-Djna.library.path=${System.getProperty("jna.library.path")}"
        val java = File(System.getProperty("java.home"), "bin/java").path
        val folder = Stage.folder.resolve("liu").path
        val child = ProcessBuilder(java, "-cp", classes, library, "fieldsync.KilledKt", folder)
            .redirectError(ProcessBuilder.Redirect.INHERIT).start()
        val said = child.inputStream.bufferedReader()
        val saved = (1..20).map { said.readLine() }.toMutableSet()
        // Java's own way of killing a process closes what it said.
        ProcessBuilder("kill", "-9", child.pid().toString()).start().waitFor()
        saved += said.readText().split("\n").dropLast(1).filter { it.isNotEmpty() }
        opened("liu").use { client ->
            val pages = client.customers(pageRows = 200u)
            repeat(20) { pages.more() }
            val found = pages.windows.first().rows.map { it.id }.toSet()
            assertEquals(emptySet(), saved - found)
            client.sync()
            assertEquals(0uL, client.pending().saved)
        }
    }

    @Test
    fun `the card equals the server's and opens to its visits`() = promise("score") {
        phone("mara").use { client ->
            val made = client.logVisit(visitAt(client.newCustomer(), 40))
            awaitUntil {
                client.sync()
                client.scorecard(Stage.month).equalsOfficial == true
            }
            val card = client.scorecard(Stage.month)
            assertEquals(card.totalCentipoints, card.lines.sumOf { it.centipoints })
            val explained = client.explainedScorecard(Stage.month)
            assertEquals(card.totalCentipoints, explained.totalCentipoints)
            val line = explained.lines.single { it.indicator == "effective_visits" }
            assertEquals(listOf(made), line.facts.filter { it.kind == "visit" }.map { it.doc })
        }
    }

    @Test
    fun `a day's plan takes three key tasks and its stops are fulfilled`() = promise("plan") {
        phone("nils").use { client ->
            val (at, today) = client.newCustomer() to client.today()
            val tasks = (1..3).map { client.addKeyTask(today, "Task $it") }
            expect<FieldException.BadInput> { client.addKeyTask(today, "A fourth one") }
            client.setKeyTaskDone(today, tasks[1], true)
            client.addStop(today, at, "show the trial")
            val now = System.currentTimeMillis()
            val said = VisitChange(startedAtMs = now, endedAtMs = now)
            val made = client.logVisit(visitAt(at).copy(said = said))
            val help = HelpWanted("price", "8 % off", null)
            val asked = client.askHelp(today, help)
            expect<FieldException.BadInput> { client.askHelp(today, HelpWanted(text = " ")) }
            client.writeDailyReport(today, DailyReport(progress = "on track"), submit = true)
            val plan = assertNotNull(client.dayPlan(today).first())
            assertEquals(listOf(false, true, false), plan.keyTasks.map { it.done })
            assertEquals(listOf("Acme" to made), plan.stops.map { it.customerName to it.visit })
            assertEquals(listOf(asked to help), plan.help.map { it.id to it.wanted })
            assertEquals(emptyList(), client.helpAnswers().first(), "nobody answered yet")
            assertEquals("on track", plan.report.progress)
            assertNotNull(plan.submittedAtMs)
        }
    }

    @Test
    fun `a deal moves through the stages`() = promise("deal") {
        phone("olga").use { client ->
            val stages = client.stages().map { it.code }
            val amount = Amount(120_000_00, "CNY")
            val made = client.createDeal(NewDeal(client.newCustomer(), "Trial", stages[0], amount))
            coroutineScope {
                val moved = async { client.liveDeal(made).awaited { it?.stage == stages[1] } }
                client.moveDeal(made, stages[1])
                assertEquals(made, moved.await()?.id)
            }
            val row = client.deals(open = true).windows.first().rows.single()
            assertEquals(listOf(made, stages[1], amount), listOf(row.id, row.stage, row.amount))
            assertEquals(row, client.deal(made))
            assertTrue(client.gateWarnings().all { it.deal == made })
            val quote = client.issueQuote(made, amount)
            val lost = LossReview(productFit = 4u.toUByte(), terms = 2u.toUByte(), competitor = "Beta AG")
            val trial = NewMilestone("A trial in March", due = "2026-03-31")
            val said = DealChange(
                leadGrade = "a", priority = "p1", intent = "they want it", decisionCycleDays = 45u,
                competitors = listOf("Beta AG"), milestones = listOf(trial), lossReview = lost,
            )
            client.editDeal(made, said)
            val agreed = assertNotNull(client.dealPage(made).first()).milestones.single()
            client.reachMilestone(made, agreed.id, "it runs")
            val page = assertNotNull(client.dealPage(made).first())
            assertEquals(listOf("a", "p1"), listOf(page.row.leadGrade, page.row.priority))
            assertEquals(listOf("they want it", 45u, lost), listOf(page.intent, page.decisionCycleDays, page.lossReview))
            assertEquals(listOf("Beta AG") to listOf(quote), page.competitors to page.quotes.map { it.id })
            assertEquals("it runs" to false, page.milestones.single().let { it.feedback to (it.doneOn == null) })
            expect<FieldException.BadInput> { client.editDeal(made, DealChange(leadGrade = "z")) }
            expect<FieldException.BadInput> {
                client.editDeal(made, DealChange(lossReview = LossReview(terms = 9u.toUByte())))
            }
        }
    }

    @Test
    fun `a complaint is noted, answered and resolved`() = promise("case") {
        phone("rosa", "rosa-case").use { client ->
            val made = client.openCase(NewCase(client.newCustomer(), "complaint", "Late again"))
            coroutineScope {
                val resolved = async { client.liveCase(made).awaited { it?.resolvedAtMs != null } }
                client.noteProgress(made, "called back", replied = true)
                client.resolveCase(made, "a credit note", satisfied = true)
                assertEquals(true, resolved.await()?.satisfied)
            }
            assertNotNull(client.case(made)?.firstReplyAtMs)
            val said = CaseChange(cause = "the valve", prevention = "a better valve", delayCause = "internal")
            client.editCase(made, said)
            val page = assertNotNull(client.casePage(made).first())
            assertEquals(said.copy(action = "a credit note", satisfied = true), page.said)
            assertEquals(listOf("called back"), page.progress.map { it.text })
            assertNull(client.case(Stage.NOWHERE))
        }
    }

    @Test
    fun `a visit is filled in until it is submitted`() = promise("draft") {
        phone("kira", "kira-draft").use { client ->
            val made = client.checkIn(client.newCustomer())
            client.editVisit(made, VisitChange(outcome = "progress", needs = listOf("a trial")))
            val hash = "ab".repeat(32)
            val photo = NewAttachment(AttachmentKind.PHOTO, hash, 1000uL, "image/jpeg")
            val noted = client.attach(made, photo)
            val signature = NewAttachment(AttachmentKind.SIGNATURE, "cd".repeat(32), 500uL, "image/png")
            assertNull(client.attach(made, signature), "there is one, which needs no name")
            val fare = Amount(35_00, "CNY")
            client.noteExpense(made, "travel", fare, voucher = hash)
            val seen = Competitor("Beta AG", "10 % cheaper")
            val help = HelpWanted("technical", "the valve drips", null)
            client.editVisit(made, VisitChange(competitors = listOf(seen), help = help))
            client.editVisit(made, VisitChange(result = "they try it", nextStep = "send the quote"))
            expect<FieldException.BadInput> { client.noteExpense(made, "nonsense", fare) }
            expect<FieldException.BadInput> { client.attach(made, photo.copy(sha256 = "nonsense")) }
            client.checkOut(made)
            client.submitVisit(made)
            val page = assertNotNull(client.visit(made).first())
            assertEquals(
                listOf("progress", "they try it", "send the quote", "onsite", true),
                listOf(page.row.outcome, page.result, page.nextStep, page.row.mode, page.row.submitted),
            )
            assertEquals(listOf("a trial"), page.needs)
            assertEquals(listOf(seen) to help, page.competitors to page.help)
            assertEquals(listOf(noted to hash, null to signature.sha256), page.attachments.map { it.id to it.sha256 })
            assertEquals(listOf("travel" to fare), page.expenses.map { it.kind to it.amount })
            expect<FieldException.BadInput> { client.editVisit(made, VisitChange(result = "no")) }
        }
    }

    @Test
    fun `a request that is refused is listed until it is dismissed`() = promise("requests") {
        phone("vera", "vera-asks").use { client ->
            val made = client.logVisit(visitAt(client.newCustomer()))
            expect<FieldException.BadInput> { client.reviewVisit(made, "well done", 9u) }
            expect<FieldException.BadInput> { client.assessSelf(Stage.month, "fine", mapOf("teamwork" to 99.toUByte())) }
            expect<FieldException.NotFound> { client.askTarget(Stage.NOWHERE, 5, "the fair") }
            assertEquals(emptyList(), client.requests())
            client.sync()
            client.reviewVisit(made, "well done", 5u)
            val asked = client.requests().single()
            assertEquals("review_visit" to null, asked.kind to asked.refused)
            assertEquals(1uL, client.pending().requests)
            client.sync()
            // Nobody comments on their own visit.
            assertNotNull(client.requests().single { it.id == asked.id }.refused)
            assertEquals(0uL to 1uL, client.pending().run { requests to requestsRefused })
            assertTrue(client.dismissRequest(asked.id))
            assertEquals(emptyList(), client.requests())
        }
    }

    @Test
    fun `a phone that moved has the day of where it is`() = promise("time-zone") {
        opened("zone").use { client ->
            val days = listOf("+13:00", "-12:00").map { offset ->
                client.setTimeZone(ZoneId.of(offset))
                client.today()
            }
            assertTrue(days[0] > days[1], "$days")
            expect<FieldException.BadInput> { client.read { setTimeZone("Nowhere", Int.MAX_VALUE) } }
            expect<FieldException.BadInput> { client.read { setTimeZone(" ", 0) } }
            assertEquals(days[1], client.today())
        }
    }

    @Test
    fun `tokens lie in the keychain`() = promise("keychain") {
        val keys = Keys()
        phone("paul", secrets = keys).close()
        assertTrue(keys.kept.keys.any { it.endsWith(".token") })
        assertTrue(Stage.folder.resolve("paul").list()!!.none { it.endsWith(".token") })
    }

    @Test
    fun `a wiped phone has nothing of the person`() = promise("wipe") {
        val keys = Keys()
        phone("qing", secrets = keys).use { client ->
            assertTrue(keys.kept.isNotEmpty())
            client.newCustomer()
            client.wipe()
            assertEquals(emptySet(), keys.kept.keys)
            assertNull(client.signedIn())
            assertTrue(Stage.folder.resolve("qing").list()!!.none { it.endsWith(".fieldsync") })
            assertEquals(1, client.rescueFiles().size, "what was not sent is sealed")
        }
    }

    @Test
    fun `a server that the org's own authority vouches for`() = promise("authority") {
        opened("authority", Stage.of("TLS"), authority = Stage.of("AUTHORITY")).use { client ->
            // It talks: the server answers that it does not know this person.
            expect<FieldException.SignInAgain> { client.signIn("nobody", "no password") }
        }
    }

    @Test
    fun `the log is the app's`() = promise("log") {
        val lines = java.util.concurrent.CopyOnWriteArrayList<String>()
        val sink = object : fieldsync.core.LogSink {
            override fun log(level: fieldsync.core.LogLevel, target: String, message: String) {
                lines += message
            }
        }
        fieldsync.core.logTo(sink, fieldsync.core.LogLevel.INFO)
        used("uwe", Stage.DEAD).use { client ->
            expect<FieldException.Offline> { client.sync() }
        }
        assertTrue(lines.any { "sync did not finish" in it }, "$lines")
        val quiet = CopyOnWriteArrayList<String>()
        val other = object : fieldsync.core.LogSink {
            override fun log(level: fieldsync.core.LogLevel, target: String, message: String) {
                quiet += message
            }
        }
        fieldsync.core.logTo(other, fieldsync.core.LogLevel.WARN)
        used("uwe", Stage.DEAD).use { client ->
            expect<FieldException.Offline> { client.sync() }
        }
        assertTrue(quiet.none { "sync did not finish" in it }, "$quiet")
    }

    @Test
    fun `a panic is an error and the client goes on`() = promise("panic") {
        used("boris").use { client ->
            val found = assertFailsWith<fieldsync.core.InternalException> { provokePanic() }
            assertContains(found.message.orEmpty(), "provoked")
            assertIs<String>(client.newCustomer())
        }
    }
}

/** Waits for a condition with a bound. */
internal suspend fun awaitUntil(held: suspend () -> Boolean) {
    repeat(200) {
        if (held()) return
        delay(50)
    }
    error("it did not come to hold")
}
