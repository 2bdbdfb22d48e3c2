import Foundation
import XCTest

@testable import Fieldsync

/// What every language keeps to; mobile/contract.toml names it. A test says `held ID` at its end.
final class ContractTests: XCTestCase {
  func test_open() async throws {
    let bench = try Bench.open()
    let phone = Phone.fresh()
    let client = try await phone.open(bench.url)
    let nobody = try await client.signedIn()
    XCTAssertNil(nobody)
    let account = try await client.enrol(invitation: bench.invitation)
    XCTAssertEqual(account.role, "rep")
    try await client.close()
    let again = try await phone.open()
    let known = try await again.signedIn()
    XCTAssertEqual(known?.user, account.user, "the last user's data open without signal")
    try await again.close()
    held("open")
  }

  func test_write_offline() async throws {
    let client = try await Bench.open().phone("boris").open()
    let made = try await client.createCustomer(NewCustomer(name: "华东机械有限公司"))
    let logged = try await client.logVisit(visit(made.id))
    let rows = try await client.visits(customer: made.id).rows
    XCTAssertEqual(rows.map(\.id), [logged])
    XCTAssertEqual(rows.first?.state, .saved)
    let twin = try await client.createCustomer(NewCustomer(name: "华东机械"))
    XCTAssertEqual(twin.likelyDuplicates.map(\.id), [made.id], "a warning, never a refusal")
    let offline = await failure { try await client.sync() }
    guard case .Offline(_, let retry) = offline else { return XCTFail("\(String(describing: offline))") }
    XCTAssertNotNil(retry)
    let pending = try await client.pending()
    XCTAssertGreaterThanOrEqual(pending.saved + pending.sent, 3, "a sync that failed loses nothing")
    try await client.close()
    held("write-offline")
  }

  func test_observe() async throws {
    let client = try await Bench.open().phone("chen").open()
    let heard = Heard()
    let observation = try client.core.observe(query: .customers, observer: heard)
    var seen: [Int] = []
    for try await page in client.watchCustomers() {
      seen.append(page.rows.count)
      if seen.count == 3 { break }
      try await client.createCustomer(NewCustomer(name: "Observed"))
    }
    XCTAssertEqual(seen, [seen[0], seen[0] + 1, seen[0] + 2])
    try await until("the observer heard of both") { heard.generations.count >= 2 }
    XCTAssertEqual(heard.generations, heard.generations.sorted(), "generations rise")
    try observation.cancel()
    let before = heard.generations.count
    try await client.createCustomer(NewCustomer(name: "Unheard"))
    // Whoever still watches has heard of it by the time that this one has.
    for try await page in client.watchCustomers() where page.rows.count == seen[0] + 3 { break }
    var notices = 0
    for try await _ in client.watchSyncState() {
      notices += 1
      if notices == 2 { break }
      try await client.createCustomer(NewCustomer(name: "Unheard too"))
    }
    XCTAssertEqual(heard.generations.count, before, "nothing after it was cancelled")
    try await client.close()
    held("observe")
  }

  func test_page() async throws {
    let client = try await Bench.open().phone("dora").open()
    for n in 0..<25 {
      try await client.createCustomer(NewCustomer(name: String(format: "Page %02d", n)))
    }
    var names: [String] = []
    var after: String?
    repeat {
      let page = try await client.customers(limit: 10, after: after)
      XCTAssertLessThanOrEqual(page.rows.count, 10)
      names += page.rows.map(\.name)
      after = page.next
    } while after != nil
    XCTAssertEqual(names.filter { $0.hasPrefix("Page") }.count, 25)
    XCTAssertEqual(Set(names).count, names.count, "no row comes twice")
    XCTAssertEqual(names, names.sorted())
    try await client.close()
    held("page")
  }

