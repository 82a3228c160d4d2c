//! A system that takes a request and does not say what came of it: nothing is repeated blindly, what can be looked for is
//! looked for, and the rest is told.

use super::{Hands, Question, ask, post, received, shelter};
use portico::{
    backend::http::{Lost, Outgoing, Received},
    idempotency::{Memory, Store},
};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

/// How the system answers the next creates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    Well,
    /// It does what it is asked for, and the answer is lost.
    Breaks,
    /// It does nothing, and the answer is lost.
    Swallows,
    Unreachable,
    Refuses,
}

#[derive(Debug)]
struct System {
    mood: Mutex<Mood>,
    creates: AtomicUsize,
    names: Mutex<Vec<String>>,
    keys: Mutex<Vec<String>>,
}

impl System {
    fn new() -> Arc<Self> {
        let (mood, creates) = (Mutex::new(Mood::Well), AtomicUsize::new(0));
        Arc::new(Self { mood, creates, names: Mutex::default(), keys: Mutex::default() })
    }

    fn mood(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    fn answer(&self, outgoing: &Outgoing) -> Result<Received, Lost> {
        let row = |number: usize, name: &str| {
            format!(r#"{{"id":"{}","name":{name},"kind":"D","weight":9,"born":null}}"#, number + 1)
        };
        let mut names = self.names.lock().unwrap();
        if outgoing.method == "POST" {
            let mood = *self.mood.lock().unwrap();
            if mood == Mood::Unreachable {
                return Err(Lost::Unreachable("refused".into()));
            }
            self.creates.fetch_add(1, Ordering::SeqCst);
            let key = outgoing.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("idempotency-key"));
            self.keys.lock().unwrap().extend(key.map(|(_, value)| value.to_string()));
            let body: serde_json::Value = serde_json::from_slice(outgoing.body.as_ref().unwrap()).unwrap();
            if mood == Mood::Refuses {
                return Ok(received(422, r#"{"message":"no"}"#));
            }
            if mood != Mood::Swallows {
                names.push(body["name"].to_string());
            }
            if mood != Mood::Well {
                return Err(Lost::Broken("reset".into()));
            }
            return Ok(received(201, &row(names.len() - 1, &names[names.len() - 1])));
        }
        let number = outgoing.url.rsplit('/').next().and_then(|last| last.parse::<usize>().ok());
        let Some(number) = number else {
            let rows: Vec<String> =
                names.iter().enumerate().map(|(number, name)| row(number, name)).collect();
            return Ok(received(200, &format!("[{}]", rows.join(","))));
        };
        Ok(names.get(number - 1).map_or(received(404, ""), |name| received(200, &row(number - 1, name))))
    }
}

fn pet(key: &str, name: &str) -> Question {
    post("/v1/pets", key, &format!(r#"{{"name":"{name}"}}"#))
}

async fn facade(
    system: &Arc<System>,
    clock: &Arc<Hands>,
    create: &str,
) -> (portico::pipeline::Facade, Arc<Memory>) {
    let store = Arc::new(Memory::default());
    let binding = crate::support::read("tests/mappings/shelter/mappings/rescue/v1/pets.desk.yaml")
        .replace("create: { call: add, then: read }", create);
    let files = [("mappings/rescue/v1/pets.desk.yaml", binding.as_str())];
    let (own, clock) = (Arc::clone(system), Arc::clone(clock));
    let kept: Arc<dyn Store> = Arc::clone(&store) as Arc<dyn Store>;
    let facade = shelter(&files, clock, kept, move |outgoing: Outgoing| {
        let system = Arc::clone(&own);
        async move {
            tokio::time::sleep(Duration::from_millis(5)).await;
            system.answer(&outgoing)
        }
    });
    (facade.await, store)
}

const PLAIN: &str = "create: { call: add, then: read }";

#[tokio::test]
async fn what_surely_did_nothing_frees_the_key() {
    let (system, clock) = (System::new(), Hands::new());
    let (facade, store) = facade(&system, &clock, PLAIN).await;
    for (mood, code) in [(Mood::Unreachable, "F511"), (Mood::Refuses, "F516")] {
        system.mood(mood);
        assert_eq!(ask(&facade, &pet("k", "Rex")).await.code(), code);
    }
    system.mood(Mood::Well);
    let heard = ask(&facade, &pet("k", "Rex")).await;
    assert_eq!((heard.status, heard.header("idempotency-replayed")), (201, None));
    assert_eq!(store.unknown(i64::MAX, 10).await.unwrap(), []);
}

#[tokio::test]
async fn what_nobody_knows_is_told_and_never_repeated() {
    let (system, clock) = (System::new(), Hands::new());
    let (facade, store) = facade(&system, &clock, PLAIN).await;
    system.mood(Mood::Breaks);
    let all =
        futures_util::future::join_all((0..20).map(|_| async { ask(&facade, &pet("k", "Rex")).await })).await;
    assert!(all.iter().all(|heard| heard.status == 500 && heard.code() == "F519"), "{all:?}");
    system.mood(Mood::Well);
    clock.forward(3_600);
    assert_eq!(ask(&facade, &pet("k", "Rex")).await.code(), "F519");
    assert_eq!(system.creates.load(Ordering::SeqCst), 1, "it was sent once");
    let shown = store.unknown(i64::MAX, 10).await.unwrap();
    let id = portico::idempotency::Id { caller: shown[0].caller.clone(), key: "k".into() };
    assert!(store.settle(&id, i64::MAX).await.unwrap(), "an operator has looked");
    assert!(!store.settle(&id, i64::MAX).await.unwrap());
    assert_eq!(ask(&facade, &pet("k", "Rex")).await.status, 201);
    assert_eq!(
        shown.iter().map(|one| (one.key.as_str(), one.what.as_str())).collect::<Vec<_>>(),
        [("k", "create rescue/v1/pets")]
    );
}

#[tokio::test]
async fn a_declared_look_up_says_whether_it_was_done() {
    for (mood, sent) in [(Mood::Breaks, 1), (Mood::Swallows, 2)] {
        let (system, clock) = (System::new(), Hands::new());
        let (facade, store) =
            facade(&system, &clock, "create: { call: add, then: read, find: [name] }").await;
        system.mood(mood);
        assert_eq!(ask(&facade, &pet("k", "Rex")).await.code(), "F519");
        system.mood(Mood::Well);
        clock.forward(5);
        let early = ask(&facade, &pet("k", "Rex")).await;
        assert_eq!((early.code().as_str(), early.header("retry-after")), ("F519", Some("6")), "{mood:?}");
        clock.forward(10);
        let heard = ask(&facade, &pet("k", "Rex")).await;
        assert_eq!(heard.status, 201, "{mood:?}: {heard:?}");
        assert_eq!(system.creates.load(Ordering::SeqCst), sent, "{mood:?}");
        assert_eq!(system.names.lock().unwrap().len(), 1, "{mood:?}: one effect");
        let again = ask(&facade, &pet("k", "Rex")).await;
        assert_eq!((&again.body, again.header("idempotency-replayed")), (&heard.body, Some("true")));
        assert_eq!(store.unknown(i64::MAX, 10).await.unwrap(), []);
    }
}

#[tokio::test]
async fn a_system_that_takes_keys_is_sent_the_same_one_again() {
    let (system, clock) = (System::new(), Hands::new());
    let create = "create: { call: add, then: read, idempotency: Idempotency-Key }";
    let (facade, _) = facade(&system, &clock, create).await;
    system.mood(Mood::Swallows);
    assert_eq!(ask(&facade, &pet("k", "Rex")).await.code(), "F519");
    system.mood(Mood::Well);
    clock.forward(60);
    assert_eq!(ask(&facade, &pet("k", "Rex")).await.status, 201);
    let keys = system.keys.lock().unwrap().clone();
    assert_eq!(keys.len(), 2);
    assert_eq!(keys[0], keys[1]);
}

#[tokio::test]
async fn whoever_is_cut_off_leaves_a_doubt_and_not_a_lock() {
    let (system, clock) = (System::new(), Hands::new());
    let (facade, store) = facade(&system, &clock, "create: { call: add, then: read, find: [name] }").await;
    let question = pet("k", "Rex");
    // The client's future goes while the system is being asked.
    let cut = tokio::time::timeout(Duration::from_millis(1), ask(&facade, &question)).await;
    assert!(cut.is_err());
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    clock.forward(60);
    assert_eq!(ask(&facade, &question).await.status, 201);
    assert_eq!(system.names.lock().unwrap().len(), 1);
    assert_eq!(store.unknown(i64::MAX, 10).await.unwrap(), []);
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_told_not_to_be_kept() {
    let (system, clock) = (System::new(), Hands::new());
    let (facade, _) = facade(&system, &clock, PLAIN).await;
    let question = pet("k", &"x".repeat(300_000));
    let first = ask(&facade, &question).await;
    assert_eq!((first.status, first.header("idempotency-kept")), (201, Some("false")), "{}", first.body);
    let again = ask(&facade, &question).await;
    assert_eq!((again.status, again.code().as_str()), (400, "F467"));
    assert!(again.body.contains("https://rescue.example/v1/pets/1"), "{}", again.body);
    assert_eq!(system.creates.load(Ordering::SeqCst), 1);
}
