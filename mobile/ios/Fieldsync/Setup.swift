import Fieldsync
import FieldsyncSample
import UIKit

/// What the app is told by the system.
@MainActor
enum Setup {
  static let refresh = "com.example.fieldsync.refresh"
  static let words = Words(Language(tag: Locale.preferredLanguages.joined(separator: " ")))
  static let comesToFront = NotificationCenter.default.publisher(
    for: UIApplication.didBecomeActiveNotification)
  static let goesToBack = NotificationCenter.default.publisher(
    for: UIApplication.didEnterBackgroundNotification)

  /// A folder of the app's own, which no backup takes and no extension shares.
  static var config: OpenConfig {
    var folder = URL.applicationSupportDirectory.appending(path: "fieldsync")
    var apart = URLResourceValues()
    apart.isExcludedFromBackup = true
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try? folder.setResourceValues(apart)
    return OpenConfig(
      dir: folder.path(percentEncoded: false), serverUrl: text("FieldsyncServer"),
      deviceName: UIDevice.current.name, platform: "ios",
      appVersion: text("CFBundleShortVersionString"), timeZone: TimeZone.current.identifier,
      utcOffsetS: Int32(TimeZone.current.secondsFromGMT()))
  }

  /// Asks the system for the moment that closing files takes.
  static func finishing(_ deed: @escaping @MainActor () async -> Void) {
    let asked = UIApplication.shared.beginBackgroundTask()
    Task {
      await deed()
      UIApplication.shared.endBackgroundTask(asked)
    }
  }

  private static func text(_ key: String) -> String {
    [key].compactMap { Bundle.main.object(forInfoDictionaryKey: $0) as? String }.joined()
  }
}
