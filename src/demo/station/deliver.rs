//! The delivery of a system's messages to others: in order, one at a time, in the background. It keeps nothing over a
//! restart and signs nothing; a system puts its signature among the headers.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::task::JoinSet;

use super::{Outgoing, lock};

/// More messages than that do not wait; the newest are lost with a warning.
const MOST: usize = 1_000;
/// The pauses before the second, third and fourth try of one message; the others wait behind it.
const PAUSES: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(4), Duration::from_secs(16)];
/// For one try, from connecting to the end of the answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The messages of one system that are on their way.
#[derive(Debug)]
pub(super) struct Post {
    system: &'static str,
    /// Between the tries of one message.
    pauses: [Duration; 3],
    state: Mutex<Queue>,
    /// Holds the task that delivers, which ends with its station.
    carrier: Mutex<JoinSet<()>>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Outgoing>,
    /// Whether a task is at work on it.
    carried: bool,
}

impl Post {
    pub(super) fn new(system: &'static str) -> Arc<Self> {
        Self::with(system, PAUSES)
    }

    fn with(system: &'static str, pauses: [Duration; 3]) -> Arc<Self> {
        Arc::new(Self { system, pauses, state: Mutex::default(), carrier: Mutex::default() })
    }

    /// Takes messages over, under the lock of the queue: two answers at once keep the system's order. Begins to deliver
    /// if nobody does.
    pub(super) fn take(self: &Arc<Self>, messages: impl FnOnce() -> Vec<Outgoing>) {
        let mut queue = lock(&self.state);
        for message in messages() {
            if queue.waiting.len() == MOST {
                tracing::warn!(system = self.system, url = message.url, "a message is lost: too many wait");
                continue;
            }
            queue.waiting.push_back(message);
        }
        if queue.carried || queue.waiting.is_empty() {
            return;
        }
        queue.carried = true;
        drop(queue);
        let mut carrier = lock(&self.carrier);
        while carrier.try_join_next().is_some() {}
        // A weak reference: otherwise the task would keep the set alive that is to end it.
        let (post, system, pauses) = (Arc::downgrade(self), self.system, self.pauses);
        carrier.spawn(async move {
            let client = client();
            while let Some(message) = post.upgrade().and_then(|post| post.next()) {
                match &client {
                    Ok(client) => carry(client, system, &message, &pauses).await,
                    Err(error) => tracing::warn!(system, %error, "a message is lost: no client"),
                }
            }
        });
    }

    /// The oldest message; none ends the task.
    fn next(&self) -> Option<Outgoing> {
        let mut queue = lock(&self.state);
        let next = queue.waiting.pop_front();
        queue.carried = next.is_some();
        next
    }
}

/// No proxy and no redirect: a message goes where it is addressed to.
fn client() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(PATIENCE)
        .user_agent("webhooks/1.0")
        .build()
}

/// One message, tried until a 2xx comes or the tries are over. 410 says that nobody wants it any more.
async fn carry(client: &reqwest::Client, system: &str, message: &Outgoing, pauses: &[Duration]) {
    let mut pauses = pauses.iter();
    loop {
        let refused = match attempt(client, message).await {
            Ok(status) if status.is_success() => return,
            Ok(reqwest::StatusCode::GONE) => return,
            Ok(status) => status.to_string(),
            Err(error) if error.is_builder() => {
                tracing::warn!(system, url = message.url, %error, "a message is lost: it cannot be sent");
                return;
            }
            Err(error) => error.to_string(),
        };
        let Some(pause) = pauses.next() else {
            tracing::warn!(system, url = message.url, refused, "a message is lost: all tries failed");
            return;
        };
        tokio::time::sleep(*pause).await;
    }
}

