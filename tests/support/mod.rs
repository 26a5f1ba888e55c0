//! What every test starts from: an app with its own database, and people who can act.

mod browser;
mod client;
mod counting;
mod database;
mod mail;
mod programme;

use std::sync::Arc;

use argon2::{Argon2, Params, password_hash::PasswordHasher};
use axum::Router;
use clap::Parser;
use eslabon::{
    app,
    foundation::{
        Base,
        access::{Actor, Kind, Role},
        clock::{Clock, Timestamp},
        config::Config,
        http::Address,
        i18n::Locale,
        ids::{Ids, OrganisationId},
        mail::Mail,
    },
    notices,
    organisations::{NewOrganisation, NewPerson, Register, store, tax_id::TaxId},
};

pub use browser::{Browser, Filled, Html};
pub use client::{Answer, Client};
pub use counting::Counting;
pub use database::{Database, Engine};
pub use mail::{Mailed, Server};
pub use programme::{sign, signing};

/// A hash of [`PASSWORD`] that asks for as little memory as there can be. What a log-in must cost, hashes that the service
/// makes say; theirs took a third of the time of the tests of pages.
fn cheap_hash() -> String {
    let params = Params::new(Params::MIN_M_COST, 1, 1, None).unwrap();
    let argon2 = Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    argon2.hash_password_with_salt(PASSWORD.as_bytes(), &[0; 16]).unwrap().to_string()
}

