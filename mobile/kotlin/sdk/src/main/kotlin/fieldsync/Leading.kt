package fieldsync

import fieldsync.core.FactsApartView
import fieldsync.core.FigureRow
import fieldsync.core.GateRow
import fieldsync.core.RulingRow
import fieldsync.core.TeamDesk

/**
 * What of the work of the people I lead waits for me: late callbacks and answers, missing
 * reports, leads and deals that stand still, customers in danger. Empty for who leads nobody.
 */
public suspend fun Fieldsync.teamDesk(): TeamDesk = read { teamDesk() }

/**
 * Plans how a customer in danger is kept: what is done, by whom (a person's id), and until
 * when, `YYYY-MM-DD`.
 */
public suspend fun Fieldsync.planRecovery(
    customer: String,
    plan: String,
    owner: String? = null,
    due: String? = null,
): Unit = save { planRecovery(customer, plan, owner, due) }

/** The plan was carried out, today. */
public suspend fun Fieldsync.finishRecovery(customer: String): Unit =
    save { finishRecovery(customer) }

/** Settles a visit under review of somebody I lead, also without signal; its rep reads the note. */
public suspend fun Fieldsync.judgeVisit(visit: String, accepted: Boolean, note: String): Unit =
    save { judgeVisit(visit, accepted, note) }

/** What a leader decided about a visit, if that stands. */
public suspend fun Fieldsync.ruling(visit: String): RulingRow? = read { ruling(visit) }

/** What a stage asks for before it is left, and is not there, if the deal moved to it now. */
public suspend fun Fieldsync.gatesAhead(deal: String, stage: String): List<GateRow> =
    read { gatesAhead(deal, stage) }

/** My deals that left a stage before what it asks for was there. */
public suspend fun Fieldsync.gateWarnings(): List<GateRow> = read { gateWarnings() }

/** The figures beside my card for a period such as `2026-10`. */
public suspend fun Fieldsync.figures(period: String): List<FigureRow> = read { figures(period) }

/** Which facts of my card only this phone has, only the server, and which differ; needs signal. */
public suspend fun Fieldsync.factsApart(period: String): FactsApartView =
    ours { core.factsApart(period) }
