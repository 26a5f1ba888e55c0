//! The evidence store: a folder, or whatever else keeps objects. Names are our own ids; nobody else's text
//! becomes a path.

use img_parts::Bytes;
use object_store::{ObjectStoreExt, local::LocalFileSystem, path::Path};

use crate::foundation::{config::Config, ids::EvidenceId, problem::Problem};

/// Where evidence files are kept.
#[derive(Debug)]
pub struct Files(LocalFileSystem);

impl Files {
    /// The store of these settings; the folder is made when it is missing.
    ///
    /// # Errors
    /// 500 when there can be no such folder.
    pub fn of(config: &Config) -> Result<Self, Problem> {
        std::fs::create_dir_all(&config.evidence_dir).map_err(Problem::internal)?;
        let files = LocalFileSystem::new_with_prefix(&config.evidence_dir).map_err(Problem::internal)?;
        // What has been answered with success is on the disk, as the database's rows are.
        Ok(Self(files.with_fsync(true).with_automatic_cleanup(false)))
    }

    /// Keeps a file, whole or not at all.
    ///
    /// # Errors
    /// 500 when it can't be written.
    pub async fn put(&self, id: EvidenceId, content: Bytes) -> Result<(), Problem> {
        self.0.put(&path(id), content.into()).await.map_err(Problem::internal)?;
        Ok(())
    }

    /// A file's content.
    ///
    /// # Errors
    /// 500 when it is missing or can't be read.
    pub async fn get(&self, id: EvidenceId) -> Result<Bytes, Problem> {
        let found = self.0.get(&path(id)).await.map_err(Problem::internal)?;
        found.bytes().await.map_err(Problem::internal)
    }

    /// Erases a file; one that is not there is erased already.
    ///
    /// # Errors
    /// 500 when it can't be.
    pub async fn erase(&self, id: EvidenceId) -> Result<(), Problem> {
        match self.0.delete(&path(id)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(Problem::internal(error)),
        }
    }
}

/// In folders by the last two digits, which are random: the first ones are the time.
fn path(id: EvidenceId) -> Path {
    let name = id.0.simple().to_string();
    Path::from_iter([&name[name.len() - 2..], name.as_str()])
}
