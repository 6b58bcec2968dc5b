use std::time::Duration;

use futures_util::future::join_all;
use local::faults::Fault;
use rollup::roll_up;
use serde_json::json;
use shared::analytics::{Batch, EventKey, SearchEvent};
use shared::dynamo::events::{Changed, Keys, Record, Records, Text};
use tests::TestApi;

use super::{event, owner, today, until_now};
use crate::articles;

/// As the stream tells of a search.
fn record(event: &SearchEvent, place: u64) -> Record {
    let text = |text: String| Text { text };
    Record {
        kind: "INSERT".to_owned(),
        dynamodb: Changed {
            keys: Keys { pk: text(format!("USER#{}#H", event.owner)), sk: text(format!("{}#{}", event.at, event.id)) },
            sequence_number: place.to_string(),
        },
    }
}

#[tokio::test]
async fn every_search_is_in_the_figures_of_its_day_with_what_came_of_it() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    let (key, key_id) = user.create_key(&["search"]).await;
    for body in [json!({ "query": "Zebra" }), json!({ "query": "zebra" }), json!({ "query": "nowhere" })] {
        user.search(&body).await;
    }
    for cached in [false, true] {
        let body = json!({ "query": "horse", "searchMode": "boolean", "databases": [id] });
        let answer = api.call("POST", "/api/v1/search").bearer(&key).json(&body).send().await;
        assert_eq!(answer.body["meta"]["cached"], cached);
    }
    let figures = today(&user).await;
    assert_eq!((figures.searches, figures.empty, figures.cached, figures.failed), (5, 1, 1, 0));
    assert_eq!((figures.matches, figures.returned, figures.sessions), (2 + 2 + 1 + 1, 6, 3));
    assert_eq!(figures.keys, [(key_id.parse().unwrap(), 2)].into());
    let database = &figures.databases[&id.parse().unwrap()];
    assert_eq!((database.searches, database.timed, database.failed), (5, 4, 0));
    assert_eq!(figures.latencies.count(), 5);
    let queries = api.analytics().queries(owner(&user), until_now(&api, 7)).await.unwrap();
    let counts: Vec<(&str, u64, u64)> =
        queries.by_text.iter().map(|(text, figures)| (text.as_str(), figures.count, figures.empty)).collect();
    assert_eq!(counts, [("horse", 2, 0), ("nowhere", 1, 1), ("zebra", 2, 0)]);
    assert_eq!(queries.by_text["zebra"].text, "zebra");
}

#[tokio::test]
async fn a_search_that_fails_is_counted_as_failed_where_it_failed() {
    let (api, mut schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    let name = schema.name.clone();
    schema.run(&format!("ALTER USER '{name}'@'127.0.0.1' IDENTIFIED BY 'another'")).await;
    let body = json!({ "query": "zebra" });
    assert!(user.call("POST", "/api/v1/search").json(&body).send().await.status >= 500);
    let figures = today(&user).await;
    assert_eq!((figures.searches, figures.failed, figures.empty), (1, 1, 0));
    assert_eq!(figures.databases[&id.parse().unwrap()].failed, 1);
}

#[tokio::test]
async fn what_is_delivered_many_times_and_to_many_at_once_is_counted_once() {
    let api = TestApi::start().await;
    let users = [api.register("ursula").await, api.register("ulrich").await, api.register("ute").await];
    let analytics = &api.service.app.analytics;
    let mut events = Vec::new();
    for number in 0..40_u64 {
        let at = api.now().plus(Duration::from_millis(number));
        events.push(event(owner(&users[usize::try_from(number % 3).unwrap()]), at, &format!("query {}", number % 5)));
    }
    join_all(events.iter().map(|event| analytics.record(event))).await;
    let all: Vec<Record> = events.iter().zip(1..).map(|(event, place)| record(event, place)).collect();
    // Two read the same stream from its two ends, in parts that overlap, and one gets everything once more.
    let forwards = all.chunks(7).map(|part| Records { records: part.to_vec() });
    let backwards = all.rchunks(9).map(|part| Records { records: part.to_vec() });
    let readers: Vec<Records> = forwards.chain(backwards).chain([Records { records: all.clone() }]).collect();
    let told = join_all(readers.iter().map(|records| roll_up(analytics, records, |error| panic!("{error:?}")))).await;
    assert!(told.iter().all(|failures| failures.batch_item_failures.is_empty()));
    api.service.stream.settle().await.unwrap();
    for (user, searches) in users.iter().zip([14, 13, 13]) {
        assert_eq!(today(user).await.searches, searches);
        let queries = analytics.queries(owner(user), until_now(&api, 40)).await.unwrap();
        assert_eq!(queries.by_text.values().map(|figures| figures.count).sum::<u64>(), searches);
    }
    let [(_, system)] = &analytics.system_days(until_now(&api, 1)).await.unwrap()[..] else { panic!("one day") };
    assert_eq!((system.rollup.searches, system.active_accounts()), (40, 3));
    assert_eq!(system.accounts[&owner(&users[0])].searches, 14);
}

#[tokio::test]
async fn a_month_of_queries_is_read_as_one_and_says_the_same_as_its_days() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let analytics = &api.service.app.analytics;
    let first = "2027-01-30T12:00:00Z".parse::<shared::clock::Timestamp>().unwrap();
    for day in 0..33 {
        let at = first.plus(Duration::from_hours(24 * day));
        analytics.record(&event(owner(&user), at, if day % 2 == 0 { "even" } else { "odd" })).await;
    }
    api.service.stream.settle().await.unwrap();
    let range = shared::clock::DateRange::new(first.date(), first.date().plus_days(32)).unwrap();
    let queries = analytics.queries(owner(&user), range).await.unwrap();
    assert_eq!((queries.by_text["even"].count, queries.by_text["odd"].count), (17, 16));
    assert_eq!(analytics.days(owner(&user), range).await.unwrap().len(), 33);
}

