import Fieldsync
import Foundation
import XCTest

/// Misuse and misfortune come as errors that an app can act on.
final class ErrorTests: XCTestCase {
  private let stranger = "0192f0c1-2b3c-7d4e-8f90-a1b2c3d4e5f6"

  func test_error_not_signed_in() async throws {
    let client = try await Phone.fresh().open()
    let error = await failure { try await client.logVisit(visit(stranger)) }
    guard case .NotSignedIn = error else { return XCTFail("\(String(describing: error))") }
    try await client.close()
    held("error-not-signed-in")
  }

  func test_error_no_server() async throws {
    let client = try await Phone.fresh().open("")
    let error = await failure { try await client.signIn(login: "nils", password: "any") }
    guard case .NoServer = error else { return XCTFail("\(String(describing: error))") }
    try await client.close()
    held("error-no-server")
  }

  func test_error_device_taken() async throws {
    let bench = try Bench.open()
    let phone = try await bench.phone("rosa")
    let devices = URL(fileURLWithPath: phone.dir + "/devices.json")
    let known = try String(contentsOf: devices, encoding: .utf8)
    try known.replacingOccurrences(of: "\"rosa\"", with: "\"sven\"")
      .write(to: devices, atomically: true, encoding: .utf8)
    try FileManager.default.removeItem(atPath: phone.dir + "/session.json")
    let client = try await phone.open(bench.url)
    let error = await failure { try await client.signIn(login: "sven", password: bench.password) }
    guard case .DeviceTaken = error else { return XCTFail("\(String(describing: error))") }
    try await client.close()
    held("error-device-taken")
  }

  func test_error_sign_in_again() async throws {
    let bench = try Bench.open()
    let client = try await Phone.fresh().open(bench.url)
    let error = await failure { try await client.signIn(login: "nils", password: "wrong") }
    guard case .SignInAgain = error else { return XCTFail("\(String(describing: error))") }
    try await client.close()
    held("error-sign-in-again")
  }

  func test_error_device_revoked() async throws {
    let bench = try Bench.open()
    let client = try await bench.phone("nils").open(bench.url)
    let made = try await client.createCustomer(NewCustomer(name: "Unsent"))
    struct Device: Decodable {
      let device: String
      let login: String
    }
    let devices = try JSONDecoder().decode(
      [Device].self, from: try bench.office("device", "list"))
    let nils = try XCTUnwrap(devices.first { $0.login == "nils" })
    try bench.office("device", "revoke", nils.device)
    let error = await failure { try await client.sync() }
    guard case .DeviceRevoked = error else { return XCTFail("\(String(describing: error))") }
    let gone = await failure { try await client.customer(made.id) }
    guard case .NotSignedIn = gone else { return XCTFail("\(String(describing: gone))") }
    let files = try await client.rescueFiles()
    XCTAssertEqual(files.count, 1, "what was not sent is sealed")
    try await client.close()
    held("error-device-revoked")
  }

  func test_error_file_in_use() async throws {
    let phone = Phone.fresh()
    let client = try await phone.open()
    let error = await failure { try await phone.open() }
    guard case .FileInUse = error else { return XCTFail("\(String(describing: error))") }
    try await client.close()
    try await phone.open().close()
    held("error-file-in-use")
  }

  func test_error_not_private() async throws {
    let client = try await Bench.open().used("olga").open(try Bench.named("TLS"))
    let made = try await client.createCustomer(NewCustomer(name: "Unsent"))
    let error = await failure { try await client.sync() }
    guard case .NotPrivate(_, let retryAtMs) = error else {
      return XCTFail("\(String(describing: error))")
    }
    XCTAssertNotNil(retryAtMs)
    let kept = try await client.customer(made.id)
    XCTAssertNotNil(kept)
    try await client.close()
    held("error-not-private")
  }

  func test_error_update_required() async throws {
    let client = try await Bench.open().used("olga").open(try Bench.named("NEWER"))
    let error = await failure { try await client.sync() }
    guard case .UpdateRequired = error else { return XCTFail("\(String(describing: error))") }
    let made = try await client.createCustomer(NewCustomer(name: "It goes on"))
    let kept = try await client.customer(made.id)
    XCTAssertNotNil(kept)
    try await client.close()
    held("error-update-required")
  }

  func test_error_newer_database() async throws {
    let phone = try await Bench.open().phone("paul")
    let replica = try phone.replica()
    let file = try FileHandle(forUpdating: replica)
    // SQLite keeps the version of the schema in bytes 60 to 63 of the file.
    try file.seek(toOffset: 60)
    try file.write(contentsOf: Data([0, 1, 0, 0]))
    try file.close()
    let before = try Data(contentsOf: replica)
    let error = await failure { try await phone.open() }
    guard case .NewerDatabase = error else { return XCTFail("\(String(describing: error))") }
    XCTAssertEqual(try Data(contentsOf: replica), before, "the file is left as it is")
    held("error-newer-database")
  }