async fn attempt(client: &reqwest::Client, message: &Outgoing) -> reqwest::Result<reqwest::StatusCode> {
    let mut request = client.post(&message.url).body(message.body.clone());
    for (name, value) in &message.headers {
        request = request.header(name, value);
    }
    Ok(request.send().await?.status())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::disallowed_methods, reason = "a test ends with the tasks that it began")]

    use axum::Router;
    use axum::extract::{Request, State};
    use axum::http::StatusCode;
    use tokio::task::JoinHandle;
    use tokio::time::Instant;

    use super::*;

    const SHORT: [Duration; 3] = [Duration::from_millis(1); 3];

    /// Takes messages; answers the first ones with the statuses given, the others with 204.
    #[derive(Debug, Default)]
    struct Inbox {
        statuses: Mutex<VecDeque<u16>>,
        came: Mutex<Vec<String>>,
    }

    async fn inbox(statuses: &[u16]) -> (Arc<Inbox>, String, JoinHandle<std::io::Result<()>>) {
        let inbox =
            Arc::new(Inbox { statuses: Mutex::new(statuses.iter().copied().collect()), ..Inbox::default() });
        let take = async |State(inbox): State<Arc<Inbox>>, request: Request| {
            let (head, body) = request.into_parts();
            let body = axum::body::to_bytes(body, 1000).await.unwrap();
            let signature = head.headers["x-signature"].to_str().unwrap();
            lock(&inbox.came).push(format!(
                "{} {} {signature} {}",
                head.method,
                head.uri,
                String::from_utf8_lossy(&body)
            ));
            let status = lock(&inbox.statuses).pop_front().unwrap_or(204);
            StatusCode::from_u16(status).unwrap()
        };
        let router = Router::new().fallback(take).with_state(Arc::clone(&inbox));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let server = tokio::spawn(IntoFuture::into_future(axum::serve(listener, router)));
        (inbox, url, server)
    }

    fn message(url: &str, body: &str) -> Outgoing {
        let headers = vec![("x-signature".to_owned(), "s".to_owned())];
        Outgoing { url: url.to_owned(), headers, body: body.to_owned() }
    }

    /// Waits until so many came, and a moment longer for what should not come.
    async fn came(inbox: &Inbox, count: usize) -> Vec<String> {
        let deadline = Instant::now() + Duration::from_secs(10);
        while lock(&inbox.came).len() < count && Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        lock(&inbox.came).clone()
    }

    #[tokio::test]
    async fn a_refused_message_is_tried_again_before_the_next() {
        let (inbox, url, server) = inbox(&[503, 404]).await;
        let post = Post::with("test", SHORT);
        post.take(|| vec![message(&url, "one"), message(&url, "two")]);
        let (one, two) = ("POST /hook s one", "POST /hook s two");
        assert_eq!(came(&inbox, 4).await, [one, one, one, two]);
        // The task has ended; the next message starts another.
        post.take(|| vec![message(&url, "one")]);
        assert_eq!(came(&inbox, 5).await.len(), 5);
        server.abort();
    }

    #[tokio::test]
    async fn a_message_is_given_up_after_four_tries() {
        let (inbox, url, server) = inbox(&[500; 4]).await;
        let post = Post::with("test", SHORT);
        post.take(|| vec![message(&url, "one"), message(&url, "two")]);
        assert_eq!(came(&inbox, 5).await.concat().matches("one").count(), 4);
        assert_eq!(lock(&inbox.came).len(), 5);
        server.abort();
    }

    #[tokio::test]
    async fn what_is_gone_or_cannot_be_sent_holds_nobody_up() {
        let (inbox, url, server) = inbox(&[410]).await;
        let post = Post::with("test", [Duration::from_mins(10); 3]);
        post.take(|| vec![message("nowhere", "zero"), message(&url, "one"), message(&url, "two")]);
        assert_eq!(came(&inbox, 2).await, ["POST /hook s one", "POST /hook s two"]);
        server.abort();
    }

    #[tokio::test]
    async fn the_queue_is_bounded_and_the_newest_are_lost() {
        let post = Post::with("test", SHORT);
        post.take(|| (0..=MOST).map(|at| message("nowhere", &at.to_string())).collect());
        let queue = lock(&post.state);
        // No task has run yet: the test has not yielded.
        assert_eq!((queue.waiting.len(), queue.waiting[MOST - 1].body.as_str()), (MOST, "999"));
    }

    #[tokio::test]
    async fn delivery_ends_with_its_station() {
        let (inbox, url, server) = inbox(&[500; 4]).await;
        let post = Post::with("test", [Duration::from_millis(250); 3]);
        post.take(|| vec![message(&url, "one")]);
        assert_eq!(came(&inbox, 1).await.len(), 1);
        drop(post);
        tokio::time::sleep(Duration::from_millis(400)).await;
        assert_eq!(lock(&inbox.came).len(), 1);
        server.abort();
    }
}
