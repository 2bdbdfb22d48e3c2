import FieldsyncSample
import SwiftUI

/// The list, found by name, pinyin or the end of a number.
struct CustomerListScreen: View {
  @State var model: CustomerListModel
  let desk: Desk

  var body: some View {
    List {
      ForEach(model.rows) { row in
        NavigationLink {
          CustomerScreen(model: CustomerModel(desk, customer: row.id))
        } label: {
          LineRow(line: row)
        }
      }
      ForEach(model.more) { chip in
        Button(chip.title) { Task { await model.loadMore() } }
      }
      NoticeText(notice: model.empty)
      NoticeText(notice: model.notice)
    }
    .searchable(text: $model.search, prompt: model.prompt)
    .task(id: model.search) { await model.run() }
  }
}

/// A customer's page.
struct CustomerScreen: View {
  @State var model: CustomerModel

  var body: some View {
    List {
      Section(model.headings.profile) {
        ForEach(model.profile) { row in LineRow(line: row) }
      }
      Section(model.headings.contacts) {
        ForEach(model.contacts) { row in LineRow(line: row) }
      }
      Section(model.headings.timeline) {
        ForEach(model.timeline) { row in LineRow(line: row) }
      }
      NoticeText(notice: model.notice)
    }
    .navigationTitle(model.title)
    .task { await model.run() }
  }
}
