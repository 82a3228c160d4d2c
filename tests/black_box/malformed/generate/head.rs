//! Heads that are no HTTP, or whose length can be read in two ways.

use super::{super::dice::Dice, Sent};

pub fn broken(dice: &mut Dice) -> Sent {
    let long = "a".repeat(9000);
    let many = (0..150).map(|n| format!("X-{n}: 1\r\n")).collect::<Vec<_>>().concat();
    let wide = (0..40).map(|n| format!("X-{n}: {}\r\n", "b".repeat(1000))).collect::<Vec<_>>().concat();
    let heads: Vec<Vec<u8>> = vec![
        b"GET /v1/pets/109 HTTP/1.1\r\n\r\n".to_vec(),
        b"GET /v1/pets/109 HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n".to_vec(),
        b"GET /v1/pets/109 HTTP/1.1\nHost: a\n\n".to_vec(),
        b"GET /v1/pets/109 HTTP/1.1\r\nHost : a\r\n\r\n".to_vec(),
        b"GET /v1/pets/109 HTTP/1.1\r\nHost: a\r\n folded: b\r\n\r\n".to_vec(),
        b"GET  /v1/pets/109 HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(),
        b"GET /v1/pets/109\r\n\r\n".to_vec(),
        b"GET /v1/pets/109 HTTP/3.0\r\nHost: a\r\n\r\n".to_vec(),
        b"GET /v1/pets/109 HTTP/1.9\r\nHost: a\r\n\r\n".to_vec(),
        b"GET /v1/pets/109 http/1.1\r\nHost: a\r\n\r\n".to_vec(),
        b"GET /v1/pets/1\x0009 HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(),
        b"GET /v1/pets/\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(),
        b"GET /v1/pets/109 HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n".to_vec(),
        b"GET /v1/pets/109 HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n".to_vec(),
        b"GET /v1/pets/109 HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n".to_vec(),
        b"GET /v1/pets/109 HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n".to_vec(),
        b"G\x7fT /v1/pets/109 HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(),
        b"POST /v1/pets HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x".to_vec(),
        b"POST /v1/pets HTTP/1.1\r\nHost: a\r\nContent-Length: 2, 2\r\n\r\n{}".to_vec(),
        b"POST /v1/pets HTTP/1.1\r\nHost: a\r\nContent-Length: -2\r\n\r\n{}".to_vec(),
        b"POST /v1/pets HTTP/1.1\r\nHost: a\r\nContent-Length: +2\r\n\r\n{}".to_vec(),
        b"POST /v1/pets HTTP/1.1\r\nHost: a\r\nContent-Length: 0x2\r\n\r\n{}".to_vec(),
        b"POST /v1/pets HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n{}".to_vec(),
        b"POST /v1/pets HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".to_vec(),
        b"POST /v1/pets HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n{}".to_vec(),
        b"POST /v1/pets HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n".to_vec(),
        b"POST /v1/pets HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n".to_vec(),
        b"POST /v1/pets HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".to_vec(),
        b"POST /v1/pets HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n".to_vec(),
        b"POST /v1/pets HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}xx0\r\n\r\n".to_vec(),
        b"POST /v1/pets HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n".to_vec(),
        b"POST /v1/pets HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;a=\"b\r\n{}\r\n0\r\n\r\n".to_vec(),
        format!("GET /v1/pets?fields={long} HTTP/1.1\r\nHost: a\r\n\r\n").into_bytes(),
        format!("GET /v1/pets/109 HTTP/1.1\r\nHost: a\r\n{many}\r\n").into_bytes(),
        format!("GET /v1/pets/109 HTTP/1.1\r\nHost: a\r\n{wide}\r\n").into_bytes(),
        b"CONNECT 127.0.0.1:80 HTTP/1.1\r\nHost: 127.0.0.1:80\r\n\r\n".to_vec(),
        b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(),
        b"GET http://a/v1/pets/109 HTTP/1.1\r\nHost: b\r\n\r\n".to_vec(),
        b"GET ftp://a/v1/pets/109 HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(),
        b"GET /v1/pets/109 HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n".to_vec(),
        b"\r\n\r\n\r\n\r\nGET /v1/pets/109 HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec(),
        b"\x00\x00\x00\x00\r\n\r\n".to_vec(),
        b"* OK IMAP ready\r\n\r\n".to_vec(),
    ];
    let mut raw = heads[dice.below(heads.len())].clone();
    if dice.once_in(4) {
        // One byte of the head's first line is another one; the line and its end stay a line.
        let end = raw.iter().position(|b| *b == b'\r').unwrap_or(0).max(1);
        let at = dice.below(end);
        raw[at] = (dice.next() as u8).max(0x21);
    }
    let mut sent = Sent::new("GET", "/");
    if raw.starts_with(b"HEAD") {
        "HEAD".clone_into(&mut sent.method);
    }
    sent.raw = Some(raw);
    sent.broken = true;
    sent
}
