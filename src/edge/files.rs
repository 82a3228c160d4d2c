//! How many files the process may have open: every connection is one. The system's ordinary limit is for programs that
//! serve nobody.

use super::settings::Limits;
use rustix::process::{Resource, getrlimit, setrlimit};

/// What the program opens beside connections: calls behind, databases, files.
const OTHERS: u64 = 1024;

/// Raises the process's own limit as far as it may be raised, and tells how many connections fit; `None`: there is no
/// limit.
pub(super) fn room() -> Option<u32> {
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let raised = rustix::process::Rlimit { current: limit.maximum, maximum: limit.maximum };
        match setrlimit(Resource::Nofile, raised) {
            Ok(()) => limit.current = limit.maximum,
            Err(error) => tracing::warn!(%error, "the limit of open files stays as it is"),
        }
    }
    let most = limit.current?;
    let left = most.saturating_sub(OTHERS).max(most / 2).max(1);
    Some(u32::try_from(left).unwrap_or(u32::MAX))
}

/// The connections that there can be of those that are wanted.
pub(super) fn fitting(wanted: u32) -> u32 {
    match room() {
        // What nobody asked for is not missed.
        Some(room) if room < wanted && wanted == Limits::default().connections => room,
        Some(room) if room < wanted => {
            tracing::warn!(
                connections = room,
                wanted,
                "fewer connections than configured: the limit of open files (`ulimit -Hn`) allows no more"
            );
            room
        }
        _ => wanted,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_own_limit_is_raised_to_the_hard_one() {
        let room = super::room();
        let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
        assert_eq!(limit.current, limit.maximum);
        assert_eq!(room.is_none(), limit.maximum.is_none());
        assert!(super::fitting(8) == 8);
    }
}
