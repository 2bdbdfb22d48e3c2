import Fieldsync

/// A screen's model that shows what it watches until its task is cancelled.
@MainActor
protocol Following: AnyObject {
  var desk: Desk { get }
  /// What went wrong last, in words; empty if nothing did.
  var notice: String { get set }
}

extension Following {
  /// Shows each value; what cannot be read becomes a notice, and the screen keeps what it
  /// showed.
  func follow<Value: Sendable>(
    _ values: Watched<Value>, _ show: @escaping @MainActor (Value) -> Void
  ) async {
    do {
      for try await value in values {
        show(value)
      }
    } catch {
      notice = desk.words.error(error)
      desk.failed(error)
    }
  }

  /// Does something the person asked for; what goes wrong becomes a notice.
  @discardableResult
  func attempt(_ deed: () async throws -> Void) async -> Bool {
    do {
      try await deed()
      notice = ""
      return true
    } catch {
      notice = desk.words.error(error)
      desk.failed(error)
      return false
    }
  }
}
