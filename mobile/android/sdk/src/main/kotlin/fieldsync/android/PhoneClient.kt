package fieldsync.android

import android.content.Context
import android.os.Build
import fieldsync.Fieldsync
import fieldsync.core.LogLevel
import fieldsync.core.OpenConfig
import fieldsync.core.logTo
import java.io.File
import java.util.TimeZone
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock

/**
 * The one client of the process: a worker and the screens share it, whichever came first.
 * Its files lie where no backup takes them, because their key stays on the phone.
 */
public object PhoneClient {
    private val one = Mutex()
    private var client: Fieldsync? = null

    /** Opens it, or gives the one that is open. */
    public suspend fun get(context: Context): Fieldsync = one.withLock {
        client ?: open(context.applicationContext).also { client = it }
    }

    private suspend fun open(context: Context): Fieldsync {
        logTo(LogcatSink, LogLevel.WARN)
        val zone = TimeZone.getDefault()
        val version = context.packageManager.getPackageInfo(context.packageName, 0).versionName
        val config = OpenConfig(
            dir = File(context.noBackupFilesDir, "fieldsync").path,
            serverUrl = "",
            deviceName = Build.MODEL,
            platform = "android",
            appVersion = version ?: "0",
            timeZone = zone.id,
            utcOffsetS = zone.getOffset(System.currentTimeMillis()) / 1000,
        )
        return Fieldsync.open(config, KeystoreSecrets(context), AndroidClock(context))
    }
}
