import FieldsyncSample
import SwiftUI

/// Sync pill, today's plan, overdue, due, my numbers, alerts, and the big button.
struct HomeScreen: View {
  @State var model: HomeModel
  @State var log: QuickLogModel
  @State private var logs = false

  var body: some View {
    List {
      BadgeLabel(badge: model.pill)
      ForEach(model.parts) { part in
        Section(part.title) {
          ForEach(part.rows) { row in LineRow(line: row) }
        }
      }
      NoticeText(notice: model.notice)
    }
    .safeAreaInset(edge: .bottom) {
      Button(model.button, systemImage: "plus.circle.fill") { logs.toggle() }
        .buttonStyle(.borderedProminent)
        .controlSize(.large)
    }
    .task { await model.run() }
    .sheet(isPresented: $logs) { QuickLogScreen(model: log) }
  }
}
