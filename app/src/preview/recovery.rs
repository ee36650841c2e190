//! What becomes of the preview when its GPU stops working: a driver crashes or is replaced, a card
//! is pulled out. It is opened again, unless that happens all the time.

use std::panic::{self, AssertUnwindSafe};
use std::thread;
use std::time::Duration;

use fabula_render::{Gpu, GpuChoice, RenderError, Screen};

use super::projector::Shared;

/// How often the GPU may stop working, with less than a minute in between, before the window
/// gives up.
const MOST_LOSSES: u32 = 5;
const LOSSES_APART: Duration = Duration::from_mins(1);
/// A driver may need this long until it has a GPU again, and is asked this often.
const BACK_WITHIN: Duration = Duration::from_secs(10);
const ASK_EVERY: Duration = Duration::from_millis(250);

/// How often the GPU stopped working in short succession.
#[derive(Clone, Copy, Debug, Default)]
pub struct Losses {
    count: u32,
    last: Option<Duration>,
}

impl Losses {
    /// Takes note of one; says whether the GPU is to be opened again.
    pub fn bear(&mut self, now: Duration) -> bool {
        let follows = |last: Duration| now.saturating_sub(last) < LOSSES_APART;
        let before = if self.last.is_some_and(follows) {
            self.count
        } else {
            0
        };
        *self = Self {
            count: before + 1,
            last: Some(now),
        };
        self.count <= MOST_LOSSES
    }
}

/// Draws with a GPU. Whatever goes wrong once it is lost is that loss; libraries panic then.
pub fn draw_with<T>(
    gpu: &Gpu,
    draw: impl FnOnce() -> Result<T, RenderError>,
) -> Result<T, RenderError> {
    // Nothing that was drawn with is used again after a loss.
    match panic::catch_unwind(AssertUnwindSafe(draw)) {
        Ok(Err(error)) if gpu.is_lost() => Err(match error {
            RenderError::Lost(_) => error,
            other => RenderError::Lost(other.to_string()),
        }),
        Ok(outcome) => outcome,
        Err(_) if gpu.is_lost() => Err(RenderError::Lost("it was lost".to_owned())),
        Err(panic) => panic::resume_unwind(panic),
    }
}

/// Gets the surface of the window and a GPU anew; nothing, if everything ends meanwhile.
///
/// # Errors
/// If there is none after a while.
pub fn open_again(
    shared: &Shared,
    screen: &mut Screen,
    choice: &GpuChoice,
) -> Result<Option<Gpu>, RenderError> {
    let until = shared.now() + BACK_WITHIN;
    loop {
        let opened = screen.renew().and_then(|()| screen.open_gpu(choice));
        match opened {
            Ok(gpu) => return Ok(Some(gpu)),
            Err(_) if shared.lock().quit => return Ok(None),
            Err(error) if shared.now() >= until => return Err(error),
            Err(error) => tracing::debug!("the GPU is not back yet: {error}"),
        }
        thread::sleep(ASK_EVERY);
    }
}

/// Loses the GPU on purpose when the window has been open for this long.
pub fn lose(shared: &Shared, after: Duration) {
    loop {
        {
            let stage = shared.lock();
            if stage.quit {
                return;
            }
            if let Some(gpu) = stage.gpu.as_ref().filter(|_| shared.now() >= after) {
                tracing::warn!("the GPU is lost on purpose");
                gpu.lose();
                return;
            }
        }
        thread::sleep(ASK_EVERY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_gpu_that_is_lost_all_the_time_is_given_up_and_one_lost_now_and_then_is_not() {
        let mut losses = Losses::default();
        for number in 0..u64::from(MOST_LOSSES) {
            assert!(losses.bear(at(10 * number)), "{number}");
        }
        assert!(!losses.bear(at(55)));
        assert!(losses.bear(at(115)), "after a good minute");
        let mut losses = Losses::default();
        assert!((0..100).all(|number| losses.bear(at(70 * number))));
    }

    #[test]
    fn whatever_goes_wrong_on_a_lost_gpu_is_its_loss_and_a_defect_remains_one() {
        let gpu = match Gpu::open(&GpuChoice::Cpu) {
            Ok(gpu) => gpu,
            Err(error) => return println!("skipped: {error}"),
        };
        let fail = || -> Result<(), _> { Err(RenderError::Window("it has gone".to_owned())) };
        let break_down = || -> Result<(), RenderError> { panic!("a defect") };
        let is_lost =
            |outcome: Result<(), RenderError>| matches!(outcome, Err(RenderError::Lost(_)));
        assert!(!is_lost(draw_with(&gpu, fail)));
        let defect = AssertUnwindSafe(|| draw_with(&gpu, break_down));
        assert!(panic::catch_unwind(defect).is_err());
        gpu.lose();
        assert!(is_lost(draw_with(&gpu, fail)));
        assert!(is_lost(draw_with(&gpu, break_down)));
        assert!(draw_with(&gpu, || Ok(())).is_ok());
    }
}