  func test_search() async throws {
    let client = try await Bench.open().phone("emil").open()
    let made = try await client.createCustomer(
      NewCustomer(name: "华东机械有限公司", phone: "021-55551234"))
    for text in ["华东", "hdjx", "huadong", "1234"] {
      let rows = try await client.customers(search: text).rows
      XCTAssertEqual(rows.map(\.id), [made.id], text)
    }
    let none = try await client.customers(search: "nobody").rows
    XCTAssertEqual(none, [])
    try await client.close()
    held("search")
  }

  func test_sync() async throws {
    let bench = try Bench.open()
    let client = try await bench.phone("fang").open(bench.url)
    let made = try await client.createCustomer(NewCustomer(name: "Synced"))
    let logged = try await client.logVisit(visit(made.id))
    let saved = try await client.ladder(logged)
    XCTAssertEqual(saved.state, .saved)
    let report = try await client.sync()
    XCTAssertGreaterThanOrEqual(report.pushed, 2)
    XCTAssertEqual(report.remaining, 0)
    let stored = try await client.ladder(logged)
    XCTAssertEqual(stored.state, .stored)
    try await client.close()
    held("sync")
  }

  func test_background_sync() async throws {
    let bench = try Bench.open()
    let phone = try await bench.phone("mara")
    let away = try await phone.open()
    try await away.createCustomer(NewCustomer(name: "Waits"))
    let offline = try await away.syncNow(budget: .seconds(5))
    XCTAssertEqual(offline.pushed, 0)
    XCTAssertGreaterThan(offline.remaining, 0)
    XCTAssertNotNil(offline.retryAtMs)
    try await away.close()
    let near = try await phone.open(bench.url)
    let done = try await near.syncNow(budget: .seconds(20))
    XCTAssertGreaterThan(done.pushed, 0)
    XCTAssertEqual(done.remaining, 0)
    XCTAssertNil(done.retryAtMs, "nothing is left to do")
    try await near.close()
    held("background-sync")
  }

  func test_converge() async throws {
    let bench = try Bench.open()
    let first = try await bench.phone("gita").open(bench.url)
    let made = try await first.createCustomer(NewCustomer(name: "Shared", address: "Old Road"))
    try await first.sync()
    let second = try await bench.phone("gita").open(bench.url)
    try await first.editCustomer(made.id, change: CustomerChange(name: "Shared AG"))
    try await second.editCustomer(made.id, change: CustomerChange(address: "New Road"))
    for client in [first, second, first] { try await client.sync() }
    let (one, other) = (try await first.customer(made.id), try await second.customer(made.id))
    XCTAssertEqual(one?.row.name, "Shared AG")
    XCTAssertEqual(one?.row.address, "New Road")
    XCTAssertEqual(one, other)
    for client in [first, second] { try await client.close() }
    held("converge")
  }

  func test_conflict() async throws {
    let bench = try Bench.open()
    let first = try await bench.phone("hugo").open(bench.url)
    let made = try await first.createCustomer(NewCustomer(name: "Torn"))
    try await first.sync()
    let second = try await bench.phone("hugo").open(bench.url)
    try await first.editCustomer(made.id, change: CustomerChange(name: "Torn One"))
    try await second.editCustomer(made.id, change: CustomerChange(name: "Torn Two"))
    for client in [first, second, first] { try await client.sync() }
    let conflict = try await first.conflicts(doc: made.id).rows.first
    let chosen = try XCTUnwrap(conflict)
    XCTAssertEqual(Set(chosen.values.map(\.value)), ["Torn One", "Torn Two"], "nothing is lost")
    let other = try XCTUnwrap(chosen.values.last)
    try await first.resolveConflict(doc: made.id, field: chosen.field, change: other.change)
    for client in [first, second] { try await client.sync() }
    for client in [first, second] {
      let left = try await client.conflicts(doc: made.id).rows
      XCTAssertEqual(left, [])
      let name = try await client.customer(made.id)?.row.name
      XCTAssertEqual(name, other.value)
      try await client.close()
    }
    held("conflict")
  }

