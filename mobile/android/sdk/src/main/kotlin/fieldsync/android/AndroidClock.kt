package fieldsync.android

import android.content.Context
import android.os.SystemClock
import android.provider.Settings
import fieldsync.core.ClockReading
import fieldsync.core.DeviceClock

/** The phone's clocks: the wall clock that people set, and the one since boot that they cannot. */
public class AndroidClock(private val context: Context) : DeviceClock {
    override fun read(): ClockReading {
        val boot = Settings.Global.getInt(context.contentResolver, Settings.Global.BOOT_COUNT, -1)
        return ClockReading(
            wallMs = System.currentTimeMillis(),
            monotonicMs = SystemClock.elapsedRealtime(),
            bootId = boot.takeIf { it >= 0 }?.toString(),
        )
    }
}
