//! A wire that can be broken: a proxy for TCP with one fault at a time. It knows as much of HTTP as its faults need.

use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
    time::sleep,
};

/// What is wrong with the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    Sound,
    Refused,
    ResetBefore,
    ResetInHeader,
    ResetInBody,
    BlackHole,
    Delay,
    Drip,
    Truncated,
    WrongLength,
    Garbage,
    Failing,
    Flood,
    HugeHeaders,
    TooMany,
}

/// A listener that can go away and come again on its port.
pub struct Proxy {
    fault: watch::Sender<Fault>,
    task: tokio::task::JoinHandle<()>,
}

impl Proxy {
    /// On a port of its own, in front of another.
    pub fn start(port: u16, upstream: SocketAddr) -> Self {
        let (fault, faults) = watch::channel(Fault::Sound);
        #[expect(clippy::disallowed_methods, reason = "it ends with the proxy")]
        let task = tokio::spawn(accept(port, upstream, faults));
        Self { fault, task }
    }

    pub fn set(&self, fault: Fault) {
        self.fault.send_replace(fault);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(port: u16, upstream: SocketAddr, mut faults: watch::Receiver<Fault>) {
    loop {
        if *faults.borrow_and_update() == Fault::Refused {
            if faults.changed().await.is_err() {
                return;
            }
            continue;
        }
        let Ok(listener) = TcpListener::bind(("127.0.0.1", port)).await else {
            sleep(Duration::from_millis(10)).await;
            continue;
        };
        loop {
            tokio::select! {
                changed = faults.changed() => {
                    if changed.is_err() { return; }
                    if *faults.borrow() == Fault::Refused { break; }
                }
                came = listener.accept() => {
                    let Ok((stream, _)) = came else { continue };
                    #[expect(clippy::disallowed_methods, reason = "it ends with its connection or with the fault")]
                    tokio::spawn(connection(stream, upstream, faults.clone()));
                }
            }
        }
    }
}

async fn connection(client: TcpStream, upstream: SocketAddr, mut faults: watch::Receiver<Fault>) {
    let _ = client.set_nodelay(true);
    if *faults.borrow_and_update() == Fault::ResetBefore {
        let _ = client.set_zero_linger();
        return;
    }
    // Whom nobody will answer nobody need hear: a database that takes up each connection in vain works on the load's core.
    if matches!(*faults.borrow(), Fault::BlackHole | Fault::Delay) {
        let _ = faults.changed().await;
        return;
    }
    let Ok(server) = TcpStream::connect(upstream).await else { return };
    let _ = server.set_nodelay(true);
    let client = Arc::new(client);
    let (mut from_server, mut to_server) = server.into_split();
    let asking = {
        let client = Arc::clone(&client);
        async move {
            let mut piece = vec![0; 64 * 1024];
            loop {
                if client.readable().await.is_err() {
                    return;
                }
                match client.try_read(&mut piece) {
                    Ok(0) => return,
                    Ok(count) => {
                        if to_server.write_all(&piece[..count]).await.is_err() {
                            return;
                        }
                    }
                    Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                    Err(_) => return,
                }
            }
        }
    };
    let answering = async {
        let mut piece = vec![0; 64 * 1024];
        loop {
            let count = tokio::select! {
                read = from_server.read(&mut piece) => match read { Ok(0) | Err(_) => return, Ok(count) => count },
                changed = faults.changed() => {
                    if changed.is_err() || *faults.borrow() == Fault::Refused { return; }
                    continue;
                }
            };
            let fault = *faults.borrow_and_update();
            if fault == Fault::Sound {
                if write(&client, &piece[..count]).await.is_err() {
                    return;
                }
                continue;
            }
            // Whatever the fault does, the connection does not outlive it.
            tokio::select! {
                () = spoil(&client, fault, &piece[..count]) => {}
                _ = faults.changed() => {}
            }
            return;
        }
    };
    tokio::select! {
        () = asking => {}
        () = answering => {}
    }
    if *faults.borrow() != Fault::Truncated {
        let _ = client.set_zero_linger();
    }
}

async fn write(client: &TcpStream, mut bytes: &[u8]) -> std::io::Result<()> {
    while !bytes.is_empty() {
        client.writable().await?;
        match client.try_write(bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Does to an answer what the fault says. When it returns the connection ends.
async fn spoil(client: &TcpStream, fault: Fault, answer: &[u8]) {
    let half = answer.len() / 2;
    let hang = Duration::from_mins(10);
    match fault {
        Fault::Sound | Fault::Refused | Fault::ResetBefore => {}
        Fault::ResetInHeader => _ = write(client, &answer[..answer.len().min(10)]).await,
        Fault::ResetInBody => {
            let _ = write(client, &answer[..half]).await;
            sleep(Duration::from_millis(20)).await;
        }
        Fault::BlackHole => sleep(hang).await,
        Fault::Delay => {
            sleep(Duration::from_secs(20)).await;
            let _ = write(client, answer).await;
        }
        Fault::Drip => {
            for piece in answer.chunks(100) {
                if write(client, piece).await.is_err() {
                    return;
                }
                sleep(Duration::from_millis(100)).await;
            }
        }
        Fault::Truncated => _ = write(client, &answer[..answer.len() - answer.len().min(20)]).await,
        Fault::WrongLength => {
            let _ = write(client, &longer(answer)).await;
            sleep(Duration::from_millis(20)).await;
        }
        Fault::Garbage => {
            let noise: Vec<u8> =
                answer.iter().enumerate().map(|(at, byte)| byte.wrapping_mul(31) ^ at as u8).collect();
            let _ = write(client, &noise).await;
            sleep(hang).await;
        }
        Fault::Failing => {
            let _ = write(client, b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n").await;
            sleep(Duration::from_millis(20)).await;
        }
        Fault::TooMany => {
            let said = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n";
            let _ = write(client, said).await;
            sleep(Duration::from_millis(20)).await;
        }
        Fault::Flood => {
            let many = b"HTTP/1.1 102 Processing\r\n\r\n".repeat(100);
            while write(client, &many).await.is_ok() {
                sleep(Duration::from_millis(5)).await;
            }
        }
        Fault::HugeHeaders => {
            let mut head = b"HTTP/1.1 200 OK\r\n".to_vec();
            for number in 0..200 {
                head.extend_from_slice(format!("x-{number}: {}\r\n", "a".repeat(8000)).as_bytes());
            }
            let _ = write(client, &head).await;
            sleep(hang).await;
        }
    }
}

/// The same answer that says it were fifty bytes longer: of HTTP, and of the messages of `PostgreSQL`.
fn longer(answer: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(answer);
    if let Some((before, rest)) = text.split_once("Content-Length: ")
        && let Some((digits, rest)) = rest.split_once("\r\n")
    {
        let length: usize = digits.parse().unwrap_or(0);
        return format!("{before}Content-Length: {}\r\n{rest}", length + 50).into_bytes();
    }
    let mut answer = answer.to_vec();
    if let Some(byte) = answer.get_mut(3) {
        *byte = byte.wrapping_add(50);
    }
    answer
}
