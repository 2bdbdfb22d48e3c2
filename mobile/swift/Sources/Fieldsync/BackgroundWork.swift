import Foundation

/// What a stretch of background work came to.
public struct BackgroundOutcome: Sendable, Equatable {
  /// The work was done; the system is told so.
  public let succeeded: Bool
  /// Changes that still wait on this phone, where that is known.
  public let remaining: UInt64?
  /// When the system should wake the app again at the earliest.
  public let next: Date

  /// An outcome.
  public init(succeeded: Bool, remaining: UInt64?, next: Date) {
    self.succeeded = succeeded
    self.remaining = remaining
    self.next = next
  }
}

/// Syncs within what the system allows, and says when to come again.
///
/// This half knows no operating system, so it is tested on every one of them;
/// `BackgroundRefresh` hands it to iOS.
public struct BackgroundWork: Sendable {
  /// How long a sync may take. iOS gives a refresh about 30 seconds; the rest is for
  /// closing files.
  public var budget: Duration
  /// How long the phone rests if nothing waits, in seconds.
  public var rest: TimeInterval
  /// How soon it comes back at the earliest if something waits, in seconds.
  public var soon: TimeInterval

  /// Background work with the figures that suit iOS.
  public init(
    budget: Duration = .seconds(20), rest: TimeInterval = 60 * 60, soon: TimeInterval = 15 * 60
  ) {
    self.budget = budget
    self.rest = rest
    self.soon = soon
  }

  /// Syncs once. Cancelling the task, as iOS does when the time is over, ends the sync as
  /// soon as that loses nothing.
  public func run(_ client: FieldsyncClient, now: Date = Date()) async -> BackgroundOutcome {
    do {
      let report = try await client.syncNow(budget: budget)
      let retry = report.retryAtMs.map { Date(timeIntervalSince1970: Double($0) / 1000) }
      let next = retry.map { max($0, now + soon) } ?? now + rest
      return BackgroundOutcome(
        succeeded: report.retryAtMs == nil, remaining: report.remaining, next: next)
    } catch {
      // Somebody has to sign in or to update: asking often would not help.
      return BackgroundOutcome(succeeded: false, remaining: nil, next: now + rest)
    }
  }
}
