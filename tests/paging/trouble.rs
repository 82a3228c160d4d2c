//! What goes wrong while a list is walked: cursors that end or stand, links that lead away, rows that come in between,
//! many who want the total at once, and offsets that go too far.

use super::{
    ask, facade, reference,
    shelf::{ROWS, Shelf, Trouble, id},
};

fn trouble(shelf: &Shelf, trouble: Trouble) {
    *shelf.trouble.lock().unwrap() = trouble;
}

#[tokio::test]
async fn an_offset_that_goes_too_far_is_refused_and_costs_no_call() {
    for style in ["p09_cursor", "p01_offset_total"] {
        let shelf = Shelf::new(style);
        let facade = facade(&shelf, style).await;
        let page = ask(&facade, "/v1/books?limit=10&offset=1001").await;
        assert_eq!((page.status, page.body["code"].as_str()), (400, Some("F424")), "{}", page.body);
        assert_eq!(shelf.calls(), 0);
        assert_eq!(ask(&facade, "/v1/books?limit=10&offset=1000").await.status, 200);
    }
}

#[tokio::test]
async fn a_walk_begins_anew_where_its_bookmark_has_ended() {
    let shelf = Shelf::new("p09_cursor");
    let facade = facade(&shelf, "p09_cursor").await;
    ask(&facade, "/v1/books?limit=37&offset=0").await;
    ask(&facade, "/v1/books?limit=37&offset=37").await;
    shelf.end_cursors();
    let before = shelf.calls();
    let page = ask(&facade, "/v1/books?limit=37&offset=74").await;
    assert_eq!(page.ids, reference()[74..111], "{}", page.body);
    // The cursor that is refused; then three pages of 50 from the start.
    assert_eq!(shelf.calls() - before, 1 + 3);
    // The marks that were set meanwhile hold.
    let before = shelf.calls();
    assert_eq!(ask(&facade, "/v1/books?limit=37&offset=111").await.ids, reference()[111..148]);
    assert_eq!(shelf.calls() - before, 1);
}

#[tokio::test]
async fn a_count_begins_anew_where_its_bookmark_has_ended() {
    let shelf = Shelf::new("p09_cursor_walked");
    let facade = facade(&shelf, "p09_cursor_walked").await;
    // Without a total the walk leaves bookmarks and no count.
    ask(&facade, "/v1/books?limit=37&offset=0&count=false").await;
    shelf.end_cursors();
    let page = ask(&facade, "/v1/books?limit=10&offset=0").await;
    assert_eq!(page.total, Some(ROWS), "{}", page.body);
}

#[tokio::test]
async fn a_cursor_that_does_not_move_is_a_fault() {
    for (what, most) in [(Trouble::CursorStands, 3), (Trouble::CursorTurns, 4)] {
        let shelf = Shelf::new("p09_cursor");
        let facade = facade(&shelf, "p09_cursor").await;
        trouble(&shelf, what);
        let page = ask(&facade, "/v1/books?limit=100&offset=900").await;
        assert_eq!((page.status, page.body["code"].as_str()), (500, Some("F514")), "{what:?}: {}", page.body);
        assert!(shelf.calls() <= most, "{what:?}: {} calls", shelf.calls());
    }
}

#[tokio::test]
async fn a_link_that_leads_elsewhere_is_a_fault_and_nobody_goes_there() {
    for style in ["p11_link_in_body", "p11_link_in_header"] {
        let shelf = Shelf::new(style);
        let facade = facade(&shelf, style).await;
        trouble(&shelf, Trouble::LinkElsewhere);
        let page = ask(&facade, "/v1/books?limit=100").await;
        assert_eq!((page.status, page.body["code"].as_str()), (500, Some("F514")), "{}", page.body);
        assert_eq!(shelf.calls(), 1, "{:?}", shelf.asked.lock().unwrap());
    }
}

#[tokio::test]
async fn a_row_that_comes_in_between_shows_none_twice() {
    // Two pages of 50, or four of 25, are fetched; behind the first call all rows move by one.
    for style in ["p01_offset_total", "p02_has_more", "p09_cursor", "p14_silent_cap", "p08_first_and_last"] {
        let shelf = Shelf::new(style);
        let facade = facade(&shelf, style).await;
        trouble(&shelf, Trouble::RowComesIn);
        let page = ask(&facade, "/v1/books?limit=100&count=false").await;
        assert_eq!(page.status, 200, "{style}: {}", page.body);
        let mut once = page.ids.clone();
        once.dedup();
        assert_eq!(page.ids, once, "{style}");
        assert!(page.ids.contains(&id(99)), "{style}: {:?}", page.ids.last());
    }
}

#[tokio::test]
async fn many_who_want_the_total_at_once_cost_one_count() {
    let shelf = Shelf::new("p04_count_call");
    let facade = facade(&shelf, "p04_count_call").await;
    let all = futures_util::future::join_all((0..30).map(|at| {
        let (facade, target) = (&facade, format!("/v1/books?limit=3&offset={at}"));
        async move { ask(facade, &target).await }
    }));
    assert!(all.await.iter().all(|page| page.total == Some(ROWS)));
    let asked = shelf.asked.lock().unwrap();
    assert_eq!(asked.iter().filter(|line| line.contains("count")).count(), 1, "{asked:#?}");
    assert_eq!(asked.len(), 31);
}
