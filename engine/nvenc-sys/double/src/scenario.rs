//! The ways in which the double answers.

/// Names the scenario for a double that a whole program loads, such as `device-lost:40`.
pub const SCENARIO_VARIABLE: &str = "NVENC_DOUBLE_SCENARIO";
/// Names a file to which it appends each fault, and a line for each session that was closed.
pub const LOG_VARIABLE: &str = "NVENC_DOUBLE_LOG";

/// What the double gives as its device's UUID, in hexadecimal digits.
pub const UUID_VARIABLE: &str = "NVENC_DOUBLE_UUID";

/// How the double answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scenario {
    /// One device, which encodes.
    #[default]
    Encodes,
    /// The driver finds no GPU.
    NoDevice,
    /// The CUDA driver fails at the first call.
    CudaBroken,
    /// The driver speaks NVENC 9.1.
    TooOld,
    /// The device has no encoder.
    Unsupported,
    /// The device encodes HEVC alone.
    OnlyHevc,
    /// The device's first of two has no encoder.
    SecondDevice,
    /// No session is given: `NV_ENC_ERR_OUT_OF_MEMORY`.
    SessionLimit,
    /// No session is given: `NV_ENC_ERR_INCOMPATIBLE_CLIENT_KEY`.
    SessionKey,
    /// The device is lost when it is given this picture, counted over all sessions from 0.
    DeviceLost(u64),
    /// So many sessions are given, and then no more.
    Sessions(u64),
    /// Every other picture waits for the next.
    HoldsBack,
    /// Two pictures come out in the wrong order.
    Reorders,
    /// The CUDA driver takes no memory of other interfaces.
    ImportsNothing,
}

impl Scenario {
    /// As it is written in the environment.
    pub fn name(self) -> String {
        let (name, number) = self.parts();
        format!("{name}:{number}")
    }

    /// What a name without or with a number stands for.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let (name, number) = name.split_once(':').unwrap_or((name, "0"));
        let number = number.parse().ok()?;
        let all = [
            Self::Encodes,
            Self::NoDevice,
            Self::CudaBroken,
            Self::TooOld,
            Self::Unsupported,
            Self::OnlyHevc,
            Self::SecondDevice,
            Self::SessionLimit,
            Self::SessionKey,
            Self::DeviceLost(number),
            Self::Sessions(number),
            Self::HoldsBack,
            Self::Reorders,
            Self::ImportsNothing,
        ];
        all.into_iter().find(|one| one.parts().0 == name)
    }

    fn parts(self) -> (&'static str, u64) {
        match self {
            Self::Encodes => ("encodes", 0),
            Self::NoDevice => ("no-device", 0),
            Self::CudaBroken => ("cuda-broken", 0),
            Self::TooOld => ("too-old", 0),
            Self::Unsupported => ("unsupported", 0),
            Self::OnlyHevc => ("only-hevc", 0),
            Self::SecondDevice => ("second-device", 0),
            Self::SessionLimit => ("session-limit", 0),
            Self::SessionKey => ("session-key", 0),
            Self::DeviceLost(number) => ("device-lost", number),
            Self::Sessions(number) => ("sessions", number),
            Self::HoldsBack => ("holds-back", 0),
            Self::Reorders => ("reorders", 0),
            Self::ImportsNothing => ("imports-nothing", 0),
        }
    }
}
