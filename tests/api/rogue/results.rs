//! Results without an end, and those that end too soon.

use tests::TestApi;
use tests::rogue::{Asked, Manners, Rogue, Say, Script, honest, rows, wire};

use super::{holds, meet, refuse};

fn packets(payloads: Vec<Vec<u8>>) -> Script {
    payloads.into_iter().map(Say::Packet).collect()
}

/// The beginning of an answer of five columns, and then this.
fn then(say: Say) -> Manners {
    let mut script = rows(5, &[], 0);
    script.pop();
    script.push(say);
    Manners::honest().answers(script)
}

fn counts(columns: u64, say: Say) -> Manners {
    Manners::honest().answers(vec![Say::Packet(wire::column_count(columns)), say])
}

const FIELD: Option<&[u8]> = Some(b"x");

#[tokio::test]
async fn rows_without_an_end_are_read_up_to_a_bound() {
    let large = vec![b'x'; 1_000_000];
    meet(vec![
        ("small rows", then(Say::Endlessly(wire::row(&[FIELD; 5]))), &["protocol", "timeout"]),
        ("rows of NULL", then(Say::Endlessly(wire::row(&[None; 5]))), &["protocol", "timeout"]),
        (
            "large rows",
            then(Say::Endlessly(wire::row(&[Some(&large), None, None, None, None]))),
            &["protocol", "timeout"],
        ),
        ("one row of a gigabyte", then(Say::Gigabyte), &["protocol", "timeout"]),
        ("a row, one byte a second", then(Say::Slowly(wire::row(&[FIELD; 5]))), &["timeout"]),
        ("no row", then(Say::Wait), &["timeout"]),
    ])
    .await;
}

#[tokio::test]
async fn columns_without_an_end_are_not_waited_for() {
    let column = || Say::Endlessly(wire::column(b"c", wire::VAR_STRING));
    meet(vec![
        ("4,096 columns, and no end of them", counts(4_096, column()), &["protocol", "timeout"]),
        ("4,096 columns, one byte a second", counts(4_096, Say::Slowly(vec![0; 30])), &["timeout"]),
        ("4,096 columns, and none of them", counts(4_096, Say::Wait), &["timeout"]),
    ])
    .await;
}

/// What a rogue has been able to send when it is hung up on at its first claim: what lies in the buffers of the network.
const BEFORE_A_CLAIM: u64 = 16 << 20;

#[tokio::test]
async fn a_claim_of_columns_takes_no_memory() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    for columns in [4_097, 65_535, 1 << 20, 1 << 32, 1 << 40, 1 << 63, u64::MAX] {
        let column = Say::Endlessly(wire::column(b"c", wire::VAR_STRING));
        let rogue = Rogue::start(counts(columns, column)).await;
        refuse(&user, "columns", &rogue, &rogue.connection(), &["protocol"]).await;
        assert!(rogue.taken() < BEFORE_A_CLAIM, "{columns} columns: {} bytes were taken", rogue.taken());
    }
}

#[tokio::test]
async fn definitions_of_columns_are_bounded() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let large = wire::column(&vec![b'x'; 1_000_000], wire::VAR_STRING);
    let prepared = wire::prepared_with(1, 4_096);
    let at_once = Manners::honest().decides(move |asked| match asked {
        Asked::Prepare(_) => vec![Say::Packet(prepared.clone()), Say::Endlessly(large.clone())],
        _ => honest(asked),
    });
    let large = wire::column(&vec![b'x'; 1_000_000], wire::VAR_STRING);
    for (name, manners) in [
        ("the most columns, all of them large", counts(4_096, Say::Endlessly(large))),
        ("one column of a gigabyte", counts(1, Say::Gigabyte)),
        ("large columns of a statement that is prepared", at_once),
    ] {
        let rogue = Rogue::start(manners).await;
        refuse(&user, name, &rogue, &rogue.connection(), &["protocol"]).await;
        // Eight megabytes are let through, and the ninth is refused.
        assert!(rogue.taken() < (9 << 20) + BEFORE_A_CLAIM, "{name}: {} bytes were taken", rogue.taken());
    }
}

#[tokio::test]
async fn an_answer_that_is_cut_anywhere_is_refused() {
    let whole = rows(5, &[&[FIELD; 5]], 0);
    let mut cases = Vec::new();
    for length in 0..whole.len() {
        let mut script = whole[..length].to_vec();
        script.push(Say::Close);
        cases.push(("cut between packets", Manners::honest().answers(script), &["protocol"][..]));
    }
    let row = wire::row(&[FIELD; 5]);
    for length in 0..row.len() {
        cases.push(("cut in a row", then(Say::Packet(row[..length].to_vec())), &["protocol", "timeout"][..]));
    }
    let half = [&[200, 0, 0, 8][..], b"half a row"].concat();
    cases.push(("closes in a row", then(Say::Raw(half.clone())), &["protocol", "timeout"]));
    meet(cases).await;
}

#[tokio::test]
async fn results_that_nobody_asked_for_do_not_hold_us_up() {
    let mut more = rows(5, &[&[FIELD; 5]], wire::MORE_RESULTS);
    more.push(Say::Endlessly(wire::ok(wire::MORE_RESULTS)));
    let prepared_with = |columns: Vec<u8>| {
        Manners::honest().decides(move |asked| match asked {
            Asked::Prepare(_) => packets(vec![columns.clone()]),
            _ => honest(asked),
        })
    };
    meet(vec![
        ("one result after the other", Manners::honest().answers(more), &["protocol", "timeout"]),
        ("an OK in place of rows", Manners::honest().answers(packets(vec![wire::ok(0)])), &["protocol"]),
        ("OK for ever", Manners::honest().answers(vec![Say::Endlessly(wire::ok(0))]), &["protocol", "timeout"]),
        ("an EOF", Manners::honest().answers(packets(vec![wire::eof(0)])), &["protocol", "timeout"]),
        ("an empty packet", Manners::honest().answers(packets(vec![vec![]])), &["protocol"]),
        ("more parameters than there are", prepared_with(wire::prepared(65_535)), &["protocol", "timeout"]),
        ("not prepared", prepared_with(wire::ok(0)), &["protocol"]),
        ("an answer to something else", Manners::honest().answers(rows(1, &[&[FIELD]], 0)), &["protocol"]),
        ("silence", Manners::honest().decides(|_| vec![Say::Wait]), &["timeout"]),
    ])
    .await;
}

#[tokio::test]
async fn no_server_gets_a_file() {
    let marker = format!("marker of {}", std::process::id());
    let path = format!("{}/{}.csv", env!("CARGO_TARGET_TMPDIR"), std::process::id());
    std::fs::write(&path, &marker).unwrap();
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let wants = wire::local_infile(&path);
    let at_once = packets(vec![wants.clone()]);
    for manners in [
        Manners::honest().answers(at_once.clone()),
        Manners::honest().decides(move |_| at_once.clone()),
        Manners::honest().logs_in(vec![packets(vec![wants])]),
    ] {
        let rogue = Rogue::start(manners).await;
        refuse(&user, "wants a file", &rogue, &rogue.connection(), &["protocol"]).await;
        assert!(!holds(&rogue.received(), &marker), "it got a file");
    }
    std::fs::remove_file(&path).unwrap();
}
