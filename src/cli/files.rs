//! What the solver's commands read and write: instances, results, folders of tables.

use std::{
    fs,
    io::{Read, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use eslabon_solver::{
    Decimal,
    problem::Problem,
    read::{self, Reading},
};
use serde_json::json;

/// Exit code of a defect: the engine or the checker failed, or what was found cannot be written.
pub(super) const DEFECT: u8 = 1;
/// Exit code of input that is no valid instance, result or argument.
pub(super) const INVALID: u8 = 2;

/// An instance from a folder, a file, or standard input (`-`).
pub(super) fn instance(path: &Path) -> Result<Reading, Vec<Problem>> {
    if path != Path::new("-") {
        return read::from_path(path);
    }
    let mut document = Vec::new();
    match std::io::stdin().lock().read_to_end(&mut document) {
        Ok(_) => read::from_json(&document),
        Err(error) => Err(vec![Problem {
            code: "E1001".to_owned(),
            cause: format!("standard input cannot be read: {error}"),
            action: "Pipe one JSON document into the command".to_owned(),
            file: "-".to_owned(),
            row: 0,
            column: String::new(),
        }]),
    }
}

/// Tells every problem, and gives the exit code for them.
pub(super) fn refuse(problems: &[Problem], as_json: bool) -> ExitCode {
    let code = ExitCode::from(INVALID);
    if as_json {
        return print(&format!("{}\n", json!({ "problems": problems })), code);
    }
    for problem in problems {
        eprintln!("{problem}");
    }
    code
}

/// Tells what stands in the way of the whole command.
pub(super) fn fail(code: u8, cause: &str) -> ExitCode {
    eprintln!("eslabon: {cause}");
    ExitCode::from(code)
}

/// Prints to standard output. Whoever closed it early has seen enough.
pub(super) fn print(text: &str, code: ExitCode) -> ExitCode {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            fail(DEFECT, &format!("standard output cannot be written: {error}"))
        }
        _ => code,
    }
}

/// Prints to standard output what is not the last thing to be done. Where it was closed early the program ends here, as
/// others do.
#[expect(clippy::exit, reason = "nobody is left to whom the command could say anything")]
pub(super) fn tell(text: &[u8]) {
    let mut out = std::io::stdout().lock();
    match out.write_all(text).and_then(|()| out.flush()) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
        Err(error) => {
            eprintln!("eslabon: standard output cannot be written: {error}");
            std::process::exit(DEFECT.into());
        }
    }
}

/// A folder that results may be written into: a new one, an empty one, or one with an earlier result of
/// the same command. So no result ever lands among the tables of an instance.
pub(super) struct OutFolder(PathBuf);

impl OutFolder {
    /// Makes the folder, so that what is wrong with it shows before anything is solved.
    ///
    /// `mark`: the file by which an earlier result is recognised.
    pub(super) fn new(path: &Path, mark: &str) -> Result<Self, String> {
        made(
            path,
            |path| path.join(mark).exists(),
            &format!("and no earlier {mark}. Name a new folder for --out"),
        )?;
        Ok(Self(path.to_path_buf()))
    }

    /// Writes one file.
    pub(super) fn write(&self, name: &str, text: &str) -> Result<(), String> {
        let file = self.0.join(name);
        fs::write(&file, text).map_err(|error| {
            format!("{} cannot be written: {error}. Make room, and run the command again", file.display())
        })
    }

    /// Writes tables, and the document that marks the folder as theirs.
    pub(super) fn write_all(
        &self,
        document: (&str, &str),
        tables: &[(&'static str, String)],
    ) -> Result<(), String> {
        for (name, text) in tables {
            self.write(name, text)?;
        }
        self.write(document.0, document.1)
    }
}

/// Makes a folder that is there only for what comes now.
pub(super) fn new_folder(path: &Path) -> Result<(), String> {
    made(path, |_| false, "which nothing overwrites. Name a new folder")
}

/// Makes a folder, if it is not there; it may hold files if it is `known`.
fn made(path: &Path, known: impl Fn(&Path) -> bool, otherwise: &str) -> Result<(), String> {
    let shown = path.display();
    let refused =
        |error: std::io::Error| format!("{shown} cannot be used: {error}. Name a folder that can be written");
    if path.exists() {
        let occupied = fs::read_dir(path).map_err(refused)?.next().is_some();
        if occupied && !known(path) {
            return Err(format!("{shown} holds other files, {otherwise}"));
        }
    }
    fs::create_dir_all(path).map_err(refused)
}

/// A share as an argument.
pub(super) fn share(text: &str) -> Result<Decimal, String> {
    match text.parse::<Decimal>() {
        Ok(share) if !share.is_negative() && share <= Decimal::ONE => Ok(share),
        Ok(_) => Err("is not a share: write a number from 0 to 1, such as 0.3 for 30 %".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// A number above 0 as an argument.
pub(super) fn positive(text: &str) -> Result<Decimal, String> {
    match text.parse::<Decimal>() {
        Ok(number) if !number.is_negative() && !number.is_zero() => Ok(number),
        Ok(_) => Err("is not more than 0".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}
