import Foundation
import XCTest

@testable import Fieldsync

/// What a rep begins and goes on with, and what comes of what they ask for.
final class DraftTests: XCTestCase {
  private let stranger = "0192f0c1-2b3c-7d4e-8f90-a1b2c3d4e5f6"

  func test_draft() async throws {
    let client = try await Bench.open().used("rosa").open()
    let customer = try await client.createCustomer(NewCustomer(name: "Draft"))
    let made = try await client.checkIn(customer: customer.id)
    try await client.editVisit(made, change: VisitChange(outcome: "progress", needs: ["a trial"]))
    let hash = String(repeating: "ab", count: 32)
    var photo = NewAttachment(kind: .photo, sha256: hash, length: 1000, mediaType: "image/jpeg")
    let noted = try await client.attach(made, file: photo)
    let signed = NewAttachment(
      kind: .signature, sha256: String(repeating: "cd", count: 32), length: 500,
      mediaType: "image/png")
    let unnamed = try await client.attach(made, file: signed)
    XCTAssertNil(unnamed, "there is one, which needs no name")
    let fare = Amount(minor: 35_00, currency: "CNY")
    try await client.noteExpense(made, kind: "travel", amount: fare, voucher: hash)
    let seen = Competitor(name: "Beta AG", note: "10 % cheaper")
    let help = HelpWanted(kind: "technical", text: "the valve drips")
    try await client.editVisit(made, change: VisitChange(competitors: [seen], help: help))
    let more = VisitChange(result: "they try it", nextStep: "send the quote")
    try await client.editVisit(made, change: more)
    photo.sha256 = "nonsense"
    let unread = photo
    for bad in [
      await failure { _ = try await client.noteExpense(made, kind: "nonsense", amount: fare) },
      await failure { _ = try await client.attach(made, file: unread) },
    ] {
      guard case .BadInput = bad else { return XCTFail("\(String(describing: bad))") }
    }
    try await client.checkOut(made)
    try await client.submitVisit(made)
    let found = try await client.visit(made)
    let page = try XCTUnwrap(found)
    XCTAssertEqual(
      [page.row.outcome, page.result, page.nextStep, page.row.mode],
      ["progress", "they try it", "send the quote", "onsite"])
    XCTAssertTrue(page.row.submitted)
    XCTAssertEqual(page.needs, ["a trial"])
    XCTAssertEqual(page.competitors, [seen])
    XCTAssertEqual(page.help, help)
    XCTAssertEqual(page.attachments.map(\.sha256), [hash, signed.sha256])
    XCTAssertEqual(page.attachments.map(\.id), [noted, nil])
    XCTAssertEqual(page.expenses.map(\.kind), ["travel"])
    XCTAssertEqual(page.expenses.map(\.amount), [fare])
    let late = await failure { try await client.editVisit(made, change: VisitChange(result: "no")) }
    guard case .BadInput = late else { return XCTFail("\(String(describing: late))") }
    try await client.close()
    held("draft")
  }

  func test_case() async throws {
    let client = try await Bench.open().used("rosa").open()
    let customer = try await client.createCustomer(NewCustomer(name: "Case"))
    let made = try await client.openCase(
      NewCase(customer: customer.id, kind: "complaint", subject: "Late again"))
    let resolved = Task { () async throws -> CaseRow? in
      for try await row in client.watchCase(made) where row?.resolvedAtMs != nil { return row }
      return nil
    }
    try await client.noteProgress(caseId: made, text: "called back", replied: true)
    try await client.resolveCase(made, action: "a credit note", satisfied: true)
    let row = try await resolved.value
    XCTAssertEqual(row?.satisfied, true)
    XCTAssertNotNil(row?.firstReplyAtMs)
    try await client.editCase(
      made, change: CaseChange(cause: "the valve", delayCause: "internal"))
    let found = try await client.casePage(made)
    let page = try XCTUnwrap(found)
    XCTAssertEqual(
      page.said,
      CaseChange(
        cause: "the valve", action: "a credit note", delayCause: "internal", satisfied: true))
    XCTAssertEqual(page.progress.map(\.text), ["called back"])
    let none = try await client.oneCase(stranger)
    XCTAssertNil(none)
    try await client.close()
    held("case")
  }

  func test_requests() async throws {
    let bench = try Bench.open()
    let client = try await bench.phone("vera").open(bench.url)
    let customer = try await client.createCustomer(NewCustomer(name: "Asked"))
    let made = try await client.logVisit(visit(customer.id))
    for bad in [
      await failure { try await client.reviewVisit(made, comment: "well done", rating: 9) },
      await failure {
        try await client.assessSelf(period: month, comment: "fine", ratings: ["teamwork": 99])
      },
    ] {
      guard case .BadInput = bad else { return XCTFail("\(String(describing: bad))") }
    }
    let unknown = await failure {
      try await client.askTarget(target: stranger, wanted: 5, reason: "the fair")
    }
    guard case .NotFound = unknown else { return XCTFail("\(String(describing: unknown))") }
    try await client.sync()
    try await client.reviewVisit(made, comment: "well done", rating: 5)
    let waiting = try await client.requests()
    XCTAssertEqual(waiting.map(\.kind), ["review_visit"])
    XCTAssertEqual(waiting.map(\.refused), [nil])
    try await client.sync()
    let refused = try await client.requests()
    XCTAssertEqual(refused.map(\.id), waiting.map(\.id))
    XCTAssertNotNil(refused.first?.refused, "nobody comments on their own visit")
    let pending = try await client.pending()
    XCTAssertEqual([pending.requests, pending.requestsRefused], [0, 1])
    for request in refused { try await client.dismissRequest(request.id) }
    let left = try await client.requests()
    XCTAssertEqual(left, [])
    try await client.close()
    held("requests")
  }

  func test_in_step() async throws {
    let bench = try Bench.open()
    let client = try await bench.phone("wei").open(bench.url)
    let stepping = Task { try await client.stayInStep() }
    let job = try client.core.listen()
    let state = try await job.stateOtherThan(known: .polling)
    XCTAssertEqual(state, .listening)
    let customer = try await client.createCustomer(NewCustomer(name: "In step"))
    let made = try await client.logVisit(visit(customer.id))
    try await until("it went out by itself") {
      let waits = try await client.pending()
      return waits.saved + waits.sent == 0
    }
    let ladder = try await client.ladder(made)
    XCTAssertEqual(ladder.state, .stored)
    stepping.cancel()
    _ = await stepping.result
    try await client.close()
    held("in-step")
  }

  func test_time_zone() async throws {
    let client = try await Phone.fresh().open()
    var days: [String] = []
    for hours in [13, -12] {
      try await client.setTimeZone(try XCTUnwrap(TimeZone(secondsFromGMT: hours * 3600)))
      days.append(try await client.today())
    }
    XCTAssertGreaterThan(days[0], days[1])
    for (name, offset) in [("Nowhere", Int32.max), (" ", 0)] {
      let bad = await failure {
        try await client.save { try $0.setTimeZone(timeZone: name, utcOffsetS: offset) }
      }
      guard case .BadInput = bad else { return XCTFail("\(String(describing: bad))") }
    }
    let day = try await client.today()
    XCTAssertEqual(day, days[1])
    try await client.close()
    held("time-zone")
  }
}
