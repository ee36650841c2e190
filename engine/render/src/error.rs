use thiserror::Error;

/// Why something could not be drawn.
#[derive(Debug, Error)]
pub enum RenderError {
    /// No adapter fits the choice.
    #[error(
        "no GPU {wanted}: found {found}; install a Vulkan driver (`apt-get install \
         mesa-vulkan-drivers` gives a software one) or choose another with --gpu"
    )]
    NoGpu {
        /// What was asked for.
        wanted: String,
        /// The adapters of this machine.
        found: String,
    },
    /// The adapter refused to open.
    #[error("the GPU {name} cannot be used: {cause}; try `--gpu cpu`")]
    Device {
        /// Name of the adapter.
        name: String,
        /// What the driver said.
        cause: String,
    },
    /// The device was lost or a submission failed.
    #[error("the GPU stopped working: {0}; try again, or with `--gpu cpu`")]
    Lost(String),
    /// The GPU gives none of its memory to an encoder.
    #[error("the GPU does not share its memory: {0}")]
    Unshared(String),
    /// The figures do not fit into the memory that a GPU gives to one thing.
    #[error(
        "the figures of the cast take more than the {most_mb} MB that {gpu} gives them: the first \
         {fitting} fit; leave some out of the storyboard's cast"
    )]
    Cast {
        /// How many fit, members of groups included.
        fitting: usize,
        /// Name of the GPU.
        gpu: String,
        /// The largest buffer, in millions of bytes.
        most_mb: u64,
    },
    /// Nothing can be drawn into a window.
    #[error("no window can be drawn into: {0}; `fabula render` makes films without one")]
    Window(String),
    /// The size of a picture is not allowed.
    #[error(
        "{width}x{height} is not a size that can be drawn: both must be even and between 16 and \
         3840, with at most 3840x2160 pixels"
    )]
    Size {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// A picture cannot stand behind actors.
    #[error("the picture {file} cannot stand behind the actors: {cause}")]
    Backdrop {
        /// Its file as the storyboard names it.
        file: String,
        /// What is wrong and what would be right.
        cause: String,
    },
    /// A camera shows nothing: the whole sentence.
    #[error("{0}")]
    Camera(String),
    /// A file of the art is wrong.
    #[error("{file}: {cause}")]
    Art {
        /// Path of the file from the project's root.
        file: String,
        /// What is wrong and what would be right.
        cause: String,
    },
    /// A file of somebody's own art is wrong.
    #[error("{file}: {cause}")]
    OwnArt {
        /// Where the file lies and, for a shader, the line.
        file: String,
        /// What is wrong.
        cause: String,
    },
}

impl RenderError {
    pub(crate) fn art(file: impl Into<String>, cause: impl std::fmt::Display) -> Self {
        Self::Art {
            file: file.into(),
            cause: cause.to_string(),
        }
    }
}
