// How far things have come, and what waits for a person.

extension FieldsyncClient {
  /// What waits on this phone.
  public func pending() async throws(FieldError) -> PendingCounts {
    try await read { try $0.pending() }
  }

  /// Where this phone stands.
  public func syncState() async throws(FieldError) -> SyncState {
    try await read { try $0.syncState() }
  }

  /// How far an item has come, up to the score.
  public func ladder(_ item: String) async throws(FieldError) -> ItemLadder {
    try await read { try $0.ladder(item: item) }
  }

  /// Refuses where this phone's clock was more than ten minutes away from the server's
  /// when the server last answered: ask the user to set it. Work goes on all the same.
  public func checkClock() async throws(FieldError) {
    try await read { try $0.checkClock() }
  }

  /// A page of what people wrote without seeing each other: one field at a time, or
  /// with `parallel` different fields, of one document or of all.
  public func conflicts(
    doc: String? = nil, parallel: Bool = false, limit: UInt32 = 50, after: String? = nil
  ) async throws(FieldError) -> ConflictPage {
    try await read { try $0.conflicts(doc: doc, parallel: parallel, limit: limit, after: after) }
  }

  /// Decides a conflict: the value that `change` wrote stands alone from now on. `field` and
  /// `change` are those of the conflict's row.
  public func resolveConflict(doc: String, field: String, change: String) async throws(FieldError) {
    try await save { try $0.resolveConflict(doc: doc, field: field, change: change) }
  }

  /// Late work that concerns me: my own, and that of the people and units I lead.
  public func lateWork() async throws(FieldError) -> [LateWorkRow] {
    try await read { try $0.lateWork() }
  }

  /// Decides on late work, also without signal: `accepted`, `rejected` or
  /// `handed_over`. The answer comes with a later sync.
  public func decideLateWork(
    caseId: String, verdict: String, note: String? = nil
  ) async throws(FieldError) {
    try await save { try $0.decideLateWork(caseId: caseId, verdict: verdict, note: note) }
  }

  /// Changes the server did not take, and those that wait for something, oldest first:
  /// they are kept on this phone.
  public func refusedChanges() async throws(FieldError) -> [RefusedRow] {
    try await read { try $0.refusedChanges() }
  }

  /// Lets go of a change the server did not take, once its author has seen it. True if
  /// there was one; what still waits for an answer stays.
  @discardableResult
  public func dismissRefused(_ change: String) async throws(FieldError) -> Bool {
    try await save { try $0.dismissRefused(change: change) }
  }

  /// Requests that the server has not taken, oldest first: those that wait, and those it
  /// refused, with the reason.
  public func requests() async throws(FieldError) -> [RequestRow] {
    try await read { try $0.requests() }
  }

  /// Lets go of a request that was refused, once whoever asked has seen it. True if there
  /// was one; what still waits stays.
  @discardableResult
  public func dismissRequest(_ id: String) async throws(FieldError) -> Bool {
    try await save { try $0.dismissRequest(id: id) }
  }

  /// Files with the unsent work of a revoked phone, sealed to the org: to be shared with
  /// an administrator.
  public func rescueFiles() async throws(FieldError) -> [String] {
    try await read { try $0.rescueFiles() }
  }
}
