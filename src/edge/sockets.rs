//! The listening sockets: bound here, or taken over from the running process, and handed on to the next.
//! They are bound before pingora sees them, so that a taken address is an error at once and not a panic
//! after thirty tries, and so that port 0 is known by its number.

use super::{fault::Fault, settings::Settings};
use pingora_core::server::{Fds, ListenFds};
#[cfg(target_os = "linux")]
use socket2::SockRef;
use std::{
    collections::HashSet,
    net::{SocketAddr, TcpListener},
    os::{fd::IntoRawFd, unix::fs::MetadataExt},
    panic::catch_unwind,
    path::{Path, PathBuf},
    sync::Arc,
};

/// pingora passes at most 32 descriptors with 2048 bytes of names, and checks neither.
const MOST: usize = 32;
/// Write permission of anybody else, in a folder's mode.
const OTHERS_WRITE: u32 = 0o022;

/// Sockets that listen, and nobody accepts from yet.
pub(super) struct Sockets {
    /// By address, in the order of [`Settings::listen`].
    pub addresses: Vec<SocketAddr>,
    fds: ListenFds,
    upgrade: Option<PathBuf>,
}

// === impl Sockets ===

impl Sockets {
    pub(super) fn open(settings: &Settings) -> Result<Self, Fault> {
        if settings.listen.is_empty() {
            return Err(Fault::NoListener);
        }
        if settings.listen.len() > MOST {
            return Err(Fault::TooManyListeners(settings.listen.len()));
        }
        let mut fds = Fds::new();
        if let Some(path) = &settings.upgrade_socket {
            check_folder(path)?;
            if settings.upgrade {
                fds = take_over(path)?;
            }
        }
        let mut bound = Vec::new();
        let mut addresses = Vec::new();
        for listen in &settings.listen {
            if fds.get(&listen.address.to_string()).is_some() {
                addresses.push(listen.address);
                continue;
            }
            let (address, listener) =
                bind(listen.address).map_err(|source| Fault::Bind { address: listen.address, source })?;
            addresses.push(address);
            bound.push((address.to_string(), listener));
        }
        // Only now, with no error left to come, do they become bare descriptors that pingora will own.
        for (name, listener) in bound {
            fds.add(name, listener.into_raw_fd());
        }
        // A socket that nobody accepts from would swallow connections for ever.
        let names: HashSet<String> = addresses.iter().map(SocketAddr::to_string).collect();
        let closed = fds.close_unclaimed(&names);
        if !closed.is_empty() {
            tracing::warn!(?closed, "closed sockets that were handed over and are not configured any more");
        }
        Ok(Self { addresses, fds: Arc::new(fds.into()), upgrade: settings.upgrade_socket.clone() })
    }

    /// The table from which pingora's services take their sockets.
    pub(super) fn table(&self) -> ListenFds {
        Arc::clone(&self.fds)
    }

    /// Gives the sockets to the process that waits for them; blocks for up to five seconds when none does.
    pub(super) fn hand_over(&self) -> Result<(), Fault> {
        let Some(path) = &self.upgrade else {
            return Err(Fault::UpgradeSocket { path: PathBuf::new(), reason: "none is configured".into() });
        };
        check_folder(path)?;
        let fault = |reason: String| Fault::UpgradeSocket { path: path.clone(), reason };
        let name = path.to_str().ok_or_else(|| fault("its name is not UTF-8".into()))?;
        self.fds.lock().send_to_sock(name).map(drop).map_err(|error| fault(error.to_string()))
    }
}

/// So much of an answer the kernel takes beyond what the client has room for: its own bound grows to 4 MB for each connection,
/// and some thousand clients that do not read would take all that it has for TCP from everybody else.
#[cfg(target_os = "linux")]
const UNSENT: u32 = 64 * 1024;

fn bind(address: SocketAddr) -> std::io::Result<(SocketAddr, TcpListener)> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    // Connections have it from the socket that they come to.
    #[cfg(target_os = "linux")]
    SockRef::from(&listener).set_tcp_notsent_lowat(UNSENT)?;
    Ok((listener.local_addr()?, listener))
}

/// Waits about six seconds for the running process to be told to hand over.
fn take_over(path: &Path) -> Result<Fds, Fault> {
    let fault = |reason: String| Fault::TakeOver { path: path.to_owned(), reason };
    let name = path.to_str().ok_or_else(|| fault("its name is not UTF-8".into()))?.to_owned();
    // pingora unwraps where the socket cannot be made.
    let taken = catch_unwind(|| {
        let mut fds = Fds::new();
        fds.get_from_sock(name.as_str()).map(|()| fds)
    });
    match taken {
        Ok(Ok(fds)) => Ok(fds),
        Ok(Err(error)) => Err(fault(error.to_string())),
        Err(_) => Err(fault("the socket cannot be made".into())),
    }
}

/// pingora makes the socket open to everybody, so the folder has to keep strangers out: one who listens
/// there first is given the sockets.
fn check_folder(path: &Path) -> Result<(), Fault> {
    let fault = |reason: String| Fault::UpgradeSocket { path: path.to_owned(), reason };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let data = std::fs::metadata(folder).map_err(|error| fault(error.to_string()))?;
    if !data.is_dir() || data.mode() & OTHERS_WRITE != 0 {
        return Err(fault("its folder can be written by others".into()));
    }
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::{
        io::{ErrorKind, Write},
        net::TcpStream,
    };

    #[test]
    fn the_kernel_takes_little_for_a_client_that_does_not_read() {
        let (address, listener) = bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let client = TcpStream::connect(address).unwrap();
        listener.set_nonblocking(false).unwrap();
        let (mut connection, _) = listener.accept().unwrap();
        assert_eq!(SockRef::from(&connection).tcp_notsent_lowat().unwrap(), UNSENT);
        connection.set_nonblocking(true).unwrap();
        let (bytes, mut taken) = ([0; 16 * 1024], 0);
        let full = loop {
            match connection.write(&bytes) {
                Ok(count) => taken += count,
                Err(error) => break error,
            }
        };
        assert_eq!(full.kind(), ErrorKind::WouldBlock);
        // What its own buffer has room for is sent, and no longer here.
        let room = SockRef::from(&client).recv_buffer_size().unwrap();
        assert!(taken < 2 * room + 4 * UNSENT as usize, "{taken} bytes, and its buffer has {room}");
    }
}
