use std::sync::Arc;
use std::time::Duration;

use client_core::docs::ConflictLabel;
use client_core::engine::{
    Client, Clock, Config, ConflictQuery, CustomerQuery, DeviceInfo, NewCustomer as CoreCustomer,
    SystemClock, VisitQuery,
};
use client_core::period::Period;

use crate::convert;
use crate::error::FieldError;
use crate::job::{BackgroundReport, LiveJob, SyncJob};
use crate::observe::{Observation, StaleObserver, WatchedQuery};
use crate::rows::{
    Account, ConflictPage, CreatedCustomer, CustomerPage, GpsFix, ItemLadder, LateWorkRow,
    NewCustomer, NewVisit, OrgRow, PendingCounts, PossibleDuplicate, ProductRow, RefusedRow,
    ReviewRow, ScorecardView, SyncState, VisitPage,
};
use crate::secrets::{DeviceClock, ForeignClock, Keychain, SecretStore};

/// How the core is opened.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct OpenConfig {
    /// A folder of the app's own, outside backups and app groups.
    pub dir: String,
    /// Where the server is, for example `https://sales.example.com`; empty to learn it
    /// from an invitation.
    pub server_url: String,
    /// What people call the phone.
    pub device_name: String,
    /// `ios`, `android`, …
    pub platform: String,
    /// The app's version.
    pub app_version: String,
    /// The device's IANA zone now; see `set_time_zone`.
    pub time_zone: String,
    /// The device's offset from UTC now, seconds east.
    pub utc_offset_s: i32,
    /// Certificates of the org's own authority in PEM, trusted beside the public ones.
    #[uniffi(default = None)]
    pub authority_pem: Option<String>,
}

/// The replica on this phone. Saving and reading never touch the network and
/// never wait for it; a save that returned is durable.
///
/// Whatever reads or saves may fail with `NotSignedIn`, `Paused`, `Closed` or `Storage`;
/// what is given an id, a day or a code with `BadInput`; what edits something with `NotFound`
/// where it is not on this phone; a save with `StorageFull`; what rests on the policy, the
/// calendar or the card with `NotYetSynced` before the first sync. What needs the network
/// says so, and fails as a sync does.
#[derive(uniffi::Object)]
pub struct FieldClient {
    pub(crate) client: Client,
    zone: Arc<SystemClock>,
}

#[uniffi::export(async_runtime = "tokio")]
impl FieldClient {
    /// Opens the core and, without any network, the data of the user who was
    /// signed in last. One client for a folder at a time. With `secrets` tokens lie in
    /// the system's keychain, and a library built for release encrypts the files.
    #[uniffi::constructor(default(secrets = None, clock = None))]
    pub fn open(
        config: OpenConfig,
        secrets: Option<Arc<dyn SecretStore>>,
        clock: Option<Arc<dyn DeviceClock>>,
    ) -> Result<Arc<Self>, FieldError> {
        let device = DeviceInfo {
            name: config.device_name,
            platform: config.platform,
            app_version: config.app_version,
        };
        let mut setup = Config::new(config.dir, &config.server_url, device);
        let zone = Arc::new(SystemClock::checked(&config.time_zone, config.utc_offset_s)?);
        setup.clock = match clock {
            Some(clock) => Arc::new(ForeignClock { clock, system: Arc::clone(&zone) }),
            None => Arc::clone(&zone) as Arc<dyn Clock>,
        };
        if let Some(secrets) = secrets {
            setup.secrets = Some(Arc::new(Keychain(secrets)));
        }
        setup.extra_roots_pem = config.authority_pem.map(String::into_bytes);
        setup.alone = true;
        Ok(Arc::new(Self { client: Client::open(setup)?, zone }))
    }

    /// The device is in this zone from now on, at so many seconds east of UTC: to be said
    /// when the app comes to the front and when the system says so, because a rep travels
    /// and summer time begins while an app is open. What was saved before keeps its own.
    pub fn set_time_zone(&self, time_zone: String, utc_offset_s: i32) -> Result<(), FieldError> {
        self.client.check_open()?;
        Ok(self.zone.move_to(&time_zone, utc_offset_s)?)
    }

