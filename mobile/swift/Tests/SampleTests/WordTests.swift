import XCTest

@testable import FieldsyncSample

final class WordTests: XCTestCase {
  private let languages = Set(Language.allCases)

  func testEveryWordIsThereInEveryLanguageWithTheSameSlots() {
    let lines = (WordTable.general + WordTable.codes).split(separator: "\n")
    XCTAssertEqual(WordTable.entries.count, lines.count, "a key stands twice, or a line is torn")
    for (key, entry) in WordTable.entries {
      XCTAssertEqual(Set(entry.keys), languages, key)
      XCTAssertFalse(entry.values.contains(""), key)
      XCTAssertEqual(Set(entry.values.map(slots)).count, 1, "\(key) fills other slots")
    }
  }

  func testEveryKeyThatAScreenSaysIsInTheTable() throws {
    let models = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Sample")
    var used: Set<String> = []
    for name in try FileManager.default.subpathsOfDirectory(atPath: models.path) {
      guard name.hasSuffix(".swift"), !name.hasSuffix("WordTable.swift") else { continue }
      let text = try String(contentsOf: models.appendingPathComponent(name), encoding: .utf8)
      for call in ["say(\"", "count(\"", "(\"customer."] {
        for part in text.components(separatedBy: call).dropFirst() {
          let key = (call.hasPrefix("(") ? "customer." : "") + part.prefix { $0 != "\"" }
          if key.contains("."), !key.contains("\\") { used.insert(key) }
        }
      }
    }
    XCTAssertGreaterThan(used.count, 60)
    XCTAssertEqual(used.filter { WordTable.entries[$0] == nil }, [])
  }

  func testTheReaderGetsALanguageThatIsSpokenHere() {
    let tags = [
      "zh-Hant-TW": Language.traditional, "zh_HK": .traditional, "zh-CN": .simplified,
      "zh": .simplified, "en-GB": .english, "de": .english,
    ]
    for (tag, language) in tags { XCTAssertEqual(Language(tag: tag), language, tag) }
  }

  func testACodeOfANewerServerShowsAsItIs() {
    let words = Words(.english)
    XCTAssertEqual(words.code("outcome", "order"), "Order")
    XCTAssertEqual(words.code("outcome", "teleported"), "teleported")
    XCTAssertEqual(words.code("outcome", nil), "")
    XCTAssertEqual(words.count("home.conflicts", 1), "1 conflict to choose")
    XCTAssertEqual(words.points(-5), "-0.05")
    XCTAssertEqual(words.points(10_000), "100.00")
  }

  private func slots(_ text: String) -> Set<String> {
    Set(text.components(separatedBy: "{").dropFirst().map { String($0.prefix { $0 != "}" }) })
  }
}
