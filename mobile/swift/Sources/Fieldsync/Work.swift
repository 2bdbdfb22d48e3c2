import Dispatch

/// Where calls into the core run.
///
/// They wait for a disk, and while a sync writes a page they wait for that. Swift's own
/// pool has a thread for each processor; one that waits there holds up everything
/// else, so the core gets threads from Dispatch.
struct Work: Sendable {
  private let queue = DispatchQueue(
    label: "fieldsync", qos: .userInitiated, attributes: .concurrent)

  /// Runs a call on a thread of the core's.
  func run<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
  ) async throws(FieldError) -> Value {
    try await run(flags: [], body)
  }

  /// Runs a call alone: after all that were made before it, and before all that come. A
  /// resume that overtook its pause would leave an app in front with its files closed.
  func runAlone<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
  ) async throws(FieldError) -> Value {
    try await run(flags: .barrier, body)
  }

  private func run<Value: Sendable>(
    flags: DispatchWorkItemFlags, _ body: @escaping @Sendable () throws -> Value
  ) async throws(FieldError) -> Value {
    let outcome: Result<Value, FieldError> = await withCheckedContinuation { waiting in
      queue.async(flags: flags) { waiting.resume(returning: Self.attempt(body)) }
    }
    return try outcome.get()
  }

  /// Waits for something the core does by itself.
  static func wait<Value: Sendable>(
    _ body: @Sendable () async throws -> Value
  ) async throws(FieldError) -> Value {
    do {
      return try await body()
    } catch {
      throw fieldError(error)
    }
  }

  private static func attempt<Value>(_ body: () throws -> Value) -> Result<Value, FieldError> {
    do {
      return .success(try body())
    } catch {
      return .failure(fieldError(error))
    }
  }

  /// A panic in the core comes as an error of the generated code's; it is a fault of ours
  /// like any other.
  static func fieldError(_ error: any Error) -> FieldError {
    error as? FieldError ?? .Internal(detail: String(describing: error))
  }
}
