//! `eslabon serve`: pages, API and job workers, until told to stop.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{Failure, connect};
use crate::{app, foundation::config::Config, notices, personal, trail};

pub(super) async fn run(config: Arc<Config>) -> Result<(), Failure> {
    if !config.listen.ip().is_loopback() && !config.behind_tls_proxy {
        return Err(format!(
            "will not listen on {} without TLS: passwords would travel in the clear. Put a TLS proxy in front and say \
             --behind-tls-proxy, or listen on 127.0.0.1",
            config.listen
        )
        .into());
    }
    let base = connect(Arc::clone(&config)).await?;
    base.db.migrate().await?;
    personal::jobs::schedule(&base).await?;
    trail::jobs::schedule(&base).await?;
    let stop = CancellationToken::new();
    let mut workers: Vec<_> = (0..config.workers)
        .map(|_| {
            let (worker, stop) = (app::worker(&base), stop.clone());
            tokio::spawn(async move { worker.run(stop).await })
        })
        .collect();
    if config.workers > 0 {
        workers.push(tokio::spawn(notices::jobs::keep_telling(base.clone(), stop.clone())));
        let (postman, stop) = (app::postman(&base), stop.clone());
        workers.push(tokio::spawn(async move { postman.run(stop).await }));
    }
    let listener = tokio::net::TcpListener::bind(config.listen).await.map_err(|error| {
        format!("can't listen on {}: {error}. Choose another with --listen", config.listen)
    })?;
    tracing::info!("listening on http://{}", listener.local_addr()?);
    let stopping = stop.clone();
    axum::serve(listener, app::router(&base))
        .with_graceful_shutdown(async move {
            told_to_stop().await;
            tracing::info!("stopping: requests under way are finished first");
            stopping.cancel();
        })
        .await?;
    for worker in workers {
        worker.await?;
    }
    Ok(())
}

/// Until SIGINT or SIGTERM.
pub(super) async fn told_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => {
            let _ = interrupt.await;
        }
    }
}
