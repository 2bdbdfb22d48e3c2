import Fieldsync
import Foundation
import XCTest

/// Who shares something may go without taking it from the others.
final class LifecycleTests: XCTestCase {
  func testOneOfTwoWhoStayInStepMayGo() async throws {
    let url = try Bench.named("URL")
    let client = try await Phone.fresh().open(url)
    try await client.signIn(login: "tina", password: try Bench.named("PASSWORD"))
    let one = Task { try await client.stayInStep() }
    let two = Task { try await client.stayInStep() }
    _ = try await client.createCustomer(NewCustomer(name: "Before"))
    try await until("they are in step") { try await client.pending().saved == 0 }
    one.cancel()
    let ended = await failure { try await one.value }
    guard case .Cancelled = ended else { return XCTFail("\(String(describing: ended))") }
    _ = try await client.createCustomer(NewCustomer(name: "After"))
    try await until("the other is still in step") {
      let waits = try await client.pending()
      return waits.saved + waits.sent == 0
    }
    two.cancel()
    _ = await failure { try await two.value }
    try await client.close()
  }

  func testAPauseWaitsForTheCallsBeforeItAndNoneIsLost() async throws {
    let client = try await Phone.fresh().open()
    for _ in 1...40 {
      async let pausing: Void = client.pause()
      async let reading: Void = { _ = try? await client.signedIn() }()
      async let resuming: Void = client.resume()
      _ = try await (pausing, reading, resuming)
      try await client.resume()
      _ = try await client.signedIn()
    }
    try await client.close()
  }
}
