import Foundation

/// A language of the sample.
public enum Language: String, CaseIterable, Sendable {
  /// English.
  case english = "en"
  /// Simplified Chinese.
  case simplified = "zh-CN"
  /// Traditional Chinese.
  case traditional = "zh-TW"

  /// The language of a BCP 47 tag such as `zh-Hant-TW`; English for what is not spoken here.
  public init(tag: String) {
    let tag = tag.lowercased().replacingOccurrences(of: "_", with: "-")
    if !tag.hasPrefix("zh") {
      self = .english
    } else if ["hant", "-tw", "-hk", "-mo"].contains(where: tag.contains) {
      self = .traditional
    } else {
      self = .simplified
    }
  }
}

/// What the sample says, in the reader's language.
///
/// Data hold codes and never words; every word on a screen comes from
/// ``WordTable``, where the three languages stand side by side.
public struct Words: Sendable {
  /// The reader's language.
  public let language: Language

  /// Words of a language.
  public init(_ language: Language) {
    self.language = language
  }

  /// The words of a key, its slots such as `{n}` filled.
  public func say(_ key: String, _ slots: [String: String] = [:]) -> String {
    guard let entry = WordTable.entries[key]?[language] else { return key }
    return slots.reduce(entry) { text, slot in
      text.replacingOccurrences(of: "{\(slot.key)}", with: slot.value)
    }
  }

  /// The words of a key that counts something.
  public func count(_ key: String, _ n: some BinaryInteger) -> String {
    let one = n == 1 ? WordTable.entries[key + ".one"]?[language] : nil
    return (one ?? say(key)).replacingOccurrences(of: "{n}", with: "\(n)")
  }

  /// The words for a code of the data, such as `order` in the group `outcome`; the code
  /// itself where a newer server knows more of them than this app.
  public func code(_ group: String, _ code: String?) -> String {
    guard let code else { return "" }
    return WordTable.entries["\(group).\(code)"]?[language] ?? code
  }
}
