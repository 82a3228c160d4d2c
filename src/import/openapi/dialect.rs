//! What all operations of a document share: the address, what proves who calls, and how errors are worded.

use super::{
    document::{Document, Operation},
    schema::{flat, kind},
};
use crate::import::names::plain;
use serde_json::{Map, Value, json};

/// Where the source is: scheme, host and port; the path in front of all of the document's; notes.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    pub origin: String,
    pub base: String,
    pub notes: Vec<String>,
}

pub fn place(doc: &Document, source: &str) -> Place {
    let mut notes = Vec::new();
    let said = if doc.old { old_address(&doc.json) } else { address(&doc.json) };
    let said = said.trim_end_matches('/').to_owned();
    let (origin, base) = match said.split_once("://") {
        Some((scheme, rest)) => {
            let (host, base) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
            (format!("{scheme}://{host}"), base.to_owned())
        }
        None => (String::new(), said),
    };
    let sound =
        origin.parse::<http::Uri>().is_ok_and(|uri| uri.authority().is_some()) && origin.starts_with("http");
    let origin = if sound && !origin.contains(['{', '@']) {
        origin
    } else {
        notes.push("Decide: the document does not say where the source is; the address is made up.".into());
        format!("https://{source}.example")
    };
    let base = base.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/').to_owned();
    let base = if base.is_empty() || base.starts_with('/') { base } else { format!("/{base}") };
    Place { origin, base, notes }
}

fn address(json: &Value) -> String {
    let server = json.pointer("/servers/0").cloned().unwrap_or_default();
    let mut url = server.get("url").and_then(Value::as_str).unwrap_or_default().to_owned();
    for (name, variable) in server.get("variables").and_then(Value::as_object).into_iter().flatten() {
        let usual = variable.get("default").and_then(Value::as_str).unwrap_or_default();
        url = url.replace(&format!("{{{name}}}"), usual);
    }
    url
}

fn old_address(json: &Value) -> String {
    let text = |key: &str| json.get(key).and_then(Value::as_str);
    let base = text("basePath").unwrap_or_default();
    let Some(host) = text("host") else { return base.to_owned() };
    let schemes = json.get("schemes").and_then(Value::as_array);
    let plain = schemes.is_some_and(|all| all.contains(&json!("http")) && !all.contains(&json!("https")));
    format!("{}://{host}{base}", if plain { "http" } else { "https" })
}

/// What proves who calls, as the words of a dialect, with the names of the credentials.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Proof {
    pub words: Map<String, Value>,
    pub credentials: Vec<String>,
    pub notes: Vec<String>,
    /// The source's address has to be without a path, for the login stands elsewhere.
    pub bare: bool,
}

/// The first way that the document names. `place` says where logins are.
pub fn proof(doc: &Document, operation: Option<Operation<'_>>, place: &Place) -> Proof {
    let schemes = if doc.old {
        doc.json.get("securityDefinitions")
    } else {
        doc.json.pointer("/components/securitySchemes")
    };
    let schemes = schemes.and_then(Value::as_object);
    let said =
        operation.and_then(|o| o.security()).or_else(|| doc.json.get("security")).and_then(Value::as_array);
    let wanted: Vec<&String> = match (said, schemes) {
        (Some(said), _) if said.is_empty() => Vec::new(),
        (Some(said), _) => {
            // An empty requirement beside others says that a call may do without.
            let first = said.iter().filter_map(Value::as_object).find(|all| !all.is_empty());
            first.into_iter().flat_map(Map::keys).collect()
        }
        (None, Some(schemes)) => schemes.keys().take(1).collect(),
        (None, None) => Vec::new(),
    };
    let mut proof = Proof::default();
    for name in wanted {
        match schemes.and_then(|all| all.get(name)) {
            Some(scheme) => proof.add(doc.resolve(scheme).0, place),
            None => proof
                .notes
                .push(format!("Decide: the document asks for `{name}` and does not say what that is.")),
        }
    }
    if schemes.is_some_and(|all| all.len() > 1) {
        proof.notes.push("Decide: the document names several ways to prove who calls; one is taken.".into());
    }
    proof
}

impl Proof {
    fn always(&mut self, part: &str, name: &str, value: &str) {
        let always = self.words.entry("always").or_insert_with(|| json!({}));
        if let Some(always) = always.as_object_mut()
            && let Some(part) = always.entry(part).or_insert_with(|| json!({})).as_object_mut()
        {
            part.insert(name.to_owned(), value.into());
        }
    }

    fn needs(&mut self, name: &str) -> String {
        if !self.credentials.iter().any(|known| known == name) {
            self.credentials.push(name.to_owned());
        }
        format!("${{{name}}}")
    }

