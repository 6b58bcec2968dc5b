//! Word forms of other languages than English: which language a connection is in, and what that finds.

#![expect(clippy::unwrap_used, reason = "what panics here is a failed test")]

use serde_json::{Value, json};
use tests::{Schema, TestApi, TestUser};

use crate::mysql;

const GERMAN: [&str; 6] = [
    "Das alte Haus steht an der Straße, und niemand weiß, wer es gebaut hat.",
    "Die Häuser der Stadt sind aus Stein und haben kleine Gärten.",
    "Der Hausbau ist teuer, aber er wird nicht billiger werden.",
    "In den Straßen ist es laut, weil die Kinder dort spielen.",
    "Ein Kind spielt mit dem Ball vor der Tür.",
    "Am Abend gehen sie nach Hause und lesen ein Buch.",
];
const FRENCH: [&str; 6] = [
    "Le cheval mange de l'herbe dans le pré derrière la maison.",
    "Les chevaux sont plus rapides que les ânes, mais ils ont peur.",
    "Une élève écrit une lettre à son professeur pour la rentrée.",
    "Les élèves de cette école lisent des livres dans la cour.",
    "Il y a une chevelure sur la table, et on ne sait pas à qui elle est.",
    "Un livre est un ami pour les enfants qui sont seuls.",
];
const SPANISH: [&str; 6] = [
    "La canción que cantan los niños es muy vieja.",
    "Las canciones de la tierra no se olvidan con el tiempo.",
    "Un niño juega con su perro en el jardín de la casa.",
    "El corazón de una ciudad es su plaza, donde se encuentran todos.",
    "Los corazones no hablan, pero lo dicen todo.",
    "Es un lugar tranquilo para leer por la tarde.",
];
const RUSSIAN: [&str; 6] = [
    "Эта книга лежит на столе уже давно.",
    "Старые книги были проданы на рынке.",
    "Мальчик пришёл с книгами из школы.",
    "Книжный магазин закрыт по воскресеньям.",
    "Дорога в город идёт через лес.",
    "Вечером все читают газеты и пьют чай.",
];
const ENGLISH: [&str; 3] = [
    "The Häuser of this town are old, and nobody knows who built them.",
    "There was a Haus on the hill before the road was made.",
    "Some of the zebras are at the crossing, which is where they should be.",
];

/// A table with these rows, numbered from 1, and its index or none.
async fn texts(rows: &[&str], index: &str) -> Schema {
    let values: Vec<String> =
        rows.iter().enumerate().map(|(nth, row)| format!("({}, '{}')", nth + 1, row.replace('\'', "''"))).collect();
    mysql()
        .schema(&[
            &format!("CREATE TABLE texts (id INT PRIMARY KEY, body TEXT{index}) CHARACTER SET utf8mb4"),
            &format!("INSERT INTO texts VALUES {}", values.join(", ")),
        ])
        .await
}

async fn indexed(rows: &[&str]) -> Schema {
    texts(rows, ", FULLTEXT (body)").await
}

/// The numbers of the rows, in their order.
fn found(answer: &Value) -> Vec<i64> {
    let rows = answer["results"].as_array().unwrap().iter();
    rows.map(|row| row["primaryKey"]["id"].as_i64().unwrap()).collect()
}

async fn language(user: &TestUser<'_>, id: &str) -> Value {
    user.call("GET", &format!("/api/v1/databases/{id}")).send().await.expect(200)["language"].clone()
}

#[tokio::test]
async fn the_language_of_a_connection_is_told_from_its_rows_and_its_word_forms_are_found() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    for (name, rows, queries) in [
        (
            "german",
            &GERMAN,
            &[("Häuser", &[2, 1, 6][..]), ("hauser", &[2, 1, 6]), ("Kinder", &[4, 5]), ("Straßen", &[4, 1])][..],
        ),
        ("french", &FRENCH, &[("chevaux", &[2, 1]), ("élève", &[3, 4]), ("eleves", &[4, 3]), ("livres", &[4, 6])]),
        ("spanish", &SPANISH, &[("canción", &[1, 2]), ("canciones", &[2, 1]), ("corazon", &[4, 5])]),
        ("russian", &RUSSIAN, &[("книга", &[1, 2, 3]), ("книгами", &[3, 1, 2])]),
    ] {
        let schema = indexed(rows).await;
        let id = user.connect(&schema).await;
        assert_eq!(language(&user, &id).await, name);
        for (query, expected) in queries {
            let data = user.search(&json!({ "query": query, "databases": [id] })).await;
            let ids = found(&data);
            let mut sorted = (ids.clone(), expected.to_vec());
            sorted.0.sort_unstable();
            sorted.1.sort_unstable();
            assert_eq!(sorted.0, sorted.1, "{name} {query}");
            // What is written like the query comes first.
            assert_eq!(ids[0], expected[0], "{name} {query}: {data:#}");
            assert_eq!((&data["totalCount"], &data["totalRelation"]), (&json!(ids.len()), &json!("exact")), "{query}");
            for row in data["results"].as_array().unwrap() {
                assert_eq!(row["matchedColumns"], json!(["body"]), "{query}");
                assert!(row["relevanceScore"].as_f64() > Some(0.0), "{query}: {row:#}");
            }
        }
    }
}

