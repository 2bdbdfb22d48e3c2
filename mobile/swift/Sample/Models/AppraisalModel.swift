import Fieldsync
import Observation

/// My appraisal of a month: how far it is, handing in my own view, and a dispute.
@MainActor
@Observable
public final class AppraisalModel: Following {
  let desk: Desk
  /// The months to choose from: the last one, which is usually talked about, and this one.
  public private(set) var months: [Chip] = []
  /// How far it is, the score, and every step.
  public private(set) var lines: [Line] = []
  /// What is rated, while one's own view may be handed in.
  public private(set) var families: [Rated] = []
  /// What may be done now: a button for each.
  public private(set) var actions: [Chip] = []
  /// What there is to say.
  public var comment = ""
  /// What went wrong last, in words.
  public internal(set) var notice = ""
  /// The screen's title.
  public var title: String { desk.words.say("appraisal.title") }
  /// Said in the empty field.
  public var prompt: String { desk.words.say("appraisal.comment") }
  /// The month that is shown, for example `2026-10`.
  public private(set) var period: String

  private var view: AppraisalView?
  private var given: [String: UInt8] = [:]

  /// What a family is rated with.
  public struct Rated: Identifiable, Sendable {
    /// The family's code.
    public let id: String
    /// What it is called.
    public let title: String
    /// 1 to 5; one is chosen, or none.
    public let ratings: [Chip]
  }

  /// The model of a month; the last one if none is given.
  public init(_ desk: Desk, period: String? = nil) {
    self.desk = desk
    self.period = period ?? desk.lastMonth
    months = [desk.lastMonth, desk.month].map { Chip(id: $0, title: $0, chosen: $0 == self.period) }
  }

  /// Shows the chosen month until the task is cancelled.
  public func run() async {
    let month = period
    let values = desk.client.watch(.asked) { client throws(FieldError) in
      try await Self.read(client, month)
    }
    await follow(values) { [weak self] in self?.show($0) }
  }

  /// Chooses a month; ``run()`` shows it.
  public func choose(month: Chip) {
    (period, given, view) = (month.id, [:], nil)
    months = months.map { Chip(id: $0.id, title: $0.title, chosen: $0.id == month.id) }
    lay()
  }

  /// Rates a family.
  public func rate(_ family: Rated, _ rating: Chip) {
    given[family.id] = UInt8(rating.id)
    lay()
  }

  /// Hands in or disputes, as the button says.
  public func act(_ action: Chip) async {
    let said = await attempt {
      switch action.id {
      case Self.dispute:
        try await desk.client.disputeAppraisal(period: period, reason: comment)
      default:
        try await desk.client.assessSelf(period: period, comment: comment, ratings: given)
      }
    }
    if said { comment = "" }
  }

  private nonisolated static func read(
    _ client: FieldsyncClient, _ month: String
  ) async throws(FieldError) -> AppraisalView? {
    do {
      return try await client.appraisal(period: month)
    } catch .NotYetSynced {
      return nil
    }
  }

  private static let handIn = "hand_in"
  private static let dispute = "dispute"

  private func show(_ view: AppraisalView?) {
    self.view = view
    lay()
  }

  private func lay() {
    let words = desk.words
    lines = view.map { lines($0) } ?? [
      Line(
        id: "state", title: words.say("error.not_yet"),
        badge: Badge("", symbol: "circle.dashed", tone: .calm))
    ]
    families = (view?.mayHandIn == true ? view?.families ?? [] : []).map { rated in
      Rated(
        id: rated.family, title: words.code("family", rated.family),
        ratings: (1...5).map { (rating: UInt8) in
          Chip(id: "\(rating)", title: "\(rating)", chosen: given[rated.family] == rating)
        })
    }
    var actions: [Chip] = []
    if view?.mayHandIn == true {
      actions.append(Chip(id: Self.handIn, title: words.say("appraisal.hand_in"), chosen: false))
    }
    if view?.mine == true, view?.next.contains("disputed") == true {
      actions.append(Chip(id: Self.dispute, title: words.say("appraisal.dispute"), chosen: false))
    }
    self.actions = actions
  }

  private func lines(_ view: AppraisalView) -> [Line] {
    let words = desk.words
    let waits = view.waiting.map {
      words.say("appraisal.waits", ["step": words.code("appraisal_state", $0)])
    }
    let state = Line(
      id: "state", title: words.code("appraisal_state", view.state), detail: waits ?? "",
      badge: Badge("", symbol: waits == nil ? "person.text.rectangle" : "hourglass", tone: .calm))
    let total = view.totalCentipoints.map { points in
      Line(
        id: "total", title: words.say("appraisal.score", ["points": words.points(points)]),
        badge: Badge("", symbol: "snowflake", tone: .calm))
    }
    let steps = view.steps.enumerated().map { at, step in
      let ratings = step.ratings.sorted { $0.key < $1.key }
        .map { "\(words.code("family", $0.key)) \($0.value)" }
      return Line(
        id: "step-\(at)", title: words.code("appraisal_state", step.to),
        detail: words.join([desk.moment(step.atMs), step.comment, words.join(ratings)]),
        badge: Badge("", symbol: "checkmark", tone: .calm))
    }
    return [state] + (total.map { [$0] } ?? []) + steps
  }
}
