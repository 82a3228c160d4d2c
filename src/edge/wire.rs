//! The bytes of a connection as HTTP sees them: those of pingora's stream, or those within TLS, which is begun here.

use pingora_core::protocols::Stream;
use rustls::ServerConfig;
use sha2::{Digest, Sha256};
use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// What TLS holds of an answer that is not taken: one record (RFC 8446 section 5.1).
const TLS_BUFFER: usize = 16 * 1024;

#[derive(Debug)]
pub(super) enum Wire {
    Plain(Stream),
    Tls(Box<TlsStream<Stream>>),
}

// === impl Wire ===

impl Wire {
    /// Shakes hands over TLS.
    pub(super) async fn tls(stream: Stream, config: Arc<ServerConfig>) -> io::Result<Self> {
        let bound = |session: &mut rustls::ServerConnection| session.set_buffer_limit(Some(TLS_BUFFER));
        TlsAcceptor::from(config).accept_with(stream, bound).await.map(|tls| Self::Tls(Box::new(tls)))
    }

    pub(super) fn is_tls(&self) -> bool {
        matches!(self, Self::Tls(_))
    }

    /// Whether HTTP/2 was agreed on (RFC 9113 section 3.2).
    pub(super) fn is_http2(&self) -> bool {
        matches!(self, Self::Tls(tls) if tls.get_ref().1.alpn_protocol() == Some(b"h2"))
    }

    /// SHA-256 of the client's certificate, where one came; it is verified then.
    pub(super) fn certificate(&self) -> Option<[u8; 32]> {
        let Self::Tls(tls) = self else { return None };
        tls.get_ref().1.peer_certificates()?.first().map(|leaf| Sha256::digest(leaf).into())
    }
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Tls(tls) => Pin::new(tls).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Tls(tls) => Pin::new(tls).poll_write(cx, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
            Self::Tls(tls) => Pin::new(tls).poll_write_vectored(cx, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(stream) => stream.is_write_vectored(),
            Self::Tls(tls) => tls.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }
}
