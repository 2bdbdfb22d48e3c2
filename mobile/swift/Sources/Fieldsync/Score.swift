// One's own card, and what it is computed from.

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
}
