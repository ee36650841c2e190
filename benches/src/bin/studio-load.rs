//! `studio-load FABULA [USERS] [SECONDS]`: opens a studio with the limits it has by default, lets
//! many users make films of short stories in it at the same time, and says how it bore that.
//!
//! Each user comes from an address of its own (127.0.1.1 and on, which Linux has by itself), pastes a
//! story, looks at what was understood and at a portrait, corrects a speaker, orders a small film,
//! asks how far it is every two seconds, and fetches it. Until the time is over, each begins again;
//! then every film that was ordered is waited for. It fails where the studio does not bear that:
//! each film that is ordered has to be fetched, and answers, times and memory have their bounds.

use std::error::Error;
use std::fmt;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use socket2::{Domain, Socket, Type};

/// Users, and how long they go on, unless it is said.
const USERS: u64 = 50;
const SECONDS: u64 = 120;
/// Users do not all come in the same second.
const ARRIVAL: Duration = Duration::from_millis(600);
/// How often a user asks how far the film is.
const STATUS_INTERVAL: Duration = Duration::from_secs(2);
/// How long an answer may take.
const ANSWER_TIME: Duration = Duration::from_mins(1);
/// How long the last film may take after the time is over.
const REST: Duration = Duration::from_mins(30);
/// How often a user that is told to wait does so.
const TRIES: u32 = 20;
/// What the studio has to bear: of a hundred answers, how many are right; the median time of an
/// answer about a film while films are drawn; and its memory at any time, of which reading takes
/// most.
const RIGHT_PERCENT: f64 = 99.0;
const STATUS_MEDIAN_MS: f64 = 200.0;
const MOST_MEMORY_MB: u64 = 1500;
/// What is asked for least: the most of it at a time, and nothing of the codec's.
const OPTIONS: &str = r#"{"size":"low","fps":15,"quality":"draft"}"#;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, other| args.get(at).map_or(Some(other), |text| text.parse().ok());
    let (Some(fabula), Some(users @ 1..=200), Some(seconds)) =
        (args.first(), number(1, USERS), number(2, SECONDS))
    else {
        eprintln!("studio-load: give the fabula binary, then users (1 to 200) and seconds");
        return ExitCode::from(2);
    };
    match measure(fabula, users, Duration::from_secs(seconds)) {
        Ok(report) => {
            println!("{report}");
            let breaches = report.breaches();
            for breach in &breaches {
                eprintln!("studio-load: {breach}");
            }
            ExitCode::from(u8::from(!breaches.is_empty()))
        }
        Err(error) => {
            eprintln!("studio-load: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What all users together have seen.
#[derive(Default)]
struct Seen {
    /// Answers of every kind, and none at all.
    answers: AtomicU64,
    right: AtomicU64,
    told_to_wait: AtomicU64,
    sent: AtomicU64,
    ordered: AtomicU64,
    fetched: AtomicU64,
    /// Seconds that answers about films under way took.
    status_s: Mutex<Vec<f64>>,
    /// Seconds from sending a story to what was understood of it.
    reading_s: Mutex<Vec<f64>>,
    wrong: Mutex<Vec<String>>,
}

/// How the studio bore all of it.
struct Report {
    users: u64,
    took_s: u64,
    seen: Seen,
    /// Memory every two seconds.
    memory_mb: Vec<u64>,
}

impl Report {
    /// Of all answers but so many that were right.
    fn right_percent(&self, but: u64) -> f64 {
        let [answers, right] = [&self.seen.answers, &self.seen.right].map(|it| count(it) - but);
        right as f64 / answers.max(1) as f64 * 100.0
    }

    fn most_memory_mb(&self) -> u64 {
        self.memory_mb.iter().copied().max().unwrap_or_default()
    }

    /// What was not as it has to be, in sentences.
    fn breaches(&self) -> Vec<String> {
        let (ordered, fetched) = (count(&self.seen.ordered), count(&self.seen.fetched));
        let right = self.right_percent(0);
        let median_ms = spread(&self.seen.status_s).median_ms;
        let memory_mb = self.most_memory_mb();
        [
            (
                ordered > 0 && fetched == ordered,
                format!("{ordered} films were ordered, and {fetched} fetched"),
            ),
            (
                right >= RIGHT_PERCENT,
                format!("only {right:.2} % of the answers were right"),
            ),
            (
                median_ms < STATUS_MEDIAN_MS,
                format!("a film's status took {median_ms:.0} ms at the median"),
            ),
            (
                (1..=MOST_MEMORY_MB).contains(&memory_mb),
                format!("memory rose to {memory_mb} MB"),
            ),
        ]
        .into_iter()
        .filter(|(holds, _)| !holds)
        .map(|(_, breach)| breach)
        .collect()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            users,
            took_s,
            seen,
            memory_mb,
        } = self;
        let (sent, ordered, fetched) = (
            count(&seen.sent),
            count(&seen.ordered),
            count(&seen.fetched),
        );
        let (answers, waits) = (count(&seen.answers), count(&seen.told_to_wait));
        let [status, reading] = [&seen.status_s, &seen.reading_s].map(spread);
        let (right, of_others) = (self.right_percent(0), self.right_percent(status.count));
        let (first, last) = (memory_mb.first(), memory_mb.last());
        writeln!(
            f,
            "{users} users sent {sent} stories in {took_s} s, ordered {ordered} films and fetched {fetched}."
        )?;
        writeln!(
            f,
            "Of {answers} answers {right:.2} % were right, and of those that did not only say how far \
             a film is, {of_others:.2} %; {waits} said to wait."
        )?;
        writeln!(f, "A film's status while films were drawn: {status}.")?;
        writeln!(f, "From a story to what was understood of it: {reading}.")?;
        write!(
            f,
            "Memory: {} MB at first, {} MB at most, {} MB at last.",
            first.unwrap_or(&0),
            self.most_memory_mb(),
            last.unwrap_or(&0)
        )?;
        for wrong in lock(&seen.wrong).iter() {
            write!(f, "\nWrong: {wrong}")?;
        }
        Ok(())
    }
}

fn count(number: &AtomicU64) -> u64 {
    number.load(Ordering::Relaxed)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A studio in a process of its own, ended with its owner.
struct Studio {
    child: Child,
    address: SocketAddr,
}

impl Drop for Studio {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Studio {
    fn open(fabula: &str, data: &Path) -> Outcome<Self> {
        let mut command = Command::new(fabula);
        command
            .args(["serve", "--port", "0", "--data"])
            .arg(data)
            .stdin(Stdio::null())
            .stderr(Stdio::piped());
        // The limits are those that it has by itself.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("FABULA_") {
                command.env_remove(name);
            }
        }
        let mut child = command.spawn()?;
        let mut lines = BufReader::new(child.stderr.take().ok_or("no standard error")?).lines();
        let line = lines.next().ok_or("the studio does not open")??;
        let address = line
            .split("http://")
            .nth(1)
            .and_then(|it| it.split(';').next());
        let address = address.ok_or_else(|| line.clone())?.parse()?;
        // What it says later must not fill the pipe.
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                eprintln!("{line}");
            }
        });
        Ok(Self { child, address })
    }
}

