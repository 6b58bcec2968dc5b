//! The page with the figures: what stands between two marks is written anew.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use super::dead::TIMEOUT_MS;
use super::far::{self, Far};
use super::measure::Figures;
use crate::demo::Failed;

/// Where a section ends, each of which begins with a mark of its command.
const ENDS: &str = "<!-- to here -->\n";

/// What was measured of one query.
pub(super) struct Line {
    pub(super) kind: String,
    pub(super) databases: usize,
    pub(super) clients: usize,
    /// The same statements on bare connections.
    pub(super) bare: Figures,
    /// Our search.
    pub(super) ours: Figures,
    /// Our search, answered from the cache.
    pub(super) cached: Figures,
}

/// What was measured in one run.
pub(super) struct Measured {
    pub(super) lines: Vec<Line>,
    /// Two calls to the emulated DynamoDB.
    pub(super) two_calls: Figures,
    /// Searches of databases that are not on this machine.
    pub(super) far: Far,
    /// Searches of five databases, one of which is dead.
    pub(super) dead: Figures,
    /// What the process held at the end, in mebibytes.
    pub(super) resident_mib: u64,
}

/// Prints the figures and writes them into the page.
pub(super) fn write(page: &Path, measured: &Measured) -> Result<(), Failed> {
    put(page, "./dev bench", &table(measured)?)
}

/// Prints the section of a command and writes it into the page.
pub(super) fn put(page: &Path, command: &str, section: &str) -> Result<(), Failed> {
    println!("\n{section}");
    let begins = format!("<!-- {command} writes from here -->\n");
    let text = fs::read_to_string(page)?;
    let (before, rest) = text.split_once(&begins).ok_or("the page has no mark to write after")?;
    let (_, after) = rest.split_once(ENDS).ok_or("the page has no mark to write up to")?;
    Ok(fs::write(page, format!("{before}{begins}{section}{ENDS}{after}"))?)
}

fn table(Measured { lines, two_calls, far, dead, resident_mib }: &Measured) -> Result<String, Failed> {
    let mut text = String::from(
        "| query | databases | clients | bare, p50 ms | ours, p50 / p95 / p99 ms | ours ÷ bare | searches a second, ours ÷ bare | \
         cached, p50 ms |\n|---|---|---|---|---|---|---|---|\n",
    );
    for Line { kind, databases, clients, bare, ours, cached } in lines {
        let (p50, p95, p99) = (ours.p50_ms, ours.p95_ms, ours.p99_ms);
        let (ratio, rate) = (p50 / bare.p50_ms, ours.per_second / bare.per_second);
        writeln!(
            text,
            "| {kind} | {databases} | {clients} | {:.1} | {p50:.1} / {p95:.1} / {p99:.1} | {ratio:.2} | {:.0} ({rate:.2}) | {:.1} |",
            bare.p50_ms, ours.per_second, cached.p50_ms
        )?;
    }
    writeln!(
        text,
        "\nTwo calls to the emulated DynamoDB, which every search makes before MySQL: {:.1} ms. Service, emulators and \
         clients held {resident_mib} MiB at the end.",
        two_calls.p50_ms
    )?;
    writeln!(
        text,
        "\nA rare word in databases that are {} ms away in each direction, 1 client: one of them bare {:.1} ms, ours {:.1} ms, {:.2} \
         times as long; the slowest of five alone {:.1} ms, all five {:.1} ms, {:.2} times as long.",
        far::ONE_WAY.as_millis(),
        far.bare.p50_ms,
        far.one.p50_ms,
        far.one.p50_ms / far.bare.p50_ms,
        far.slowest.p50_ms,
        far.five.p50_ms,
        far.five.p50_ms / far.slowest.p50_ms,
    )?;
    writeln!(
        text,
        "\nA rare word in five databases, one of which accepts connections and says nothing, each with {TIMEOUT_MS} ms: answered \
         after {:.0} ms in the middle, {:.0} ms at p95.",
        dead.p50_ms, dead.p95_ms
    )?;
    Ok(text)
}