    /// Signs in and enrols this phone. Needs the network, once.
    pub async fn sign_in(&self, login: String, password: String) -> Result<Account, FieldError> {
        Ok(convert::account(self.client.sign_in(&login, &password).await?))
    }

    /// Signs in and enrols this phone with an invitation: the content of the QR code,
    /// or the code as it was typed. Needs the network, once.
    pub async fn enrol(&self, invitation: String) -> Result<Account, FieldError> {
        Ok(convert::account(self.client.enrol(&invitation).await?))
    }

    /// Who is signed in; works offline.
    pub fn signed_in(&self) -> Result<Option<Account>, FieldError> {
        self.client.check_open()?;
        Ok(self.client.signed_in().map(convert::account))
    }

    /// Signs out: the tokens are forgotten, and the data with everything unsent stay for
    /// the next sign-in of the same person.
    pub fn sign_out(&self) -> Result<(), FieldError> {
        self.client.check_open()?;
        self.client.sign_out();
        Ok(())
    }

    /// Removes the data of whoever is signed in from this phone, and signs them out. What
    /// was not sent is first sealed into a file; see `rescue_files`.
    pub fn wipe(&self) -> Result<(), FieldError> {
        Ok(self.client.wipe()?)
    }

    /// The organisation's settings: its currency, its zone; `NotYetSynced` before they came.
    pub fn org(&self) -> Result<OrgRow, FieldError> {
        Ok(convert::org(self.client.org()?))
    }

    /// Creates a customer; warns about likely duplicates and never refuses them.
    pub fn create_customer(&self, new: NewCustomer) -> Result<CreatedCustomer, FieldError> {
        let created = self.client.create_customer(CoreCustomer {
            name: new.name,
            phone: new.phone,
            address: new.address,
            industry: new.industry,
            notes: new.notes,
            ..CoreCustomer::default()
        })?;
        let likely_duplicates = created
            .likely_duplicates
            .into_iter()
            .map(|found| PossibleDuplicate {
                id: found.customer.id.to_string(),
                name: found.customer.state.name.unwrap_or_default(),
                same_phone: found.same_phone,
            })
            .collect();
        Ok(CreatedCustomer { id: created.id.to_string(), likely_duplicates })
    }

    /// A page of customers by name, 50 by default and 200 at most. `search` is any
    /// part of a name, pinyin or its initials, or the tail of a phone number.
    #[uniffi::method(default(search = None, limit = 50, after = None))]
    pub fn customers(
        &self,
        search: Option<String>,
        limit: u32,
        after: Option<String>,
    ) -> Result<CustomerPage, FieldError> {
        let after = after.as_deref().map(convert::parse).transpose()?;
        let query = CustomerQuery { search, limit, after, ..CustomerQuery::default() };
        let page = self.client.customers(&query)?;
        Ok(CustomerPage {
            rows: page.items.into_iter().map(convert::customer_row).collect(),
            next: page.next.map(|next| next.to_string()),
        })
    }

    /// A page of visits, newest first, of one customer or of all.
    #[uniffi::method(default(customer = None, limit = 50, after = None))]
    pub fn visits(
        &self,
        customer: Option<String>,
        limit: u32,
        after: Option<String>,
    ) -> Result<VisitPage, FieldError> {
        let customer = customer.as_deref().map(convert::parse).transpose()?;
        let after = after.as_deref().map(convert::parse).transpose()?;
        let query = VisitQuery { customer, limit, after, ..VisitQuery::default() };
        let page = self.client.visits(&query)?;
        Ok(VisitPage {
            rows: page.items.into_iter().map(convert::visit_row).collect(),
            next: page.next.map(|next| next.to_string()),
        })
    }

