import Fieldsync
import FieldsyncSample
import Foundation

// The sample app in a terminal: the same view models, without SwiftUI.
guard let arguments = Arguments(CommandLine.arguments) else {
  print(Arguments.usage)
  exit(2)
}
do {
  let client = try await FieldsyncClient.open(
    OpenConfig(
      dir: arguments.dir, serverUrl: arguments.server, deviceName: "terminal", platform: "linux",
      appVersion: "0.1.0", timeZone: "Asia/Shanghai", utcOffsetS: 8 * 3600))
  try await client.signIn(login: arguments.login, password: arguments.password)
  let zone = TimeZone(secondsFromGMT: 8 * 3600) ?? .current
  let desk = Desk(client: client, words: Words(arguments.language), zone: zone)
  try await Day(desk: desk).play()
  try await client.close()
} catch {
  print("the day went wrong: \(error)")
  exit(1)
}
