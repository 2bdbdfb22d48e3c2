package fieldsync.android

import android.content.Context
import androidx.work.BackoffPolicy
import androidx.work.Constraints
import androidx.work.CoroutineWorker
import androidx.work.ExistingPeriodicWorkPolicy
import androidx.work.ExistingWorkPolicy
import androidx.work.NetworkType
import androidx.work.OneTimeWorkRequestBuilder
import androidx.work.PeriodicWorkRequestBuilder
import androidx.work.WorkManager
import androidx.work.WorkerParameters
import fieldsync.core.FieldException
import fieldsync.syncNow
import java.util.concurrent.TimeUnit
import kotlin.time.Duration.Companion.minutes

/** Syncs while the app is not in front: every quarter of an hour, and soon after a save. */
public class SyncWorker(context: Context, parameters: WorkerParameters) :
    CoroutineWorker(context, parameters) {
    override suspend fun doWork(): Result = try {
        val report = PhoneClient.get(applicationContext).syncNow(BUDGET)
        report.retryAtMs?.let { at(applicationContext, it, isOneOfThose = AT in tags) }
        Result.success()
    } catch (_: FieldException.Keychain) {
        // The phone was not unlocked since it started.
        Result.retry()
    } catch (_: FieldException.Paused) {
        Result.retry()
    } catch (_: FieldException.Cancelled) {
        Result.retry()
    } catch (_: FieldException) {
        // A person has to act first; the screens say so.
        Result.failure()
    }

    /** Says when to sync. */
    public companion object {
        /** The system ends a worker after ten minutes. */
        private val BUDGET = 8.minutes
        private const val EVERY = "fieldsync"
        private const val SOON = "fieldsync-soon"
        private const val AT = "fieldsync-at"

        private val online = Constraints.Builder().setRequiredNetworkType(NetworkType.CONNECTED).build()

        /** From now on every quarter of an hour, where there is a network. */
        public fun schedule(context: Context) {
            val request = PeriodicWorkRequestBuilder<SyncWorker>(15, TimeUnit.MINUTES)
                .setConstraints(online)
                .setBackoffCriteria(BackoffPolicy.EXPONENTIAL, 30, TimeUnit.SECONDS)
                .build()
            WorkManager.getInstance(context)
                .enqueueUniquePeriodicWork(EVERY, ExistingPeriodicWorkPolicy.KEEP, request)
        }

        /** Once, as soon as there is a network: after a save. */
        public fun soon(context: Context) {
            val request = OneTimeWorkRequestBuilder<SyncWorker>().setConstraints(online).build()
            // A sync that runs may have read what waits before this save; another one follows it.
            WorkManager.getInstance(context)
                .enqueueUniqueWork(SOON, ExistingWorkPolicy.APPEND_OR_REPLACE, request)
        }

        /** Once, not before `time` in milliseconds since 1970: when the server asked to be tried again. */
        private fun at(context: Context, time: Long, isOneOfThose: Boolean) {
            val wait = (time - System.currentTimeMillis()).coerceAtLeast(0)
            // To replace itself would cancel what is running here; it is followed instead.
            val policy =
                if (isOneOfThose) ExistingWorkPolicy.APPEND_OR_REPLACE else ExistingWorkPolicy.REPLACE
            val request = OneTimeWorkRequestBuilder<SyncWorker>()
                .setConstraints(online)
                .setInitialDelay(wait, TimeUnit.MILLISECONDS)
                .addTag(AT)
                .build()
            WorkManager.getInstance(context).enqueueUniqueWork(AT, policy, request)
        }
    }
}
