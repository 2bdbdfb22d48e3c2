package fieldsync

import fieldsync.core.Amount
import fieldsync.core.DealChange
import fieldsync.core.DealDetail
import fieldsync.core.DealRow
import fieldsync.core.NewDeal
import fieldsync.core.ProductRow
import fieldsync.core.StageRow
import fieldsync.core.WatchedQuery
import kotlinx.coroutines.flow.Flow

/** The stages that a deal goes through, in order. */
public suspend fun Fieldsync.stages(): List<StageRow> = read { stages() }

/** Creates a lead or deal; gives its id. It is durable when this returns. */
public suspend fun Fieldsync.createDeal(new: NewDeal): String = save { createDeal(new) }

/** One deal; null if it is not on this phone. */
public suspend fun Fieldsync.deal(id: String): DealRow? = read { deal(id) }

/** One deal, now and after every change; null while it is not on this phone. */
public fun Fieldsync.liveDeal(id: String): Flow<DealRow?> =
    watch(WatchedQuery.Deal(id)) { deal(id) }

/** A deal's page, now and after every change; null while it is not on this phone. */
public fun Fieldsync.dealPage(id: String): Flow<DealDetail?> =
    watch(WatchedQuery.Deal(id)) { dealPage(id) }

/** Says more about a deal: its grade, priority, competitors, trials, why it was lost. */
public suspend fun Fieldsync.editDeal(deal: String, change: DealChange): Unit =
    save { editDeal(deal, change) }

/** A trial or demonstration took place, today, and what came of it. */
public suspend fun Fieldsync.reachMilestone(
    deal: String,
    milestone: String,
    feedback: String? = null,
): Unit = save { reachMilestone(deal, milestone, feedback) }

/** Moves a deal to a stage, now; BadInput where a gate of the policy's blocks, see [gatesAhead]. */
public suspend fun Fieldsync.moveDeal(deal: String, stage: String): Unit =
    save { moveDeal(deal, stage) }

/** The deal is won, now; [amount] is the final one, if it changed. */
public suspend fun Fieldsync.winDeal(deal: String, amount: Amount? = null): Unit =
    save { winDeal(deal, amount) }

/** The deal is lost, now; [reason] is a code such as `price`. */
public suspend fun Fieldsync.loseDeal(deal: String, reason: String): Unit =
    save { loseDeal(deal, reason) }

/** Notes a quote that was issued today; gives its id. */
public suspend fun Fieldsync.issueQuote(
    deal: String,
    amount: Amount,
    terms: String? = null,
): String = save { issueQuote(deal, amount, terms) }

/** The customer decided about a quote, today. */
public suspend fun Fieldsync.decideQuote(deal: String, quote: String, accepted: Boolean): Unit =
    save { decideQuote(deal, quote, accepted) }

/**
 * Claims a signed contract; the day is `YYYY-MM-DD`. The policy says whether claims count, or
 * only what the office's books confirm.
 */
public suspend fun Fieldsync.claimContract(
    deal: String,
    signedOn: String,
    amount: Amount,
    number: String? = null,
): Unit = save { claimContract(deal, signedOn, amount, number) }

/** Claims money that is due on a day, `YYYY-MM-DD`; gives the instalment's id. */
public suspend fun Fieldsync.claimInstalment(
    deal: String,
    dueOn: String,
    amount: Amount,
): String = save { claimInstalment(deal, dueOn, amount) }

/**
 * Claims money that came in on a day, `YYYY-MM-DD`, for an instalment or for what is due first;
 * gives the payment's id.
 */
public suspend fun Fieldsync.claimPayment(
    deal: String,
    receivedOn: String,
    amount: Amount,
    instalment: String? = null,
): String = save { claimPayment(deal, receivedOn, amount, instalment) }

/**
 * Claims that a payment went back on a day, `YYYY-MM-DD`, all of it or an amount; gives the
 * refund's id.
 */
public suspend fun Fieldsync.claimRefund(
    deal: String,
    payment: String,
    on: String,
    amount: Amount? = null,
): String = save { claimRefund(deal, payment, on, amount) }

/** The products on sale, by line and name. */
public suspend fun Fieldsync.products(): List<ProductRow> = read { products() }