/// Runs an async test on both engines: `name::sqlite` and `name::postgres`.
macro_rules! on_both_engines {
    ($($(#[$meta:meta])* async fn $name:ident($app:ident: TestApp) $body:block)+) => {$(
        $(#[$meta])*
        async fn $name($app: $crate::support::TestApp) $body

        mod $name {
            #[tokio::test(flavor = "multi_thread")]
            async fn sqlite() {
                if let Some(app) = $crate::support::TestApp::start($crate::support::Engine::Sqlite).await {
                    super::$name(app).await;
                }
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn postgres() {
                if let Some(app) = $crate::support::TestApp::start($crate::support::Engine::Postgres).await {
                    super::$name(app).await;
                }
            }
        }
    )+};
}

/// The moment at which every test begins.
pub const START: &str = "2026-03-02T14:00:00Z";

#[derive(Parser)]
struct Settings {
    #[command(flatten)]
    config: Config,
}

/// The service on a database of its own, with a clock that stands still and ids from a seed.
pub struct TestApp {
    pub base: Base,
    pub router: Router,
    database: database::Database,
}

impl TestApp {
    /// `None` when there is no PostgreSQL to test on, which is said loudly (and fails under `CI=true`).
    pub async fn start(engine: Engine) -> Option<Self> {
        let database = database::Database::create(engine).await?;
        Some(Self::on(database).await)
    }

    /// The service on a database that is migrated.
    pub async fn on(database: Database) -> Self {
        let url = database.url().to_owned();
        let solver = env!("CARGO_BIN_EXE_eslabon");
        let evidence = database.evidence_dir();
        let evidence = evidence.to_str().unwrap();
        let mail = database.mail_dir();
        let mail = mail.to_str().unwrap();
        let audit = database.audit_dir();
        let audit = audit.to_str().unwrap();
        let args = [
            "test",
            "--database-url",
            &url,
            "--solver-program",
            solver,
            "--evidence-dir",
            evidence,
            "--mail-dir",
            mail,
            "--audit-dir",
            audit,
            // The clock stands still, so that writes of a whole test are at once.
            "--limit-writes",
            "0",
            "--stream-seconds",
            "5",
        ];
        let settings = Settings::parse_from(args);
        let config = Arc::new(settings.config);
        let clock = Clock::manual(START.parse::<Timestamp>().unwrap());
        let base = Base::new(database.connect().await, clock, config, notices::TOLD).unwrap();
        let base = Base { ids: Ids::seeded(7), ..base };
        Self { router: app::router(&base), base, database }
    }

    /// The same service started anew on the same database.
    pub async fn restart(self) -> Self {
        let clock = self.base.clock.clone();
        let mut again = Self::on(self.database).await;
        again.base.clock = clock;
        again.base.ids = Ids::seeded(8);
        again.router = app::router(&again.base);
        again
    }

    /// The database's URL.
    pub fn url(&self) -> &str {
        self.database.url()
    }

    /// The database itself.
    pub const fn database(&self) -> &Database {
        &self.database
    }

    /// The same person, calling this instance.
    pub fn with_token_of(&self, client: &Client) -> Client {
        client.on(self.router.clone())
    }

    /// A caller without token.
    pub fn anonymous(&self) -> Client {
        Client::new(self.router.clone(), None, None)
    }

    /// Runs every background job that is due.
    pub async fn run_jobs(&self) -> u32 {
        app::worker(&self.base).run_all_due().await.unwrap()
    }

    /// Tells people of everything that waits.
    pub async fn tell(&self) {
        while notices::jobs::tell(&self.base).await.unwrap() > 0 {}
    }

    /// The same service, which sends its letters to that server.
    pub fn sending_to(mut self, url: &str) -> Self {
        let config = Config { mail_url: Some(url.to_owned().into()), ..(*self.base.config).clone() };
        self.base.mail = Mail::of(&config).unwrap();
        self.router = app::router(&self.base);
        self
    }

    /// The same service with other settings.
    pub fn configured(mut self, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = (*self.base.config).clone();
        change(&mut config);
        self.base.config = Arc::new(config);
        self.router = app::router(&self.base);
        self
    }

    /// The same service, which calls webhooks on this machine too.
    pub fn reaching_private(self) -> Self {
        self.configured(|config| config.reach_private = true)
    }

    /// Makes every call that is due; how many attempts that took.
    pub async fn call_webhooks(&self) -> u32 {
        app::courier(&self.base).unwrap().run_all_due().await.unwrap()
    }

    /// Sends every letter that is due; how many attempts that took.
    pub async fn post(&self) -> u32 {
        app::postman(&self.base).run_all_due().await.unwrap()
    }

    /// Does what is done once a day, when that has not been done, and sends its letters.
    pub async fn begin_day(&self) {
        notices::jobs::begin_day(&self.base).await.unwrap();
        self.run_jobs().await;
        self.post().await;
    }

    /// The letters in the folder, the oldest first.
    pub fn letters(&self) -> Vec<Mailed> {
        Mailed::in_folder(&self.database.mail_dir())
    }

    /// A new organisation with one person in this role, who comes with a token.
    pub async fn organisation(&self, name: &str, role: Role) -> Client {
        let kind = role.kind().unwrap();
        let operator = Actor::system(OrganisationId(uuid::Uuid::nil()));
        let number: String = self.base.ids.secret().to_uppercase()[..12].to_owned();
        let tax_id = TaxId { country: "NI".parse().unwrap(), number, confirmed: false };
        let new = NewOrganisation { kind, name: name.to_owned(), tax_id };
        let organisation = self
            .base
            .transact(operator.may::<Register>().unwrap(), async |w| {
                let organisation = store::firms::register(&w, new).await?;
                Ok(w.done(organisation))
            })
            .await
            .unwrap();
        self.person(organisation.id, kind, role).await
    }

    /// Another person in an organisation, with a token.
    pub async fn person(&self, organisation: OrganisationId, kind: Kind, role: Role) -> Client {
        let email = format!("{}@example.com", &self.base.ids.secret()[..12]);
        let person =
            NewPerson { email, name: role.to_string(), password: PASSWORD.to_owned(), locale: Locale::Es };
        let operator = Actor::system(organisation);
        let secret = self
            .base
            .transact(operator.may::<Register>().unwrap(), async |w| {
                let account = store::people::open_account(&w, &person, "none".to_owned()).await?;
                store::people::join(&w, organisation, kind, &account, role).await?;
                let (_, secret) = store::people::create_token(
                    &w,
                    account.id,
                    organisation,
                    "test".to_owned(),
                    Address::default(),
                )
                .await?;
                Ok(w.done(secret))
            })
            .await
            .unwrap();
        Client::new(self.router.clone(), Some(secret), Some(organisation))
    }

    /// A browser at which nobody has logged in.
    pub fn browser(&self) -> Browser {
        Browser::new(self.router.clone())
    }

    /// A browser at which another person of the client's organisation has logged in, in this role.
    pub async fn browser_of(&self, client: &Client, role: Role) -> Browser {
        let email = self.person_with_password(client.organisation(), role).await;
        let mut browser = self.browser();
        browser.log_in(&email, PASSWORD).await.expect(303);
        browser
    }

    /// Another person of an organisation, who can log in with [`PASSWORD`]; returns the e-mail address.
    pub async fn person_with_password(&self, organisation: OrganisationId, role: Role) -> String {
        let (hash, email) = (cheap_hash(), format!("{}@example.com", &self.base.ids.secret()[..12]));
        let (password, locale) = (PASSWORD.to_owned(), Locale::Es);
        let person = NewPerson { email: email.clone(), name: format!("Persona {role}"), password, locale };
        self.base
            .transact(Actor::system(organisation).may::<Register>().unwrap(), async |w| {
                let account = store::people::open_account(&w, &person, hash).await?;
                store::people::join(&w, organisation, role.kind().unwrap(), &account, role).await?;
                Ok(w.done(()))
            })
            .await
            .unwrap();
        email
    }

    /// An institution's administrator.
    pub async fn institution(&self) -> Client {
        self.organisation("Agencia de Fomento", Role::InstitutionAdministrator).await
    }

    /// A lead firm's administrator.
    pub async fn lead_firm(&self, name: &str) -> Client {
        self.organisation(name, Role::LeadFirmAdministrator).await
    }

    /// A supplier's administrator.
    pub async fn supplier(&self, name: &str) -> Client {
        self.organisation(name, Role::SupplierAdministrator).await
    }
}

/// The password of everybody who registers in a test. People whom [`TestApp::person`] makes come with a
/// token instead: hashing takes a while.
pub const PASSWORD: &str = "contraseña de prueba";

/// What the surroundings say to the tests.
#[expect(clippy::disallowed_methods, reason = "how long a test lasts is no setting of the service")]
pub fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// A number among that: of rounds, steps or stretches.
pub fn count<T: std::str::FromStr>(name: &str) -> Option<T> {
    setting(name)?.parse().ok()
}
