// Customers and their pages.

extension FieldsyncClient {
  /// Creates a customer; warns about likely duplicates and never refuses them.
  @discardableResult
  public func createCustomer(_ new: NewCustomer) async throws(FieldError) -> CreatedCustomer {
    try await save { try $0.createCustomer(new: new) }
  }

  /// A page of customers by name, 50 by default and 200 at most. `search` is any
  /// part of a name, pinyin or its initials, or the tail of a phone number.
  public func customers(
    search: String? = nil, limit: UInt32 = 50, after: String? = nil
  ) async throws(FieldError) -> CustomerPage {
    try await read { try $0.customers(search: search, limit: limit, after: after) }
  }

  /// A customer's page; none if it is not on this phone.
  public func customer(_ id: String) async throws(FieldError) -> CustomerDetail? {
    try await read { try $0.customer(id: id) }
  }

  /// Changes what is given and nothing else, so that others' edits of the rest all stay.
  public func editCustomer(_ id: String, change: CustomerChange) async throws(FieldError) {
    try await save { try $0.editCustomer(id: id, change: change) }
  }

  /// Adds a person to a customer; gives what a visit names them by.
  @discardableResult
  public func addContact(customer: String, contact: NewContact) async throws(FieldError) -> String {
    try await save { try $0.addContact(customer: customer, contact: contact) }
  }

  /// What happened at a customer, newest first: `limit` things before `beforeMs`
  /// (milliseconds since 1970 UTC), or up to now, and what else happened at the last one's
  /// instant. So that instant begins the next part, and nothing comes twice.
  public func timeline(
    customer: String, beforeMs: Int64? = nil, limit: UInt32 = 50
  ) async throws(FieldError) -> [TimelineItem] {
    try await read { try $0.timeline(customer: customer, beforeMs: beforeMs, limit: limit) }
  }
}
