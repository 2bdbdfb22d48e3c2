import Fieldsync
import Foundation
import XCTest

@testable import FieldsyncSample

/// The way in, and what a phone with somebody signed in shows.
@MainActor
final class DoorTests: XCTestCase {
  private func config(_ url: String = "http://127.0.0.1:9") -> OpenConfig {
    OpenConfig(
      dir: NSTemporaryDirectory() + "/door-" + UUID().uuidString, serverUrl: url,
      deviceName: "door", platform: "test", appVersion: "0.1.0", timeZone: "Asia/Shanghai",
      utcOffsetS: 8 * 3600)
  }

  private func told(_ name: String) throws -> String {
    let value = ProcessInfo.processInfo.environment["FIELDSYNC_TEST_\(name)"] ?? ""
    return try value.isEmpty ? { throw XCTSkip("skipped: needs FIELDSYNC_TEST_\(name)") }() : value
  }

  /// A door behind which somebody signed in.
  private func entered(_ login: String) async throws -> (DoorModel, Desk) {
    let door = DoorModel(config(try told("URL")), secrets: nil, words: Words(.english))
    (door.login, door.password) = (login, try told("PASSWORD"))
    await door.enter()
    XCTAssertEqual(door.notice, "")
    return (door, try XCTUnwrap(door.rooms.first).desk)
  }

  private func until(_ what: String, _ holds: () async throws -> Bool) async throws {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(30)
    while clock.now < end {
      if try await holds() { return }
      try await Task.sleep(for: .milliseconds(5))
    }
    XCTFail("did not come about: \(what)")
  }

  func testScreenAndBackgroundWorkShareOneOpening() async throws {
    let door = DoorModel(config(), secrets: nil, words: Words(.english))
    async let one = door.client()
    async let two = door.client()
    let (first, second) = try await (one, two)
    XCTAssertTrue(first === second)
  }

  func testBackgroundWorkLeavesFilesClosed() async throws {
    let config = config()
    let door = DoorModel(config, secrets: nil, words: Words(.english))
    let outcome = await door.refresh()
    XCTAssertFalse(outcome.succeeded)
    // Whoever has files open has the folder for themselves.
    let other = try await FieldsyncClient.open(config)
    try await other.close()
  }

  func testWhoEntersIsBroughtUpToDateAndKeptInStep() async throws {
    let (door, desk) = try await entered("paul")
    try await until("everything is here") { try await desk.client.syncState().complete }
    _ = try await desk.client.createCustomer(NewCustomer(name: "Acme"))
    try await until("it goes out by itself") {
      let waits = try await desk.client.pending()
      return waits.saved + waits.sent == 0
    }
    await door.rest()
    try await desk.client.resume()
    try await desk.client.signOut()
    await SyncModel(desk).syncNow()
    XCTAssertTrue(door.asks)
    try await desk.client.close()
  }

  func testAListKeepsItsPagesAndTakesATapOnce() async throws {
    let (_, desk) = try await entered("qing")
    for number in 1...6 {
      _ = try await desk.client.createCustomer(NewCustomer(name: "Listed \(number)"))
    }
    let list = CustomerListModel(desk, pageSize: 2)
    list.search = "Listed"
    let showing = Task { await list.run() }
    defer { showing.cancel() }
    try await until("the first page") { list.rows.count == 2 }
    // Both wait for this actor, one behind the other: the second comes while the first reads.
    let taps = [Task { await list.loadMore() }, Task { await list.loadMore() }]
    for tap in taps { await tap.value }
    XCTAssertEqual(list.rows.map(\.title), (1...4).map { "Listed \($0)" })
    _ = try await desk.client.createCustomer(NewCustomer(name: "Listed 0"))
    try await until("the new one is there") { list.rows.first?.title == "Listed 0" }
    XCTAssertEqual(list.rows.count, 4)
    XCTAssertEqual(Set(list.rows.map(\.id)).count, 4)
  }

  func testAVisitOnSiteRunsFromItsCheckInToItsLogAndIsSavedOnce() async throws {
    let (_, desk) = try await entered("wei")
    let made = try await desk.client.createCustomer(NewCustomer(name: "Acme")).id
    let line = Line(id: made, title: "Acme", badge: Badge("", symbol: "", tone: .calm))
    let arriving = QuickLogModel(desk)
    await arriving.choose(customer: line)
    XCTAssertEqual(arriving.modes.filter(\.chosen).map(\.id), ["phone"])
    XCTAssertEqual(arriving.minutes.filter(\.chosen).map(\.id), ["15"])
    await arriving.arrive()
    await arriving.arrive()
    XCTAssertEqual(arriving.notice, "Checked in; saving checks out")
    let leaving = QuickLogModel(desk)
    await leaving.choose(customer: line)
    XCTAssertEqual(leaving.modes.filter(\.chosen).map(\.id), ["onsite"])
    leaving.choose(outcome: leaving.outcomes[1])
    await leaving.save()
    await leaving.save()
    XCTAssertEqual(leaving.notice, "Saved on this phone")
    let rows = try await desk.client.visits(customer: made).rows
    XCTAssertEqual(rows.map(\.id), [leaving.saved])
    XCTAssertEqual(rows.map(\.mode), ["onsite"])
  }
}
