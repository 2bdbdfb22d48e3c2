/// How urgent something looks. A screen gives each tone a colour and an icon, never a colour
/// alone.
public enum Tone: String, CaseIterable, Sendable {
  /// Nothing to do.
  case calm
  /// Well done.
  case good
  /// Worth a look.
  case warn
  /// Somebody has to act.
  case bad
}

/// A few words with an icon.
public struct Badge: Equatable, Sendable {
  /// The words; may be empty.
  public let text: String
  /// Name of an SF symbol.
  public let symbol: String
  /// How urgent it looks.
  public let tone: Tone

  /// A badge.
  public init(_ text: String, symbol: String, tone: Tone) {
    self.text = text
    self.symbol = symbol
    self.tone = tone
  }
}

/// A row of a list, ready to be shown as it is.
public struct Line: Equatable, Identifiable, Sendable {
  /// What the row is about.
  public let id: String
  /// What it says first.
  public let title: String
  /// What it says below; may be empty.
  public let detail: String
  /// Its icon and state.
  public let badge: Badge

  /// A row.
  public init(id: String, title: String, detail: String = "", badge: Badge) {
    self.id = id
    self.title = title
    self.detail = detail
    self.badge = badge
  }
}

/// Something to choose with one tap.
public struct Chip: Equatable, Identifiable, Sendable {
  /// The code of the choice.
  public let id: String
  /// What it says.
  public let title: String
  /// It is chosen.
  public let chosen: Bool
  /// Name of an SF symbol: filled when chosen.
  public var symbol: String { chosen ? "checkmark.circle.fill" : "circle" }

  /// A choice.
  public init(id: String, title: String, chosen: Bool) {
    self.id = id
    self.title = title
    self.chosen = chosen
  }
}
