//! What figures cost: reads of DynamoDB, however much was searched.

use std::time::Instant;

use shared::analytics::SearchEvent;
use tests::{TestApi, TestUser};

use super::events::{before, event, record};

/// Searches of a year: so many on each day, of a vocabulary as large as is kept of a day.
fn year(user: &TestUser<'_>, each_day: i64) -> Vec<SearchEvent> {
    let (now, owner) = (user.api.now(), user.id.parse().unwrap());
    let search = |days: i64, place: i64| SearchEvent {
        duration_ms: u64::try_from(5 + (place * 37 + days * 11) % 900).unwrap(),
        ..event(owner, before(now, days, place), &format!("query number {}", (place * 7 + days) % 1_000))
    };
    (0..365).flat_map(|days| (0..each_day).map(move |place| search(days, place))).collect()
}

/// The operations that a call of an endpoint costs, beside those of the session.
async fn reads(user: &TestUser<'_>, path: &str) -> Vec<String> {
    user.api.service.journal.take();
    user.call("GET", &format!("/api/v1/analytics/{path}")).send().await.expect(200);
    let all = user.api.service.journal.take();
    assert!(all.iter().all(|operation| !operation.ends_with("Put") && !operation.ends_with("Scan")), "{all:?}");
    all.into_iter().skip(2).collect()
}

#[tokio::test]
async fn a_dashboard_costs_the_same_reads_for_ten_times_as_many_searches() {
    let api = TestApi::start().await;
    let mut costs = Vec::new();
    for (name, each_day) in [("ursula", 1), ("eve", 10)] {
        let user = api.register(name).await;
        record(&api, &year(&user, each_day)).await;
        let mut of_user = Vec::new();
        for path in [
            "dashboard?period=year",
            "dashboard?period=6months",
            "dashboard",
            "insights?period=year",
            "insights?period=6months",
            "insights",
            "performance?period=year",
            "popular-queries?period=year",
        ] {
            let mut reads = reads(&user, path).await;
            reads.sort();
            of_user.push(reads);
        }
        costs.push(of_user);
    }
    assert_eq!(costs[0], costs[1]);
    let counts: Vec<usize> = costs[0].iter().map(Vec::len).collect();
    // The days are one query, the queries of all days one batch, the connections one query; and where there are days to compare
    // with, their queries are one batch more.
    assert_eq!(counts, [3, 4, 4, 3, 4, 4, 1, 1], "{:?}", costs[0]);
}

/// Run with `cargo test --release --package tests --test api -- --ignored of_a_year --nocapture`.
#[tokio::test]
#[ignore = "it measures time"]
async fn the_dashboard_of_a_year_takes_its_time() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    record(&api, &year(&user, 60)).await;
    for path in ["dashboard?period=year", "dashboard?period=month", "dashboard?period=week", "insights?period=6months"]
    {
        let mut times_ms = Vec::new();
        for _ in 0..20 {
            let began = Instant::now();
            user.call("GET", &format!("/api/v1/analytics/{path}")).send().await.expect(200);
            times_ms.push(began.elapsed().as_millis());
        }
        times_ms.sort_unstable();
        println!("{path}: least {}, median {}, 19th of 20 {} ms", times_ms[0], times_ms[9], times_ms[18]);
    }
}