    /// A page of what people wrote without seeing each other: one field at a time, or
    /// with `parallel` different fields, of one document or of all.
    #[uniffi::method(default(doc = None, parallel = false, limit = 50, after = None))]
    pub fn conflicts(
        &self,
        doc: Option<String>,
        parallel: bool,
        limit: u32,
        after: Option<String>,
    ) -> Result<ConflictPage, FieldError> {
        let doc = doc.as_deref().map(convert::parse).transpose()?;
        let after = after.as_deref().map(convert::parse).transpose()?;
        let label = if parallel { ConflictLabel::ParallelUpdate } else { ConflictLabel::Conflict };
        let page = self.client.conflicts(&ConflictQuery { label, doc, limit, after })?;
        Ok(ConflictPage {
            rows: page.items.into_iter().map(convert::conflict_row).collect(),
            next: page.next.map(|next| next.to_string()),
        })
    }

    /// Decides a conflict: the value that `change` wrote stands alone from now on.
    pub fn resolve_conflict(
        &self,
        doc: String,
        field: String,
        change: String,
    ) -> Result<(), FieldError> {
        let doc = convert::parse(&doc)?;
        Ok(self.client.resolve_conflict(doc, &field, convert::parse(&change)?)?)
    }

    /// The products on sale, by line and name.
    pub fn products(&self) -> Result<Vec<ProductRow>, FieldError> {
        let products = self.client.products()?;
        Ok(products.into_iter().map(convert::product_row).collect())
    }

    /// Arrives at a customer now; gives the visit's id.
    #[uniffi::method(default(fix = None))]
    pub fn check_in(&self, customer: String, fix: Option<GpsFix>) -> Result<String, FieldError> {
        let fix = fix.as_ref().map(convert::fix).transpose()?;
        let mode = client_core::docs::visit::VisitMode::Onsite;
        let visit = self.client.check_in(convert::parse(&customer)?, mode, fix)?;
        Ok(visit.to_string())
    }

    /// Logs a visit in one go; gives its id. It is durable when this returns.
    pub fn log_visit(&self, visit: NewVisit) -> Result<String, FieldError> {
        Ok(self.client.log_visit(convert::visit(visit)?)?.to_string())
    }

    /// Comments on a visit of somebody one leads, also without signal.
    #[uniffi::method(default(rating = None))]
    pub fn review_visit(
        &self,
        visit: String,
        comment: String,
        rating: Option<u8>,
    ) -> Result<(), FieldError> {
        self.client.review_visit(convert::parse(&visit)?, rating, &comment)?;
        Ok(())
    }

    /// What leaders said about a visit, oldest first.
    pub fn reviews(&self, visit: String) -> Result<Vec<ReviewRow>, FieldError> {
        let reviews = self.client.reviews(convert::parse(&visit)?)?;
        Ok(reviews.into_iter().map(convert::review).collect())
    }

    /// What waits on this phone.
    pub fn pending(&self) -> Result<PendingCounts, FieldError> {
        Ok(convert::pending(&self.client.pending()?))
    }

    /// Where this phone stands.
    pub fn sync_state(&self) -> Result<SyncState, FieldError> {
        Ok(convert::sync_state(self.client.sync_status()?))
    }

    /// How far an item has come, up to the score.
    pub fn ladder(&self, item: String) -> Result<ItemLadder, FieldError> {
        Ok(convert::ladder(self.client.ladder(convert::parse(&item)?)?))
    }

    /// Late work that concerns me: my own, and that of the people and units I lead.
    pub fn late_work(&self) -> Result<Vec<LateWorkRow>, FieldError> {
        Ok(self.client.late_work()?.into_iter().map(convert::late_work).collect())
    }

    /// Decides on late work, also without signal: `accepted`, `rejected` or
    /// `handed_over`. The answer comes with a later sync.
    #[uniffi::method(default(note = None))]
    pub fn decide_late_work(
        &self,
        case_id: String,
        verdict: String,
        note: Option<String>,
    ) -> Result<(), FieldError> {
        let (case, verdict) = (convert::parse(&case_id)?, convert::verdict(&verdict)?);
        self.client.decide_quarantine(case, verdict, note)?;
        Ok(())
    }

