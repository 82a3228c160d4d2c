//! What the district starts with, drawn in the manner of `seed`: the same on every machine. `roster` makes
//! schools and people, `assets` the register, `words` holds the lists of both. It knows no request.

pub(super) mod assets;
pub(super) mod roster;
pub(super) mod words;

/// Numbers of the streams that this system draws from; no other system uses those between 600 and 609.
mod stream {
    pub(super) const SCHOOL: u64 = 600;
    pub(super) const STUDENT: u64 = 601;
    pub(super) const STAFF: u64 = 602;
    pub(super) const VEHICLE: u64 = 603;
    pub(super) const EQUIPMENT: u64 = 604;
    pub(super) const MAINTENANCE: u64 = 605;
    pub(super) const SCHEDULE: u64 = 606;
    pub(super) const PARTS_REQUEST: u64 = 607;
}

/// 2019-08-01T00:00:00Z, when both systems were introduced.
const OPENED: i64 = 1_564_617_600;
/// 2026-10-31T00:00:00Z: later than this nothing was changed.
const LAST_CHANGE: i64 = 1_793_404_800;

/// The `sourcedId` of the school that is the location of this number, from 1 on.
pub(super) fn school_id(number: u64) -> String {
    format!("S-{}", 4100 + number)
}
