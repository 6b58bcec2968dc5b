//! Answers that are larger than Lambda gives back.

use serde_json::json;
use tests::TestApi;

use crate::mysql;

/// Characters of each row. A hundred rows are more than 6 MB, and sixty are not, though each quote is four bytes on its way.
const ROW: usize = 20_000;

#[tokio::test]
async fn an_answer_above_six_megabytes_is_refused_in_our_own_words_and_a_smaller_one_is_not() {
    let api = TestApi::start().await;
    let rows: Vec<String> = (0..100).map(|_| format!("('zebra', REPEAT('\"', {ROW}))")).collect();
    let schema = mysql()
        .schema(&[
            "CREATE TABLE big (id INT PRIMARY KEY AUTO_INCREMENT, title VARCHAR(50), body MEDIUMTEXT, FULLTEXT (title))",
            &format!("INSERT INTO big (title, body) VALUES {}", rows.join(", ")),
        ])
        .await;
    let user = api.register("ursula").await;
    user.connect(&schema).await;
    let search = |limit: usize, fields: &[&str]| {
        let body = json!({ "query": "zebra", "limit": limit, "fields": fields, "cache": false });
        user.call("POST", "/api/v1/search").json(&body).send()
    };
    search(100, &[]).await.expect_error(413, "ANSWER_TOO_LARGE");
    let most = search(60, &[]).await.expect(200);
    assert_eq!(most["results"].as_array().unwrap().len(), 60);
    assert_eq!(most["results"][0]["data"]["body"].as_str().unwrap().len(), ROW);
    assert_eq!(search(100, &["title"]).await.expect(200)["results"].as_array().unwrap().len(), 100);
}
