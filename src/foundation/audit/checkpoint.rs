//! Signed checkpoints: how long the log is and what its root is, signed with ed25519.
//!
//! A checkpoint is a signed note as transparency logs write them (C2SP `tlog-checkpoint` and `signed-note`), so that
//! witnesses that know others know ours: origin, size, root in base64, our own line with the moment, a blank line, and the
//! signature. The key lies in a file *beside* the database ([`Folder`]): who can change the one need not have the other.
//! The folder also keeps the last checkpoint that was signed, which is how a database that was rolled back is noticed.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use base64::{Engine, prelude::BASE64_STANDARD as BASE64};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use sha2::{Digest, Sha256};

use super::merkle::Hash;
use crate::foundation::{clock::Timestamp, ids::Ids};

/// The mark of ed25519 in signed notes.
const ALGORITHM: u8 = 1;
const DASH: &str = "— ";

/// What a log says of itself at a moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// How many entries.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// When.
    pub at: Timestamp,
    /// The whole note, with its signatures.
    pub note: String,
}

/// Why a checkpoint is none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadCheckpoint {
    /// Not written as one.
    #[error("is not written as a checkpoint")]
    Form,
    /// Signed by none of the keys that are trusted.
    #[error("is signed by no key that is trusted here")]
    UnknownKey,
    /// The signature is not of this text.
    #[error("has a signature that does not hold")]
    Signature,
}

/// The public key of a log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verifier {
    name: String,
    key: [u8; 32],
}

/// The key that signs.
pub struct Signer {
    pair: Ed25519KeyPair,
    verifier: Verifier,
}

impl Verifier {
    /// A log is called by its key, so that two logs never have the same name.
    fn named(key: [u8; 32]) -> Self {
        Self { name: format!("eslabon/{}", hex::encode(&Sha256::digest(key)[..8])), key }
    }

    /// The first four bytes of `SHA-256(name ‖ \n ‖ algorithm ‖ key)`.
    fn id(&self) -> [u8; 4] {
        let hash: [u8; 32] = Sha256::new()
            .chain_update(&self.name)
            .chain_update([b'\n', ALGORITHM])
            .chain_update(self.key)
            .finalize()
            .into();
        [hash[0], hash[1], hash[2], hash[3]]
    }

    /// The name of the log.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Reads a key as [`Verifier`] is printed: `NAME+ID+KEY`.
    ///
    /// # Errors
    /// When it is not written so.
    pub fn parse(text: &str) -> Result<Self, BadCheckpoint> {
        let read = || {
            let (name, rest) = text.trim().split_once('+')?;
            let (id, key) = rest.split_once('+')?;
            let [algorithm, key @ ..]: [u8; 33] = BASE64.decode(key).ok()?.try_into().ok()?;
            let verifier = Self { name: name.to_owned(), key };
            (algorithm == ALGORITHM && hex::encode(verifier.id()) == id).then_some(verifier)
        };
        read().ok_or(BadCheckpoint::Form)
    }

    fn holds(&self, text: &str, signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.key).verify(text.as_bytes(), signature).is_ok()
    }
}

impl std::fmt::Display for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let key = [&[ALGORITHM], &self.key[..]].concat();
        write!(f, "{}+{}+{}", self.name, hex::encode(self.id()), BASE64.encode(key))
    }
}

impl Signer {
    /// The key of a seed.
    ///
    /// # Errors
    /// When the seed is none.
    pub fn of(seed: &[u8; 32]) -> io::Result<Self> {
        let bad = |_| io::Error::new(io::ErrorKind::InvalidData, "the audit key is no ed25519 seed");
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(bad)?;
        let key = pair.public_key().as_ref().try_into();
        let key = key.map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "no public key"))?;
        Ok(Self { pair, verifier: Verifier::named(key) })
    }

    /// The public key.
    pub const fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// Signs what a log is at a moment.
    pub fn sign(&self, size: u64, root: Hash, at: Timestamp) -> Checkpoint {
        let origin = self.verifier.name.clone();
        let text = format!("{origin}\n{size}\n{}\nat {at}\n", BASE64.encode(root));
        let signature = [&self.verifier.id()[..], self.pair.sign(text.as_bytes()).as_ref()].concat();
        let note = format!("{text}\n{DASH}{origin} {}\n", BASE64.encode(signature));
        Checkpoint { origin, size, root, at, note }
    }
}

