//! Reads a result back: the document that `eslabon solve --json` prints, or the folder of `--out`.

use std::{fs, path::Path};

use super::Outcome;
use crate::problem::Problem;

/// The result's document in the folder that `eslabon solve --out` writes.
pub const DOCUMENT: &str = "result.json";

/// Larger files are refused before they are read, in bytes.
const MOST_BYTES: u64 = 2 << 30;

/// Reads a result from a file, or from [`DOCUMENT`] in a folder.
///
/// # Errors
/// What stands in the way, as for instances: `R3001` the file cannot be read, `R3002` it holds no result, `R3003` its format is
/// another one.
pub fn from_path(path: &Path) -> Result<Outcome, Vec<Problem>> {
    let file = if path.is_dir() { path.join(DOCUMENT) } else { path.to_path_buf() };
    let name = file.display().to_string();
    let unreadable = |cause: String| {
        problem(
            "R3001",
            cause,
            "Name a document of `eslabon solve --json`, or a folder of `eslabon solve --out`",
            &name,
        )
    };
    let size = fs::metadata(&file).map_err(|error| unreadable(format!("it cannot be read: {error}")))?.len();
    if size > MOST_BYTES {
        return Err(unreadable(format!("its {size} bytes are more than a result may have")));
    }
    let bytes = fs::read(&file).map_err(|error| unreadable(format!("it cannot be read: {error}")))?;
    from_json(&bytes).map_err(|problems| {
        problems.into_iter().map(|problem| Problem { file: name.clone(), ..problem }).collect()
    })
}

/// Reads a result from its document.
///
/// # Errors
/// `R3002` or `R3003`, as [`from_path`].
pub fn from_json(bytes: &[u8]) -> Result<Outcome, Vec<Problem>> {
    let outcome: Outcome = serde_json::from_slice(bytes).map_err(|error| {
        let what = "it is no result";
        problem("R3002", format!("{what}: {error}"), "Write it again with `eslabon solve --json`", "")
    })?;
    if outcome.format != FORMAT {
        let cause = format!("its format is {:?} and not {FORMAT:?}", outcome.format);
        return Err(problem("R3003", cause, "Solve again with this version", ""));
    }
    Ok(outcome)
}

/// The only format so far.
const FORMAT: &str = "eslabon-result/1";

fn problem(code: &str, cause: String, action: &str, file: &str) -> Vec<Problem> {
    vec![Problem {
        code: code.to_owned(),
        cause,
        action: action.to_owned(),
        file: file.to_owned(),
        row: 0,
        column: String::new(),
    }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_reads_back_as_it_was_written() {
        let outcome = Outcome::blank("USD");
        let text = serde_json::to_vec(&outcome).unwrap();
        assert_eq!(from_json(&text), Ok(outcome));
    }

    #[test]
    fn what_is_no_result_is_refused_with_its_code() {
        let code = |bytes: &[u8]| from_json(bytes).map_err(|problems| problems[0].code.clone());
        assert_eq!(code(b"{}"), Err("R3002".to_owned()));
        assert_eq!(code(b"\xff\xfe"), Err("R3002".to_owned()));
        let other = Outcome { format: "eslabon-result/2".to_owned(), ..Outcome::blank("USD") };
        assert_eq!(code(&serde_json::to_vec(&other).unwrap()), Err("R3003".to_owned()));
        let missing =
            from_path(Path::new("there/is/no/such/file")).map_err(|problems| problems[0].code.clone());
        assert_eq!(missing, Err("R3001".to_owned()));
    }
}
