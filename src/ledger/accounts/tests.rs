use super::*;
use crate::plan::{SecretRef, SqlSource};

const NOW: i64 = 1_795_262_400;

fn source(url: &str) -> SqlSource {
    SqlSource {
        url: SecretRef::Plain(url.to_owned()),
        root: std::env::temp_dir(),
        migrations: None,
        connections: 4,
        deadline: Duration::from_secs(10),
    }
}

fn person(id: &str, email: &str, record: Option<&str>) -> Account {
    Account {
        id: format!("a_{}-{id}", std::process::id()),
        email_index: format!("{}-{email}", std::process::id()),
        email_sealed: "sealed".into(),
        password_hash: PasswordHash("$argon2id$x".into()),
        roles: vec!["owner".into(), "vet's".into()],
        claims: vec![("customer".into(), "66\"\\".into())],
        status: Status::Making,
        language: "es".into(),
        created_at: NOW,
        verified_at: 0,
        password_at: NOW,
        record: record.map(|record| format!("{}-{record}", std::process::id())),
    }
}

async fn check(url: &str) {
    let ledger = Ledger::open(&source(url)).await.unwrap();
    let one = person("1", "i1", None);
    assert_eq!(ledger.add_account(&one).await.unwrap(), Added::Yes);
    assert_eq!(ledger.add_account(&person("2", "i1", None)).await.unwrap(), Added::Taken, "the address");
    assert_eq!(ledger.add_account(&person("3", "i3", Some("r"))).await.unwrap(), Added::Yes);
    assert_eq!(ledger.add_account(&person("4", "i4", Some("r"))).await.unwrap(), Added::Taken, "the record");
    assert_eq!(ledger.account(&one.id).await.unwrap().unwrap(), one);
    assert_eq!(ledger.account_by_email(&one.email_index).await.unwrap().unwrap(), one);
    assert!(ledger.account("a_none").await.unwrap().is_none());
    let in_making = ledger.accounts_in_making(NOW + 1).await.unwrap();
    assert!(in_making.contains(&one) && ledger.accounts_in_making(NOW).await.unwrap().is_empty());

    // From one state to the next, once; and the same twice is as good as once.
    let active = Account { status: Status::Active, verified_at: NOW + 1, ..one.clone() };
    assert_eq!(ledger.change_account(&active, Status::Making).await.unwrap(), Some(Added::Yes));
    let disabled = Account { status: Status::Disabled, ..active.clone() };
    assert_eq!(ledger.change_account(&disabled, Status::Making).await.unwrap(), None);
    assert_eq!(ledger.change_account(&active, Status::Active).await.unwrap(), Some(Added::Yes));
    let robbing = Account { record: person("3", "i3", Some("r")).record, ..active.clone() };
    assert_eq!(ledger.change_account(&robbing, Status::Active).await.unwrap(), Some(Added::Taken));
    ledger.remove_account_in_making(&active.id).await.unwrap();
    assert!(ledger.account(&active.id).await.unwrap().is_some(), "it is made, and stays");

    let name = format!("k{}", std::process::id());
    let (a, b) = tokio::join!(ledger.account_key(&name, "one"), ledger.account_key(&name, "two"));
    assert_eq!(a.unwrap(), b.unwrap(), "of two that begin at once both have the same");
    sessions(&ledger, &active.id).await;
    links(&ledger, &active.id).await;
    guesses(&ledger).await;
    mails(&ledger).await;
    ledger.sweep_accounts(NOW + 10 * 86_400).await.unwrap();
    assert!(ledger.mails(10).await.unwrap().is_empty());
    ledger.pool.run_all(&["DELETE FROM accounts".to_owned()]).await.unwrap();
}

