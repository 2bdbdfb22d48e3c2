//! A small world for this crate's tests: an org, people, and phones that speak
//! the real messages through the real routes, without a network.

mod phone;
mod world;

pub(crate) use phone::{Answer, Phone, post_sign_in, read, send};
pub(crate) use world::{World, hour, unit_id};
