//! How the studio is set up: by options, environment variables and a file.
//!
//! All settings are rows of one table, from which the options, the names of the variables and the
//! keys of the file are made. An option comes before a variable, a variable before the file, and
//! the file before the default. What is in the environment or the file and is no setting is
//! refused, since it is most likely one that was misspelt.

use std::env;
use std::fs::File;
use std::io::{self, Read as _};
use std::net::{IpAddr, Ipv4Addr};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use fabula_nlp::document::MAX_FILE_BYTES;
use fabula_studio::{Clamd, Limits};

use crate::failure::Failure;

/// What the names of variables begin with.
const PREFIX: &str = "FABULA_STUDIO_";
/// Names the file, like `--config`.
const CONFIG_VARIABLE: &str = "FABULA_STUDIO_CONFIG";
/// The largest file with settings, or with a key.
const LARGEST_FILE_BYTES: u64 = 64 * 1024;

/// A studio as it is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    pub host: IpAddr,
    pub port: u16,
    /// Instead of the user's own folder.
    pub data: Option<PathBuf>,
    /// Instead of a folder in that for data.
    pub log_dir: Option<PathBuf>,
    pub token_file: Option<PathBuf>,
    pub clamd: Option<Clamd>,
    pub limits: Limits,
}

/// One thing that can be set.
struct Setting {
    /// Name of its option; with `_` for `-`, its key in the file and, in capitals, its variable.
    option: &'static str,
    /// What its value is, in the help.
    value: &'static str,
    help: &'static str,
    /// What it is if nobody says otherwise, as it would be written; empty where that is no value.
    default: &'static str,
    /// Sets it from a text; what is relative in it is so to the folder.
    set: fn(&mut Setup, &str, &Path) -> Result<(), String>,
}

/// The row of a setting that is a number.
macro_rules! number {
    ($option:literal, $value:literal, $help:literal, $default:literal, $range:expr,
     |$setup:ident, $number:ident| $set:expr) => {
        Setting {
            option: $option,
            value: $value,
            help: $help,
            default: $default,
            set: |$setup, text, _| {
                let $number = number(text, $range)?;
                $set;
                Ok(())
            },
        }
    };
}

