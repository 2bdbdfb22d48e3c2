//! Element by element.

use super::*;

/// What was read, each fact with whose it is.
#[derive(Default)]
pub(in crate::rules::plain) struct Collected {
    pub visits: Vec<VisitFact>,
    pub customers: Vec<(Vec<(UserId, OwnedSpan)>, CustomerFact)>,
    pub quotes: Vec<(UserId, QuoteFact)>,
    pub contracts: Vec<(UserId, ContractFact)>,
    pub instalments: Vec<(UserId, InstalmentFact)>,
    pub payments: Vec<(UserId, PaymentFact)>,
    pub orders: Vec<(UserId, OrderFact)>,
    pub team_orders: Vec<TeamOrder>,
    pub cases: Vec<(UserId, CaseFact)>,
    pub surveys: Vec<(UserId, SurveyFact)>,
    pub plans: Vec<PlanFact>,
    pub targets: Vec<(UserId, TargetFact)>,
    pub decisions: Vec<Decision>,
    pub signals: Vec<Signal>,
    pub team: Vec<TeamDeal>,
    pub watched: Vec<WatchedVisit>,
    pub closed: Vec<WatchedDeal>,
    pub products: Vec<ProductRecord>,
    pub target_records: Vec<TargetRecord>,
    pub months: BTreeMap<String, Vec<ClosedMonth>>,
    pub churn: Vec<(String, Churn, Churn)>,
    /// Codes of stages, with where they stand.
    pub stages: Vec<(String, String)>,
}

type File = serde_json::Map<String, Value>;

impl Collected {
    pub(super) fn read(&mut self, reader: &mut Reader<'_>, file: &File) -> Read<()> {
        self.deals(reader, file)?;
        self.customers(reader, file)?;
        self.visits(reader, file)?;
        self.money(reader, file)?;
        self.orders(reader, file)?;
        self.voices(reader, file)?;
        self.plans(reader, file)?;
        self.targets(reader, file)?;
        self.rulings(reader, file)?;
        self.team(reader, file)
    }

    fn deals(&mut self, reader: &mut Reader<'_>, file: &File) -> Read<()> {
        let deals = list::<PlainDeal>(file, "deals")?;
        for (_path, deal, _heads) in &deals {
            if let Some(rep) = &deal.rep {
                reader.deal_reps.insert(deal.id.clone(), rep.clone());
            }
            if let Some(customer) = &deal.customer {
                reader.deal_customers.insert(deal.id.clone(), customer.clone());
            }
        }
        for (path, deal, heads) in deals {
            let rep = reader.rep(&path, deal.rep.as_ref(), None)?;
            let mut stages = Vec::new();
            for (place, entry) in deal.stages.iter().enumerate() {
                let path = format!("{path}.stages[{place}]");
                let at = reader.at(&format!("{path}.at"), Some(&entry.at))?;
                self.stages.push((format!("{path}.stage"), entry.stage.clone()));
                stages.extend(at.map(|at| StageFact { at, stage: entry.stage.clone() }));
            }
            stages.sort_unstable();
            self.stages.extend(deal.stage.clone().map(|stage| (format!("{path}.stage"), stage)));
            let (mut milestones, mut awaited) = (Vec::new(), Vec::new());
            for (place, one) in deal.milestones.iter().enumerate() {
                let path = format!("{path}.milestones[{place}]");
                let done_on = reader.day(&format!("{path}.done_on"), one.done_on.as_ref())?;
                let due_on = reader.day(&format!("{path}.due"), one.due.as_ref())?;
                let what = one.what.clone();
                match (done_on, due_on) {
                    (Some(done_on), _) => milestones.push(MilestoneFact { what, done_on }),
                    (None, Some(due_on)) => awaited.push(AwaitedFact { due_on, what }),
                    (None, None) => {}
                }
            }
            milestones.sort_unstable();
            awaited.sort_unstable();
            let fact = reader.fact(&deal.id, &heads);
            let fact = DealFact {
                customer: reader.customer(deal.customer.as_ref(), None),
                stage: deal.stage.or_else(|| stages.last().map(|entry| entry.stage.clone())),
                stages,
                outcome: code!(format!("{path}.outcome"), deal.outcome.as_ref(), DealOutcome),
                decided_at: reader.at(&format!("{path}.decided_at"), deal.decided_at.as_ref())?,
                amount: reader.money(&path, deal.amount_minor, deal.currency.as_ref())?,
                created_at: reader.at(&format!("{path}.created_at"), deal.created_at.as_ref())?,
                grade: code!(format!("{path}.grade"), deal.grade.as_ref(), LeadGrade),
                graded_at: reader.at(&format!("{path}.graded_at"), deal.graded_at.as_ref())?,
                priority: code!(format!("{path}.priority"), deal.priority.as_ref(), Priority),
                competitor: deal.competitor,
                milestones,
                awaited,
                ..DealFact::new(fact.doc, fact.heads)
            };
            let undone_on = reader.day(&format!("{path}.undone_on"), deal.undone_on.as_ref())?;
            let created = ("created_at", fact.created_at);
            in_order(&path, ("decided_at", fact.decided_at), created)?;
            if let (Some(DealOutcome::Won), Some(at)) = (&fact.outcome, fact.decided_at) {
                let won_on = reader.calendar.zone.date(at);
                in_order(&path, ("undone_on", undone_on), ("decided_at", Some(won_on)))?;
                self.closed.push(WatchedDeal {
                    fact: fact.fact(),
                    rep,
                    won_on,
                    period_ends: Period::month_of(won_on).last_day(),
                    undone_on,
                });
            }
            let mut lines = Vec::new();
            for (place, line) in deal.lines.iter().enumerate() {
                let path = format!("{path}.lines[{place}]");
                let amount = reader.money(&path, line.amount_minor, deal.currency.as_ref())?;
                lines.push(DealLine { product: Some(line.product.clone()), amount });
            }
            self.team.push(TeamDeal {
                fact,
                credit: Credit { rep, unit: None },
                kind: code!(format!("{path}.kind"), deal.kind.as_ref(), DealKind),
                lines,
                taken_back: false,
            });
        }
        Ok(())
    }

