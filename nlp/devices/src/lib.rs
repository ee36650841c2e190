//! Where the networks run: CUDA, else another GPU through wgpu, else the processor.
//!
//! The networks themselves are generic over the backend; here they are compiled for each. That
//! takes minutes, so nothing else is in this crate.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Once;
use std::thread;
use std::time::Duration;

use burn::tensor::Tensor;
use burn_cuda::{Cuda, CudaDevice};
use burn_flex::{Flex, FlexDevice};
use burn_wgpu::{Wgpu, WgpuDevice};
use fabula_networks::foreign::model::{EntityModel, FeelingsModel, NamedEntity};
use fabula_networks::foreign::{Folder, ForeignError, Task};
use fabula_networks::heads::{FEELINGS, Register};
use fabula_networks::kernels::Kernels;
use fabula_networks::story::{Analysis, Labels, Passage, StoryNetwork};
use fabula_networks::trial::contained;
use fabula_networks::weights::{Weights, WeightsError};
use thiserror::Error;

/// How long a GPU may take to give its first result, compiling its kernels included.
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
    /// The folder of a model that others have trained cannot be used.
    #[error(transparent)]
    Foreign(#[from] ForeignError),
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

/// A model of someone else's that finds feelings, on whichever device.
pub trait FeelingsReader: Send + Sync {
    /// The shares of the feelings in each text, in the order of
    /// [`FEELING_NAMES`](fabula_networks::foreign::labels::FEELING_NAMES); they sum to 1.
    fn feelings(&self, texts: &[&str]) -> Vec<[f32; FEELINGS]>;
}

impl<B: Kernels> FeelingsReader for FeelingsModel<B> {
    fn feelings(&self, texts: &[&str]) -> Vec<[f32; FEELINGS]> {
        Self::feelings(self, texts)
    }
}

/// A model of someone else's that finds named entities, on whichever device.
pub trait EntityReader: Send + Sync {
    /// The entities of each text, in order.
    fn entities(&self, texts: &[&str]) -> Vec<Vec<NamedEntity>>;
}

impl<B: Kernels> EntityReader for EntityModel<B> {
    fn entities(&self, texts: &[&str]) -> Vec<Vec<NamedEntity>> {
        Self::entities(self, texts)
    }
}

/// An opened network and what was passed over on the way to its device.
pub struct Opened<Reader: ?Sized = dyn StoryReader> {
    /// The network.
    pub network: Box<Reader>,
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
    open_source(weights, choice)
}

/// Opens the model in `folder` that finds feelings, as [`open`] does the network.
///
/// # Errors
/// If the folder cannot be used, or if a device was asked for by name and does not work.
pub fn open_feelings(
    folder: &Path,
    choice: DeviceChoice,
) -> Result<Opened<dyn FeelingsReader>, OpenError> {
    open_source(
        &FeelingsSource(Folder::open(folder, Task::Feelings)?),
        choice,
    )
}

/// Opens the model in `folder` that finds named entities, as [`open`] does the network.
///
/// # Errors
/// If the folder cannot be used, or if a device was asked for by name and does not work.
pub fn open_entities(
    folder: &Path,
    choice: DeviceChoice,
) -> Result<Opened<dyn EntityReader>, OpenError> {
    open_source(&EntitySource(Folder::open(folder, Task::Entities)?), choice)
}

/// What a network can be loaded from, to any device.
trait Source: Clone + Send + 'static {
    type Reader: ?Sized + Send + 'static;

    /// Loads the network. `lanes` is how many batches are read side by side.
    fn load<B: Kernels>(
        &self,
        device: &B::Device,
        lanes: usize,
    ) -> Result<Box<Self::Reader>, OpenError>;

    /// Whether the network reads a sentence as it should.
    fn works(reader: &Self::Reader) -> bool;
}

impl Source for Weights {
    type Reader = dyn StoryReader;

    fn load<B: Kernels>(
        &self,
        device: &B::Device,
        lanes: usize,
    ) -> Result<Box<Self::Reader>, OpenError> {
        Ok(Box::new(StoryNetwork::<B>::load(self, device, lanes)?))
    }

    fn works(reader: &Self::Reader) -> bool {
        sums_to_one(&reader.feelings(&[TRIAL_TEXT], Register::Story))
    }
}

