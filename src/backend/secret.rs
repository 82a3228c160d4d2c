//! Values by reference: read where they are needed, never kept in the plan, never printed.

use crate::plan::SecretRef;
use std::process::Command;

/// Why a value cannot be had. The text names the reference and never the value.
#[derive(Debug, thiserror::Error)]
pub enum Missing {
    #[error("the environment has no variable `{0}`")]
    Env(String),
    #[error("the file `{0}` cannot be read: {1}")]
    File(String, std::io::Error),
    #[error("the command `{0}` failed: {1}")]
    Command(String, String),
}

/// The value behind a reference.
pub fn resolve(reference: &SecretRef) -> Result<String, Missing> {
    match reference {
        SecretRef::Plain(text) => Ok(text.clone()),
        SecretRef::Env(name) => std::env::var(name).map_err(|_| Missing::Env(name.clone())),
        SecretRef::File(path) => std::fs::read_to_string(path)
            .map(|text| text.trim_end().to_owned())
            .map_err(|e| Missing::File(path.display().to_string(), e)),
        SecretRef::Command(words) => {
            let (program, rest) =
                words.split_first().ok_or_else(|| Missing::Command(String::new(), "it is empty".into()))?;
            let failed = |why: String| Missing::Command(program.clone(), why);
            let output = Command::new(program).args(rest).output().map_err(|e| failed(e.to_string()))?;
            if !output.status.success() {
                return Err(failed(output.status.to_string()));
            }
            String::from_utf8(output.stdout)
                .map(|t| t.trim_end().to_owned())
                .map_err(|_| failed("its output is not UTF-8".into()))
        }
    }
}
