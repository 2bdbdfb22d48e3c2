#if canImport(os)
  import os

  /// Writes what the library has to say into the system's unified log. It never holds names,
  /// numbers, notes, places or tokens, so all of it may be read there.
  public final class SystemLog: LogSink {
    private let subsystem: String

    /// A log under a subsystem of the app's own.
    public init(subsystem: String = "fieldsync") {
      self.subsystem = subsystem
    }

    /// Writes a line.
    public func log(level: LogLevel, target: String, message: String) throws {
      let logger = Logger(subsystem: subsystem, category: target)
      switch level {
      case .error: logger.error("\(message, privacy: .public)")
      case .warn: logger.warning("\(message, privacy: .public)")
      case .info: logger.info("\(message, privacy: .public)")
      case .debug: logger.debug("\(message, privacy: .public)")
      }
    }
  }
#endif
