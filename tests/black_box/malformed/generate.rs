//! The requests: each is sound but for one or a few things. It knows the API's addresses and members, and nothing
//! of how they are answered.

mod body;
mod head;

use super::dice::Dice;

pub struct Sent {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Option<Vec<u8>>,
    /// The bytes as they stand, where the head itself is no HTTP.
    pub raw: Option<Vec<u8>>,
    /// Not a request: a bare refusal will do, and the connection ends.
    pub broken: bool,
}

impl Sent {
    fn new(method: &str, target: impl Into<String>) -> Self {
        Self {
            method: method.to_owned(),
            target: target.into(),
            headers: Vec::new(),
            body: None,
            raw: None,
            broken: false,
        }
    }

    fn header(&mut self, name: &str, value: impl Into<Vec<u8>>) {
        self.headers.push((name.to_owned(), value.into()));
    }

    pub fn bytes(&self) -> Vec<u8> {
        if let Some(raw) = &self.raw {
            return raw.clone();
        }
        let mut bytes = format!("{} {} HTTP/1.1\r\n", self.method, self.target).into_bytes();
        if !self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            bytes.extend_from_slice(b"Host: api.example\r\n");
        }
        for (name, value) in &self.headers {
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(value);
            bytes.extend_from_slice(b"\r\n");
        }
        if let Some(body) = &self.body {
            bytes.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(self.body.as_deref().unwrap_or_default());
        bytes
    }

    /// For people, cut.
    pub fn shown(&self) -> String {
        let bytes = self.bytes();
        format!("{:?} ({} bytes)", String::from_utf8_lossy(&bytes[..bytes.len().min(700)]), bytes.len())
    }
}

/// Any request.
pub fn sent(dice: &mut Dice) -> Sent {
    match dice.below(20) {
        0..3 => path(dice),
        3..6 => query(dice),
        6..8 => headers(dice),
        8..13 => body::json(dice),
        13..16 => body::xml(dice),
        16..18 => misused_method(dice),
        _ => head::broken(dice),
    }
}

/// One that a client can send: text only.
pub fn polite(dice: &mut Dice) -> Sent {
    loop {
        let mut sent = match dice.below(4) {
            0 => query(dice),
            1 => body::json(dice),
            2 => body::xml(dice),
            _ => misused_method(dice),
        };
        let text = |bytes: &[u8]| std::str::from_utf8(bytes).is_ok_and(|t| !t.contains(['\0', '\r', '\n']));
        sent.headers.retain(|(name, value)| !name.eq_ignore_ascii_case("host") && text(value));
        let readable = sent.body.as_deref().is_none_or(|body| std::str::from_utf8(body).is_ok());
        // A client mends what is no URL; what it cannot send is not its to test.
        if readable && format!("http://a{}", sent.target).parse::<reqwest::Url>().is_ok() {
            return sent;
        }
    }
}

