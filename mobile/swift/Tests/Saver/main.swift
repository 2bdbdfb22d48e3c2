import Fieldsync
import Foundation

// Saves visits and says each one's id once it is durable, until somebody kills it.
let client = try await FieldsyncClient.open(
  OpenConfig(
    dir: CommandLine.arguments[1], serverUrl: CommandLine.arguments[2], deviceName: "saver",
    platform: "test", appVersion: "0.1.0", timeZone: "Asia/Shanghai", utcOffsetS: 8 * 3600))
let syncing = Task {
  while true { _ = try? await client.sync() }
}
while true {
  let id = try await client.logVisit(
    NewVisit(customer: CommandLine.arguments[3], mode: "phone", said: VisitChange(outcome: "progress")))
  FileHandle.standardOutput.write(Data("\(id)\n".utf8))
}