    fn customers(&mut self, reader: &Reader<'_>, file: &File) -> Read<()> {
        for (path, one, heads) in list::<PlainCustomer>(file, "customers")? {
            let known = reader.at(&format!("{path}.known_since"), one.known_since.as_ref())?;
            let tier = Reader::tier(&format!("{path}.tier"), one.tier.as_ref())?;
            let mut spans = Vec::new();
            for (place, span) in one.owned.iter().enumerate() {
                let path = format!("{path}.owned[{place}]");
                let from = reader.at(&format!("{path}.from"), Some(&span.from))?;
                let own = Reader::tier(&format!("{path}.tier"), span.tier.as_ref())?.or(tier);
                let until = reader.at(&format!("{path}.until"), span.until.as_ref())?;
                in_order(&path, ("until", until), ("from", from))?;
                spans.push((
                    reader.rep(&path, span.rep.as_ref().or(one.rep.as_ref()), None)?,
                    OwnedSpan { from: from.unwrap_or_default(), until, tier: own },
                ));
            }
            one_at_a_time(&format!("{path}.owned"), &spans)?;
            if spans.is_empty() {
                let rep = reader.rep(&path, one.rep.as_ref(), None)?;
                spans.push((rep, OwnedSpan { from: known.unwrap_or_default(), until: None, tier }));
            }
            let fact = reader.fact(&one.id, &heads);
            let fact = CustomerFact {
                doc: fact.doc,
                heads: fact.heads,
                name: one.name,
                known_since: known,
                position: point(&path, one.lat, one.lon)?,
                lifecycle: code!(format!("{path}.lifecycle"), one.lifecycle.as_ref(), Lifecycle),
                at_risk: one.at_risk,
                owned: Vec::new(),
            };
            self.customers.push((spans, fact));
        }
        Ok(())
    }

