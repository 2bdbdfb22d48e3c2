// Complaints, enquiries and surveys.

extension FieldsyncClient {
  /// Notes a complaint or an enquiry; gives its id.
  @discardableResult
  public func openCase(_ new: NewCase) async throws(FieldError) -> String {
    try await save { try $0.openCase(new: new) }
  }

  /// One case; none if it is not on this phone.
  public func oneCase(_ id: String) async throws(FieldError) -> CaseRow? {
    try await read { try $0.case(id: id) }
  }

  /// A page of cases, newest first, of one customer or of all.
  public func cases(
    customer: String? = nil, open: Bool = false, limit: UInt32 = 50, after: String? = nil
  ) async throws(FieldError) -> CasePage {
    try await read { try $0.cases(customer: customer, open: open, limit: limit, after: after) }
  }

  /// A case's page; none if it is not on this phone.
  public func casePage(_ id: String) async throws(FieldError) -> CaseDetail? {
    try await read { try $0.casePage(id: id) }
  }

  /// Says more about a case: its cause, what is done about it, what keeps it from happening again.
  public func editCase(_ caseId: String, change: CaseChange) async throws(FieldError) {
    try await save { try $0.editCase(caseId: caseId, change: change) }
  }

  /// Notes what happened with a case meanwhile; `replied` says that the customer heard.
  public func noteProgress(
    caseId: String, text: String, replied: Bool = false
  ) async throws(FieldError) {
    try await save { try $0.noteProgress(caseId: caseId, text: text, replied: replied) }
  }

  /// A case is resolved, now.
  public func resolveCase(
    _ caseId: String, action: String? = nil, satisfied: Bool? = nil
  ) async throws(FieldError) {
    try await save { try $0.resolveCase(caseId: caseId, action: action, satisfied: satisfied) }
  }

  /// Notes what a customer answered, 0 to 10, to an `nps` or `csat` question: beside a
  /// case, or as a survey of its own. Gives the case's id.
  @discardableResult
  public func recordSurvey(
    customer: String, kind: String, score: UInt8, caseId: String? = nil, comment: String? = nil
  ) async throws(FieldError) -> String {
    try await save {
      try $0.recordSurvey(
        customer: customer,
        kind: kind,
        score: score,
        caseId: caseId,
        comment: comment)
    }
  }
}
