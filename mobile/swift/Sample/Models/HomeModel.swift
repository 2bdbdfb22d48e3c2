import Fieldsync
import Observation

/// The home screen, in its order: sync pill, today's plan, who is overdue, what is due, my
/// numbers, alerts, and the button that logs a visit.
@MainActor
@Observable
public final class HomeModel: Following {
  let desk: Desk
  /// The sync pill.
  public private(set) var pill: Badge
  /// Today's key tasks.
  public private(set) var tasks: [Line] = []
  /// Today's stops, in order of the route.
  public private(set) var stops: [Line] = []
  /// Customers whose visit is overdue, tier A first.
  public private(set) var overdue: [Line] = []
  /// What is to be done by when, callbacks included.
  public private(set) var due: [Line] = []
  /// Score and visits, as this phone computes them.
  public private(set) var numbers: [Line] = []
  /// Customers in danger, and conflicts to choose.
  public private(set) var alerts: [Line] = []
  /// What went wrong last, in words.
  public internal(set) var notice = ""
  /// The screen's title.
  public var title: String { desk.words.say("app.title") }
  /// The big button.
  public var button: String { desk.words.say("home.log_visit") }

  private var risks: [Line] = []
  private var conflicts: [Line] = []

  /// The model of a desk.
  public init(_ desk: Desk) {
    self.desk = desk
    pill = Badge(desk.words.say("sync.never"), symbol: "circle.dashed", tone: .calm)
  }

  /// The parts with their titles, in order; a part without rows says so in one.
  public var parts: [Part] {
    let words = desk.words
    return [
      part("today", tasks + stops, empty: words.say("home.no_plan")),
      part("overdue", overdue, empty: words.say("home.none_overdue")),
      part("due", due, empty: words.say("home.none_due")),
      part("numbers", numbers, empty: words.say("error.not_yet")),
      part("alerts", alerts, empty: words.say("home.no_alerts")),
    ]
  }

  /// A part of the screen.
  public struct Part: Identifiable, Sendable {
    /// Which.
    public let id: String
    /// What it is called.
    public let title: String
    /// Its rows, one at least.
    public let rows: [Line]
  }

  /// Shows the home screen until the task is cancelled.
  public func run() async {
    let (client, month) = (desk.client, desk.month)
    await withDiscardingTaskGroup { group in
      group.addTask {
        await self.follow(client.watchSyncState()) { [weak self] state in self?.show(state) }
      }
      group.addTask {
        await self.follow(client.watchDayPlan(date: self.desk.day())) { [weak self] plan in
          self?.show(plan)
        }
      }
      group.addTask {
        await self.follow(client.watchConflicts()) { [weak self] page in self?.show(page) }
      }
      group.addTask {
        let figures = client.watch(.scorecard) { client throws(FieldError) in
          try await Figures.read(client, month: month)
        }
        await self.follow(figures) { [weak self] figures in self?.show(figures) }
      }
    }
  }

  /// What stands on the rules: it comes whole, once everything is on this phone.
  struct Figures: Sendable {
    var agenda: [AgendaRow] = []
    var reminders: [ReminderRow] = []
    var card: ScorecardView?
    var targets = TargetsModel.Known()

    static func read(_ client: FieldsyncClient, month: String) async throws(FieldError) -> Figures {
      guard try await client.syncState().complete else { return Figures() }
      return Figures(
        agenda: try await client.agenda(limit: 200),
        reminders: try await client.reminders(limit: 20),
        card: try await client.scorecard(period: month),
        targets: try await TargetsModel.Known.read(client))
    }
  }

  private func show(_ state: SyncState) {
    pill = SyncModel.pill(state, desk: desk)
  }

  private func show(_ plan: DayPlan?) {
    (tasks, stops) = DayPlanModel.lines(plan, words: desk.words)
  }

  private func show(_ page: ConflictPage) {
    let words = desk.words
    conflicts = page.rows.isEmpty
      ? []
      : [
        Line(
          id: "conflicts", title: words.count("home.conflicts", page.rows.count),
          badge: Badge("", symbol: "arrow.triangle.branch", tone: .warn))
      ]
    alerts = risks + conflicts
  }

  private func show(_ figures: Figures) {
    let words = desk.words
    overdue = figures.agenda.filter { ["overdue", "never"].contains($0.status) }
      .sorted { ($0.customer.tier ?? "z", -($0.days ?? 0)) < ($1.customer.tier ?? "z", -($1.days ?? 0)) }
      .map { row in
        Line(
          id: row.customer.id, title: row.customer.name,
          detail: words.join([
            words.code("tier", row.customer.tier),
            row.days.map { words.count("home.days_overdue", $0) },
          ]), badge: words.due(row.status))
      }
    due = figures.reminders.map { row in
      Line(
        id: row.id, title: words.code("task", row.kind), detail: row.dueOn,
        badge: words.due(row.overdue ? "overdue" : "follow_up"))
    }
    risks = figures.agenda.compactMap { row in
      row.risk.map { Line(id: row.customer.id, title: row.customer.name, badge: words.risk($0)) }
    }
    alerts = risks + conflicts
    let targets = figures.targets
    numbers = (figures.card.map { self.numbers($0) } ?? [])
      + targets.rows.filter(\.mine).map {
        TargetsModel.line($0, figures: targets.figures, words: words)
      }
  }

  private func numbers(_ card: ScorecardView) -> [Line] {
    let words = desk.words
    let score = card.totalCentipoints.map { words.say("home.score", ["points": words.points($0)]) }
    let visits = card.lines.first { $0.indicator == "effective_visits" }
    let made = visits.map { line in
      Line(
        id: line.indicator,
        title: words.say(
          "home.visits",
          ["done": "\(line.value ?? 0)", "target": line.target.map(String.init) ?? "–"]),
        badge: Badge("", symbol: "figure.walk", tone: .calm))
    }
    let total = Line(
      id: "score", title: score ?? words.say("home.no_score"),
      badge: ScoreModel.standing(card, words: words))
    return [total] + (made.map { [$0] } ?? [])
  }

  private func part(_ id: String, _ rows: [Line], empty: String) -> Part {
    let none = Line(id: id, title: empty, badge: Badge("", symbol: "minus", tone: .calm))
    return Part(
      id: id, title: desk.words.say("home.\(id)"), rows: rows.isEmpty ? [none] : rows)
  }
}
