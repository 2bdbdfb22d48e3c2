import Fieldsync
import Foundation
import XCTest

/// Whatever a closed or paused client is asked, it says that it is closed or paused.
final class ClosedTests: XCTestCase {
  private typealias Call = (FieldsyncClient) async throws -> Void

  func test_error_closed() async throws {
    let client = try await Bench.open().used("olga").open()
    try await client.close()
    try await client.close()
    try await client.pause()
    let calls = try every()
    for (name, call) in calls {
      let other = await end(of: call, on: client)
      if case .Closed = other as? FieldError { continue }
      XCTFail("\(name): \(other)")
    }
    try everyCallIsAmong(Set(calls.map(\.0)))
    var values = 0
    for try await _ in client.watchCustomers() { values += 1 }
    XCTAssertEqual(values, 0, "a loop over a closed client ends")
    held("error-closed")
  }

  func test_error_paused() async throws {
    let client = try await Bench.open().used("olga").open()
    try await client.pause()
    // Who is here, where the phone is and what it keeps need no file.
    let withoutFile: Set<String> = [
      "signedIn", "signOut", "setTimeZone", "resume", "checkClock", "rescueFiles", "today",
    ]
    for (name, call) in try every() where !withoutFile.contains(name) {
      let other = await end(of: call, on: client)
      if case .Paused = other as? FieldError { continue }
      XCTFail("\(name): \(other)")
    }
    try await client.close()
    held("error-paused")
  }

  private func every() throws -> [(String, Call)] {
    let calls = account(try Bench.named("INVITATION")) + customers() + visits() + deals()
    return calls + cases() + plans() + standing() + score() + leading()
  }

  /// What a call failed with, or that it worked.
  private func end(of call: Call, on client: FieldsyncClient) async -> any Error {
    do {
      try await call(client)
      return Worked()
    } catch {
      return error
    }
  }

  private struct Worked: Error {}

  private func account(_ invitation: String) -> [(String, Call)] {
    [
      ("signIn", { try await $0.signIn(login: "olga", password: "x") }),
      ("enrol", { try await $0.enrol(invitation: invitation) }),
      ("signedIn", { _ = try await $0.signedIn() }),
      ("org", { _ = try await $0.org() }),
      ("signOut", { try await $0.signOut() }),
      ("wipe", { try await $0.wipe() }),
      ("setTimeZone", { try await $0.setTimeZone() }),
      ("resume", { try await $0.resume() }),
    ]
  }

  private func customers() -> [(String, Call)] {
    [
      ("createCustomer", { try await $0.createCustomer(NewCustomer(name: "Late")) }),
      ("customers", { _ = try await $0.customers() }),
      ("customer", { _ = try await $0.customer(id) }),
      ("editCustomer", { try await $0.editCustomer(id, change: CustomerChange(name: "Late")) }),
      ("addContact", { try await $0.addContact(customer: id, contact: NewContact(name: "Late")) }),
      ("timeline", { _ = try await $0.timeline(customer: id) }),
      ("conflicts", { _ = try await $0.conflicts() }),
      ("resolveConflict", { try await $0.resolveConflict(doc: id, field: "name", change: sha) }),
    ]
  }

  private func visits() -> [(String, Call)] {
    [
      ("logVisit", { try await $0.logVisit(visit(id)) }),
      ("checkIn", { try await $0.checkIn(customer: id) }),
      ("checkOut", { try await $0.checkOut(id) }),
      ("editVisit", { try await $0.editVisit(id, change: VisitChange(result: "Late")) }),
      ("attach", { try await $0.attach(id, file: photo()) }),
      ("noteExpense", { try await $0.noteExpense(id, kind: "meal", amount: fare) }),
      ("submitVisit", { try await $0.submitVisit(id) }),
      ("amendVisit", { try await $0.amendVisit(id, reason: "Late", text: "Late") }),
      ("visits", { _ = try await $0.visits() }),
      ("visit", { _ = try await $0.visit(id) }),
      ("reviewVisit", { try await $0.reviewVisit(id, comment: "Late") }),
      ("reviews", { _ = try await $0.reviews(visit: id) }),
    ]
  }