    fn visits(&mut self, reader: &Reader<'_>, file: &File) -> Read<()> {
        for (path, one, heads) in list::<PlainVisit>(file, "visits")? {
            let rep = reader.rep(&path, one.rep.as_ref(), None)?;
            let at = |name: &str, text: Option<&String>| reader.at(&format!("{path}.{name}"), text);
            let check = |name: &str, check: Option<&PlainCheck>| {
                check.map(|one| check_of(reader, &format!("{path}.{name}"), one)).transpose()
            };
            let fact = reader.fact(&one.id, &heads);
            let mut co_visitors: Vec<UserId> =
                one.co_visitors.iter().map(|rep| reader.names.rep(rep)).collect();
            co_visitors.sort_unstable();
            let mut deals: Vec<_> = one.deals.iter().map(|deal| reader.names.doc(deal)).collect();
            deals.sort_unstable();
            let planned = one.plan.as_ref().zip(one.stop.as_ref());
            let visit = VisitFact {
                doc: fact.doc,
                heads: fact.heads,
                author: rep,
                customer: reader.customer(one.customer.as_ref(), None),
                customer_name: None,
                mode: code!(format!("{path}.mode"), one.mode.as_ref(), VisitMode),
                started_at: at("started_at", one.started_at.as_ref())?,
                ended_at: at("ended_at", one.ended_at.as_ref())?,
                check_in: check("check_in", one.check_in.as_ref())?,
                check_out: check("check_out", one.check_out.as_ref())?,
                outcome: code!(format!("{path}.outcome"), one.outcome.as_ref(), Outcome),
                has_text: one.text,
                has_next_step: one.next_step || one.next_step_due.is_some(),
                submitted_at: at("submitted_at", one.submitted_at.as_ref())?,
                co_visitors,
                deals,
                edited_after_submit: one.edited_after_submit,
                purpose: code!(format!("{path}.purpose"), one.purpose.as_ref(), Purpose),
                next_step_due: reader
                    .day(&format!("{path}.next_step_due"), one.next_step_due.as_ref())?,
                planned: planned.map(|(plan, stop)| PlannedRef {
                    plan: reader.names.doc(plan),
                    stop: reader.names.item(stop),
                }),
                competitor_seen: one.competitor_seen,
            };
            in_order(&path, ("ended_at", visit.ended_at), ("started_at", visit.started_at))?;
            let checked = |check: &Option<CheckFact>| check.as_ref().map(|check| check.at);
            let (arrived, left) = (checked(&visit.check_in), checked(&visit.check_out));
            in_order(&path, ("check_out.at", left), ("check_in.at", arrived))?;
            let photo = |name: &String| ChangeHash(Sha256::digest(name).into());
            let mut clocks = Vec::new();
            let checks = [("check_in", &one.check_in), ("check_out", &one.check_out)];
            for (name, check) in checks {
                clocks.extend(clock(reader, &format!("{path}.{name}"), check.as_ref())?);
            }
            self.watched.push(WatchedVisit {
                fact: visit.fact(),
                rep,
                customer: visit.customer,
                mode: visit.mode.clone(),
                start: visit.start(),
                end: visit.end(),
                fix: visit.check_in.as_ref().and_then(|check| check.fix.clone()),
                photos: one.photos.iter().map(photo).collect(),
                clocks,
                entered_at: at("entered_at", one.entered_at.as_ref())?.or(visit.submitted_at),
                authored_at: at("authored_at", one.authored_at.as_ref())?,
                builds_on_received_at: at(
                    "builds_on_received_at",
                    one.builds_on_received_at.as_ref(),
                )?,
                received_at: at("received_at", one.received_at.as_ref())?,
            });
            self.visits.push(visit);
        }
        Ok(())
    }

