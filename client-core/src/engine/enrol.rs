//! Signing in: with a password, or with a code that a manager made.
//!
//! A phone is one device to the server for each person, whichever way they came
//! and however often. So what it will enrol as is on disk before it asks, and an
//! answer that was lost is asked for again as the same device.

use std::sync::Arc;

use data_encoding::HEXLOWER;
use serde_bytes::ByteBuf;
use tokio_util::sync::CancellationToken;

use super::alone::Opened;
use super::client::{Client, Inner, Session};
use super::session::{self, EnrolledBy, Enrolment, SignedIn};
use super::transport::{Cost, Outbound, Server};
use super::{
    CodeRefusal, Config, EnrolError, SignInError, TokenStoreError, installation, revoked, secrets,
};
use crate::id::DeviceId;
use crate::protocol::{
    AccessStamp, DeviceClaim, ENROL_PATH, EnrolRequest, EnrolmentCode, Invitation, Problem,
    ProblemCode, SIGN_IN_PATH, SignInRequest, SignInResponse,
};
use crate::store::{self, Identity, Key, StoreError};
use crate::sync::{Answer, Fault};

/// Devices that a request names at most.
const KNOWN: usize = 16;

impl Client {
    /// Signs in and enrols this installation for the user. Their replica is made
    /// or opened; another user's replica on this phone stays as it is, with its
    /// unsent work.
    ///
    /// # Errors
    /// [`SignInError`]; who was signed in before stays so.
    pub async fn sign_in(&self, login: &str, password: &str) -> Result<SignedIn, SignInError> {
        let (inner, login, password) =
            (Arc::clone(&self.inner), login.trim().to_owned(), password.to_owned());
        self.inner.awake()?;
        let cancel = CancellationToken::new();
        self.inner.driver.follow(&cancel);
        let task = async move {
            tokio::select! {
                done = sign_in(&inner, &login, &password) => done,
                () = cancel.cancelled() => Err(stopped(&inner)),
            }
        };
        let task = self.inner.tracker.spawn_on(task, self.inner.runtime());
        task.await.unwrap_or(Err(SignInError::Closed))
    }

    /// The same with what somebody scanned or typed: the address in a QR code, or
    /// the code alone. An address also says where the server is; an app that was
    /// set up without one keeps it from then on. Repeating it is harmless.
    ///
    /// # Errors
    /// [`EnrolError`]; who was signed in before stays so.
    pub async fn enrol(&self, invitation: &str) -> Result<SignedIn, EnrolError> {
        let invitation: Invitation = invitation.parse()?;
        let inner = Arc::clone(&self.inner);
        self.inner.awake().map_err(SignInError::from)?;
        let cancel = CancellationToken::new();
        self.inner.driver.follow(&cancel);
        let task = async move {
            tokio::select! {
                done = enrol(&inner, &invitation) => done,
                () = cancel.cancelled() => Err(stopped(&inner).into()),
            }
        };
        let task = self.inner.tracker.spawn_on(task, self.inner.runtime());
        task.await.unwrap_or(Err(EnrolError::SignIn(SignInError::Closed)))
    }

    /// Signs out: the tokens are forgotten, the replica with its unsent work stays
    /// for the next sign-in of the same user.
    pub fn sign_out(&self) {
        let _turn = self.inner.turn();
        self.inner.driver.cancel();
        let session = self.inner.lock().take();
        if let Some(SignedIn { org, user, .. }) = session.map(|session| session.who)
            && let Err(error) = self.inner.tokens.forget(org, user)
        {
            tracing::warn!(%error, "tokens could not be forgotten");
        }
        self.inner.everything_touched();
        if session::forget_session(&self.inner.config.dir).is_err() {
            tracing::warn!("the last session could not be forgotten");
        }
    }
}

/// Why a sign-in was stopped.
fn stopped(inner: &Inner) -> SignInError {
    inner.awake().map_or_else(SignInError::from, |()| Fault::Cancelled.into())
}

