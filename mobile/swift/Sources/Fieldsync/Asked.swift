// Targets, and what people ask for: other targets, another look at a line of their card.

extension FieldsyncClient {
  /// The published targets that concern me: my own, my units', the whole, and those of
  /// whom I lead; of one period such as `2026-10`, or of all. My own say how far they are
  /// and how fast.
  public func targets(period: String? = nil) async throws(FieldError) -> [TargetRow] {
    try await read { try $0.targets(period: period) }
  }

  /// Asks for another value of a target, also without signal; it holds once it was
  /// approved, see ``adjustments()``.
  ///
  /// - Parameters:
  ///   - target: The target's id.
  ///   - wanted: The value in the metric's unit: minor units, a count, or basis points.
  ///   - reason: Why; it cannot be empty.
  public func askTarget(target: String, wanted: Int64, reason: String) async throws(FieldError) {
    try await save { try $0.askTarget(target: target, wanted: wanted, reason: reason) }
  }

  /// Requests for other targets: mine from the moment I asked, and those of whom I lead.
  /// What is not answered comes first, then the newest.
  public func adjustments() async throws(FieldError) -> [AdjustmentRow] {
    try await read { try $0.adjustments() }
  }

  /// Answers a request for another target of somebody I lead, also without signal; a yes
  /// changes the target once the server has it. `note` is for whoever asked.
  public func answerAdjustment(
    id: String, accepted: Bool, note: String? = nil
  ) async throws(FieldError) {
    try await save { try $0.answerAdjustment(id: id, accepted: accepted, note: note) }
  }

  /// Objects to a line of my own card as it stands on this phone, also without signal; see
  /// ``contests()``.
  ///
  /// - Parameters:
  ///   - period: The card's, such as `2026-10`.
  ///   - line: The indicator's code, for example `effective_visits`.
  ///   - reason: Why it is wrong; it cannot be empty.
  ///   - evidence: Ids of visits, deals, customers or cases that show it, 50 at most.
  public func contestLine(
    period: String, line: String, reason: String, evidence: [String] = []
  ) async throws(FieldError) {
    try await save {
      try $0.contestLine(period: period, line: line, reason: reason, evidence: evidence)
    }
  }

  /// Objections to lines of cards: mine from the moment I made them, and those of whom I
  /// lead. What is not answered comes first, then the newest.
  public func contests() async throws(FieldError) -> [ContestRow] {
    try await read { try $0.contests() }
  }

  /// Answers an objection of somebody I lead, also without signal. A yes says that the
  /// facts will be put right: no answer changes a figure by itself. `note` is for whoever
  /// objected.
  public func answerContest(
    id: String, accepted: Bool, note: String? = nil
  ) async throws(FieldError) {
    try await save { try $0.answerContest(id: id, accepted: accepted, note: note) }
  }
}
