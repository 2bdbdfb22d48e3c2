// Appraisals: handing in one's own view, the steps after it, a dispute.

extension FieldsyncClient {
  /// The appraisal for a period such as `2026-10`: my own, or with `rep` (a person's id)
  /// that of somebody I lead. A `draft` without steps before anybody handed in.
  public func appraisal(
    period: String, rep: String? = nil
  ) async throws(FieldError) -> AppraisalView {
    try await read { try $0.appraisal(period: period, rep: rep) }
  }

  /// The appraisals in which somebody handed in: my own, and those of whom I lead; newest
  /// period first.
  public func appraisals() async throws(FieldError) -> [AppraisalView] {
    try await read { try $0.appraisals() }
  }

  /// Hands in my own view of a period, also without signal. The card is frozen with it;
  /// until somebody has scored it, handing in again replaces it.
  ///
  /// - Parameters:
  ///   - period: For when, such as `2026-10`.
  ///   - comment: What went well and what did not; it cannot be empty.
  ///   - ratings: 1 to 5 by family, as ``AppraisalView/families`` names them.
  public func assessSelf(
    period: String, comment: String, ratings: [String: UInt8] = [:]
  ) async throws(FieldError) {
    try await save { try $0.assessSelf(period: period, comment: comment, ratings: ratings) }
  }

  /// Disputes my own published appraisal, with the reason, also without signal.
  public func disputeAppraisal(period: String, reason: String) async throws(FieldError) {
    try await save { try $0.disputeAppraisal(period: period, reason: reason) }
  }

  /// Takes a step of an appraisal, also without signal.
  ///
  /// - Parameters:
  ///   - rep: Whose, by id.
  ///   - period: For when, such as `2026-10`.
  ///   - to: One of the states that ``AppraisalView/next`` names.
  ///   - comment: What to say; a step back needs it.
  ///   - ratings: 1 to 5 by family.
  public func stepAppraisal(
    rep: String, period: String, to: String, comment: String? = nil,
    ratings: [String: UInt8] = [:]
  ) async throws(FieldError) {
    try await save {
      try $0.stepAppraisal(
        rep: rep, period: period, to: to, comment: comment, ratings: ratings)
    }
  }
}
