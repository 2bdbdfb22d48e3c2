// What somebody who leads people sees of their work and decides about it.

extension FieldsyncClient {
  /// What of the work of the people I lead waits for me: late callbacks and answers, missing
  /// reports, leads and deals that stand still, customers in danger. Empty for who leads nobody.
  public func teamDesk() async throws(FieldError) -> TeamDesk {
    try await read { try $0.teamDesk() }
  }

  /// Plans how a customer in danger is kept: what is done, by whom (a person's id), and
  /// until when, `YYYY-MM-DD`.
  public func planRecovery(
    customer: String, plan: String, owner: String? = nil, due: String? = nil
  ) async throws(FieldError) {
    try await save {
      try $0.planRecovery(customer: customer, plan: plan, owner: owner, due: due)
    }
  }

  /// The plan was carried out, today.
  public func finishRecovery(customer: String) async throws(FieldError) {
    try await save { try $0.finishRecovery(customer: customer) }
  }

  /// Settles a visit under review of somebody I lead, also without signal; its rep reads the
  /// note. Accepting does not supply what a visit lacks.
  public func judgeVisit(
    _ visit: String, accepted: Bool, note: String
  ) async throws(FieldError) {
    try await save { try $0.judgeVisit(visit: visit, accepted: accepted, note: note) }
  }

  /// What a leader decided about a visit, if that stands.
  public func ruling(visit: String) async throws(FieldError) -> RulingRow? {
    try await read { try $0.ruling(visit: visit) }
  }
}
