//! Documents are shown to a ClamAV daemon, here a small one that speaks its protocol.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use fabula_studio::Clamd;
use serde_json::json;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::client::{Client, STORY, STORY_WORDS};
use crate::toy::Toy;

/// What the daemon takes for a virus.
const VIRUS: &[u8] = b"X5O!P%@AP is here";
/// The largest stream that the daemon takes.
const LARGEST: usize = 100_000;

/// Documents that the daemon was shown.
type Seen = Arc<Mutex<Vec<Vec<u8>>>>;

/// Answers one connection as clamd does.
async fn answer(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    seen: &Seen,
) -> std::io::Result<()> {
    let mut command = Vec::new();
    while command.last() != Some(&0) {
        command.push(stream.read_u8().await?);
    }
    if command == b"zPING\0" {
        return stream.write_all(b"PONG\0").await;
    }
    assert_eq!(command, b"zINSTREAM\0");
    let mut document = Vec::new();
    loop {
        let length = stream.read_u32().await? as usize;
        if length == 0 {
            break;
        }
        if document.len() + length > LARGEST {
            return stream
                .write_all(b"INSTREAM size limit exceeded. ERROR\0")
                .await;
        }
        let mut chunk = vec![0; length];
        stream.read_exact(&mut chunk).await?;
        document.extend(chunk);
    }
    let is_bad = document.windows(VIRUS.len()).any(|part| part == VIRUS);
    seen.lock().unwrap().push(document);
    let verdict: &[u8] = if is_bad {
        b"stream: Win.Test.EICAR_HDB-1 FOUND\0"
    } else {
        b"stream: OK\0"
    };
    stream.write_all(verdict).await
}

async fn daemon() -> (Clamd, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Seen::default();
    let heard = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = answer(stream, &heard).await;
        }
    });
    (Clamd::Tcp(address.to_string()), seen)
}

fn client(clamd: Clamd) -> Client {
    Client::with(Toy::eager(), |config| {
        config.clamd = Some(clamd);
        config.limits.scan = Duration::from_millis(500);
    })
}

async fn upload(client: &Client, document: Vec<u8>) -> crate::client::Answer {
    let path = "/api/analyses?name=story.txt";
    client.call("POST", path, "text/plain", document).await
}

#[tokio::test]
async fn every_story_is_shown_to_the_scanner_before_it_is_read() {
    let (clamd, seen) = daemon().await;
    let client = client(clamd);
    assert_eq!(upload(&client, STORY.into()).await.status, 201);
    let written = json!({"text": STORY});
    assert_eq!(client.post("/api/analyses", &written).await.status, 201);
    // More than fits into one chunk.
    let long = format!("{STORY}{}", " ".repeat(90_000));
    assert_eq!(upload(&client, long.clone().into()).await.status, 422);
    let seen = seen.lock().unwrap();
    assert_eq!(*seen, [STORY.as_bytes(), STORY.as_bytes(), long.as_bytes()]);
}

#[tokio::test]
async fn a_document_with_a_virus_is_refused_by_name() {
    let (clamd, _) = daemon().await;
    let client = client(clamd);
    let answer = upload(&client, [STORY.as_bytes(), VIRUS].concat()).await;
    answer.assert_problem(422, "holds Win.Test.EICAR_HDB-1");
    assert_eq!(answer.json()["type"], "urn:fabula:problem:infected");
    assert!(!client.keeps(STORY_WORDS[0]));
}

#[tokio::test]
async fn a_document_that_cannot_be_scanned_is_refused() {
    let (clamd, _) = daemon().await;
    let client_of_small = client(clamd);
    // The daemon answers before it has all of it, and closes.
    let answer = upload(&client_of_small, vec![b'a'; 2_000_000]).await;
    answer.assert_problem(503, "could not be checked for viruses");

    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let client_of_silent = client(Clamd::Tcp(address.clone()));
    let answer = upload(&client_of_silent, STORY.into()).await;
    answer.assert_problem(503, "could not be checked for viruses");
    assert_eq!(client_of_silent.get("/ready").await.status, 503);
    drop(silent);

    let client_of_none = client(Clamd::Tcp(address));
    let answer = upload(&client_of_none, STORY.into()).await;
    answer.assert_problem(503, "could not be checked for viruses");
    for client in [&client_of_small, &client_of_silent, &client_of_none] {
        assert!(!client.keeps(STORY_WORDS[0]));
    }
}

#[tokio::test]
async fn a_studio_whose_scanner_answers_is_ready() {
    let (clamd, _) = daemon().await;
    assert_eq!(client(clamd).get("/ready").await.status, 200);
}

#[cfg(unix)]
#[tokio::test]
async fn a_scanner_listens_on_a_socket_in_the_file_system_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clamd.ctl");
    let listener = tokio::net::UnixListener::bind(&path).unwrap();
    let seen = Seen::default();
    let heard = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = answer(stream, &heard).await;
        }
    });
    let client = client(path.to_str().unwrap().parse().unwrap());
    assert_eq!(upload(&client, STORY.into()).await.status, 201);
    assert_eq!(*seen.lock().unwrap(), [STORY.as_bytes()]);
}
