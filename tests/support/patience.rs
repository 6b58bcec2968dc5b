//! Waiting for what another program will have done in a moment.

use std::time::Duration;

use tokio::time::{sleep, timeout};

/// How often it is looked.
const LOOK_INTERVAL: Duration = Duration::from_millis(20);

/// How long a server may take to see that a client has gone.
pub const DEPARTURE_MAX: Duration = Duration::from_secs(5);

/// Looks until it is so, at most this long: whether it has come true.
pub async fn comes_true(within: Duration, mut is_so: impl AsyncFnMut() -> bool) -> bool {
    let looking = async {
        while !is_so().await {
            sleep(LOOK_INTERVAL).await;
        }
    };
    timeout(within, looking).await.is_ok()
}
