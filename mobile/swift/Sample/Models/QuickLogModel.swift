import Fieldsync
import Foundation
import Observation

/// A visit logged in five taps: the customer is chosen beforehand, then outcome, whom was
/// met, what follows, save.
@MainActor
@Observable
public final class QuickLogModel: Following {
  static let modes = ["onsite", "phone", "video", "wechat", "email", "event"]
  static let outcomes = ["order", "progress", "maintained", "follow_up", "not_met", "rejected"]
  /// How long it may have taken, in minutes.
  static let minutes: [Int64] = [5, 15, 30, 60]
  /// What may follow, and in how many days.
  static let nextSteps: [(id: String, days: Int?)] = [
    ("tomorrow", 1), ("week", 7), ("month", 30), ("none", nil),
  ]

  let desk: Desk
  /// Whom the visit is at, or that somebody is to be chosen.
  public private(set) var customer: Line
  /// Whom it may be at, likeliest first: today's open stops, then whoever should be visited.
  public private(set) var suggestions: [Line] = []
  /// How contact was made.
  public private(set) var modes: [Chip] = []
  /// What came out.
  public private(set) var outcomes: [Chip] = []
  /// How long it took; a check-in that is open knows by itself.
  public private(set) var minutes: [Chip] = []
  /// Who was met.
  public private(set) var contacts: [Chip] = []
  /// What follows.
  public private(set) var nextSteps: [Chip] = []
  /// The result in the rep's words.
  public var result = ""
  /// The next step in the rep's words; the usual one if empty.
  public var nextStep = ""
  /// A position, whenever the phone has one. Saving never waits for it.
  public var fix: GpsFix?
  /// What is missing, what was saved, or what went wrong.
  public internal(set) var notice = ""
  /// The visit that was saved.
  public private(set) var saved: String?
  /// The screen's title.
  public var title: String { desk.words.say("log.title") }
  /// The button.
  public var button: String { desk.words.say("log.save") }
  /// Said in the empty field of the result.
  public var resultPrompt: String { desk.words.say("log.result") }

  /// Titles of the choices.
  public var headings:
    (mode: String, outcome: String, minutes: String, contacts: String, next: String)
  {
    let words = desk.words
    return (
      words.say("log.mode"), words.say("log.outcome"), words.say("log.took"),
      words.say("log.contacts"), words.say("log.next")
    )
  }

  /// The button for arriving.
  public var arrival: String { desk.words.say("log.check_in") }

  private var draft = Draft()

  private var busy = false

  private struct Draft {
    var customer: String?
    var mode = "phone"
    var outcome: String?
    var minutes: Int64 = 15
    /// A check-in at the customer is open, and this log is its check-out.
    var arrived = false
    var met: Set<String> = []
    var next: String?
    var people: [ContactRow] = []
  }

  /// The model of a desk.
  public init(_ desk: Desk) {
    self.desk = desk
    customer = Line(
      id: "", title: desk.words.say("log.pick"),
      badge: Badge("", symbol: "building.2", tone: .warn))
    refresh()
  }

  /// Chooses the likeliest customer before the rep looks: today's next stop, else whoever
  /// should be visited first.
  public func preselect() async {
    if saved != nil { startAnew() }
    await attempt {
      let client = desk.client
      let plan = try await client.dayPlan(date: desk.day())
      let stops = (plan?.stops ?? []).filter { $0.visit == nil && $0.skippedReason == nil }
      let planned = stops.compactMap { stop in stop.customer.map { ($0, stop.customerName) } }
      let agenda = try await client.agenda(limit: 10, here: fix)
      let due = agenda.map { ($0.customer.id, Optional($0.customer.name)) }
      var seen: Set<String> = []
      suggestions = (planned + due).filter { seen.insert($0.0).inserted }.map { id, name in
        Line(
          id: id, title: desk.words.first(name, desk.words.say("customer.unnamed")),
          badge: Badge("", symbol: "building.2", tone: .calm))
      }
      if let first = suggestions.first, draft.customer == nil {
        try await take(first)
      }
    }
  }

