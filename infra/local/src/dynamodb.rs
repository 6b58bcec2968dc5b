//! The table on this machine: dynoxide, in a SQLite file or in memory.

mod records;

use std::path::Path;
use std::sync::Arc;

use dynoxide::{Database, storage_backend};
use shared::clock::Clock;

use crate::provision::Refused;

pub use records::Records;

/// Where the table is kept. The number counts the forms that its records have had: an earlier one can not be read, and
/// is left where it is.
const TABLE_FILE: &str = "dynamodb-3.sqlite";

/// The database of a folder with the records of its stream, or one in memory.
pub fn open(folder: Option<&Path>, clock: &Clock) -> Result<(Database, Option<Records>), Refused> {
    let Some(folder) = folder else {
        return Ok((records::in_memory(Arc::new(TtlClock(clock.clone())))?, None));
    };
    let file = folder.join(TABLE_FILE);
    let database = Database::new(&file.to_string_lossy())?;
    Ok((database, Some(Records::of(&file)?)))
}

/// The service's clock, for DynamoDB's time to live.
struct TtlClock(Clock);

impl storage_backend::Clock for TtlClock {
    fn now_unix_secs(&self) -> u64 {
        u64::try_from(self.0.now().epoch_s()).unwrap_or(0)
    }

    #[expect(clippy::cast_precision_loss, reason = "milliseconds of this age are exact in 53 bits")]
    fn now_unix_secs_f64(&self) -> f64 {
        self.0.now().epoch_ms() as f64 / 1000.0
    }
}