    fn money(&mut self, reader: &Reader<'_>, file: &File) -> Read<()> {
        for (path, one, heads) in list::<PlainQuote>(file, "quotes")? {
            let rep = reader.rep(&path, one.rep.as_ref(), one.deal.as_ref())?;
            let quote = QuoteFact {
                // Revisions differ in what they say and are one quote all the same.
                origin: reader.origin(&one.id, &heads, false),
                customer: reader.customer(one.customer.as_ref(), one.deal.as_ref()),
                deal: one.deal.as_ref().map(|deal| reader.names.doc(deal)),
                issued_on: reader.day(&format!("{path}.issued_on"), one.issued_on.as_ref())?,
                accepted: one.accepted,
                decided_on: reader.day(&format!("{path}.decided_on"), one.decided_on.as_ref())?,
                amount: reader.money(&path, one.amount_minor, None)?,
            };
            in_order(&path, ("decided_on", quote.decided_on), ("issued_on", quote.issued_on))?;
            self.quotes.push((rep, quote));
        }
        for (path, one, heads) in list::<PlainContract>(file, "contracts")? {
            let rep = reader.rep(&path, one.rep.as_ref(), one.deal.as_ref())?;
            let contract = ContractFact {
                origin: reader.origin(&one.id, &heads, one.confirmed),
                customer: reader.customer(one.customer.as_ref(), one.deal.as_ref()),
                deal: one.deal.as_ref().map(|deal| reader.names.doc(deal)),
                signed_on: reader.day(&format!("{path}.signed_on"), one.signed_on.as_ref())?,
                amount: reader.money(&path, one.amount_minor, None)?,
                number: None,
            };
            self.contracts.push((rep, contract));
        }
        for (path, one, heads) in list::<PlainInstalment>(file, "instalments")? {
            let rep = reader.rep(&path, one.rep.as_ref(), one.deal.as_ref())?;
            let customer = reader.customer(one.customer.as_ref(), one.deal.as_ref());
            let deal = one.deal.as_ref().map(|deal| reader.names.doc(deal));
            let instalment = InstalmentFact {
                account: deal.or(customer).unwrap_or(ONE_ACCOUNT),
                origin: reader.origin(&one.id, &heads, one.confirmed),
                customer,
                due_on: reader.day(&format!("{path}.due_on"), one.due_on.as_ref())?,
                amount: reader.money(&path, one.amount_minor, one.currency.as_ref())?,
            };
            self.instalments.push((rep, instalment));
        }
        for (path, one, heads) in list::<PlainPayment>(file, "payments")? {
            let rep = reader.rep(&path, one.rep.as_ref(), one.deal.as_ref())?;
            let customer = reader.customer(one.customer.as_ref(), one.deal.as_ref());
            let deal = one.deal.as_ref().map(|deal| reader.names.doc(deal));
            let payment = PaymentFact {
                account: deal.or(customer).unwrap_or(ONE_ACCOUNT),
                origin: reader.origin(&one.id, &heads, one.confirmed),
                customer,
                received_on: reader
                    .day(&format!("{path}.received_on"), one.received_on.as_ref())?,
                amount: reader.money(&path, one.amount_minor, one.currency.as_ref())?,
                instalment: one.instalment.as_ref().map(|id| reader.key(id)),
                refund_of: one.refund_of.as_ref().map(|id| reader.key(id)),
            };
            self.payments.push((rep, payment));
        }
        Ok(())
    }

    fn orders(&mut self, reader: &Reader<'_>, file: &File) -> Read<()> {
        for (path, one, heads) in list::<PlainOrder>(file, "orders")? {
            let rep = reader.rep(&path, one.rep.as_ref(), one.deal.as_ref())?;
            let order = OrderFact {
                origin: reader.origin(&one.id, &heads, true),
                customer: reader.customer(one.customer.as_ref(), one.deal.as_ref()),
                deal: one.deal.as_ref().map(|deal| reader.names.doc(deal)),
                own: true,
                ordered_on: reader.day(&format!("{path}.ordered_on"), one.ordered_on.as_ref())?,
                amount: reader.money(&path, one.amount_minor, one.currency.as_ref())?,
                paid_on: reader.day(&format!("{path}.paid_on"), one.paid_on.as_ref())?,
                cancelled_on: reader
                    .day(&format!("{path}.cancelled_on"), one.cancelled_on.as_ref())?,
            };
            in_order(
                &path,
                ("cancelled_on", order.cancelled_on),
                ("ordered_on", order.ordered_on),
            )?;
            let mut lines = Vec::new();
            for (place, line) in one.lines.iter().enumerate() {
                let path = format!("{path}.lines[{place}]");
                let amount = reader.money(&path, line.amount_minor, one.currency.as_ref())?;
                lines.push(DealLine { product: Some(line.product.clone()), amount });
            }
            let credit = Credit { rep, unit: None };
            self.team_orders.push(TeamOrder { order: order.clone(), credit, lines });
            self.orders.push((rep, order));
        }
        Ok(())
    }

