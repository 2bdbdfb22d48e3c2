package fieldsync.app

import android.os.Bundle
import androidx.activity.ComponentActivity
import androidx.activity.compose.setContent
import androidx.lifecycle.Lifecycle
import androidx.lifecycle.lifecycleScope
import androidx.lifecycle.repeatOnLifecycle
import fieldsync.android.PhoneClient
import fieldsync.android.SyncWorker
import fieldsync.sample.DoorModel
import fieldsync.sample.Language
import kotlinx.coroutines.launch

/** The one window. What it shows and does is [DoorModel]'s and, behind it, the app's. */
class MainActivity : ComponentActivity() {
    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        SyncWorker.schedule(this)
        val language = Language.of(resources.configuration.locales[0])
        val saved = { SyncWorker.soon(this) }
        val door = DoorModel(lifecycleScope, language, saved) { PhoneClient.get(this) }
        door.enter()
        lifecycleScope.launch { repeatOnLifecycle(Lifecycle.State.STARTED) { door.follow() } }
        setContent { Door(door) }
    }
}
