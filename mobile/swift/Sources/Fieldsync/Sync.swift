extension FieldsyncClient {
  /// Syncs: sends what waits and fetches what is new. Cancelling the task ends the sync as
  /// soon as that loses nothing; everything saved is still here and goes out later.
  @discardableResult
  public func sync() async throws(FieldError) -> SyncReport {
    let job = try startSync()
    return try await job.finish()
  }

  /// Starts a sync that runs by itself, whether or not anybody waits for it.
  public func startSync() throws(FieldError) -> SyncJob {
    do {
      return try core.startSync()
    } catch {
      throw Work.fieldError(error)
    }
  }

  /// Syncs for so long at most, as systems give background work, and says what the
  /// system's next decision needs. What the time did not suffice for goes on next time.
  /// Having no way to the server is no error here; only what a person or the app has to
  /// act on is. Cancelling the task ends the sync as soon as that loses nothing.
  public func syncNow(budget: Duration) async throws(FieldError) -> BackgroundReport {
    let core = core
    let millis = UInt64(max(0, budget / .milliseconds(1)))
    let job = try await work.run { try core.startSyncWithin(budgetMs: millis) }
    return try await Work.wait {
      try await withTaskCancellationHandler {
        try await job.backgroundReport()
      } onCancel: {
        try? job.cancel()
      }
    }
  }

  /// Stays in step while the app is in front: what is saved goes out, the server tells when
  /// there is something, and where it cannot the phone asks every now and then. Runs until
  /// the task is cancelled (in SwiftUI: inside `.task`) or the client is paused. Tasks share
  /// it: a cancelled one ends by itself, and the last one ends it.
  public func stayInStep() async throws(FieldError) {
    let (core, steps) = (core, steps)
    let job = try await work.run { try steps.join(core) }
    defer { steps.leave(job) }
    let (ends, end) = AsyncStream.makeStream(of: FieldError?.self)
    // The job may go on for others when this task was cancelled.
    Task {
      do {
        try await job.wait()
        end.yield(nil)
      } catch {
        end.yield(Work.fieldError(error))
      }
      end.finish()
    }
    for await ended in ends {
      if let ended { throw ended }
      return
    }
    throw .Cancelled(detail: "the task that stayed in step was cancelled")
  }
}

extension SyncJob {
  /// Waits for the end; cancelling the task cancels the sync too. Swift does not end a call
  /// into the core by itself, so the job is told.
  public func finish() async throws(FieldError) -> SyncReport {
    try await Work.wait {
      try await withTaskCancellationHandler {
        try await self.wait()
      } onCancel: {
        try? self.cancel()
      }
    }
  }
}
