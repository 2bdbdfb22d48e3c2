import Fieldsync
import Observation

/// Targets: how far and how fast each is reached, and asking for another value of one's own.
@MainActor
@Observable
public final class TargetsModel: Following {
  let desk: Desk
  /// My own targets that run; choose one to ask about it.
  public private(set) var mine: [Line] = []
  /// Those of my units and of the whole.
  public private(set) var others: [Line] = []
  /// Other targets that were asked for, and what became of it.
  public private(set) var asked: [Line] = []
  /// The target that is asked about: one, or none until one is chosen.
  public private(set) var chosen: [Line] = []
  /// The value wanted, typed as values are shown.
  public var wanted = ""
  /// Why.
  public var reason = ""
  /// What went wrong last, in words.
  public internal(set) var notice = ""
  /// The screen's title.
  public var title: String { desk.words.say("targets.title") }
  /// Titles of the three parts.
  public var headings: (mine: String, others: String, asked: String) {
    let words = desk.words
    return (words.say("targets.mine"), words.say("targets.others"), words.say("targets.asked"))
  }
  /// Said in the empty fields.
  public var prompts: (wanted: String, reason: String) {
    (desk.words.say("targets.wanted"), desk.words.say("ask.reason"))
  }
  /// The button that asks.
  public var button: String { desk.words.say("targets.ask") }

  private var known = Known()

  /// The model of a desk.
  public init(_ desk: Desk) {
    self.desk = desk
  }

  /// Shows the targets until the task is cancelled.
  public func run() async {
    let client = desk.client
    await withDiscardingTaskGroup { group in
      group.addTask {
        let targets = client.watch(.scorecard) { client throws(FieldError) in
          try await Known.read(client)
        }
        await self.follow(targets) { [weak self] known in self?.show(known) }
      }
      group.addTask {
        await self.follow(client.watchAdjustments()) { [weak self] rows in self?.show(rows) }
      }
    }
  }

  /// Chooses one of mine to ask about.
  public func choose(_ line: Line) {
    chosen = mine.filter { $0.id == line.id }
  }

  /// Asks for another value of the chosen target.
  public func ask() async {
    guard let target = known.rows.first(where: { $0.id == chosen.first?.id }) else { return }
    let said = await attempt {
      guard let value = known.figures.read(target.unit, wanted) else {
        throw FieldError.BadInput(detail: "no figure")
      }
      try await desk.client.askTarget(target: target.id, wanted: value, reason: reason)
    }
    if said { (chosen, wanted, reason) = ([], "", "") }
  }

  /// Targets that run, and how their values read.
  struct Known: Sendable {
    var rows: [TargetRow] = []
    var figures = Figures()

    static func read(_ client: FieldsyncClient) async throws(FieldError) -> Known {
      do {
        let rows = try await client.targets().filter(\.running)
        return Known(rows: rows, figures: try await Figures.of(client))
      } catch .NotYetSynced {
        return Known()
      }
    }
  }

  private func show(_ known: Known) {
    self.known = known
    let lines = { (rows: [TargetRow]) in
      rows.map { Self.line($0, figures: known.figures, words: self.desk.words) }
    }
    mine = lines(known.rows.filter(\.mine))
    others = lines(known.rows.filter { !$0.mine })
    chosen = mine.filter { $0.id == chosen.first?.id }
  }

  private func show(_ rows: [AdjustmentRow]) {
    let words = desk.words
    asked = rows.map { row in
      let (unit, figures) = (row.unit ?? "", known.figures)
      let values = "\(figures.show(unit, row.was)) → \(figures.show(unit, row.wanted))"
      return Line(
        id: row.id, title: words.join([words.code("metric", row.metric), values]),
        detail: words.join([row.by, row.reason, row.note]), badge: words.asked(row.state))
    }
  }

  /// A target: what is reached of it and how fast.
  static func line(_ row: TargetRow, figures: Figures, words: Words) -> Line {
    let value = figures.show(row.unit, row.value)
    let of = row.actual.map { figures.show(row.unit, $0) }
      .map { words.say("score.of", ["value": $0, "target": value]) }
    let part = row.dimension.sorted { $0.key < $1.key }.map(\.value).joined(separator: ", ")
    return Line(
      id: row.id, title: words.join([words.code("metric", row.metric), of ?? value]),
      detail: words.join([
        row.period, row.mine ? nil : (row.whose ?? words.say("targets.everybody")), part,
        row.attainmentBp.map { words.say("targets.reached", ["share": Figures.share($0)]) },
      ]), badge: pace(row, words: words))
  }

  private static func pace(_ row: TargetRow, words: Words) -> Badge {
    let said = row.pace?.paceBp.map { words.say("targets.pace", ["share": Figures.share($0)]) } ?? ""
    switch (row.pace?.outside, row.pace?.serious) {
    case ("below", true): return Badge(said, symbol: "exclamationmark.triangle", tone: .bad)
    case ("below", _): return Badge(said, symbol: "tortoise", tone: .warn)
    case ("above", _): return Badge(said, symbol: "hare", tone: .good)
    default: return Badge(said, symbol: "gauge", tone: .calm)
    }
  }
}
