import Fieldsync
import Foundation
import XCTest

final class KillTests: XCTestCase {
  /// A process that saves and syncs is killed; what it said was saved is there afterwards
  /// and reaches the server once.
  func test_kill_reopen() async throws {
    let bench = try Bench.open()
    let phone = try await bench.phone("liu")
    let client = try await phone.open(bench.url)
    let made = try await client.createCustomer(NewCustomer(name: "Killed"))
    try await client.close()
    var said: Set<String> = []
    for lines in [1, 5, 25] {
      said.formUnion(try saver(phone, bench.url, made.id, until: lines))
    }
    let again = try await phone.open(bench.url)
    try await again.sync()
    var kept: [String] = []
    var after: String?
    repeat {
      let page = try await again.visits(customer: made.id, limit: 200, after: after)
      kept += page.rows.map(\.id)
      after = page.next
    } while after != nil
    XCTAssertTrue(said.isSubset(of: kept), "\(said.count) were said, \(kept.count) are here")
    XCTAssertEqual(Set(kept).count, kept.count)
    XCTAssertLessThanOrEqual(kept.count, said.count + 3, "at most one a life was saved and not said")
    let pending = try await again.pending()
    XCTAssertEqual(pending.saved + pending.sent, 0)
    try await again.close()
    held("kill-reopen")
  }

  private func saver(_ phone: Phone, _ url: String, _ customer: String, until: Int) throws
    -> [String]
  {
    let (process, pipe) = (Process(), Pipe())
    process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
      .resolvingSymlinksInPath().deletingLastPathComponent().appendingPathComponent("fieldsync-saver")
    process.arguments = [phone.dir, url, customer]
    process.standardOutput = pipe
    try process.run()
    var said = Data()
    var count = 0
    while count < until {
      let some = pipe.fileHandleForReading.availableData
      guard !some.isEmpty else { break }
      said += some
      count = said.filter { $0 == UInt8(ascii: "\n") }.count
    }
    kill(process.processIdentifier, SIGKILL)
    said += pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    XCTAssertGreaterThanOrEqual(count, until)
    let whole = said.lastIndex(of: UInt8(ascii: "\n")).map { said[..<$0] } ?? Data()
    return String(decoding: whole, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}
