import Fieldsync
import Observation

/// A customer's page: profile, people, and what happened there.
@MainActor
@Observable
public final class CustomerModel: Following {
  let desk: Desk
  /// The customer.
  public let id: String
  /// The name.
  public private(set) var title = ""
  /// What is known, a line for each thing.
  public private(set) var profile: [Line] = []
  /// The people there.
  public private(set) var contacts: [Line] = []
  /// What happened, newest first.
  public private(set) var timeline: [Line] = []
  /// What went wrong last, in words.
  public internal(set) var notice = ""

  /// The model of a customer.
  public init(_ desk: Desk, customer id: String) {
    self.desk = desk
    self.id = id
  }

  /// Titles of the three parts.
  public var headings: (profile: String, contacts: String, timeline: String) {
    let words = desk.words
    return (
      words.say("customer.profile"), words.say("customer.contacts"), words.say("customer.timeline")
    )
  }

  /// Shows the customer until the task is cancelled.
  public func run() async {
    let id = id
    await withDiscardingTaskGroup { group in
      group.addTask {
        await self.follow(self.desk.client.watchCustomer(id)) { [weak self] in self?.show($0) }
      }
      for query in [WatchedQuery.visits, .deals, .cases] {
        group.addTask {
          await self.follow(
            self.desk.client.watch(query) { client throws(FieldError) in
              try await client.timeline(customer: id, limit: 50)
            }
          ) { [weak self] in self?.show($0) }
        }
      }
    }
  }

  private func show(_ customer: CustomerDetail?) {
    let words = desk.words
    guard let customer else {
      notice = words.say("error.not_found")
      return
    }
    title = words.first(customer.row.name, words.say("customer.unnamed"))
    let known: [(String, String?)] = [
      ("customer.phone", customer.phones.compactMap(\.raw).joined(separator: ", ")),
      ("customer.address", customer.row.address), ("customer.industry", customer.industry),
      ("customer.size", customer.sizeBand), ("customer.region", customer.region),
      ("customer.notes", customer.notes),
    ]
    profile = known.compactMap { key, value in
      guard let value, !value.isEmpty else { return nil }
      return Line(
        id: key, title: words.say(key), detail: value,
        badge: Badge("", symbol: "building.2", tone: .calm))
    }
    contacts = customer.contacts.map { contact in
      Line(
        id: contact.id, title: contact.name ?? "",
        detail: words.join([contact.title, contact.phone.raw]),
        badge: Badge(words.code("role", contact.buyingRole), symbol: "person", tone: .calm))
    }
  }

  private func show(_ items: [TimelineItem]) {
    timeline = items.map { $0.line(desk) }
  }
}

extension TimelineItem {
  @MainActor
  func line(_ desk: Desk) -> Line {
    let words = desk.words
    switch self {
    case .visit(let row):
      return Line(
        id: row.id, title: words.join([desk.moment(row.atMs), words.code("mode", row.mode)]),
        detail: words.code("outcome", row.outcome), badge: words.badge(row.state))
    case .deal(let row):
      return Line(
        id: row.id, title: words.join([desk.moment(row.createdAtMs), row.name]),
        detail: words.join([row.stage, row.expectedClose]), badge: words.badge(row.state))
    case .case(let row):
      return Line(
        id: row.id, title: desk.moment(row.openedAtMs), detail: row.subject ?? "",
        badge: words.badge(row.state))
    }
  }
}
