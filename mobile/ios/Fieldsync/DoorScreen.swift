import FieldsyncSample
import SwiftUI

/// The way in, and behind it the screens of whoever is signed in.
struct DoorScreen: View {
  @Bindable var door: DoorModel

  var body: some View {
    // Something that is always there: what hangs on a list hangs on its rows, and before
    // anybody is signed in there are none.
    ZStack {
      Color.clear
      ForEach(door.rooms) { room in
        RoomScreen(desk: room.desk)
      }
    }
    .task { await door.open() }
    .sheet(isPresented: $door.asks) {
      Form {
        Section(door.prompts.title) {
          TextField(door.prompts.invitation, text: $door.invitation)
          TextField(door.prompts.login, text: $door.login).textContentType(.username)
          SecureField(door.prompts.password, text: $door.password).textContentType(.password)
          Button(door.prompts.title) { Task { await door.enter() } }
        }
        NoticeText(notice: door.notice)
      }
      .interactiveDismissDisabled()
    }
  }
}

/// The screens, one tab each.
struct RoomScreen: View {
  let desk: Desk

  var body: some View {
    TabView {
      Place.home(desk)
      Place.customers(desk)
      Place.plan(desk)
      Place.score(desk)
      Place.targets(desk)
      Place.appraisal(desk)
      Place.sync(desk)
    }
  }
}

/// A tab: a screen on a stack of its own, under its model's title.
@MainActor
enum Place {
  static func home(_ desk: Desk) -> some View {
    let model = HomeModel(desk)
    return stack(model.title, "house") { HomeScreen(model: model, log: QuickLogModel(desk)) }
  }

  static func customers(_ desk: Desk) -> some View {
    let model = CustomerListModel(desk)
    return stack(model.title, "building.2") { CustomerListScreen(model: model, desk: desk) }
  }

  static func plan(_ desk: Desk) -> some View {
    let model = DayPlanModel(desk)
    return stack(model.title, "map") { DayPlanScreen(model: model) }
  }

  static func score(_ desk: Desk) -> some View {
    let model = ScoreModel(desk)
    return stack(model.title, "chart.bar") { ScoreScreen(model: model) }
  }

  static func targets(_ desk: Desk) -> some View {
    let model = TargetsModel(desk)
    return stack(model.title, "target") { TargetsScreen(model: model) }
  }

  static func appraisal(_ desk: Desk) -> some View {
    let model = AppraisalModel(desk)
    return stack(model.title, "person.text.rectangle") { AppraisalScreen(model: model) }
  }

  static func sync(_ desk: Desk) -> some View {
    let model = SyncModel(desk)
    return stack(model.button, "arrow.triangle.2.circlepath") { SyncScreen(model: model) }
  }

  private static func stack(
    _ title: String, _ symbol: String, @ViewBuilder _ screen: () -> some View
  ) -> some View {
    NavigationStack { screen().navigationTitle(title) }
      .tabItem { Label(title, systemImage: symbol) }
  }
}
