import Foundation

/// Notices for one loop. Rust holds the bell, the loop holds this; when the loop lets go,
/// the core forgets the bell. An `AsyncStream` by itself would not tell: leaving a loop with
/// `break` ends no stream that something still refers to.
final class Notices: @unchecked Sendable {
  private let observation: ObserverHandle
  private let bells: Bells
  private let id: UInt64
  // One loop reads it, one notice at a time.
  private var rings: AsyncStream<Void>.Iterator

  private init(_ observation: ObserverHandle, _ bells: Bells, _ rung: Rung, _ rings: AsyncStream<Void>) {
    self.observation = observation
    self.bells = bells
    self.rings = rings.makeAsyncIterator()
    id = bells.hang(rung)
  }

  deinit {
    bells.takeDown(id)
    try? observation.cancel()
  }

  static func of(_ query: WatchedQuery, client: FieldsyncClient) -> Result<Notices, FieldError> {
    let (rings, rung) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    // The first value needs no change.
    rung.yield()
    do {
      let observation = try client.core.observe(query: query, observer: Bell(rung: rung))
      return .success(Notices(observation, client.bells, rung, rings))
    } catch {
      return .failure(Work.fieldError(error))
    }
  }

  /// Waits for a notice; false when none will come any more.
  func wait() async -> Bool {
    await rings.next() != nil
  }
}

typealias Rung = AsyncStream<Void>.Continuation

/// What the core rings. It knows the loop and nothing else, so no circle keeps it alive.
final class Bell: StaleObserver {
  private let rung: Rung

  init(rung: Rung) {
    self.rung = rung
  }

  deinit {
    // A closed client lets go of its observers: nothing will ring again.
    rung.finish()
  }

  func onStale(generation: UInt64) throws {
    rung.yield()
  }
}

/// The bells of a client's loops, for what the core does not ring: coming back from a pause.
final class Bells: @unchecked Sendable {
  private let lock = NSLock()
  private var hung: [UInt64: Rung] = [:]
  private var next: UInt64 = 0

  func hang(_ rung: Rung) -> UInt64 {
    lock.withLock {
      next += 1
      hung[next] = rung
      return next
    }
  }

  func takeDown(_ id: UInt64) {
    lock.withLock { hung[id] = nil }
  }

  /// How many loops watch.
  var count: Int { lock.withLock { hung.count } }

  func ring() {
    for rung in lock.withLock({ Array(hung.values) }) { rung.yield() }
  }
}
