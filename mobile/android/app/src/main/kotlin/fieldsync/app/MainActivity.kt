package fieldsync.app

import android.os.Bundle
import androidx.activity.ComponentActivity
import androidx.activity.compose.setContent
import androidx.lifecycle.lifecycleScope
import fieldsync.android.PhoneClient
import fieldsync.android.SyncWorker
import fieldsync.sample.AppModel
import fieldsync.sample.Desk
import fieldsync.sample.Language
import kotlinx.coroutines.launch

/** The one window. What it shows and does is [AppModel]'s. */
class MainActivity : ComponentActivity() {
    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        SyncWorker.schedule(this)
        lifecycleScope.launch {
            val client = PhoneClient.get(this@MainActivity)
            val language = Language.of(resources.configuration.locales[0])
            val model = AppModel(Desk(client, lifecycleScope, language)) {
                SyncWorker.soon(this@MainActivity)
            }
            model.follow()
            setContent { App(model) }
        }
    }
}