    fn voices(&mut self, reader: &Reader<'_>, file: &File) -> Read<()> {
        for (path, one, heads) in list::<PlainCase>(file, "cases")? {
            let rep = reader.rep(&path, one.rep.as_ref(), None)?;
            let kind = match one.kind.as_deref() {
                None | Some("complaint") => CaseKind::Complaint,
                Some("enquiry") => CaseKind::Enquiry,
                Some(other) => {
                    let problem = format!("{other:?}: expected complaint or enquiry");
                    return Err(PlainError::new(format!("{path}.kind"), problem));
                }
            };
            let at = |name: &str, text: Option<&String>| reader.at(&format!("{path}.{name}"), text);
            let case = CaseFact {
                fact: reader.fact(&one.id, &heads),
                author: rep,
                customer: reader.customer(one.customer.as_ref(), None),
                kind,
                opened_at: at("opened_at", one.opened_at.as_ref())?,
                first_reply_at: at("first_reply_at", one.first_reply_at.as_ref())?,
                resolved_at: at("resolved_at", one.resolved_at.as_ref())?,
                cause: None,
                action: None,
                satisfied: one.satisfied,
            };
            in_order(
                &path,
                ("first_reply_at", case.first_reply_at),
                ("opened_at", case.opened_at),
            )?;
            in_order(&path, ("resolved_at", case.resolved_at), ("opened_at", case.opened_at))?;
            self.cases.push((rep, case));
        }
        for (path, one, heads) in list::<PlainAnswer>(file, "surveys")? {
            let rep = reader.rep(&path, one.rep.as_ref(), None)?;
            let kind = match one.kind.as_deref() {
                None | Some("nps") => SurveyKind::Nps,
                Some("csat") => SurveyKind::Csat,
                Some(other) => {
                    let problem = format!("{other:?}: expected nps or csat");
                    return Err(PlainError::new(format!("{path}.kind"), problem));
                }
            };
            if one.score > 10 {
                let problem = format!("{}: expected 0 to 10", one.score);
                return Err(PlainError::new(format!("{path}.score"), problem));
            }
            let survey = SurveyFact {
                fact: reader.fact(&one.id, &heads),
                item: None,
                customer: reader.customer(one.customer.as_ref(), None),
                kind,
                score: one.score,
                answered_on: reader
                    .day(&format!("{path}.answered_on"), one.answered_on.as_ref())?,
            };
            self.surveys.push((rep, survey));
        }
        Ok(())
    }

    fn plans(&mut self, reader: &Reader<'_>, file: &File) -> Read<()> {
        for (path, one, heads) in list::<PlainPlan>(file, "plans")? {
            let stops = one.stops.iter().zip(settled::stop_names(&one.stops));
            let stops = stops.map(|(stop, name)| StopFact {
                id: reader.names.item(&name),
                customer: reader.customer(stop.customer.as_ref(), None),
                visit: stop.visit.as_ref().map(|visit| reader.names.doc(visit)),
                skipped: stop.skipped,
            });
            let key_tasks = (0..one.key_tasks.min(100)).map(|place| KeyTaskFact {
                id: ItemId::from_bytes(u128::from(place).to_be_bytes()),
                customer: None,
                done: false,
            });
            self.plans.push(PlanFact {
                fact: reader.fact(&one.id, &heads),
                rep: reader.rep(&path, one.rep.as_ref(), None)?,
                date: reader.must(&format!("{path}.date"), &one.date)?,
                stops: stops.collect(),
                key_tasks: key_tasks.collect(),
                report_submitted_at: reader
                    .at(&format!("{path}.report_submitted_at"), one.report_submitted_at.as_ref())?,
            });
        }
        Ok(())
    }

