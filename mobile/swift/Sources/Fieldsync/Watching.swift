// Screens that keep themselves up to date.

extension FieldsyncClient {
  /// What `read` gives, read again whenever `query` may have changed.
  public func watch<Value: Sendable>(
    _ query: WatchedQuery,
    _ read: @escaping @Sendable (FieldsyncClient) async throws(FieldError) -> Value
  ) -> Watched<Value> {
    Watched(client: self, query: query, read: read)
  }

  /// The first page of customers by name; see ``customers(search:limit:after:)``.
  public func watchCustomers(search: String? = nil, limit: UInt32 = 50) -> Watched<CustomerPage> {
    watch(.customers) { client throws(FieldError) in
      try await client.customers(search: search, limit: limit)
    }
  }

  /// A customer's page; none while it is not on this phone.
  public func watchCustomer(_ id: String) -> Watched<CustomerDetail?> {
    watch(.customer(id: id)) { client throws(FieldError) in try await client.customer(id) }
  }

  /// The newest visits, of one customer or of all.
  public func watchVisits(customer: String? = nil, limit: UInt32 = 50) -> Watched<VisitPage> {
    watch(.visits) { client throws(FieldError) in
      try await client.visits(customer: customer, limit: limit)
    }
  }

  /// The newest deals, of one customer or of all; with `open` those that are not decided.
  public func watchDeals(
    customer: String? = nil, open: Bool = false, limit: UInt32 = 50
  ) -> Watched<DealPage> {
    watch(.deals) { client throws(FieldError) in
      try await client.deals(customer: customer, open: open, limit: limit)
    }
  }

  /// One deal; none while it is not on this phone.
  public func watchDeal(_ id: String) -> Watched<DealRow?> {
    watch(.deal(id: id)) { client throws(FieldError) in try await client.deal(id) }
  }

  /// One case; none while it is not on this phone.
  public func watchCase(_ id: String) -> Watched<CaseRow?> {
    watch(.case(id: id)) { client throws(FieldError) in try await client.oneCase(id) }
  }

  /// My plan of a day, `YYYY-MM-DD`; none while there is none.
  public func watchDayPlan(date: String) -> Watched<DayPlan?> {
    watch(.plans) { client throws(FieldError) in try await client.dayPlan(date: date) }
  }

  /// Whom to visit next, most urgent first.
  public func watchAgenda(limit: UInt32 = 50, here: GpsFix? = nil) -> Watched<[AgendaRow]> {
    watch(.agenda) { client throws(FieldError) in
      try await client.agenda(limit: limit, here: here)
    }
  }

  /// My card for a period such as `2026-10`.
  public func watchScorecard(period: String) -> Watched<ScorecardView> {
    watch(.scorecard) { client throws(FieldError) in try await client.scorecard(period: period) }
  }

  /// The targets that concern me, with how far and how fast my own are.
  public func watchTargets(period: String? = nil) -> Watched<[TargetRow]> {
    watch(.scorecard) { client throws(FieldError) in try await client.targets(period: period) }
  }

  /// Requests for other targets, and what became of them.
  public func watchAdjustments() -> Watched<[AdjustmentRow]> {
    watch(.asked) { client throws(FieldError) in try await client.adjustments() }
  }

  /// Objections to lines of cards, and what became of them.
  public func watchContests() -> Watched<[ContestRow]> {
    watch(.asked) { client throws(FieldError) in try await client.contests() }
  }

  /// The appraisal for a period such as `2026-10`, my own or that of somebody I lead.
  public func watchAppraisal(period: String, rep: String? = nil) -> Watched<AppraisalView> {
    watch(.asked) { client throws(FieldError) in
      try await client.appraisal(period: period, rep: rep)
    }
  }

  /// Where this phone stands: what the sync pill shows.
  public func watchSyncState() -> Watched<SyncState> {
    watch(.sync) { client throws(FieldError) in try await client.syncState() }
  }

  /// What people wrote without seeing each other and nobody has decided.
  public func watchConflicts(limit: UInt32 = 50) -> Watched<ConflictPage> {
    watch(.conflicts) { client throws(FieldError) in try await client.conflicts(limit: limit) }
  }
}

extension FieldsyncClient {
  /// How many loops watch something now: a screen that has gone must not count.
  public var watching: Int { bells.count }
}
