//! Documents are shown to a ClamAV daemon before anything here reads them.
//!
//! The daemon is spoken to by its command `INSTREAM`: lengths and bytes, a length of nothing, and
//! one line comes back. A document that cannot be scanned, for whatever reason, is not read.

use std::io;
use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How much of a document is sent at a time.
const CHUNK_BYTES: usize = 64 * 1024;
/// The longest answer that is listened to.
const LONGEST_ANSWER_BYTES: u64 = 4096;
/// The most letters of a virus's name that are shown.
const LONGEST_NAME: usize = 80;

/// Where a ClamAV daemon listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clamd {
    /// On a socket in the file system.
    #[cfg(unix)]
    Unix(std::path::PathBuf),
    /// At a name or address, with its port.
    Tcp(String),
}

/// A text that does not say where a daemon listens.
#[derive(Debug, Error, PartialEq, Eq)]
#[error(
    "write the path of clamd's socket, such as /run/clamav/clamd.ctl, or its address and port, \
     such as 127.0.0.1:3310"
)]
pub struct UnknownClamd;

/// Why a document is not read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ScanError {
    /// The daemon found something, and calls it this.
    #[error("the document holds {0}, so it was not read; clean it, or save its text alone")]
    Infected(String),
    /// The daemon could not be asked, or did not answer.
    #[error("the virus scanner cannot be used: {0}")]
    Failed(String),
}

impl FromStr for Clamd {
    type Err = UnknownClamd;

    fn from_str(text: &str) -> Result<Self, UnknownClamd> {
        #[cfg(unix)]
        if text.contains('/') {
            return Ok(Self::Unix(text.into()));
        }
        let (host, port) = text.rsplit_once(':').ok_or(UnknownClamd)?;
        match port.parse::<u16>() {
            Ok(1..) if !host.is_empty() => Ok(Self::Tcp(text.to_owned())),
            _ => Err(UnknownClamd),
        }
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

impl Clamd {
    /// Has a document looked at, within a time.
    pub async fn check(&self, document: &[u8], time: Duration) -> Result<(), ScanError> {
        let answer = self.ask(Some(document), time).await?;
        match answer.strip_prefix("stream: ") {
            Some("OK") => Ok(()),
            Some(found) if found.ends_with(" FOUND") => {
                let name = found.trim_end_matches(" FOUND").chars();
                let name = name.filter(|c| !c.is_control()).take(LONGEST_NAME);
                Err(ScanError::Infected(name.collect()))
            }
            _ => Err(ScanError::Failed(format!("it answered `{answer}`"))),
        }
    }

    /// Asks whether it is there.
    pub async fn ping(&self, time: Duration) -> Result<(), ScanError> {
        match self.ask(None, time).await?.as_str() {
            "PONG" => Ok(()),
            answer => Err(ScanError::Failed(format!("it answered `{answer}`"))),
        }
    }

    async fn ask(&self, document: Option<&[u8]>, time: Duration) -> Result<String, ScanError> {
        let asked = async {
            let mut stream = self.connect().await?;
            match document {
                None => stream.write_all(b"zPING\0").await?,
                // It may have its answer before it has all of the document.
                Some(document) => drop(send(&mut *stream, document).await),
            }
            let mut answer = Vec::new();
            let mut stream = stream.take(LONGEST_ANSWER_BYTES);
            // An answer that came counts, however the connection ended.
            let read = stream.read_to_end(&mut answer).await;
            if answer.is_empty() {
                read?;
                return Err(io::Error::other("it closed the connection"));
            }
            Ok(answer)
        };
        let answer = timeout(time, asked)
            .await
            .map_err(|_| ScanError::Failed("it took too long".to_owned()))?
            .map_err(|error: io::Error| ScanError::Failed(error.to_string()))?;
        let answer = String::from_utf8_lossy(&answer);
        Ok(answer.trim_matches(['\0', '\n', ' ']).to_owned())
    }

    async fn connect(&self) -> io::Result<Box<dyn Stream>> {
        Ok(match self {
            #[cfg(unix)]
            Self::Unix(path) => Box::new(tokio::net::UnixStream::connect(path).await?),
            Self::Tcp(address) => Box::new(TcpStream::connect(address).await?),
        })
    }
}

async fn send(stream: &mut dyn Stream, document: &[u8]) -> io::Result<()> {
    stream.write_all(b"zINSTREAM\0").await?;
    for chunk in document.chunks(CHUNK_BYTES) {
        stream
            .write_all(&(chunk.len() as u32).to_be_bytes())
            .await?;
        stream.write_all(chunk).await?;
    }
    stream.write_all(&[0; 4]).await?;
    stream.flush().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_daemon_is_named_by_its_socket_or_its_address() {
        #[cfg(unix)]
        assert_eq!(
            "/run/clamav/clamd.ctl".parse(),
            Ok(Clamd::Unix("/run/clamav/clamd.ctl".into()))
        );
        for address in ["127.0.0.1:3310", "clamd:3310", "[::1]:3310"] {
            assert_eq!(address.parse(), Ok(Clamd::Tcp(address.to_owned())));
        }
        for wrong in ["", "clamd", ":3310", "clamd:", "clamd:0", "clamd:99999"] {
            assert_eq!(wrong.parse::<Clamd>(), Err(UnknownClamd), "{wrong}");
        }
    }

    #[tokio::test]
    async fn a_daemon_that_is_not_there_is_a_failed_scan() {
        let nowhere = Clamd::Tcp("127.0.0.1:1".to_owned());
        let error = nowhere.check(b"text", Duration::from_secs(5)).await;
        assert!(matches!(error, Err(ScanError::Failed(_))), "{error:?}");
    }
}