#[derive(Clone)]
struct FeelingsSource(Folder);

impl Source for FeelingsSource {
    type Reader = dyn FeelingsReader;

    fn load<B: Kernels>(
        &self,
        device: &B::Device,
        lanes: usize,
    ) -> Result<Box<Self::Reader>, OpenError> {
        Ok(Box::new(FeelingsModel::<B>::load(&self.0, device, lanes)?))
    }

    fn works(reader: &Self::Reader) -> bool {
        sums_to_one(&reader.feelings(&[TRIAL_TEXT]))
    }
}

#[derive(Clone)]
struct EntitySource(Folder);

impl Source for EntitySource {
    type Reader = dyn EntityReader;

    fn load<B: Kernels>(
        &self,
        device: &B::Device,
        lanes: usize,
    ) -> Result<Box<Self::Reader>, OpenError> {
        Ok(Box::new(EntityModel::<B>::load(&self.0, device, lanes)?))
    }

    fn works(reader: &Self::Reader) -> bool {
        reader.entities(&[TRIAL_TEXT]).len() == 1
    }
}

/// What a network reads to show that it works.
const TRIAL_TEXT: &str = "The fox ran home.";

fn sums_to_one(shares: &[[f32; FEELINGS]]) -> bool {
    let sum: f32 = shares.iter().flatten().sum();
    (sum - 1.0).abs() <= 1e-3
}

fn open_source<S: Source>(
    source: &S,
    choice: DeviceChoice,
) -> Result<Opened<S::Reader>, OpenError> {
    keep_kernels_in(cache_folder().as_deref());
    let mut passed_over = Vec::new();
    let wanted = match choice {
        DeviceChoice::Auto => vec![DeviceChoice::Cuda, DeviceChoice::Wgpu],
        DeviceChoice::Cpu => Vec::new(),
        other => vec![other],
    };
    for candidate in wanted {
        match probe(candidate).and_then(|name| Ok((name, load_on(source, candidate)?))) {
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
    Ok(Opened {
        network: source.load::<Flex>(&FlexDevice, lanes)?,
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
            contained(TRIAL, || try_out::<Cuda>(&CudaDevice::default()))??;
            Ok("an NVIDIA GPU through CUDA".to_owned())
        }
        DeviceChoice::Wgpu => {
            let name = hardware_adapter()?;
            contained(TRIAL, || try_out::<Wgpu>(&WgpuDevice::default()))??;
            Ok(name)
        }
        DeviceChoice::Auto | DeviceChoice::Cpu => Ok(processor(lanes())),
    }
}

/// Loads a network to a GPU and lets it read a sentence.
fn load_on<S: Source>(source: &S, choice: DeviceChoice) -> Result<Box<S::Reader>, String> {
    let source = source.clone();
    contained(TRIAL, move || {
        let reader = match choice {
            DeviceChoice::Cuda => source.load::<Cuda>(&CudaDevice::default(), 0),
            _ => source.load::<Wgpu>(&WgpuDevice::default(), 0),
        };
        let reader = reader.map_err(|error| error.to_string())?;
        if S::works(&reader) {
            Ok(reader)
        } else {
            Err("it does not compute what it should".to_owned())
        }
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
    contained(TRIAL, || {
        // Without OpenGL, whose drivers write to standard error where there is no display.
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
            backends: wgpu::Backends::PRIMARY,
            flags: wgpu::InstanceFlags::empty(),
            ..wgpu::InstanceDescriptor::new_without_display_handle()
        });
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

/// Where compiled kernels are kept.
fn cache_folder() -> Option<PathBuf> {
    Some(dirs::cache_dir()?.join("fabula").join("kernels"))
}

/// Tells the GPU backends, once and before their first use, to keep what they compiled in
/// `folder`, so that the next start is fast.
fn keep_kernels_in(folder: Option<&Path>) {
    use cubecl_runtime::config::cache::CacheConfig;
    use cubecl_runtime::config::{CubeClRuntimeConfig, RuntimeConfig};

    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let Some(folder) = folder else { return };
        let mut config = CubeClRuntimeConfig::default().override_from_env();
        config.compilation.cache = Some(CacheConfig::File(folder.to_owned()));
        CubeClRuntimeConfig::set(config);
    });
}
