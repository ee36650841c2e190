//! `fabula serve`: the web studio.

mod settings;

use std::net::SocketAddr;
use std::panic;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use fabula_studio::{Config, OpenError, Studio};
use tokio::net::TcpListener;

use crate::cli::ServeArgs;
use crate::console::Console;
use crate::failure::Failure;
use crate::interrupt::{self, UnfinishedOutput};
use crate::log_file::LogFile;
use crate::workshop::Machine;

pub use settings::SettingArgs;

/// Holds the key, where no file is named.
const TOKEN_VARIABLE: &str = "FABULA_TOKEN";
/// Time between two looks whether to end.
const ENDING_INTERVAL: Duration = Duration::from_millis(100);
/// Threads that answer; whatever takes long has threads of its own.
const ANSWERING_THREADS: usize = 2;

pub fn run(args: &ServeArgs, console: &Console) -> Result<(), Failure> {
    let setup = args.settings.resolve(args.config.as_deref())?;
    let address = SocketAddr::new(setup.host, setup.port);
    let data = setup.data.map_or_else(default_folder, Ok)?;
    let logs = setup.log_dir.unwrap_or_else(|| data.join("logs"));
    let log = LogFile::open(&logs).map_err(|error| {
        Failure::write(format!(
            "no log can be kept in {}: {error}; choose another folder with --log-dir",
            logs.display()
        ))
    })?;
    console.begin_log(Some(log));
    // Where it happened is enough: what a panic says may quote a story.
    panic::set_hook(Box::new(|info| {
        let at = info.location().map(ToString::to_string);
        tracing::error!(target: "error.handling", at, "a thread panicked");
    }));
    let config = Config {
        address,
        data,
        token: token(setup.token_file.as_deref())?,
        clamd: setup.clamd,
        limits: setup.limits,
    };
    let machine = Machine::new(args.gpu.choice.clone(), args.device);
    let studio = Studio::open(config, Arc::new(machine)).map_err(|error| match error {
        OpenError::NoToken(_) | OpenError::ShortToken => Failure::usage(error),
        OpenError::NotRandom(_) => Failure::internal(error),
        OpenError::Folder(_) | OpenError::Records(_) => Failure::write(error),
    })?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(ANSWERING_THREADS)
        .enable_all()
        .build()
        .map_err(|error| Failure::internal(format!("no threads can be started: {error}")))?;
    // Ctrl-C lets the studio end in good order; a second one does not wait.
    let unfinished = UnfinishedOutput::begin();
    let served = runtime.block_on(async {
        let listener = TcpListener::bind(address).await.map_err(|error| {
            Failure::usage(format!(
                "the studio cannot listen on {address}: {error}; choose another --port"
            ))
        })?;
        let address = listener.local_addr().unwrap_or(address);
        console.summary(&format!(
            "The studio is open at http://{address}; Ctrl-C closes it"
        ));
        studio.serve(listener, ending()).await;
        Ok(())
    });
    drop(unfinished);
    served
}

async fn ending() {
    let mut interval = tokio::time::interval(ENDING_INTERVAL);
    while !interrupt::requested() {
        interval.tick().await;
    }
}

/// Where analyses and films are kept, unless the command line says otherwise.
fn default_folder() -> Result<PathBuf, Failure> {
    dirs::data_local_dir()
        .map(|folder| folder.join("fabula").join("studio"))
        .ok_or_else(|| {
            Failure::usage("this user has no data folder; name one for the studio with --data")
        })
}

/// The key that clients have to show, from a file or the environment.
fn token(file: Option<&Path>) -> Result<Option<String>, Failure> {
    let token = match file {
        Some(path) => Some(settings::read_small(path).map_err(|error| {
            Failure::input(format!(
                "{} cannot be read as the studio's key: {error}; check the path",
                path.display()
            ))
        })?),
        None => std::env::var(TOKEN_VARIABLE).ok(),
    };
    let token = token.map(|token| token.trim().to_owned());
    Ok(token.filter(|token| !token.is_empty()))
}
