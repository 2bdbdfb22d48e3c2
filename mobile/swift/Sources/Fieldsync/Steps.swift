import Foundation

/// Who keeps a phone in step. The core has one such job however many ask for it, and
/// cancelling it ends it for all. So the holders are counted, and the last one cancels.
final class Steps: @unchecked Sendable {
  private let lock = NSLock()
  private var holders = 0
  private var newest: LiveJob?

  /// One holder more.
  func join(_ core: FieldClient) throws -> LiveJob {
    try lock.withLock {
      let job = try core.listen()
      holders += 1
      newest = job
      return job
    }
  }

  /// One holder less. A job that a pause ended has a successor that others hold, so the
  /// last one ends the newest as well as its own.
  func leave(_ job: LiveJob) {
    lock.withLock {
      holders -= 1
      guard holders == 0 else { return }
      try? job.cancel()
      try? newest?.cancel()
      newest = nil
    }
  }
}
