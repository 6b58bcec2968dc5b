//! A part of `./dev fuzz`.

use local::fuzz::{ask, tables};
use shared::databases::Flavour;
use tests::TestApi;

use crate::mysql;

#[tokio::test]
async fn no_generated_query_is_an_error_of_the_servers() {
    let statements = tables(mysql().flavour() == Flavour::MySql);
    let schema = mysql().schema(&statements.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let app = &api.service.app;
    let database = app.databases.list(user.id.parse().unwrap()).await.unwrap().pop().unwrap();
    let tally = ask(app, &database, 3_000, "the tests").await.unwrap();
    assert!(tally.errors.is_empty(), "{tally:#?}");
    assert!(tally.asked >= 3_000 && tally.refused < tally.asked / 2 && tally.rows > 3_000, "{tally:#?}");
}
