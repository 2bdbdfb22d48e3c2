import Fieldsync
import Foundation

/// How figures read, and how people type them: by what they count, in the org's currency.
struct Figures: Sendable {
  /// What the core says of the currency; nothing before the org is here.
  private let decimals: Int?

  init(_ org: OrgRow? = nil) {
    decimals = org.map { Int($0.currencyDecimals) }
  }

  /// Figures as the org of a client reads them.
  static func of(_ client: FieldsyncClient) async throws(FieldError) -> Figures {
    do {
      return Figures(try await client.org())
    } catch .NotYetSynced {
      return Figures()
    }
  }

  /// A value in the unit that its row names; money of which nobody knows the unit is not guessed.
  func show(_ unit: String, _ value: Int64) -> String {
    guard let scale = scale(unit) else { return "–" }
    let text = Self.scaled(value, scale)
    return unit == "basis_points" ? text + " %" : text
  }

  /// The value that somebody typed; none where it is none.
  func read(_ unit: String, _ typed: String) -> Int64? {
    let plain = typed.replacingOccurrences(of: "%", with: "")
      .replacingOccurrences(of: ",", with: "").trimmingCharacters(in: .whitespaces)
    let parts = plain.split(separator: ".", omittingEmptySubsequences: false)
    guard let whole = parts.first.map(String.init), parts.count <= 2, !whole.isEmpty else {
      return nil
    }
    let fraction = parts.count == 2 ? String(parts[1]) : ""
    guard let scale = scale(unit) else { return nil }
    let missing = scale - fraction.count
    guard missing >= 0, (whole + fraction).allSatisfy({ "0123456789".contains($0) }) else {
      return nil
    }
    return Int64(whole + fraction + String(repeating: "0", count: missing))
  }

  /// Basis points as people write a share: 27.3 %.
  static func share(_ basisPoints: Int64) -> String {
    let tenths = (basisPoints.magnitude + 5) / 10
    return "\(basisPoints < 0 ? "-" : "")\(tenths / 10).\(tenths % 10) %"
  }

  private func scale(_ unit: String) -> Int? {
    switch unit {
    case "minor_units": return decimals
    case "basis_points", "hundredths": return 2
    default: return 0
    }
  }

  private static func scaled(_ value: Int64, _ scale: Int) -> String {
    let digits = String(value.magnitude)
    let padded = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
    var whole = String(padded.dropLast(scale))
    var grouped = ""
    while whole.count > 3 {
      grouped = "," + whole.suffix(3) + grouped
      whole = String(whole.dropLast(3))
    }
    let sign = value < 0 ? "-" : ""
    return sign + whole + grouped + (scale == 0 ? "" : "." + padded.suffix(scale))
  }
}
