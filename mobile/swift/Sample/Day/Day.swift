import Fieldsync
import FieldsyncSample
import Foundation

/// A rep's whole day, from signing in to the report, on the view models that the app shows.
/// It ends with an error where a screen does not come to show what it should.
@MainActor
struct Day {
  let desk: Desk
  let screen = Screen()

  /// What did not come about within the time given.
  struct Missing: Error, CustomStringConvertible {
    let description: String
  }

  func play() async throws {
    let home = HomeModel(desk)
    let showing = Task { await home.run() }
    defer { showing.cancel() }

    try await morning(home)
    let customer = try await firstVisit(home)
    try await lookUp(customer)
    try await evening(home)
    screen.say(desk.words.say("day.bye"))
  }

  /// The first sync, a plan, two stops.
  private func morning(_ home: HomeModel) async throws {
    let sync = SyncModel(desk)
    await sync.syncNow()
    try check(sync.notice.isEmpty, sync.notice)
    var stops: [String] = []
    for (name, phone) in [("华东机械有限公司", "021-55551234"), ("Acme Robotics", "021-55554321")] {
      let made = try await desk.client.createCustomer(NewCustomer(name: name, phone: phone))
      try await desk.client.addContact(
        customer: made.id, contact: NewContact(name: "Lin Yan", buyingRole: "decision"))
      stops.append(made.id)
    }
    let plan = DayPlanModel(desk)
    for task in ["Close the quote", "Visit \(stops.count) customers", "Call the new lead"] {
      await plan.add(task: task)
    }
    for stop in stops { await plan.add(stop: stop, objective: "Trial order") }
    try check(plan.notice.isEmpty, plan.notice)
    await plan.add(task: "A fourth one")
    screen.say(plan.notice)
    try check(!plan.notice.isEmpty, "a fourth key task was taken")
    try await until("the plan stands on the home screen") {
      home.stops.count >= 2 && home.tasks.count == 3
    }
    screen.home(home)
  }

  /// The customer is chosen beforehand; four taps and the visit is saved.
  private func firstVisit(_ home: HomeModel) async throws -> Line {
    let log = QuickLogModel(desk)
    await log.preselect()
    try check(!log.customer.id.isEmpty, "nobody was preselected")
    let customer = log.customer
    try tap(log.modes, "phone") { log.choose(mode: $0) }
    try tap(log.outcomes, "progress") { log.choose(outcome: $0) }
    try tap(log.minutes, "15") { log.choose(minutes: $0) }
    for person in log.contacts { log.toggle(contact: person) }
    try tap(log.nextSteps, "tomorrow") { log.choose(next: $0) }
    screen.title(log.title)
    screen.rows("", [customer])
    screen.chips(log.headings.mode, log.modes)
    screen.chips(log.headings.outcome, log.outcomes)
    screen.chips(log.headings.minutes, log.minutes)
    screen.chips(log.headings.contacts, log.contacts)
    screen.chips(log.headings.next, log.nextSteps)
    await log.save()
    screen.say(log.notice)
    try check(log.saved != nil, log.notice)
    try await until("the stop shows as visited") { home.stops.contains { $0.badge.tone == .good } }
    return customer
  }

  /// The list finds the customer by pinyin, and the page shows what happened.
  private func lookUp(_ customer: Line) async throws {
    let list = CustomerListModel(desk)
    list.search = "hdjx"
    let listing = Task { await list.run() }
    defer { listing.cancel() }
    try await until("pinyin finds the customer") { list.rows.contains { $0.title == "华东机械有限公司" } }
    screen.title(list.title)
    screen.rows(list.search, list.rows)

    let page = CustomerModel(desk, customer: customer.id)
    let opening = Task { await page.run() }
    defer { opening.cancel() }
    try await until("the page shows the visit") { !page.timeline.isEmpty && !page.contacts.isEmpty }
    screen.title(page.title)
    screen.rows(page.headings.profile, page.profile)
    screen.rows(page.headings.contacts, page.contacts)
    screen.rows(page.headings.timeline, page.timeline)
  }

