//! A document that many wrote without seeing each other.

use std::num::NonZeroU32;

use client_core::protocol::ChangeResult;

use crate::app::AppConfig;
use crate::auth::{Cost, ThrottleConfig};
use crate::testing::World;

/// More than a handful of phones, and fewer than the actors of a full document.
const DEVICES: usize = 70;

#[tokio::test]
async fn what_seventy_devices_wrote_at_once_is_one_again_with_the_next_change() {
    let many = NonZeroU32::new(10_000).unwrap();
    let throttles =
        ThrottleConfig { per_account: many, per_address: many, ..ThrottleConfig::default() };
    let world =
        World::with(AppConfig { password_cost: Cost::CHEAP, throttles, ..AppConfig::default() });
    let world = world.await;
    let mut anna = world.rep("anna").await;
    let (header, first) = anna.customer(&world, "Acme");
    assert_eq!(anna.push(header, &first).await, ChangeResult::Stored);
    let base = anna.docs[&header.doc].clone();
    for device in 0..DEVICES {
        let mut phone = world.phone("anna").await;
        phone.docs.insert(header.doc, base.clone());
        let (_, change) = phone.rename(&world, header.doc, &format!("Acme {device}"));
        assert_eq!(phone.push(header, &change).await, ChangeResult::Stored, "device {device}");
    }
    anna.pull().await;
    assert_eq!(anna.docs[&header.doc].heads().as_slice().len(), DEVICES);
    let (_, next) = anna.rename(&world, header.doc, "Acme of all");
    assert_eq!(anna.push(header, &next).await, ChangeResult::Stored);
    let mut later = world.phone("anna").await;
    later.pull().await;
    assert_eq!(later.docs[&header.doc].heads().as_slice(), [next.hash]);
}
