//! An instance in a folder: `instance.toml` and a CSV file a table.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::Path,
};

use super::{
    Source, codes, csv,
    json::check_e1003_utf8,
    problems::{Place, Problems},
    row::Quoted,
    settings,
    tables::{NAMES, Record, Table},
    toml,
};

/// The file with the fields at the top level.
pub(crate) const SETTINGS: &str = "instance.toml";

/// The largest file that is read.
pub(super) const LARGEST: u64 = 2 << 30;
/// The largest file of settings: a few lines, and kept as a tree.
const LARGEST_SETTINGS: u64 = 1 << 20;

/// A folder that holds an `instance.toml`.
pub(super) struct Folder<'a>(&'a Path);

impl<'a> Folder<'a> {
    /// Looks at a folder's files. One without `instance.toml` is no instance, and nothing else in it
    /// is worth a message.
    pub(super) fn new(path: &'a Path, problems: &mut Problems) -> Option<Self> {
        let settings = path.join(SETTINGS);
        if !settings.exists() {
            let cause = format_args!("{} does not exist", settings.display());
            problems.report(codes::E1001, Place::file(SETTINGS), cause);
            return None;
        }
        check_e1005_files(path, problems);
        Some(Self(path))
    }
}

impl Source for Folder<'_> {
    fn settings(&self, problems: &mut Problems) -> crate::Instance {
        let place = Place::file(SETTINGS);
        let bytes = check_e1001_e1002_file(&self.0.join(SETTINGS), LARGEST_SETTINGS, place, problems);
        let text = bytes.as_deref().and_then(|bytes| check_e1003_utf8(bytes, place, problems));
        let row = text.and_then(|text| toml::row(text, SETTINGS, problems));
        // An unreadable file has its message; that all its fields are missing is none.
        row.map_or_else(crate::Instance::default, |row| settings::read(&row, problems))
    }

    fn table<T: Record>(&self, problems: &mut Problems) -> Table<T> {
        let mut table = Table::new(T::FILE);
        let place = Place::file(T::FILE);
        let path = self.0.join(T::FILE);
        if !path.exists() && !path.is_symlink() {
            table.whole = !T::NEEDED;
            if T::NEEDED {
                problems.report(codes::E1010, place, format_args!("the table is missing"));
            }
            return table;
        }
        let bytes = check_e1001_e1002_file(&path, LARGEST, place, problems);
        let text = bytes.as_deref().and_then(|bytes| check_e1003_utf8(bytes, place, problems));
        match text {
            Some(text) => csv::fill(&mut table, text, problems),
            None => table.whole = false,
        }
        table
    }
}

/// E1005: the folder holds the format's files only; hidden files and notes are nobody's business.
fn check_e1005_files(folder: &Path, problems: &mut Problems) {
    let mut names: Vec<String> = match fs::read_dir(folder) {
        Ok(entries) => {
            entries.filter_map(Result::ok).map(|e| e.file_name().to_string_lossy().into_owned()).collect()
        }
        Err(error) => {
            let cause = format_args!("{}: {error}", folder.display());
            return problems.report(codes::E1001, Place::default(), cause);
        }
    };
    names.sort();
    for name in names {
        let table = name.strip_suffix(".csv");
        let known = name == SETTINGS
            || table.is_some_and(|t| NAMES.contains(&t))
            || name.starts_with('.')
            || [".md", ".txt"].iter().any(|e| name.ends_with(e));
        if !known {
            let cause = format_args!("{} is no table of the format", Quoted(&name));
            problems.report(codes::E1005, Place::file(&name), cause);
        }
    }
}

/// E1001, E1002: a file is there, is a file, may be read and is not too large.
pub(super) fn check_e1001_e1002_file(
    path: &Path,
    largest: u64,
    place: Place<'_>,
    problems: &mut Problems,
) -> Option<Vec<u8>> {
    let bytes = match read(path, largest) {
        Ok(bytes) => bytes,
        Err(error) => {
            let cause = format_args!("{}: {error}", path.display());
            problems.report(codes::E1001, place, cause);
            return None;
        }
    };
    if bytes.is_none() {
        let cause = format_args!("{} is larger than {} MiB", path.display(), largest >> 20);
        problems.report(codes::E1002, place, cause);
    }
    bytes
}

/// The bytes of a file; `None` where it is too large.
fn read(path: &Path, largest: u64) -> io::Result<Option<Vec<u8>>> {
    // Looked at before it is opened: opening a named pipe would wait for ever.
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(io::Error::other("not a file"));
    }
    if metadata.len() > largest {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    bytes.reserve_exact(usize::try_from(metadata.len()).unwrap_or(0));
    File::open(path)?.take(largest + 1).read_to_end(&mut bytes)?;
    let fits = u64::try_from(bytes.len()).is_ok_and(|length| length <= largest);
    Ok(fits.then_some(bytes))
}
