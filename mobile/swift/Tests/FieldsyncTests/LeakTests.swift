import Fieldsync
import Foundation
import XCTest

/// Ten thousand of each, and memory and threads are where they were.
final class LeakTests: XCTestCase {
  private let many = 10_000

  func test_leak() async throws {
    try await observers()
    try await jobs()
    try await clients()
    held("leak")
  }

  private func observers() async throws {
    let client = try await Bench.open().phone("jan").open()
    try await flat("loops", every: many) {
      for try await _ in client.watch(.customers, { _ throws(FieldError) in 1 }) { break }
    }
    XCTAssertEqual(client.watching, 0)
    try await client.close()
  }

  private func jobs() async throws {
    let client = try await Bench.open().phone("kira").open()
    try await flat("jobs", every: many) {
      let job = try client.startSync()
      try job.cancel()
      _ = try? await job.wait()
    }
    try await client.close()
  }

  private func clients() async throws {
    let phone = try await Bench.open().phone("liu")
    try await flat("clients", every: many) {
      let client = try await phone.open()
      try await client.close()
    }
  }

  /// Does it until caches and pools are warm, then the rest, and compares.
  private func flat(_ what: String, every count: Int, _ deed: () async throws -> Void) async throws {
    for _ in 0..<(count / 5) { try await deed() }
    let before = Standing.now()
    for _ in 0..<count { try await deed() }
    // Threads of a pool that has nothing to do end by themselves.
    try await until("\(what): threads are back") { Standing.now().threads <= before.threads + 8 }
    let after = Standing.now()
    print("leaks: \(count) \(what), memory \(before.kib) to \(after.kib) KiB, threads \(before.threads) to \(after.threads)")
    // 10,000 forgotten handles with their objects would be megabytes more.
    XCTAssertLessThan(after.kib - before.kib, 8 * 1024, what)
  }

  /// What the process holds, as the system counts it.
  private struct Standing {
    var kib = 0
    var threads = 0

    static func now() -> Standing {
      var standing = Standing()
      let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
      for line in status.split(separator: "\n") {
        let parts = line.split(whereSeparator: { $0 == ":" || $0 == "\t" || $0 == " " })
        guard parts.count > 1, let value = Int(parts[1]) else { continue }
        if parts[0] == "VmRSS" { standing.kib = value }
        if parts[0] == "Threads" { standing.threads = value }
      }
      return standing
    }
  }
}
