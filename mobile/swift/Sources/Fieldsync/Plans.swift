// The plan of a day.

extension FieldsyncClient {
  /// Today where this phone is, `YYYY-MM-DD`.
  public func today() async throws(FieldError) -> String {
    try await read { try $0.today() }
  }

  /// My plan of a day, `YYYY-MM-DD`; none if there is none yet.
  public func dayPlan(date: String) async throws(FieldError) -> DayPlan? {
    try await read { try $0.dayPlan(date: date) }
  }

  /// Adds a key task to a day; a fourth one is refused. Gives its id.
  @discardableResult
  public func addKeyTask(
    date: String, text: String, customer: String? = nil
  ) async throws(FieldError) -> String {
    try await save { try $0.addKeyTask(date: date, text: text, customer: customer) }
  }

  /// Marks a key task done, or not done after all.
  public func setKeyTaskDone(date: String, task: String, done: Bool) async throws(FieldError) {
    try await save { try $0.setKeyTaskDone(date: date, task: task, done: done) }
  }

  /// Adds a customer to a day's route, last; gives the stop's id. A visit logged there
  /// that day fulfils it.
  @discardableResult
  public func addStop(
    date: String, customer: String, objective: String? = nil
  ) async throws(FieldError) -> String {
    try await save { try $0.addStop(date: date, customer: customer, objective: objective) }
  }

  /// Says why a stop did not happen.
  public func skipStop(date: String, stop: String, reason: String) async throws(FieldError) {
    try await save { try $0.skipStop(date: date, stop: stop, reason: reason) }
  }

  /// Asks for help in the plan of a day; gives the request's id, which its answer has too. In a
  /// visit help is said with ``VisitChange``.
  @discardableResult
  public func askHelp(date: String, help: HelpWanted) async throws(FieldError) -> String {
    try await save { try $0.askHelp(date: date, help: help) }
  }

  /// What became of help that I asked for, the latest answer first.
  public func helpAnswers() async throws(FieldError) -> [HelpAnswer] {
    try await read { try $0.helpAnswers() }
  }

  /// Writes what is given of a day's report and, with `submit`, hands it in.
  public func writeDailyReport(
    date: String, report: DailyReport, submit: Bool = false
  ) async throws(FieldError) {
    try await save { try $0.writeDailyReport(date: date, report: report, submit: submit) }
  }
}
