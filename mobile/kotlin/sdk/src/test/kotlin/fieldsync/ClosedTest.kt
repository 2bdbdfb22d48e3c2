package fieldsync

import fieldsync.core.Amount
import fieldsync.core.AttachmentKind
import fieldsync.core.CaseChange
import fieldsync.core.CustomerChange
import fieldsync.core.DailyReport
import fieldsync.core.DealChange
import fieldsync.core.FieldException
import fieldsync.core.HelpWanted
import fieldsync.core.NewAttachment
import fieldsync.core.NewCase
import fieldsync.core.NewContact
import fieldsync.core.NewCustomer
import fieldsync.core.NewDeal
import fieldsync.core.NewVisit
import fieldsync.core.VisitChange
import fieldsync.core.WatchedQuery
import java.io.File
import java.lang.reflect.InvocationTargetException
import java.lang.reflect.Method
import java.lang.reflect.Modifier
import java.time.ZoneId
import java.time.ZoneOffset
import kotlin.coroutines.Continuation
import kotlin.coroutines.intrinsics.suspendCoroutineUninterceptedOrReturn
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.first

/** Whatever a closed or paused client is asked, it says that it is closed or paused. */
internal class ClosedTest {
    @Test
    fun `a closed client`() = promise("error-closed") {
        val client = opened("uwe-closed")
        client.close()
        client.close()
        val calls = calls()
        assertTrue(calls.size > 80, "${calls.map { it.name }}")
        val others = calls.mapNotNull { other<FieldException.Closed>(client, it) }
        assertEquals(emptyList(), others)
    }

    @Test
    fun `a paused client`() = promise("error-paused") {
        used("uwe").use { client ->
            client.pause()
            // Flows wait until it goes on.
            val calls = calls().filter { !waits(it) && it.name !in WITHOUT_A_FILE }
            assertTrue(calls.size > 70, "${calls.map { it.name }}")
            val others = calls.mapNotNull { other<FieldException.Paused>(client, it) }
            assertEquals(emptyList(), others)
        }
    }

    private fun waits(call: Method): Boolean =
        Flow::class.java.isAssignableFrom(call.returnType) || call.returnType == Pages::class.java

    /** What [call] ends with, if it is not an [E]. Texts that mean nothing to it are not its end. */
    private suspend inline fun <reified E : FieldException> other(client: Fieldsync, call: Method): String? {
        var last: String? = null
        for (texts in texts(call.parameterTypes.count { it == String::class.java })) {
            last = try {
                "${call.name} gives ${ended(client, call, texts.iterator())}"
            } catch (error: Exception) {
                if (error is E) return null
                "${call.name}: $error"
            }
        }
        return last
    }

    /** So many texts, in every combination of kinds: an id, a month, a day, a hash, codes, none. */
    private fun texts(count: Int): Sequence<List<String?>> =
        (1..count).fold(sequenceOf(emptyList())) { begun, _ ->
            begun.flatMap { some -> TEXTS.asSequence().map { some + it } }
        }

    private suspend fun ended(client: Fieldsync, call: Method, texts: Iterator<String?>): Any? {
        val found = suspendCoroutineUninterceptedOrReturn<Any?> { ends ->
            val given = call.parameterTypes.map { sample(it, client, ends, texts) }
            try {
                if (Modifier.isStatic(call.modifiers)) call.invoke(null, *given.toTypedArray())
                else call.invoke(client, *given.toTypedArray())
            } catch (thrown: InvocationTargetException) {
                throw thrown.targetException
            }
        }
        return when (found) {
            is Pages<*> -> found.windows.first()
            is Flow<*> -> found.first()
            else -> found
        }
    }

    /** Every call of the SDK: the client's own, and those of the files beside it. */
    private fun calls(): List<Method> {
        val classes = File(Fieldsync::class.java.protectionDomain.codeSource.location.toURI())
        val files = classes.resolve("fieldsync").listFiles().orEmpty()
        val beside = files.filter { it.name.endsWith("Kt.class") }
            .flatMap { Class.forName("fieldsync.${it.nameWithoutExtension}").declaredMethods.toList() }
            .filter { it.parameterTypes.firstOrNull() == Fieldsync::class.java }
        val own = Fieldsync::class.java.declaredMethods
            .filter { it.parameterTypes.lastOrNull() == Continuation::class.java }
        return (beside + own).filter {
            Modifier.isPublic(it.modifiers) && !it.isSynthetic && '$' !in it.name
        }
    }

    /** Something of a type that a call can take. */
    private fun sample(
        type: Class<*>,
        client: Fieldsync,
        ends: Continuation<Any?>,
        texts: Iterator<String?>,
    ): Any? = when (type) {
        Fieldsync::class.java -> client
        Continuation::class.java -> ends
        String::class.java -> texts.next()
        Boolean::class.java -> true
        Byte::class.java -> 1.toByte()
        Int::class.java -> 1
        Long::class.java -> 1L
        List::class.java -> emptyList<String>()
        Map::class.java -> emptyMap<String, UByte>()
        ZoneId::class.java -> ZoneOffset.UTC
        WatchedQuery::class.java -> WatchedQuery.Customers
        Amount::class.java -> Amount(1, "CNY")
        CustomerChange::class.java -> CustomerChange()
        CaseChange::class.java -> CaseChange()
        DealChange::class.java -> DealChange()
        DailyReport::class.java -> DailyReport()
        HelpWanted::class.java -> HelpWanted(text = "Late")
        NewAttachment::class.java -> NewAttachment(AttachmentKind.PHOTO, "ab".repeat(32), 1uL, "image/jpeg")
        NewCase::class.java -> NewCase(Stage.NOWHERE, "complaint", "Late")
        NewContact::class.java -> NewContact("Late")
        NewCustomer::class.java -> NewCustomer("Late")
        NewDeal::class.java -> NewDeal(Stage.NOWHERE, "Trial", "lead")
        NewVisit::class.java -> NewVisit(Stage.NOWHERE, "phone")
        VisitChange::class.java -> VisitChange()
        Function1::class.java -> { _: Any? -> null }
        // Whatever else there is may be left out.
        else -> null
    }

    private companion object {
        val TEXTS: List<String?> = listOf(
            Stage.NOWHERE, Stage.month, "2026-10-05", "ab".repeat(32), "accepted", "published",
            "nps", "travel", Stage.invitation, null,
        )

        /** Who is here, where the phone is and what it keeps need no file; a job says it at its end. */
        val WITHOUT_A_FILE: Set<String> = setOf(
            "pause", "resume", "signedIn", "signOut", "setTimeZone", "checkClock", "rescueFiles",
            "today", "startSync",
        )
    }
}