    fn add(&mut self, scheme: &Value, place: &Place) {
        let text = |key: &str| scheme.get(key).and_then(Value::as_str).unwrap_or_default();
        match (text("type"), text("in"), text("scheme").to_ascii_lowercase().as_str()) {
            ("apiKey", "query", _) => {
                let key = self.needs("apiKey");
                self.always("query", text("name"), &key);
            }
            ("apiKey", "cookie", _) => {
                let key = self.needs("apiKey");
                self.always("headers", "Cookie", &format!("{}={key}", text("name")));
            }
            ("apiKey", ..) => {
                let key = self.needs("apiKey");
                self.always("headers", text("name"), &key);
            }
            ("basic", ..) | ("http", _, "basic") => {
                let (user, password) = (self.needs("user"), self.needs("password"));
                self.words.insert("auth".into(), json!({ "basic": { "user": user, "password": password } }));
            }
            ("oauth2", ..) => self.oauth(scheme, place),
            ("http" | "openIdConnect", ..) => self.bearer(),
            (kind, ..) => {
                self.notes.push(format!("Decide: `{kind}` proves who calls, and is not known here."));
            }
        }
    }

    fn bearer(&mut self) {
        let token = self.needs("token");
        self.always("headers", "Authorization", &format!("Bearer {token}"));
    }

    /// A token for the program itself is fetched; one for a person has to be given.
    fn oauth(&mut self, scheme: &Value, place: &Place) {
        let flow = scheme.pointer("/flows/clientCredentials");
        let old = scheme.get("flow").is_some_and(|flow| flow == "application").then_some(scheme);
        let Some(url) = flow.or(old).and_then(|flow| flow.get("tokenUrl")).and_then(Value::as_str) else {
            self.notes.push(
                "Decide: the document knows tokens of persons alone; one is taken from the configuration."
                    .into(),
            );
            return self.bearer();
        };
        let full = format!("{}{}", place.origin, place.base);
        let path = match (url.strip_prefix(&full), url.strip_prefix(&place.origin)) {
            (Some(path), _) if path.starts_with('/') => path.to_owned(),
            (_, Some(path)) => {
                self.bare = true;
                path.to_owned()
            }
            _ if url.starts_with('/') => {
                self.bare = true;
                url.to_owned()
            }
            _ => {
                self.bare = true;
                self.notes.push(format!(
                    "Decide: tokens are given by `{url}`, which has another host; its path alone is kept."
                ));
                let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
                rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/token").to_owned()
            }
        };
        let (id, secret) = (self.needs("clientId"), self.needs("clientSecret"));
        let scopes = flow.or(old).and_then(|flow| flow.get("scopes")).and_then(Value::as_object);
        let mut with = Map::new();
        with.insert("grant_type".into(), "client_credentials".into());
        with.insert("client_id".into(), id.into());
        with.insert("client_secret".into(), secret.into());
        if let Some(scopes) = scopes.filter(|scopes| !scopes.is_empty()) {
            let all: Vec<&str> = scopes.keys().map(String::as_str).collect();
            with.insert("scope".into(), all.join(" ").into());
            self.notes.push("Decide: all scopes are asked for; fewer may do.".into());
        }
        let login = json!({
            "call": { "post": path, "form": true, "with": with },
            "headers": { "Authorization": "Bearer {access_token}" },
            "expires": { "at": "expires_in" },
        });
        self.words.insert("login".into(), login);
    }
}

/// Where an error's words stand, of the first schema that has any.
pub fn errors(operations: &[Operation<'_>]) -> Map<String, Value> {
    let mut words = Map::new();
    for operation in operations {
        for schema in operation.failures() {
            error(operation.doc, schema, &mut words);
        }
    }
    words
}

fn error(doc: &Document, schema: &Value, words: &mut Map<String, Value>) {
    let top = flat(doc, schema);
    let find = |names: &[&str], wanted: &str| {
        names.iter().find_map(|name| {
            let (at, schema) = top.properties.iter().find(|(at, _)| plain(at) == **name)?;
            (kind(doc, schema) == wanted).then(|| ((*at).to_owned(), *schema))
        })
    };
    let texts = [
        "detail",
        "message",
        "error",
        "errormessage",
        "errordescription",
        "msg",
        "description",
        "title",
        "reason",
    ];
    if !words.contains_key("message") {
        let inner = || {
            let (at, schema) = find(&["error", "fault"], "object")?;
            let inner = flat(doc, schema);
            let text =
                texts.iter().find_map(|name| inner.properties.iter().find(|(at, _)| plain(at) == **name))?;
            Some(format!("{at}.{}", text.0))
        };
        let place = find(&texts, "string").map(|(at, _)| at).or_else(inner);
        words.extend(place.map(|place| ("message".to_owned(), Value::from(place))));
    }
    let lists = ["errors", "violations", "invalidparams", "details", "fielderrors", "issues"];
    if let Some((at, list)) = find(&lists, "array").filter(|_| !words.contains_key("list")) {
        let items = doc.get(list, "items");
        let fields = [
            "field",
            "pointer",
            "property",
            "name",
            "path",
            "param",
            "parameter",
            "loc",
            "propertypath",
            "attribute",
        ];
        let flat = flat(doc, items);
        if let Some((field, _)) =
            fields.iter().find_map(|name| flat.properties.iter().find(|(at, _)| plain(at) == **name))
        {
            words.insert("list".into(), json!({ "at": at, "field": field }));
        }
    }
    if let Some((at, _)) =
        find(&["errors", "fielderrors", "modelstate"], "object").filter(|_| !words.contains_key("fields"))
    {
        words.insert("fields".into(), at.into());
    }
}