    fn targets(&mut self, reader: &Reader<'_>, file: &File) -> Read<()> {
        let mut known = BTreeMap::new();
        for (path, one, _heads) in list::<PlainTarget>(file, "targets")? {
            let named = one.id.is_some();
            let name = settled::target_name(&one, reader.sole.as_deref(), reader.period);
            let id = one.id.clone().unwrap_or(name);
            let period = match &one.period {
                None => reader.period,
                Some(text) => text
                    .parse()
                    .map_err(|error| PlainError::new(format!("{path}.period"), error))?,
            };
            let metric = code!(format!("{path}.metric"), Some(&one.metric), Metric);
            let Some(metric) = metric else { continue };
            if one.value < 0 {
                let problem = format!("{}: expected 0 or more", one.value);
                return Err(PlainError::new(format!("{path}.value"), problem));
            }
            let published_on =
                reader.day(&format!("{path}.published_on"), one.published_on.as_ref())?;
            let id = reader.names.record(&id);
            let level = match one.level.as_deref() {
                None => {
                    let rep = reader.rep(&path, one.rep.as_ref(), None)?;
                    let fact = TargetFact {
                        id,
                        metric: metric.clone(),
                        period,
                        value: one.value,
                        published_on,
                    };
                    if one.dimension.is_empty() {
                        self.targets.push((rep, fact));
                    }
                    TargetLevel::Rep(rep)
                }
                Some("org") => TargetLevel::Org,
                Some(unit) => TargetLevel::Unit(crate::id::UnitId::from_bytes(
                    *reader.names.doc(unit).as_bytes(),
                )),
            };
            let record = TargetRecord {
                id,
                level,
                metric,
                period,
                value: one.value,
                parent: one.parent.as_ref().map(|parent| reader.names.record(parent)),
                published_on,
                dimension: one.dimension.clone(),
                draft: false,
            };
            let scope = match level {
                TargetLevel::Org => (0, [0; 16]),
                TargetLevel::Unit(unit) => (1, *unit.as_bytes()),
                TargetLevel::Rep(rep) => (2, *rep.as_bytes()),
            };
            let metric = record.metric.to_string();
            let key = (scope, metric, period, record.dimension.clone());
            let said: &mut Vec<(TargetRecord, bool, String)> = known.entry(key).or_default();
            one_for_each(&path, &record, named, said)?;
            said.push((record.clone(), named, path));
            self.target_records.push(record);
        }
        Ok(())
    }

    fn rulings(&mut self, reader: &Reader<'_>, file: &File) -> Read<()> {
        for (path, one, _heads) in list::<PlainDecision>(file, "decisions")? {
            let ruling = match one.ruling.as_str() {
                "accept" => Ruling::Accept,
                "reject" => Ruling::Reject,
                "void" => Ruling::Void,
                other => {
                    let problem = format!("{other:?}: expected accept, reject or void");
                    return Err(PlainError::new(format!("{path}.ruling"), problem));
                }
            };
            self.decisions.push(Decision {
                visit: reader.names.doc(&one.visit),
                ruling,
                at: reader.at(&format!("{path}.at"), one.at.as_ref())?.unwrap_or_default(),
            });
        }
        for (_path, one, _heads) in list::<PlainSignal>(file, "signals")? {
            let visit = reader.names.doc(&one.visit);
            self.signals.push(Signal { visit, code: one.code, open: one.open });
        }
        Ok(())
    }

    fn team(&mut self, reader: &Reader<'_>, file: &File) -> Read<()> {
        let mut codes = BTreeSet::new();
        for (path, one, _heads) in list::<PlainProduct>(file, "products")? {
            if !codes.insert(one.code.to_lowercase()) {
                let problem = format!("{:?} stands here twice: expected each once", one.code);
                return Err(PlainError::new(format!("{path}.code"), problem));
            }
            self.products.push(ProductRecord {
                id: ProductId::from_bytes(*reader.names.doc(&one.code).as_bytes()),
                name: one.name.unwrap_or_else(|| one.code.clone()),
                code: one.code,
                line: None,
                list_price: None,
                class: code!(format!("{path}.class"), one.class.as_ref(), ProductClass),
                margin: code!(format!("{path}.margin"), one.margin.as_ref(), MarginClass),
                launched_on: reader
                    .day(&format!("{path}.launched_on"), one.launched_on.as_ref())?,
                active: true,
            });
        }
        for (path, one, _heads) in list::<PlainMonth>(file, "months")? {
            let month: Period = one
                .month
                .parse()
                .map_err(|error| PlainError::new(format!("{path}.month"), error))?;
            if month != Period::month_of(month.first_day()) {
                let problem = format!("{month} is no month: expected one such as 2026-10");
                return Err(PlainError::new(format!("{path}.month"), problem));
            }
            let closed = ClosedMonth { month, value: one.value };
            let of_scope = self.months.entry(one.scope).or_default();
            if of_scope.iter().any(|known| known.month == month) {
                let problem = format!("{month} stands twice for one scope: expected each once");
                return Err(PlainError::new(format!("{path}.month"), problem));
            }
            of_scope.push(closed);
        }
        let mut scopes = BTreeSet::new();
        for (path, one, _heads) in list::<PlainChurn>(file, "churn")? {
            if !scopes.insert(one.scope.clone()) {
                let problem = format!("{:?} stands here twice: expected each once", one.scope);
                return Err(PlainError::new(format!("{path}.scope"), problem));
            }
            let counts = [
                ("lost", one.lost, "active", one.active),
                ("previous_lost", one.previous_lost, "previous_active", one.previous_active),
            ];
            for (field, lost, of, active) in counts {
                if lost > active {
                    let problem = format!("{lost}: expected no more than {of}, {active}");
                    return Err(PlainError::new(format!("{path}.{field}"), problem));
                }
            }
            let now = Churn { lost: one.lost, active: one.active };
            let before = Churn { lost: one.previous_lost, active: one.previous_active };
            self.churn.push((one.scope, now, before));
        }
        Ok(())
    }
}

