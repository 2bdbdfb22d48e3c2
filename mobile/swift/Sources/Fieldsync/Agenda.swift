// What to do next, and what is asked about one's work.

extension FieldsyncClient {
  /// Whom to visit next, most urgent first; of equals the nearest first where the
  /// phone says where it is. Works offline.
  public func agenda(
    limit: UInt32 = 50, here: GpsFix? = nil
  ) async throws(FieldError) -> [AgendaRow] {
    try await read { try $0.agenda(limit: limit, here: here) }
  }

  /// What is to be done by when, overdue first. Empty until everything is on this phone.
  public func reminders(limit: UInt32 = 50) async throws(FieldError) -> [ReminderRow] {
    try await read { try $0.reminders(limit: limit) }
  }

  /// What looks odd in my own work and in that of the people I lead, open ones first.
  public func signals() async throws(FieldError) -> [SignalRow] {
    try await read { try $0.signals() }
  }

  /// Answers such a question, also without signal: `upheld` takes what it is about
  /// out of the count. The answer comes with a later sync.
  public func answerSignal(id: String, upheld: Bool, note: String) async throws(FieldError) {
    try await save { try $0.answerSignal(id: id, upheld: upheld, note: note) }
  }
}
