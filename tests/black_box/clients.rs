//! Clients that nobody here wrote, through every flow against the running program: `oauth4webapi` and `openid-client`
//! from npm, `Authlib` from `PyPI`, and the `oauth2` crate. Each is installed below `target/clients`;
//! `PORTICO_WITHOUT_OUTSIDE=1` is the only way around them.

use super::support::{Demo, Program, path};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{Mutex, PoisonError},
};

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients")
}

static ALONE: Mutex<()> = Mutex::new(());

/// Where their packages are.
fn made() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/clients")
}

fn allowed_without() -> bool {
    let without = std::env::var_os("PORTICO_WITHOUT_OUTSIDE").is_some_and(|value| value == "1");
    if without {
        eprintln!("NOT TESTED, as PORTICO_WITHOUT_OUTSIDE=1 allows: clients of others");
    }
    without
}

fn done(output: &Output) -> String {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    out.into_owned()
}

fn run(program: &str, args: &[&str], folder: &Path) -> String {
    let output = Command::new(program).args(args).current_dir(folder).output();
    done(&output.unwrap_or_else(|e| panic!("{program}: {e}")))
}

/// The scripts beside the packages of npm, which are found from there.
fn node() -> PathBuf {
    // Tests run beside each other: the first one installs.
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = made().join("node");
    std::fs::create_dir_all(&folder).unwrap();
    for entry in std::fs::read_dir(here()).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
    }
    let lock = std::fs::read(here().join("package-lock.json")).unwrap();
    let stamp = folder.join(".made-of");
    if std::fs::read(&stamp).ok().as_ref() != Some(&lock) {
        run("npm", &["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], &folder);
        std::fs::write(stamp, lock).unwrap();
    }
    folder
}

/// A Python with Authlib.
fn python() -> PathBuf {
    let folder = made().join("python");
    let wanted = std::fs::read(here().join("requirements.txt")).unwrap();
    let stamp = folder.join(".made-of");
    if std::fs::read(&stamp).ok().as_ref() != Some(&wanted) {
        std::fs::create_dir_all(made()).unwrap();
        run("python3", &["-m", "venv", "python"], &made());
        let requirements = here().join("requirements.txt");
        let args =
            ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", path(&requirements)];
        run(path(&folder.join("bin/python")), &args, &made());
        std::fs::write(stamp, wanted).unwrap();
    }
    folder.join("bin/python")
}

const EMAIL: &str = "marta@whisker.example";
const PASSWORD: &str = "nine quiet herons at dawn";

/// The demo with clients of each kind, and a person who can log in.
struct World {
    demo: Demo,
    node: PathBuf,
    known: Value,
}

impl World {
    async fn new() -> Self {
        let (demo, node) = (Demo::start().await, node());
        let config = demo.home.config();
        let cli = |args: &[&str]| {
            let output = Program::run(&[args, &["-c", path(&config)]].concat());
            done(&output)
        };
        let add = |id: &str, args: &[&str]| -> Value {
            let told = cli(&[&["client", "add", id, "--id", id, "--tier", "partner"], args].concat());
            let secret = told.lines().find_map(|line| line.strip_prefix("secret ")).map(str::trim);
            json!({ "id": id, "secret": secret })
        };
        let redirect = ["--redirect", "http://127.0.0.1/callback"];
        let flows = [
            "--grant",
            "authorization_code",
            "--grant",
            "refresh_token",
            "--grant",
            "urn:ietf:params:oauth:grant-type:device_code",
            "--introspects",
        ];
        let own = ["--role", "admin"];
        add("plain", &[&["--auth", "none"], &redirect[..]].concat());
        let key: Value = serde_json::from_str(&run("node", &["key.mjs"], &node)).unwrap();
        let mut public = key.clone();
        public.as_object_mut().unwrap().remove("d");
        let keys = demo.home.path("state/signed.jwks");
        std::fs::write(&keys, json!({ "keys": [public] }).to_string()).unwrap();
        add("signed", &[&["--auth", "private_key_jwt", "--jwks", path(&keys)], &own[..]].concat());
        let link = cli(&["account", "add", "--email", EMAIL, "--role", "owner", "--claim", "customer=66"]);
        let link = link.lines().find(|line| line.starts_with("http")).unwrap().to_owned();
        run("node", &["person.mjs", "choose", &link, EMAIL, PASSWORD], &node);
        let known = json!({
            "issuer": demo.home.url(), "email": EMAIL, "password": PASSWORD, "public": "plain",
            "confidential": add("web", &[&redirect[..], &flows[..]].concat()),
            "basic": add("basic", &own),
            "post": add("post", &[&["--auth", "client_secret_post"], &own[..]].concat()),
            "signed": { "id": "signed", "key": key },
        });
        Self { demo, node, known }
    }

    /// Runs a client to its end, which has to say that all went well.
    async fn walk(&self, program: PathBuf, script: &str) {
        let mut command = Command::new(program);
        command
            .arg(self.node.join(script))
            .env("WORLD", self.known.to_string())
            .env("PERSON", self.node.join("person.mjs"))
            .current_dir(&self.node);
        let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
        let told = done(&output);
        assert!(told.trim_end().ends_with("all"), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_from_npm_complete_every_flow() {
    if allowed_without() {
        return;
    }
    let world = World::new().await;
    world.walk("node".into(), "oauth4webapi.mjs").await;
    world.walk("node".into(), "openid_client.mjs").await;
    assert!(world.demo.program.err.all().iter().all(|line| !line.contains("panicked")));
}

#[tokio::test(flavor = "multi_thread")]
async fn authlib_completes_its_flows() {
    if allowed_without() {
        return;
    }
    let world = World::new().await;
    world.walk(python(), "authlib_flows.py").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_oauth2_crate_completes_its_flows() {
    use oauth2::{
        AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, PkceCodeChallenge, RedirectUrl, Scope,
        TokenResponse, TokenUrl, basic::BasicClient,
    };
    if allowed_without() {
        return;
    }
    let world = World::new().await;
    let issuer = world.known["issuer"].as_str().unwrap();
    let of = |name: &str, what: &str| world.known[name][what].as_str().unwrap().to_owned();
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let ask = |request: oauth2::HttpRequest| {
        let http = http.clone();
        async move {
            let (head, body) = request.into_parts();
            let sent = http.request(head.method, head.uri.to_string()).headers(head.headers).body(body);
            let answer = sent.send().await?;
            let mut built = http::Response::builder().status(answer.status());
            *built.headers_mut().unwrap() = answer.headers().clone();
            Ok::<_, reqwest::Error>(built.body(answer.bytes().await?.to_vec()).unwrap())
        }
    };
    let client = |name: &str| {
        BasicClient::new(ClientId::new(of(name, "id")))
            .set_client_secret(ClientSecret::new(of(name, "secret")))
            .set_auth_uri(AuthUrl::new(format!("{issuer}/oauth/authorize")).unwrap())
            .set_token_uri(TokenUrl::new(format!("{issuer}/oauth/token")).unwrap())
            .set_redirect_uri(RedirectUrl::new("http://127.0.0.1:49152/callback".into()).unwrap())
    };
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let web = client("confidential");
    let (url, state) = web
        .authorize_url(CsrfToken::new_random)
        .add_scope(Scope::new("pets:read".into()))
        .set_pkce_challenge(challenge)
        .url();
    let ended = run("node", &["person.mjs", url.as_str(), EMAIL, PASSWORD], &world.node);
    let query = ended.trim().split_once('?').unwrap().1.to_owned();
    let answered = |name: &str| -> String {
        let prefix = format!("{name}=");
        query.split('&').find_map(|pair| pair.strip_prefix(&prefix)).unwrap().to_owned()
    };
    assert_eq!(&answered("state"), state.secret());
    let code = AuthorizationCode::new(answered("code"));
    let tokens = web.exchange_code(code).set_pkce_verifier(verifier).request_async(&ask).await.unwrap();
    let pets = http.get(format!("{issuer}/v1/pets?limit=1")).bearer_auth(tokens.access_token().secret());
    assert_eq!(pets.send().await.unwrap().status(), 200);
    let refresh = tokens.refresh_token().unwrap();
    web.exchange_refresh_token(refresh).request_async(&ask).await.unwrap();
    web.exchange_refresh_token(refresh).request_async(&ask).await.unwrap_err();
    let basic = client("basic");
    let own = basic.exchange_client_credentials().add_scope(Scope::new("pets:read".into()));
    let own = own.request_async(&ask).await.unwrap();
    let pets = http.get(format!("{issuer}/v1/pets?limit=1")).bearer_auth(own.access_token().secret());
    assert_eq!(pets.send().await.unwrap().status(), 200);
}

/// What was used once, and what was revoked, stays so when the program is killed in the middle of its work.
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_program_forgets_no_code_no_refresh_token_and_no_revocation() {
    if allowed_without() {
        return;
    }
    let mut world = World::new().await;
    let base = world.demo.home.url();
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let token = |http: &reqwest::Client, pairs: &[(&str, &str)]| {
        let body: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let form = ("content-type", "application/x-www-form-urlencoded");
        let sent = http.post(format!("{base}/oauth/token")).header(form.0, form.1).body(body.join("&"));
        async move {
            let answer = sent.send().await.unwrap();
            let status = answer.status().as_u16();
            (status, serde_json::from_slice::<Value>(&answer.bytes().await.unwrap()).unwrap())
        }
    };
    let redirect = "http%3A%2F%2F127.0.0.1%3A49152%2Fcallback";
    // RFC 7636, appendix B.
    let (verifier, challenge) =
        ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    let url = format!(
        "{base}/oauth/authorize?response_type=code&client_id=plain&redirect_uri={redirect}&scope=pets:read\
         &code_challenge={challenge}&code_challenge_method=S256"
    );
    let code = || {
        let ended = run("node", &["person.mjs", &url, EMAIL, PASSWORD], &world.node);
        ended.split(['?', '&']).find_map(|pair| pair.strip_prefix("code=")).unwrap().trim().to_owned()
    };
    let trade = |code: &str| {
        let pairs = [
            ("grant_type", "authorization_code"),
            ("client_id", "plain"),
            ("code", code),
            ("redirect_uri", redirect),
            ("code_verifier", verifier),
        ];
        token(&http, &pairs)
    };
    let renew = |refresh: &str| {
        token(&http, &[("grant_type", "refresh_token"), ("client_id", "plain"), ("refresh_token", refresh)])
    };
    let pets = |access: &Value| {
        let sent = http.get(format!("{base}/v1/pets?limit=1")).bearer_auth(access.as_str().unwrap());
        async move { sent.send().await.unwrap().status().as_u16() }
    };
    let text = |value: &Value| value.as_str().unwrap().to_owned();

    // One family whose code was used, one whose refresh token was, one that was revoked, and one that goes on.
    let used = code();
    assert_eq!(trade(&used).await.0, 200);
    let (_, first) = trade(&code()).await;
    let (status, second) = renew(&text(&first["refresh_token"])).await;
    assert_eq!(status, 200);
    let (_, revoked) = trade(&code()).await;
    let sent =
        http.post(format!("{base}/oauth/revoke")).header("content-type", "application/x-www-form-urlencoded");
    let sent = sent.body(format!("client_id=plain&token={}", text(&revoked["refresh_token"]))).send();
    assert_eq!(sent.await.unwrap().status(), 200);
    let (_, sound) = trade(&code()).await;

    world.demo.program.kill().await;
    let config = world.demo.home.config();
    let again = Program::start(&["serve", "-c", path(&config)]);
    assert!(again.is_ready().await);

    assert_eq!(pets(&revoked["access_token"]).await, 401);
    assert_eq!(renew(&text(&revoked["refresh_token"])).await.1["error"], "invalid_grant");
    assert_eq!(trade(&used).await.1["error"], "invalid_grant");
    // What was used before the end is a replay after it, and takes its family with it.
    assert_eq!(renew(&text(&first["refresh_token"])).await.1["error"], "invalid_grant");
    assert_eq!(renew(&text(&second["refresh_token"])).await.1["error"], "invalid_grant");
    assert_eq!(renew(&text(&sound["refresh_token"])).await.0, 200);
}