async fn sign_in(inner: &Arc<Inner>, login: &str, password: &str) -> Result<SignedIn, SignInError> {
    if !inner.transport.has_server() {
        return Err(SignInError::NoServer);
    }
    let ask = async |enrolment: Enrolment| {
        let request = SignInRequest {
            login: login.to_owned(),
            password: password.to_owned(),
            device: claim(inner, enrolment),
        };
        let outbound = Outbound::json(SIGN_IN_PATH, &request).map_err(garbled)?;
        let answer = inner.transport.post(outbound, &mut Cost::default()).await;
        read_sign_in(&answer.map_err(Fault::from)?)
    };
    let by = EnrolledBy::Login(login);
    let enrolment = remembered(inner, by)?;
    let response = match ask(enrolment).await {
        Err(SignInError::Fault(Fault::Revoked)) => {
            revoked::let_go_of(inner, enrolment)?;
            return Err(Fault::Revoked.into());
        }
        answer => answer?,
    };
    let mut arrival = Arrival::of(inner, response, enrolment)?;
    if let Some(own) = arrival.other_than(enrolment) {
        // The same person under another login: the file's device is the one whose
        // unsent work the server will take.
        arrival.response = ask(own).await?;
    }
    arrival.settle(inner)
}

async fn enrol(inner: &Arc<Inner>, invitation: &Invitation) -> Result<SignedIn, EnrolError> {
    let own = &inner.config.server_url;
    let server = match &invitation.server {
        Some(invited) if !own.is_empty() && invited != own => {
            let (invited, own) = (invited.clone(), own.clone());
            return Err(EnrolError::OtherServer { invited, own });
        }
        Some(invited) => Some(Server::at(invited).map_err(|_error| {
            EnrolError::Unreadable(crate::protocol::ParseInvitationError::Server {
                address: invited.clone(),
            })
        })?),
        None if inner.transport.has_server() => None,
        None => return Err(SignInError::NoServer.into()),
    };
    let ask = async |enrolment: Enrolment| {
        let request = request(inner, invitation.code, enrolment);
        let outbound = Outbound::json(ENROL_PATH, &request).map_err(garbled)?;
        let mut cost = Cost::default();
        let answer = match &server {
            Some(server) => inner.transport.post_to(server, outbound, &mut cost).await,
            None => inner.transport.post(outbound, &mut cost).await,
        };
        read_enrol(&answer.map_err(|fault| SignInError::Fault(fault.into()))?)
    };
    let by = EnrolledBy::Code(invitation.code);
    let enrolment = remembered(inner, by)?;
    let response = ask(enrolment).await?;
    let mut arrival = Arrival::of(inner, response, enrolment)?;
    if let Some(own) = arrival.other_than(enrolment) {
        // One that the server did not pick from those that it was told of.
        arrival.response = ask(Enrolment { proof: enrolment.proof, ..own }).await?;
    }
    let keep = |error: std::io::Error| SignInError::Keep { reason: error.to_string() };
    if let (Some(invited), Some(server)) = (&invitation.server, server) {
        session::remember_server(&inner.config.dir, invited).map_err(keep)?;
        inner.transport.use_server(server);
    }
    if !arrival.response.login.is_empty() {
        // Who signs in with a password later is this device still.
        let by = EnrolledBy::Login(&arrival.response.login);
        session::remember_enrolment(&inner.config.dir, by, arrival.enrolment()).map_err(keep)?;
    }
    Ok(arrival.settle(inner)?)
}

fn request(inner: &Inner, code: EnrolmentCode, enrolment: Enrolment) -> EnrolRequest {
    let known: std::collections::BTreeSet<DeviceId> =
        session::devices(&inner.config.dir).values().map(|one| one.device).collect();
    // Ids begin with their time: the newest are the last.
    let known = known.into_iter().rev().filter(|known| *known != enrolment.device).take(KNOWN);
    EnrolRequest {
        code: code.to_string(),
        device: claim(inner, enrolment),
        proof: enrolment.proof.map(|proof| HEXLOWER.encode(&proof)),
        known: known.collect(),
    }
}

fn claim(inner: &Inner, enrolment: Enrolment) -> DeviceClaim {
    let device = &inner.config.device;
    DeviceClaim {
        id: enrolment.device,
        actor: enrolment.actor,
        name: device.name.clone(),
        platform: device.platform.clone(),
        app_version: device.app_version.clone(),
    }
}

fn remembered(inner: &Inner, by: EnrolledBy<'_>) -> Result<Enrolment, SignInError> {
    let config = &inner.config;
    session::enrolment(&config.dir, by, config.clock.now(), &*config.random)
        .map_err(|error| SignInError::Keep { reason: error.to_string() })
}

/// Somebody whom the server let in, with their file open.
struct Arrival {
    response: SignInResponse,
    store: Opened,
}

