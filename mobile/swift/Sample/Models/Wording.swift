import Fieldsync

// What the data's codes and states look like on a screen.

extension Words {
  /// What went wrong, so that a person knows what to do. Details are English, for logs.
  public func error(_ error: any Error) -> String {
    guard let error = error as? FieldError else { return say("error.internal") }
    switch error {
    case .NotSignedIn: return say("error.sign_in")
    case .NoServer: return say("error.no_server")
    case .DeviceTaken: return say("error.taken")
    case .SignInAgain: return say("error.sign_in_again")
    case .DeviceRevoked: return say("error.revoked")
    case .Paused, .Closed: return say("error.closed")
    case .FileInUse: return say("error.in_use")
    case .WrongKey: return say("error.key")
    case .Keychain: return say("error.keychain")
    case .NewerDatabase: return say("error.newer")
    case .ClockFarOff: return say("error.clock")
    case .NotPrivate: return say("error.not_private")
    case .Offline: return say("error.offline")
    case .UpdateRequired: return say("error.update")
    case .Cancelled: return say("error.cancelled")
    case .BadInput: return say("error.bad_input")
    case .NotFound: return say("error.not_found")
    case .NotYetSynced: return say("error.not_yet")
    case .StorageFull: return say("error.full")
    case .Storage: return say("error.storage")
    case .Internal: return say("error.internal")
    }
  }

  /// What a person has to do about a sync that did not work; none where it mends itself.
  func failure(_ kind: FailureKind) -> String? {
    switch kind {
    case .offline, .stopped: return nil
    case .notPrivate: return say("error.not_private")
    case .signInAgain: return say("error.sign_in_again")
    case .deviceRevoked: return say("error.revoked")
    case .updateRequired: return say("error.update")
    case .storageFull: return say("error.full")
    case .storage: return say("error.storage")
    case .keychain: return say("error.keychain")
    case .internal: return say("error.internal")
    }
  }

  /// How far an item has come.
  func badge(_ state: ItemState) -> Badge {
    switch state {
    case .saved: return Badge(say("state.saved"), symbol: "iphone", tone: .calm)
    case .sent: return Badge(say("state.sent"), symbol: "arrow.up", tone: .calm)
    case .stored: return Badge(say("state.stored"), symbol: "checkmark", tone: .good)
    case .notTaken: return Badge(say("state.not_taken"), symbol: "xmark.octagon", tone: .bad)
    case .undecided: return Badge(say("state.undecided"), symbol: "person.badge.clock", tone: .warn)
    case .waiting: return Badge(say("state.waiting"), symbol: "hourglass", tone: .warn)
    }
  }

  /// How far something that was asked for has come.
  func asked(_ state: AskedState) -> Badge {
    switch state {
    case .waiting: return Badge(say("asked.waiting"), symbol: "iphone", tone: .calm)
    case .refused: return Badge(say("asked.refused"), symbol: "xmark.octagon", tone: .bad)
    case .open: return Badge(say("asked.open"), symbol: "clock", tone: .warn)
    case .accepted: return Badge(say("asked.accepted"), symbol: "checkmark.seal", tone: .good)
    case .declined: return Badge(say("asked.declined"), symbol: "hand.raised", tone: .warn)
    }
  }

  /// When a customer is due.
  func due(_ status: String) -> Badge {
    let words = code("due", status)
    switch status {
    case "overdue", "never": return Badge(words, symbol: "exclamationmark.circle", tone: .bad)
    case "follow_up": return Badge(words, symbol: "clock", tone: .warn)
    case "on_track": return Badge(words, symbol: "checkmark.circle", tone: .good)
    default: return Badge(words, symbol: "circle.dashed", tone: .calm)
    }
  }

  /// The danger a customer is in.
  func risk(_ level: String) -> Badge {
    let red = level == "red"
    return Badge(
      code("risk", level), symbol: red ? "exclamationmark.octagon" : "exclamationmark.triangle",
      tone: red ? .bad : .warn)
  }

  /// Why something is left out, from a code such as `visit.too_short`.
  func reason(_ code: String) -> String {
    self.code("reason", code.split(separator: ".").last.map(String.init))
  }

  /// Points from hundredths.
  func points(_ centipoints: Int64) -> String {
    let sign = centipoints < 0 ? "-" : ""
    let hundredths = centipoints.magnitude
    let rest = hundredths % 100
    return "\(sign)\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
  }

  /// The first of these that says something.
  func first(_ texts: String?...) -> String {
    texts.compactMap { $0 }.first { !$0.isEmpty } ?? ""
  }

  /// The parts that say something, in a row.
  func join(_ parts: [String?]) -> String {
    parts.compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " · ")
  }
}
