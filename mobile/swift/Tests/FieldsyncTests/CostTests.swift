import Fieldsync
import Foundation
import XCTest

/// What calls cost, for mobile/README.md. Nothing is asserted about time: machines differ.
final class CostTests: XCTestCase {
  func test_costs() async throws {
    let bench = try Bench.open()
    // On a disk, not in memory: a durable save is what is measured.
    let phone = Phone.fresh(under: "/src/.home")
    defer { try? FileManager.default.removeItem(atPath: phone.dir) }
    let first = try await phone.open(bench.url)
    try await first.signIn(login: "xenia", password: bench.password)
    try await first.sync()
    let made = try await first.createCustomer(NewCustomer(name: "Cost"))
    for n in 0..<150 {
      try await first.createCustomer(NewCustomer(name: "Cost \(n)", address: "Road \(n)"))
    }
    try await first.close()

    try await measured("open and close", times: 30) {
      try await phone.open().close()
    }
    let client = try await phone.open()
    try await measured("a call that reads nothing", times: 2000) { _ = try await client.signedIn() }
    try await measured("a page of 100 customers", times: 200) {
      let page = try await client.customers(limit: 100)
      XCTAssertEqual(page.rows.count, 100)
    }
    try await measured("search, 50 rows at most", times: 200) {
      _ = try await client.customers(search: "cost 1")
    }
    try await measured("save a visit", times: 200) { try await client.logVisit(visit(made.id)) }
    try await latency(client)
    try await client.close()
  }

  /// From the end of a save until the loop has read the value anew; 30 ms of it gather
  /// notices.
  private func latency(_ client: FieldsyncClient) async throws {
    let clock = ContinuousClock()
    var taken: [Duration] = []
    var saved = clock.now
    var count = 0
    for try await _ in client.watchSyncState() {
      if count > 0 { taken.append(clock.now - saved) }
      count += 1
      if count > 30 { break }
      try await client.createCustomer(NewCustomer(name: "Latency \(count)"))
      saved = clock.now
    }
    say("observer, from save to value read anew", taken)
  }

  private func measured(_ what: String, times: Int, _ deed: () async throws -> Void) async throws {
    let clock = ContinuousClock()
    var taken: [Duration] = []
    for _ in 0..<times {
      let began = clock.now
      try await deed()
      taken.append(clock.now - began)
    }
    say(what, taken)
  }

  private func say(_ what: String, _ taken: [Duration]) {
    let sorted = taken.sorted()
    let micros = { (share: Int) in Int(sorted[(sorted.count - 1) * share / 100] / .microseconds(1)) }
    print("cost: \(what): p50 \(micros(50)) µs, p95 \(micros(95)) µs of \(sorted.count)")
  }
}