  func test_cancel() async throws {
    let bench = try Bench.open()
    let client = try await bench.phone("ines").open(bench.url)
    let made = try await client.createCustomer(NewCustomer(name: "Cancelled"))
    var saved: UInt64 = 0
    // Ended before it began, at once, a little later, and after the end.
    for pause in [nil, 0, 1, 3, 10, 200] as [Int?] {
      try await client.logVisit(visit(made.id))
      saved += 1
      let syncing = Task { try await client.sync() }
      if let pause {
        try await Task.sleep(for: .milliseconds(pause))
      }
      syncing.cancel()
      switch await syncing.result {
      case .success, .failure(FieldError.Cancelled): break
      case .failure(let error): XCTFail("\(error)")
      }
    }
    let job = try client.startSync()
    try job.cancel()
    try job.cancel()
    _ = try? await job.wait()
    XCTAssertTrue(try job.isFinished())
    try await client.sync()
    let pending = try await client.pending()
    XCTAssertEqual(pending.saved + pending.sent, 0)
    let rows = try await client.visits(customer: made.id).rows
    XCTAssertEqual(UInt64(rows.count), saved)
    XCTAssertTrue(rows.allSatisfy { $0.state == .stored })
    try await client.close()
    held("cancel")
  }

  func test_pause_resume() async throws {
    let bench = try Bench.open()
    let client = try await bench.phone("jan").open(bench.url)
    let made = try await client.createCustomer(NewCustomer(name: "Paused"))
    let listening = Task { try await client.stayInStep() }
    let states = Task {
      var names: [String] = []
      for try await customer in client.watchCustomer(made.id) {
        names.append(customer?.row.name ?? "")
        if names.count == 2 { break }
      }
      return names
    }
    try await until("the loop watches") { client.watching == 1 }
    try await client.pause()
    try await client.pause()
    let paused = await failure { try await client.customers() }
    guard case .Paused = paused else { return XCTFail("\(String(describing: paused))") }
    _ = await listening.result
    try await client.resume()
    try await client.resume()
    try await client.editCustomer(made.id, change: CustomerChange(name: "Resumed"))
    let seen = try await states.value
    XCTAssertEqual(seen.count, 2, "a loop outlives a pause")
    try await client.sync()
    try await client.close()
    held("pause-resume")
  }

  func test_score() async throws {
    let bench = try Bench.open()
    let client = try await bench.phone("kira").open(bench.url)
    let made = try await client.createCustomer(NewCustomer(name: "Scored"))
    try await client.logVisit(visit(made.id, minutesAgo: 5))
    try await client.logVisit(visit(made.id, minutesAgo: 40))
    let offline = try await client.scorecard(period: month)
    XCTAssertGreaterThan(offline.waitingChanges, 0, "provisional until it is at the server")
    try await until("the server's card is the phone's") {
      try await client.sync()
      return try await client.scorecard(period: month).equalsOfficial == true
    }
    let card = try await client.scorecard(period: month)
    XCTAssertEqual(card.lines.first { $0.indicator == "effective_visits" }?.value, 2)
    XCTAssertEqual(card.lines.map(\.centipoints).reduce(0, +), card.totalCentipoints)
    let explained = try await client.explainedScorecard(period: month)
    let visits = explained.lines.first { $0.indicator == "effective_visits" }
    XCTAssertEqual(visits?.facts.count, 2, "each point opens down to its visit")
    try await client.close()
    held("score")
  }

