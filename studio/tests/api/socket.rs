//! The studio on a real socket.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::client::{Client, config};
use crate::toy::Toy;

/// Sends bytes and reads until the other side closes.
async fn exchange(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // It may close before it has all of it.
    let _ = stream.write_all(request).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

async fn serve(client: Client) -> (SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (end, ending) = oneshot::channel::<()>();
    let served = tokio::spawn(async move {
        let Client { studio, folder, .. } = client;
        let ending = async {
            let _ = ending.await;
        };
        studio.serve(listener, ending).await;
        drop(folder);
    });
    (address, end, served)
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_answered_until_the_studio_is_asked_to_end() {
    let (address, end, served) = serve(Client::new(Toy::eager())).await;
    let request = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let answer = exchange(address, request).await;
    assert!(
        answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("{\"status\":\"ok\"}"),
        "{answer}"
    );
    // Someone who waits for the next request does not hold it up.
    let idle = TcpStream::connect(address).await.unwrap();
    end.send(()).unwrap();
    served.await.unwrap();
    drop(idle);
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_studio_ends_while_a_film_is_made_and_watched() {
    let client = Client::new(Arc::default());
    let path = client.order("Watched").await;
    client
        .film_when(&path, |film| film["stage"] == "drawing")
        .await;
    let folder = client.folder.path().to_owned();
    let (address, end, served) = serve(client).await;
    let mut watcher = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path}/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    watcher.write_all(request.as_bytes()).await.unwrap();
    let mut seen = [0; 16];
    watcher.read_exact(&mut seen).await.unwrap();
    assert!(folder.join(path.trim_start_matches("/api/")).exists());
    end.send(()).unwrap();
    // The stream ends, so that nobody is waited for.
    let mut rest = Vec::new();
    watcher.read_to_end(&mut rest).await.unwrap();
    served.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_request_is_turned_away() {
    let (address, _end, _served) = serve(Client::new(Toy::eager())).await;
    let long = format!(
        "GET / HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n",
        "a".repeat(100_000)
    );
    for (request, expected) in [
        (&b"GARBAGE\r\n\r\n"[..], "HTTP/1.1 400"),
        (b"\x16\x03\x01\x02\x00", "HTTP/1.1 400"),
        (
            b"GET / HTTP/1.1\r\nHost: localhost\r\nA\x00: b\r\n\r\n",
            "HTTP/1.1 400",
        ),
        (
            b"POST /api/analyses HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
            "HTTP/1.1 400",
        ),
        (long.as_bytes(), "HTTP/1.1 431"),
    ] {
        let answer = exchange(address, request).await;
        assert!(answer.starts_with(expected), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let client = Client::with(Toy::eager(), |config| {
        config.limits.upload = Duration::from_millis(50);
    });
    let (address, _end, _served) = serve(client).await;
    let head = b"POST /api/analyses HTTP/1.1\r\nHost: localhost\r\nX-Fabula: 1\r\n\
        Content-Type: text/plain\r\nContent-Length: 1000\r\nConnection: close\r\n\r\nOnce upon";
    let answer = exchange(address, head).await;
    assert!(
        answer.starts_with("HTTP/1.1 408") && answer.contains("too-slow"),
        "{answer}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_sends_nothing_or_takes_nothing_is_given_up() {
    let client = Client::with(Toy::eager(), |config| {
        config.limits.head = Duration::from_millis(50);
        config.limits.stall = Duration::from_millis(50);
        config.limits.connections_per_client = 3;
    });
    let (address, _end, _served) = serve(client).await;
    let mut silent = TcpStream::connect(address).await.unwrap();
    let mut answer = Vec::new();
    let _ = silent.read_to_end(&mut answer).await;
    let mut greedy = TcpStream::connect(address).await.unwrap();
    // One request after another, and no look at the answers: in the end the line is full, and only
    // a studio that gives up lets this come to an end.
    let requests = b"GET /studio.js HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(100);
    while greedy.write_all(&requests).await.is_ok() {}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_opens_many_connections_is_held_to_its_share() {
    let client = Client::with(Toy::eager(), |config| {
        config.limits.connections_per_client = 3;
    });
    let (address, _end, _served) = serve(client).await;
    let mut idle = Vec::new();
    for _ in 0..3 {
        idle.push(TcpStream::connect(address).await.unwrap());
    }
    let request = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    assert_eq!(exchange(address, request).await, "");
    drop(idle.pop());
    // The studio learns of it in a moment.
    while exchange(address, request).await.is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_out_of_date_goes_and_what_cannot_be_removed_keeps_nothing_else() {
    let client = Client::with(Toy::eager(), |config| {
        config.limits.lifetime = Duration::ZERO;
    });
    let mut ids = Vec::new();
    for title in ["One", "Two", "Three"] {
        let path = client.order(title).await;
        client.finished(&path).await;
        ids.push(path.trim_start_matches("/api/films/").to_owned());
    }
    let films = client.folder.path().join("films");
    // What is no folder cannot be removed as one.
    let stuck = films.join(&ids[0]);
    std::fs::remove_dir_all(&stuck).unwrap();
    std::fs::write(&stuck, "in the way").unwrap();
    // Things are as old as the seconds that have passed.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let (address, _end, _served) = serve(client).await;
    let status = async |id: &str| {
        let request =
            format!("GET /api/films/{id} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let answer = exchange(address, request.as_bytes()).await;
        answer.split(' ').nth(1).unwrap_or_default().to_owned()
    };
    for id in &ids[1..] {
        while status(id).await != "404" {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert!(!films.join(id).exists());
    }
    assert_eq!(status(&ids[0]).await, "200");
}

#[tokio::test]
async fn two_studios_do_not_share_a_folder() {
    let first = Client::new(Toy::eager());
    let second = fabula_studio::Studio::open(config(&first.folder), Toy::eager());
    let error = second.unwrap_err().to_string();
    assert!(error.contains("another studio is at work"), "{error}");
}
