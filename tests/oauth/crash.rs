//! Steps that have to be on the disk, failed before they begin, within, and behind: a code or a refresh token that gave
//! nothing can be used again or is spent, and never gives two; what could not be revoked is told.

use super::rig::{Rig, form};
use portico::{
    identity::{jws::Algorithm, sealer::Ephemeral},
    oauth::{client::REFRESH, keeper, seams::Accounts},
    telemetry::failpoint::{Act, set},
};

/// Where a transaction fails, and whether it is on the disk then.
const PLACES: &[(&str, bool)] = &[("sql.before", false), ("sql.within", false), ("sql.behind", true)];

#[tokio::test]
async fn a_code_gives_tokens_once_or_never() {
    for (place, done) in PLACES {
        let rig = Rig::new().await;
        let code = rig.code("web").await;
        let body = form(&Rig::exchange(&code));
        let point = set(place, "UPDATE grant_tokens", Act::Fail, 1);
        let failed = rig.as_client("web", "/oauth/token", &body).await;
        assert!(failed.status >= 500 && !failed.text.contains("access_token"), "{place}: {}", failed.text);
        drop(point);
        let again = rig.as_client("web", "/oauth/token", &body).await;
        if *done {
            assert_eq!(again.error(), "invalid_grant", "{place}");
            continue;
        }
        // Nothing was lost: the same code, once.
        let issued = again.ok();
        assert_eq!(rig.as_client("web", "/oauth/token", &body).await.error(), "invalid_grant", "{place}");
        // And its second use was a replay.
        assert!(!rig.is_active(issued["access_token"].as_str().unwrap()).await, "{place}");
    }
}

#[tokio::test]
async fn a_refresh_token_is_rotated_once_or_never() {
    for (place, done) in PLACES {
        let rig = Rig::new().await;
        let first = rig.tokens("web").await;
        let token = first["refresh_token"].as_str().unwrap();
        let point = set(place, "UPDATE grant_tokens", Act::Fail, 1);
        let failed = rig.refresh("web", token).await;
        assert!(failed.status >= 500 && !failed.text.contains("access_token"), "{place}: {}", failed.text);
        drop(point);
        let again = rig.refresh("web", token).await;
        if *done {
            // Its successor is on the disk, and nobody has it: the family ends rather than that two have it.
            assert_eq!(again.error(), "invalid_grant", "{place}");
            assert!(!rig.is_active(first["access_token"].as_str().unwrap()).await, "{place}");
            continue;
        }
        let next = again.ok();
        assert_ne!(next["refresh_token"], token, "{place}");
        assert_eq!(rig.refresh("web", token).await.error(), "invalid_grant", "{place}");
    }
}

#[tokio::test]
async fn a_replay_that_cannot_be_noted_gives_nothing() {
    for (place, _) in PLACES {
        let rig = Rig::new().await;
        let first = rig.tokens("web").await;
        let token = first["refresh_token"].as_str().unwrap();
        let next = rig.refresh("web", token).await.ok();
        let point = set(place, "UPDATE grants SET revoked_at", Act::Fail, 1);
        let replayed = rig.refresh("web", token).await;
        assert!(
            replayed.status >= 400 && !replayed.text.contains("access_token"),
            "{place}: {}",
            replayed.text
        );
        drop(point);
        // Whoever replays it once more has the family revoked, whatever came of the first time.
        assert_eq!(rig.refresh("web", token).await.error(), "invalid_grant", "{place}");
        assert!(!rig.is_active(next["access_token"].as_str().unwrap()).await, "{place}");
        let last = next["refresh_token"].as_str().unwrap();
        assert_eq!(rig.refresh("web", last).await.error(), "invalid_grant", "{place}");
    }
}

#[tokio::test]
async fn a_revocation_is_told_to_be_done_when_it_is() {
    for (place, done) in PLACES {
        let rig = Rig::new().await;
        let issued = rig.tokens("web").await;
        let (access, refresh) =
            (issued["access_token"].as_str().unwrap(), issued["refresh_token"].as_str().unwrap());
        let body = form(&[("token", refresh), ("token_type_hint", "refresh_token")]);
        let point = set(place, "UPDATE grants SET revoked_at", Act::Fail, 1);
        let failed = rig.as_client("web", "/oauth/revoke", &body).await;
        assert!(failed.status >= 500, "{place}: {} {}", failed.status, failed.text);
        drop(point);
        if *done {
            // Another program that reads the ledger knows of it.
            assert!(!rig.again().await.is_active(access).await, "{place}");
        }
        assert_eq!(rig.as_client("web", "/oauth/revoke", &body).await.status, 200, "{place}");
        assert!(!rig.is_active(access).await, "{place}");
        assert_eq!(rig.refresh("web", refresh).await.error(), "invalid_grant", "{place}");
        assert!(!rig.again().await.is_active(access).await, "{place}");
    }
}

#[tokio::test]
async fn a_grant_without_its_code_is_no_grant() {
    for (place, _) in PLACES {
        let rig = Rig::new().await;
        let cookie = rig.cookie("a_1");
        let asked = rig.authorize(&form(&Rig::asked("web")), Some(&cookie)).await;
        let id = asked.sent("request").unwrap();
        let session = rig.people.of_session(&cookie).await.unwrap().unwrap();
        let pending = rig.doors.server().pending(&id).await.unwrap().unwrap();
        let point = set(place, "UPDATE authorization_requests", Act::Fail, 1);
        let failed = rig.doors.server().approve(&id, &session, &pending.scopes).await;
        let reached = failed.is_err();
        drop(point);
        assert!(reached, "{place}: the step has another name now");
        // The person is asked anew, and gets a code that works.
        rig.tokens("web").await;
    }
}

#[tokio::test]
async fn keys_are_changed_as_a_whole() {
    for (place, _) in PLACES {
        let rig = Rig::new().await;
        let issued = rig.tokens("web").await;
        let access = issued["access_token"].as_str().unwrap();
        let sealer = Ephemeral::new();
        let point = set(place, "INSERT INTO signing_keys", Act::Fail, 2);
        let failed = keeper::rotate(&rig.ledger, &sealer, &rig.ring, rig.now(), keeper::When::Ahead).await;
        assert!(failed.is_err(), "{place}: the step has another name now");
        drop(point);
        keeper::load(&rig.ledger, &sealer, &rig.ring).await.unwrap();
        // What was signed is proved, and there is a key of each kind that signs, or will.
        assert!(rig.is_active(access).await, "{place}");
        keeper::rotate(&rig.ledger, &sealer, &rig.ring, rig.now(), keeper::When::Ahead).await.unwrap();
        assert!(rig.is_active(access).await, "{place}");
        rig.later(keeper::AHEAD + 1);
        for algorithm in [Algorithm::Es256, Algorithm::EdDsa] {
            let key = rig.ring.current(algorithm, rig.now());
            assert!(key.is_some_and(|key| key.can_sign()), "{place}: nothing signs {}", algorithm.name());
        }
        rig.tokens("web").await;
        let used =
            form(&[("grant_type", REFRESH), ("refresh_token", issued["refresh_token"].as_str().unwrap())]);
        rig.as_client("web", "/oauth/token", &used).await.ok();
    }
}
