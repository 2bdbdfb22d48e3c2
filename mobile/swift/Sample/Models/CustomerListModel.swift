import Fieldsync
import Observation

/// The list of customers: by name, found by any part of a name, pinyin or the end of a number.
@MainActor
@Observable
public final class CustomerListModel: Following {
  let desk: Desk
  /// What was typed. Setting it begins the search; `run` shows it.
  public var search = ""
  /// The rows so far.
  public private(set) var rows: [Line] = []
  /// There is more to be had.
  public private(set) var more: [Chip] = []
  /// Said instead of rows where there are none.
  public private(set) var empty = ""
  /// What went wrong last, in words.
  public internal(set) var notice = ""
  /// The screen's title.
  public var title: String { desk.words.say("customers.title") }
  /// Said in the empty search field.
  public var prompt: String { desk.words.say("customers.search") }

  private var next: String?
  private let pageSize: UInt32

  /// The model of a desk.
  public init(_ desk: Desk, pageSize: UInt32 = 50) {
    self.desk = desk
    self.pageSize = pageSize
  }

  /// Shows the first page of what is searched for until the task is cancelled. A screen
  /// runs it anew for each text (in SwiftUI `.task(id: model.search)`).
  public func run() async {
    let wanted = search.isEmpty ? nil : search
    await follow(desk.client.watchCustomers(search: wanted, limit: pageSize)) { [weak self] page in
      self?.rows = []
      self?.append(page)
    }
  }

  /// Brings the next page.
  public func loadMore() async {
    guard let next else { return }
    await attempt {
      let wanted = search.isEmpty ? nil : search
      append(try await desk.client.customers(search: wanted, limit: pageSize, after: next))
    }
  }

  private func append(_ page: CustomerPage) {
    let words = desk.words
    rows += page.rows.map { row in
      Line(
        id: row.id, title: words.first(row.name, words.say("customer.unnamed")),
        detail: words.join([words.code("tier", row.tier), row.address]),
        badge: words.badge(row.state))
    }
    next = page.next
    more = page.next.map { [Chip(id: $0, title: words.say("customers.more"), chosen: false)] } ?? []
    empty = rows.isEmpty ? words.say("customers.empty") : ""
  }
}
