package fieldsync.sample

import fieldsync.Fieldsync
import fieldsync.core.FieldException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.launch
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock

/**
 * The way in: opens the replica, or says why it cannot be opened. A locked phone, a full disk
 * or a key that is gone is no reason to crash; a person acts and tries again.
 */
public class DoorModel(
    private val scope: CoroutineScope,
    private val language: Language,
    private val saved: () -> Unit = {},
    private val open: suspend () -> Fieldsync,
) {
    private val opening = Mutex()
    private val inside = MutableStateFlow<List<AppModel>>(emptyList())
    private val said = MutableStateFlow<List<String>>(emptyList())

    /** The app, once the replica is open. */
    public val rooms: StateFlow<List<AppModel>> = inside.asStateFlow()

    /** Why it could not be opened; each is shown with a button that tries again. */
    public val problems: StateFlow<List<String>> = said.asStateFlow()

    /** Opens the replica, once. */
    public fun enter(): Job = scope.launch {
        opening.withLock {
            if (inside.value.isEmpty()) {
                try {
                    inside.value = listOf(AppModel(Desk(open(), scope, language), saved))
                    said.value = emptyList()
                } catch (error: FieldException) {
                    said.value = listOf(language.fault(error))
                }
            }
        }
    }

    /** Keeps the phone in step while the app is in front: until the caller is cancelled. */
    public suspend fun follow(): Unit = inside.collectLatest { rooms -> rooms.forEach { it.follow() } }
}
