package fieldsync.sample

import fieldsync.Fieldsync
import fieldsync.checkIn
import fieldsync.core.NewCustomer
import fieldsync.core.NewVisit
import fieldsync.core.OpenConfig
import fieldsync.core.VisitChange
import fieldsync.createCustomer
import fieldsync.logVisit
import fieldsync.sync

/** What mobile/README.md shows: from nothing to a logged visit. */
internal suspend fun firstVisit(folder: String, invitation: String): String {
    val config = OpenConfig(
        dir = folder, serverUrl = "", deviceName = "Anna's phone", platform = "android",
        appVersion = "1.0.0", timeZone = "Asia/Shanghai", utcOffsetS = 8 * 3600,
    )
    return Fieldsync.open(config).use { fieldsync ->
        fieldsync.enrol(invitation)
        val customer = fieldsync.createCustomer(NewCustomer("华东机械有限公司")).id
        fieldsync.checkIn(customer) // on arrival: the log is the check-out
        val said = VisitChange(outcome = "progress", nextStep = "send the quote")
        val visit = NewVisit(customer, mode = "onsite", said = said)
        fieldsync.logVisit(visit).also { fieldsync.sync() }
    }
}