  private func deals() -> [(String, Call)] {
    [
      ("deals", { _ = try await $0.deals() }),
      ("deal", { _ = try await $0.deal(id) }),
      ("stages", { _ = try await $0.stages() }),
      ("products", { _ = try await $0.products() }),
      ("createDeal", { try await $0.createDeal(NewDeal(customer: id, name: "Late", stage: "lead")) }),
      ("dealPage", { _ = try await $0.dealPage(id) }),
      ("editDeal", { try await $0.editDeal(id, change: DealChange(leadGrade: "a")) }),
      ("reachMilestone", { try await $0.reachMilestone(deal: id, milestone: id) }),
      ("moveDeal", { try await $0.moveDeal(id, stage: "lead") }),
      ("winDeal", { try await $0.winDeal(id) }),
      ("loseDeal", { try await $0.loseDeal(id, reason: "price") }),
      ("issueQuote", { try await $0.issueQuote(deal: id, amount: fare) }),
      ("decideQuote", { try await $0.decideQuote(deal: id, quote: id, accepted: true) }),
      ("claimContract", { try await $0.claimContract(deal: id, signedOn: day, amount: fare) }),
      ("claimInstalment", { try await $0.claimInstalment(deal: id, dueOn: day, amount: fare) }),
      ("claimPayment", { try await $0.claimPayment(deal: id, receivedOn: day, amount: fare) }),
      ("claimRefund", { try await $0.claimRefund(deal: id, payment: id, on: day) }),
      ("gatesAhead", { _ = try await $0.gatesAhead(deal: id, stage: "lead") }),
      ("gateWarnings", { _ = try await $0.gateWarnings() }),
    ]
  }

  private func cases() -> [(String, Call)] {
    [
      ("openCase", { try await $0.openCase(NewCase(customer: id, kind: "complaint", subject: "Late")) }),
      ("case", { _ = try await $0.oneCase(id) }),
      ("cases", { _ = try await $0.cases() }),
      ("casePage", { _ = try await $0.casePage(id) }),
      ("editCase", { try await $0.editCase(id, change: CaseChange(cause: "Late")) }),
      ("noteProgress", { try await $0.noteProgress(caseId: id, text: "Late") }),
      ("resolveCase", { try await $0.resolveCase(id) }),
      ("recordSurvey", { try await $0.recordSurvey(customer: id, kind: "nps", score: 9) }),
    ]
  }

  private func plans() -> [(String, Call)] {
    [
      ("today", { _ = try await $0.today() }),
      ("dayPlan", { _ = try await $0.dayPlan(date: day) }),
      ("addKeyTask", { try await $0.addKeyTask(date: day, text: "Late") }),
      ("setKeyTaskDone", { try await $0.setKeyTaskDone(date: day, task: id, done: true) }),
      ("addStop", { try await $0.addStop(date: day, customer: id) }),
      ("skipStop", { try await $0.skipStop(date: day, stop: id, reason: "Late") }),
      ("writeDailyReport", { try await $0.writeDailyReport(date: day, report: DailyReport()) }),
      ("askHelp", { try await $0.askHelp(date: day, help: HelpWanted(text: "Late")) }),
      ("helpAnswers", { _ = try await $0.helpAnswers() }),
      ("agenda", { _ = try await $0.agenda() }),
      ("reminders", { _ = try await $0.reminders() }),
    ]
  }