#[tokio::test]
async fn in_boolean_mode_and_in_quotes_a_word_is_what_is_written() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let schema = indexed(&GERMAN).await;
    user.connect(&schema).await;
    for body in [json!({ "query": "Häuser", "searchMode": "boolean" }), json!({ "query": "\"Häuser der Stadt\"" })] {
        assert_eq!(found(&user.search(&body).await), [2], "{body}");
    }
    // Beside a phrase other words have their forms all the same.
    let mut ids = found(&user.search(&json!({ "query": "\"Häuser der Stadt\" Kind" })).await);
    ids.sort_unstable();
    assert_eq!(ids, [2, 4, 5]);
}

#[tokio::test]
async fn rows_that_are_read_one_by_one_are_found_by_their_stems_too() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let schema = texts(&GERMAN, "").await;
    user.connect(&schema).await;
    let mut ids = found(&user.search(&json!({ "query": "Häuser" })).await);
    ids.sort_unstable();
    assert_eq!(ids, [1, 2, 6]);
}

#[tokio::test]
async fn an_owner_says_which_language_it_is_or_that_there_are_no_forms() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let schema = indexed(&GERMAN).await;
    let mut connection = schema.connection();
    connection["searchOptions"] = json!({ "language": "none" });
    let made = user.call("POST", "/api/v1/databases").json(&connection).send().await.expect(201);
    let id = made["id"].as_str().unwrap();
    assert_eq!((&made["language"], &made["searchOptions"]["language"]), (&json!("none"), &json!("none")));
    let search = json!({ "query": "Häuser" });
    assert_eq!(found(&user.search(&search).await), [2]);
    for (choice, searched, matches) in [("German", "german", 3), ("english", "english", 1), ("auto", "german", 3)] {
        let change = json!({ "searchOptions": { "language": choice } });
        let path = format!("/api/v1/databases/{id}");
        let made = user.call("PUT", &path).json(&change).send().await.expect(200);
        assert_eq!(made["language"], searched);
        // No matter whether the answer was kept: a changed connection is another one.
        let data = user.call("POST", "/api/v1/search").json(&search).send().await.expect(200);
        assert_eq!(data["totalCount"], matches, "{choice}");
    }
    for wrong in [json!("klingon"), json!("de"), json!(""), json!(5), json!(null), json!(["german"])] {
        let mut connection = schema.connection();
        connection["searchOptions"] = json!({ "language": wrong });
        let answer = user.call("POST", "/api/v1/databases").json(&connection).send().await;
        assert_eq!(answer.expect_error(400, "VALIDATION_ERROR")["field"], "searchOptions", "{wrong}");
        let change = json!({ "searchOptions": { "language": wrong } });
        let answer = user.call("PUT", &format!("/api/v1/databases/{id}")).json(&change).send().await;
        assert_eq!(answer.expect_error(400, "VALIDATION_ERROR")["field"], "searchOptions", "{wrong}");
    }
}

#[tokio::test]
async fn databases_of_two_languages_are_each_asked_in_their_own_and_their_scores_are_comparable() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let (german, english) = (indexed(&GERMAN).await, indexed(&ENGLISH).await);
    let (german, english) = (user.connect(&german).await, user.connect(&english).await);
    assert_eq!((language(&user, &german).await, language(&user, &english).await), (json!("german"), json!("english")));
    for mode in ["natural", "semantic"] {
        let data = user.search(&json!({ "query": "Häuser zebra", "searchMode": mode })).await;
        let rows = data["results"].as_array().unwrap();
        let score = |id: &str, row: i64| {
            let is_it = |found: &&Value| found["database"] == id && found["primaryKey"]["id"] == row;
            rows.iter().find(is_it).map(|found| found["relevanceScore"].as_f64().unwrap())
        };
        // "Haus" is a form of the word where German is written, and another word where English is.
        assert!(score(&german, 1).is_some() && score(&english, 2).is_none(), "{mode}: {data:#}");
        assert!(score(&english, 3).is_some(), "{mode}: zebras: {data:#}");
        assert!(score(&german, 2) > score(&german, 1), "{mode}: {data:#}");
    }
    // The same row has the same score, whatever language it is in, when it holds the very word.
    let same = indexed(&[ENGLISH[0], GERMAN[0], GERMAN[2], GERMAN[3], GERMAN[4], GERMAN[5]]).await;
    let same = user.connect(&same).await;
    assert_eq!(language(&user, &same).await, "german");
    let data = user.search(&json!({ "query": "Häuser", "databases": [same, english] })).await;
    let of = |id: &str| {
        let rows = data["results"].as_array().unwrap();
        let row = rows.iter().find(|row| row["database"] == id && row["primaryKey"]["id"] == 1);
        row.unwrap_or_else(|| panic!("{data:#}"))["relevanceScore"].as_f64().unwrap()
    };
    assert!((of(&same) - of(&english)).abs() < f64::EPSILON, "{data:#}");
}

#[tokio::test]
async fn a_language_is_told_anew_when_a_schema_is_read_and_an_empty_one_is_taken_for_english() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let mut schema = indexed(&["x"]).await;
    let id = user.connect(&schema).await;
    assert_eq!(language(&user, &id).await, "english");
    let values: Vec<String> = GERMAN.iter().enumerate().map(|(nth, row)| format!("({}, '{row}')", nth + 10)).collect();
    schema.run(&format!("INSERT INTO texts VALUES {}", values.join(", "))).await;
    user.call("GET", &format!("/api/v1/databases/{id}/schema")).send().await.expect(200);
    assert_eq!(language(&user, &id).await, "german");
}
