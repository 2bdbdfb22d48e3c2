//! What documents promise.

mod convergence;
mod golden;
mod hostile;
mod intents;
mod size;
mod straight;
