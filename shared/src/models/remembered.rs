//! What a model has written, so that a page that is looked at again does not pay for it again.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};

use super::Task;
use crate::clock::Timestamp;

/// How long it is good.
const GOOD: Duration = Duration::from_hours(1);

/// The most texts of one process. One has a few kilobytes.
const TEXTS_MAX: usize = 256;

/// Texts by the task that they were written for. Nothing but the task went into them, so that whoever has the same task may
/// have the same text.
#[derive(Default)]
pub(super) struct Remembered(Mutex<HashMap<Vec<u8>, (String, Timestamp)>>);

impl Remembered {
    /// What was written for this, not long ago.
    pub(super) fn get(&self, task: &Task, now: Timestamp) -> Option<String> {
        self.texts().get(&name(task)).filter(|(_, until)| now < *until).map(|(text, _)| text.clone())
    }

    /// Keeps a text.
    pub(super) fn keep(&self, task: &Task, text: String, now: Timestamp) {
        let mut texts = self.texts();
        if texts.len() >= TEXTS_MAX {
            texts.retain(|_, (_, until)| now < *until);
        }
        if texts.len() >= TEXTS_MAX {
            texts.clear();
        }
        texts.insert(name(task), (text, now.plus(GOOD)));
    }

    fn texts(&self) -> MutexGuard<'_, HashMap<Vec<u8>, (String, Timestamp)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The instruction is a part of the program, and the bound of the length comes of the material.
fn name(task: &Task) -> Vec<u8> {
    digest(&SHA256, task.material.as_bytes()).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(number: usize) -> Task {
        Task { instruction: "", material: number.to_string(), tokens_max: 1 }
    }

    #[test]
    fn a_text_is_good_for_an_hour_and_for_its_task_alone() {
        let (remembered, at) = (Remembered::default(), Timestamp::from_epoch_ms(0));
        remembered.keep(&task(1), "one".to_owned(), at);
        let later = |minutes| at.plus(Duration::from_mins(minutes));
        assert_eq!(remembered.get(&task(1), later(59)).as_deref(), Some("one"));
        assert_eq!((remembered.get(&task(1), later(60)), remembered.get(&task(2), at)), (None, None));
    }

    #[test]
    fn no_process_remembers_without_end() {
        let (remembered, at) = (Remembered::default(), Timestamp::from_epoch_ms(0));
        (0..3 * TEXTS_MAX).for_each(|number| remembered.keep(&task(number), String::new(), at));
        assert!(remembered.texts().len() <= TEXTS_MAX);
        assert!(remembered.get(&task(3 * TEXTS_MAX - 1), at).is_some());
    }
}
