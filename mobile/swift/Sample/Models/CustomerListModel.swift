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

  private var pages = 1
  private var loading = false
  private let pageSize: UInt32

  /// The model of a desk.
  public init(_ desk: Desk, pageSize: UInt32 = 50) {
    self.desk = desk
    self.pageSize = pageSize
  }

  /// Shows what is searched for until the task is cancelled, as many pages as were asked
  /// for. A screen runs it anew for each text (in SwiftUI `.task(id: model.search)`).
  public func run() async {
    let (wanted, size) = (search, pageSize)
    pages = 1
    let held = desk.client.watch(.customers) { client throws(FieldError) in
      try await Held.read(client, wanted, pages: await self.pages, size: size)
    }
    await follow(held) { [weak self] held in self?.show(held, of: wanted) }
  }

  /// Brings the next page, once however often it is tapped meanwhile.
  public func loadMore() async {
    guard !more.isEmpty, !loading else { return }
    loading = true
    defer { loading = false }
    pages += 1
    let (wanted, pages) = (search, pages)
    await attempt {
      show(try await Held.read(desk.client, wanted, pages: pages, size: pageSize), of: wanted)
    }
  }

  /// The part of the list that the screen holds: read whole, so that no row is there twice.
  private struct Held: Sendable {
    var rows: [CustomerRow] = []
    var next: String?
    var pages = 0

    static func read(
      _ client: FieldsyncClient, _ search: String, pages: Int, size: UInt32
    ) async throws(FieldError) -> Held {
      var held = Held()
      repeat {
        let page = try await client.customers(
          search: search.isEmpty ? nil : search, limit: size, after: held.next)
        held.rows += page.rows
        held.next = page.next
        held.pages += 1
      } while held.pages < pages && held.next != nil
      held.pages = pages
      return held
    }
  }

  /// Shows it, unless something else was asked for while it was read.
  private func show(_ held: Held, of wanted: String) {
    guard wanted == search, held.pages == pages else { return }
    let words = desk.words
    rows = held.rows.map { row in
      Line(
        id: row.id, title: words.first(row.name, words.say("customer.unnamed")),
        detail: words.join([words.code("tier", row.tier), row.address]),
        badge: words.badge(row.state))
    }
    more = held.next.map { [Chip(id: $0, title: words.say("customers.more"), chosen: false)] } ?? []
    empty = rows.isEmpty ? words.say("customers.empty") : ""
  }
}
