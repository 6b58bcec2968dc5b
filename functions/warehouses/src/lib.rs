//! `/api/v1/database-connections` and `/api/v1/table-descriptions`: the second API. Its answers have no envelope.

mod attempt;
mod create;
pub mod engine;
mod get;
pub mod inputs;
mod lax;
mod list;
mod plan;
mod remove;
mod replace;
mod request;
pub mod scans;
mod secrets;
mod tables;
mod test;
mod uri;
mod view;

use shared::http::Routes;

/// What this function answers.
pub fn routes() -> Routes {
    Routes::default()
        .post("/api/v1/database-connections", create::create)
        .get("/api/v1/database-connections", list::list)
        .post("/api/v1/database-connections/test", test::test)
        .get("/api/v1/database-connections/{warehouseId}", get::get)
        .put("/api/v1/database-connections/{warehouseId}", replace::replace)
        .delete("/api/v1/database-connections/{warehouseId}", remove::remove)
        .get("/api/v1/table-descriptions", tables::list::list)
        .post("/api/v1/table-descriptions/refresh", tables::refresh::refresh)
        .post("/api/v1/table-descriptions/sync-schemas", tables::sync::sync)
        .get("/api/v1/table-descriptions/{tableId}", tables::get::get)
        .put("/api/v1/table-descriptions/{tableId}", tables::describe::describe)
        .patch("/api/v1/table-descriptions/{tableId}", tables::describe::describe)
        .post("/api/v1/table-descriptions/{tableId}/export", tables::export::export)
        .bare()
}