  /// The visit is at this customer.
  public func choose(customer line: Line) async {
    await attempt { try await take(line) }
  }

  /// Arrives at the customer now; saving leaves. On site a visit counts from the one to the
  /// other.
  public func arrive() async {
    let words = desk.words
    guard let customer = draft.customer else { return notice = words.say("log.needs_customer") }
    guard !draft.arrived, saved == nil, !busy else { return }
    busy = true
    defer { busy = false }
    let done = await attempt {
      try await desk.client.checkIn(customer: customer, fix: fix)
      draft.arrived = true
      draft.mode = "onsite"
      refresh()
    }
    notice = done ? words.say("log.checked_in") : notice
  }

  /// Contact was made so.
  public func choose(mode chip: Chip) {
    draft.mode = chip.id
    refresh()
  }

  /// This came out.
  public func choose(outcome chip: Chip) {
    draft.outcome = chip.id
    refresh()
  }

  /// It took so long.
  public func choose(minutes chip: Chip) {
    draft.minutes = Int64(chip.id) ?? draft.minutes
    refresh()
  }

  /// This person was met, or was not after all.
  public func toggle(contact chip: Chip) {
    draft.met.formSymmetricDifference([chip.id])
    refresh()
  }

  /// This follows.
  public func choose(next chip: Chip) {
    draft.next = chip.id
    refresh()
  }

  /// Saves the visit on this phone: durable when this returns, with or without signal. Once:
  /// a second tap saves nothing more.
  public func save() async {
    guard saved == nil, !busy else { return }
    busy = true
    defer { busy = false }
    let words = desk.words
    guard let customer = draft.customer else { return notice = words.say("log.needs_customer") }
    guard let outcome = draft.outcome else { return notice = words.say("log.needs_outcome") }
    let step = Self.nextSteps.first { $0.id == draft.next }
    let due = step?.days.map { desk.day(in: $0) }
    let follows = due.map { _ in words.first(nextStep, words.say("next.default")) }
    let ended = Int64(desk.now().timeIntervalSince1970 * 1000)
    let said = VisitChange(
      outcome: outcome, result: words.first(result, words.code("outcome", outcome)),
      nextStep: follows, nextStepDue: due, noNextStep: due == nil,
      startedAtMs: ended - draft.minutes * 60_000, endedAtMs: ended,
      contactsMet: draft.met.sorted())
    let visit = NewVisit(customer: customer, mode: draft.mode, said: said, fix: fix)
    let done = await attempt { saved = try await desk.client.logVisit(visit) }
    notice = done ? words.say("log.saved") : notice
  }

  private func take(_ line: Line) async throws {
    draft.customer = line.id
    customer = line
    draft.people = try await desk.client.customer(line.id)?.contacts ?? []
    draft.met = []
    let visits = try await desk.client.visits(customer: line.id).rows
    draft.arrived = visits.contains { !$0.submitted && $0.mode == "onsite" && $0.outcome == nil }
    draft.mode = draft.arrived ? "onsite" : draft.mode
    refresh()
  }

  private func startAnew() {
    (draft, saved, result, nextStep) = (Draft(), nil, "", "")
    refresh()
  }

  private func refresh() {
    let words = desk.words
    modes = Self.modes.map { Chip(id: $0, title: words.code("mode", $0), chosen: $0 == draft.mode) }
    outcomes = Self.outcomes.map {
      Chip(id: $0, title: words.code("outcome", $0), chosen: $0 == draft.outcome)
    }
    minutes = Self.minutes.map {
      Chip(id: "\($0)", title: words.say("log.minutes", ["n": "\($0)"]), chosen: $0 == draft.minutes)
    }
    contacts = draft.people.map {
      Chip(id: $0.id, title: $0.name ?? "", chosen: draft.met.contains($0.id))
    }
    nextSteps = Self.nextSteps.map {
      Chip(id: $0.id, title: words.say("next.\($0.id)"), chosen: $0.id == draft.next)
    }
  }
}
