//! Requests at a constant rate, whatever becomes of them, each judged by its own mark.

use super::house::{House, ITEMS};
use std::time::{Duration, Instant};

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Came {
    /// Its own record.
    Right,
    /// An error in the API's form, with its code; whether it says when to come again.
    Refused(String, bool),
    /// Anything else: what it was.
    Wrong(String),
}

/// One request that has ended.
#[derive(Debug, Clone)]
pub struct Asked {
    pub wing: &'static str,
    /// When it was due, from the load's beginning.
    pub due: Duration,
    /// From when it was due to its end.
    pub took: Duration,
    pub came: Came,
}

pub fn client() -> reqwest::Client {
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(60));
    client.pool_max_idle_per_host(4000).build().unwrap()
}

/// Asks once, and judges the answer.
pub async fn ask(client: &reqwest::Client, url: &str, id: u32) -> Came {
    let response = match client.get(url).send().await {
        Ok(response) => response,
        Err(error) => return Came::Wrong(format!("no answer: {error:?}")),
    };
    let status = response.status().as_u16();
    let again = response.headers().contains_key("retry-after");
    let text = match response.text().await {
        Ok(text) => text,
        Err(error) => return Came::Wrong(format!("half an answer: {error:?}")),
    };
    let Ok(body) = serde_json::from_str::<serde_json::Value>(&text) else {
        return Came::Wrong(format!("{status}: no JSON: {text}"));
    };
    if status == 200 {
        let own = body["itemId"] == id.to_string() && body["name"] == format!("mark-{id}");
        let note = body["note"].as_str().unwrap_or_default();
        let note = note.trim_end() == super::backend::filler(&id.to_string()).trim_end();
        return if own && note { Came::Right } else { Came::Wrong(format!("asked for {id}, got {text}")) };
    }
    let code = body["code"].as_str().unwrap_or_default();
    let form =
        body["response_code"] == status && body["more_info"].is_string() && body["message"].is_string();
    if status == 500 && form && code.starts_with("F5") {
        Came::Refused(code.to_owned(), again)
    } else {
        Came::Wrong(format!("{status}: {text}"))
    }
}

/// So many requests a second over these wings in turn, for this long.
pub async fn load(
    house: &House,
    client: &reqwest::Client,
    wings: &[&'static str],
    rate: u32,
    span: Duration,
) -> Vec<Asked> {
    let begun = Instant::now();
    let gap = Duration::from_secs(1) / rate;
    let count = (span.as_secs_f64() * f64::from(rate)) as u32;
    let mut all = Vec::with_capacity(count as usize);
    let mut done = Vec::with_capacity(count as usize);
    for number in 0..count {
        let due = gap * number;
        let wing = wings[number as usize % wings.len()];
        let id = number.wrapping_mul(7) % ITEMS;
        let (client, url) = (client.clone(), house.url(wing, id));
        if let Some(left) = due.checked_sub(begun.elapsed()) {
            tokio::time::sleep(left).await;
        }
        #[expect(clippy::disallowed_methods, reason = "it is waited for below")]
        all.push(tokio::spawn(async move {
            let came = ask(&client, &url, id).await;
            Asked { wing, due, took: begun.elapsed().saturating_sub(due), came }
        }));
    }
    for one in all {
        done.push(one.await.unwrap());
    }
    done
}

/// What did not come as it should.
pub fn wrong(all: &[Asked]) -> Vec<String> {
    let wrong = all.iter().filter_map(|asked| match &asked.came {
        Came::Wrong(what) => Some(format!("{}: {}", asked.wing, what.chars().take(300).collect::<String>())),
        _ => None,
    });
    wrong.collect()
}

/// A percentile of how long they took.
pub fn percentile<'a>(all: impl Iterator<Item = &'a Asked>, percent: usize) -> Duration {
    let mut took: Vec<Duration> = all.map(|asked| asked.took).collect();
    took.sort_unstable();
    took.get(took.len() * percent / 100).or(took.last()).copied().unwrap_or_default()
}