const SETTINGS: [Setting; 23] = [
    Setting {
        option: "host",
        value: "ADDRESS",
        help: "Address to listen on; off the loopback interface the studio needs a key",
        default: "127.0.0.1",
        set: |setup, text, _| {
            setup.host = host(text)?;
            Ok(())
        },
    },
    number!(
        "port",
        "PORT",
        "Port to listen on; 0 for any that is free",
        "8503",
        0..=65535,
        |setup, number| setup.port = number as u16
    ),
    Setting {
        option: "data",
        value: "DIR",
        help: "Folder for stories and films, instead of the user's own",
        default: "",
        set: |setup, text, folder| {
            setup.data = Some(path(text, folder)?);
            Ok(())
        },
    },
    Setting {
        option: "log-dir",
        value: "DIR",
        help: "Folder for logs, instead of `logs` in that for data",
        default: "",
        set: |setup, text, folder| {
            setup.log_dir = Some(path(text, folder)?);
            Ok(())
        },
    },
    Setting {
        option: "token-file",
        value: "FILE",
        help: "File with a key of 16 characters or more, which clients then have to show",
        default: "",
        set: |setup, text, folder| {
            setup.token_file = Some(path(text, folder)?);
            Ok(())
        },
    },
    Setting {
        option: "clamd",
        value: "SOCKET",
        help: "ClamAV daemon that looks at documents first: its socket's path, or ADDRESS:PORT",
        default: "",
        set: |setup, text, _| {
            setup.clamd = Some(text.parse().map_err(|error| format!("{error}"))?);
            Ok(())
        },
    },
    number!(
        "requests-per-minute",
        "COUNT",
        "Requests that make work, a minute and client",
        "60",
        1..=1_000_000,
        |setup, number| setup.limits.requests_per_minute = number as u32
    ),
    number!(
        "looks-per-minute",
        "COUNT",
        "Requests that only look, a minute and client",
        "600",
        1..=1_000_000,
        |setup, number| setup.limits.looks_per_minute = number as u32
    ),
    number!(
        "concurrent-requests",
        "COUNT",
        "Requests of one client that are answered at the same time",
        "10",
        1..=10_000,
        |setup, number| setup.limits.concurrent = number as usize
    ),
    number!(
        "documents-per-client",
        "COUNT",
        "Stories of one client that are received or read at the same time",
        "2",
        1..=10_000,
        |setup, number| setup.limits.documents_per_client = number as usize
    ),
    number!(
        "event-streams",
        "COUNT",
        "Event streams of one client that are open at the same time",
        "10",
        1..=10_000,
        |setup, number| setup.limits.event_streams = number as usize
    ),
    number!(
        "connections",
        "COUNT",
        "Connections that are open at the same time; further ones wait",
        "512",
        1..=100_000,
        |setup, number| setup.limits.connections = number as usize
    ),
    number!(
        "connections-per-client",
        "COUNT",
        "Connections of one client; further ones are closed",
        "128",
        1..=100_000,
        |setup, number| setup.limits.connections_per_client = number as usize
    ),
    number!(
        "queue",
        "COUNT",
        "Films that wait; a further one is refused",
        "100",
        1..=900,
        |setup, number| setup.limits.queue = number as usize
    ),
    number!(
        "document-mb",
        "MB",
        "Size of the largest document, 10 at most",
        "10",
        1..=(MAX_FILE_BYTES >> 20) as u64,
        |setup, number| setup.limits.document_bytes = (number as usize) << 20
    ),
    number!(
        "json-mb",
        "MB",
        "Size of the largest JSON, such as a storyboard edited by hand",
        "4",
        1..=100,
        |setup, number| setup.limits.json_bytes = (number as usize) << 20
    ),
    number!(
        "head-s",
        "SECONDS",
        "Time for the head of a request to arrive, or for the next to begin",
        "20",
        1..=3600,
        |setup, number| setup.limits.head = Duration::from_secs(number)
    ),
    number!(
        "upload-s",
        "SECONDS",
        "Time for the body of a request to arrive",
        "30",
        1..=3600,
        |setup, number| setup.limits.upload = Duration::from_secs(number)
    ),
    number!(
        "stall-s",
        "SECONDS",
        "Time in which a client takes nothing of its answer",
        "30",
        1..=3600,
        |setup, number| setup.limits.stall = Duration::from_secs(number)
    ),
    number!(
        "scan-s",
        "SECONDS",
        "Time for the ClamAV daemon to look at a document",
        "30",
        1..=3600,
        |setup, number| setup.limits.scan = Duration::from_secs(number)
    ),
    number!(
        "reading-s",
        "SECONDS",
        "Time to read a story",
        "120",
        1..=3600,
        |setup, number| setup.limits.reading = Duration::from_secs(number)
    ),
    number!(
        "making-min",
        "MINUTES",
        "Time to make a film",
        "120",
        1..=10_080,
        |setup, number| setup.limits.making = Duration::from_mins(number)
    ),
    number!(
        "keep-hours",
        "HOURS",
        "How long stories and films are kept",
        "24",
        1..=8760,
        |setup, number| setup.limits.lifetime = Duration::from_hours(number)
    ),
];

impl Setting {
    fn key(&self) -> String {
        self.option.replace('-', "_")
    }

    fn variable(&self) -> String {
        format!("{PREFIX}{}", self.key().to_uppercase())
    }
}

/// The settings that the command line names, each with its row.
#[derive(Clone, Debug, Default)]
pub struct SettingArgs(Vec<(usize, String)>);

