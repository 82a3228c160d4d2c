//! Answers without end: a body of 100 MB is refused while most of it has not been sent, whether its length is told or
//! not. This one goes over a real socket, because what bounds it is the client's side of one.

use portico::{
    backend::http::{Lost, Outgoing, network},
    fault::Diagnostics,
    plan::{HttpSource, SourceKind, compile::compile},
    spec::load::{Tree, load},
};
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

const MEGABYTE: usize = 1 << 20;
/// What lies in the sockets' buffers on both sides at most, whoever reads.
const BUFFERS: usize = 12 * MEGABYTE;

#[test]
fn an_answer_of_a_hundred_megabytes_is_refused_before_it_is_held() {
    portico::edge::install_tls_provider();
    for chunked in [true, false] {
        let (lost, sent) = fetch(chunked);
        assert_eq!(lost, Lost::TooLarge, "chunked: {chunked}");
        assert!(sent < MEGABYTE + BUFFERS, "chunked: {chunked}: {sent} bytes were taken");
    }
}

fn fetch(chunked: bool) -> (Lost, usize) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let sent = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&sent);
    let server = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        pour(stream, chunked, &counter);
    });
    let source = source(&address);
    let limit = source.answer_bytes;
    assert_eq!(limit, MEGABYTE as u64);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let lost = runtime.block_on(async {
        let outgoing = Outgoing {
            method: "GET",
            url: format!("{address}/endless"),
            headers: Vec::new(),
            body: None,
            deadline: tokio::time::Instant::now() + Duration::from_secs(10),
            limit,
        };
        network(&source).unwrap().send(outgoing).await.unwrap_err()
    });
    drop(runtime);
    server.join().unwrap();
    (lost, sent.load(Ordering::Relaxed))
}

/// The head and a hundred megabytes of one string, as long as somebody takes them.
fn pour(mut stream: TcpStream, chunked: bool, sent: &AtomicUsize) {
    let mut asked = [0; 4096];
    _ = stream.read(&mut asked);
    stream.set_write_timeout(Some(Duration::from_secs(5))).unwrap();
    let length = if chunked {
        "transfer-encoding: chunked".to_owned()
    } else {
        format!("content-length: {}", 100 * MEGABYTE)
    };
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{length}\r\n\r\n");
    if stream.write_all(head.as_bytes()).is_err() {
        return;
    }
    let mut piece = vec![b'a'; 64 * 1024];
    piece[0] = b'"';
    for _ in 0..100 * MEGABYTE / piece.len() {
        let frame = if chunked { format!("{:x}\r\n", piece.len()) } else { String::new() };
        let end: &[u8] = if chunked { b"\r\n" } else { b"" };
        if [frame.as_bytes(), &piece, end].into_iter().any(|part| stream.write_all(part).is_err()) {
            return;
        }
        sent.fetch_add(piece.len(), Ordering::Relaxed);
        piece[0] = b'a';
    }
}

/// A source that takes answers of a megabyte.
fn source(address: &str) -> HttpSource {
    let config = "config/damage.yaml";
    let text = super::rig::CONFIG.replace(
        "\"http://127.0.0.1:4199\", plain: true, deadline: 5s",
        &format!("\"{address}\", plain: true, deadline: 5s, answerBytes: {MEGABYTE}"),
    );
    let files = super::rig::files(config, text);
    let mut out = Diagnostics::new();
    let words = load(&Tree::Memory(files), Path::new(config), &mut out);
    let plan = compile(&words, &mut out).unwrap_or_else(|| panic!("{}", out.render_plain()));
    let found = plan.sources.iter().find_map(|source| match &source.kind {
        SourceKind::Http(http) if source.name == "shelf" => Some(http.clone()),
        _ => None,
    });
    found.unwrap()
}
