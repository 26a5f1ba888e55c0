//! The check of a log: of the database's own, or of an export, without the service that wrote it.
//!
//! An [`Auditor`] is fed checkpoints and entries in the order of the log; it computes every leaf and every root anew. What
//! it says holds for whoever trusts the key, and for a whole log for whoever brings a checkpoint from elsewhere: a
//! database that was put back to an older state is whole in itself, but does not reach what was signed.

use std::{collections::BTreeMap, io::BufRead};

use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};

use super::{
    Written,
    checkpoint::{Checkpoint, Verifier},
    hash_of,
    log::{self, Consistency, Inclusion},
    merkle::{self, Edge, Hash, Subtree},
};
use crate::foundation::{ids::AuditEntryId, problem::Problem};

/// What an export begins with.
const FORMAT: &str = "eslabon-audit-1";
const STRETCH: u64 = 1_000;
/// More findings than these are counted only.
const MOST: usize = 100;

/// What was found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// Entries with a place.
    pub placed: u64,
    /// Entries that wait for theirs.
    pub waiting: u64,
    /// Entries whose details have been erased.
    pub erased: u64,
    /// Checkpoints that hold.
    pub checkpoints: u64,
    /// What is wrong, for the person at the terminal.
    pub faults: Vec<String>,
    /// How many more there were.
    pub more: u64,
}

impl Report {
    fn fault(&mut self, text: impl Into<String>) {
        if self.faults.len() < MOST {
            self.faults.push(text.into());
        } else {
            self.more += 1;
        }
    }
}

/// Goes through a log.
pub struct Auditor {
    keys: Vec<Verifier>,
    edge: Edge,
    demanded: BTreeMap<u64, Vec<(Hash, String)>>,
    report: Report,
}

impl Auditor {
    /// Somebody who trusts these keys.
    pub fn new(keys: Vec<Verifier>) -> Self {
        Self { keys, edge: Edge::default(), demanded: BTreeMap::new(), report: Report::default() }
    }

    /// A checkpoint that the log is to agree with; `from` says where it is from.
    pub fn demand(&mut self, note: &str, from: &str) {
        let checkpoint = match Checkpoint::parse(note) {
            Ok(checkpoint) => checkpoint,
            Err(bad) => return self.report.fault(format!("a checkpoint {from} {bad}")),
        };
        if let Err(bad) = checkpoint.verify(&self.keys) {
            return self.report.fault(format!("the checkpoint of {} entries {from} {bad}", checkpoint.size));
        }
        self.demanded.entry(checkpoint.size).or_default().push((checkpoint.root, from.to_owned()));
    }

    fn entry(&mut self, entry: &Written) {
        match entry.verify() {
            Some(true) => {}
            Some(false) => self.report.fault(format!("the entry {} was changed", entry.id)),
            None => self.report.erased += 1,
        }
    }

    /// The next entry of the log.
    pub fn place(&mut self, position: u64, entry: &Written) -> Vec<(Subtree, Hash)> {
        if position != self.edge.size() {
            let wanted = self.edge.size();
            self.report.fault(format!("the entry {} stands at {position}, and {wanted} is next", entry.id));
        }
        self.entry(entry);
        self.report.placed += 1;
        // What is no hash counts as an entry that was changed, and makes another root.
        let made = self.edge.push(entry.hash().unwrap_or_default());
        self.roots();
        made
    }

    /// An entry that has no place yet.
    pub fn wait(&mut self, entry: &Written) {
        self.entry(entry);
        self.report.waiting += 1;
    }

    fn roots(&mut self) {
        let size = self.edge.size();
        for (root, from) in self.demanded.remove(&size).unwrap_or_default() {
            if root == self.edge.root() {
                self.report.checkpoints += 1;
            } else {
                self.report.fault(format!(
                    "the first {size} entries are not those of the checkpoint {from}: another root"
                ));
            }
        }
    }

    /// What was found.
    pub fn finish(mut self) -> Report {
        let there = self.edge.size();
        for (size, from) in self
            .demanded
            .into_iter()
            .flat_map(|(size, all)| all.into_iter().map(move |(_, from)| (size, from)))
        {
            self.report.fault(format!(
                "there are {there} entries, and the checkpoint {from} covers {size}: the log was cut off, or the \
                 database rolled back"
            ));
        }
        self.report
    }
}

