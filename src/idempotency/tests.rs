//! Keys as they come, and what a mark says.

use super::*;

fn read(values: &[&str]) -> Result<Option<String>, &'static str> {
    let mut request = http::Request::post("/v1/pets");
    for value in values {
        request = request.header("idempotency-key", *value);
    }
    let (head, ()) = request.body(()).unwrap().into_parts();
    key(&head).map_err(|fault| fault.code.id)
}

#[test]
fn a_key_is_bare_or_in_quotes_and_nothing_else() {
    assert_eq!(read(&[]), Ok(None));
    assert_eq!(read(&["abc-1"]), Ok(Some("abc-1".into())));
    assert_eq!(read(&["\"abc-1\""]), Ok(Some("abc-1".into())));
    assert_eq!(read(&[&"x".repeat(255)]), Ok(Some("x".repeat(255))));
    for wrong in ["", "\"\"", "\"a", "a b", "a\"b", "a\\b", &"x".repeat(256)] {
        assert_eq!(read(&[wrong]), Err("F465"), "{wrong}");
    }
    assert_eq!(read(&["a", "b"]), Err("F465"));
}

#[test]
fn a_mark_never_becomes_less_and_a_call_under_way_is_a_doubt() {
    let mark = Mark::new("k".into());
    assert_eq!(mark.effect(), Effect::None);
    mark.leave();
    assert_eq!(mark.effect(), Effect::Possible);
    mark.note(Effect::None);
    assert_eq!(mark.effect(), Effect::None);
    mark.leave();
    mark.note(Effect::Certain);
    mark.note(Effect::None);
    assert_eq!(mark.effect(), Effect::Certain);
    mark.note(Effect::Possible);
    mark.note(Effect::Certain);
    assert_eq!(mark.effect(), Effect::Possible);
    assert_eq!(mark.record(), "k");
    mark.made("7");
    mark.made("8");
    assert_eq!(mark.record(), "7");
}

#[tokio::test]
async fn rows_in_memory_do_not_grow_without_end() {
    let memory = Memory::default();
    for number in 0..10_050_i64 {
        let id = Id { caller: "c".into(), key: number.to_string() };
        let intent = Intent {
            id: id.clone(),
            hash: "h".into(),
            what: "Create x/v1/y".into(),
            holder: "me".into(),
            now: number,
            held_until: number + 10,
            record: "r".into(),
        };
        assert!(matches!(memory.begin(&intent).await.unwrap(), Begun::Ours));
        let kept = Kept { status: 201, headers: Vec::new(), body: Some(Vec::new()) };
        memory.end(&id, "me", &End::Done(kept), number).await.unwrap();
    }
    let oldest = Intent {
        id: Id { caller: "c".into(), key: "0".into() },
        hash: "other".into(),
        what: String::new(),
        holder: "me".into(),
        now: 20_000,
        held_until: 20_010,
        record: String::new(),
    };
    assert!(matches!(memory.begin(&oldest).await.unwrap(), Begun::Ours), "the oldest made room");
}
