use client_core::id::{ActorId, DeviceId, UserId};
use client_core::protocol::Scope;
use client_core::records::{Record, Role, UserRecord};

use super::Bench;
use super::bench::NOW;
use crate::storage::model::{
    Enrolment, NewAccount, NewDevice, NewPassword, NewSession, NewToken, RefreshOutcome, SessionId,
    TokenHash, TokenKind,
};
use crate::storage::{Storage, StorageError};

pub(super) async fn a_login_is_unique(bench: &Bench<'_, impl Storage>) {
    let account = |user: UserRecord| NewAccount {
        login: "anna".into(),
        password: "hash".into(),
        must_change: true,
        user,
    };
    let first = bench.user(Role::Rep);
    bench.storage.create_account(bench.org, account(first.clone()), NOW).await.unwrap();
    let second = account(bench.user(Role::Rep));
    let second = bench.storage.create_account(bench.org, second, NOW).await;
    assert!(matches!(second, Err(StorageError::Exists { .. })));
    let found = bench.storage.account_by_login("anna").await.unwrap().unwrap();
    assert_eq!((found.user, found.must_change), (first, true));
    assert!(bench.storage.account_by_login("boris").await.unwrap().is_none());
    assert_eq!(bench.storage.accounts(bench.org).await.unwrap().len(), 1);
}

fn device(user: UserId, device: u8, actor: u8) -> NewDevice {
    NewDevice {
        device: DeviceId::from_bytes([device; 16]),
        user,
        actor: ActorId::from_bytes([actor; 16]),
        name: "phone".into(),
        platform: "test".into(),
        app_version: "1".into(),
    }
}

pub(super) async fn a_device_and_its_actor_are_bound_to_one_user(bench: &Bench<'_, impl Storage>) {
    let (anna, boris) = (bench.rep().await, bench.rep().await);
    let enrol = async |new| bench.storage.enrol(bench.org, new, NOW).await.unwrap();
    assert_eq!(enrol(device(anna, 1, 1)).await, Enrolment::New);
    assert_eq!(enrol(device(anna, 1, 1)).await, Enrolment::Known);
    assert_eq!(enrol(device(boris, 1, 1)).await, Enrolment::Taken, "her device");
    assert_eq!(enrol(device(boris, 2, 1)).await, Enrolment::Taken, "her actor");
    assert_eq!(enrol(device(anna, 1, 3)).await, Enrolment::Taken, "another actor");
    let owner = bench.storage.actor_owner(bench.org, ActorId::from_bytes([1; 16])).await.unwrap();
    assert_eq!(owner.unwrap().user, anna);
    assert_eq!(bench.storage.devices(bench.org).await.unwrap().len(), 1);
}

pub(super) async fn a_device_that_a_copy_replaced_is_marked_until_it_is_heard_again(
    bench: &Bench<'_, impl Storage>,
) {
    let anna = bench.rep().await;
    let (former, successor) = (DeviceId::from_bytes([1; 16]), DeviceId::from_bytes([2; 16]));
    for new in [device(anna, 1, 1), device(anna, 2, 2)] {
        bench.storage.enrol(bench.org, new, NOW).await.unwrap();
    }
    let replaced_by =
        async || bench.storage.device(bench.org, former).await.unwrap().unwrap().replaced_by();
    assert_eq!(replaced_by().await, None);
    bench.storage.replaced(bench.org, former, successor, NOW.plus_millis(5)).await.unwrap();
    assert_eq!(replaced_by().await, Some(successor));
    let later = NOW.plus_millis(60_000);
    bench.storage.heard_from(bench.org, former, false, later).await.unwrap();
    assert_eq!(replaced_by().await, None, "it was a clone: both live on");
}

fn token(n: u8, kind: TokenKind) -> NewToken {
    NewToken { hash: TokenHash([n; 32]), kind, expires_at: NOW.plus_millis(3_600_000) }
}

async fn signed_in<S: Storage>(bench: &Bench<'_, S>) -> (UserId, SessionId) {
    let user = bench.rep().await;
    bench.storage.enrol(bench.org, device(user, 1, 1), NOW).await.unwrap();
    let session = SessionId([1; 16]);
    let new = NewSession { session, user, device: Some(DeviceId::from_bytes([1; 16])) };
    let tokens = vec![token(1, TokenKind::Access), token(2, TokenKind::Refresh)];
    bench.storage.open_session(bench.org, new, tokens, NOW).await.unwrap();
    (user, session)
}