/// A user with an address of its own.
#[derive(Clone, Copy)]
struct User<'a> {
    number: u64,
    studio: SocketAddr,
    seen: &'a Seen,
}

struct Answer {
    status: u16,
    retry_after: Option<Duration>,
    body: Vec<u8>,
    took: Duration,
}

impl User<'_> {
    fn send(&self, method: &str, path: &str, body: &str) -> Outcome<Answer> {
        let began = Instant::now();
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        let own = Ipv4Addr::new(127, 0, 1, self.number as u8 + 1);
        socket.bind(&SocketAddr::from((own, 0)).into())?;
        socket.connect_timeout(&self.studio.into(), ANSWER_TIME)?;
        let mut stream = TcpStream::from(socket);
        stream.set_read_timeout(Some(ANSWER_TIME))?;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nX-Fabula: 1\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.studio,
            body.len()
        )?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let end = answer.windows(4).position(|part| part == b"\r\n\r\n");
        let end = end.ok_or("the answer has no end of its head")?;
        let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
        let status = head.split(' ').nth(1).ok_or("no status")?.parse()?;
        let retry_after = head
            .lines()
            .find_map(|line| line.strip_prefix("retry-after: "))
            .and_then(|seconds| seconds.trim().parse().ok());
        Ok(Answer {
            status,
            retry_after: retry_after.map(Duration::from_secs),
            body: answer.split_off(end + 4),
            took: began.elapsed(),
        })
    }

    /// Asks until the answer is neither to wait nor none at all.
    fn ask(&self, method: &str, path: &str, body: &str) -> Outcome<Answer> {
        for _ in 0..TRIES {
            self.seen.answers.fetch_add(1, Ordering::Relaxed);
            let answer = self.send(method, path, body);
            match answer {
                Ok(answer) if (200..300).contains(&answer.status) => {
                    self.seen.right.fetch_add(1, Ordering::Relaxed);
                    return Ok(answer);
                }
                Ok(Answer {
                    retry_after: Some(time),
                    ..
                }) => {
                    self.seen.told_to_wait.fetch_add(1, Ordering::Relaxed);
                    thread::sleep(time);
                }
                Ok(answer) => {
                    let what = String::from_utf8_lossy(&answer.body).into_owned();
                    return Err(format!("{method} {path}: {}: {what}", answer.status).into());
                }
                Err(error) => {
                    self.seen.note(format!("{method} {path}: {error}"));
                    thread::sleep(STATUS_INTERVAL);
                }
            }
        }
        Err(format!("{method} {path}: no answer after {TRIES} tries").into())
    }

    fn json(&self, method: &str, path: &str, body: &Value) -> Outcome<(Value, Duration)> {
        let body = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        let answer = self.ask(method, path, &body)?;
        Ok((serde_json::from_slice(&answer.body)?, answer.took))
    }

    /// Makes one film, from the story to its last byte.
    fn make_film(&self, round: u64) -> Outcome<()> {
        let story = format!(
            "Lantern {} of {round}\n\nMia the fox walked into the dark forest with {} lanterns. \
             \"Who is there?\" she whispered. \"Only me,\" laughed Odo the owl.\n",
            self.number,
            self.number + 2
        );
        self.seen.sent.fetch_add(1, Ordering::Relaxed);
        let (analysis, took) = self.json("POST", "/api/analyses", &json!({"text": story}))?;
        push(&self.seen.reading_s, took.as_secs_f64());
        let place = format!("/api/analyses/{}", text(&analysis["id"])?);
        let role = text(&analysis["cast"][0]["id"])?;
        self.ask("GET", &format!("{place}/portraits/{role}"), "")?;
        let correction = json!({"lines": [{"index": 0, "speaker": role}]});
        let (corrected, _) = self.json("PATCH", &place, &correction)?;
        if corrected["lines"][0]["speaker"] != role {
            return Err(format!("{place}: the correction is lost").into());
        }
        let options: Value = serde_json::from_str(OPTIONS)?;
        let order = json!({"analysis": analysis["id"], "options": options});
        let (film, _) = self.json("POST", "/api/films", &order)?;
        self.seen.ordered.fetch_add(1, Ordering::Relaxed);
        let place = format!("/api/films/{}", text(&film["id"])?);
        let began = Instant::now();
        let film = loop {
            thread::sleep(STATUS_INTERVAL);
            let (film, took) = self.json("GET", &place, &Value::Null)?;
            push(&self.seen.status_s, took.as_secs_f64());
            match film["state"].as_str() {
                Some("done") => break film,
                Some("queued" | "rendering") if began.elapsed() < REST => {}
                _ => return Err(format!("{place}: {film}").into()),
            }
        };
        let video = self.ask("GET", &format!("{place}/film.mp4"), "")?.body;
        if film["size_bytes"] != video.len() || video.get(4..8) != Some(b"ftyp") {
            return Err(format!("{place}: {} bytes, and not of the film", video.len()).into());
        }
        self.seen.fetched.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

impl Seen {
    fn note(&self, what: String) {
        lock(&self.wrong).push(what);
    }
}

fn push(times: &Mutex<Vec<f64>>, time_s: f64) {
    lock(times).push(time_s);
}

fn text(value: &Value) -> Outcome<&str> {
    Ok(value
        .as_str()
        .ok_or_else(|| format!("{value} is no text"))?)
}

/// Median, ninety-fifth of a hundred, and most.
struct Spread {
    count: u64,
    median_ms: f64,
    p95_ms: f64,
    most_ms: f64,
}

fn spread(times: &Mutex<Vec<f64>>) -> Spread {
    let mut times = lock(times);
    times.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let index = (times.len() as f64 * share) as usize;
        let time_s = times.get(index.min(times.len().saturating_sub(1)));
        time_s.copied().unwrap_or_default() * 1000.0
    };
    Spread {
        count: times.len() as u64,
        median_ms: at(0.5),
        p95_ms: at(0.95),
        most_ms: at(1.0),
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            count,
            median_ms,
            p95_ms,
            most_ms,
        } = self;
        write!(
            f,
            "{median_ms:.0} ms at the median, {p95_ms:.0} ms for 95 of 100 and {most_ms:.0} ms at most, of {count}"
        )
    }
}

