//! Whom a limit counts, where an entrance is, and when a period ends.

use super::*;
use crate::{plan::rates::Period, value::time::Moment};

#[test]
fn addresses_of_one_subscriber_are_one() {
    let of = |text: &str| Principal::address(text.parse().unwrap());
    assert_eq!(of("2001:db8::1"), of("2001:db8::ffff"));
    assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
    assert_eq!(of("192.0.2.1"), of("::ffff:192.0.2.1"));
    assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
}

#[test]
fn names_of_two_parts_do_not_run_into_each_other() {
    assert_ne!(Principal::named("client", "ab", "c"), Principal::named("client", "a", "bc"));
    assert_ne!(Principal::named("client", "", "x"), Principal::named("subject", "", "x"));
    assert_eq!(Principal::named("client", "", "x").text().len(), 32);
}

#[test]
fn entrances_are_known_by_their_paths() {
    let post = http::Method::POST;
    assert_eq!(Door::of(&post, "/oauth/token"), Some(Door::Token));
    assert_eq!(Door::of(&post, "/oauth/device"), Some(Door::Login));
    assert_eq!(Door::of(&post, "/v1/auth/login"), Some(Door::Login));
    assert_eq!(Door::of(&post, "/v1/auth/password/forgot"), Some(Door::Login));
    assert_eq!(Door::of(&post, "/account/login"), Some(Door::Login));
    assert_eq!(Door::of(&post, "/account/consent"), None);
    assert_eq!(Door::of(&post, "/v1/auth/refresh"), Some(Door::Token));
    assert_eq!(Door::of(&post, "/v1/auth/logout"), None);
    assert_eq!(Door::of(&post, "/v1/pets"), None);
    assert_eq!(Door::of(&http::Method::GET, "/oauth/token"), None);
}

#[test]
fn periods_end_with_the_day_and_the_month_of_utc() {
    let check = |at: &str, kind: Period, name: &str, left: u64| {
        let found = quota::period(kind, Moment::parse(at).unwrap());
        assert_eq!(found, (name.to_owned(), Duration::from_secs(left)), "{at}");
    };
    check("2026-11-21T12:00:00Z", Period::Day, "2026-11-21", 43_200);
    check("2026-12-31T23:59:59Z", Period::Day, "2026-12-31", 1);
    check("2026-12-31T23:59:59Z", Period::Month, "2026-12", 1);
    check("2028-02-28T00:00:00Z", Period::Month, "2028-02", 2 * 86_400);
}
