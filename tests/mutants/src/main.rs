//! `eslabon-mutants FROM TO <mutants.json`: takes the sources in which the mutants are from one folder and writes them
//! to another, where each mutant is behind `crate::mutated(ID)`. Prints as JSON which ones it cannot place, and why.
//!
//! The mutants are those of `cargo mutants --list --json`, each with an `id`. A mutant is found by its place: that of the
//! operator, of the arm, of the guard or of the function's body. What it does instead stands between `/*<ID*/` and
//! `/*ID>*/`, the whole of what it is part of between `/*(ID,…*/` and `/*ID,…)*/`, so that whoever reads the
//! compiler's errors knows whose they are.

mod places;
mod written;

use std::{
    collections::BTreeMap,
    error::Error,
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

/// What `cargo mutants` says of a mutant, as far as it is needed.
#[derive(Deserialize)]
struct Mutant {
    id: usize,
    file: PathBuf,
    genre: String,
    replacement: String,
    span: Span,
}

/// Lines and columns count from 1, columns in characters.
#[derive(Deserialize)]
struct Span {
    start: Position,
    end: Position,
}

#[derive(Deserialize)]
struct Position {
    line: usize,
    column: usize,
}

/// A mutant without a place.
#[derive(Serialize)]
struct Unplaced {
    id: usize,
    why: &'static str,
}

fn main() -> Result<(), Box<dyn Error>> {
    let folders: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [from, to] = folders.as_slice() else {
        return Err("usage: eslabon-mutants FROM TO <mutants.json".into());
    };
    let mut files: BTreeMap<PathBuf, Vec<Mutant>> = BTreeMap::new();
    for mutant in serde_json::from_reader::<_, Vec<Mutant>>(io::stdin().lock())? {
        files.entry(mutant.file.clone()).or_default().push(mutant);
    }
    let mut unplaced = Vec::new();
    for (file, mutants) in &files {
        let source = fs::read_to_string(from.join(file))?;
        let (text, without) =
            instrumented(&source, mutants).map_err(|error| format!("{}: {error}", file.display()))?;
        unplaced.extend(without);
        keep(&to.join(file), &text)?;
    }
    serde_json::to_writer(io::stdout().lock(), &unplaced)?;
    Ok(())
}

fn instrumented(source: &str, mutants: &[Mutant]) -> syn::Result<(String, Vec<Unplaced>)> {
    let lines = places::Lines::new(source);
    let wanted = mutants.iter().map(|mutant| {
        let range = lines.at(mutant.span.start.line, mutant.span.start.column - 1)
            ..lines.at(mutant.span.end.line, mutant.span.end.column - 1);
        (mutant, range)
    });
    let (sites, unplaced) = places::find(source, &lines, wanted.collect())?;
    Ok((written::written(source, sites), unplaced))
}

/// Writes a file that is not there yet or is another one, so that cargo does not build without need.
fn keep(path: &Path, text: &str) -> io::Result<()> {
    if fs::read_to_string(path).is_ok_and(|present| present == text) {
        return Ok(());
    }
    fs::write(path, text)
}
