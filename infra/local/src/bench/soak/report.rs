//! What came of it: a section of the page, and whether it is good.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use super::Failed;
use super::memory::{Samples, growth};
use super::traffic::Calls;
use crate::bench::measure::Figures;

/// What may be answered besides a success while things go wrong: what we stand on does not answer, or the databases do not.
const EXPECTED: [&str; 3] = ["SERVICE_UNAVAILABLE", "DATABASE_ERROR", "CONNECTION_FAILED"];

/// What came of it.
pub(super) struct Soaked {
    pub(super) span: Duration,
    pub(super) calls: Calls,
    /// Accounts that have all their rows afterwards.
    pub(super) afterwards: usize,
    pub(super) faults_met: usize,
    pub(super) memory: Samples,
    pub(super) connections_left: u64,
}

impl Soaked {
    /// A row for each kind of call, and what is said of the whole.
    pub(super) fn section(&self) -> Result<String, Failed> {
        let mut text = String::from("| call | calls | p50 / p95 / p99 ms | errors |\n|---|---|---|---|\n");
        for (kind, told) in &self.calls {
            let Some(figures) = Figures::of(told.took.clone(), self.span) else { continue };
            let errors: Vec<String> = errors(&told.codes).map(|(code, count)| format!("{count} `{code}`")).collect();
            let errors = if errors.is_empty() { "–".to_owned() } else { errors.join(", ") };
            let Figures { p50_ms, p95_ms, p99_ms, .. } = figures;
            writeln!(text, "| {kind} | {} | {p50_ms:.0} / {p95_ms:.0} / {p99_ms:.0} | {errors} |", told.took.len())?;
        }
        let took = self.calls.values().flat_map(|told| told.took.iter().copied()).collect();
        let all = Figures::of(took, self.span).ok_or("no call came to its end")?;
        let (first, last) = (self.memory.first().ok_or("no sample")?.1, self.memory.last().ok_or("no sample")?.1);
        let most = self.memory.iter().map(|sample| sample.1).fold(0.0, f64::max);
        let load = std::fs::read_to_string("/proc/loadavg")?;
        writeln!(
            text,
            "\n{:.0} minutes, {:.0} calls a second, {} faults met, load of the machine {}. Memory of the process: {first:.0} MiB \
             at the start, {most:.0} at most, {last:.0} at the end, {:+.2} MiB a minute in the second half. Afterwards {} of 20 \
             accounts have all their rows, and {} connections to the server are open. Unexpected answers: {}.",
            self.span.as_secs_f64() / 60.0,
            all.per_second,
            self.faults_met,
            load.split(' ').next().unwrap_or_default(),
            growth(&self.memory),
            self.afterwards,
            self.connections_left,
            self.unexpected().values().sum::<u64>(),
        )?;
        Ok(text)
    }

    /// An error where something is not as it should be.
    pub(super) fn verdict(&self, growth_max: f64) -> Result<(), Failed> {
        let unexpected = self.unexpected();
        if !unexpected.is_empty() {
            return Err(format!("answers that nothing explains: {unexpected:?}").into());
        }
        if self.connections_left > 0 {
            return Err(format!("{} connections were left behind", self.connections_left).into());
        }
        if self.afterwards < 20 {
            return Err(format!("{} of 20 accounts have all their rows afterwards", self.afterwards).into());
        }
        let growth = growth(&self.memory);
        if growth > growth_max {
            return Err(format!("memory grows by {growth:.1} MiB a minute").into());
        }
        Ok(())
    }

    fn unexpected(&self) -> BTreeMap<String, u64> {
        let mut unexpected = BTreeMap::new();
        for (kind, told) in &self.calls {
            for (code, count) in errors(&told.codes).filter(|(code, _)| !EXPECTED.contains(&code.as_str())) {
                *unexpected.entry(format!("{kind}: {code}")).or_default() += count;
            }
        }
        unexpected
    }
}

/// All but successes.
fn errors(codes: &BTreeMap<String, u64>) -> impl Iterator<Item = (&String, u64)> {
    codes.iter().filter(|(code, _)| !["200", "201"].contains(&code.as_str())).map(|(code, count)| (code, *count))
}
