package fieldsync

import fieldsync.core.AskedState
import fieldsync.core.FieldException
import fieldsync.core.TargetRow
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlinx.coroutines.flow.first

/** What a rep asks for offline is seen at once, and with its answer later. */
internal class AskedTest {
    /** A phone with a visit that counts, and the card of the office that says so. */
    private suspend fun scored(): Fieldsync = used("boris").also { client ->
        client.sync()
        if (client.scorecard(Stage.month).visitsCounted == 0u) {
            client.logVisit(visitAt(client.newCustomer(), 40))
        }
        awaitUntil {
            client.sync()
            client.scorecard(Stage.month).equalsOfficial == true
        }
    }

    private suspend fun Fieldsync.syncedUntil(holds: suspend () -> Boolean) = awaitUntil {
        sync()
        holds()
    }

    private fun List<TargetRow>.mine(): TargetRow = single { it.mine }

    @Test
    fun `another target is asked for and answered`() = promise("targets") {
        scored().use { client ->
            val own = client.targets(Stage.month).mine()
            assertEquals(listOf("effective_visits", "boris"), listOf(own.metric, own.whose))
            assertTrue(assertNotNull(own.actual) > 0 && assertNotNull(own.pace).workingDays > 0, "$own")
            expect<FieldException.BadInput> { client.askTarget(own.id, 30, " ") }
            expect<FieldException.BadInput> { client.askTarget(own.id, -1, "the fair") }
            client.askTarget(own.id, own.value - 10, "the fair takes a week")
            val asked = client.adjustments().first().single()
            assertIs<AskedState.Waiting>(asked.state)
            assertEquals(listOf(own.id, own.value, own.value - 10), listOf(asked.target, asked.was, asked.wanted))
            client.syncedUntil { client.adjustments().first().single().state is AskedState.Open }
            Stage.run("target", "decide", asked.id, "approve", "--note", "agreed")
            client.syncedUntil { client.adjustments().first().single().state is AskedState.Accepted }
            assertEquals("agreed", client.adjustments().first().single().note)
            val now = client.liveTargets(Stage.month).first { it != null }
            assertEquals(own.value - 10, now?.mine()?.value)
        }
    }

    @Test
    fun `a line is contested and answered`() = promise("contest") {
        scored().use { client ->
            val made = client.visits().windows.first().rows.first().id
            expect<FieldException.NotFound> { client.contestLine(Stage.month, "smiles", "I smiled") }
            client.contestLine(Stage.month, "effective_visits", "one is missing", listOf(made))
            val waiting = client.contests().first().single()
            assertIs<AskedState.Waiting>(waiting.state)
            assertEquals(listOf(made), waiting.evidence)
            client.syncedUntil { client.contests().first().single().state is AskedState.Open }
            Stage.run("contest", "decline", waiting.id, "--note", "it was too short")
            client.syncedUntil { client.contests().first().single().state is AskedState.Declined }
            val answered = client.contests().first().single()
            assertEquals("it was too short", answered.note)
            assertEquals(waiting.centipoints, answered.centipoints, "the figure stays as it was")
        }
    }

    @Test
    fun `an appraisal goes from hand to hand`() = promise("appraisal") {
        scored().use { client ->
            suspend fun mine() = assertNotNull(client.appraisal(Stage.month).first())
            val draft = mine()
            assertEquals("draft" to listOf("self_submitted"), draft.state to draft.next)
            assertEquals(listOf("skill", "teamwork"), draft.families.map { it.family })
            expect<FieldException.BadInput> { client.assessSelf(Stage.month, " ") }
            client.assessSelf(Stage.month, "a good month", mapOf("teamwork" to 4u))
            assertEquals("draft" to "self_submitted", mine().run { state to waiting })
            client.syncedUntil { mine().state == "self_submitted" }
            val stored = mine()
            assertNull(stored.waiting)
            assertTrue(stored.mayHandIn)
            assertEquals(assertNotNull(stored.frozenCentipoints), stored.totalCentipoints)
            for (to in listOf("supervisor_scored", "manager_reviewed", "published")) {
                Stage.run("appraisal", "step", "boris", "--period", Stage.month, "--to", to, "--rating", "skill=5")
            }
            client.syncedUntil { mine().state == "published" }
            assertEquals(listOf("disputed") to false, mine().run { next to mayHandIn })
            client.disputeAppraisal(Stage.month, "a visit is missing")
            assertEquals("disputed", mine().waiting)
            client.syncedUntil { mine().state == "disputed" }
            val listed = client.appraisals().single()
            val way = listOf("self_submitted", "supervisor_scored", "manager_reviewed", "published", "disputed")
            assertEquals(way, listed.steps.map { it.to })
            expect<FieldException.BadInput> { client.stepAppraisal(listed.rep, Stage.month, "nonsense") }
        }
    }
}
