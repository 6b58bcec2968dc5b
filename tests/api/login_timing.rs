//! Whether the time of a login tells if an address has an account: a measurement, not an assertion.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::TestApi;

const TRIES: usize = 1_000;

/// `cargo test -p tests --test api login_timing -- --ignored --nocapture`
#[tokio::test]
#[ignore = "a measurement of some minutes; its figure stands in docs/security.md"]
async fn the_time_of_a_login_for_known_and_unknown_addresses() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let known = json!({ "email": user.email, "password": "another_password" });
    let unknown = json!({ "email": "nobod@example.com", "password": "another_password" });
    for body in [&known, &unknown] {
        refused_after_ms(&api, body).await;
    }
    let (mut known_ms, mut unknown_ms) = (Vec::new(), Vec::new());
    for pair in 0..TRIES {
        // Either comes first as often as the other.
        if pair % 2 == 0 {
            known_ms.push(refused_after_ms(&api, &known).await);
            unknown_ms.push(refused_after_ms(&api, &unknown).await);
        } else {
            unknown_ms.push(refused_after_ms(&api, &unknown).await);
            known_ms.push(refused_after_ms(&api, &known).await);
        }
    }
    println!("{TRIES} tries each; Welch's t = {:.2}", welch(&known_ms, &unknown_ms));
    for (name, times) in [("known", &mut known_ms), ("unknown", &mut unknown_ms)] {
        println!("{name}: median {:.3} ms, mean {:.3} ms", median(times), mean(times));
    }
}

async fn refused_after_ms(api: &TestApi, body: &Value) -> f64 {
    // No limit of tries a minute gets in the way.
    api.advance(Duration::from_mins(2));
    let began = Instant::now();
    let answer = api.call("POST", "/api/v1/auth/login").json(body).send().await;
    let took = began.elapsed();
    answer.expect_error(401, "INVALID_CREDENTIALS");
    took.as_secs_f64() * 1000.0
}

/// Welch's t: the difference of the means in units of its standard error. Within ±2 there is nothing to be seen.
fn welch(a: &[f64], b: &[f64]) -> f64 {
    (mean(a) - mean(b)) / (variance(a) / count(a) + variance(b) / count(b)).sqrt()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / count(values)
}

fn variance(values: &[f64]) -> f64 {
    let mean = mean(values);
    values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count(values) - 1.0)
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[expect(clippy::cast_precision_loss, reason = "thousands are exact")]
fn count(values: &[f64]) -> f64 {
    values.len() as f64
}