async fn sessions(ledger: &Ledger, account: &str) {
    let session = |id: &str| Session {
        id: format!("s_{}-{id}", std::process::id()),
        account_id: account.into(),
        kind: "browser".into(),
        token_hash: format!("{}-{id}", std::process::id()),
        client_id: String::new(),
        device: "Firefox".into(),
        created_at: NOW,
        seen_at: NOW,
        expires_at: NOW + 100,
    };
    let (a, b, c) = (session("a"), session("b"), session("c"));
    for one in [&a, &b, &c] {
        ledger.add_session(one).await.unwrap();
    }
    assert_eq!(ledger.session(&a.token_hash, NOW).await.unwrap().unwrap(), a);
    assert!(ledger.session(&a.token_hash, NOW + 100).await.unwrap().is_none(), "it is over");
    assert!(!ledger.revoke_session("a_other", &a.id, NOW).await.unwrap(), "another's");
    assert!(ledger.revoke_session(account, &a.id, NOW).await.unwrap());
    assert!(!ledger.revoke_session(account, &a.id, NOW).await.unwrap(), "twice");
    assert!(ledger.session(&a.token_hash, NOW).await.unwrap().is_none());
    ledger.seen_session(&b.id, NOW + 5, NOW + 500).await.unwrap();
    let left = ledger.sessions_of(account, NOW).await.unwrap();
    assert_eq!(left.iter().map(|s| &s.id).collect::<Vec<_>>(), [&b.id, &c.id], "the latest first");
    ledger.revoke_sessions(account, Some(&b.id), NOW).await.unwrap();
    assert_eq!(ledger.sessions_of(account, NOW).await.unwrap().len(), 1);
}

async fn links(ledger: &Ledger, account: &str) {
    let link = |id: &str| Link {
        token_hash: format!("{}-{id}", std::process::id()),
        account_id: account.into(),
        purpose: "reset".into(),
        created_at: NOW,
        expires_at: NOW + 60,
    };
    ledger.add_link(&link("first")).await.unwrap();
    let second = link("second");
    ledger.add_link(&second).await.unwrap();
    assert!(!ledger.use_link(&link("first").token_hash, NOW).await.unwrap(), "a newer one was sent");
    assert!(!ledger.use_link(&second.token_hash, NOW + 60).await.unwrap(), "too late");
    assert_eq!(ledger.link(&second.token_hash, NOW).await.unwrap().unwrap(), second);
    let all = (0..8).map(|_| ledger.use_link(&second.token_hash, NOW));
    let won = futures_util::future::join_all(all).await.into_iter().filter(|one| *one.as_ref().unwrap());
    assert_eq!(won.count(), 1, "of eight at once one gets it");
    assert!(ledger.link(&second.token_hash, NOW).await.unwrap().is_none());
}

async fn guesses(ledger: &Ledger) {
    let guarded = format!("{}-guarded", std::process::id());
    assert_eq!(ledger.guesses(&guarded).await.unwrap(), Guesses::default());
    let one = Guesses { failures: 1, latest_at: NOW, paused_till: 0, version: 0 };
    assert!(ledger.count_guess(&guarded, one).await.unwrap());
    assert!(!ledger.count_guess(&guarded, one).await.unwrap(), "somebody counted first");
    let read = ledger.guesses(&guarded).await.unwrap();
    assert_eq!(read, Guesses { version: 1, ..one });
    assert!(ledger.count_guess(&guarded, Guesses { failures: 2, ..read }).await.unwrap());
    assert!(!ledger.count_guess(&guarded, Guesses { failures: 2, ..read }).await.unwrap());
    ledger.forget_guesses(&guarded).await.unwrap();
    assert_eq!(ledger.guesses(&guarded).await.unwrap(), Guesses::default());
}

async fn mails(ledger: &Ledger) {
    let mail = Mail {
        id: format!("m_{}", std::process::id()),
        sealed: "sealed".into(),
        attempts: 0,
        created_at: NOW,
        due_at: NOW + 5,
    };
    ledger.add_mail(&mail).await.unwrap();
    assert!(ledger.due_mails(NOW, 9).await.unwrap().is_empty());
    assert_eq!(ledger.due_mails(NOW + 5, 9).await.unwrap(), [mail.clone()]);
    assert!(ledger.take_mail(&mail, NOW + 60).await.unwrap());
    assert!(!ledger.take_mail(&mail, NOW + 60).await.unwrap(), "another program has it");
    assert_eq!(ledger.mails(9).await.unwrap().first().unwrap().attempts, 1);
    ledger.remove_mail(&mail.id).await.unwrap();
    assert!(ledger.mails(9).await.unwrap().is_empty());
    ledger.add_mail(&mail).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_kept_in_every_database() {
    let file = std::env::temp_dir().join(format!("portico-accounts-{}.db", std::process::id()));
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", file.display()));
    }
    check(&format!("sqlite:{}", file.display())).await;
    for name in ["POSTGRES", "MARIADB"] {
        if let Ok(url) = std::env::var(format!("PORTICO_TEST_{name}")) {
            check(&url).await;
        }
    }
}
