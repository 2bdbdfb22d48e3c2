import Fieldsync
import Foundation
import XCTest

/// However a loop ends, the core forgets it.
final class WatchTests: XCTestCase {
  private func client() async throws -> FieldsyncClient {
    try await Bench.open().used("olga").open()
  }

  func testALoopThatIsLeftLetsGo() async throws {
    let client = try await client()
    for try await _ in client.watchCustomers() {
      XCTAssertEqual(client.watching, 1)
      break
    }
    XCTAssertEqual(client.watching, 0)
    try await client.close()
  }

  func testACancelledTaskLetsGo() async throws {
    let client = try await client()
    let watching = Task {
      for try await _ in client.watchVisits() {}
    }
    try await until("it watches") { client.watching == 1 }
    watching.cancel()
    try await watching.value
    XCTAssertEqual(client.watching, 0)
    try await client.close()
  }

  func testAClosedClientEndsEveryLoop() async throws {
    let client = try await client()
    let loops = (0..<20).map { _ in
      Task {
        for try await _ in client.watchSyncState() {}
      }
    }
    try await until("they watch") { client.watching == 20 }
    try await client.close()
    for loop in loops { try await loop.value }
    XCTAssertEqual(client.watching, 0)
  }

  func testManyChangesAreFewNoticesAndTheLastIsNeverMissed() async throws {
    let client = try await client()
    let before = try await client.customers(limit: 200).rows.count
    let watching = Task {
      var reads = 0
      for try await page in client.watchCustomers(limit: 200) {
        reads += 1
        if page.rows.count == before + 50 { break }
      }
      return reads
    }
    try await until("it watches") { client.watching == 1 }
    for n in 0..<50 { try await client.createCustomer(NewCustomer(name: "Many \(n)")) }
    let reads = try await watching.value
    XCTAssertLessThanOrEqual(reads, 51)
    try await client.close()
  }

  func testBackgroundWorkSaysWhenToComeAgain() async throws {
    let away = try await client()
    try await away.createCustomer(NewCustomer(name: "Waits"))
    let now = Date()
    let work = BackgroundWork(budget: .seconds(5))
    let failed = await work.run(away, now: now)
    XCTAssertFalse(failed.succeeded)
    XCTAssertGreaterThan(failed.remaining ?? 0, 0)
    XCTAssertGreaterThanOrEqual(failed.next, now + work.soon)
    try await away.close()

    let bench = try Bench.open()
    let near = try await bench.phone("ines").open(bench.url)
    let done = await work.run(near, now: now)
    XCTAssertEqual(done, BackgroundOutcome(succeeded: true, remaining: 0, next: now + work.rest))
    try await near.signOut()
    let nobody = await work.run(near, now: now)
    XCTAssertFalse(nobody.succeeded)
    try await near.close()
  }
}
