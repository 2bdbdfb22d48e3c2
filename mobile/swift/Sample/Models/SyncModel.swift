import Fieldsync
import Observation

/// The sync pill and what is behind it.
@MainActor
@Observable
public final class SyncModel: Following {
  let desk: Desk
  /// The pill: synced, waiting, offline, or in need of a person.
  public private(set) var pill: Badge
  /// What a person has to look at, and why.
  public private(set) var attention: [Line] = []
  /// When the next attempt is made, or that nothing waits.
  public private(set) var detail = ""
  /// What went wrong last, in words.
  public internal(set) var notice = ""
  /// The button.
  public var button: String { desk.words.say("sync.now") }
  /// The screen's title.
  public var title: String { pill.text }

  /// The model of a desk.
  public init(_ desk: Desk) {
    self.desk = desk
    pill = Badge(desk.words.say("sync.never"), symbol: "circle.dashed", tone: .calm)
  }

  /// Shows where this phone stands until the task is cancelled.
  public func run() async {
    await follow(
      desk.client.watch(.sync) { client throws(FieldError) in
        (try await client.syncState(), try await client.refusedChanges(), try await client.requests())
      }
    ) { [weak self] standing in
      self?.show(standing.0, refused: standing.1, requests: standing.2)
    }
  }

  /// Syncs because somebody asked. Without signal nothing is wrong: the pill says it.
  public func syncNow() async {
    await attempt { try await desk.client.sync() }
  }

  /// Lets go of a change or request that the server did not take, once its author has seen it.
  public func dismiss(_ line: Line) async {
    let asked = requests.contains(line.id)
    await attempt {
      if asked {
        try await desk.client.dismissRequest(line.id)
      } else {
        try await desk.client.dismissRefused(line.id)
      }
    }
  }

  private var requests: Set<String> = []

  private func show(_ state: SyncState, refused: [RefusedRow], requests: [RequestRow]) {
    let words = desk.words
    pill = Self.pill(state, desk: desk)
    let asked = requests.filter { $0.refused != nil }
    self.requests = Set(asked.map(\.id))
    attention = refused.map { row in
      Line(id: row.change, title: desk.moment(row.savedAtMs), badge: words.badge(row.state))
    }
    attention += asked.map { row in
      Line(
        id: row.id, title: desk.moment(row.askedAtMs),
        badge: words.badge(.notTaken(reason: row.refused ?? "")))
    }
    let retry = state.retryAtMs.map { words.say("sync.retry", ["time": desk.clock($0)]) }
    let stored = state.pending.waiting == 0 ? words.say("sync.all_stored") : nil
    detail = words.first(retry, stored, words.say("app.offline_first"))
  }

  static func pill(_ state: SyncState, desk: Desk) -> Badge {
    let (words, waiting) = (desk.words, state.pending.waiting)
    let attention = state.pending.notTaken + state.pending.requestsRefused
    if state.syncing {
      return Badge(words.say("sync.running"), symbol: "arrow.triangle.2.circlepath", tone: .calm)
    } else if attention > 0 {
      return Badge(
        words.count("sync.attention", attention), symbol: "exclamationmark.triangle", tone: .bad)
    } else if let failed = state.lastError, let text = words.failure(failed.kind) {
      return Badge(text, symbol: "exclamationmark.triangle", tone: .bad)
    } else if state.lastError?.kind == .offline {
      return Badge(words.count("sync.offline", waiting), symbol: "wifi.slash", tone: .warn)
    } else if waiting > 0 {
      return Badge(words.count("sync.waiting", waiting), symbol: "tray.and.arrow.up", tone: .warn)
    } else if let known = state.knownUpToMs {
      return Badge(
        words.say("sync.synced", ["time": desk.clock(known)]), symbol: "checkmark.circle",
        tone: .good)
    }
    return Badge(words.say("sync.never"), symbol: "circle.dashed", tone: .calm)
  }
}

extension PendingCounts {
  /// What is on its way.
  var waiting: UInt64 { saved + sent + requests }
}
