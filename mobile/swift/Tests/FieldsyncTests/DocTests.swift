import Foundation
import XCTest

/// Every public item says what it is.
final class DocTests: XCTestCase {
  func testEveryPublicItemHasADocComment() throws {
    let package = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    var found = 0
    for folder in ["Core", "Sources", "Sample/Models"] {
      let folder = package.appendingPathComponent(folder)
      for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
        guard name.hasSuffix(".swift") else { continue }
        let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
        found += try check(text, name, generated: folder.lastPathComponent == "Core")
      }
    }
    XCTAssertGreaterThan(found, 300)
  }

  /// Whatever the core can do, the client can do off the caller's actor.
  func testTheClientHasEverythingTheCoreHas() throws {
    let package = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let core = try String(
      contentsOf: package.appendingPathComponent("Core/fieldsync_mobile.swift"), encoding: .utf8)
    let surface = try XCTUnwrap(
      core.components(separatedBy: "public protocol FieldClientProtocol").dropFirst().first?
        .components(separatedBy: "\n}").first)
    let folder = package.appendingPathComponent("Sources/Fieldsync")
    let ours = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".swift") }
      .map { try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8) }
      .joined()
    let names = surface.components(separatedBy: "func ").dropFirst()
      .map { $0.prefix { $0 != "(" }.replacingOccurrences(of: "`", with: "") }
    XCTAssertGreaterThan(names.count, 60)
    // `syncNow` is made of the job of `startSyncWithin`, which can be cancelled.
    for name in names where name != "syncNow" {
      XCTAssertTrue(ours.contains(".\(name)("), name)
    }
  }

  /// How many public declarations were looked at.
  private func check(_ text: String, _ name: String, generated: Bool) throws -> Int {
    let kinds = ["func ", "struct ", "class ", "enum ", "var ", "let ", "init", "actor ", "protocol "]
    var documented = false
    var found = 0
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let code = line.trimmingCharacters(in: .whitespaces)
      if code.hasPrefix("///") || code.hasPrefix("*/") {
        documented = true
      } else if code.hasPrefix("@") && !code.contains("public ") || generated && code.isEmpty {
        // Attributes, and the generator's empty line, stand between a comment and its item.
        continue
      } else {
        let open = code.hasPrefix("public ") || code.hasPrefix("open ")
        if open, kinds.contains(where: code.contains), !(generated && isMachinery(code)) {
          found += 1
          XCTAssertTrue(documented, "\(name): \(code)")
        }
        documented = false
      }
    }
    return found
  }

  /// What the generator writes for itself, and what stands documented at its protocol.
  private func isMachinery(_ code: String) -> Bool {
    ["FfiConverter", "uniffi", "Uniffi", "func == ", "init(", "static func ==", "hash(into", "errorDescription",
      "NoHandle", "Impl", "static func read", "static func write", "static func lift", "static func lower"]
      .contains(where: code.contains)
  }
}
