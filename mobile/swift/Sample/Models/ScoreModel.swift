import Fieldsync
import Observation

/// My card, opened down to the visits behind each point.
@MainActor
@Observable
public final class ScoreModel: Following {
  let desk: Desk
  /// The period, for example `2026-10`.
  public let period: String
  /// The total in words.
  public private(set) var total = ""
  /// Whether the server says the same, or what is still on its way.
  public private(set) var standing = Badge("", symbol: "circle.dashed", tone: .calm)
  /// The lines; choose one to open it.
  public private(set) var lines: [Line] = []
  /// What the opened line was computed from, then what was left out and why.
  public private(set) var facts: [Line] = []
  /// The line that was opened: what ``contest()`` objects to.
  public private(set) var opened: [Line] = []
  /// What I objected to this period, and what became of it.
  public private(set) var objections: [Line] = []
  /// Why the opened line is wrong.
  public var reason = ""
  /// What went wrong last, in words.
  public internal(set) var notice = ""
  /// The screen's title.
  public var title: String { desk.words.say("score.title") }
  /// The button that objects to a line.
  public var contestButton: String { desk.words.say("score.contest") }
  /// Title of what was objected to, and what is said in the empty field.
  public var headings: (objections: String, reason: String) {
    (desk.words.say("score.objections"), desk.words.say("ask.reason"))
  }

  /// The model of a period; the running month if none is given.
  public init(_ desk: Desk, period: String? = nil) {
    self.desk = desk
    self.period = period ?? desk.month
  }

  /// Shows the card until the task is cancelled.
  public func run() async {
    let (client, month) = (desk.client, period)
    await withDiscardingTaskGroup { group in
      group.addTask {
        let cards = client.watch(.scorecard) { client throws(FieldError) in
          (try await client.scorecard(period: month), try await Figures.of(client))
        }
        await self.follow(cards) { [weak self] shown in self?.show(shown.0, shown.1) }
      }
      group.addTask {
        await self.follow(client.watchContests()) { [weak self] rows in self?.show(rows) }
      }
    }
  }

  /// Opens a line: where its points come from.
  public func explain(_ line: Line) async {
    await attempt {
      let card = try await desk.client.explainedScorecard(period: period)
      facts = card.lines.filter { $0.indicator == line.id }.flatMap { explained($0) }
      opened = [line]
    }
  }

  /// Objects to the opened line.
  public func contest() async {
    guard let line = opened.first else { return }
    await contest(line, reason: reason)
  }

  /// Objects to a line, with a reason.
  public func contest(_ line: Line, reason: String) async {
    let said = await attempt {
      try await desk.client.contestLine(period: period, line: line.id, reason: reason)
    }
    if said { self.reason = "" }
    notice = said ? desk.words.say("score.contested") : notice
  }

  private func show(_ rows: [ContestRow]) {
    let words = desk.words
    objections = rows.filter { $0.mine && $0.period == period }.map { row in
      Line(
        id: row.id,
        title: words.join([words.code("metric", row.line), row.centipoints.map(words.points)]),
        detail: words.join([row.reason, row.note]), badge: words.asked(row.state))
    }
  }

  private func show(_ card: ScorecardView, _ figures: Figures) {
    let words = desk.words
    total = card.totalCentipoints.map { words.say("score.total", ["points": words.points($0)]) }
      ?? words.say("home.no_score")
    standing = Self.standing(card, words: words)
    lines = card.lines.map { line in
      let value = line.value.map { figures.show(line.unit, $0) } ?? "–"
      let target = line.target.map { figures.show(line.unit, $0) }
      let of = target.map { words.say("score.of", ["value": value, "target": $0]) } ?? value
      return Line(
        id: line.indicator, title: words.code("metric", line.indicator),
        detail: line.applicable ? of : words.say("score.not_applicable"),
        badge: Badge(words.points(line.centipoints), symbol: "chart.bar", tone: .calm))
    }
  }

  private func explained(_ line: ExplainedLine) -> [Line] {
    let words = desk.words
    let counted = line.facts.map { fact in
      Line(
        id: fact.doc, title: fact.on ?? "", detail: line.source ?? "",
        badge: Badge(words.say("ladder.counted"), symbol: "checkmark", tone: .good))
    }
    return counted
      + line.leftOut.map { left in
        Line(
          id: left.fact.doc, title: left.fact.on ?? "",
          detail: words.join(left.reasons.map(words.reason)),
          badge: Badge(words.say("ladder.not_counted"), symbol: "xmark", tone: .warn))
      }
  }

  static func standing(_ card: ScorecardView, words: Words) -> Badge {
    guard card.waitingChanges == 0 else {
      return Badge(
        words.count("home.provisional", card.waitingChanges), symbol: "hourglass", tone: .warn)
    }
    return card.equalsOfficial == true
      ? Badge(words.say("home.official"), symbol: "checkmark.seal", tone: .good)
      : Badge(words.say("score.not_official"), symbol: "hourglass", tone: .calm)
  }
}
