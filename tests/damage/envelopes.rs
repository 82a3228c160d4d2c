//! Damage in XML: what `tests/roads/soap.md` recorded of a SOAP system, spoilt in the ways that XML has of its own.
//! A spoilt envelope is a fault of the system, whatever it holds; entities are never expanded, and nothing foreign is
//! shown.

use super::{harm::Dice, judge, rig::Came};
use crate::{
    roads::read::{Exchange, Request, Step, read},
    support,
};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use portico::{
    backend::{
        Sources,
        http::{Lost, Outgoing, Received, Transport},
    },
    fault::{Diagnostics, Fault},
    pipeline::{Facade, Instance},
    plan::{HttpSource, compile::compile},
    spec::load::{Tree, load},
    telemetry::clock::Fixed,
    value::time::Moment,
};
use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

const SPEC: &str = "tests/roads/soap.md";

/// What the system answers now.
type Answer = Arc<Mutex<(u16, String, Vec<u8>)>>;

#[test]
fn a_spoilt_envelope_is_a_fault() {
    let spec = read(&support::read(SPEC)).unwrap();
    let mut pairs: Vec<(&Exchange, &Request)> = Vec::new();
    let mut before: Vec<&Exchange> = Vec::new();
    for step in &spec.steps {
        match step {
            Step::Exchange(exchange) => before.push(exchange),
            Step::Request(request) => {
                let shown = request.ask.starts_with("GET ") && request.answer.first == "200";
                if let ([one], true) = (before.as_slice(), shown) {
                    pairs.push((one, request));
                }
                before.clear();
            }
        }
    }
    assert!(!pairs.is_empty(), "{SPEC} has no read of one call any more");
    let answer = Answer::default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let facade = facade(&spec.files, &answer).await;
        let mut dice = Dice(20_261_121);
        for (exchange, request) in pairs {
            let good = exchange.reply.body.clone().unwrap();
            let kind = exchange.reply.headers.iter().find(|(name, _)| name == "content-type");
            let kind = kind.map_or_else(|| "text/xml".to_owned(), |(_, value)| value.clone());
            let honest = ask(&facade, &answer, &kind, good.as_bytes(), request).await;
            assert_eq!(honest.status, 200, "{}: {}", request.ask, honest.body);
            for (way, body) in ways(&mut dice, &good) {
                let came = ask(&facade, &answer, &kind, &body, request).await;
                if came != honest {
                    // The detail in the log is looked at where the damage is in JSON; here the public side.
                    let verdict = judge::fault(&came, &["`envelope`".to_owned()]);
                    assert_eq!(verdict, Ok(()), "{}: {way}: {}", request.ask, came.body);
                }
                assert!(!came.body.contains("lol"), "{way}: an entity was expanded");
            }
        }
    });
}

fn ways(dice: &mut Dice, good: &str) -> Vec<(String, Vec<u8>)> {
    let root = good.find("<?").map_or(0, |at| good[at..].find("?>").map_or(0, |end| at + end + 2));
    let (head, document) = good.split_at(root);
    let end = good.rfind("</").unwrap();
    let laughs: String =
        (1..10).map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10))).collect();
    let inner = document.find('>').map_or(0, |at| root + at + 1);
    let text = |at: usize, new: &str| format!("{}{new}{}", &good[..at], &good[at..]).into_bytes();
    let mut all = vec![
        ("bomb".to_owned(), format!("{head}<!DOCTYPE x [<!ENTITY l0 \"lol\">{laughs}]>{document}").into()),
        ("doctype".into(), format!("{head}<!DOCTYPE x SYSTEM \"file:///etc/passwd\">{document}").into()),
        ("entity".into(), text(inner, "&lol;")),
        ("deep".into(), text(end, &format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000)))),
        ("open".into(), text(end, &"<a>".repeat(100_000))),
        (
            "page".into(),
            b"<html><head><title>Maintenance</title></head><body>SQLSTATE</body></html>".to_vec(),
        ),
        ("json".into(), br#"{"error":"SQLSTATE"}"#.to_vec()),
        ("empty".into(), Vec::new()),
        ("two documents".into(), [good.as_bytes(), document.as_bytes()].concat()),
        ("utf-16".into(), good.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("latin-1".into(), [&good.as_bytes()[..end], b"\xe9", &good.as_bytes()[end..]].concat()),
    ];
    let whole = good.trim_end().len();
    all.extend(
        (0..200)
            .map(|_| dice.below(whole))
            .map(|at| (format!("cut at {at}"), good.as_bytes()[..at].to_vec())),
    );
    all
}

async fn facade(files: &[(String, String)], answer: &Answer) -> Facade {
    portico::edge::install_tls_provider();
    let config = files.iter().map(|(name, _)| name).find(|name| name.starts_with("config/")).unwrap();
    let tree = files.iter().map(|(name, text)| (name.into(), text.clone())).collect();
    let mut out = Diagnostics::new();
    let words = load(&Tree::Memory(tree), Path::new(config), &mut out);
    let plan = compile(&words, &mut out).unwrap_or_else(|| panic!("{}", out.render_plain()));
    let answer = Arc::clone(answer);
    let connect = move |_: &HttpSource| -> Result<Transport, Fault> {
        let answer = Arc::clone(&answer);
        Ok(Transport::new(tower::service_fn(move |_: Outgoing| {
            let (status, kind, body) = answer.lock().unwrap().clone();
            let mut headers = http::HeaderMap::new();
            headers.insert("content-type", kind.parse().unwrap());
            std::future::ready(Ok::<_, Lost>(Received { status, headers, retry_after: None, body }))
        })))
    };
    let sources = Sources::build(&plan, None, &connect).await.unwrap();
    Facade::new(Instance { plan, sources }, Arc::new(Fixed(Moment { seconds: super::rig::NOW, nanos: 0 })))
}

async fn ask(facade: &Facade, answer: &Answer, kind: &str, body: &[u8], request: &Request) -> Came {
    *answer.lock().unwrap() = (200, kind.to_owned(), body.to_vec());
    let (method, target) = request.ask.split_once(' ').unwrap();
    let mut built = http::Request::builder().method(method).uri(target);
    for (name, value) in &request.headers {
        built = built.header(name, value);
    }
    let built = built.body(Full::new(Bytes::new())).unwrap();
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    let (head, body) =
        facade.answer_as(portico::identity::Caller::operator(), built, deadline).await.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Came { status: head.status.as_u16(), body: String::from_utf8(body.to_vec()).unwrap() }
}