/// Checks the database's own log.
///
/// # Errors
/// What the database said.
pub async fn database(
    db: &impl ConnectionTrait,
    keys: Vec<Verifier>,
    outside: &[(String, String)],
) -> Result<Report, Problem> {
    let mut auditor = Auditor::new(keys);
    for (note, from) in outside {
        auditor.demand(note, from);
    }
    for signed in log::all_checkpoints(db).await? {
        auditor.demand(&signed.note, &format!("of {} in the database", signed.at));
    }
    let mut next = 0;
    loop {
        let stretch = log::stretch(db, next, STRETCH).await?;
        let Some((last, _, _)) = stretch.rows.last() else { break };
        next = last + 1;
        for (position, id, entry) in &stretch.rows {
            let Some(entry) = entry else {
                auditor.report.fault(format!("the entry {id} at {position} is missing"));
                let kept = stretch.nodes.get(&Subtree { level: 0, index: *position }).copied();
                auditor.edge.push(kept.unwrap_or_default());
                auditor.roots();
                continue;
            };
            for (at, hash) in auditor.place(*position, entry) {
                if stretch.nodes.get(&at) != Some(&hash) {
                    let (level, index) = (at.level, at.index);
                    auditor
                        .report
                        .fault(format!("the hash {index} of level {level} is not that of its entries"));
                }
            }
        }
    }
    let mut after = AuditEntryId(uuid::Uuid::nil());
    loop {
        let tail = log::without_place(db, after, STRETCH).await?;
        let Some((last, _)) = tail.last() else { break };
        after = last.id;
        for (entry, waits) in &tail {
            auditor.wait(entry);
            if !waits {
                auditor.report.fault(format!("the entry {} has no place and waits for none", entry.id));
            }
        }
    }
    Ok(auditor.finish())
}

/// A line of an export.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Line {
    /// The first one: what this is, and the public key of the log.
    Log { format: String, key: String },
    /// A checkpoint.
    Checkpoint(String),
    /// An entry at its place.
    Entry { position: u64, entry: Written },
    /// An entry that waits for its place.
    Waiting(Written),
}

/// Writes the whole log down: a line of JSON for the key, each checkpoint and each entry.
///
/// # Errors
/// What the database said, or the writing.
pub async fn export(
    db: &impl ConnectionTrait,
    key: &Verifier,
    out: &mut (impl std::io::Write + Send),
) -> Result<u64, Problem> {
    let mut lines = 0;
    let mut write = |line: &Line| -> Result<(), Problem> {
        lines += 1;
        serde_json::to_writer(&mut *out, line)?;
        out.write_all(b"\n").map_err(Problem::internal)
    };
    write(&Line::Log { format: FORMAT.to_owned(), key: key.to_string() })?;
    for signed in log::all_checkpoints(db).await? {
        write(&Line::Checkpoint(signed.note))?;
    }
    let mut next = 0;
    loop {
        let stretch = log::stretch(db, next, STRETCH).await?;
        let Some((last, _, _)) = stretch.rows.last() else { break };
        next = last + 1;
        for (position, _, entry) in stretch.rows {
            if let Some(entry) = entry {
                write(&Line::Entry { position, entry })?;
            }
        }
    }
    let mut after = AuditEntryId(uuid::Uuid::nil());
    loop {
        let tail = log::without_place(db, after, STRETCH).await?;
        let Some((last, _)) = tail.last() else { break };
        after = last.id;
        for (entry, _) in tail {
            write(&Line::Waiting(entry))?;
        }
    }
    Ok(lines)
}

/// What a document says that was brought to be verified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verified {
    /// An export of the whole log.
    Log(Report),
    /// A proof that an entry stands in the log.
    Inclusion(Result<String, String>),
    /// A proof that one log is the beginning of another.
    Consistency(Result<String, String>),
}

