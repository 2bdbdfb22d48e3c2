import Fieldsync
import Observation

/// The plan of a day: three key tasks, the stops, and the texts of the daily report.
@MainActor
@Observable
public final class DayPlanModel: Following {
  let desk: Desk
  /// The day, `YYYY-MM-DD`.
  public let date: String
  /// The key tasks; a tap marks one done.
  public private(set) var tasks: [Line] = []
  /// Whom to visit, in order of the route.
  public private(set) var stops: [Line] = []
  /// Said instead of tasks and of stops where there are none.
  public private(set) var empty = (tasks: "", stops: "")
  /// How far the daily report has come.
  public private(set) var report = Badge("", symbol: "doc", tone: .calm)
  /// Progress of key projects, in the rep's words.
  public var progress = ""
  /// Obstacles and resources wanted, in the rep's words.
  public var obstacles = ""
  /// What went wrong last, in words.
  public internal(set) var notice = ""
  /// The screen's title.
  public var title: String { desk.words.say("plan.title") }
  /// Titles of the three parts.
  public var headings: (tasks: String, stops: String, report: String) {
    let words = desk.words
    return (words.say("plan.tasks"), words.say("plan.stops"), words.say("plan.report"))
  }
  /// Said in the empty fields of the report.
  public var prompts: (progress: String, obstacles: String) {
    (desk.words.say("plan.progress"), desk.words.say("plan.obstacles"))
  }
  /// The button.
  public var button: String { desk.words.say("plan.submit") }

  private var done: Set<String> = []

  /// The model of a day; today if none is given.
  public init(_ desk: Desk, date: String? = nil) {
    self.desk = desk
    self.date = date ?? desk.day()
  }

  /// Shows the plan until the task is cancelled.
  public func run() async {
    await follow(desk.client.watchDayPlan(date: date)) { [weak self] in self?.show($0) }
  }

  /// Adds a key task; a fourth one is refused and said.
  public func add(task text: String) async {
    await attempt { try await desk.client.addKeyTask(date: date, text: text) }
  }

  /// Adds a customer to the route, last.
  public func add(stop customer: String, objective: String? = nil) async {
    await attempt {
      try await desk.client.addStop(date: date, customer: customer, objective: objective)
    }
  }

  /// Marks a key task done, or not done after all.
  public func toggle(_ task: Line) async {
    await attempt {
      try await desk.client.setKeyTaskDone(
        date: date, task: task.id, done: !done.contains(task.id))
    }
  }

  /// Says why a stop did not happen.
  public func skip(_ stop: Line, reason: String) async {
    await attempt { try await desk.client.skipStop(date: date, stop: stop.id, reason: reason) }
  }

  /// Hands the daily report in; its counts are computed.
  public func submit() async {
    await attempt {
      let texts = DailyReport(
        progress: progress.isEmpty ? nil : progress, obstacles: obstacles.isEmpty ? nil : obstacles)
      try await desk.client.writeDailyReport(date: date, report: texts, submit: true)
    }
  }

  private func show(_ plan: DayPlan?) {
    let words = desk.words
    let shown = Self.lines(plan, words: words)
    (tasks, stops) = shown
    done = Set((plan?.keyTasks ?? []).filter(\.done).map(\.id))
    empty = (
      tasks.isEmpty ? words.say("plan.no_tasks") : "",
      stops.isEmpty ? words.say("plan.no_stops") : ""
    )
    report = plan?.submittedAtMs.map { at in
      Badge(words.join([words.say("plan.submitted"), desk.clock(at)]), symbol: "doc.badge.checkmark",
        tone: .good)
    } ?? Badge(words.say("plan.open"), symbol: "doc", tone: .calm)
  }

  static func lines(_ plan: DayPlan?, words: Words) -> (tasks: [Line], stops: [Line]) {
    let tasks = (plan?.keyTasks ?? []).map { task in
      Line(
        id: task.id, title: task.text,
        badge: task.done
          ? Badge(words.say("plan.done"), symbol: "checkmark.circle.fill", tone: .good)
          : Badge(words.say("plan.open"), symbol: "circle", tone: .calm))
    }
    let stops = (plan?.stops ?? []).map { stop in
      Line(
        id: stop.id, title: words.first(stop.customerName, words.say("customer.unnamed")),
        detail: stop.objective ?? "", badge: badge(stop, words: words))
    }
    return (tasks, stops)
  }

  private static func badge(_ stop: StopRow, words: Words) -> Badge {
    if stop.visit != nil {
      return Badge(words.say("plan.visited"), symbol: "checkmark.circle.fill", tone: .good)
    } else if let why = stop.skippedReason {
      return Badge(words.say("plan.skipped", ["why": why]), symbol: "minus.circle", tone: .warn)
    }
    return Badge(words.say("plan.open"), symbol: "mappin.circle", tone: .calm)
  }
}
