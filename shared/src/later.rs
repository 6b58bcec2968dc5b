//! Values that are made when somebody needs them, or beside something else before that.

use std::ops::Deref;
use std::sync::{Arc, LazyLock};

/// A value that is made once, by whoever needs it first or by [`Later::make`] in a thread of its own. Others wait meanwhile.
/// Clones are the same.
pub struct Later<T>(Arc<LazyLock<T, Box<dyn FnOnce() -> T + Send>>>);

impl<T> Later<T> {
    /// One that is made like this.
    pub fn new(make: impl FnOnce() -> T + Send + 'static) -> Self {
        Self(Arc::new(LazyLock::new(Box::new(make))))
    }

    /// Makes it, if nobody has.
    pub fn make(&self) {
        LazyLock::force(&self.0);
    }
}

impl<T> Clone for Later<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Deref for Later<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn it_is_made_once_whoever_comes_first_and_not_before() {
        let made = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&made);
        let later = Later::new(move || count.fetch_add(1, Ordering::Relaxed) + 1);
        assert_eq!(made.load(Ordering::Relaxed), 0);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| later.make());
            }
            assert_eq!(*later, 1);
        });
        assert_eq!(made.load(Ordering::Relaxed), 1);
    }
}
