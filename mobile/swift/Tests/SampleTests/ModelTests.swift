import Fieldsync
import Foundation
import XCTest

@testable import FieldsyncSample

/// View models where something is missing; the whole day is played by fieldsync-day.
@MainActor
final class ModelTests: XCTestCase {
  private func desk(_ language: Language = .english) async throws -> Desk {
    let dir = NSTemporaryDirectory() + "/sample-" + UUID().uuidString
    let client = try await FieldsyncClient.open(
      OpenConfig(
        dir: dir, serverUrl: "http://127.0.0.1:9", deviceName: "sample", platform: "test",
        appVersion: "0.1.0", timeZone: "Asia/Shanghai", utcOffsetS: 8 * 3600))
    let noon = Date(timeIntervalSince1970: 1_793_160_000)  // 2026-10-28 04:00 UTC
    let zone = try XCTUnwrap(TimeZone(secondsFromGMT: 8 * 3600))
    return Desk(client: client, words: Words(language), zone: zone) { noon }
  }

  func testDaysAndHoursAreThoseOfThePhone() async throws {
    let desk = try await desk()
    XCTAssertEqual(desk.day(), "2026-10-28")
    XCTAssertEqual(desk.day(in: 7), "2026-11-04")
    XCTAssertEqual(desk.month, "2026-10")
    XCTAssertEqual(desk.moment(1_793_160_000_000), "10-28 12:00")
  }

  func testFiguresReadAndAreTypedAsWhatTheyCount() async {
    let org = { (currency: String, decimals: UInt32) in
      OrgRow(
        id: "", name: "", timeZone: "", currency: currency, currencyDecimals: decimals,
        fiscalStartMonth: 1)
    }
    let (yuan, yen) = (Figures(org("CNY", 2)), Figures(org("JPY", 0)))
    XCTAssertEqual(yuan.show("minor_units", 12_800_000), "128,000.00")
    XCTAssertEqual(yen.show("minor_units", 12_800_000), "12,800,000")
    XCTAssertEqual(yuan.show("minor_units", -5), "-0.05")
    XCTAssertEqual(yuan.show("basis_points", 8_550), "85.50 %")
    XCTAssertEqual(yuan.show("count", 1_200), "1,200")
    XCTAssertEqual(yuan.read("minor_units", "128,000"), 12_800_000)
    XCTAssertEqual(yuan.read("basis_points", "85.5 %"), 8_550)
    XCTAssertEqual(yen.read("minor_units", " 5 "), 5)
    for bad in ["3.5", "many", "", ".5", "1.2.3"] { XCTAssertNil(yuan.read("count", bad), bad) }
    XCTAssertEqual(Figures().show("minor_units", 5), "–")
    XCTAssertNil(Figures().read("minor_units", "5"), "whose currency nobody knows yet")
    XCTAssertEqual(Figures.share(2_727), "27.3 %")
  }

  func testAQuickLogSaysWhatIsMissing() async throws {
    let log = QuickLogModel(try await desk())
    await log.save()
    XCTAssertEqual(log.notice, "Choose a customer first")
    XCTAssertNil(log.saved)
    await log.preselect()
    XCTAssertEqual(log.notice, "Please sign in")
    XCTAssertEqual(log.outcomes.map(\.id), QuickLogModel.outcomes)
    log.choose(outcome: log.outcomes[0])
    XCTAssertEqual(log.outcomes.filter(\.chosen).map(\.id), ["order"])
  }

  func testScreensOfAPhoneOnWhichNobodySignedInSaySo() async throws {
    for language in Language.allCases {
      let desk = try await desk(language)
      let said = desk.words.say("error.sign_in")
      let home = HomeModel(desk)
      await home.run()
      XCTAssertEqual(home.notice, said)
      XCTAssertEqual(home.parts.count, 5)
      XCTAssertTrue(home.parts.allSatisfy { !$0.rows.isEmpty && !$0.title.isEmpty })
      let list = CustomerListModel(desk)
      await list.run()
      XCTAssertEqual(list.notice, said)
      let plan = DayPlanModel(desk)
      await plan.add(task: "Call")
      XCTAssertEqual(plan.notice, said)
      let score = ScoreModel(desk)
      await score.run()
      XCTAssertEqual(score.notice, said)
      let targets = TargetsModel(desk)
      await targets.run()
      XCTAssertEqual(targets.notice, said)
      let appraisal = AppraisalModel(desk)
      XCTAssertEqual(appraisal.period, "2026-09")
      await appraisal.run()
      XCTAssertEqual(appraisal.notice, said)
      XCTAssertTrue(appraisal.actions.isEmpty)
    }
  }

  func testEveryErrorHasWordsOfItsOwn() async {
    let words = Words(.english)
    let errors: [FieldError] = [
      .NotSignedIn(detail: ""), .NoServer(detail: ""), .DeviceTaken(detail: ""),
      .SignInAgain(detail: ""), .DeviceRevoked(detail: ""),
      .Closed(detail: ""), .FileInUse(detail: ""), .WrongKey(detail: ""), .Keychain(detail: ""),
      .NewerDatabase(detail: ""), .ClockFarOff(detail: "", offMs: 1),
      .NotPrivate(detail: "", retryAtMs: nil), .Offline(detail: "", retryAtMs: nil),
      .UpdateRequired(detail: ""), .Cancelled(detail: ""), .BadInput(detail: ""),
      .NotFound(detail: ""), .NotYetSynced(detail: ""), .StorageFull(detail: ""),
      .Storage(detail: ""), .Internal(detail: ""),
    ]
    XCTAssertEqual(Set(errors.map { words.error($0) }).count, errors.count)
  }
}
