package fieldsync.app

import androidx.compose.foundation.clickable
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.lazy.LazyColumn
import androidx.compose.foundation.lazy.LazyListScope
import androidx.compose.foundation.lazy.items
import androidx.compose.material3.Button
import androidx.compose.material3.FilterChip
import androidx.compose.material3.ListItem
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedTextField
import androidx.compose.material3.PrimaryScrollableTabRow
import androidx.compose.material3.Tab
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.res.stringResource
import androidx.compose.ui.text.input.PasswordVisualTransformation
import androidx.compose.ui.unit.dp
import androidx.lifecycle.compose.collectAsStateWithLifecycle
import fieldsync.sample.AppModel
import fieldsync.sample.Chip
import fieldsync.sample.DoorModel
import fieldsync.sample.Line
import fieldsync.sample.Screen
import fieldsync.sample.Section

/** What each screen is called and drawn by. */
private val SCREENS: Map<Screen, Pair<Int, @Composable (AppModel) -> Unit>> = mapOf(
    Screen.ENROL to (R.string.enrol to { model -> EnrolScreen(model) }),
    Screen.HOME to (R.string.home to { model -> HomeScreen(model) }),
    Screen.LOG to (R.string.log_visit to { model -> LogScreen(model) }),
    Screen.CUSTOMERS to (R.string.customers to { model -> CustomersScreen(model) }),
    Screen.CUSTOMER to (R.string.customers to { model -> CustomerScreen(model) }),
    Screen.DAY to (R.string.day to { model -> DayScreen(model) }),
    Screen.SCORE to (R.string.score to { model -> ScoreScreen(model) }),
    Screen.TARGETS to (R.string.targets to { model -> TargetsScreen(model) }),
    Screen.APPRAISAL to (R.string.appraisal to { model -> AppraisalScreen(model) }),
    Screen.SYNC to (R.string.sync to { model -> SyncScreen(model) }),
)

/** The way in: why the replica cannot be opened, or the app behind it. */
@Composable
fun Door(door: DoorModel) {
    val problems by door.problems.collectAsStateWithLifecycle()
    val rooms by door.rooms.collectAsStateWithLifecycle()
    problems.forEach { said ->
        Column(Modifier.padding(8.dp), verticalArrangement = Arrangement.spacedBy(8.dp)) {
            Text(said)
            Button(onClick = { door.enter() }) { Text(stringResource(R.string.try_again)) }
        }
    }
    rooms.forEach { App(it) }
}

/** The app: the sync pill, the tabs, and the screen that the model says. */
@Composable
fun App(model: AppModel) {
    val screen by model.screen.collectAsStateWithLifecycle()
    val tabs by model.tabs.collectAsStateWithLifecycle()
    val pill by model.sync.pill.collectAsStateWithLifecycle()
    MaterialTheme {
        Column(Modifier.padding(8.dp)) {
            LineRow(pill) { model.show(Screen.SYNC) }
            PrimaryScrollableTabRow(selectedTabIndex = tabs.selected) {
                tabs.items.forEach { tab ->
                    Tab(
                        selected = tab.chosen,
                        onClick = { model.show(tab.screen) },
                        text = { Text(stringResource(SCREENS.getValue(tab.screen).first)) },
                    )
                }
            }
            SCREENS.getValue(screen).second(model)
        }
    }
}

@Composable
private fun EnrolScreen(model: AppModel) {
    var typed by remember { mutableStateOf("") }
    var login by remember { mutableStateOf("") }
    var password by remember { mutableStateOf("") }
    val said by model.said.collectAsStateWithLifecycle()
    Column(verticalArrangement = Arrangement.spacedBy(8.dp)) {
        OutlinedTextField(typed, { typed = it }, label = { Text(stringResource(R.string.invitation)) })
        Button(onClick = { model.enrol(typed) }) { Text(stringResource(R.string.enrol)) }
        OutlinedTextField(login, { login = it }, label = { Text(stringResource(R.string.login)) })
        OutlinedTextField(
            password,
            { password = it },
            label = { Text(stringResource(R.string.password)) },
            visualTransformation = PasswordVisualTransformation(),
        )
        Button(onClick = { model.signIn(login, password) }) { Text(stringResource(R.string.sign_in)) }
        Text(said)
    }
}

@Composable
private fun HomeScreen(model: AppModel) {
    val sections by model.home.sections.collectAsStateWithLifecycle()
    Column {
        Button(onClick = { model.beginLog() }, modifier = Modifier.fillMaxWidth()) {
            Text(stringResource(R.string.log_visit))
        }
        LazyColumn { sections(sections) { model.open(it) } }
    }
}

@Composable
private fun LogScreen(model: AppModel) {
    val log by model.quickLog.state.collectAsStateWithLifecycle()
    Column(verticalArrangement = Arrangement.spacedBy(8.dp)) {
        LineRow(log.customer) { model.show(Screen.CUSTOMERS) }
        Button(onClick = { model.arrive() }) { Text(stringResource(R.string.check_in)) }
        Chips(log.modes) { model.quickLog.mode(it) }
        Chips(log.minutes) { model.quickLog.minutes(it) }
        Chips(log.outcomes) { model.quickLog.outcome(it) }
        Chips(log.contacts) { model.quickLog.met(it) }
        Chips(log.nextSteps) { model.quickLog.next(it) }
        Button(onClick = { model.saveLog() }, modifier = Modifier.fillMaxWidth()) {
            Text(stringResource(R.string.save))
        }
        LineRow(log.said) {}
    }
}