pub(super) async fn a_revoked_device_has_no_good_token(bench: &Bench<'_, impl Storage>) {
    let (user, _session) = signed_in(bench).await;
    let owner = bench.storage.token_owner(TokenHash([1; 32])).await.unwrap().unwrap();
    assert_eq!((owner.user.id, owner.revoked), (user, false));
    assert!(bench.storage.token_owner(TokenHash([9; 32])).await.unwrap().is_none());
    let id = DeviceId::from_bytes([1; 16]);
    assert!(bench.storage.revoke_device(bench.org, id, NOW).await.unwrap());
    assert!(bench.storage.token_owner(TokenHash([1; 32])).await.unwrap().unwrap().revoked);
    let enrolment = bench.storage.enrol(bench.org, device(user, 1, 1), NOW).await.unwrap();
    assert_eq!(enrolment, Enrolment::Revoked);
}

pub(super) async fn a_refresh_token_is_good_until_the_next_pair_is_used(
    bench: &Bench<'_, impl Storage>,
) {
    let (_user, session) = signed_in(bench).await;
    let refresh_after = async |millis: i64, spent: u8, new: u8| {
        let mut tokens = vec![token(new, TokenKind::Access), token(new + 1, TokenKind::Refresh)];
        for token in &mut tokens {
            token.expires_at = token.expires_at.plus_millis(millis);
        }
        let at = NOW.plus_millis(millis);
        bench.storage.refresh(TokenHash([spent; 32]), tokens, at).await.unwrap()
    };
    let refresh = async |spent: u8, new: u8| refresh_after(0, spent, new).await;
    assert!(matches!(refresh(2, 10).await, RefreshOutcome::Renewed(..)));
    assert!(matches!(refresh(2, 20).await, RefreshOutcome::Renewed(..)), "an answer was lost");
    let owner = bench.storage.token_owner(TokenHash([20; 32])).await.unwrap().unwrap();
    bench.storage.confirm_tokens(bench.org, session, owner.generation).await.unwrap();
    assert!(matches!(refresh(99, 30).await, RefreshOutcome::Unknown));
    assert!(matches!(refresh(2, 60).await, RefreshOutcome::Renewed(..)), "sent twice on the way");
    assert!(matches!(refresh_after(61_000, 2, 40).await, RefreshOutcome::Reused));
    assert!(matches!(refresh(21, 50).await, RefreshOutcome::Ended), "nobody is trusted now");
}

pub(super) async fn a_new_password_ends_every_session(bench: &Bench<'_, impl Storage>) {
    let (user, _session) = signed_in(bench).await;
    let until = Some(NOW.plus_millis(1000));
    let password = NewPassword { hash: "new hash".into(), must_change: true, until };
    bench.storage.set_password(bench.org, user, password, NOW).await.unwrap();
    let owner = bench.storage.token_owner(TokenHash([1; 32])).await.unwrap().unwrap();
    assert_eq!((owner.ended, owner.revoked), (true, false), "that is no revocation");
    let account = bench.storage.account(bench.org, user).await.unwrap().unwrap();
    assert_eq!(account.password, "new hash");
    assert_eq!((account.must_change, account.password_until), (true, until));
}

pub(super) async fn access_is_versioned(bench: &Bench<'_, impl Storage>) {
    let mut user = bench.user(Role::Rep);
    let write = async |user: &UserRecord| {
        let record = vec![Record::User(user.clone())];
        bench.storage.write_records(bench.org, record, NOW).await.unwrap();
        bench.storage.access(bench.org, user.id).await.unwrap().unwrap()
    };
    let rep = write(&user).await;
    assert_eq!(rep.scopes, [Scope::Org, Scope::User(user.id)]);
    user.role = Role::Supervisor;
    let supervisor = write(&user).await;
    assert_eq!(supervisor.version, rep.version + 1);
    assert!(supervisor.scopes.contains(&Scope::Unit(bench.unit)));
    user.name = "Anna B".into();
    assert_eq!(write(&user).await, supervisor, "a new name gives no access");
    let both = bench.storage.access_between(bench.org, user.id, 1, 2).await.unwrap();
    assert_eq!(both, [rep, supervisor]);
}
