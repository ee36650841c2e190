//! Where the networks run: CUDA, else another GPU through wgpu, else the processor.

use std::cell::Cell;
use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Once, mpsc};
use std::thread;
use std::time::Duration;

use burn::tensor::Tensor;
use burn_cuda::{Cuda, CudaDevice};
use burn_flex::{Flex, FlexDevice};
use burn_wgpu::{Wgpu, WgpuDevice};
use thiserror::Error;

use crate::heads::{FEELINGS, Register};
use crate::kernels::Kernels;
use crate::story::{Analysis, Labels, Passage, StoryNetwork};
use crate::weights::{Weights, WeightsError};

/// How long a GPU may take to give its first result, kernels compiled and tuned included.
const TRIAL: Duration = Duration::from_mins(2);

/// Which device a user asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeviceChoice {
    /// The best that works.
    #[default]
    Auto,
    /// An NVIDIA GPU through CUDA.
    Cuda,
    /// A GPU through Vulkan, Metal or DirectX.
    Wgpu,
    /// The processor.
    Cpu,
}

impl FromStr for DeviceChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "cuda" => Ok(Self::Cuda),
            "wgpu" => Ok(Self::Wgpu),
            "cpu" => Ok(Self::Cpu),
            _ => Err(format!("`{text}` is none of auto, cuda, wgpu and cpu")),
        }
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::Cuda => "cuda",
            Self::Wgpu => "wgpu",
            Self::Cpu => "cpu",
        })
    }
}

/// A way to run networks, and whether it works here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// What would be asked for.
    pub choice: DeviceChoice,
    /// Whether it works.
    pub usable: bool,
    /// What it is, or why it does not work.
    pub reason: String,
}

/// Why no network could be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The weights do not fit.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// The device that was asked for does not work.
    #[error("networks cannot run on {choice}: {reason}; leave out --device to use what works")]
    Device {
        /// What was asked for.
        choice: DeviceChoice,
        /// Why not.
        reason: String,
    },
}

/// The network that is shipped, on whichever device.
pub trait StoryReader: Send + Sync {
    /// Reads a passage.
    fn analyze(&self, passage: &Passage<'_>) -> Analysis;
    /// The feelings of texts that stand alone.
    fn feelings(&self, texts: &[&str], register: Register) -> Vec<[f32; FEELINGS]>;
    /// The names of the network's classes.
    fn labels(&self) -> &Labels;
}

impl<B: Kernels> StoryReader for StoryNetwork<B> {
    fn analyze(&self, passage: &Passage<'_>) -> Analysis {
        Self::analyze(self, passage)
    }

    fn feelings(&self, texts: &[&str], register: Register) -> Vec<[f32; FEELINGS]> {
        Self::feelings(self, texts, register)
    }

