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
  private var opened: FieldsyncClient?
  private var inFront = true

  /// The way into a replica.
  public init(_ config: OpenConfig, secrets: (any SecretStore)?, words: Words) {
    self.config = config
    self.secrets = secrets
    self.words = words
  }

  /// The client, opened when it is first needed: by a screen or by background work.
  public func client() async throws -> FieldsyncClient {
    if let opened { return opened }
    let client = try await FieldsyncClient.open(config, secrets: secrets)
    opened = client
    return client
  }

  /// Opens the door: shows the data of whoever was signed in last, or asks.
  public func open() async {
    await attempt { client in
      guard let account = try await client.signedIn() else { return self.asks = true }
      self.show(account, client)
    }
  }

  /// Signs in with what was given, and keeps in step from then on.
  public func enter() async {
    await attempt { client in
      let account =
        self.invitation.isEmpty
        ? try await client.signIn(login: self.login, password: self.password)
        : try await client.enrol(invitation: self.invitation)
      self.password = ""
      self.asks = false
      self.show(account, client)
    }
  }

  /// Keeps in step while the app is in front, until the task is cancelled.
  public func stayInStep() async {
    await attempt { client in
      self.inFront = true
      try await client.resume()
      try await client.stayInStep()
    }
  }

  /// The system is about to suspend the app: files close, so that it may.
  public func rest() async {
    inFront = false
    await attempt { try await $0.pause() }
  }

  /// Syncs in the background and says when to come again. Files are left as they were
  /// found: open only while the app is in front.
  public func refresh(_ work: BackgroundWork = BackgroundWork()) async -> BackgroundOutcome {
    var outcome = BackgroundOutcome(succeeded: false, remaining: nil, next: Date() + work.rest)
    await attempt { client in
      try await client.resume()
      outcome = await work.run(client)
      if !self.inFront { try await client.pause() }
    }
    return outcome
  }

  private func show(_ account: Account, _ client: FieldsyncClient) {
    rooms = [Room(id: account.user, desk: Desk(client: client, words: words))]
  }

  private func attempt(_ deed: (FieldsyncClient) async throws -> Void) async {
    do {
      try await deed(try await client())
      notice = ""
    } catch {
      notice = words.error(error)
    }
  }
}
