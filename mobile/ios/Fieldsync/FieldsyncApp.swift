import Fieldsync
import FieldsyncSample
import SwiftUI

/// The sample app. Everything it knows comes from the view models of FieldsyncSample, which
/// are compiled and tested without Xcode; these files only lay them out.
@main
struct FieldsyncApp: App {
  @State private var door: DoorModel

  init() {
    let door = DoorModel(Setup.config, secrets: KeychainStore(), words: Setup.words)
    _door = State(initialValue: door)
    BackgroundRefresh.register(Setup.refresh) { await door.refresh() }
  }

  var body: some Scene {
    WindowGroup {
      DoorScreen(door: door)
        .onReceive(Setup.comesToFront) { _ in Task { await door.stayInStep() } }
        .onReceive(Setup.goesToBack) { _ in
          Setup.finishing { await door.rest() }
          try? BackgroundRefresh.schedule(Setup.refresh, notBefore: .now + BackgroundWork().soon)
        }
    }
  }
}
