import Fieldsync
import Foundation
import XCTest

/// A server, the people who work there, and folders for their phones.
///
/// tests/tests/swift_sdk.rs starts the server and names it in FIELDSYNC_TEST_*. Without it
/// these tests say what they need and are skipped.
struct Bench: Sendable {
  let url: String
  let password: String
  let invitation: String
  let program: String
  let data: String

  /// What the stage says under a name.
  static func named(_ name: String) throws -> String {
    let value = ProcessInfo.processInfo.environment["FIELDSYNC_TEST_\(name)"] ?? ""
    return try value.isEmpty ? { throw XCTSkip("skipped: needs FIELDSYNC_TEST_\(name)") }() : value
  }

  static func open() throws -> Bench {
    return Bench(
      url: try named("URL"), password: try named("PASSWORD"), invitation: try named("INVITATION"),
      program: try named("PROGRAM"), data: try named("DATA"))
  }

  /// A phone on which somebody signed in and synced once.
  func phone(_ login: String, clock: (any DeviceClock)? = nil) async throws -> Phone {
    let phone = Phone.fresh()
    let client = try await phone.open(url, clock: clock)
    try await client.signIn(login: login, password: password)
    try await client.sync()
    try await client.close()
    return phone
  }

  /// A phone of somebody's that was in use before, whatever lies on it. The server takes
  /// fifty sign-ins from one address in a quarter of an hour, and every test has the same.
  func used(_ login: String) async throws -> Phone {
    if let phone = await Used.phones.of(login) { return phone }
    let phone = try await phone(login)
    await Used.phones.keep(phone, of: login)
    return phone
  }

  /// Runs the server's program, as an administrator would.
  @discardableResult
  func office(_ arguments: String...) throws -> Data {
    let (process, pipe) = (Process(), Pipe())
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments + ["--data", data, "--json"]
    process.standardOutput = pipe
    try process.run()
    let said = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    XCTAssertEqual(process.terminationStatus, 0, "\(arguments): \(String(decoding: said, as: UTF8.self))")
    return said
  }
}

/// The phones that tests share.
private actor Used {
  static let phones = Used()

  private var phones: [String: Phone] = [:]

  func of(_ login: String) -> Phone? { phones[login] }

  func keep(_ phone: Phone, of login: String) { phones[login] = phone }
}

/// A folder that stands for a phone. It goes with the test process's own folder.
struct Phone: Sendable {
  /// Nobody listens on the discard port.
  static let noSignal = "http://127.0.0.1:9"

  let dir: String

  static func fresh(under folder: String? = nil) -> Phone {
    let folder = folder ?? NSTemporaryDirectory()
    return Phone(dir: folder + "/phone-" + UUID().uuidString)
  }

  func config(
    _ url: String = noSignal, name: String = "swift", authority: String? = nil
  ) -> OpenConfig {
    OpenConfig(
      dir: dir, serverUrl: url, deviceName: name, platform: "test", appVersion: "0.1.0",
      timeZone: "Asia/Shanghai", utcOffsetS: 8 * 3600, authorityPem: authority)
  }

  func open(
    _ url: String = noSignal, secrets: (any SecretStore)? = nil, clock: (any DeviceClock)? = nil
  ) async throws -> FieldsyncClient {
    try await FieldsyncClient.open(config(url), secrets: secrets, clock: clock)
  }

  /// The replica's file.
  func replica() throws -> URL {
    let files = try FileManager.default.subpathsOfDirectory(atPath: dir)
    let replica = files.first { $0.hasSuffix(".fieldsync") }
    return URL(fileURLWithPath: dir).appendingPathComponent(try XCTUnwrap(replica, "\(files)"))
  }
}

/// A visit that counts.
func visit(_ customer: String, minutesAgo: Int64 = 5) -> NewVisit {
  let end = Int64(Date().timeIntervalSince1970 * 1000) - minutesAgo * 60_000
  let said = VisitChange(
    outcome: "progress", result: "talked about the trial", nextStep: "send the quote",
    startedAtMs: end - 15 * 60_000, endedAtMs: end)
  return NewVisit(customer: customer, mode: "phone", said: said)
}

/// The month that runs where the test company is.
var month: String {
  var calendar = Calendar(identifier: .gregorian)
  calendar.timeZone = TimeZone(secondsFromGMT: 8 * 3600)!
  let parts = calendar.dateComponents([.year, .month], from: Date())
  return String(format: "%04d-%02d", parts.year!, parts.month!)
}

/// Waits until something holds, half a minute at most.
func until(
  _ what: String, file: StaticString = #filePath, line: UInt = #line,
  _ holds: () async throws -> Bool
) async throws {
  let clock = ContinuousClock()
  let end = clock.now + .seconds(30)
  while clock.now < end {
    if try await holds() { return }
    try await Task.sleep(for: .milliseconds(5))
  }
  XCTFail("did not come about: \(what)", file: file, line: line)
}

/// The error that something ends with, which must be one an app can act on.
func failure<Value>(
  file: StaticString = #filePath, line: UInt = #line, _ body: () async throws -> Value
) async -> FieldError? {
  do {
    let value = try await body()
    XCTFail("came to \(value) without an error", file: file, line: line)
    return nil
  } catch {
    XCTAssert(error is FieldError, "\(error)", file: file, line: line)
    return error as? FieldError
  }
}

/// Says that a promise of mobile/contract.toml was kept; tests/tests/swift_sdk.rs listens.
func held(_ id: String) {
  print("held \(id)")
}
