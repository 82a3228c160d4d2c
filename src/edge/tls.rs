//! TLS of the listening addresses: certificates and keys are read and checked before anything listens, and renewed
//! while it does, all of them or none. TLS 1.2 with authenticated ciphers and TLS 1.3, by rustls; a certificate is
//! chosen by the name that a client asks for; clients are asked for theirs only where that is said.
//!
//! The handshake is ours, not pingora's: that one is outside the count of connections, may take a minute, and keeps
//! the configuration it began with.

use super::{
    fault::Fault,
    settings::{Clients, Listen, Pair, Tls},
};
use arc_swap::ArcSwap;
use rustls::{
    RootCertStore, ServerConfig,
    client::verify_server_name,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
    server::{
        ClientHello, ParsedCertificate, ResolvesServerCert, WebPkiClientVerifier, danger::ClientCertVerifier,
    },
    sign::CertifiedKey,
};
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

/// Makes aws-lc-rs the process's TLS provider; to be called before anything else may use TLS, because the
/// first provider stays and pingora installs ring when there is none.
pub fn install_tls_provider() {
    // An error says that a provider is there already, which is what was wanted.
    let _ = aws_lc_rs::default_provider().install_default();
}

/// A listening address's TLS of now: a connection holds what it began with.
pub(super) type Live = Option<Arc<ArcSwap<ServerConfig>>>;

/// The certificates of an edge. Clones are of the same.
#[derive(Clone, Debug)]
pub struct Certificates(Arc<Vec<Address>>);

#[derive(Debug)]
struct Address {
    address: SocketAddr,
    live: Live,
    /// What was read last: what is the same is not put in place again.
    read: Mutex<Read>,
}

/// The files of one address, each with the SHA-256 of what it said.
type Read = Vec<(PathBuf, [u8; 32])>;

/// Chooses the certificate of a name.
#[derive(Debug)]
struct Chosen {
    first: Arc<CertifiedKey>,
    /// By whole names, and by names with `*` for their first label.
    by_name: HashMap<String, Arc<CertifiedKey>>,
}

// === impl Certificates ===

impl Certificates {
    pub(super) fn open(listen: &[Listen]) -> Result<Self, Fault> {
        let address = |one: &Listen| {
            let Some(tls) = &one.tls else {
                return Ok(Address { address: one.address, live: None, read: Mutex::default() });
            };
            let (config, read) = config(tls)?;
            let live = Some(Arc::new(ArcSwap::from_pointee(config)));
            Ok(Address { address: one.address, live, read: Mutex::new(read) })
        };
        Ok(Self(Arc::new(listen.iter().map(address).collect::<Result<_, _>>()?)))
    }

    pub(super) fn live(&self) -> impl Iterator<Item = Live> {
        self.0.iter().map(|one| one.live.clone())
    }

    /// Reads all files anew and serves new connections with what they say now; connections that are open go on with what
    /// they have. Where anything cannot be used nothing changes. The settings may name other files than before; an
    /// address that is not served with TLS is passed over. Tells the addresses whose certificates are others now.
    ///
    /// Blocks for as long as the files take to be read.
    pub fn renew(&self, listen: &[Listen]) -> Result<Vec<SocketAddr>, Fault> {
        let mut renewed = Vec::new();
        for one in self.0.iter() {
            let said = listen.iter().find(|said| said.address == one.address);
            let (Some(live), Some(tls)) = (&one.live, said.and_then(|said| said.tls.as_ref())) else {
                continue;
            };
            let (config, read) = config(tls)?;
            let is_same = *one.read.lock().unwrap_or_else(PoisonError::into_inner) == read;
            if !is_same {
                renewed.push((one, live, config, read));
            }
        }
        let place = |(one, live, config, read): (&Address, &Arc<ArcSwap<ServerConfig>>, _, _)| {
            live.store(Arc::new(config));
            *one.read.lock().unwrap_or_else(PoisonError::into_inner) = read;
            one.address
        };
        Ok(renewed.into_iter().map(place).collect())
    }

    /// The files that are read.
    pub fn files(&self) -> Vec<PathBuf> {
        let read = |one: &Address| {
            let read = one.read.lock().unwrap_or_else(PoisonError::into_inner);
            read.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>()
        };
        self.0.iter().flat_map(read).collect()
    }
}

