//! The least number of calls that a stretch of a list can cost, for each way of paging. It is stated here by formulas of
//! its own, and not by what the engine does.
//!
//! No system is asked twice for the same page of one request, and no rows are kept from one request to the next: they
//! may have changed. What is kept are places to go on from, and totals for their time.

use super::shelf::ROWS;

/// One request of a walk.
#[derive(Debug, Clone, Copy)]
pub struct Request {
    pub offset: usize,
    pub limit: usize,
    /// Whether the total is wanted, and nobody has counted yet.
    pub counts: bool,
    /// Whether the walk came by here: then there is a bookmark at the offset.
    pub marked: bool,
}

/// Pages of this size that a stretch touches.
fn touched(size: usize, request: Request) -> usize {
    (request.offset + request.limit - 1) / size - request.offset / size + 1
}

/// The calls that find the last page by doubling, then halving, where all pages before `known` are full. `more`: a page
/// says whether it is the last one.
fn looked_for(known: usize, size: usize, more: bool) -> usize {
    let rows_of = |page: usize| ROWS.saturating_sub(page * size).min(size);
    let is_last = |page: usize| {
        let rows = rows_of(page);
        rows > 0 && (rows < size || (more && (page + 1) * size >= ROWS))
    };
    let first = known / size;
    let mut calls = 0;
    // Pages first, first + 2, first + 6, ...: the last one that is full bounds from below, the first empty one from above.
    let (mut low, mut high) = (first, None);
    let mut step = 1;
    loop {
        let page = high.map_or(low + step - 1, |high: usize| low + (high - low) / 2);
        if high.is_some_and(|high| high <= low) {
            return calls;
        }
        if high.is_none() {
            step *= 2;
        }
        calls += 1;
        if is_last(page) {
            return calls;
        }
        if rows_of(page) == 0 {
            high = Some(page);
        } else {
            low = page + 1;
        }
    }
}

pub fn least(style: &str, request: Request) -> usize {
    let Request { offset, limit, counts, marked } = request;
    let shown = ROWS.saturating_sub(offset).min(limit);
    let count = |calls: usize| if counts { calls } else { 0 };
    let behind = ROWS - (offset + shown).min(ROWS);
    // Rows that are walked through: from the bookmark, or from the start.
    let walked = if marked { shown } else { shown + offset.min(ROWS) };
    let by_cursor = walked.max(1).div_ceil(50);
    match style {
        // Any row is reached at once, by as many calls as the largest page needs.
        "p01_offset_total" => limit.div_ceil(25),
        "p03_total_in_header" => limit.div_ceil(100),
        "p08_first_and_last" | "p16_order_unless_asked" => limit.div_ceil(30),
        "p02_has_more" => limit.div_ceil(50) + count(looked_for(offset + limit, 50, true)),
        "p04_count_call" => limit.div_ceil(40) + count(1),
        "p15_both_or_an_error" => limit.div_ceil(100) + count(looked_for(offset + limit, 100, false)),
        // The size that touches the fewest pages.
        "p05_page_from_one" => (1..=30).map(|size| touched(size, request)).min().unwrap(),
        "p07_page_and_rows" => [10, 25, 50].into_iter().map(|size| touched(size, request)).min().unwrap(),
        "p06_page_from_zero" => {
            let known = (offset + limit).div_ceil(20) * 20;
            touched(20, request) + count(looked_for(known, 20, false))
        }
        // A page after the other; those that are left are counted behind them.
        "p09_cursor" | "p11_link_in_body" | "p11_link_in_header" => by_cursor,
        "p09_cursor_walked" | "p17_key_in_the_body" => by_cursor + count(behind.div_ceil(50)),
        // Only a page that is not full says that it is the last one.
        "p10_last_key" => {
            by_cursor + usize::from(shown < limit && walked > 0 && walked % 50 == 0) + count(behind / 50 + 1)
        }
        // The ids; then a call for each row that is shown, or for thirty.
        "p12_ids_then_each" => 1 + shown,
        "p12_ids_then_several" => {
            let known = (offset + limit).div_ceil(20) * 20;
            touched(20, request) + shown.div_ceil(30) + count(looked_for(known, 20, false))
        }
        "p13_no_paging" | "p14_offset_ignored" => 1,
        // An empty page is the only sign of the end.
        "p14_silent_cap" => shown.div_ceil(40) + usize::from(shown < limit) + count(behind.div_ceil(40) + 1),
        "p14_cap_unsaid" => shown.div_ceil(40).max(1),
        // Rows come twice, and only from the start on is it known which: three pages, the filled-up one, and that again.
        "p14_pages_overlap" => 5,
        other => panic!("`{other}` has no formula"),
    }
}