  func test_plan() async throws {
    let client = try await Bench.open().phone("anna").open()
    let today = try await client.today()
    let made = try await client.createCustomer(NewCustomer(name: "Planned"))
    for n in 1...3 { try await client.addKeyTask(date: today, text: "Task \(n)") }
    let fourth = await failure { try await client.addKeyTask(date: today, text: "Task 4") }
    guard case .BadInput = fourth else { return XCTFail("\(String(describing: fourth))") }
    try await client.addStop(date: today, customer: made.id, objective: "Trial")
    let logged = try await client.logVisit(visit(made.id))
    let help = HelpWanted(kind: "price", text: "8 % off")
    let asked = try await client.askHelp(date: today, help: help)
    let mute = await failure { try await client.askHelp(date: today, help: HelpWanted(text: " ")) }
    guard case .BadInput = mute else { return XCTFail("\(String(describing: mute))") }
    try await client.writeDailyReport(
      date: today, report: DailyReport(progress: "It goes on"), submit: true)
    let plan = try await client.dayPlan(date: today)
    XCTAssertEqual(plan?.keyTasks.map(\.text), ["Task 1", "Task 2", "Task 3"])
    XCTAssertEqual(plan?.stops.map(\.visit), [logged], "a visit at a stop fulfils it")
    XCTAssertNotNil(plan?.submittedAtMs)
    XCTAssertEqual(plan?.help, [HelpRow(id: asked, wanted: help)])
    let answers = try await client.helpAnswers()
    XCTAssertEqual(answers, [], "nobody answered yet")
    try await client.close()
    held("plan")
  }

  func test_deal() async throws {
    let client = try await Bench.open().phone("anna").open()
    let made = try await client.createCustomer(NewCustomer(name: "Dealt"))
    let stages = try await client.stages().map(\.code)
    XCTAssertGreaterThan(stages.count, 1)
    let deal = try await client.createDeal(
      NewDeal(customer: made.id, name: "Trial", stage: stages[0]))
    let moved = Task {
      for try await row in client.watchDeal(deal) where row?.stage == stages[1] { return true }
      return false
    }
    try await client.moveDeal(deal, stage: stages[1])
    let heard = try await moved.value
    XCTAssertTrue(heard, "its page hears of it")
    let warnings = try await client.gateWarnings()
    XCTAssertEqual(warnings.filter { $0.deal != deal }, [])
    let row = try await client.deal(deal)
    XCTAssertEqual(row?.stage, stages[1])
    let rows = try await client.deals(customer: made.id).rows
    XCTAssertEqual(rows.map(\.id), [deal])
    let lost = LossReview(productFit: 4, terms: 2, competitor: "Beta AG")
    let said = DealChange(
      leadGrade: "a", priority: "p1", intent: "they want it", competitors: ["Beta AG"],
      milestones: [NewMilestone(what: "A trial", due: "2026-03-31")], lossReview: lost)
    try await client.editDeal(deal, change: said)
    let agreed = try await client.dealPage(deal)?.milestones.first
    try await client.reachMilestone(
      deal: deal, milestone: try XCTUnwrap(agreed).id, feedback: "it runs")
    let found = try await client.dealPage(deal)
    let page = try XCTUnwrap(found)
    XCTAssertEqual([page.row.leadGrade, page.row.priority, page.intent], ["a", "p1", "they want it"])
    XCTAssertEqual(page.competitors, ["Beta AG"])
    XCTAssertEqual(page.lossReview, lost)
    XCTAssertEqual(page.milestones.map(\.feedback), ["it runs"])
    for bad in [DealChange(leadGrade: "z"), DealChange(lossReview: LossReview(terms: 9))] {
      let refused = await failure { try await client.editDeal(deal, change: bad) }
      guard case .BadInput = refused else { return XCTFail("\(String(describing: refused))") }
    }
    try await client.close()
    held("deal")
  }

  func test_keychain() async throws {
    let bench = try Bench.open()
    let (phone, keychain) = (Phone.fresh(), Keychain())
    let client = try await phone.open(bench.url, secrets: keychain)
    try await client.signIn(login: "boris", password: bench.password)
    XCTAssertTrue(keychain.names.contains { $0.hasSuffix(".token") })
    let files = try FileManager.default.subpathsOfDirectory(atPath: phone.dir)
    XCTAssertFalse(files.contains { $0.contains("token") }, "\(files)")
    try await client.close()
    let again = try await phone.open(bench.url, secrets: keychain)
    try await again.sync()
    try await again.close()

    let locked = Keychain()
    locked.refuses = true
    let other = try await Phone.fresh().open(bench.url, secrets: locked)
    let error = await failure {
      try await other.signIn(login: "boris", password: bench.password)
    }
    guard case .Keychain = error else { return XCTFail("\(String(describing: error))") }
    let nobody = try await other.signedIn()
    XCTAssertNil(nobody)
    try await other.close()
    held("keychain")
    held("error-keychain")
  }

