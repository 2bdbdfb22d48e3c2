//! The root maps of a plan document. Their order is fixed by genesis.

use crate::docs::genesis::roots;

roots! {
    ABOUT = "about",
    KEY_TASKS_MAP = "key_tasks",
    STOPS = "stops",
    REPORT = "report",
    HELP_REQUESTS = "help_requests",
}
