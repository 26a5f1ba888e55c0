//! `eslabon worker`: background jobs alone, beside one or more `serve --workers 0`.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{Failure, connect, serve::told_to_stop};
use crate::{app, foundation::config::Config, notices, trail};

pub(super) async fn run(config: Arc<Config>) -> Result<(), Failure> {
    let base = connect(config).await?;
    base.db.migrate().await?;
    trail::jobs::schedule(&base).await?;
    let stop = CancellationToken::new();
    let (worker, stopping) = (app::worker(&base), stop.clone());
    let running = tokio::spawn(async move { worker.run(stopping).await });
    let (postman, stopping) = (app::postman(&base), stop.clone());
    let posting = tokio::spawn(async move { postman.run(stopping).await });
    let mut calling = Vec::new();
    for _ in 0..super::serve::COURIERS {
        let (courier, stopping) = (app::courier(&base)?, stop.clone());
        calling.push(tokio::spawn(async move { courier.run(stopping).await }));
    }
    let telling = tokio::spawn(notices::jobs::keep_telling(base.clone(), stop.clone()));
    let watching = super::serve::watch(&base, &stop).await?;
    tracing::info!("working on background jobs");
    told_to_stop().await;
    base.stopping.cancel();
    stop.cancel();
    running.await?;
    telling.await?;
    posting.await?;
    for courier in calling {
        courier.await?;
    }
    if let Some(watching) = watching {
        watching.await?;
    }
    Ok(())
}
