import Fieldsync
import Foundation
import Observation

/// The way in: opens the replica, asks for an invitation or a password where nobody is
/// signed in, and closes files before the system suspends the app.
@MainActor
@Observable
public final class DoorModel {
  /// A replica that is open, with everything its screens stand on. There is one or none.
  public struct Room: Identifiable, Sendable {
    /// Whose it is.
    public let id: String
    /// What the screens stand on.
    public let desk: Desk
  }

  /// The open replica, once somebody is signed in.
  public private(set) var rooms: [Room] = []
  /// Somebody has to sign in.
  public var asks = false
  /// What was scanned or typed of an invitation; with it, name and password are not needed.
  public var invitation = ""
  /// The person's name at the server.
  public var login = ""
  /// The person's password; forgotten as soon as it was used.
  public var password = ""
  /// What went wrong last, in words.
  public private(set) var notice = ""
  /// What the fields and the button say.
  public var prompts: (title: String, invitation: String, login: String, password: String) {
    (
      words.say("error.sign_in"), words.say("door.invitation"), words.say("door.login"),
      words.say("door.password")
    )
  }

  private let config: OpenConfig
  private let secrets: (any SecretStore)?
  private let words: Words
  private var opening: Task<FieldsyncClient, any Error>?
  private var steps: Task<Void, Never>?
  // A launch in the background comes to no front; a screen says when it does.
  private var inFront = false
  private var working = 0
  private var settling: Task<Void, any Error>?

  /// The way into a replica.
  public init(_ config: OpenConfig, secrets: (any SecretStore)?, words: Words) {
    self.config = config
    self.secrets = secrets
    self.words = words
  }

  /// The client, opened when it is first needed: by a screen or by background work, once
  /// for both. What could not be opened is tried anew the next time.
  public func client() async throws -> FieldsyncClient {
    let (config, secrets) = (config, secrets)
    let opening =
      opening ?? Task { try await FieldsyncClient.open(config, secrets: secrets) }
    self.opening = opening
    do {
      return try await opening.value
    } catch {
      if self.opening == opening { self.opening = nil }
      throw error
    }
  }

  /// Opens the door: shows the data of whoever was signed in last, or asks.
  public func open() async {
    await attempt { client in
      try await client.resume()
      guard let account = try await client.signedIn() else { return self.asks = true }
      self.show(account, client)
    }
  }

  /// Signs in with what was given, brings everything here, and keeps in step from then on.
  public func enter() async {
    await attempt { client in
      let account =
        self.invitation.isEmpty
        ? try await client.signIn(login: self.login, password: self.password)
        : try await client.enrol(invitation: self.invitation)
      self.password = ""
      self.asks = false
      self.show(account, client)
      self.steps?.cancel()
      self.steps = Task { await self.stayInStep() }
      try await client.sync()
    }
  }

  /// Keeps in step while the app is in front, until the task is cancelled.
  public func stayInStep() async {
    await attempt { client in
      self.inFront = true
      try await self.settle(client)
      try await client.setTimeZone()
      try await client.stayInStep()
    }
  }

  /// The system is about to suspend the app: files close, so that it may.
  public func rest() async {
    inFront = false
    steps?.cancel()
    await attempt { try await self.settle($0) }
  }

  /// Syncs in the background and says when to come again. Files are left as they were
  /// found: open only while the app is in front.
  public func refresh(_ work: BackgroundWork = BackgroundWork()) async -> BackgroundOutcome {
    var outcome = BackgroundOutcome(succeeded: false, remaining: nil, next: Date() + work.rest)
    await attempt { client in
      self.working += 1
      defer { self.working -= 1 }
      try await self.settle(client)
      outcome = await work.run(client)
    }
    await attempt { try await self.settle($0) }
    return outcome
  }

  /// Files are open while the app is in front or works in the background, and closed
  /// otherwise. One after the other, each by what holds when its turn comes: of a resume and
  /// a pause that cross, the later wish stands.
  private func settle(_ client: FieldsyncClient) async throws {
    let earlier = settling
    let turn = Task {
      _ = await earlier?.result
      if inFront || working > 0 { try await client.resume() } else { try await client.pause() }
    }
    settling = turn
    try await turn.value
  }

  private func show(_ account: Account, _ client: FieldsyncClient) {
    let desk = Desk(client: client, words: words, failed: { [weak self] in self?.leave($0) })
    rooms = [Room(id: account.user, desk: desk)]
  }

  /// Back to the door where a person has to sign in, and why. Whose access ended has
  /// nothing left to be seen.
  private func leave(_ error: any Error) {
    switch error as? FieldError {
    case .NotSignedIn, .DeviceRevoked: rooms = []
    case .SignInAgain: break
    default: return
    }
    asks = true
    notice = words.error(error)
  }

  private func attempt(_ deed: (FieldsyncClient) async throws -> Void) async {
    do {
      try await deed(try await client())
      notice = ""
    } catch FieldError.Cancelled, FieldError.Paused {
      // The app goes to the back.
    } catch {
      notice = words.error(error)
      leave(error)
    }
  }
}
