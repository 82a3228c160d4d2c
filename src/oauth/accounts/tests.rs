use super::{
    Consent, Desk, Minted, Parts, Record, Records, Settings, Tokens, address,
    body::Body,
    language::Language,
    links::Purpose,
    mail::Message,
    register::Wish,
    sessions,
    staff::{Hand, Person},
};
use crate::{
    fault::{Fault, Violation, code},
    identity::sealer::Ephemeral,
    ledger::{
        Ledger,
        accounts::{Account, Status},
    },
    oauth::seams,
    plan::{
        SecretRef, SqlSource,
        identity::accounts::{self as plan, Field, Mail, Register, Way, Words},
    },
    telemetry::clock::Clock,
    value::time::Moment,
};
use async_trait::async_trait;
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
    time::Duration,
};

const GOOD: &str = "four quiet herons";
const MARIA: &str = "maria@example.org";

/// A time that a test turns on.
#[derive(Debug)]
struct Turned(AtomicI64);

impl Clock for Turned {
    fn now(&self) -> Moment {
        Moment { seconds: self.0.load(Ordering::SeqCst), nanos: 0 }
    }
}

/// A system of records that can fail before and after it has made one.
#[derive(Debug, Default)]
struct Shelf {
    records: Mutex<BTreeMap<String, String>>,
    trouble: Mutex<Trouble>,
    asked: AtomicUsize,
}

#[derive(Debug, Default, Clone, Copy, PartialEq)]
enum Trouble {
    #[default]
    None,
    /// It fails, and nothing was made.
    Before,
    /// It makes the record, and its answer is lost.
    After,
    /// It makes the record, and cannot be asked any more.
    Gone,
}

#[async_trait]
impl Records for Shelf {
    fn judge(&self, _: &Register, record: &Record) -> Result<(), Fault> {
        let bad = record.get("givenName").is_some_and(|name| name == "X");
        let bad = bad.then(|| Violation::pointer("/givenName", &code::OUT_OF_BOUNDS, "too short"));
        Fault::of_violations(bad.into_iter().collect()).map_or(Ok(()), Err)
    }

    async fn find(&self, _: &Register, address: &str) -> Result<Option<String>, Fault> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if *self.trouble.lock().unwrap() == Trouble::Gone
            && self.records.lock().unwrap().contains_key(address)
        {
            return Err(Fault::plain(&code::UNREACHABLE));
        }
        Ok(self.records.lock().unwrap().get(address).cloned())
    }

    async fn make(&self, _: &Register, record: &Record) -> Result<String, Fault> {
        let trouble = *self.trouble.lock().unwrap();
        if trouble == Trouble::Before {
            return Err(Fault::plain(&code::BACKEND_FAILED));
        }
        let mut records = self.records.lock().unwrap();
        let key = format!("{}", 66 + records.len());
        records.insert(record["email"].as_str().unwrap().to_owned(), key.clone());
        if trouble == Trouble::None { Ok(key) } else { Err(Fault::plain(&code::OUTCOME_UNKNOWN)) }
    }
}

/// Tokens that are counted, and remembered when they are revoked.
#[derive(Debug, Default)]
struct Purse {
    made: AtomicUsize,
    revoked: Mutex<Vec<String>>,
}

#[async_trait]
impl Tokens for Purse {
    async fn begin(&self, _: &str, account: &seams::Account, _: i64) -> Result<Minted, Fault> {
        let n = self.made.fetch_add(1, Ordering::SeqCst);
        let text = |kind: &str| format!("{kind}{n}");
        Ok(Minted {
            access: text("at"),
            expires_in: 900,
            refresh: text("rt"),
            family: text("g"),
            account: account.id.clone(),
        })
    }
    async fn renew(&self, _: &str, _: &str) -> Result<Option<Minted>, Fault> {
        Ok(None)
    }
    async fn end(&self, _: &str, refresh: &str) -> Result<Option<String>, Fault> {
        Ok(Some(refresh.replace("rt", "g")))
    }
    async fn revoke(&self, family: &str) -> Result<(), Fault> {
        self.revoked.lock().unwrap().push(family.to_owned());
        Ok(())
    }
    async fn revoke_account(&self, account: &str) -> Result<(), Fault> {
        self.revoke(account).await
    }
    async fn consents(&self, _: &str) -> Result<Vec<Consent>, Fault> {
        Ok(Vec::new())
    }
    async fn withdraw(&self, _: &str, _: &str) -> Result<(), Fault> {
        Ok(())
    }
}