/// Memory of the studio in megabytes, as it says itself.
fn resident_mb(user: &User<'_>) -> Outcome<u64> {
    let answer = user.send("GET", "/metrics", "")?;
    let metrics = String::from_utf8_lossy(&answer.body).into_owned();
    let line = metrics
        .lines()
        .find_map(|line| line.strip_prefix("process_resident_memory_bytes "))
        .ok_or("the studio does not tell its memory")?;
    Ok(line.parse::<u64>()? >> 20)
}

fn measure(fabula: &str, users: u64, time: Duration) -> Outcome<Report> {
    let folder = std::env::temp_dir().join(format!("studio-load-{}", std::process::id()));
    let studio = Studio::open(fabula, &folder)?;
    let seen = Seen::default();
    let user = |number| User {
        number,
        studio: studio.address,
        seen: &seen,
    };
    let watcher = user(users);
    let began = Instant::now();
    let is_over = AtomicBool::new(false);
    let memory_mb = thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut memory_mb = Vec::new();
            while !is_over.load(Ordering::Relaxed) {
                memory_mb.extend(resident_mb(&watcher));
                thread::sleep(STATUS_INTERVAL);
            }
            memory_mb
        });
        let work: Vec<_> = (0..users)
            .map(|number| {
                let user = user(number);
                scope.spawn(move || {
                    thread::sleep(ARRIVAL * number as u32);
                    for round in 1.. {
                        if let Err(error) = user.make_film(round) {
                            user.seen.note(error.to_string());
                        }
                        if began.elapsed() > time {
                            break;
                        }
                    }
                })
            })
            .collect();
        for work in work {
            let _ = work.join();
        }
        is_over.store(true, Ordering::Relaxed);
        watch.join().unwrap_or_default()
    });
    let took_s = began.elapsed().as_secs();
    drop(studio);
    std::fs::remove_dir_all(&folder)?;
    Ok(Report {
        users,
        took_s,
        seen,
        memory_mb,
    })
}
