#if canImport(BackgroundTasks) && os(iOS)
  import BackgroundTasks
  import Foundation

  /// Keeps the phone in step while the app is in the background.
  ///
  /// List the identifier under `BGTaskSchedulerPermittedIdentifiers` and `fetch` under
  /// `UIBackgroundModes`, register before the app has finished launching, and schedule
  /// whenever the app goes to the background.
  public enum BackgroundRefresh {
    /// Has iOS wake the app for `identifier`, and asks for the next time as `refresh` says;
    /// see ``BackgroundWork``.
    public static func register(
      _ identifier: String, refresh: @escaping @Sendable () async -> BackgroundOutcome
    ) {
      BGTaskScheduler.shared.register(forTaskWithIdentifier: identifier, using: nil) { task in
        let held = Held(task: task)
        let running = Task {
          let outcome = await refresh()
          try? schedule(identifier, notBefore: outcome.next)
          held.task.setTaskCompleted(success: outcome.succeeded)
        }
        task.expirationHandler = { running.cancel() }
      }
    }

    /// Asks iOS to wake the app, not before a time.
    public static func schedule(_ identifier: String, notBefore: Date) throws {
      let request = BGAppRefreshTaskRequest(identifier: identifier)
      request.earliestBeginDate = notBefore
      try BGTaskScheduler.shared.submit(request)
    }

    /// iOS hands the task over once and reads it from any thread.
    private struct Held: @unchecked Sendable {
      let task: BGTask
    }
  }
#endif