    fn labels(&self) -> &Labels {
        Self::labels(self)
    }
}

/// An opened network and what was passed over on the way to its device.
pub struct Opened {
    /// The network.
    pub network: Box<dyn StoryReader>,
    /// Where it runs.
    pub device: Candidate,
    /// Better devices that do not work, with the reasons.
    pub passed_over: Vec<Candidate>,
}

/// The devices in the order in which `auto` tries them. Nothing panics; a trial runs on each.
pub fn candidates() -> Vec<Candidate> {
    keep_kernels_in(cache_folder().as_deref());
    [DeviceChoice::Cuda, DeviceChoice::Wgpu, DeviceChoice::Cpu]
        .into_iter()
        .map(|choice| {
            let (usable, reason) = match probe(choice) {
                Ok(name) => (true, name),
                Err(reason) => (false, reason),
            };
            Candidate {
                choice,
                usable,
                reason,
            }
        })
        .collect()
}

/// Opens the network on the asked-for device, or on the best that works.
///
/// # Errors
/// If the weights do not fit, or if a device was asked for by name and does not work.
pub fn open(weights: &Weights, choice: DeviceChoice) -> Result<Opened, OpenError> {
    keep_kernels_in(cache_folder().as_deref());
    let mut passed_over = Vec::new();
    let wanted = match choice {
        DeviceChoice::Auto => vec![DeviceChoice::Cuda, DeviceChoice::Wgpu],
        DeviceChoice::Cpu => Vec::new(),
        other => vec![other],
    };
    for candidate in wanted {
        match probe(candidate).and_then(|name| Ok((name, load_on(weights, candidate)?))) {
            Ok((reason, network)) => {
                let device = Candidate {
                    choice: candidate,
                    usable: true,
                    reason,
                };
                return Ok(Opened {
                    network,
                    device,
                    passed_over,
                });
            }
            Err(reason) if choice == candidate => return Err(OpenError::Device { choice, reason }),
            Err(reason) => passed_over.push(Candidate {
                choice: candidate,
                usable: false,
                reason,
            }),
        }
    }
    let lanes = lanes();
    let network = StoryNetwork::<Flex>::load(weights, &FlexDevice, lanes)?;
    Ok(Opened {
        network: Box::new(network),
        device: Candidate {
            choice: DeviceChoice::Cpu,
            usable: true,
            reason: processor(lanes),
        },
        passed_over,
    })
}

fn lanes() -> usize {
    thread::available_parallelism()
        .map_or(1, usize::from)
        .min(16)
}

fn processor(lanes: usize) -> String {
    format!("the processor, {lanes} texts at a time")
}

/// What the device is, or why it does not work.
fn probe(choice: DeviceChoice) -> Result<String, String> {
    match choice {
        DeviceChoice::Cuda => {
            cuda_headers()?;
            contained(|| try_out::<Cuda>(&CudaDevice::default()))??;
            Ok("an NVIDIA GPU through CUDA".to_owned())
        }
        DeviceChoice::Wgpu => {
            let name = hardware_adapter()?;
            contained(|| try_out::<Wgpu>(&WgpuDevice::default()))??;
            Ok(name)
        }
        DeviceChoice::Auto | DeviceChoice::Cpu => Ok(processor(lanes())),
    }
}

/// Loads the network to a GPU and lets it read a sentence.
fn load_on(weights: &Weights, choice: DeviceChoice) -> Result<Box<dyn StoryReader>, String> {
    let weights = weights.clone();
    contained(move || -> Result<Box<dyn StoryReader>, String> {
        let network: Box<dyn StoryReader> = match choice {
            DeviceChoice::Cuda => Box::new(
                StoryNetwork::<Cuda>::load(&weights, &CudaDevice::default(), 0)
                    .map_err(|e| e.to_string())?,
            ),
            _ => Box::new(
                StoryNetwork::<Wgpu>::load(&weights, &WgpuDevice::default(), 0)
                    .map_err(|e| e.to_string())?,
            ),
        };
        let shares = network.feelings(&["The fox ran home."], Register::Story);
        let sum: f32 = shares.iter().flatten().sum();
        if (sum - 1.0).abs() > 1e-3 {
            return Err("it does not compute what it should".to_owned());
        }
        Ok(network)
    })?
}

/// A small product on the device, compared with its known result.
fn try_out<B: Kernels>(device: &B::Device) -> Result<(), String> {
    let ones = Tensor::<B, 2>::ones([16, 16], device);
    let product = ones.clone().matmul(ones).into_data().convert::<f32>();
    let right = product
        .as_slice::<f32>()
        .is_ok_and(|values| values.iter().all(|value| (value - 16.0).abs() < 0.1));
    if right {
        Ok(())
    } else {
        Err("it does not compute what it should".to_owned())
    }
}

/// CUDA compiles its kernels here, which takes the toolkit's headers and not only the driver.
fn cuda_headers() -> Result<(), String> {
    let places = match std::env::var_os("CUDA_PATH") {
        Some(path) => vec![PathBuf::from(path)],
        None => ["/usr/local/cuda", "/opt/cuda", "/usr"]
            .map(PathBuf::from)
            .to_vec(),
    };
    if places
        .iter()
        .any(|place| place.join("include/cuda_runtime.h").is_file())
    {
        return Ok(());
    }
    let places: Vec<_> = places
        .iter()
        .map(|place| place.display().to_string())
        .collect();
    Err(format!(
        "no CUDA toolkit in {}; install it or set CUDA_PATH",
        places.join(", ")
    ))
}

/// The name of the best GPU that is no software; networks run faster on the processor itself.
fn hardware_adapter() -> Result<String, String> {
    contained(|| {
        let instance = wgpu::Instance::default();
        let adapters = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::PRIMARY));
        let mut software = None;
        for adapter in adapters {
            let info = adapter.get_info();
            if info.device_type != wgpu::DeviceType::Cpu {
                return Ok(format!("{} through {}", info.name, info.backend));
            }
            software = Some(info.name);
        }
        Err(match software {
            Some(name) => format!("{name} is software; the processor itself is faster"),
            None => "no GPU with a Vulkan, Metal or DirectX driver".to_owned(),
        })
    })?
}

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work` on a thread of its own; a panic becomes a reason, as does too long a wait.
fn contained<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                before(info);
            }
        }));
    });
    let (sender, receiver) = mpsc::sync_channel(1);
    let started = thread::Builder::new()
        .name("probe".to_owned())
        .spawn(move || {
            QUIET.set(true);
            let result = panic::catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
                let text = panic
                    .downcast_ref::<String>()
                    .map(String::as_str)
                    .or_else(|| panic.downcast_ref::<&str>().copied())
                    .unwrap_or("it failed without a word");
                let line = text.lines().map(str::trim).find(|line| !line.is_empty());
                line.unwrap_or("it failed without a word").to_owned()
            });
            // The receiver is gone when the time was over; nobody needs the result then.
            let _ = sender.send(result);
        });
    if started.is_err() {
        return Err("no thread could be started".to_owned());
    }
    receiver
        .recv_timeout(TRIAL)
        .unwrap_or_else(|_| Err(format!("no answer within {} s", TRIAL.as_secs())))
}

/// Where compiled kernels and their measured settings are kept.
fn cache_folder() -> Option<PathBuf> {
    Some(dirs::cache_dir()?.join("fabula").join("kernels"))
}

/// Tells the GPU backends, once and before their first use, to keep what they compiled and
/// measured in `folder`, so that the next start is fast.
fn keep_kernels_in(folder: Option<&Path>) {
    use cubecl_runtime::config::cache::CacheConfig;
    use cubecl_runtime::config::{CubeClRuntimeConfig, RuntimeConfig};

    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let Some(folder) = folder else { return };
        let mut config = CubeClRuntimeConfig::default().override_from_env();
        config.autotune.cache = CacheConfig::File(folder.to_owned());
        config.compilation.cache = Some(CacheConfig::File(folder.to_owned()));
        CubeClRuntimeConfig::set(config);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_and_its_words_are_contained() {
        let text = contained(|| -> () { panic!("\n   no such library\nmore") });
        assert_eq!(text, Err("no such library".to_owned()));
    }

    #[test]
    fn every_candidate_has_a_reason_and_the_processor_always_works() {
        let found = candidates();
        assert_eq!(found.len(), 3);
        assert!(found.iter().all(|candidate| !candidate.reason.is_empty()));
        assert!(found[2].usable && found[2].choice == DeviceChoice::Cpu);
    }
}
