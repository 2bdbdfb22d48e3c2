import Fieldsync
import Foundation
import XCTest

/// What a rep asks for offline is seen at once, and with its answer later.
final class AskedTests: XCTestCase {
  /// A phone with a visit that counts, and the card of the office that says so.
  private func scored(_ bench: Bench) async throws -> FieldsyncClient {
    let client = try await bench.used("olga").open(bench.url)
    try await client.sync()
    if try await client.scorecard(period: month).visitsCounted == 0 {
      let customer = try await client.createCustomer(NewCustomer(name: "Scored"))
      try await client.logVisit(visit(customer.id, minutesAgo: 40))
    }
    try await until("the office's card is here", synced(client) {
      try await client.scorecard(period: month).equalsOfficial == true
    })
    return client
  }

  /// The same question after a sync.
  private func synced(
    _ client: FieldsyncClient, _ holds: @escaping () async throws -> Bool
  ) -> () async throws -> Bool {
    {
      try await client.sync()
      return try await holds()
    }
  }

  private func mine(_ client: FieldsyncClient) async throws -> TargetRow {
    let rows = try await client.targets(period: month)
    return try XCTUnwrap(rows.first(where: \.mine))
  }

  func test_targets() async throws {
    let bench = try Bench.open()
    let client = try await scored(bench)
    let own = try await mine(client)
    XCTAssertEqual([own.metric, own.whose], ["effective_visits", "olga"])
    XCTAssertGreaterThan(try XCTUnwrap(own.actual), 0)
    XCTAssertGreaterThan(try XCTUnwrap(own.pace).workingDays, 0)
    for bad in [
      await failure { try await client.askTarget(target: own.id, wanted: 30, reason: " ") },
      await failure { try await client.askTarget(target: own.id, wanted: -1, reason: "the fair") },
    ] {
      guard case .BadInput = bad else { return XCTFail("\(String(describing: bad))") }
    }
    let wanted = own.value - 10
    try await client.askTarget(target: own.id, wanted: wanted, reason: "the fair takes a week")
    let adjustments = try await client.adjustments()
    XCTAssertEqual(adjustments.map(\.state), [.waiting])
    let asked = try XCTUnwrap(adjustments.first)
    XCTAssertEqual([asked.was, asked.wanted], [own.value, wanted])
    XCTAssertEqual(asked.target, own.id)
    try await until("it is at the office", synced(client) {
      try await client.adjustments().map(\.state) == [.open]
    })
    try bench.office("target", "decide", asked.id, "approve", "--note", "agreed")
    try await until("it is answered", synced(client) {
      try await client.adjustments().map(\.state) == [.accepted]
    })
    let notes = try await client.adjustments().map(\.note)
    XCTAssertEqual(notes, ["agreed"])
    for try await rows in client.watchTargets(period: month) {
      XCTAssertEqual(rows.first(where: \.mine)?.value, wanted)
      break
    }
    try await client.close()
    held("targets")
  }

  func test_contest() async throws {
    let bench = try Bench.open()
    let client = try await scored(bench)
    let made = try await client.visits().rows.map(\.id)
    let unknown = await failure {
      try await client.contestLine(period: month, line: "smiles", reason: "I smiled")
    }
    guard case .NotFound = unknown else { return XCTFail("\(String(describing: unknown))") }
    try await client.contestLine(
      period: month, line: "effective_visits", reason: "one is missing", evidence: made)
    let contests = try await client.contests()
    XCTAssertEqual(contests.map(\.state), [.waiting])
    let waiting = try XCTUnwrap(contests.first)
    XCTAssertEqual(Set(waiting.evidence), Set(made))
    try await until("it is at the office", synced(client) {
      try await client.contests().map(\.state) == [.open]
    })
    try bench.office("contest", "decline", waiting.id, "--note", "it was too short")
    try await until("it is answered", synced(client) {
      try await client.contests().map(\.state) == [.declined]
    })
    let answered = try await client.contests().first
    XCTAssertEqual(answered?.note, "it was too short")
    XCTAssertEqual(answered?.centipoints, waiting.centipoints, "the figure stays as it was")
    try await client.close()
    held("contest")
  }

  func test_appraisal() async throws {
    let bench = try Bench.open()
    let client = try await scored(bench)
    let draft = try await client.appraisal(period: month)
    XCTAssertEqual(draft.state, "draft")
    XCTAssertEqual(draft.next, ["self_submitted"])
    XCTAssertEqual(draft.families.map(\.family), ["skill", "teamwork"])
    let mute = await failure { try await client.assessSelf(period: month, comment: " ") }
    guard case .BadInput = mute else { return XCTFail("\(String(describing: mute))") }
    try await client.assessSelf(period: month, comment: "a good month", ratings: ["teamwork": 4])
    let taken = try await client.appraisal(period: month)
    XCTAssertEqual([taken.state, taken.waiting], ["draft", "self_submitted"])
    try await until("it is at the office", synced(client) {
      try await client.appraisal(period: month).state == "self_submitted"
    })
    let stored = try await client.appraisal(period: month)
    XCTAssertNil(stored.waiting)
    XCTAssertTrue(stored.mayHandIn)
    XCTAssertNotNil(stored.frozenCentipoints)
    XCTAssertEqual(stored.totalCentipoints, stored.frozenCentipoints)
    for to in ["supervisor_scored", "manager_reviewed", "published"] {
      try bench.office(
        "appraisal", "step", "olga", "--period", month, "--to", to, "--rating", "skill=5")
    }
    try await until("it is published", synced(client) {
      try await client.appraisal(period: month).state == "published"
    })
    let published = try await client.appraisal(period: month)
    XCTAssertEqual(published.next, ["disputed"])
    XCTAssertFalse(published.mayHandIn)
    try await client.disputeAppraisal(period: month, reason: "a visit is missing")
    for try await view in client.watchAppraisal(period: month) {
      XCTAssertEqual(view.waiting, "disputed")
      break
    }
    try await until("it is disputed", synced(client) {
      try await client.appraisal(period: month).state == "disputed"
    })
    let listed = try await client.appraisals()
    XCTAssertEqual(
      listed.first?.steps.map(\.to),
      ["self_submitted", "supervisor_scored", "manager_reviewed", "published", "disputed"])
    let nonsense = await failure {
      try await client.stepAppraisal(rep: stored.rep, period: month, to: "nonsense")
    }
    guard case .BadInput = nonsense else { return XCTFail("\(String(describing: nonsense))") }
    try await client.close()
    held("appraisal")
  }
}