impl Checkpoint {
    /// Reads a note, without a look at its signatures.
    ///
    /// # Errors
    /// When it is not written as a checkpoint of ours.
    pub fn parse(note: &str) -> Result<Self, BadCheckpoint> {
        let read = || {
            let (text, _) = note.split_once("\n\n")?;
            let mut lines = text.lines();
            let (origin, size, root) = (lines.next()?, lines.next()?.parse().ok()?, lines.next()?);
            let root = BASE64.decode(root).ok()?.try_into().ok()?;
            let at = lines.find_map(|line| line.strip_prefix("at "))?.parse().ok()?;
            Some(Self { origin: origin.to_owned(), size, root, at, note: note.to_owned() })
        };
        read().ok_or(BadCheckpoint::Form)
    }

    /// Whether one of the keys has signed it.
    ///
    /// # Errors
    /// That none has, or that a signature in the name of one does not hold.
    pub fn verify(&self, keys: &[Verifier]) -> Result<(), BadCheckpoint> {
        let (text, signatures) = self.note.split_once("\n\n").ok_or(BadCheckpoint::Form)?;
        let (text, mut outcome) = (format!("{text}\n"), Err(BadCheckpoint::UnknownKey));
        for line in signatures.lines() {
            let (name, encoded) =
                line.strip_prefix(DASH).and_then(|rest| rest.split_once(' ')).ok_or(BadCheckpoint::Form)?;
            let bytes = BASE64.decode(encoded).map_err(|_| BadCheckpoint::Form)?;
            let Some((id, signature)) = bytes.split_at_checked(4) else { return Err(BadCheckpoint::Form) };
            for key in keys.iter().filter(|key| key.name == name && key.id() == *id) {
                if !key.holds(&text, signature) {
                    return Err(BadCheckpoint::Signature);
                }
                outcome = Ok(());
            }
        }
        outcome
    }
}

