//! A request with a key of its own, failed at each step that has to be on the disk: before it, within, and behind. Whatever
//! is answered, the record is made once in the end, and the key never gives two answers.

use super::{
    Hands, Heard, ask,
    once::{Files, customer, total},
};
use portico::{
    pipeline::Facade,
    telemetry::failpoint::{Act, set},
};
use std::sync::Arc;

const PLACES: &[&str] = &["sql.before", "sql.within", "sql.behind"];
/// Behind every deadline, and the time that a system behind is given to end what it is at.
const BEHIND: i64 = 120;

/// Asks again until there is an answer, moving the clock as a client that waits would.
async fn at_last(facade: &Facade, clock: &Hands, number: usize, what: &str) -> Heard {
    for _ in 0..3 {
        let heard = ask(facade, &customer(number)).await;
        if heard.status == 201 {
            return heard;
        }
        let waits = matches!(heard.code().as_str(), "F519" | "F911" | "F913");
        assert!(
            waits && heard.header("retry-after").is_some() || heard.code() == "F913",
            "{what}: {heard:?}"
        );
        clock.forward(BEHIND);
    }
    panic!("{what}: there is no answer in the end")
}

async fn check(step: &str, expected: &[(&str, u16, &str)]) {
    for ((place, status, code), number) in expected.iter().zip(1..) {
        let what = format!("{place} {step}");
        let (files, clock) = (Files::new(&what.replace([' ', '.'], "-")), Hands::new());
        let facade: Arc<Facade> = files.facade(&clock).await;
        let before = total(&facade).await;
        let point = set(place, step, Act::Fail, 1);
        let first = ask(&facade, &customer(number)).await;
        assert_eq!((first.status, first.code().as_str()), (*status, *code), "{what}: {first:?}");
        drop(point);
        // What a program that ended there leaves is what another one finds.
        let facade = files.facade(&clock).await;
        clock.forward(BEHIND);
        let heard = at_last(&facade, &clock, number, &what).await;
        if first.status == 201 {
            assert_eq!(
                (&heard.body, heard.header("location")),
                (&first.body, first.header("location")),
                "{what}"
            );
        }
        assert_eq!(total(&facade).await - before, 1, "{what}: the record was made once");
        let again = ask(&facade, &customer(number)).await;
        assert_eq!((again.status, &again.body), (201, &heard.body), "{what}");
        assert_eq!(again.header("idempotency-replayed"), Some("true"), "{what}");
        assert_eq!(total(&facade).await - before, 1, "{what}");
    }
}

#[tokio::test]
async fn an_intent_that_is_not_noted_is_not_carried_out() {
    // One that stands there though nobody said so is found to be this request's own.
    let expected = [("sql.before", 500, "F913"), ("sql.within", 500, "F913"), ("sql.behind", 201, "")];
    check("INSERT INTO idempotency", &expected).await;
}

#[tokio::test]
async fn a_write_whose_end_nobody_knows_is_found_out() {
    check(
        "INSERT INTO customers",
        &[("sql.before", 500, "F511"), ("sql.within", 500, "F519"), ("sql.behind", 500, "F519")],
    )
    .await;
}

#[tokio::test]
async fn an_answer_that_cannot_be_kept_is_as_true() {
    let given: Vec<_> = PLACES.iter().map(|place| (*place, 201, "")).collect();
    check("UPDATE idempotency SET state = 'done'", &given).await;
}
