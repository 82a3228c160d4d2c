//! A queue that never makes its sender wait: what does not fit is dropped, and the sender is told so that it can count.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tokio::sync::mpsc;

#[derive(Debug)]
pub struct Sender<T>(mpsc::Sender<T>, Arc<AtomicBool>);

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), Arc::clone(&self.1))
    }
}

impl<T> Sender<T> {
    /// Whether it was taken.
    pub fn offer(&self, what: T) -> bool {
        !self.1.load(Ordering::Relaxed) && self.0.try_send(what).is_ok()
    }
}

/// The other end. Nothing is taken any more once it is dropped.
#[derive(Debug)]
pub struct Receiver<T> {
    inner: mpsc::Receiver<T>,
    closed: Arc<AtomicBool>,
}

impl<T> Receiver<T> {
    /// The next ones, at least one and at most `most`; nothing where no sender is left.
    pub async fn some(&mut self, most: usize) -> Vec<T> {
        let mut taken = Vec::new();
        self.inner.recv_many(&mut taken, most).await;
        taken
    }

    /// Those that are there already, at most `most`.
    pub fn ready(&mut self, most: usize) -> Vec<T> {
        std::iter::from_fn(|| self.inner.try_recv().ok()).take(most).collect()
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::Relaxed);
    }
}

/// A queue with room for so many.
pub fn bounded<T>(room: usize) -> (Sender<T>, Receiver<T>) {
    let (sender, inner) = mpsc::channel(room);
    let closed = Arc::new(AtomicBool::new(false));
    (Sender(sender, Arc::clone(&closed)), Receiver { inner, closed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_does_not_fit_is_dropped_and_the_sender_knows() {
        let (sender, mut receiver) = bounded(2);
        assert!(sender.offer(1) && sender.offer(2));
        assert!(!sender.offer(3));
        assert_eq!(receiver.some(10).await, [1, 2]);
        assert!(sender.offer(4));
        drop(receiver);
        assert!(!sender.offer(5));
    }
}