/// A listening address's TLS, with HTTP/2 and HTTP/1.1 offered by ALPN.
fn config(tls: &Tls) -> Result<(ServerConfig, Read), Fault> {
    let mut read = Vec::new();
    let first = pair(&tls.pair, &mut read)?;
    let mut by_name = HashMap::new();
    for named in &tls.named {
        let certified = pair(&named.pair, &mut read)?;
        for name in &named.names {
            is_for(&certified, name).map_err(|reason| fault(&named.pair.certificate, &reason))?;
            if by_name.insert(name.clone(), Arc::clone(&certified)).is_some() {
                let reason = format!("there is another certificate for `{name}`");
                return Err(fault(&named.pair.certificate, &reason));
            }
        }
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(|error| fault(&tls.pair.certificate, &error))?;
    let builder = match &tls.clients {
        Some(clients) => builder.with_client_cert_verifier(verifier(clients, &mut read)?),
        None => builder.with_no_client_auth(),
    };
    let mut config = builder.with_cert_resolver(Arc::new(Chosen { first, by_name }));
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok((config, read))
}

/// A certificate with its key; the two have to belong together.
fn pair(pair: &Pair, read: &mut Read) -> Result<Arc<CertifiedKey>, Fault> {
    let pem = bytes(&pair.certificate, read)?;
    let chain = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| fault(&pair.certificate, &error))?;
    if chain.is_empty() {
        return Err(fault(&pair.certificate, &"there is no certificate in it"));
    }
    let pem = bytes(&pair.key, read)?;
    let key = PrivateKeyDer::from_pem_slice(&pem).map_err(|error| fault(&pair.key, &error))?;
    let certified = CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider())
        .map_err(|error| fault(&pair.key, &error))?;
    Ok(Arc::new(certified))
}

/// Whether a certificate is for a name; for `*.` any label has to do (RFC 9525 section 6.3).
fn is_for(certified: &CertifiedKey, name: &str) -> Result<(), String> {
    let sample = name.strip_prefix("*.").map_or_else(|| name.to_owned(), |rest| format!("any.{rest}"));
    let asked = ServerName::try_from(sample).map_err(|_| format!("`{name}` is no host name"))?;
    let leaf = certified.end_entity_cert().map_err(|error| error.to_string())?;
    let leaf = ParsedCertificate::try_from(leaf).map_err(|error| error.to_string())?;
    verify_server_name(&leaf, &asked).map_err(|_| format!("the certificate is not for `{name}`"))
}

/// Verifies certificates of clients against the authorities of a file.
fn verifier(clients: &Clients, read: &mut Read) -> Result<Arc<dyn ClientCertVerifier>, Fault> {
    let path = &clients.authorities;
    let pem = bytes(path, read)?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| fault(path, &error))?;
        roots.add(certificate).map_err(|error| fault(path, &error))?;
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
    let verifier = if clients.required { verifier } else { verifier.allow_unauthenticated() };
    verifier.build().map_err(|error| fault(path, &error))
}

fn bytes(path: &Path, read: &mut Read) -> Result<Vec<u8>, Fault> {
    let bytes = std::fs::read(path).map_err(|error| fault(path, &error))?;
    read.push((path.to_owned(), Sha256::digest(&bytes).into()));
    Ok(bytes)
}

fn fault(path: &Path, reason: &dyn ToString) -> Fault {
    Fault::Certificate { path: path.to_owned(), reason: reason.to_string() }
}

// === impl Chosen ===

impl ResolvesServerCert for Chosen {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(self.of(hello.server_name())))
    }
}

impl Chosen {
    /// The certificate of a name, else the one whose first label stands for any, else the first one.
    fn of(&self, name: Option<&str>) -> &Arc<CertifiedKey> {
        let named = name.map(str::to_ascii_lowercase).and_then(|name| {
            let wild = || name.split_once('.').map(|(_, rest)| format!("*.{rest}"));
            self.by_name.get(&name).or_else(|| self.by_name.get(&wild()?))
        });
        named.unwrap_or(&self.first)
    }
}
