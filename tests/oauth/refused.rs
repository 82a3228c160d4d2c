//! Ways in which a flow is tried that must not succeed, each with the standard's error. A vector is a sound request with
//! changes (see `rig::changed`).

mod asking;
mod exchanging;
mod proving;
mod showing;

/// A name, the changes, and the error.
pub type Vector = (&'static str, &'static [&'static str], &'static str);

#[tokio::test]
async fn none_of_the_vectors_gets_anything() {
    let counts = [
        asking::on_a_page().await,
        asking::at_the_redirect_uri().await,
        asking::silently().await,
        asking::pushing().await,
        exchanging::codes().await,
        exchanging::refreshing().await,
        exchanging::for_themselves().await,
        exchanging::devices().await,
        proving::by_secret().await,
        proving::by_assertion().await,
        proving::by_certificate().await,
        showing::tokens().await,
        showing::asked_about().await,
        showing::registering().await,
    ];
    let all: usize = counts.iter().sum();
    assert!(all >= 150, "{all} vectors: {counts:?}");
}
