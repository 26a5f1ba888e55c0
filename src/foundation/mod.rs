//! What every stage stands on.
//!
//! **Architecture invariant:** nothing here knows a stage. Time comes from [`clock`], ids and
//! randomness from [`ids`]; who may do what is one table ([`access`]); a change goes through
//! [`db::Write`], which commits the change, its audit entry ([`audit`]), its jobs ([`jobs`]) and its
//! idempotency record together or not at all; what goes wrong is a [`problem::Problem`]; what comes in
//! is read by [`fields`].

pub mod access;
pub mod audit;
pub mod canonical;
pub mod clock;
pub mod closing;
pub mod config;
pub mod db;
pub mod fields;
pub mod figure;
pub mod files;
pub mod http;
pub mod i18n;
pub mod ids;
pub mod jobs;
pub mod limits;
pub mod live;
pub mod mail;
pub mod metrics;
pub mod money;
pub mod moves;
pub mod numerals;
pub mod outbox;
pub mod page;
pub mod problem;
pub mod share;
pub mod telemetry;
pub mod words;
pub mod zone;

use std::sync::Arc;

/// What every handler, job and command is given.
#[derive(Clone)]
pub struct Base {
    /// The database.
    pub db: db::Db,
    /// Time.
    pub clock: clock::Clock,
    /// Evidence files.
    pub files: files::Files,
    /// Ids and randomness.
    pub ids: ids::Ids,
    /// What was done lately, where that is limited.
    pub limits: limits::Limits,
    /// Who follows what as it happens.
    pub live: live::Live,
    /// Letters to people.
    pub mail: mail::Mail,
    /// The settings.
    pub config: Arc<config::Config>,
    /// Cancelled once the process has been told to stop.
    pub stopping: tokio_util::sync::CancellationToken,
    /// Of what somebody is told: it goes through the [`outbox`].
    pub told: &'static [outbox::Told],
}

impl Base {
    /// For a process of its own, as the settings have it.
    ///
    /// # Errors
    /// When the settings for letters are wrong.
    pub fn new(
        db: db::Db,
        clock: clock::Clock,
        config: Arc<config::Config>,
        told: &'static [outbox::Told],
    ) -> Result<Self, mail::NoMail> {
        Ok(Self {
            db,
            clock,
            files: files::Files::of(&config),
            ids: ids::Ids::system(),
            limits: limits::Limits::default(),
            live: live::Live::default(),
            mail: mail::Mail::of(&config)?,
            config,
            stopping: tokio_util::sync::CancellationToken::new(),
            told,
        })
    }
}
