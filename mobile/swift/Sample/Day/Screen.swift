import FieldsyncSample

/// Prints screens as a terminal shows them.
@MainActor
struct Screen {
  private static let marks: [Tone: String] = [.calm: " ", .good: "+", .warn: "!", .bad: "X"]

  func title(_ text: String, _ pill: Badge? = nil) {
    print("\n== \(text)\(pill.map { "  [\($0.text)]" } ?? "")")
  }

  func rows(_ heading: String, _ rows: [Line]) {
    print("-- \(heading)")
    for row in rows {
      let said = [row.title, row.detail, row.badge.text].filter { !$0.isEmpty }
      print("  \(Self.marks[row.badge.tone] ?? " ") \(said.joined(separator: " | "))")
    }
  }

  func chips(_ heading: String, _ chips: [Chip]) {
    print("-- \(heading): " + chips.map { $0.chosen ? "[\($0.title)]" : $0.title }.joined(separator: "  "))
  }

  func say(_ text: String) {
    if !text.isEmpty { print("   \(text)") }
  }

  func home(_ home: HomeModel) {
    title(home.title, home.pill)
    for part in home.parts { rows(part.title, part.rows) }
    say(home.notice)
  }
}
