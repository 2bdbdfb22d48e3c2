//! What documents promise.

mod anew;
mod convergence;
mod facts;
mod golden;
mod hostile;
mod intents;
mod size;
mod straight;
