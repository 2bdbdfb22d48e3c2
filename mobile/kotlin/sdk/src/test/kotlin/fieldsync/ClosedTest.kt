package fieldsync

import fieldsync.core.Amount
import fieldsync.core.AttachmentKind
import fieldsync.core.CustomerChange
import fieldsync.core.DailyReport
import fieldsync.core.FieldException
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

/** Whatever a closed client is asked, it says that it is closed. */
internal class ClosedTest {
    @Test
    fun `a closed client`() = promise("error-closed") {
        val client = opened("uwe-closed")
        client.close()
        client.close()
        val calls = calls()
        assertTrue(calls.size > 80, "${calls.map { it.name }}")
        val others = calls.mapNotNull { call -> other(client, call) }
        assertEquals(emptyList(), others)
    }

    /** What [call] ends with, if it is not that the client is closed. */
    private suspend fun other(client: Fieldsync, call: Method): String? = try {
        "${call.name} gives ${ended(client, call)}"
    } catch (_: FieldException.Closed) {
        null
    } catch (error: Exception) {
        "${call.name}: $error"
    }

    private suspend fun ended(client: Fieldsync, call: Method): Any? {
        val found = suspendCoroutineUninterceptedOrReturn<Any?> { ends ->
            val given = call.parameterTypes.map { sample(it, client, ends) }
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

    /** Something of a type; calls never come to look at it. */
    private fun sample(type: Class<*>, client: Fieldsync, ends: Continuation<Any?>): Any? = when (type) {
        Fieldsync::class.java -> client
        Continuation::class.java -> ends
        String::class.java -> Stage.NOWHERE
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
        DailyReport::class.java -> DailyReport()
        NewAttachment::class.java -> NewAttachment(AttachmentKind.PHOTO, "", 1uL, "image/jpeg")
        NewCase::class.java -> NewCase("", "complaint", "")
        NewContact::class.java -> NewContact("")
        NewCustomer::class.java -> NewCustomer("")
        NewDeal::class.java -> NewDeal("", "", "")
        NewVisit::class.java -> NewVisit("", "phone")
        VisitChange::class.java -> VisitChange()
        Function1::class.java -> { _: Any? -> null }
        // Whatever else there is may be left out.
        else -> null
    }
}