impl Arrival {
    /// Opens the file, or makes it for the device that was enrolled.
    fn of(
        inner: &Inner,
        response: SignInResponse,
        enrolment: Enrolment,
    ) -> Result<Self, SignInError> {
        let identity = Identity {
            org: response.org,
            user: response.user,
            device: enrolment.device,
            actor: enrolment.actor,
            replica: enrolment.replica,
        };
        let _turn = inner.turn();
        inner.awake()?;
        let path = session::replica_path(&inner.config.dir, response.org, response.user);
        let store = secrets::open_file(&inner.config, &path, &identity)?;
        installation::recognise(&inner.config, &*inner.tokens, &store)
            .map_err(|error| SignInError::Open(error.into()))?;
        Ok(Self { response, store: inner.alone.counting(store) })
    }

    /// As what the file is enrolled.
    fn enrolment(&self) -> Enrolment {
        let own = self.store.identity();
        Enrolment { device: own.device, actor: own.actor, replica: own.replica, proof: None }
    }

    /// The same, if that is another device than was asked with.
    fn other_than(&self, asked: Enrolment) -> Option<Enrolment> {
        Some(self.enrolment()).filter(|own| own.device != asked.device)
    }

    /// Keeps tokens and session, and shows this person's work from now on.
    fn settle(self, inner: &Arc<Inner>) -> Result<SignedIn, SignInError> {
        let Self { response, store } = self;
        let _turn = inner.turn();
        inner.awake()?;
        let who = SignedIn {
            org: response.org,
            org_name: response.org_name,
            user: response.user,
            user_name: response.user_name,
            role: response.role,
        };
        inner
            .tokens
            .keep(who.org, who.user, &response.tokens)
            .map_err(|error| refused(&inner.config, error))?;
        session::remember_session(&inner.config.dir, &who)
            .map_err(|error| SignInError::Keep { reason: error.to_string() })?;
        store
            .write(|tx| {
                // The tokens are those of the file's own device.
                store::meta::clear(tx, Key::Unbound)?;
                if let Some(key) = revoked::rescue_key(response.rescue_key.as_deref()) {
                    store::meta::set(tx, Key::RescueKey, &key)?;
                }
                store::meta::set(tx, Key::ServerSeen, &response.server_time)?;
                // The stamp of an earlier sync proves what is still here from then.
                let kept = store::meta::get::<AccessStamp>(tx, Key::Stamp)?;
                let given = response.stamp.as_ref().and_then(|stamp| read_stamp(stamp));
                match given.filter(|_given| kept.is_none()) {
                    Some(given) => store::meta::set(tx, Key::Stamp, &given),
                    None => Ok(()),
                }
            })
            .map_err(|error: StoreError| SignInError::Open(error.into()))?;
        inner.driver.heard_clock(response.server_time, inner.config.clock.now());
        *inner.lock() = Some(Session { who: who.clone(), store: Some(Arc::new(store)) });
        inner.everything_touched();
        Ok(who)
    }
}

/// Whose tokens were not kept: those of the app's keychain, or of our own files.
fn refused(config: &Config, TokenStoreError { reason }: TokenStoreError) -> SignInError {
    match config.secrets {
        Some(_) => SignInError::Keychain { reason },
        None => SignInError::Keep { reason },
    }
}

fn read_stamp(stamp: &str) -> Option<AccessStamp> {
    HEXLOWER.decode(stamp.as_bytes()).ok().map(|bytes| AccessStamp(ByteBuf::from(bytes)))
}

fn garbled(error: serde_json::Error) -> SignInError {
    Fault::Garbled { reason: error.to_string() }.into()
}

fn read_sign_in(answer: &Answer) -> Result<SignInResponse, SignInError> {
    match crate::sync::problem(answer) {
        Some(Problem { code: ProblemCode::WrongPassword, .. }) => Err(SignInError::WrongPassword),
        Some(Problem { code: ProblemCode::DeviceTaken, title, detail, .. }) => {
            Err(SignInError::DeviceTaken { title: detail.unwrap_or(title) })
        }
        _ => Ok(crate::sync::json(answer)?),
    }
}

fn read_enrol(answer: &Answer) -> Result<SignInResponse, EnrolError> {
    let refusal = match crate::sync::problem(answer).map(|problem| problem.code) {
        Some(ProblemCode::CodeUnknown) => CodeRefusal::Unknown,
        Some(ProblemCode::CodeExpired) => CodeRefusal::Expired,
        Some(ProblemCode::CodeUsed) => CodeRefusal::Used,
        Some(ProblemCode::CodeReplaced) => CodeRefusal::Replaced,
        _ => return Ok(read_sign_in(answer)?),
    };
    Err(EnrolError::Code { refusal })
}