impl Args for SettingArgs {
    fn augment_args(command: Command) -> Command {
        let command = SETTINGS.iter().fold(command, |command, setting| {
            let help = match setting.default {
                "" => setting.help.to_owned(),
                default => format!("{} [default: {default}]", setting.help),
            };
            command.arg(
                Arg::new(setting.option)
                    .long(setting.option)
                    .value_name(setting.value)
                    .help(help),
            )
        });
        command.after_help(format!(
            "What has a default, and --data, --log-dir, --token-file and --clamd, may stand in the \
             file of --config too, as `keep_hours = 2`, or in the environment, as \
             {PREFIX}KEEP_HOURS=2. An option comes before the environment, and that before the file."
        ))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for SettingArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = SETTINGS.iter().enumerate().filter_map(|(row, setting)| {
            let value = matches.get_one::<String>(setting.option)?;
            Some((row, value.clone()))
        });
        Ok(Self(given.collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl SettingArgs {
    /// The studio that options, environment and file together ask for.
    pub fn resolve(&self, config: Option<&Path>) -> Result<Setup, Failure> {
        let variables = env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(name, _)| name.starts_with(PREFIX));
        self.resolve_with(config, variables.collect())
    }

    fn resolve_with(
        &self,
        config: Option<&Path>,
        mut variables: Vec<(String, String)>,
    ) -> Result<Setup, Failure> {
        // An error is the same each time, whatever the order of the environment.
        variables.sort();
        let named = variables
            .iter()
            .position(|(name, _)| name == CONFIG_VARIABLE)
            .map(|at| PathBuf::from(variables.remove(at).1));
        let mut setup = defaults()?;
        if let Some(path) = config.or(named.as_deref()) {
            let text = read_small(path).map_err(|error| {
                Failure::input(format!(
                    "{} cannot be read as the studio's settings: {error}; check the path",
                    path.display()
                ))
            })?;
            apply_file(&mut setup, path, &text)?;
        }
        let here = Path::new("");
        for (name, value) in &variables {
            let Some(setting) = SETTINGS.iter().find(|it| it.variable() == *name) else {
                return Err(Failure::usage(format!(
                    "the environment variable {name} is no setting of the studio; there are {}",
                    listed(Setting::variable)
                )));
            };
            (setting.set)(&mut setup, value, here).map_err(|why| {
                Failure::usage(format!(
                    "the environment variable {name} is `{value}`: {why}"
                ))
            })?;
        }
        for (row, value) in &self.0 {
            let setting = &SETTINGS[*row];
            (setting.set)(&mut setup, value, here).map_err(|why| {
                Failure::usage(format!("--{} is `{value}`: {why}", setting.option))
            })?;
        }
        Ok(setup)
    }
}

fn defaults() -> Result<Setup, Failure> {
    let mut setup = Setup {
        host: Ipv4Addr::LOCALHOST.into(),
        port: 0,
        data: None,
        log_dir: None,
        token_file: None,
        clamd: None,
        limits: Limits::default(),
    };
    for setting in SETTINGS.iter().filter(|it| !it.default.is_empty()) {
        (setting.set)(&mut setup, setting.default, Path::new("")).map_err(Failure::internal)?;
    }
    Ok(setup)
}

fn apply_file(setup: &mut Setup, path: &Path, text: &str) -> Result<(), Failure> {
    let file = path.display();
    let table: toml::Table = toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let before = text.get(..at).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        Failure::input(format!(
            "{file}, line {line}: {}; write `key = value`",
            error.message()
        ))
    })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    for (key, value) in &table {
        let Some(setting) = SETTINGS.iter().find(|it| it.key() == *key) else {
            return Err(Failure::input(format!(
                "{file}: `{key}` is no setting of the studio; there are {}",
                listed(Setting::key)
            )));
        };
        let value = match value {
            toml::Value::String(text) => text.clone(),
            toml::Value::Integer(number) => number.to_string(),
            _ => {
                return Err(Failure::input(format!(
                    "{file}: `{key}` is neither a whole number nor a text in quotation marks"
                )));
            }
        };
        (setting.set)(setup, &value, folder)
            .map_err(|why| Failure::input(format!("{file}: `{key}` is `{value}`: {why}")))?;
    }
    Ok(())
}

fn listed(name: fn(&Setting) -> String) -> String {
    SETTINGS.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// The text of a file that nobody would make long.
pub fn read_small(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let read = File::open(path)?
        .take(LARGEST_FILE_BYTES + 1)
        .read_to_string(&mut text)?;
    if read as u64 > LARGEST_FILE_BYTES {
        return Err(io::Error::other("it is too long"));
    }
    Ok(text)
}

fn number(text: &str, range: RangeInclusive<u64>) -> Result<u64, String> {
    text.trim()
        .parse()
        .ok()
        .filter(|number| range.contains(number))
        .ok_or_else(|| {
            format!(
                "write a whole number from {} to {}",
                range.start(),
                range.end()
            )
        })
}

fn host(text: &str) -> Result<IpAddr, String> {
    if text == "localhost" {
        return Ok(Ipv4Addr::LOCALHOST.into());
    }
    text.parse()
        .map_err(|_| "write an address such as 127.0.0.1 or 0.0.0.0".to_owned())
}

fn path(text: &str, folder: &Path) -> Result<PathBuf, String> {
    if text.is_empty() {
        return Err("write a path".to_owned());
    }
    Ok(folder.join(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(
        options: &[(&str, &str)],
        variables: &[(&str, &str)],
        file: &str,
    ) -> Result<Setup, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("studio.toml");
        std::fs::write(&path, file).unwrap();
        let row = |name| SETTINGS.iter().position(|it| it.option == name).unwrap();
        let options = options
            .iter()
            .map(|(name, value)| (row(*name), (*value).to_owned()));
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        SettingArgs(options.collect())
            .resolve_with(Some(&path), variables.iter().map(owned).collect())
            .map_err(|failure| failure.message)
    }

    #[test]
    fn what_is_not_set_is_as_the_studio_has_it() {
        let setup = resolve(&[], &[], "").unwrap();
        assert_eq!(setup.limits, Limits::default());
        assert_eq!((setup.host, setup.port), (Ipv4Addr::LOCALHOST.into(), 8503));
        assert_eq!((setup.data, setup.log_dir, setup.clamd), (None, None, None));
    }

    #[test]
    fn an_option_comes_before_the_environment_and_that_before_the_file() {
        let file = "queue = 1\nport = 1\nkeep_hours = 1\n";
        let variables = [("FABULA_STUDIO_QUEUE", "2"), ("FABULA_STUDIO_PORT", "2")];
        let setup = resolve(&[("queue", "3")], &variables, file).unwrap();
        assert_eq!(setup.limits.queue, 3);
        assert_eq!(setup.port, 2);
        assert_eq!(setup.limits.lifetime, Duration::from_hours(1));
    }

    #[test]
    fn each_setting_can_be_made_in_each_way() {
        for setting in &SETTINGS {
            let value = match setting.default {
                "" => "127.0.0.1:3310",
                default => default,
            };
            let file = format!("{} = \"{value}\"", setting.key());
            resolve(&[], &[], &file).unwrap();
            resolve(&[], &[(&setting.variable(), value)], "").unwrap();
            resolve(&[(setting.option, value)], &[], "").unwrap();
        }
    }

    #[test]
    fn what_is_no_setting_is_refused_with_those_that_are() {
        let error = resolve(&[], &[], "[limits]\nqueue = 1").unwrap_err();
        assert!(
            error.contains("`limits`") && error.contains("queue, document_mb"),
            "{error}"
        );
        let error = resolve(&[], &[("FABULA_STUDIO_QEUE", "1")], "").unwrap_err();
        assert!(
            error.contains("FABULA_STUDIO_QEUE") && error.contains("FABULA_STUDIO_QUEUE,"),
            "{error}"
        );
    }

    #[test]
    fn what_cannot_be_is_refused_with_its_place_and_what_can() {
        for (file, parts) in [
            (
                "queue = 0",
                "`queue` is `0`: write a whole number from 1 to 900",
            ),
            ("queue = -1", "`queue` is `-1`"),
            ("queue = 1.5", "neither a whole number"),
            ("queue = true", "neither a whole number"),
            ("clamd = \"clamd\"", "write the path of clamd's socket"),
            ("host = \"example\"", "write an address"),
            ("data = \"\"", "write a path"),
            ("port = 1\nqueue 1", "line 2"),
            // No reader of documents takes more.
            ("document_mb = 11", "from 1 to 10"),
        ] {
            let error = resolve(&[], &[], file).unwrap_err();
            assert!(
                error.contains("studio.toml") && error.contains(parts),
                "{error}"
            );
        }
        let error = resolve(&[("port", "65536")], &[], "").unwrap_err();
        assert!(
            error.starts_with("--port is `65536`: write a whole number"),
            "{error}"
        );
        let error = resolve(&[], &[("FABULA_STUDIO_PORT", "tcp://10.0.0.1")], "").unwrap_err();
        assert!(error.contains("FABULA_STUDIO_PORT is `tcp"), "{error}");
    }

    #[test]
    fn paths_in_a_file_are_meant_from_its_folder() {
        let setup = resolve(&[("data", "films")], &[], "log_dir = \"logs\"").unwrap();
        assert_eq!(setup.data, Some("films".into()));
        assert!(setup.log_dir.unwrap().is_absolute());
    }

    #[test]
    fn a_file_without_end_is_not_read_to_its_end() {
        let endless = Path::new("/dev/zero");
        if endless.exists() {
            assert!(read_small(endless).is_err());
        }
    }

    #[test]
    fn each_setting_is_told_in_the_documentation() {
        let page = include_str!("../../../../docs/studio-operation.md");
        for setting in &SETTINGS {
            let default = match setting.default {
                "" => String::new(),
                default => format!(" | `{default}`"),
            };
            let row = format!("| `--{}`{default}", setting.option);
            assert!(page.contains(&row), "docs/studio-operation.md lacks: {row}");
        }
    }
}
