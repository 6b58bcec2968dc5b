//! What an operator wants to be woken for, counted where it happens. The edge puts the counts into its next line of metrics
//! (`http/metrics.rs`).
//!
//! The counts are of the process and not of a request: what is told is how often something happens, and it may happen where
//! no request is at hand.

use std::sync::atomic::{AtomicU64, Ordering};

static KMS_DENIALS: AtomicU64 = AtomicU64::new(0);
static RECORDING_FAILURES: AtomicU64 = AtomicU64::new(0);

/// Something that should not happen and fails no function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// KMS would not do what the vault asked.
    KmsDenied,
    /// A search was answered, and is not in the history, or its answer was not kept.
    NotRecorded,
}

/// How often each has happened since they were taken last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// [`Event::KmsDenied`].
    pub kms_denials: u64,
    /// [`Event::NotRecorded`].
    pub recording_failures: u64,
}

/// Counts one.
pub fn count(event: Event) {
    let counter = match event {
        Event::KmsDenied => &KMS_DENIALS,
        Event::NotRecorded => &RECORDING_FAILURES,
    };
    counter.fetch_add(1, Ordering::Relaxed);
}

/// Takes the counts, which begin again at nothing.
pub fn take() -> Counts {
    Counts {
        kms_denials: KMS_DENIALS.swap(0, Ordering::Relaxed),
        recording_failures: RECORDING_FAILURES.swap(0, Ordering::Relaxed),
    }
}