/// A customer has one owner at a time.
fn one_at_a_time(path: &str, spans: &[(UserId, OwnedSpan)]) -> Read<()> {
    let mut sorted: Vec<&OwnedSpan> = spans.iter().map(|(_rep, span)| span).collect();
    sorted.sort_by_key(|span| (span.from, span.until));
    let mut pairs = sorted.iter().zip(sorted.iter().skip(1));
    match pairs.find(|(one, next)| one.until.is_none_or(|until| next.from < until)) {
        Some(_overlap) => {
            let problem = "two spans overlap: expected each to have an until no later than the \
                           from of the next";
            Err(PlainError::new(path, problem))
        }
        None => Ok(()),
    }
}

/// Of two targets for one thing the one published later holds, and of two with ids the one
/// whose id comes last; otherwise nothing says which of them does.
fn one_for_each(
    path: &str,
    record: &TargetRecord,
    named: bool,
    said: &[(TargetRecord, bool, String)],
) -> Read<()> {
    let clash = said.iter().find(|(known, known_named, _path)| {
        let told_apart = known.published_on != record.published_on && named == *known_named;
        let same = *known == *record;
        !(same || told_apart || named && *known_named)
    });
    match clash {
        Some((_known, _named, first)) => {
            let problem = format!(
                "it is for the same as {first}, and nothing says which of them holds: expected \
                 one, or an id on each, or a published_on of its own"
            );
            Err(PlainError::new(path, problem))
        }
        None => Ok(()),
    }
}

/// What is owed and paid under no deal and by no customer is one account.
const ONE_ACCOUNT: crate::id::DocId = crate::id::DocId::from_bytes([0; 16]);

fn check_of(reader: &Reader<'_>, path: &str, one: &PlainCheck) -> Read<CheckFact> {
    let at = reader.at(&format!("{path}.at"), Some(&one.at))?;
    let accuracy = one.accuracy_m.unwrap_or(20.0);
    if !accuracy.is_finite() || accuracy < 0.0 {
        let problem = format!("{accuracy}: expected metres, 0 or more");
        return Err(PlainError::new(format!("{path}.accuracy_m"), problem));
    }
    let fix = point(path, one.lat, one.lon)?.map(|point| Fix {
        point,
        accuracy_mm: millimetres(accuracy),
        provider: "gps".to_owned(),
        is_mock: one.mock,
        age_s: 0,
    });
    Ok(CheckFact { at: at.unwrap_or_default(), fix })
}

fn clock(reader: &Reader<'_>, path: &str, one: Option<&PlainCheck>) -> Read<Option<ClockReading>> {
    let Some(one) = one else { return Ok(None) };
    let wall = reader.at(&format!("{path}.at"), Some(&one.at))?.unwrap_or_default();
    Ok(Some(ClockReading {
        wall,
        monotonic_ms: one.monotonic_ms,
        boot_id: one.boot.clone(),
        server_seen_at: reader
            .at(&format!("{path}.server_seen_at"), one.server_seen_at.as_ref())?,
    }))
}

fn millimetres(metres: f64) -> i64 {
    format!("{:.0}", (metres * 1000.0).clamp(0.0, 1e9)).parse().unwrap_or(0)
}
