// One's own card, targets, and what one says to them.

extension FieldsyncClient {
  /// My scorecard for a period such as `2026-10`, computed on this phone.
  public func scorecard(period: String) async throws(FieldError) -> ScorecardView {
    try await read { try $0.scorecard(period: period) }
  }

  /// My card for a period such as `2026-10`, opened down to its facts.
  public func explainedScorecard(period: String) async throws(FieldError) -> ExplainedCard {
    try await read { try $0.explainedScorecard(period: period) }
  }

  /// The figures beside my card for a period such as `2026-10`: plan adherence,
  /// repurchase, response times and others.
  public func figures(period: String) async throws(FieldError) -> [FigureRow] {
    try await read { try $0.figures(period: period) }
  }

  /// Which facts of my card only this phone has, which only the server has, and which
  /// differ. Asks the server, so it needs signal.
  public func factsApart(period: String) async throws(FieldError) -> FactsApartView {
    let core = core
    return try await Work.wait { try await core.factsApart(period: period) }
  }

  /// The published targets that concern me: my own, my units', the whole, and those of
  /// whom I lead; of one period such as `2026-10`, or of all.
  public func targets(period: String? = nil) async throws(FieldError) -> [TargetRow] {
    try await read { try $0.targets(period: period) }
  }

  /// Objects to a line of one's own card as it stands on this phone, with documents
  /// that show why; also without signal.
  public func contestLine(
    period: String, line: String, reason: String, evidence: [String] = []
  ) async throws(FieldError) {
    try await save {
      try $0.contestLine(period: period, line: line, reason: reason, evidence: evidence)
    }
  }

  /// Asks for another value of a target; it holds once it was approved.
  public func askTarget(target: String, wanted: Int64, reason: String) async throws(FieldError) {
    try await save { try $0.askTarget(target: target, wanted: wanted, reason: reason) }
  }

  /// Hands in one's own view of a period, with ratings 1 to 5 by family.
  public func assessSelf(
    period: String, comment: String, ratings: [String: UInt8]
  ) async throws(FieldError) {
    try await save { try $0.assessSelf(period: period, comment: comment, ratings: ratings) }
  }
}
