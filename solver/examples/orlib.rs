//! Writes problems of the OR-Library as folders that `eslabon solve` reads.
//!
//!     cargo run --example orlib -- gap FILE FOLDER
//!     cargo run --example orlib -- cap FILE FOLDER [CAPACITY]
//!
//! A file with several problems becomes FOLDER-1, FOLDER-2, … CAPACITY stands for the word `capacity`.

#[path = "../tests/published/convert.rs"]
mod convert;

use std::{env, fs, path::Path};

use eslabon_solver::write;

fn main() -> Result<(), String> {
    let words: Vec<String> = env::args().skip(1).collect();
    let usage = "orlib gap FILE FOLDER | orlib cap FILE FOLDER [CAPACITY]";
    let [kind, file, folder, rest @ ..] = &words[..] else {
        return Err(usage.to_owned());
    };
    let text = fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    let instances = match kind.as_str() {
        "gap" => convert::generalised_assignment(&text)?,
        "cap" => vec![convert::warehouse_location(&text, rest.first().map(String::as_str))?],
        _ => return Err(usage.to_owned()),
    };
    for (at, instance) in instances.iter().enumerate() {
        let path = if instances.len() == 1 { folder.clone() } else { format!("{folder}-{}", at + 1) };
        write::into_folder(instance, Path::new(&path)).map_err(|error| format!("{path}: {error}"))?;
    }
    Ok(())
}