    /// Changes the server did not take, and those that wait for something, oldest first:
    /// they are kept on this phone.
    pub fn refused_changes(&self) -> Result<Vec<RefusedRow>, FieldError> {
        Ok(self.client.refused_changes()?.into_iter().map(convert::refused).collect())
    }

    /// Lets go of a change the server did not take, once its author has seen it. True if
    /// there was one; what still waits for an answer stays.
    pub fn dismiss_refused(&self, change: String) -> Result<bool, FieldError> {
        Ok(self.client.dismiss_refused(convert::parse(&change)?)?)
    }

    /// Files with the unsent work of a revoked phone, sealed to the org: to be shared with
    /// an administrator.
    pub fn rescue_files(&self) -> Result<Vec<String>, FieldError> {
        self.client.check_open()?;
        let files = self.client.rescue_files().into_iter();
        Ok(files.map(|path| path.to_string_lossy().into_owned()).collect())
    }

    /// My scorecard for a period such as `2026-10`, computed on this phone.
    pub fn scorecard(&self, period: String) -> Result<ScorecardView, FieldError> {
        let period: Period = convert::parse(&period)?;
        let outcome = self.client.scorecard(period, None)?;
        let official = self.client.official_scorecard(period)?;
        let waiting = self.client.pending()?;
        Ok(convert::scorecard(&outcome, &waiting, official.map(|found| found.comparison)))
    }

    /// Starts a sync that Rust owns.
    pub fn start_sync(&self) -> Result<Arc<SyncJob>, FieldError> {
        self.client.check_open()?;
        Ok(SyncJob::new(self.client.start_sync()))
    }

    /// Syncs for so many milliseconds at most, as systems give background work, and says
    /// what the system's next decision needs. What the time did not suffice for goes on
    /// next time; giving up waiting does not end it before. Only what a person or the
    /// app has to act on is an error.
    pub async fn sync_now(&self, budget_ms: u64) -> Result<BackgroundReport, FieldError> {
        self.start_sync_within(budget_ms)?.background_report().await
    }

    /// The same as a job that Rust owns.
    pub fn start_sync_within(&self, budget_ms: u64) -> Result<Arc<SyncJob>, FieldError> {
        self.client.check_open()?;
        Ok(SyncJob::new(self.client.start_sync_within(Duration::from_millis(budget_ms))))
    }

    /// Refuses where this phone's clock was more than ten minutes away from the server's
    /// when the server last answered: ask the user to set it. Work goes on all the same.
    pub fn check_clock(&self) -> Result<(), FieldError> {
        self.client.check_open()?;
        Ok(self.client.check_clock()?)
    }

    /// Stays in step while the app is in front: syncs when something was saved, when the
    /// server says that there is something, and every now and then where it cannot. Ends with `pause`; ask again
    /// after `resume`. A second call gives the same job.
    pub fn listen(&self) -> Result<Arc<LiveJob>, FieldError> {
        self.client.check_open()?;
        Ok(LiveJob::new(self.client.listen()))
    }

    /// Calls the observer whenever the query should be read again.
    pub fn observe(
        &self,
        query: &WatchedQuery,
        observer: Arc<dyn StaleObserver>,
    ) -> Result<Arc<Observation>, FieldError> {
        self.client.check_open()?;
        let held = self.client.observe(query.query()?, move |stale| {
            // An observer that fails has missed a notice; the next one reaches it.
            drop(observer.on_stale(stale.generation));
        });
        Ok(Arc::new(Observation::new(held)))
    }

    /// Before the system suspends the app: ends what runs and closes every file.
    pub fn pause(&self) -> Result<(), FieldError> {
        self.client.pause();
        Ok(())
    }

    /// After the app came back.
    pub fn resume(&self) -> Result<(), FieldError> {
        Ok(self.client.resume()?)
    }

    /// Ends everything. The client cannot be used afterwards.
    pub fn close(&self) -> Result<(), FieldError> {
        self.client.close();
        Ok(())
    }
}