  /// The report, the last sync, and the score that phone and server agree on.
  private func evening(_ home: HomeModel) async throws {
    let plan = DayPlanModel(desk)
    let planning = Task { await plan.run() }
    defer { planning.cancel() }
    try await until("the plan is open") { plan.tasks.count == 3 }
    await plan.toggle(plan.tasks[0])
    if let open = plan.stops.first(where: { $0.badge.tone == .calm }) {
      await plan.skip(open, reason: "Closed today")
    }
    plan.progress = "The trial goes on"
    await plan.submit()
    try await until("the report is handed in") { plan.report.tone == .good }
    screen.title(plan.title, plan.report)
    screen.rows(plan.headings.tasks, plan.tasks)
    screen.rows(plan.headings.stops, plan.stops)

    // As iOS does between two looks at the phone.
    try await desk.client.pause()
    try await desk.client.resume()

    let sync = SyncModel(desk)
    let syncing = Task { await sync.run() }
    defer { syncing.cancel() }
    let score = ScoreModel(desk)
    let scoring = Task { await score.run() }
    defer { scoring.cancel() }
    try await until("phone and server agree on the score") {
      await sync.syncNow()
      return sync.pill.tone == .good && score.standing.tone == .good
    }
    screen.title(sync.title, sync.pill)
    screen.say(sync.detail)
    screen.title(score.title, score.standing)
    screen.rows(score.total, score.lines)
    if let visits = score.lines.first(where: { $0.id == "effective_visits" }) {
      await score.explain(visits)
      screen.rows(visits.title, score.facts)
      try check(!score.facts.isEmpty, "no visit stands behind the score")
      try await asks(score)
      await sync.syncNow()
    }
    screen.home(home)
  }

  /// An objection, another target, and the own view of the month: each seen at once.
  private func asks(_ score: ScoreModel) async throws {
    score.reason = "One visit of today is missing"
    await score.contest()
    try await until("the objection is listed") { !score.objections.isEmpty }
    screen.say(score.notice)
    screen.rows(score.headings.objections, score.objections)

    let targets = TargetsModel(desk)
    let watching = Task { await targets.run() }
    defer { watching.cancel() }
    try await until("my target is there") { !targets.mine.isEmpty }
    screen.title(targets.title)
    screen.rows(targets.headings.mine, targets.mine)
    targets.choose(targets.mine[0])
    (targets.wanted, targets.reason) = ("30", "The fair takes a week")
    await targets.ask()
    try check(targets.notice.isEmpty, targets.notice)
    try await until("what was asked is listed") { !targets.asked.isEmpty }
    screen.rows(targets.headings.asked, targets.asked)

    let appraisal = AppraisalModel(desk, period: desk.month)
    let talking = Task { await appraisal.run() }
    defer { talking.cancel() }
    try await until("my view is wanted") { !appraisal.families.isEmpty }
    appraisal.rate(appraisal.families[0], appraisal.families[0].ratings[3])
    try check(appraisal.families[0].ratings[3].chosen, "a rating is not chosen")
    appraisal.comment = "A good month"
    await appraisal.act(appraisal.actions[0])
    try check(appraisal.notice.isEmpty, appraisal.notice)
    try await until("it is handed in") { !(appraisal.lines.first?.detail ?? "").isEmpty }
    screen.rows(appraisal.title, appraisal.lines)
  }

  private func tap(_ chips: [Chip], _ id: String, _ choose: (Chip) -> Void) throws {
    guard let chip = chips.first(where: { $0.id == id }) else { throw Missing(description: id) }
    choose(chip)
  }

  private func check(_ holds: Bool, _ what: String) throws {
    if !holds { throw Missing(description: what) }
  }

  /// Waits for a screen to show something, a minute at most.
  private func until(_ what: String, _ holds: () async -> Bool) async throws {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(60)
    while !(await holds()) {
      guard clock.now < end else { throw Missing(description: what) }
      try await Task.sleep(for: .milliseconds(20))
    }
  }
}
