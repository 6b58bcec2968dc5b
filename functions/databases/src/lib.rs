//! `/api/v1/databases`: connections to customers' databases, and their schemas.

mod add;
mod advice;
mod get;
mod list;
mod remove;
mod schema;
mod secret;
mod ssh;
mod ssl;
mod status;
mod survey;
mod table_schema;
mod test;
mod update;
mod view;

use shared::http::Routes;

/// What this function answers.
pub fn routes() -> Routes {
    Routes::default()
        .post("/api/v1/databases", add::add)
        .get("/api/v1/databases", list::list)
        .get("/api/v1/databases/status", status::all)
        .get("/api/v1/databases/{connectionId}", get::get)
        .put("/api/v1/databases/{connectionId}", update::update)
        .delete("/api/v1/databases/{connectionId}", remove::remove)
        .post("/api/v1/databases/{connectionId}/test", test::test)
        .get("/api/v1/databases/{connectionId}/status", status::one)
        .get("/api/v1/databases/{connectionId}/schema", schema::schema)
        .get("/api/v1/databases/{connectionId}/advice", advice::advice)
}