  func test_error_wrong_key() async throws {
    let phone = try await Bench.open().phone("qing")
    let replica = try phone.replica()
    // To whoever has not its key, an encrypted file is noise.
    let noise = Data((0..<(64 * 1024)).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 / 251) })
    try noise.write(to: replica)
    let error = await failure { try await phone.open() }
    guard case .WrongKey = error else { return XCTFail("\(String(describing: error))") }
    XCTAssertEqual(try Data(contentsOf: replica), noise, "the file is left as it is")
    held("error-wrong-key")
  }

  func test_error_storage() async throws {
    let phone = Phone.fresh()
    try Data("a file".utf8).write(to: URL(fileURLWithPath: phone.dir))
    let error = await failure { try await phone.open() }
    guard case .Storage = error else { return XCTFail("\(String(describing: error))") }
    held("error-storage")
  }

  func test_error_storage_full() async throws {
    guard FileManager.default.fileExists(atPath: "/small") else {
      print("skipped error-storage-full")
      throw XCTSkip("needs /small")
    }
    let bench = try Bench.open()
    let phone = Phone.fresh(under: "/small")
    let client = try await phone.open(bench.url)
    try await client.signIn(login: "rosa", password: bench.password)
    try await client.sync()
    var names: [String] = []
    let error = await failure {
      while true {
        let name = "Full \(names.count) " + String(repeating: "x", count: 4000)
        try await client.createCustomer(NewCustomer(name: name, notes: name))
        names.append(name)
      }
    }
    guard case .StorageFull = error else { return XCTFail("\(String(describing: error))") }
    let rows = try await client.customers(limit: 200).rows
    XCTAssertEqual(Set(rows.map(\.name)).intersection(names).count, names.count, "reading goes on")
    try await client.close()
    try FileManager.default.removeItem(atPath: phone.dir)
    held("error-storage-full")
  }

  func test_error_clock_far_off() async throws {
    let bench = try Bench.open()
    let clock = Ahead(millis: 2 * 3600 * 1000)
    let client = try await bench.phone("sven", clock: clock).open(bench.url, clock: clock)
    try await client.sync()
    let error = await failure { try await client.checkClock() }
    guard case .ClockFarOff(_, let off) = error else { return XCTFail("\(String(describing: error))") }
    XCTAssertEqual(Double(off), 2 * 3600 * 1000, accuracy: 60_000)
    try await client.createCustomer(NewCustomer(name: "Work goes on"))
    try await client.close()
    held("error-clock-far-off")
  }

  func test_error_offline() async throws {
    let away = try await Bench.open().used("olga").open()
    let offline = await failure { try await away.sync() }
    guard case .Offline(_, .some) = offline else { return XCTFail("\(String(describing: offline))") }
    try await away.close()
    held("error-offline")
  }

  func test_error_bad_input() async throws {
    let client = try await Bench.open().used("uwe").open()
    for bad in [
      await failure { _ = try await client.customers(after: "nonsense") },
      await failure { _ = try await client.createCustomer(NewCustomer(name: " ")) },
      await failure { _ = try await client.logVisit(visit("nonsense")) },
      await failure { _ = try await client.enrol(invitation: "not a code") },
    ] {
      guard case .BadInput = bad else { return XCTFail("\(String(describing: bad))") }
    }
    let saved = try await client.pending().saved
    XCTAssertEqual(saved, 0, "nothing is saved")
    try await client.close()
    held("error-bad-input")
  }

  func test_error_not_found() async throws {
    let client = try await Bench.open().used("uwe").open()
    let gone = await failure {
      try await client.editCustomer(stranger, change: CustomerChange(name: "Nobody"))
    }
    guard case .NotFound = gone else { return XCTFail("\(String(describing: gone))") }
    try await client.close()
    held("error-not-found")
  }

  func test_error_not_yet_synced() async throws {
    let bench = try Bench.open()
    let client = try await Phone.fresh().open(bench.url)
    try await client.signIn(login: "vera", password: bench.password)
    let error = await failure { try await client.scorecard(period: month) }
    guard case .NotYetSynced = error else { return XCTFail("\(String(describing: error))") }
    try await client.close()
    held("error-not-yet-synced")
  }

  func test_error_cancelled() async throws {
    let bench = try Bench.open()
    let client = try await bench.phone("wei").open(bench.url)
    // One may be over before it is cancelled; those behind it wait for their turn.
    let jobs = try (0..<8).map { _ in try client.startSync() }
    for job in jobs { try job.cancel() }
    var cancelled = 0
    for job in jobs {
      if case .Cancelled = await ending(job) { cancelled += 1 }
    }
    XCTAssertGreaterThanOrEqual(cancelled, 7)
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await client.customers()
    }
    let read = await failure { try await task.value }
    guard case .Cancelled = read else { return XCTFail("\(String(describing: read))") }
    let saving = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await client.createCustomer(NewCustomer(name: "Begun is saved"))
    }
    let saved = try await saving.value
    let found = try await client.customer(saved.id)
    XCTAssertNotNil(found)
    try await client.close()
    held("error-cancelled")
  }

  private func ending(_ job: SyncJob) async -> FieldError? {
    do {
      _ = try await job.finish()
      return nil
    } catch {
      return error
    }
  }

  /// A clock that somebody set wrong.
  private final class Ahead: DeviceClock {
    private let millis: Int64

    init(millis: Int64) {
      self.millis = millis
    }

    func read() throws -> ClockReading {
      let now = Int64(Date().timeIntervalSince1970 * 1000)
      return ClockReading(wallMs: now + millis, monotonicMs: nil, bootId: nil)
    }
  }
}
