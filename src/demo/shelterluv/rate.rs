//! How many requests are left in the window that runs now. The shelter has one key, so that there is one window; it
//! starts with a request, not with a minute of the clock.

/// A count that starts anew after some seconds.
#[derive(Debug)]
pub(super) struct Window {
    limit: u32,
    /// Seconds; at least one.
    length: u32,
    /// Unix seconds.
    began: Option<i64>,
    taken: u32,
}

/// What the headers tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Budget {
    pub(super) limit: u32,
    pub(super) remaining: u32,
    /// Seconds until the window ends.
    pub(super) reset: u32,
    /// This request was one too many.
    pub(super) used_up: bool,
}

impl Window {
    pub(super) fn new(limit: u32, length: u32) -> Self {
        Self { limit, length: length.max(1), began: None, taken: 0 }
    }

    /// Counts one request.
    pub(super) fn take(&mut self, now: i64) -> Budget {
        // A clock that went backwards begins a window, too.
        let age = self.began.and_then(|began| u32::try_from(now.saturating_sub(began)).ok());
        let age = age.filter(|age| *age < self.length).unwrap_or_else(|| {
            self.began = Some(now);
            self.taken = 0;
            0
        });
        let used_up = self.taken >= self.limit;
        if !used_up {
            self.taken += 1;
        }
        Budget {
            limit: self.limit,
            remaining: self.limit.saturating_sub(self.taken),
            reset: self.length.saturating_sub(age),
            used_up,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Budget, Window};

    #[test]
    fn a_window_ends_by_its_seconds() {
        let mut window = Window::new(2, 60);
        let budget = |remaining, reset, used_up| Budget { limit: 2, remaining, reset, used_up };
        assert_eq!(window.take(100), budget(1, 60, false));
        assert_eq!(window.take(130), budget(0, 30, false));
        assert_eq!(window.take(159), budget(0, 1, true));
        assert_eq!(window.take(160), budget(1, 60, false));
        assert_eq!(window.take(10), budget(1, 60, false));
    }
}
