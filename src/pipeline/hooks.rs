//! Webhooks of the systems behind: `POST /hooks/<source>`. They are no API's: they are answered before a route is looked
//! for, and say nothing of records. Refuses with F111 (no such source, or none that says anything by itself), F126 and
//! those of bodies. What a webhook does is the source's matter.

use super::{Instance, arrive::Trouble};
use crate::{
    backend::Delivery,
    fault::{Fault, code},
    plan::{Means, http::Hook},
    value::time::Moment,
};
use bytes::Bytes;
use http::{Method, request::Parts};

/// No webhook says as much.
const LARGEST: usize = 256 * 1024;

/// The source that a path is about; `None` where it is none of ours, and may be an API's.
pub fn source(head: &Parts) -> Option<&str> {
    let name = head.uri.path().strip_prefix("/hooks/")?;
    (head.method == Method::POST && !name.is_empty() && !name.contains('/')).then_some(name)
}

pub async fn take<B>(instance: &Instance, name: &str, head: &Parts, body: B, now: Moment) -> Result<(), Fault>
where
    B: http_body::Body<Data = Bytes>,
    B::Error: Into<Trouble>,
{
    let no_path = || Fault::plain(&code::NO_PATH);
    let at = instance.plan.sources.iter().position(|source| source.name == name).ok_or_else(no_path)?;
    let of_source = instance.plan.resources.iter().filter(|resource| resource.binding.source == at);
    let hooks: Vec<&Hook> = of_source
        .filter_map(
            |resource| if let Means::Http(means) = &resource.binding.means { Some(means) } else { None },
        )
        .flat_map(|means| means.hooks())
        .collect();
    if hooks.is_empty() {
        return Err(no_path());
    }
    let text = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (id, timestamp, signature) =
        (text("webhook-id"), text("webhook-timestamp"), text("webhook-signature"));
    if signature.is_empty() {
        // What is not signed at all is not read.
        return Err(Fault::plain(&code::BAD_HOOK));
    }
    let body = super::arrive::collect(body).await?;
    if body.len() > LARGEST {
        return Err(Fault::plain(&code::TOO_LARGE));
    }
    instance.sources.of(at)?.hook(&hooks, &Delivery { id, timestamp, signature, body: &body }, now).await
}