  func test_wipe() async throws {
    let (bench, phone, keychain) = (try Bench.open(), Phone.fresh(), Keychain())
    let client = try await phone.open(bench.url, secrets: keychain)
    try await client.signIn(login: "chen", password: bench.password)
    try await client.sync()
    XCTAssertFalse(keychain.names.isEmpty)
    let replica = try phone.replica()
    try await client.createCustomer(NewCustomer(name: "Unsent"))
    try await client.wipe()
    let nobody = try await client.signedIn()
    XCTAssertNil(nobody)
    XCTAssertFalse(FileManager.default.fileExists(atPath: replica.path))
    XCTAssertEqual(Array(keychain.names), [], "what opened the file is forgotten")
    try await client.close()
    held("wipe")
  }

  func test_authority() async throws {
    let client = try await FieldsyncClient.open(
      Phone.fresh().config(try Bench.named("TLS"), authority: try Bench.named("AUTHORITY")))
    // It talks: the server answers that it does not know this person.
    let error = await failure {
      try await client.signIn(login: "nobody", password: "no password")
    }
    guard case .SignInAgain = error else { return XCTFail("\(String(describing: error))") }
    try await client.close()
    held("authority")
  }

  func test_log() async throws {
    let lines = Lines()
    try logTo(sink: lines, least: .info)
    let client = try await Bench.open().used("olga").open()
    _ = await failure { try await client.sync() }
    XCTAssertTrue(lines.all.contains { $0.contains("sync did not finish") }, "\(lines.all)")
    let quiet = Lines()
    try logTo(sink: quiet, least: .warn)
    _ = await failure { try await client.sync() }
    XCTAssertFalse(quiet.all.contains { $0.contains("sync did not finish") }, "\(quiet.all)")
    try await client.close()
    held("log")
  }

  func test_panic() async throws {
    let client = try await Bench.open().used("olga").open()
    let error = await failure {
      try await client.work.run { try provokePanic() }
    }
    guard case .Internal(let detail) = error else { return XCTFail("\(String(describing: error))") }
    XCTAssertTrue(detail.contains("provoked"), detail)
    held("error-internal")
    try await client.createCustomer(NewCustomer(name: "It goes on"))
    try await client.close()
    held("panic")
  }
}

/// The app's log.
private final class Lines: LogSink, @unchecked Sendable {
  private let lock = NSLock()
  private var lines: [String] = []

  var all: [String] { lock.withLock { lines } }

  func log(level: LogLevel, target: String, message: String) throws {
    lock.withLock { lines.append(message) }
  }
}

/// Hears notices.
private final class Heard: StaleObserver, @unchecked Sendable {
  private let lock = NSLock()
  private var heard: [UInt64] = []

  var generations: [UInt64] { lock.withLock { heard } }

  func onStale(generation: UInt64) throws {
    lock.withLock { heard.append(generation) }
  }
}

/// A keychain in memory, which can be locked.
private final class Keychain: SecretStore, @unchecked Sendable {
  private let lock = NSLock()
  private var kept: [String: Data] = [:]
  private var locked = false

  var names: [String] { lock.withLock { Array(kept.keys) } }

  var refuses: Bool {
    get { lock.withLock { locked } }
    set { lock.withLock { locked = newValue } }
  }

  func load(name: String) throws -> Data? {
    try lock.withLock {
      try open()
      return kept[name]
    }
  }

  func keep(name: String, secret: Data) throws {
    try lock.withLock {
      try open()
      kept[name] = secret
    }
  }

  func forget(name: String) throws {
    try lock.withLock {
      try open()
      kept[name] = nil
    }
  }

  /// An error that nobody declared, as a careless app throws it.
  private func open() throws {
    if locked { throw CancellationError() }
  }
}
