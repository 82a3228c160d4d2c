//! A request as it is typed: `GET /v1/pets?limit=3`, with headers and a body.

use anyhow::{Context, bail};
use bytes::Bytes;
use clap::Args;
use http::{HeaderName, HeaderValue, Request};

#[derive(Debug, Args)]
pub(super) struct Typed {
    /// The method and the path with its query, for example 'GET /v1/pets?limit=3&fields=name'.
    #[arg(value_name = "REQUEST")]
    request: String,
    /// A header, for example 'Accept: application/xml'. May be repeated.
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    headers: Vec<String>,
    /// The body; `@FILE` reads it from a file, `@-` from standard input.
    #[arg(short = 'd', long = "body", value_name = "BODY")]
    body: Option<String>,
}

impl Typed {
    /// The request, and its body apart.
    pub(super) fn read(&self) -> anyhow::Result<(Request<()>, Option<Bytes>)> {
        let words: Vec<&str> = self.request.split_whitespace().collect();
        let (method, path) = match words.as_slice() {
            [path] => ("GET", *path),
            [method, path] => (*method, *path),
            _ => bail!("write the request as 'GET /v1/pets?limit=3' (a space in a value is %20)"),
        };
        if !path.starts_with('/') {
            bail!("the path begins with `/`, for example /v1/pets");
        }
        let mut request = Request::builder().method(method).uri(path);
        for header in &self.headers {
            let (name, value) = header.split_once(':').context("a header is written as 'Name: value'")?;
            let name: HeaderName =
                name.trim().parse().with_context(|| format!("`{name}` is no header's name"))?;
            request = request.header(name, HeaderValue::from_str(value.trim())?);
        }
        let body = match self.body.as_deref() {
            None => None,
            Some("@-") => Some(std::io::read_to_string(std::io::stdin())?.into()),
            Some(text) => Some(match text.strip_prefix('@') {
                Some(file) => std::fs::read(file).with_context(|| format!("`{file}` cannot be read"))?.into(),
                None => Bytes::from(text.to_owned()),
            }),
        };
        Ok((request.body(()).context("this is no request")?, body))
    }
}
