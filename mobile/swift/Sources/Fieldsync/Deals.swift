// Leads and deals, and what a rep claims of contract and money.

extension FieldsyncClient {
  /// A page of deals, newest first, of one customer or of all; with `open` those that
  /// are not decided.
  public func deals(
    customer: String? = nil,
    stage: String? = nil,
    open: Bool = false,
    limit: UInt32 = 50,
    after: String? = nil
  ) async throws(FieldError) -> DealPage {
    try await read {
      try $0.deals(customer: customer, stage: stage, open: open, limit: limit, after: after)
    }
  }

  /// One deal; none if it is not on this phone.
  public func deal(_ id: String) async throws(FieldError) -> DealRow? {
    try await read { try $0.deal(id: id) }
  }

  /// The stages that a deal goes through, in order.
  public func stages() async throws(FieldError) -> [StageRow] {
    try await read { try $0.stages() }
  }

  /// Creates a lead or deal; gives its id. It is durable when this returns.
  @discardableResult
  public func createDeal(_ new: NewDeal) async throws(FieldError) -> String {
    try await save { try $0.createDeal(new: new) }
  }

  /// A deal's page; none if it is not on this phone.
  public func dealPage(_ id: String) async throws(FieldError) -> DealDetail? {
    try await read { try $0.dealPage(id: id) }
  }

  /// Says more about a deal: its grade, priority, competitors, trials, why it was lost.
  public func editDeal(_ deal: String, change: DealChange) async throws(FieldError) {
    try await save { try $0.editDeal(deal: deal, change: change) }
  }

  /// A trial or demonstration took place, today, and what came of it.
  public func reachMilestone(
    deal: String, milestone: String, feedback: String? = nil
  ) async throws(FieldError) {
    try await save {
      try $0.reachMilestone(deal: deal, milestone: milestone, feedback: feedback)
    }
  }

  /// Moves a deal to a stage, now; ``FieldError/BadInput(detail:)`` where a gate of the
  /// policy's blocks, see ``gatesAhead(deal:stage:)``.
  public func moveDeal(_ deal: String, stage: String) async throws(FieldError) {
    try await save { try $0.moveDeal(deal: deal, stage: stage) }
  }

  /// The deal is won, now; `amount` is the final one, if it changed.
  public func winDeal(_ deal: String, amount: Amount? = nil) async throws(FieldError) {
    try await save { try $0.winDeal(deal: deal, amount: amount) }
  }

  /// The deal is lost, now; `reason` is a code such as `price`.
  public func loseDeal(_ deal: String, reason: String) async throws(FieldError) {
    try await save { try $0.loseDeal(deal: deal, reason: reason) }
  }

  /// The products on sale, by line and name.
  public func products() async throws(FieldError) -> [ProductRow] {
    try await read { try $0.products() }
  }

  /// Notes a quote that was issued today; gives its id.
  @discardableResult
  public func issueQuote(
    deal: String, amount: Amount, terms: String? = nil
  ) async throws(FieldError) -> String {
    try await save { try $0.issueQuote(deal: deal, amount: amount, terms: terms) }
  }

  /// The customer decided about a quote, today.
  public func decideQuote(deal: String, quote: String, accepted: Bool) async throws(FieldError) {
    try await save { try $0.decideQuote(deal: deal, quote: quote, accepted: accepted) }
  }

  /// Claims a signed contract; `signedOn` is `YYYY-MM-DD`. The policy says whether claims
  /// count, or only what the office's books confirm.
  public func claimContract(
    deal: String, signedOn: String, amount: Amount, number: String? = nil
  ) async throws(FieldError) {
    try await save {
      try $0.claimContract(deal: deal, signedOn: signedOn, amount: amount, number: number)
    }
  }

  /// Claims money that is due on a day, `YYYY-MM-DD`; gives the instalment's id.
  @discardableResult
  public func claimInstalment(
    deal: String, dueOn: String, amount: Amount
  ) async throws(FieldError) -> String {
    try await save { try $0.claimInstalment(deal: deal, dueOn: dueOn, amount: amount) }
  }

  /// Claims money that came in on a day, `YYYY-MM-DD`, for an instalment or for what is due
  /// first; gives the payment's id.
  @discardableResult
  public func claimPayment(
    deal: String, receivedOn: String, amount: Amount, instalment: String? = nil
  ) async throws(FieldError) -> String {
    try await save {
      try $0.claimPayment(
        deal: deal,
        receivedOn: receivedOn,
        amount: amount,
        instalment: instalment)
    }
  }

  /// Claims that a payment went back, all of it or an amount; gives the refund's id.
  @discardableResult
  public func claimRefund(
    deal: String, payment: String, on: String, amount: Amount? = nil
  ) async throws(FieldError) -> String {
    try await save { try $0.claimRefund(deal: deal, payment: payment, on: on, amount: amount) }
  }

  /// My deals that left a stage before what it asks for was there, for the day's list.
  public func gateWarnings() async throws(FieldError) -> [GateRow] {
    try await read { try $0.gateWarnings() }
  }

  /// What a stage asks for before it is left, and is not there, if the deal moved to this
  /// stage now: to be shown before it does.
  public func gatesAhead(deal: String, stage: String) async throws(FieldError) -> [GateRow] {
    try await read { try $0.gatesAhead(deal: deal, stage: stage) }
  }
}
