//! Callers with different rights over the same URLs: each is answered as by a façade that keeps nothing.

use super::{
    desk::{Desk, ask, get, role},
    writes::Dice,
};
use portico::identity::Caller;
use std::{fmt::Write, sync::Arc};

const REQUESTS: usize = 4000;

fn callers() -> Vec<Arc<Caller>> {
    let owners = (0..8).map(|owner| role("owner", &format!("owner:{owner}")));
    let others = [role("admin", ""), role("vet", ""), role("vendor", ""), Caller::anonymous()];
    owners.chain(others).collect()
}

/// The same letters, some of them encoded.
fn odd(dice: &mut Dice, text: &str) -> String {
    text.bytes().fold(String::new(), |mut all, byte| {
        if byte.is_ascii_alphanumeric() && dice.below(6) == 0 {
            _ = write!(all, "%{byte:02X}");
        } else {
            all.push(char::from(byte));
        }
        all
    })
}

fn target(dice: &mut Dice) -> String {
    let fields = ["", "fields=name,petId", "fields=petId,name", "fields=name,note", "fields=*"]
        [dice.below(5) as usize];
    let suffix = ["", "", ".json", ".xml"][dice.below(4) as usize];
    if dice.below(2) == 0 {
        let id = dice.below(42) + 1;
        let pets = odd(dice, "pets");
        return format!("/v1/{pets}/{}{suffix}?{fields}", odd(dice, &id.to_string()));
    }
    let mut parts = vec![fields.to_owned(), format!("limit={}", [5, 100][dice.below(2) as usize])];
    let owner = dice.below(9);
    match dice.below(4) {
        0 => parts.push(format!("ownerId={}", odd(dice, &owner.to_string()))),
        1 => parts.push(format!("ownerId={owner},{}", (owner + 1) % 8)),
        2 => parts.push("sort=-name".to_owned()),
        _ => {}
    }
    if dice.below(2) == 0 {
        parts.reverse();
    }
    parts.retain(|part| !part.is_empty());
    format!("/v1/{}{suffix}?{}", odd(dice, "pets"), parts.join("&"))
}

#[tokio::test(start_paused = true)]
async fn nobody_sees_what_another_may() {
    let desk = Desk::new();
    let keeping = desk.facade("cache: { fresh: 1h, stale: 1h, negative: 5s }\n").await;
    let plain = desk.facade("").await;
    let callers = callers();
    let mut dice = Dice::new(2026);
    let mut hits = 0;
    for number in 0..REQUESTS {
        let caller = &callers[dice.below(callers.len() as u64) as usize];
        let target = target(&mut dice);
        let poison = dice.below(4);
        let asked = || {
            let asked = http::Request::get(&target);
            match poison {
                0 => asked.header("authorization", "Bearer somebody-else"),
                1 => asked.header("x-forwarded-host", "evil.example").header("x-original-url", "/v1/pets/1"),
                2 => asked.header("cache-control", "no-cache, only-if-cached").header("cookie", "role=admin"),
                _ => asked,
            }
        };
        let (kept, fresh) =
            (ask(&keeping, caller, asked(), "").await, ask(&plain, caller, asked(), "").await);
        assert_eq!(
            (kept.status, &kept.tag, &kept.body),
            (fresh.status, &fresh.tag, &fresh.body),
            "request {number}: {target} of {:?} {:?}",
            caller.roles,
            caller.claims
        );
        assert!(!kept.control.contains("public"), "{kept:?}");
        hits += usize::from(kept.cache.starts_with("portico; hit"));
    }
    assert!(hits > REQUESTS / 4, "{hits} hits");
}

/// The same question to the source, and still each has what is kept for their own rights alone.
#[tokio::test(start_paused = true)]
async fn what_is_kept_for_some_rights_is_not_given_to_others() {
    let desk = Desk::new();
    let facade = desk.facade("cache: { fresh: 1h, negative: 1h }\n").await;
    let (owner, other) = (role("owner", "owner:1"), role("owner", "owner:2"));
    for target in ["/v1/pets/1?fields=petId,name", "/v1/pets?fields=petId,name&ownerId=1"] {
        for caller in [&role("admin", ""), &role("vet", ""), &owner, &other] {
            let before = desk.calls();
            let first = get(&facade, caller, target).await;
            // Where a list is narrowed to nothing, nobody is asked.
            let asked = desk.calls() - before;
            assert!(!first.cache.contains("hit"), "{target} {:?}: {first:?}", caller.roles);
            let second = get(&facade, caller, target).await;
            assert_eq!((second.status, &second.body), (first.status, &first.body));
            assert_eq!(second.cache.contains("hit"), asked > 0, "{target} {:?}: {second:?}", caller.roles);
            assert_eq!(desk.calls(), before + asked);
        }
    }
}
