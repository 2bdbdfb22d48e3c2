import FieldsyncSample
import SwiftUI

/// Targets with their pace; a tap on one of mine asks for another value.
struct TargetsScreen: View {
  @State var model: TargetsModel

  var body: some View {
    List {
      Section(model.headings.mine) {
        ForEach(model.mine) { line in
          Button { model.choose(line) } label: { LineRow(line: line) }
        }
      }
      ForEach(model.chosen) { line in
        Section(line.title) {
          TextField(model.prompts.wanted, text: $model.wanted)
          TextField(model.prompts.reason, text: $model.reason, axis: .vertical)
          Button(model.button) { Task { await model.ask() } }
        }
      }
      Section(model.headings.asked) {
        ForEach(model.asked) { line in LineRow(line: line) }
      }
      Section(model.headings.others) {
        ForEach(model.others) { line in LineRow(line: line) }
      }
      NoticeText(notice: model.notice)
    }
    .task { await model.run() }
  }
}

/// My appraisal of a month: its steps, my own view, a dispute.
struct AppraisalScreen: View {
  @State var model: AppraisalModel

  var body: some View {
    Form {
      ChipRow(title: model.title, chips: model.months) { model.choose(month: $0) }
      Section {
        ForEach(model.lines) { line in LineRow(line: line) }
      }
      ForEach(model.families) { family in
        ChipRow(title: family.title, chips: family.ratings) { model.rate(family, $0) }
      }
      TextField(model.prompt, text: $model.comment, axis: .vertical)
      ForEach(model.actions) { action in
        Button(action.title) { Task { await model.act(action) } }
      }
      NoticeText(notice: model.notice)
    }
    .task(id: model.period) { await model.run() }
  }
}