@Composable
private fun CustomersScreen(model: AppModel) {
    var typed by remember { mutableStateOf("") }
    val lines by model.customers.lines.collectAsStateWithLifecycle()
    Column {
        OutlinedTextField(
            typed,
            {
                typed = it
                model.customers.search(it)
            },
            label = { Text(stringResource(R.string.search)) },
        )
        LazyColumn {
            items(lines, key = { it.id }) { line -> LineRow(line) { model.open(line) } }
            item { LaunchedEffect(lines.size) { model.customers.more() } }
        }
    }
}

@Composable
private fun CustomerScreen(model: AppModel) {
    val page by model.customer.collectAsStateWithLifecycle()
    val title by page.title.collectAsStateWithLifecycle()
    val sections by page.sections.collectAsStateWithLifecycle()
    Column {
        LineRow(title) { model.beginLog(title.id) }
        LazyColumn { sections(sections) {} }
    }
}

@Composable
private fun DayScreen(model: AppModel) {
    val lines by model.day.lines.collectAsStateWithLifecycle()
    LazyColumn { items(lines, key = { it.id }) { line -> LineRow(line) { model.done(line) } } }
}

@Composable
private fun ScoreScreen(model: AppModel) {
    var reason by remember { mutableStateOf("") }
    val total by model.score.total.collectAsStateWithLifecycle()
    val sections by model.score.sections.collectAsStateWithLifecycle()
    val choices by model.score.choices.collectAsStateWithLifecycle()
    val objections by model.score.objections.collectAsStateWithLifecycle()
    val said by model.said.collectAsStateWithLifecycle()
    LazyColumn {
        items(total) { line -> LineRow(line) {} }
        sections(sections) {}
        item { Chips(choices) { model.score.choose(it) } }
        item { OutlinedTextField(reason, { reason = it }, label = { Text(stringResource(R.string.reason)) }) }
        item { Button(onClick = { model.contest(reason) }) { Text(stringResource(R.string.contest)) } }
        items(objections) { line -> LineRow(line) {} }
        item { Text(said) }
    }
}

@Composable
private fun TargetsScreen(model: AppModel) {
    var wanted by remember { mutableStateOf("") }
    var reason by remember { mutableStateOf("") }
    val sections by model.targets.sections.collectAsStateWithLifecycle()
    val chosen by model.targets.chosen.collectAsStateWithLifecycle()
    val said by model.said.collectAsStateWithLifecycle()
    LazyColumn {
        sections(sections) { model.targets.choose(it) }
        items(chosen) { line ->
            LineRow(line) {}
            OutlinedTextField(wanted, { wanted = it }, label = { Text(stringResource(R.string.wanted)) })
            OutlinedTextField(reason, { reason = it }, label = { Text(stringResource(R.string.reason)) })
            Button(onClick = { model.askTarget(wanted, reason) }) { Text(stringResource(R.string.ask_target)) }
        }
        item { Text(said) }
    }
}

@Composable
private fun AppraisalScreen(model: AppModel) {
    var comment by remember { mutableStateOf("") }
    val months by model.appraisal.months.collectAsStateWithLifecycle()
    val lines by model.appraisal.lines.collectAsStateWithLifecycle()
    val families by model.appraisal.families.collectAsStateWithLifecycle()
    val actions by model.appraisal.actions.collectAsStateWithLifecycle()
    val said by model.said.collectAsStateWithLifecycle()
    LazyColumn {
        item { Chips(months) { model.appraisal.month(it) } }
        items(lines) { line -> LineRow(line) {} }
        items(families) { family ->
            Text(family.title)
            Chips(family.ratings) { model.appraisal.rate(family.id, it) }
        }
        item { OutlinedTextField(comment, { comment = it }, label = { Text(stringResource(R.string.comment)) }) }
        items(actions) { action ->
            Button(onClick = { model.appraise(action.id, comment) }) { Text(action.title) }
        }
        item { Text(said) }
    }
}

@Composable
private fun SyncScreen(model: AppModel) {
    val lines by model.sync.lines.collectAsStateWithLifecycle()
    Column {
        Button(onClick = { model.syncNow() }) { Text(stringResource(R.string.sync)) }
        lines.forEach { LineRow(it) {} }
    }
}

private fun LazyListScope.sections(sections: List<Section>, open: (Line) -> Unit) {
    sections.forEach { section ->
        item { Text(section.title, style = MaterialTheme.typography.titleMedium) }
        items(section.lines) { line -> LineRow(line) { open(line) } }
    }
}

@Composable
private fun LineRow(line: Line, tap: () -> Unit) {
    ListItem(
        headlineContent = { Text(line.shown) },
        supportingContent = { Text(line.detail) },
        modifier = Modifier.clickable(onClick = tap),
    )
}

@Composable
private fun Chips(chips: List<Chip>, tap: (String) -> Unit) {
    FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp)) {
        chips.forEach { chip ->
            FilterChip(selected = chip.chosen, onClick = { tap(chip.id) }, label = { Text(chip.title) })
        }
    }
}
