//! `altus4-admin rollups rebuild`

use std::time::Duration;

use admin::rebuild;
use futures_util::future::join_all;
use shared::analytics::{Queries, Rebuilt, Rollup, SystemRollup};
use shared::clock::{Date, DateRange};
use shared::dynamo::{key, text};
use tests::{TestApi, TestUser};

use super::{event, owner, until_now};

/// Everything that can be read of the figures of a quarter: its queries as those of months, and of its last days as those of
/// days.
type Figures = (Vec<(Date, Rollup)>, [Queries; 2], Vec<(Date, SystemRollup)>);

async fn figures(user: &TestUser<'_>) -> Figures {
    let analytics = &user.api.service.app.analytics;
    let range = until_now(user.api, 90);
    let days = analytics.days(owner(user), range).await.unwrap();
    let months = DateRange::new(range.first().first_of_month(), range.last().last_of_month()).unwrap();
    let months = analytics.queries(owner(user), months).await.unwrap();
    // No month is as short, so that none of these days is read with its month, whatever day it is today.
    let last_days = analytics.queries(owner(user), until_now(user.api, 27)).await.unwrap();
    (days, [months, last_days], analytics.system_days(range).await.unwrap())
}

/// Searches of some days, up to now.
async fn searches(user: &TestUser<'_>, days: u64) {
    let analytics = &user.api.service.app.analytics;
    for day in 0..days {
        for number in 0..3 {
            let now = user.api.now();
            analytics.record(&event(owner(user), now, &format!("query {}", (day + number) % 4))).await;
            user.api.advance(Duration::from_mins(1));
        }
        user.api.advance(Duration::from_hours(24));
    }
    user.api.service.stream.settle().await.unwrap();
}

/// Takes the figures of the days of an account away, or one of its days, or puts another's in their place.
async fn damage(user: &TestUser<'_>, how: usize) {
    let dynamodb = shared::app::dynamodb(&user.api.service.aws, &user.api.service.app.config);
    let own = dynamodb.query().table_name("altus4").key_condition_expression("pk = :pk");
    let own = own.expression_attribute_values(":pk", text(format!("USER#{}#R", user.id)));
    let items = own.send().await.unwrap().items.unwrap();
    let kind = ["DAY#", "QUERIES#", "QUERIES#"][how];
    let hit: Vec<_> = items.into_iter().filter(|item| item["sk"].as_s().unwrap().starts_with(kind)).collect();
    let other = hit[0]["packed"].clone();
    for mut item in hit.into_iter().skip(1) {
        if how == 2 {
            let (pk, sk) = (item["pk"].as_s().unwrap().clone(), item["sk"].as_s().unwrap().clone());
            dynamodb.delete_item().table_name("altus4").set_key(Some(key(pk, sk))).send().await.unwrap();
        } else {
            item.insert("packed".to_owned(), other.clone());
            dynamodb.put_item().table_name("altus4").set_item(Some(item)).send().await.unwrap();
        }
    }
}

#[tokio::test]
async fn figures_that_are_right_stay_and_damaged_ones_become_the_same_again() {
    let api = TestApi::start().await;
    let (user, other) = (api.register("ursula").await, api.register("ulrich").await);
    searches(&user, 4).await;
    searches(&other, 2).await;
    let before = figures(&user).await;
    assert_eq!(before.0.len(), 4);
    let days = rebuild(&api.service.app, None, |line| panic!("{line}")).await.unwrap().days;
    assert_eq!(days, Rebuilt { mended: 0, right: 6, left: 0, added: 0 });
    assert_eq!(figures(&user).await, before);
    for how in 0..3 {
        damage(&user, how).await;
        assert_ne!(figures(&user).await, before);
        rebuild(&api.service.app, Some(owner(&user)), |line| panic!("{line}")).await.unwrap();
        assert_eq!(figures(&user).await, before);
    }
}

#[tokio::test]
async fn searches_that_were_never_counted_are_counted_by_a_rebuild() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let analytics = &api.service.app.analytics;
    // Nobody reads the stream here: the test is quicker than a second, or they were counted before.
    analytics.record(&event(owner(&user), api.now(), "zebra")).await;
    rebuild(&api.service.app, Some(owner(&user)), |line| panic!("{line}")).await.unwrap();
    let (days, queries, system) = figures(&user).await;
    assert_eq!((days[0].1.searches, system[0].1.rollup.searches), (1, 1));
    assert_eq!(queries.each_ref().map(|queries| queries.by_text["zebra"].count), [1, 1]);
    api.service.stream.settle().await.unwrap();
    assert_eq!(figures(&user).await, (days, queries, system));
}

#[tokio::test]
async fn a_rebuild_loses_nothing_that_is_written_meanwhile() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    searches(&user, 2).await;
    let write = async |number: u64| {
        let at = api.now().plus(Duration::from_millis(number));
        api.service.app.analytics.record(&event(owner(&user), at, "meanwhile")).await;
        api.service.stream.settle().await.unwrap();
    };
    write(0).await;
    for round in 1..=5 {
        // The figures of today are among the damaged, so that the rebuild writes what others write too.
        damage(&user, 0).await;
        let rebuilt = rebuild(&api.service.app, None, |line| panic!("{line}"));
        let (rebuilt, _) = tokio::join!(rebuilt, join_all((0..4).map(|number| write(4 * round + number))));
        assert!(rebuilt.unwrap().days.mended > 0);
        let (days, queries, system) = figures(&user).await;
        let searched = 6 + 1 + 4 * round;
        assert_eq!(days.iter().map(|(_, figures)| figures.searches).sum::<u64>(), searched);
        assert_eq!(queries.each_ref().map(|queries| queries.by_text["meanwhile"].count), [1 + 4 * round; 2]);
        assert_eq!(system.iter().map(|(_, figures)| figures.rollup.searches).sum::<u64>(), searched);
    }
}

#[tokio::test]
async fn days_whose_searches_have_ended_are_left_as_they_are() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    searches(&user, 2).await;
    let before = figures(&user).await;
    // The searches of the first day may have ended by now, whether they are there or not.
    api.advance(Duration::from_hours(24 * 89 - 24));
    let days = rebuild(&api.service.app, Some(owner(&user)), |line| panic!("{line}")).await.unwrap().days;
    assert_eq!(days, Rebuilt { mended: 0, right: 1, left: 1, added: 0 });
    let range = until_now(&api, 400);
    assert_eq!(api.service.app.analytics.days(owner(&user), range).await.unwrap(), before.0);
}
