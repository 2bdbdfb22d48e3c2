import FieldsyncSample
import SwiftUI

/// The day's plan: key tasks, stops, and the report.
struct DayPlanScreen: View {
  @Bindable var model: DayPlanModel

  var body: some View {
    Form {
      Section(model.headings.tasks) {
        ForEach(model.tasks) { task in
          Button { Task { await model.toggle(task) } } label: { LineRow(line: task) }
        }
        NoticeText(notice: model.empty.tasks)
      }
      Section(model.headings.stops) {
        ForEach(model.stops) { stop in LineRow(line: stop) }
        NoticeText(notice: model.empty.stops)
      }
      Section(model.headings.report) {
        BadgeLabel(badge: model.report)
        TextField(model.prompts.progress, text: $model.progress, axis: .vertical)
        TextField(model.prompts.obstacles, text: $model.obstacles, axis: .vertical)
        Button(model.button) { Task { await model.submit() } }
      }
      NoticeText(notice: model.notice)
    }
    .task { await model.run() }
  }
}

/// My card; a tap opens a line down to its visits.
struct ScoreScreen: View {
  @State var model: ScoreModel

  var body: some View {
    List {
      Section(model.total) {
        BadgeLabel(badge: model.standing)
        ForEach(model.lines) { line in
          Button { Task { await model.explain(line) } } label: { LineRow(line: line) }
        }
      }
      Section {
        ForEach(model.facts) { fact in LineRow(line: fact) }
        ForEach(model.opened) { _ in
          TextField(model.headings.reason, text: $model.reason, axis: .vertical)
          Button(model.contestButton) { Task { await model.contest() } }
        }
      }
      Section(model.headings.objections) {
        ForEach(model.objections) { line in LineRow(line: line) }
      }
      NoticeText(notice: model.notice)
    }
    .task { await model.run() }
  }
}

/// What is behind the sync pill.
struct SyncScreen: View {
  @State var model: SyncModel

  var body: some View {
    List {
      BadgeLabel(badge: model.pill)
      NoticeText(notice: model.detail)
      ForEach(model.attention) { line in LineRow(line: line) }
      Button(model.button) { Task { await model.syncNow() } }
      NoticeText(notice: model.notice)
    }
    .task { await model.run() }
  }
}
