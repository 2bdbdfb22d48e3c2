import FieldsyncSample
import SwiftUI

/// A visit in five taps.
struct QuickLogScreen: View {
  @Bindable var model: QuickLogModel

  var body: some View {
    Form {
      Section(model.title) {
        LineRow(line: model.customer)
        ForEach(model.suggestions) { line in
          Button(line.title) { Task { await model.choose(customer: line) } }
        }
      }
      Button(model.arrival, systemImage: "mappin.and.ellipse") { Task { await model.arrive() } }
      ChipRow(title: model.headings.mode, chips: model.modes) { model.choose(mode: $0) }
      ChipRow(title: model.headings.outcome, chips: model.outcomes) { model.choose(outcome: $0) }
      ChipRow(title: model.headings.minutes, chips: model.minutes) { model.choose(minutes: $0) }
      ChipRow(title: model.headings.contacts, chips: model.contacts) { model.toggle(contact: $0) }
      ChipRow(title: model.headings.next, chips: model.nextSteps) { model.choose(next: $0) }
      TextField(model.resultPrompt, text: $model.result, axis: .vertical)
      Button(model.button, systemImage: "tray.and.arrow.down") { Task { await model.save() } }
        .buttonStyle(.borderedProminent)
      NoticeText(notice: model.notice)
    }
    .task { await model.preselect() }
  }
}