const METHODS: &[&str] =
    &["GET", "GET", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE", "get", "X"];

const PIECES: &[&str] = &[
    "v1",
    "v1",
    "pets",
    "pets",
    "109",
    "customers",
    "42",
    "species",
    "breeds",
    "services",
    "medical-records",
    "publicProfile",
    "errors",
    "F112",
    "pets.xml",
    "109.json",
    "109.xml",
    ".xml",
    ".json",
    "..xml",
    "pets.json.xml",
    "%2e%2e",
    "%2E",
    "..",
    ".",
    "%00",
    "%zz",
    "%f",
    "%",
    "%ff%fe",
    "%c0%af",
    "%2f",
    "%5c",
    "\\",
    "%0d%0a",
    "%7f",
    "%F0%9F%90%95",
    "~",
    "-",
    "_",
    "pets;x=1",
    "pets%20",
    " ",
    "0109",
    "%31%30%39",
    "v2",
    "api",
    "admin",
    "rest",
    "node.json",
    "user",
    "healthz",
    "PETS",
    "pet",
    "9223372036854775808",
    "-1",
    "1e3",
    "null",
    "undefined",
    "NaN",
    "'",
    "%27%20OR%201=1--",
    "<script>",
    "%3Cscript%3E",
    "{petId}",
    "[0]",
    "109,110",
    "*",
    "109:110",
    "a@b",
    "@",
];

fn path(dice: &mut Dice) -> Sent {
    let mut target = String::new();
    let fixed =
        dice.pick(&["", "", "/v1", "/v1/pets", "/v1/pets/109", "/v1/customers/42", "/errors", "/v1/species"]);
    target.push_str(fixed);
    for _ in 0..dice.below(5) {
        target.push('/');
        if !dice.once_in(12) {
            target.push_str(dice.pick(PIECES));
        }
    }
    if dice.once_in(25) {
        target.push('/');
        target.push_str(&dice.pick(&["a", "%20", "é"]).repeat(dice.pick(&[&300, &2000, &9000]).to_owned()));
    }
    if target.is_empty() {
        target.push_str(dice.pick(&[
            "/",
            "*",
            "//",
            "http://api.example/v1/pets/109",
            "http://other.example/v1/pets",
            "?",
        ]));
    }
    let method = dice.pick(METHODS);
    let broken = is_broken_target(&target);
    Sent { broken, ..Sent::new(method, target) }
}

/// What may not stand in a request line: hyper or the edge may refuse it barely.
fn is_broken_target(target: &str) -> bool {
    target.bytes().any(|b| b <= b' ' || b >= 0x7f || b"<>\"{}|\\^`#".contains(&b))
        || target.len() > 8000
        || !target.starts_with('/')
}

const NAMES: &[&str] = &[
    "limit",
    "offset",
    "sort",
    "fields",
    "count",
    "q",
    "suppress_response_codes",
    "method",
    "ownerId",
    "ownerId.ne",
    "species",
    "species.ne",
    "species.gte",
    "sex",
    "status",
    "weight.value",
    "weight.value.gte",
    "weight.value.lt",
    "createdAt",
    "createdAt.gte",
    "createdAt.lt",
    "createdAt.ne",
    "birthDate",
    "petId",
    "name",
    "Limit",
    "limit ",
    "limit%20",
    "limit%00",
    "",
    "%",
    "parameters[uid]",
    "options[orderby][nid]",
    "pagesize",
    "page",
    "response_code",
    "metadata",
    "colors",
    "visibility.medical",
    "a.b.c.d",
    "species.",
    ".gte",
    "ownerId.gte.gte",
    "%zz",
    "%ff",
];

const VALUES: &[&str] = &[
    "",
    "0",
    "1",
    "10",
    "100",
    "101",
    "-1",
    "1.5",
    "1e2",
    "0x10",
    "010",
    "+5",
    "%2B5",
    " 5",
    "%205",
    "٣",
    "9007199254740992",
    "9007199254740993",
    "18446744073709551616",
    "99999999999999999999999999999999",
    "1e400",
    "-1e400",
    "NaN",
    "Infinity",
    "true",
    "false",
    "TRUE",
    "yes",
    "null",
    "dog",
    "Dog",
    "dogg",
    "*",
    "**",
    "name",
    "-name",
    "--name",
    "name,name",
    "name,",
    ",",
    ",,",
    "name,-name",
    "name(",
    "name)",
    "name()",
    "weight(value",
    "weight(value,unit)",
    "weight(value))",
    "weight/value",
    "weight//value",
    "weight/",
    "/",
    "photos/url/url",
    "weight((((value))))",
    "nme",
    "name;weight",
    "name%00",
    "%00",
    "%ff",
    "%zz",
    "%",
    "%F0%9F%90%95",
    "%ED%A0%80",
    "2020-01-01",
    "2020-02-30",
    "2020-01-01T00:00:00Z",
    "2020-01-01T00:00:00",
    "2020-01-01T24:00:00Z",
    "9999-12-31T23:59:59Z",
    "99999-01-01",
    "-0001-01-01",
    "2020-01-01T00:00:00+14:00",
    "0000-00-00",
    "42",
    "42,66",
    "0042",
    "%2242%22",
    "42%22",
    "'%20OR%20'1'='1",
    "../../etc/passwd",
    "${user}",
    "{{7*7}}",
    "%0d%0aX-Evil:1",
    "delete",
    "put",
    "DELETE",
    "get",
    "patch",
];

fn query(dice: &mut Dice) -> Sent {
    let base = dice.pick(&[
        "/v1/pets",
        "/v1/pets",
        "/v1/pets",
        "/v1/pets.xml",
        "/v1/pets/109",
        "/v1/customers",
        "/v1/customers.xml",
        "/v1/species",
        "/v1/species/3031/breeds",
        "/v1/services",
        "/v1/pets/109/medical-records",
        "/v1/pets/109/publicProfile",
        "/v1/customers/42/pets",
    ]);
    let mut target = format!("{base}?");
    for at in 0..dice.below(5) {
        if at > 0 {
            target.push_str(dice.pick(&["&", "&", "&", "&&", ";"]));
        }
        target.push_str(dice.pick(NAMES));
        if !dice.once_in(10) {
            target.push('=');
            target.push_str(dice.pick(VALUES));
        }
    }
    let (name, value) = match dice.below(60) {
        0 => ("fields", "weight(".repeat(1000)),
        1 => ("fields", "weight/".repeat(1000)),
        2 => ("ownerId", "1&ownerId=".repeat(700)),
        3 => ("sort", "name,".repeat(1500)),
        4 => ("ownerId", "a".repeat(7000)),
        5 => ("limit", "9".repeat(9000)),
        6 => ("", "&".repeat(4000)),
        _ => ("", String::new()),
    };
    if !value.is_empty() {
        target = target + "&" + name + "=" + &value;
    }
    // Lists over the legacy system that have to be looked through are dear; few are needed.
    if !target.contains("limit=") {
        target.push_str("&limit=1");
    }
    let broken = is_broken_target(&target);
    Sent { broken, ..Sent::new(dice.pick(&["GET", "GET", "GET", "HEAD", "DELETE"]), target) }
}

fn headers(dice: &mut Dice) -> Sent {
    let mut sent = Sent::new(
        dice.pick(&["GET", "GET", "HEAD", "POST", "PUT", "PATCH"]),
        dice.pick(&["/v1/pets/109", "/v1/services/3", "/v1/customers/42", "/v1/species"]),
    );
    if matches!(sent.method.as_str(), "POST" | "PUT" | "PATCH") {
        sent.body = Some(b"{}".to_vec());
    }
    for _ in 0..=dice.below(3) {
        let (name, values): (&str, &[&[u8]]) = match dice.below(9) {
            0 | 1 => (
                "Accept",
                &[
                    b"",
                    b"text/html",
                    b"application/json;q=0",
                    b"application/json;q=2",
                    b"application/json;q=NaN",
                    b"*/*;q=-1",
                    b";;;",
                    b"application/xml, application/json;q=1e400",
                    b"\xff\xfe",
                    b"application/vnd.api+json",
                    b"a/b,c/d,,,",
                    b"*",
                    b"image/*",
                    b"application/xml;q=0.5",
                    b"APPLICATION/XML",
                    b"application/json;version=2",
                ],
            ),
            2 => (
                "If-Match",
                &[
                    b"",
                    b"*",
                    b"abc",
                    b"\"abc\"",
                    b"W/\"abc\"",
                    b"\"abc",
                    b"\"a\",\"b\"",
                    b"\"a\" \"b\"",
                    b"\xff",
                    b",,,",
                    b"*, \"a\"",
                    b"\"\"",
                ],
            ),
            3 => (
                "If-None-Match",
                &[b"", b"*", b"abc", b"W/\"abc\"", b"\"abc", b"\"\xff\"", b"\"a\", W/\"b\", c"],
            ),
            4 => (
                "Content-Type",
                &[
                    b"",
                    b"text/plain",
                    b"application/json; charset=latin1",
                    b"application/xml; charset=utf-16",
                    b"multipart/form-data",
                    b"application/x-www-form-urlencoded",
                    b"\xff",
                    b"application/json, application/xml",
                    b"json",
                    b"application/json;;;",
                    b"/",
                    b"application/octet-stream",
                ],
            ),
            5 => ("Content-Encoding", &[b"gzip", b"br", b"identity", b"\xff"]),
            6 => ("Expect", &[b"100-continue", b"200-ok", b""]),
            7 => ("X-HTTP-Method-Override", &[b"DELETE", b"\xff"]),
            _ => ("Accept-Language", &[b"es", b"\xff\xff", b"*;q=0", b"x-klingon"]),
        };
        sent.header(name, dice.pick(values));
    }
    if dice.once_in(10) {
        let value = vec![b'a'; dice.pick(&[&1000, &8000, &40_000]).to_owned()];
        sent.broken = value.len() > 20_000;
        sent.header("X-Long", value);
    }
    if dice.once_in(15) {
        let host: &[u8] =
            dice.pick(&[&b""[..], b"a/b", b"user@host", b"a b", b"\xff", b"[::1", b"a,b", b"host:99999999"]);
        sent.broken = true;
        sent.header("Host", host);
    }
    sent
}

fn misused_method(dice: &mut Dice) -> Sent {
    let value = dice.pick(&[
        "delete",
        "put",
        "patch",
        "get",
        "head",
        "DELETE",
        "",
        "post",
        "delete&method=put",
        "delete&method=delete",
        "%64elete",
        "trace",
        "options",
    ]);
    // Pets that are spare: some of these are sound, and delete what they name.
    let target = dice.pick(&[
        "/v1/pets",
        "/v1/pets/499",
        "/v1/pets/498.xml",
        "/v1/customers/7",
        "/v1/services/3",
        "/v1/pets/109/publicProfile",
        "/v1/species/3031",
        "/v1/nothing",
        "/v1/pets/109/medical-records/109-1",
    ]);
    let mut sent = Sent::new(
        dice.pick(&["GET", "POST", "POST", "POST", "PUT", "DELETE", "PATCH", "HEAD"]),
        format!("{target}?method={value}"),
    );
    if dice.once_in(2) {
        sent.body = Some(
            dice.pick(&[
                &b"{}"[..],
                b"",
                b"null",
                b"{\"name\":\"X\"}",
                b"<response><name>X</name></response>",
            ])
            .to_vec(),
        );
    }
    sent
}
