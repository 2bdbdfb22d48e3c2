package fieldsync.android

import android.util.Log
import fieldsync.core.LogLevel
import fieldsync.core.LogSink

/** The library's log in logcat: `logTo(LogcatSink, LogLevel.INFO)`. */
public object LogcatSink : LogSink {
    override fun log(level: LogLevel, target: String, message: String) {
        val priority = when (level) {
            LogLevel.ERROR -> Log.ERROR
            LogLevel.WARN -> Log.WARN
            LogLevel.INFO -> Log.INFO
            LogLevel.DEBUG -> Log.DEBUG
        }
        Log.println(priority, "fieldsync", "$target: $message")
    }
}
