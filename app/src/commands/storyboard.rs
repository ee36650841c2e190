//! `fabula storyboard`: the plan of the film, to be edited by hand.

use crate::cli::StoryboardArgs;
use crate::console::Console;
use crate::failure::Failure;
use crate::output;
use crate::source::Source;

pub fn run(args: &StoryboardArgs, console: &Console) -> Result<(), Failure> {
    let to_stdout = args.output.as_os_str() == "-";
    if !to_stdout {
        output::check_target(&args.output, args.force, &args.story.path)?;
    }
    let mut board = Source::read(&args.story, console)?.into_board(args.title.as_deref());
    args.highlight.apply(&mut board);
    let json = board.to_json() + "\n";
    if to_stdout {
        output::print(&json)
    } else {
        output::write(&args.output, json.as_bytes())
    }
}