/// The folder beside the database: `key`, the secret; `key.pub`, what to give to others; `checkpoint`, the last one that
/// was signed. Made when it is missing.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// That folder.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The key that signs; made when there is none. Instances that start together end up with the same one.
    ///
    /// # Errors
    /// When the folder can't be read or written, or holds something else.
    pub fn signer(&self, ids: &Ids) -> io::Result<Signer> {
        let path = self.0.join("key");
        if !path.exists() {
            fs::create_dir_all(&self.0)?;
            let draft = self.0.join(format!("key.{}", hex::encode(ids.bytes::<8>())));
            write_secret(&draft, &ids.secret())?;
            // A link is made or not, and never over another: whoever comes second reads the first one's.
            let linked = fs::hard_link(&draft, &path);
            fs::remove_file(&draft)?;
            match linked {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
        }
        let seed = hex::decode(fs::read_to_string(&path)?.trim()).ok().and_then(|seed| seed.try_into().ok());
        let seed: [u8; 32] = seed
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the audit key is no ed25519 seed"))?;
        let signer = Signer::of(&seed)?;
        if !self.0.join("key.pub").exists() {
            self.write("key.pub", &format!("{}\n", signer.verifier()), ids)?;
        }
        Ok(signer)
    }

    /// The public key; `None` while there is none.
    ///
    /// # Errors
    /// When it can't be read, or is none.
    pub fn verifier(&self) -> io::Result<Option<Verifier>> {
        let text = self.read("key.pub")?;
        let bad = |bad: BadCheckpoint| io::Error::new(io::ErrorKind::InvalidData, bad.to_string());
        text.map(|text| Verifier::parse(&text).map_err(bad)).transpose()
    }

    /// The last checkpoint that was signed here; `None` before the first one.
    ///
    /// # Errors
    /// When it can't be read, or is none.
    pub fn last(&self) -> io::Result<Option<Checkpoint>> {
        let bad = |bad: BadCheckpoint| io::Error::new(io::ErrorKind::InvalidData, bad.to_string());
        self.read("checkpoint")?.map(|note| Checkpoint::parse(&note).map_err(bad)).transpose()
    }

    /// Keeps a checkpoint as the last one, unless another instance has kept a later one meanwhile.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn keep(&self, checkpoint: &Checkpoint, ids: &Ids) -> io::Result<()> {
        let one_at_a_time = fs::File::create(self.0.join("checkpoint.lock"))?;
        one_at_a_time.lock()?;
        if self.last()?.is_some_and(|last| last.size > checkpoint.size) {
            return Ok(());
        }
        self.write("checkpoint", &checkpoint.note, ids)
    }

    /// Puts the last checkpoint aside, for a database that was restored on purpose: under what name.
    ///
    /// # Errors
    /// When it can't be moved.
    pub fn put_aside(&self) -> io::Result<Option<PathBuf>> {
        let Some(last) = self.last()? else { return Ok(None) };
        let aside = self.0.join(format!("checkpoint.{}", last.size));
        fs::rename(self.0.join("checkpoint"), &aside)?;
        Ok(Some(aside))
    }

    /// Writes a file whole or not at all, whoever writes it at the same time and whenever the machine stops.
    fn write(&self, name: &str, text: &str, ids: &Ids) -> io::Result<()> {
        let draft = self.0.join(format!("{name}.{}", hex::encode(ids.bytes::<8>())));
        let mut file = fs::File::create_new(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(draft, self.0.join(name))
    }

    fn read(&self, name: &str) -> io::Result<Option<String>> {
        match fs::read_to_string(self.0.join(name)) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Writes a file that its owner alone can read.
fn write_secret(path: &Path, secret: &str) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(secret.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed() -> (Signer, Checkpoint) {
        let signer = Signer::of(&[7; 32]).unwrap();
        let checkpoint = signer.sign(5, [3; 32], "2026-03-02T14:00:00Z".parse().unwrap());
        (signer, checkpoint)
    }

    #[test]
    fn a_checkpoint_is_read_as_it_was_signed() {
        let (signer, checkpoint) = signed();
        let read = Checkpoint::parse(&checkpoint.note).unwrap();
        assert_eq!(read, checkpoint);
        assert_eq!(read.verify(&[signer.verifier().clone()]), Ok(()));
        assert_eq!(Verifier::parse(&signer.verifier().to_string()).as_ref(), Ok(signer.verifier()));
    }

    /// Whatever letter is changed: either it is no checkpoint any more, or its signature does not hold.
    #[test]
    fn no_letter_of_a_checkpoint_can_be_changed() {
        let (signer, checkpoint) = signed();
        let keys = [signer.verifier().clone()];
        for at in 0..checkpoint.note.trim_end().len() {
            let mut note = checkpoint.note.clone().into_bytes();
            note[at] = if note[at] == b'4' { b'5' } else { b'4' };
            let Ok(note) = String::from_utf8(note) else { continue };
            let holds = Checkpoint::parse(&note).is_ok_and(|changed| changed.verify(&keys).is_ok());
            assert!(!holds, "at {at}: {note}");
        }
        let other = Signer::of(&[8; 32]).unwrap();
        assert_eq!(checkpoint.verify(&[other.verifier().clone()]), Err(BadCheckpoint::UnknownKey));
        assert_eq!(checkpoint.verify(&[]), Err(BadCheckpoint::UnknownKey));
    }

    #[test]
    fn instances_that_start_together_have_the_same_key_and_nobody_else_reads_it() {
        use std::os::unix::fs::PermissionsExt;
        let path = std::env::temp_dir().join(format!("eslabon-audit-key-{}", std::process::id()));
        let folder = Folder::new(&path);
        let made: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|seed| {
                    let folder = folder.clone();
                    scope.spawn(move || folder.signer(&Ids::seeded(seed)).unwrap().verifier().clone())
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(made.iter().all(|key| *key == made[0]));
        assert_eq!(fs::metadata(path.join("key")).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(folder.verifier().unwrap().as_ref(), Some(&made[0]));
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn instances_that_sign_at_once_keep_the_latest() {
        let path = std::env::temp_dir().join(format!("eslabon-audit-last-{}", std::process::id()));
        let (folder, signer) = (Folder::new(&path), Signer::of(&[7; 32]).unwrap());
        folder.signer(&Ids::seeded(0)).unwrap();
        std::thread::scope(|scope| {
            for seed in 1..=8 {
                let (folder, signer) = (&folder, &signer);
                scope.spawn(move || {
                    let ids = Ids::seeded(seed);
                    for size in 1..=50 {
                        let note = signer.sign(size, [3; 32], "2026-03-02T14:00:00Z".parse().unwrap());
                        folder.keep(&note, &ids).unwrap();
                        assert!(folder.last().unwrap().is_some());
                    }
                });
            }
        });
        assert_eq!(folder.last().unwrap().map(|last| last.size), Some(50));
        fs::remove_dir_all(path).unwrap();
    }
}
