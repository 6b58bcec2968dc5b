//! The figures of all accounts, for administrators.

mod performance_metrics;
mod system_overview;
mod user_activity;

use shared::analytics::SystemRollup;
use shared::clock::Date;

pub use performance_metrics::performance_metrics;
pub use system_overview::system_overview;
pub use user_activity::user_activity;

/// All days together.
fn total(days: &[(Date, SystemRollup)]) -> SystemRollup {
    let mut total = SystemRollup::default();
    for (_, day) in days {
        total.merge(day);
    }
    total
}
