//! `eslabon serve`: pages, API and job workers, until told to stop.

use std::{sync::Arc, time::Duration};

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Failure, connect};
use crate::{
    app,
    foundation::{Base, config::Config, http, live},
    notices, personal, trail,
};

/// How many webhooks are called at once.
pub(super) const COURIERS: usize = 4;
/// Requests under way have so long to finish: a little longer than the longest of them.
const TO_FINISH: Duration = Duration::from_secs(35);

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
    workers.push(tokio::spawn(live::keep_hearing(base.clone(), stop.clone())));
    if config.workers > 0 {
        workers.push(tokio::spawn(notices::jobs::keep_telling(base.clone(), stop.clone())));
        // Several, as most of their time is waiting.
        for _ in 0..COURIERS {
            let (courier, stop) = (app::courier(&base)?, stop.clone());
            workers.push(tokio::spawn(async move { courier.run(stop).await }));
        }
        let (postman, stop) = (app::postman(&base), stop.clone());
        workers.push(tokio::spawn(async move { postman.run(stop).await }));
    }
    let listener = tokio::net::TcpListener::bind(config.listen).await.map_err(|error| {
        format!("can't listen on {}: {error}. Choose another with --listen", config.listen)
    })?;
    if config.behind_tls_proxy && config.client_address_header.is_none() {
        tracing::warn!(
            "limits by address do not hold: say --client-address-header, in which the proxy names it"
        );
    }
    tracing::info!("listening on http://{}", listener.local_addr()?);
    let watching = watch(&base, &stop).await?;
    let (stopping, told, drain) =
        (stop.clone(), base.stopping.clone(), Duration::from_secs(config.drain_seconds.into()));
    let patience = Duration::from_secs(config.patience_seconds.into());
    let serving = http::serve(listener, app::router(&base), patience, async move {
        told_to_stop().await;
        tracing::info!("stopping: requests under way are finished first");
        told.cancel();
        // Whoever stands before the service sees that it is not ready, and sends nobody any more.
        tokio::time::sleep(drain).await;
        stopping.cancel();
    });
    tokio::select! {
        () = serving => {}
        () = overdue(&stop) => tracing::warn!("connections that did not end were cut off"),
    }
    for worker in workers.into_iter().chain(watching) {
        worker.await?;
    }
    Ok(())
}

/// Until requests have had their time to finish.
async fn overdue(stop: &CancellationToken) {
    stop.cancelled().await;
    tokio::time::sleep(TO_FINISH).await;
}

/// Tells metrics and health on a listener of their own, where one is asked for, until told to stop.
pub(super) async fn watch(base: &Base, stop: &CancellationToken) -> Result<Option<JoinHandle<()>>, Failure> {
    let Some(address) = base.config.metrics_listen else { return Ok(None) };
    let listener = tokio::net::TcpListener::bind(address).await.map_err(|error| {
        format!("can't listen on {address}: {error}. Choose another with --metrics-listen")
    })?;
    tracing::info!("metrics on http://{}", listener.local_addr()?);
    let (router, stop) = (app::watched(base), stop.clone());
    let patience = Duration::from_secs(base.config.patience_seconds.into());
    Ok(Some(tokio::spawn(async move {
        tokio::select! {
            () = http::serve(listener, router, patience, std::future::pending()) => {}
            () = stop.cancelled() => {}
        }
    })))
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
