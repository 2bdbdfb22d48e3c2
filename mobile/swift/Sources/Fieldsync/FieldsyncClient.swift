import Foundation

/// The replica on this phone.
///
/// Reading and saving need no signal and never wait for one; a save that returned is
/// durable. A call costs a millisecond of disk, so calls are made on threads of the
/// client's own: the main actor is never held up, and neither is Swift's small pool of
/// threads.
///
/// ```swift
/// let client = try await FieldsyncClient.open(config, secrets: KeychainStore())
/// let said = VisitChange(outcome: "order", nextStep: "Deliver")
/// try await client.logVisit(NewVisit(customer: id, mode: "onsite", said: said))
/// ```
///
/// Whatever reads or saves may fail with ``FieldError/NotSignedIn(detail:)``, `Paused`,
/// `Closed` or `Storage`; what is given an id, a day or a code with `BadInput`; what edits
/// something with `NotFound` where it is not on this phone; a save with `StorageFull`; what
/// rests on the policy, the calendar or the card with `NotYetSynced` before the first sync.
/// What needs the network says so.
///
/// Cancelling a task that saves changes nothing: what was begun is saved. Cancelling a task
/// that reads ends it with ``FieldError/Cancelled(detail:)``, and a task that syncs ends the
/// sync as soon as that loses nothing.
public final class FieldsyncClient: Sendable {
  let core: FieldClient
  let bells = Bells()
  let steps = Steps()
  let work: Work

  init(core: FieldClient, work: Work) {
    self.core = core
    self.work = work
  }
}

// From the first opening to the end.
extension FieldsyncClient {
  /// Opens the replica and, without any network, the data of the user who was signed in
  /// last. One client for a folder at a time: keep it for as long as the app runs. With
  /// `secrets` tokens lie in the system's keychain, and a library built for release
  /// encrypts the files.
  public static func open(
    _ config: OpenConfig, secrets: (any SecretStore)? = nil, clock: (any DeviceClock)? = nil
  ) async throws(FieldError) -> FieldsyncClient {
    let work = Work()
    return try await work.run {
      let core = try FieldClient.open(config: config, secrets: secrets, clock: clock)
      return FieldsyncClient(core: core, work: work)
    }
  }

  /// Signs in and enrols this phone. Needs the network, once.
  @discardableResult
  public func signIn(login: String, password: String) async throws(FieldError) -> Account {
    let core = core
    return try await Work.wait { try await core.signIn(login: login, password: password) }
  }

  /// Signs in and enrols this phone with an invitation: the content of the QR code, or the
  /// code as it was typed. Needs the network, once.
  @discardableResult
  public func enrol(invitation: String) async throws(FieldError) -> Account {
    let core = core
    return try await Work.wait { try await core.enrol(invitation: invitation) }
  }

  /// Who is signed in; works offline.
  public func signedIn() async throws(FieldError) -> Account? {
    try await read { try $0.signedIn() }
  }

  /// The organisation's settings, its currency among them; ``FieldError/NotYetSynced(detail:)``
  /// before they came.
  public func org() async throws(FieldError) -> OrgRow {
    try await read { try $0.org() }
  }

  /// Signs out: the tokens are forgotten, and the data with everything unsent stay for the
  /// next sign-in of the same person.
  public func signOut() async throws(FieldError) {
    try await alone { try $0.signOut() }
  }

  /// Removes the data of whoever is signed in from this phone, and signs them out. What was
  /// not sent is first sealed into a file; see ``rescueFiles()``.
  public func wipe() async throws(FieldError) {
    try await alone { try $0.wipe() }
  }

  /// The device is in this zone from now on: to be said when the app comes to the front and
  /// when the system says so. A rep travels, and summer time begins while an app is open.
  public func setTimeZone(_ zone: TimeZone = .autoupdatingCurrent) async throws(FieldError) {
    let (name, offset) = (zone.identifier, Int32(zone.secondsFromGMT()))
    try await save { try $0.setTimeZone(timeZone: name, utcOffsetS: offset) }
  }

  /// Before the system suspends the app: ends what runs and closes every file. iOS ends an
  /// app that is suspended with a lock in its hand.
  public func pause() async throws(FieldError) {
    try await alone { try $0.pause() }
  }

  /// After the app came back. Whatever is watched is read anew.
  public func resume() async throws(FieldError) {
    try await alone { try $0.resume() }
    bells.ring()
  }

  /// Ends everything: loops over ``Watched`` end, jobs end, files close. What is asked of
  /// the client afterwards fails with ``FieldError/Closed(detail:)``.
  public func close() async throws(FieldError) {
    try await alone { try $0.close() }
  }
}

extension FieldsyncClient {
  /// Saves: once it began it is carried through, whatever becomes of the task that asked.
  func save<Value: Sendable>(
    _ body: @escaping @Sendable (FieldClient) throws -> Value
  ) async throws(FieldError) -> Value {
    let core = core
    return try await work.run { try body(core) }
  }

  /// Begins or ends something for the whole client: in the order of the calls, by itself.
  private func alone(
    _ body: @escaping @Sendable (FieldClient) throws -> Void
  ) async throws(FieldError) {
    let core = core
    try await work.runAlone { try body(core) }
  }

  /// Reads, unless nobody waits for it any more.
  func read<Value: Sendable>(
    _ body: @escaping @Sendable (FieldClient) throws -> Value
  ) async throws(FieldError) -> Value {
    guard !Task.isCancelled else {
      throw FieldError.Cancelled(detail: "the task that reads was cancelled")
    }
    return try await save(body)
  }
}
