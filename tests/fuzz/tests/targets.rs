//! A little of what `./dev fuzz` does, in every run of the tests: what it begins with, and as much again that was made of it. So
//! the targets can not rot, and what was found once stays found.

#![expect(clippy::unwrap_used, reason = "what panics here is a failed test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use fuzz::TARGETS;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// How many texts each target is tried with.
const CASES: u32 = 3_000;

/// What texts of people, of programs and of attackers are made of.
const PIECES: [&str; 24] = [
    "+",
    "-",
    "\"",
    "(",
    ")",
    "*",
    "@3",
    " OR ",
    " NEAR/2 ",
    "NOT ",
    "zebra",
    "node.js",
    "\u{691c}\u{7d22}",
    "\0",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    ".",
    "127.0.0.1",
    "18446744073709551615",
    "altus4_sk_test_",
];

/// What a target begins with: the files of its folder, in the order of their names.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new("seeds").join(target);
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| fs::read(path).unwrap()).collect()
}

/// A seed with a part of it taken out and something else put there: pieces, bytes, or a part of another seed.
fn texts(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop::collection::vec(select(&PIECES[..]), 0..20).prop_map(|pieces| pieces.concat().into_bytes());
    let put = prop_oneof![3 => pieces, 2 => prop::collection::vec(any::<u8>(), 0..40), 1 => select(seeds.clone())];
    let place = || any::<prop::sample::Index>();
    (select(seeds), place(), place(), put).prop_map(|(seed, from, to, put)| {
        let (from, to) = (from.index(seed.len() + 1), to.index(seed.len() + 1));
        let (from, to) = (from.min(to), from.max(to));
        [&seed[..from], &put, &seed[to..]].concat()
    })
}

#[test]
fn no_target_finds_anything_in_a_little_of_anything() {
    for (name, target) in TARGETS {
        let seeds = seeds(name);
        for seed in &seeds {
            target(seed);
        }
        // The same texts in every run.
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[8; 32]);
        let mut runner =
            TestRunner::new_with_rng(Config { failure_persistence: None, ..Config::with_cases(CASES) }, rng);
        let ran = runner.run(&texts(seeds), |text| {
            target(&text);
            Ok(())
        });
        assert!(ran.is_ok(), "{name}: {}", ran.unwrap_err());
    }
}

#[test]
fn every_target_has_a_program_and_something_to_begin_with() {
    let stems = |folder: &str| -> BTreeSet<String> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
    };
    let named: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(stems("targets"), named);
    assert_eq!(stems("seeds"), named);
    let manifest = fs::read_to_string("Cargo.toml").unwrap();
    for name in &named {
        assert!(manifest.contains(&format!("name = \"fuzz-{name}\"\npath = \"targets/{name}.rs\"")), "{name}");
    }
}