/// Checks a document without any database: an export, or a proof. Without `keys` the export's own is taken, which says
/// that it was not changed since it was signed, and not by whom.
///
/// # Errors
/// What is no such document, as a sentence.
pub fn document(
    mut text: impl BufRead,
    keys: Vec<Verifier>,
    outside: &[(String, String)],
) -> Result<Verified, String> {
    let mut first = String::new();
    text.read_line(&mut first).map_err(|error| error.to_string())?;
    if let Ok(Line::Log { format, key }) = serde_json::from_str(&first) {
        return lines(text, &format, &key, keys, outside).map(Verified::Log);
    }
    text.read_to_string(&mut first).map_err(|error| error.to_string())?;
    if let Ok(proof) = serde_json::from_str(&first) {
        return Ok(Verified::Inclusion(inclusion(&proof, &keys)));
    }
    if let Ok(proof) = serde_json::from_str(&first) {
        return Ok(Verified::Consistency(consistency(&proof, &keys)));
    }
    Err("is neither an export of the audit log nor a proof from it".to_owned())
}

fn lines(
    text: impl BufRead,
    format: &str,
    key: &str,
    mut keys: Vec<Verifier>,
    outside: &[(String, String)],
) -> Result<Report, String> {
    if format != FORMAT {
        return Err(format!("is an export of the format {format}; this program reads {FORMAT}"));
    }
    if keys.is_empty() {
        keys.push(Verifier::parse(key).map_err(|bad| format!("names a key that {bad}"))?);
    }
    let mut auditor = Auditor::new(keys);
    for (note, from) in outside {
        auditor.demand(note, from);
    }
    for (number, line) in text.lines().enumerate() {
        let line = line.map_err(|error| error.to_string())?;
        match serde_json::from_str(&line) {
            Ok(Line::Checkpoint(note)) => auditor.demand(&note, "in the export"),
            Ok(Line::Entry { position, entry }) => drop(auditor.place(position, &entry)),
            Ok(Line::Waiting(entry)) => auditor.wait(&entry),
            Ok(Line::Log { .. }) => auditor.report.fault(format!("line {} begins anew", number + 2)),
            Err(error) => {
                auditor.report.fault(format!("line {} is no line of an export: {error}", number + 2));
            }
        }
    }
    Ok(auditor.finish())
}

fn trusted(note: &str, keys: &[Verifier]) -> Result<Checkpoint, String> {
    let checkpoint = Checkpoint::parse(note).map_err(|bad| format!("its checkpoint {bad}"))?;
    checkpoint.verify(keys).map_err(|bad| format!("its checkpoint {bad}; name the log's key with --key"))?;
    Ok(checkpoint)
}

fn hashes(path: &[String]) -> Result<Vec<Hash>, String> {
    path.iter()
        .map(|hash| hash_of(hash))
        .collect::<Option<_>>()
        .ok_or_else(|| "its path has what is no hash".to_owned())
}

/// Checks a proof that an entry stands in the log.
///
/// # Errors
/// Why it proves nothing.
pub fn inclusion(proof: &Inclusion, keys: &[Verifier]) -> Result<String, String> {
    let checkpoint = trusted(&proof.checkpoint, keys)?;
    if proof.entry.verify() == Some(false) {
        return Err("its entry is not what was hashed".to_owned());
    }
    let leaf = proof.entry.hash().ok_or("its entry has no hash")?;
    let (path, size) = (hashes(&proof.path)?, checkpoint.size);
    if merkle::proves_inclusion(&leaf, proof.position, size, &path, &checkpoint.root) {
        Ok(format!(
            "the entry stands at {} in the log of {size} entries of {}",
            proof.position, checkpoint.at
        ))
    } else {
        Err("its path does not lead to the signed root".to_owned())
    }
}

/// Checks a proof that one log is the beginning of another.
///
/// # Errors
/// Why it proves nothing.
pub fn consistency(proof: &Consistency, keys: &[Verifier]) -> Result<String, String> {
    let (from, to) = (trusted(&proof.from, keys)?, trusted(&proof.to, keys)?);
    let path = hashes(&proof.path)?;
    if merkle::proves_consistency(from.size, to.size, &path, &from.root, &to.root) {
        Ok(format!("the log of {} entries begins with that of {}", to.size, from.size))
    } else {
        Err("its path does not lead from one signed root to the other".to_owned())
    }
}
