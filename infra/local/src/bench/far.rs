//! What a search costs where its databases are not on this machine, and so do not share its cores.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::measure::{Figures, measure};
use super::replay::Replay;
use super::{Bench, SPAN};
use crate::demo::Failed;
use crate::proxy::Proxy;

/// How long the way to them is, in each direction: as between neighbouring regions.
pub(super) const ONE_WAY: Duration = Duration::from_millis(5);

/// What was measured there, for one client.
pub(super) struct Far {
    /// The statements of a search of the first, bare.
    pub(super) bare: Figures,
    /// A search of the first.
    pub(super) one: Figures,
    /// A search of that which takes longest.
    pub(super) slowest: Figures,
    /// A search of all of them.
    pub(super) five: Figures,
}

/// Searches these schemas, each alone and all at once.
pub(super) async fn measured(bench: &Bench, schemas: &[String], password: &str, query: &str) -> Result<Far, Failed> {
    let proxy = Proxy::far(bench.server.port(), ONE_WAY).await?;
    let mut ids = Vec::new();
    for schema in schemas {
        ids.push(bench.connect_by(proxy.port(), schema, password, json!({})).await?);
    }
    let body = |ids: &[String]| json!({ "query": query, "databases": ids, "cache": false });
    let heard = Replay::of(&bench.server, || bench.search(body(&ids[..1]))).await?;
    let replay = Arc::new(heard.through(proxy.port()));
    let bare = measure(1, SPAN, None, move || Arc::clone(&replay).play()).await?;
    let mut alone = Vec::new();
    for id in &ids {
        alone.push(bench.figures(1, body(std::slice::from_ref(id))).await?);
    }
    let five = bench.figures(1, body(&ids)).await?;
    let slowest = alone.iter().copied().max_by(|a, b| a.p50_ms.total_cmp(&b.p50_ms)).ok_or("there is no database")?;
    Ok(Far { bare, one: alone[0], slowest, five })
}
