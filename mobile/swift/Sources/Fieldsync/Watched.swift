/// What a screen shows, read again whenever it may have changed.
///
/// The first value comes at once; each later one after a change on this phone or from the
/// server. Changes that come faster than they are read are one. The core is told to
/// watch when iteration begins and to stop when the loop ends, so loop inside the task that
/// shows the values (in SwiftUI inside `.task`):
///
/// ```swift
/// for try await page in client.watchCustomers(search: "acme") { rows = page.rows }
/// ```
///
/// It ends when the task is cancelled or the client closed, and with a ``FieldError`` when
/// reading fails. While the client is paused it waits; resuming reads anew.
public struct Watched<Value: Sendable>: AsyncSequence, Sendable {
  /// What the sequence yields.
  public typealias Element = Value

  let client: FieldsyncClient
  let query: WatchedQuery
  let read: @Sendable (FieldsyncClient) async throws(FieldError) -> Value

  /// Begins to watch.
  public func makeAsyncIterator() -> Iterator {
    Iterator(client: client, notices: Notices.of(query, client: client), read: read)
  }

  /// Reads a value for each notice.
  public struct Iterator: AsyncIteratorProtocol {
    let client: FieldsyncClient
    let notices: Result<Notices, FieldError>
    let read: @Sendable (FieldsyncClient) async throws(FieldError) -> Value

    /// The next value: the first at once, later ones after a change.
    public mutating func next() async throws(FieldError) -> Value? {
      if case .failure(.Closed) = notices { return nil }
      let notices = try notices.get()
      while await notices.wait() {
        do {
          return try await read(client)
        } catch .Paused {
          // Resuming rings.
        } catch .Closed {
          return nil
        } catch .Cancelled where Task.isCancelled {
          return nil
        }
      }
      return nil
    }
  }
}
