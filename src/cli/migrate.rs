//! `eslabon migrate`.

use std::sync::Arc;

use super::{Failure, connect};
use crate::foundation::config::Config;

pub(super) async fn run(config: Arc<Config>) -> Result<(), Failure> {
    connect(config).await?.db.migrate().await?;
    say!("The database is up to date.");
    Ok(())
}
