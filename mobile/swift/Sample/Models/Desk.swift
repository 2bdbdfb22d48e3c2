import Fieldsync
import Foundation

/// What every screen of the sample stands on: the client, the words and the time.
public struct Desk: Sendable {
  /// The replica.
  public let client: FieldsyncClient
  /// The reader's words.
  public let words: Words
  /// The phone's clock.
  public let now: @Sendable () -> Date
  /// The phone's zone, in which days and hours are shown.
  public let zone: TimeZone
  /// Hears what went wrong on any screen: some of it leads back to the door.
  let failed: @MainActor @Sendable (any Error) -> Void

  /// A desk of a client.
  public init(
    client: FieldsyncClient, words: Words, zone: TimeZone = .autoupdatingCurrent,
    now: @escaping @Sendable () -> Date = { Date() },
    failed: @escaping @MainActor @Sendable (any Error) -> Void = { _ in }
  ) {
    self.client = client
    self.words = words
    self.zone = zone
    self.now = now
    self.failed = failed
  }

  /// A day as data write it, `YYYY-MM-DD`, some days from today.
  public func day(in days: Int = 0) -> String {
    let parts = calendar.dateComponents(
      [.year, .month, .day],
      from: calendar.date(byAdding: .day, value: days, to: now()) ?? now())
    return String(format: "%04d-%02d-%02d", parts.year ?? 0, parts.month ?? 0, parts.day ?? 0)
  }

  /// The running month as data write it, `YYYY-MM`.
  public var month: String { String(day().prefix(7)) }

  /// The month before it.
  public var lastMonth: String {
    let parts = month.split(separator: "-").compactMap { Int($0) }
    let (year, number) = (parts.first ?? 0, parts.last ?? 1)
    return number > 1
      ? String(format: "%04d-%02d", year, number - 1) : String(format: "%04d-12", year - 1)
  }

  /// Hour and minute of an instant.
  public func clock(_ millis: Int64) -> String {
    let parts = calendar.dateComponents(
      [.hour, .minute], from: Date(timeIntervalSince1970: Double(millis) / 1000))
    return String(format: "%02d:%02d", parts.hour ?? 0, parts.minute ?? 0)
  }

  /// Day, hour and minute of an instant.
  public func moment(_ millis: Int64) -> String {
    let parts = calendar.dateComponents(
      [.month, .day], from: Date(timeIntervalSince1970: Double(millis) / 1000))
    return String(format: "%02d-%02d ", parts.month ?? 0, parts.day ?? 0) + clock(millis)
  }

  private var calendar: Calendar {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = zone
    return calendar
  }
}
