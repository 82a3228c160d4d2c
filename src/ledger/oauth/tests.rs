use super::{clients::ClientRow, grants::*, keys::KeyRow, requests::*, revocations::RevocationRow};
use crate::{
    ledger::Ledger,
    plan::{SecretRef, SqlSource},
};
use std::time::Duration;

fn source(url: &str) -> SqlSource {
    SqlSource {
        url: SecretRef::Plain(url.to_owned()),
        root: std::env::temp_dir(),
        migrations: None,
        connections: 8,
        deadline: Duration::from_secs(20),
    }
}

/// What is unique to a run, so that a database may be used again.
fn own(name: &str) -> String {
    format!("{name}-{}", uuid::Uuid::now_v7().simple())
}

fn token(hash: &str, grant: &str, client: &str) -> GrantToken {
    GrantToken {
        hash: hash.into(),
        kind: "refresh".into(),
        grant_id: grant.into(),
        client_id: client.into(),
        terms: "{}".into(),
        created_at: 100,
        expires_at: 1000,
        used_at: 0,
    }
}

/// What every database has to do.
async fn check(url: &str) {
    let ledger = Ledger::open(&source(url)).await.unwrap();
    let (client, id, first) = (own("c"), own("g"), own("t"));
    let row = ClientRow {
        id: client.clone(),
        name: "Émile's \"vendor\" \\".into(),
        status: "pending".into(),
        tier: "basic".into(),
        metadata: r#"{"a":"'"}"#.into(),
        created_at: 7,
        ..ClientRow::default()
    };
    assert!(ledger.add_client(&row).await.unwrap());
    assert!(!ledger.add_client(&row).await.unwrap());
    assert_eq!(ledger.client(&client).await.unwrap().unwrap(), row);
    assert!(ledger.pending_clients().await.unwrap() >= 1);
    let changed = ClientRow { status: "active".into(), former_until: 9, ..row };
    assert!(ledger.change_client(&changed, 8).await.unwrap());
    let now = ledger.client(&client).await.unwrap().unwrap();
    assert_eq!((now.status.as_str(), now.former_until, now.updated_at), ("active", 9, 8));
    assert!(ledger.clients().await.unwrap().iter().any(|one| one.id == client));

    // A refresh token is consumed once, by however many at a time.
    let grant = GrantRow {
        id: id.clone(),
        client_id: client.clone(),
        subject: own("a"),
        scopes: "pets:read".into(),
        terms: "{}".into(),
        created_at: 100,
        expires_at: 1000,
        ..GrantRow::default()
    };
    ledger.add_grant(&grant, Some(&token(&first, &id, &client))).await.unwrap();
    let uses = (0..20).map(|number| {
        let (ledger, first, client, id) = (ledger.clone(), first.clone(), client.clone(), id.clone());
        async move {
            let next = token(&format!("{first}-{number}"), &id, &client);
            ledger.consume_token(&first, &client, 200, Some(&next), (&id, 1000)).await.unwrap()
        }
    });
    let done = futures_util::future::join_all(uses).await;
    assert_eq!(done.iter().filter(|done| **done).count(), 1);
    assert_eq!(ledger.grant_token(&first).await.unwrap().unwrap().used_at, 200);
    let others = (0..20).map(|number| ledger.grant_token_owned(format!("{first}-{number}")));
    let made = futures_util::future::join_all(others).await.into_iter().flatten().count();
    assert_eq!(made, 1);

    // Of another client, expired, or of a revoked grant it is not.
    let second = own("t");
    let consume = async |hash: &str, client: &str, now| {
        ledger.consume_token(hash, client, now, None, (&id, 2000)).await.unwrap()
    };
    ledger.change(vec![ledger.inserting(&token(&second, &id, &client))]).await.unwrap();
    assert!(!consume(&second, "other", 200).await);
    assert!(!consume(&second, &client, 1000).await);
    ledger.revoke_grant(&id, 300, 5000).await.unwrap();
    ledger.revoke_grant(&id, 301, 5000).await.unwrap();
    assert!(!consume(&second, &client, 400).await);
    assert_eq!(ledger.grant(&id).await.unwrap().unwrap().revoked_at, 300);
    assert!(ledger.grants_of(&grant.subject).await.unwrap().is_empty());
    let revoked = ledger.revocations(400).await.unwrap();
    assert!(revoked.iter().any(|row| row.kind == "grant" && row.value == id));

    let consent = ConsentRow {
        subject: grant.subject.clone(),
        client_id: client.clone(),
        scopes: "pets:read".into(),
        given_at: 5,
    };
    ledger.give_consent(&consent).await.unwrap();
    ledger.give_consent(&consent).await.unwrap();
    assert_eq!(ledger.consent(&grant.subject, &client).await.unwrap(), Some(consent));
    ledger.withdraw_consent(&grant.subject, &client, 6).await.unwrap();
    assert_eq!(ledger.consent(&grant.subject, &client).await.unwrap(), None);

    let once = own("j");
    assert!(ledger.use_once(&once, 1000).await.unwrap());
    assert!(!ledger.use_once(&once, 1000).await.unwrap());

    let request = RequestRow {
        hash: own("r"),
        kind: "pushed".into(),
        client_id: client.clone(),
        request: "{}".into(),
        created_at: 1,
        expires_at: 100,
        used_at: 0,
    };
    ledger.add_request(&request).await.unwrap();
    assert_eq!(ledger.request(&request.hash).await.unwrap().unwrap(), request);
    assert!(!ledger.use_request(&request.hash, 100).await.unwrap());
    assert!(ledger.use_request(&request.hash, 50).await.unwrap());
    assert!(!ledger.use_request(&request.hash, 51).await.unwrap());

    let device = DeviceRow {
        device_hash: own("d"),
        user_hash: own("u"),
        client_id: client.clone(),
        request: "{}".into(),
        status: "waiting".into(),
        grant_id: String::new(),
        pause: 5,
        asked_at: 0,
        created_at: 1,
        expires_at: 100,
    };
    assert!(ledger.add_device(&device).await.unwrap());
    assert!(!ledger.add_device(&device).await.unwrap());
    ledger.device_asked(&device.device_hash, 9, 10).await.unwrap();
    let asked = ledger.device(&device.user_hash).await.unwrap().unwrap();
    assert_eq!((asked.asked_at, asked.pause), (9, 10));
    let fourth = GrantRow { id: own("g"), ..grant.clone() };
    let last = token(&own("t"), &fourth.id, &client);
    assert!(!ledger.use_device(&device.device_hash, &client, 10, Some(&last)).await.unwrap());
    assert!(ledger.decide_device(&device.user_hash, 10, Some(&fourth)).await.unwrap());
    assert!(!ledger.decide_device(&device.user_hash, 10, None).await.unwrap());
    assert!(ledger.use_device(&device.device_hash, &client, 10, Some(&last)).await.unwrap());
    assert!(!ledger.use_device(&device.device_hash, &client, 10, Some(&last)).await.unwrap());

    let key = |from| KeyRow {
        kid: own("k"),
        public_jwk: "{}".into(),
        sealed: "x".into(),
        created_at: 1,
        signs_from: from,
        signs_until: 0,
        ends_at: 0,
    };
    let (old, new) = (key(1), key(2));
    ledger.add_signing_key(&old, &[]).await.unwrap();
    ledger.add_signing_key(&new, &[(old.kid.clone(), 10, 20)]).await.unwrap();
    let kept = ledger.signing_keys().await.unwrap();
    let kept = kept.iter().find(|key| key.kid == old.kid).unwrap();
    assert_eq!((kept.signs_until, kept.ends_at), (10, 20));

    let row =
        RevocationRow { kind: "token".into(), value: own("j"), before: 0, created_at: 1, expires_at: 50 };
    ledger.revoke(&row).await.unwrap();
    assert!(ledger.revocations(10).await.unwrap().contains(&row));
    assert!(ledger.remove_client(&client, 500, 900).await.unwrap());
    assert!(!ledger.remove_client(&client, 500, 900).await.unwrap());
    assert!(ledger.client(&client).await.unwrap().is_none());
    ledger.sweep_oauth(10_000).await.unwrap();
    assert!(ledger.grant(&id).await.unwrap().is_none());
    assert!(ledger.revocations(10).await.unwrap().is_empty());
}

impl Ledger {
    async fn grant_token_owned(&self, hash: String) -> Option<GrantToken> {
        self.grant_token(&hash).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_consumes_once_and_keeps_the_rest() {
    let file = std::env::temp_dir().join(format!("portico-oauth-{}.db", std::process::id()));
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", file.display()));
    }
    check(&format!("sqlite:{}", file.display())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_others_do_so_too_where_there_is_one() {
    for name in ["POSTGRES", "MARIADB"] {
        if let Ok(url) = std::env::var(format!("PORTICO_TEST_{name}")) {
            check(&url).await;
        }
    }
}
