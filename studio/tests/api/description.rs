//! What the API says of itself is what it does.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use fabula_studio::routes;

use crate::client::{Client, DESCRIPTION};
use crate::toy::Toy;

#[test]
fn every_route_is_described_and_nothing_else() {
    let described: BTreeSet<_> = DESCRIPTION["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, operations)| {
            let methods = operations.as_object().unwrap().keys();
            methods.map(move |method| (method.to_uppercase(), path.clone()))
        })
        .collect();
    let real: BTreeSet<_> = routes()
        .iter()
        .map(|route| (route.method.to_owned(), route.path.to_owned()))
        .collect();
    assert_eq!(described, real);
}

#[test]
fn what_can_go_wrong_with_any_body_or_any_disk_is_described() {
    for (path, operations) in DESCRIPTION["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let mut expected = vec!["429"];
            if operation.get("requestBody").is_some() {
                expected.extend(["400", "408", "413", "415"]);
            }
            if path.starts_with("/api/analyses") || path.starts_with("/api/films") {
                expected.extend(["401", "500"]);
                // Whatever is kept needs room.
                expected.extend((method != "get").then_some("503"));
            }
            for status in expected {
                let described = operation["responses"].get(status).is_some();
                assert!(described, "{method} {path}: {status}");
            }
        }
    }
}

#[tokio::test]
async fn every_route_answers_and_takes_no_other_method() {
    let client = Client::new(Toy::eager());
    let nobody = "0123456789abcdef0123456789abcdef";
    for route in routes() {
        let path = route.path.replace("{id}", nobody).replace("{role}", "c1");
        let answer = client.call(route.method, &path, "", "").await;
        assert_ne!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{route:?}");
        assert!(
            !answer.text().contains("nothing at this address"),
            "{route:?}"
        );
        let answer = client.call("PUT", &path, "", "").await;
        answer.assert_problem(405, "Allow");
        assert!(answer.header("allow").contains(route.method), "{route:?}");
    }
    client.get("/nowhere").await.assert_problem(404, "nothing");
}

#[tokio::test]
async fn the_description_is_served() {
    let client = Client::new(Toy::eager());
    assert_eq!(client.get("/api/openapi.json").await.json(), *DESCRIPTION);
}

#[tokio::test]
async fn the_page_and_its_parts_are_sent_once() {
    let client = Client::new(Toy::eager());
    for (path, kind) in [
        ("/", "text/html; charset=utf-8"),
        ("/studio.css", "text/css; charset=utf-8"),
        ("/studio.js", "text/javascript; charset=utf-8"),
        ("/icon.svg", "image/svg+xml"),
        ("/quicksand.ttf", "font/ttf"),
    ] {
        let answer = client.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.header("content-type"), kind);
        let request = axum::http::Request::get(path)
            .header("host", "localhost")
            .header("if-none-match", answer.header("etag"));
        let again = client.send(request.body("".into()).unwrap()).await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED, "{path}");
        assert!(again.body.is_empty());
    }
}

#[tokio::test]
async fn the_page_needs_nobody_else_and_runs_nothing_inline() {
    let client = Client::new(Toy::eager());
    let page = client.get("/").await.text();
    let script = client.get("/studio.js").await.text();
    let style = client.get("/studio.css").await.text();
    for (name, text) in [("page", &page), ("script", &script), ("style", &style)] {
        for foreign in ["https://", "//cdn", "eval(", "innerHTML", "document.write"] {
            assert!(!text.contains(foreign), "{foreign} in the {name}");
        }
    }
    for inline in ["<style", " style=", " onclick=", " onload=", "javascript:"] {
        assert!(!page.contains(inline), "{inline}");
    }
    assert_eq!(page.matches("<script").count(), 1);
    // Whatever the script looks for is there.
    for part in script.split("$(\"").skip(1) {
        let id = part.split('"').next().unwrap();
        assert!(page.contains(&format!("id=\"{id}\"")), "{id}");
    }
}

#[tokio::test]
async fn the_page_offers_every_being_that_has_a_drawing() {
    let client = Client::new(Toy::eager());
    let script = client.get("/studio.js").await.text();
    let (_, list) = script.split_once("const BEINGS = [").unwrap();
    let (list, _) = list.split_once(']').unwrap();
    let offered: Vec<&str> = list.split('"').skip(1).step_by(2).collect();
    assert_eq!(offered, fabula_direct::beings().collect::<Vec<_>>());
}

#[tokio::test]
async fn the_page_learns_what_this_studio_takes_and_for_how_long_it_keeps_it() {
    let client = Client::with(Toy::eager(), |config| {
        config.limits.document_bytes = 1 << 20;
        config.limits.lifetime = std::time::Duration::from_hours(2);
    });
    let limits = client.get("/api/limits").await.json();
    assert_eq!(limits["document_bytes"], 1 << 20);
    assert_eq!(limits["kept_s"], 7200);
    assert_eq!(limits["story_characters"]["most"], 10_000);
    let large = vec![b'a'; (1 << 20) + 1];
    let answer = client
        .call("POST", "/api/analyses", "text/plain", large)
        .await;
    answer.assert_problem(413, "1 MB");
}

#[tokio::test]
async fn health_readiness_and_metrics_are_for_machines() {
    let client = Client::new(Toy::eager());
    assert_eq!(client.get("/health").await.json()["status"], "ok");
    assert_eq!(client.get("/ready").await.json()["status"], "ready");
    client.get("/api/films/none").await;
    let metrics = client.get("/metrics").await;
    assert!(
        metrics
            .header("content-type")
            .starts_with("text/plain; version=0.0.4")
    );
    let text = metrics.text();
    for line in [
        "fabula_http_requests_total{method=\"GET\",route=\"/health\",status=\"200\"} 1\n",
        "fabula_http_requests_total{method=\"GET\",route=\"/api/films/{id}\",status=\"404\"} 1\n",
        "fabula_films{state=\"done\"} 0\n",
        "# TYPE fabula_http_requests_total counter\n",
    ] {
        assert!(text.contains(line), "{line}{text}");
    }
    client.studio.close();
    client.get("/ready").await.assert_problem(503, "closing");
}
