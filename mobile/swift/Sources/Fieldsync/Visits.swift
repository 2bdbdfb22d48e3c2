// Visits: logging them, and what may still be said about one.

extension FieldsyncClient {
  /// Logs a visit in one go; gives its id. It is durable when this returns.
  @discardableResult
  public func logVisit(_ visit: NewVisit) async throws(FieldError) -> String {
    try await save { try $0.logVisit(visit: visit) }
  }

  /// Arrives at a customer now; gives the visit's id.
  @discardableResult
  public func checkIn(customer: String, fix: GpsFix? = nil) async throws(FieldError) -> String {
    try await save { try $0.checkIn(customer: customer, fix: fix) }
  }

  /// Leaves a customer now; closes the check-in.
  public func checkOut(_ visit: String, fix: GpsFix? = nil) async throws(FieldError) {
    try await save { try $0.checkOut(visit: visit, fix: fix) }
  }

  /// Says more about a visit, until it is submitted: what is given is written, and nothing
  /// else.
  public func editVisit(_ visit: String, change: VisitChange) async throws(FieldError) {
    try await save { try $0.editVisit(visit: visit, change: change) }
  }

  /// Notes a photo, a spoken note or a signature, until the visit is submitted; gives its
  /// id. The signature, of which there is one, has none.
  @discardableResult
  public func attach(_ visit: String, file: NewAttachment) async throws(FieldError) -> String? {
    try await save { try $0.attach(visit: visit, file: file) }
  }

  /// Notes what a visit cost, until it is submitted; gives the expense's id. `kind` is
  /// `travel`, `meal`, `lodging`, `gift`, `material` or `other`; `voucher` is the SHA-256 of
  /// the photo that proves it.
  @discardableResult
  public func noteExpense(
    _ visit: String, kind: String, amount: Amount, voucher: String? = nil
  ) async throws(FieldError) -> String {
    try await save {
      try $0.noteExpense(visit: visit, kind: kind, amount: amount, voucher: voucher)
    }
  }

  /// Submits a visit: it is complete and read-only from then on.
  public func submitVisit(_ visit: String) async throws(FieldError) {
    try await save { try $0.submitVisit(visit: visit) }
  }

  /// Adds something to a submitted visit, and says why.
  public func amendVisit(_ visit: String, reason: String, text: String) async throws(FieldError) {
    try await save { try $0.amendVisit(visit: visit, reason: reason, text: text) }
  }

  /// A page of visits, newest first, of one customer or of all.
  public func visits(
    customer: String? = nil, limit: UInt32 = 50, after: String? = nil
  ) async throws(FieldError) -> VisitPage {
    try await read { try $0.visits(customer: customer, limit: limit, after: after) }
  }

  /// A visit's page; none if it is not on this phone.
  public func visit(_ id: String) async throws(FieldError) -> VisitDetail? {
    try await read { try $0.visit(id: id) }
  }

  /// Comments on a visit of somebody one leads, also without signal.
  public func reviewVisit(
    _ visit: String, comment: String, rating: UInt8? = nil
  ) async throws(FieldError) {
    try await save { try $0.reviewVisit(visit: visit, comment: comment, rating: rating) }
  }

  /// What leaders said about a visit, oldest first.
  public func reviews(visit: String) async throws(FieldError) -> [ReviewRow] {
    try await read { try $0.reviews(visit: visit) }
  }
}
