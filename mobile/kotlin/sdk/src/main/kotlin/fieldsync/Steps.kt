package fieldsync

import fieldsync.core.LiveJob

/**
 * Who keeps this phone in step. The library has one such job however many ask for it, and
 * cancelling it ends it for all. So the holders are counted, and the last one cancels.
 */
internal class Steps {
    private var holders = 0
    private var newest: LiveJob? = null

    /** One holder more, of what [listen] gives. */
    fun join(listen: () -> LiveJob): LiveJob = synchronized(this) {
        listen().also { job ->
            holders += 1
            newest = job
        }
    }

    /**
     * One holder less. A job that a pause ended has a successor that others hold, so the last
     * one ends the newest as well as its own.
     */
    fun leave(job: LiveJob): Unit = synchronized(this) {
        holders -= 1
        if (holders == 0) {
            setOfNotNull(job, newest).forEach {
                it.cancel()
                it.destroy()
            }
            newest = null
        } else if (job !== newest) {
            job.destroy()
        }
    }
}
