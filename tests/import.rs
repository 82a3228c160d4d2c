//! Imports from end to end: what is written passes the check and the law, says what it should, and serves a request.

mod databases;
mod documents;
mod mistakes;
mod services;

use crate::{roads::backend::Shared, support};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use portico::{
    backend::Sources,
    control::{self, Overrides},
    fault::Diagnostics,
    import::{self, Project, Wish, write::Present},
    pipeline::{Facade, Instance},
    plan::Plan,
    telemetry::clock::Fixed,
    translate::law,
    value::time::Moment,
};
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// A folder of a test's own, which goes with it.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("portico-import-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn text(&self, file: &str) -> String {
        std::fs::read_to_string(self.0.join(file)).unwrap_or_else(|e| panic!("{file}: {e}"))
    }

    pub fn json(&self, file: &str) -> Value {
        serde_json::from_str(&self.text(file)).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Writes a project, and checks it as the command does.
pub fn checked(project: &Project, folder: &Folder) -> Plan {
    let written = import::write(project, &folder.0, Present::Kept).unwrap();
    for file in &written.files {
        let text = folder.text(&file.display().to_string());
        let told =
            text.starts_with('#') || text.contains("\"$comment\"") || file.starts_with("mappings/wsdl");
        assert!(told, "{} does not say what was guessed", file.display());
    }
    let (plan, _, diagnostics) = control::plan(&folder.0.join(&written.config), &Overrides::default());
    assert!(!diagnostics.has_errors(), "{}", diagnostics.render_plain());
    let plan = plan.unwrap();
    for (resource, binding) in &plan.bindings {
        let verdict = law::check(&plan.resource(*resource).unwrap().contract, binding, 300);
        assert!(verdict.broken.is_empty(), "{}: {:?}", binding.file, verdict.broken);
    }
    plan
}

/// Imports a document of the tests' own.
pub fn document(name: &str, folder: &Folder) -> (Project, Plan, Diagnostics) {
    let mut out = Diagnostics::new();
    let project =
        import::openapi::read(&support::at(&format!("tests/import/{name}")), &Wish::default(), &mut out);
    let project = project.unwrap_or_else(|| panic!("{}", out.render_plain()));
    let plan = checked(&project, folder);
    (project, plan, out)
}

/// A façade over a plan whose sources answer as they were recorded.
pub async fn recorded(plan: Plan, shared: &Shared) -> Facade {
    let connect = crate::roads::backend::connect(&plan, shared);
    let sources = Sources::build(&plan, None, &connect).await.unwrap();
    let clock = Fixed(Moment::parse("2026-11-21T12:00:00Z").unwrap());
    Facade::new(Instance { plan, sources }, Arc::new(clock))
}

pub async fn ask(facade: &Facade, method: &str, path: &str, body: &str) -> (u16, Value) {
    let request =
        http::Request::builder().method(method).uri(path).body(Full::new(Bytes::from(body.to_owned())));
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    let answer = facade.answer_as(portico::identity::Caller::operator(), request.unwrap(), deadline).await;
    let status = answer.status().as_u16();
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&bytes).unwrap_or_default())
}

/// A façade over what was written, with its sources as they are.
pub async fn facade(folder: &Folder, source: &str) -> Arc<Facade> {
    let config: &Path = &folder.0.join(format!("config/{source}.yaml"));
    control::facade(config, &Overrides::default()).await.map_err(|e| e.to_string()).unwrap().0
}