#[derive(Debug)]
struct Always(Arc<Settings>);

impl super::Configured for Always {
    fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.0)
    }
}

struct House {
    desk: Arc<Desk>,
    clock: Arc<Turned>,
    shelf: Arc<Shelf>,
    purse: Arc<Purse>,
}

fn words() -> Words {
    Words { en: "Name".into(), es: "Nombre".into() }
}

async fn house(name: &str) -> House {
    let file = std::env::temp_dir().join(format!("portico-people-{}-{name}.db", std::process::id()));
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", file.display()));
    }
    let source = SqlSource {
        url: SecretRef::Plain(format!("sqlite:{}", file.display())),
        root: std::env::temp_dir(),
        migrations: None,
        connections: 4,
        deadline: Duration::from_secs(10),
    };
    let register = Register {
        resource: 0,
        name: "customers".into(),
        path: "/v1/customers".into(),
        role: "owner".into(),
        claim: "customer".into(),
        address: "email".into(),
        fields: vec![Field { name: "givenName".into(), member: 1, required: true, label: words() }],
    };
    let settings = Settings {
        public_url: "https://a.example".into(),
        accounts: plan::Accounts { apps: vec!["app".into()], register: Some(register), names: Vec::new() },
        mail: Some(Mail { from: "a@a.example".into(), way: Way::Catch }),
    };
    let clock = Arc::new(Turned(AtomicI64::new(1_795_262_400)));
    let (shelf, purse) = (Arc::new(Shelf::default()), Arc::new(Purse::default()));
    let parts = Parts {
        ledger: Ledger::open(&source).await.unwrap(),
        clock: Arc::clone(&clock) as _,
        sealer: Arc::new(Ephemeral::new()),
        configured: Arc::new(Always(Arc::new(settings))),
        records: Arc::clone(&shelf) as _,
        tokens: Arc::clone(&purse) as _,
    };
    House { desk: Arc::new(Desk::open(parts).await.unwrap()), clock, shelf, purse }
}

impl House {
    async fn register(&self, email: &str, password: &str, name: &str) -> Result<(), Fault> {
        let register = self.desk.registering().unwrap();
        let pairs = [("email", email), ("password", password), ("givenName", name)];
        let mut body = Body::of_form(pairs.map(|(n, v)| (n.to_owned(), v.to_owned())).into());
        let wish = Wish::of(&mut body, &register, Language::English);
        self.desk.register(body, &register, wish, None).await
    }

    async fn mails(&self) -> Vec<Message> {
        self.desk.caught().await.unwrap().unwrap().into_iter().map(|(_, message)| message).collect()
    }

    /// The token of the newest link that was sent.
    async fn token(&self) -> String {
        let mails = self.mails().await;
        let text = mails.iter().find_map(|mail| mail.text.split_once("token=")).unwrap().1;
        text.lines().next().unwrap().to_owned()
    }

    async fn account(&self, email: &str) -> Option<Account> {
        self.desk.find(email).await.unwrap()
    }