  private func standing() -> [(String, Call)] {
    [
      ("pending", { _ = try await $0.pending() }),
      ("syncState", { _ = try await $0.syncState() }),
      ("ladder", { _ = try await $0.ladder(id) }),
      ("checkClock", { try await $0.checkClock() }),
      ("lateWork", { _ = try await $0.lateWork() }),
      ("decideLateWork", { try await $0.decideLateWork(caseId: id, verdict: "accepted") }),
      ("refusedChanges", { _ = try await $0.refusedChanges() }),
      ("dismissRefused", { try await $0.dismissRefused(sha) }),
      ("requests", { _ = try await $0.requests() }),
      ("dismissRequest", { try await $0.dismissRequest(id) }),
      ("rescueFiles", { _ = try await $0.rescueFiles() }),
      ("startSync", { try await $0.sync() }),
      ("startSyncWithin", { _ = try await $0.syncNow(budget: .seconds(1)) }),
      ("listen", { try await $0.stayInStep() }),
    ]
  }

  private func score() -> [(String, Call)] {
    [
      ("scorecard", { _ = try await $0.scorecard(period: month) }),
      ("explainedScorecard", { _ = try await $0.explainedScorecard(period: month) }),
      ("figures", { _ = try await $0.figures(period: month) }),
      ("factsApart", { _ = try await $0.factsApart(period: month) }),
      ("targets", { _ = try await $0.targets() }),
      ("contestLine", { try await $0.contestLine(period: month, line: "sales", reason: "Late") }),
      ("askTarget", { try await $0.askTarget(target: id, wanted: 1, reason: "Late") }),
      ("adjustments", { _ = try await $0.adjustments() }),
      ("answerAdjustment", { try await $0.answerAdjustment(id: id, accepted: true) }),
      ("contests", { _ = try await $0.contests() }),
      ("answerContest", { try await $0.answerContest(id: id, accepted: true) }),
      ("appraisal", { _ = try await $0.appraisal(period: month) }),
      ("appraisals", { _ = try await $0.appraisals() }),
      ("assessSelf", { try await $0.assessSelf(period: month, comment: "Late", ratings: [:]) }),
      ("disputeAppraisal", { try await $0.disputeAppraisal(period: month, reason: "Late") }),
      ("stepAppraisal", { try await $0.stepAppraisal(rep: id, period: month, to: "closed") }),
    ]
  }

  private func leading() -> [(String, Call)] {
    [
      ("teamDesk", { _ = try await $0.teamDesk() }),
      ("planRecovery", { try await $0.planRecovery(customer: id, plan: "Late") }),
      ("finishRecovery", { try await $0.finishRecovery(customer: id) }),
      ("judgeVisit", { try await $0.judgeVisit(id, accepted: true, note: "Late") }),
      ("ruling", { _ = try await $0.ruling(visit: id) }),
      ("signals", { _ = try await $0.signals() }),
      ("answerSignal", { try await $0.answerSignal(id: id, upheld: true, note: "Late") }),
    ]
  }

  /// Whatever the core can be asked was asked above. A loop observes, and `syncNow` is made of
  /// the job of `startSyncWithin`; ending what has ended is fine.
  private func everyCallIsAmong(_ asked: Set<String>) throws {
    let package = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let core = try String(
      contentsOf: package.appendingPathComponent("Core/fieldsync_mobile.swift"), encoding: .utf8)
    let surface = try XCTUnwrap(
      core.components(separatedBy: "public protocol FieldClientProtocol").dropFirst().first?
        .components(separatedBy: "\n}").first)
    let names = surface.components(separatedBy: "func ").dropFirst()
      .map { $0.prefix { $0 != "(" }.replacingOccurrences(of: "`", with: "") }
    let aside: Set<String> = ["observe", "syncNow", "pause", "close"]
    XCTAssertEqual(Set(names).subtracting(asked).subtracting(aside), [])
  }
}

private let id = "0192f0c1-2b3c-7d4e-8f90-a1b2c3d4e5f6"
private let sha = String(repeating: "ab", count: 32)
private let day = "2026-10-05"
private let fare = Amount(minor: 35_00, currency: "CNY")

private func photo() -> NewAttachment {
  NewAttachment(kind: .photo, sha256: sha, length: 1000, mediaType: "image/jpeg")
}
