//! `fabula phones`: how a line of speech sounds and what the mouth does.

use std::fmt::Write;

use fabula_direct::phones::{Utterance, pronounce};

use crate::cli::PhonesArgs;
use crate::failure::Failure;
use crate::output;

pub fn run(args: &PhonesArgs) -> Result<(), Failure> {
    let line = pronounce(&args.text);
    let text = if args.json {
        serde_json::to_string_pretty(&line).map_err(Failure::internal)? + "\n"
    } else {
        table(&line)
    };
    output::print(&text)
}

fn table(line: &Utterance) -> String {
    let mut out = String::from("start    end      phone\n");
    for phone in &line.phones {
        let stress = phone
            .stress
            .map_or(String::new(), |stress| stress.to_string());
        let _ = writeln!(
            out,
            "{:<8.3} {:<8.3} {}{stress}",
            phone.start_s, phone.end_s, phone.symbol
        );
    }
    out.push_str("\nstart    end      mouth\n");
    for shape in &line.shapes {
        let _ = writeln!(
            out,
            "{:<8.3} {:<8.3} {:?}",
            shape.start_s, shape.end_s, shape.shape
        );
    }
    out
}