    async fn login(&self, email: &str, password: &str) -> Result<Account, &'static str> {
        self.desk.login(email, password, None).await.map_err(|fault| fault.code.id)
    }

    fn later(&self, seconds: i64) {
        // Messages that come later are newer ones.
        self.clock.0.fetch_add(seconds, Ordering::SeqCst);
    }

    fn trouble(&self, trouble: Trouble) {
        *self.shelf.trouble.lock().unwrap() = trouble;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn registering_makes_an_account_and_its_record() {
    let house = house("register").await;
    house.register("  Maria@Example.org ", GOOD, "Maria").await.unwrap();
    let account = house.account(MARIA).await.unwrap();
    assert_eq!(account.claims, [("customer".to_owned(), "66".to_owned())]);
    assert_eq!(
        (account.record.as_deref(), account.roles.as_slice()),
        (Some("customers/66"), ["owner".to_owned()].as_slice())
    );
    assert!(!account.email_sealed.contains("maria") && !account.email_index.contains("maria"));
    assert_eq!(house.login(MARIA, GOOD).await, Err("F242"), "the address is not proven yet");
    let token = house.token().await;
    house.desk.verify(&token).await.unwrap();
    assert_eq!(house.desk.verify(&token).await.unwrap_err().code.id, "F243", "a link is used once");
    let account = house.login(MARIA, GOOD).await.unwrap();
    assert_eq!(house.desk.known(&account).email.as_deref(), Some(MARIA));
    assert_eq!(house.login(MARIA, "five quiet herons").await, Err("F242"));
    assert_eq!(house.login("nobody@example.org", GOOD).await, Err("F242"));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_is_wrong_is_told_at_once_and_nothing_is_made() {
    let house = house("wrong").await;
    let fault = house.register("maria", "12345678", "X").await.unwrap_err();
    let places: Vec<_> = fault.violations.iter().map(|one| format!("{:?} {}", one.place, one.code)).collect();
    assert_eq!(
        places,
        ["Pointer(\"/email\") F445", "Pointer(\"/password\") F446", "Pointer(\"/givenName\") F446"]
    );
    assert!(house.shelf.records.lock().unwrap().is_empty() && house.mails().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_address_is_told_to_its_owner_alone() {
    let house = house("known").await;
    let asked = |house: &House| house.shelf.asked.load(Ordering::SeqCst);
    house.register(MARIA, GOOD, "Maria").await.unwrap();
    house.desk.verify(&house.token().await).await.unwrap();
    let before = asked(&house);
    let begun = std::time::Instant::now();
    house.register("new@example.org", GOOD, "New").await.unwrap();
    let (new, new_asked) = (begun.elapsed(), asked(&house) - before);
    let begun = std::time::Instant::now();
    house.later(1);
    house.register(MARIA, "another good one", "Thief").await.unwrap();
    let (known, known_asked) = (begun.elapsed(), asked(&house) - before - new_asked);
    // The same answer, the same question to the system of records, and neither sooner than the pace.
    assert_eq!((new_asked, known_asked), (1, 1));
    assert!(new >= Duration::from_millis(390) && known >= Duration::from_millis(390));
    let newest = house.mails().await.remove(0);
    assert!(
        newest.to == MARIA && newest.subject.starts_with("You have an account already"),
        "{}",
        newest.subject
    );
    assert!(house.login(MARIA, GOOD).await.is_ok() && house.login(MARIA, "another good one").await.is_err());
    // What is wrong is told for both alike.
    for email in [MARIA, "third@example.org"] {
        assert_eq!(house.register(email, GOOD, "X").await.unwrap_err().code.id, "F446");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_for_known_and_unknown_addresses_cost_the_same() {
    let house = house("cost").await;
    house.register(MARIA, GOOD, "Maria").await.unwrap();
    house.desk.verify(&house.token().await).await.unwrap();
    let mut spent = [Duration::ZERO; 2];
    for _ in 0..4 {
        for (at, email) in [MARIA, "nobody@example.org"].into_iter().enumerate() {
            let begun = std::time::Instant::now();
            assert_eq!(house.login(email, "not the password").await, Err("F242"));
            spent[at] += begun.elapsed();
        }
    }
    let (known, unknown) = (spent[0].as_secs_f64(), spent[1].as_secs_f64());
    // Without the second hash one of them would be some hundredths of the other.
    assert!(known / unknown < 4.0 && unknown / known < 4.0, "{known} and {unknown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_rests_longer_and_longer_whether_there_is_an_account_or_not() {
    let house = house("guess").await;
    house.register(MARIA, GOOD, "Maria").await.unwrap();
    house.desk.verify(&house.token().await).await.unwrap();
    for email in [MARIA, "nobody@example.org"] {
        for _ in 0..6 {
            assert_eq!(house.login(email, "not the password").await, Err("F242"), "{email}");
        }
        let fault = house.desk.login(email, GOOD, None).await.unwrap_err();
        assert_eq!(
            (fault.code.id, fault.code.status, fault.retry_after),
            ("F241", 429, Some(Duration::from_secs(2)))
        );
    }
    house.later(2);
    assert_eq!(house.login(MARIA, "not the password").await, Err("F242"), "one more try");
    assert_eq!(house.login(MARIA, GOOD).await, Err("F241"), "and it rests again, longer");
    house.later(4);
    house.login(MARIA, GOOD).await.unwrap();
    house.login(MARIA, GOOD).await.unwrap();
    // Of many at once no more are looked at than may be.
    let all = (0..20).map(|_| house.login(MARIA, "not the password"));
    let all = futures_util::future::join_all(all).await;
    assert!(all.iter().filter(|one| **one == Err("F242")).count() <= 6, "{all:?}");
    // A network that tries many accounts is counted, too.
    let from = Some("192.0.2.1".parse().unwrap());
    let mut rested = false;
    for n in 0..60 {
        rested |= house.desk.count_login(&format!("n{n}@example.org"), from).await.is_err();
    }
    assert!(rested);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_is_set_by_a_link_once() {
    let house = house("forgot").await;
    house.register(MARIA, GOOD, "Maria").await.unwrap();
    house.desk.verify(&house.token().await).await.unwrap();
    let account = house.account(MARIA).await.unwrap();
    let cookie = house.desk.sign_in(&account, "Firefox", "").await.unwrap();
    let (minted, _) = house.desk.login_app("app", MARIA, GOOD, "Pixel", None).await.unwrap();
    let sent = house.mails().await.len();
    house.desk.forgot("nobody@example.org", None).await.unwrap();
    assert_eq!(house.mails().await.len(), sent, "nobody gets nothing");
    house.later(1);
    house.desk.forgot(MARIA, None).await.unwrap();
    let first = house.token().await;
    house.later(1);
    house.desk.forgot(MARIA, None).await.unwrap();
    let token = house.token().await;
    let refused = |done: Result<Account, Fault>| done.unwrap_err().code.id;
    assert_eq!(refused(house.desk.reset(&first, "a new good one").await), "F243", "a newer one was sent");
    assert_eq!(refused(house.desk.reset(&token, "12345678").await), "F446");
    assert_eq!(refused(house.desk.verify(&token).await), "F243", "it is for something else");
    house.desk.reset(&token, "a new good one").await.unwrap();
    assert_eq!(refused(house.desk.reset(&token, "a newer good one").await), "F243", "twice");
    assert!(house.login(MARIA, GOOD).await.is_err() && house.login(MARIA, "a new good one").await.is_ok());
    // Whoever was logged in is not any more, and the app's tokens count no longer.
    let header = format!("__Host-portico={cookie}");
    assert!(house.desk.signed_in(&header).await.unwrap().is_none());
    assert_eq!(*house.purse.revoked.lock().unwrap(), [minted.family]);
    house.later(1);
    house.desk.forgot(MARIA, None).await.unwrap();
    let token = house.token().await;
    house.later(3_600);
    assert_eq!(refused(house.desk.reset(&token, "too late by now").await), "F243");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_gets_few_messages() {
    let house = house("few").await;
    house.register(MARIA, GOOD, "Maria").await.unwrap();
    for _ in 0..8 {
        house.desk.forgot(MARIA, None).await.unwrap();
    }
    assert!(house.mails().await.len() <= 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_an_account_nor_a_record_is_left_alone() {
    let house = house("crash").await;
    house.trouble(Trouble::Before);
    let fault = house.register(MARIA, GOOD, "Maria").await.unwrap_err();
    assert_eq!(fault.code.id, "F513");
    assert!(house.account(MARIA).await.is_none(), "no record, no account");
    // The record is there, though its answer was lost: the account stays, and is tied to it once the address is proven.
    house.trouble(Trouble::After);
    house.register(MARIA, GOOD, "Maria").await.unwrap();
    assert!(house.account(MARIA).await.unwrap().claims.is_empty());
    house.desk.verify(&house.token().await).await.unwrap();
    assert_eq!(house.account(MARIA).await.unwrap().claims, [("customer".to_owned(), "66".to_owned())]);
    // It cannot be known now: later it is.
    house.trouble(Trouble::Gone);
    assert!(house.register("jo@example.org", GOOD, "Jo").await.is_err());
    assert_eq!(house.account("jo@example.org").await.unwrap().status, Status::Making);
    assert!(house.login("jo@example.org", GOOD).await.is_err());
    house.later(301);
    house.desk.tend().await.unwrap();
    assert_eq!(house.account("jo@example.org").await.unwrap().status, Status::Making, "still not known");
    house.trouble(Trouble::None);
    house.desk.tend().await.unwrap();
    assert_eq!(house.account("jo@example.org").await.unwrap().status, Status::Active);
    house.desk.verify(&house.token().await).await.unwrap();
    assert_eq!(house.account("jo@example.org").await.unwrap().claims[0].1, "67");
    // A crash before the record was made: the account goes.
    let begun = Account {
        id: "a_x".into(),
        email_index: house.desk.index("address", "k@example.org"),
        ..house.account(MARIA).await.unwrap()
    };
    let sealed = house.desk.seal_address("a_x", "k@example.org").unwrap();
    let begun =
        Account { email_sealed: sealed, status: Status::Making, record: None, claims: Vec::new(), ..begun };
    house.desk.ledger().add_account(&begun).await.unwrap();
    house.later(301);
    house.desk.tend().await.unwrap();
    assert!(house.account("k@example.org").await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_earlier_customer_is_theirs_whose_address_it_is() {
    let house = house("adopt").await;
    house.shelf.records.lock().unwrap().insert(MARIA.into(), "7".into());
    house.register(MARIA, GOOD, "Thief").await.unwrap();
    assert!(house.account(MARIA).await.unwrap().claims.is_empty(), "registering alone gives nothing");
    assert_eq!(house.shelf.records.lock().unwrap().len(), 1, "no second record");
    house.desk.verify(&house.token().await).await.unwrap();
    assert_eq!(house.account(MARIA).await.unwrap().claims[0].1, "7");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_who_registers_an_unproven_address_counts() {
    let house = house("last").await;
    house.register(MARIA, GOOD, "Thief").await.unwrap();
    let first = house.token().await;
    house.later(1);
    house.register(MARIA, "mine and mine alone", "Maria").await.unwrap();
    assert_eq!(house.desk.verify(&first).await.unwrap_err().code.id, "F243");
    house.desk.verify(&house.token().await).await.unwrap();
    assert!(
        house.login(MARIA, GOOD).await.is_err() && house.login(MARIA, "mine and mine alone").await.is_ok()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_end_when_they_are_told_to_and_by_themselves() {
    let house = house("sessions").await;
    house.register(MARIA, GOOD, "Maria").await.unwrap();
    house.desk.verify(&house.token().await).await.unwrap();
    let account = house.account(MARIA).await.unwrap();
    let header = |cookie: &str| format!("x=1; __Host-portico={cookie}");
    let one = house.desk.sign_in(&account, "Firefox\u{7}", "").await.unwrap();
    let two = house.desk.sign_in(&account, "Chromium", "").await.unwrap();
    let (first, _) = house.desk.signed_in(&header(&one)).await.unwrap().unwrap();
    assert_eq!(first.device, "Firefox");
    assert_eq!(house.desk.sessions(&account.id).await.unwrap().len(), 2);
    assert!(!house.desk.end_session("a_other", &first.id).await.unwrap(), "another's session is none");
    assert!(house.desk.end_session(&account.id, &first.id).await.unwrap());
    assert!(house.desk.signed_in(&header(&one)).await.unwrap().is_none());
    // Logging in anew at a browser ends what it had.
    let three = house.desk.sign_in(&account, "Chromium", &header(&two)).await.unwrap();
    assert!(house.desk.signed_in(&header(&two)).await.unwrap().is_none());
    house.later(86_400 - 1);
    assert!(house.desk.signed_in(&header(&three)).await.unwrap().is_some(), "seen within a day");
    for _ in 0..13 {
        house.later(86_399);
        house.desk.signed_in(&header(&three)).await.unwrap();
    }
    house.later(14);
    assert!(house.desk.signed_in(&header(&three)).await.unwrap().is_none(), "two weeks are the longest");
    let four = house.desk.sign_in(&account, "Chromium", "").await.unwrap();
    house.later(86_400);
    assert!(house.desk.signed_in(&header(&four)).await.unwrap().is_none(), "a quiet day");
    // An app's session ends with its tokens.
    let (minted, _) = house.desk.login_app("app", MARIA, GOOD, "Pixel", None).await.unwrap();
    let all = house.desk.sessions(&account.id).await.unwrap();
    let app = all.iter().find(|session| session.kind == sessions::APP).unwrap();
    house.desk.end_session(&account.id, &app.id).await.unwrap();
    assert_eq!(*house.purse.revoked.lock().unwrap(), [minted.family]);
    assert_eq!(house.desk.own_app("app").map_err(|f| f.code.id), Ok(()));
    assert_eq!(house.desk.own_app("vendor").map_err(|f| f.code.id), Err("F244"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_changed_by_who_knows_it() {
    let house = house("change").await;
    house.register(MARIA, GOOD, "Maria").await.unwrap();
    house.desk.verify(&house.token().await).await.unwrap();
    let account = house.account(MARIA).await.unwrap();
    let (here, there) = (
        house.desk.sign_in(&account, "A", "").await.unwrap(),
        house.desk.sign_in(&account, "B", "").await.unwrap(),
    );
    let header = |cookie: &str| format!("__Host-portico={cookie}");
    let (session, _) = house.desk.signed_in(&header(&here)).await.unwrap().unwrap();
    let change = async |old: &str, new: &str| {
        let done = house.desk.change_password(&account, &session.id, old, new, None).await;
        done.map_err(|fault| fault.code.id)
    };
    assert_eq!(change("wrong one here", "a new good one").await, Err("F242"));
    assert_eq!(change(GOOD, "short").await, Err("F446"));
    assert_eq!(change(GOOD, "a new good one").await, Ok(()));
    assert!(house.desk.signed_in(&header(&here)).await.unwrap().is_some(), "this browser stays");
    assert!(house.desk.signed_in(&header(&there)).await.unwrap().is_none());
    assert!(house.login(MARIA, "a new good one").await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_choose_their_password_and_can_be_stopped() {
    let house = house("staff").await;
    let person = Person {
        address: "Alice@clinic.example".into(),
        roles: vec!["groomer".into()],
        claims: vec![("provider".into(), "123".into())],
        language: Language::Spanish,
    };
    let (alice, link) = house.desk.add(&person, Hand::Printed).await.unwrap();
    assert!(house.mails().await.is_empty(), "it was printed");
    assert_eq!(house.desk.add(&person, Hand::Mailed).await.unwrap_err().code.id, "F464");
    let bad = Person { address: "alice".into(), ..person.clone() };
    assert_eq!(house.desk.add(&bad, Hand::Mailed).await.unwrap_err().code.id, "F445");
    let link = link.unwrap();
    let token = link.split_once("https://a.example/account/reset?token=").unwrap().1;
    assert!(house.desk.of_link(token, &[Purpose::Invite]).await.unwrap().is_some());
    house.desk.reset(token, GOOD).await.unwrap();
    let known = house.login("alice@clinic.example", GOOD).await.unwrap();
    assert_eq!(known.claims, [("provider".to_owned(), "123".to_owned())], "no customer is hers");
    assert!(house.mails().await[0].subject.starts_with("Su contraseña ha cambiado"));
    let cookie = house.desk.sign_in(&known, "A", "").await.unwrap();
    let header = format!("__Host-portico={cookie}");
    let vet = house.desk.appoint(&known, vec!["vet".into()], vec![]).await.unwrap();
    assert!(house.desk.signed_in(&header).await.unwrap().is_none(), "no session says otherwise");
    house.desk.set_status(&vet, Status::Disabled).await.unwrap();
    assert_eq!(house.login("alice@clinic.example", GOOD).await, Err("F242"));
    assert!(house.purse.revoked.lock().unwrap().contains(&alice.id));
    assert!(!seams::Accounts::account(&*house.desk, &alice.id).await.unwrap().unwrap().active);
    let vet = house.account("alice@clinic.example").await.unwrap();
    house.desk.set_status(&vet, Status::Active).await.unwrap();
    assert!(house.login("alice@clinic.example", GOOD).await.is_ok());
    assert_eq!(house.desk.list().await.unwrap()[0].1, "alice@clinic.example");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_key_is_taken_while_nobody_is_lost_by_it() {
    let house = house("key").await;
    let parts = || Parts { sealer: Arc::new(Ephemeral::new()), ..house.desk.parts.clone() };
    let desk = Desk::open(parts()).await.unwrap();
    let person = Person {
        address: MARIA.into(),
        roles: vec!["vet".into()],
        claims: Vec::new(),
        language: Language::English,
    };
    desk.add(&person, Hand::Printed).await.unwrap();
    assert_eq!(Desk::open(parts()).await.unwrap_err().code.id, "F913");
    assert_eq!(address::normalised("x"), None);
}
