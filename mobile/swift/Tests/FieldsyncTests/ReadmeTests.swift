import Foundation
import XCTest

@testable import Fieldsync

final class ReadmeTests: XCTestCase {
  /// mobile/README.md shows what stands between the marks; tests/tests/swift_sdk.rs compares.
  func test_readme() async throws {
    let bench = try Bench.open()
    let (serverURL, login, password) = (bench.url, "xenia", bench.password)
    let folder = Phone.fresh().dir
    // readme: begin
    let config = OpenConfig(
      dir: folder, serverUrl: serverURL, deviceName: "Xenia's phone", platform: "ios",
      appVersion: "1.0", timeZone: "Asia/Shanghai", utcOffsetS: 8 * 3600)
    let client = try await FieldsyncClient.open(config)
    try await client.signIn(login: login, password: password)
    try await client.sync()

    let customer = try await client.createCustomer(NewCustomer(name: "华东机械有限公司"))
    try await client.checkIn(customer: customer.id)  // on arrival: the log is the check-out
    let said = VisitChange(outcome: "order", nextStep: "Deliver")
    let id = try await client.logVisit(
      NewVisit(customer: customer.id, mode: "onsite", said: said))

    for try await page in client.watchVisits(customer: customer.id) {
      print(page.rows.map(\.state))  // [saved], later [stored]
      if page.rows.allSatisfy({ $0.state == .stored }) { break }
      try await client.sync()
    }
    // readme: end
    let logged = try await client.visit(id)
    XCTAssertEqual(logged?.row.state, .stored)
    try await client.close()
  }
}