#[tokio::test]
async fn of_an_account_that_is_closed_nothing_is_counted_any_more_and_its_searches_go() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let (user, other) = (api.register("ursula").await, api.register("ulrich").await);
    user.connect(&schema).await;
    user.search(&json!({ "query": "zebra" })).await;
    other.search(&json!({ "query": "horse" })).await;
    let analytics = &api.service.app.analytics;
    let late = event(owner(&user), api.now(), "too late");
    user.call("DELETE", "/api/v1/auth/account").send().await.expect(200);
    analytics.record(&late).await;
    let key = EventKey { owner: late.owner, at: late.at, id: late.id };
    analytics.roll_up(&Batch::all([key])[0]).await.unwrap();

    assert_eq!(analytics.count(owner(&user)).await.unwrap(), 0);
    assert_eq!(analytics.days(owner(&user), until_now(&api, 400)).await.unwrap(), []);
    let [(_, system)] = &analytics.system_days(until_now(&api, 1)).await.unwrap()[..] else { panic!("one day") };
    assert_eq!((system.rollup.searches, system.active_accounts(), system.closed_accounts), (2, 2, 1));
    assert!(!system.accounts.contains_key(&owner(&user)));
    let dynamodb = shared::app::dynamodb(&api.service.aws, &api.service.app.config);
    let left = dynamodb.scan().table_name("altus4").send().await.unwrap();
    let pks: Vec<&str> = left.items().iter().map(|item| item["pk"].as_s().unwrap().as_str()).collect();
    assert!(
        !pks.iter().any(|pk| *pk == format!("USER#{}#H", user.id) || *pk == format!("USER#{}#R", user.id)),
        "{pks:?}"
    );
    // And a rebuild keeps what is told of nobody.
    admin::rebuild(&api.service.app, None, |line| panic!("{line}")).await.unwrap();
    let [(_, rebuilt)] = &analytics.system_days(until_now(&api, 1)).await.unwrap()[..] else { panic!("one day") };
    assert_eq!((rebuilt.rollup.searches, &rebuilt.accounts), (2, &system.accounts));
}

#[tokio::test]
async fn registrations_are_counted_by_day() {
    let api = TestApi::start().await;
    for name in ["ursula", "ulrich", "ute"] {
        api.register(name).await;
        api.advance(Duration::from_hours(16));
    }
    let days = api.service.app.users.joined(until_now(&api, 7)).await.unwrap();
    assert_eq!(days.iter().map(|(_, users)| users).sum::<u64>(), 3);
    assert!(days.len() >= 2, "{days:?}");
}

#[tokio::test]
async fn of_many_who_register_at_once_none_is_lost_and_none_is_counted_twice() {
    let api = TestApi::with_faults().await;
    // Each of them may meet another so often and is let through afterwards.
    api.faults.next("TransactWriteItems", 6, Fault::canceled(&["TransactionConflict"]));
    let clients: Vec<_> = (1..=24).map(|number| (number, api.at([127, 0, 1, number]))).collect();
    let register = async |(number, client): &(u8, reqwest::Client)| {
        let body =
            json!({ "email": format!("user{number}@example.com"), "password": "secure_password", "name": "A name" });
        api.call_from(client, "POST", "/api/v1/auth/register").json(&body).send().await.expect(201)["user"]["id"]
            .clone()
    };
    let ids = join_all(clients.iter().map(register)).await;
    let days = api.service.app.users.joined(until_now(&api, 7)).await.unwrap();
    assert_eq!(days.iter().map(|(_, users)| users).sum::<u64>(), 24);
    let mut known: Vec<String> = api.service.app.users.ids().await.unwrap().iter().map(ToString::to_string).collect();
    let mut told: Vec<String> = ids.iter().map(|id| id.as_str().unwrap().to_owned()).collect();
    known.sort();
    told.sort();
    assert_eq!(told, known);
}
