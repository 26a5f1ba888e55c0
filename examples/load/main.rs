//! How many requests a second the service answers, beside bare axum with the same SQL.
//!
//! `cargo run --release --example load -- --scale 1,10,100`, for PostgreSQL inside `.ci/postgres`; `make bench-load` does both.
//! Tables in Markdown come out; `--help` has the options.
//!
//! * **The service** is its whole router behind its own listener, as `eslabon serve` has it: log on `info` (written, to
//!   nowhere), no limits of how often, no workers.
//! * **Bare axum** is a router with one handler an endpoint. The statements of a request are overheard at the service, and
//!   the handler puts them to a pool of the same kind, in a transaction where the service has one, and answers with the
//!   same bytes. It reads no column, writes no JSON, checks nothing and logs nothing.
//! * **Writes** get ids, keys, moments and hashes of their own each time. Two requests are overheard: in which values they
//!   differ is what the service made, and the same differs each time. The entry of the audit trail is written too.
//! * **The data** is the demo's, and so many copies of its suppliers, requirements, matches, contracts, notices and entries
//!   of the trail, in the same programme. What is measured changes it, so each scale begins with a new copy.
//! * **The load** are clients on one thread of their own who keep their connections and ask as soon as they are answered.
//!   Stretches of the service, of the bare router and of a second bare one take turns, so that what else the machine does
//!   falls on all of them. What the two bare ones differ by is noise.
//! * **The disk**: SQLite's files lie in the temporary folder, and each commit waits for it, as in production. The server
//!   that `.ci/postgres` starts waits for no disk.
//!
//! A measurement, and no test: machines differ.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the measurement is the output, and how far it is goes beside it"
)]

mod asked;
mod bare;
mod clients;
mod data;
mod endpoints;
mod figures;

use std::{error::Error, fs::File, net::SocketAddr, process::ExitCode, sync::Arc, time::Duration};

use axum::Router;
use clap::{CommandFactory, FromArgMatches, Parser};
use eslabon::{
    app,
    cli::{Cli, LOGGED},
    foundation::{
        Base,
        db::{Db, Heard},
        http,
    },
};
use mimalloc::MiMalloc;
use tokio::{
    net::TcpListener,
    runtime::{Builder, Handle},
    task::JoinHandle,
};
use tracing_subscriber::EnvFilter;

use asked::Replay;
use clients::{Load, Wire};
use data::Shelf;
use endpoints::Endpoint;
use figures::Figures;

/// As the program has it.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// What goes wrong ends the measurement.
type Failure = Box<dyn Error + Send + Sync>;

/// How long each server is asked before anything is measured.
const WARM_UP: Duration = Duration::from_millis(500);

/// Requests a second of the service, beside bare axum with the same SQL.
#[derive(Parser, Debug)]
struct Args {
    /// How many times the demo's data
    #[arg(long, value_delimiter = ',', default_value = "1,10,100", value_parser = clap::value_parser!(u16).range(1..))]
    scale: Vec<u16>,
    /// Seconds of each stretch
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// Stretches of each server
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// Clients that ask at once
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..))]
    clients: u16,
    /// Engines to measure; by default SQLite, and PostgreSQL where there is a server
    #[arg(long, value_delimiter = ',', value_parser = ["sqlite", "postgres"])]
    engine: Vec<String>,
    /// Only endpoints whose names hold this
    #[arg(long, default_value = "")]
    only: String,
    /// The PostgreSQL server, on which databases are made
    #[arg(long, env = "ESLABON_TEST_POSTGRES", hide_env_values = true)]
    postgres: Option<String>,
}

fn main() -> ExitCode {
    // The demo, and the solver that it starts, are this program as well: children that are given a command of Eslabón's.
    let command = Cli::command();
    if std::env::args().nth(1).is_some_and(|word| command.find_subcommand(word).is_some()) {
        let matches = command.get_matches();
        return match Cli::from_arg_matches(&matches) {
            Ok(cli) => cli.run(&matches),
            Err(error) => error.exit(),
        };
    }
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("load: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<(), Failure> {
    let nowhere = File::options().write(true).open("/dev/null")?;
    let log = tracing_subscriber::fmt().with_env_filter(EnvFilter::new(LOGGED)).with_writer(nowhere);
    log.with_ansi(false).try_init()?;
    let clients = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let servers = Builder::new_multi_thread().enable_all().build()?;
    servers.block_on(measure(args, clients.handle()))
}

async fn measure(args: &Args, clients: &Handle) -> Result<(), Failure> {
    let load = Load { clients: clients.clone(), at_once: args.clients.into() };
    println!("{} clients, {} stretches of {} s each\n", args.clients, args.rounds, args.seconds);
    let is_wanted = |engine: &str| args.engine.is_empty() || args.engine.iter().any(|named| named == engine);
    if is_wanted("sqlite") {
        on_engine(args, &load, Shelf::new(None)?).await?;
    }
    if is_wanted("postgres") {
        match &args.postgres {
            Some(server) => on_engine(args, &load, Shelf::new(Some(server))?).await?,
            None if args.engine.is_empty() => println!("PostgreSQL: SKIPPED, there is no server\n"),
            None => return Err("there is no PostgreSQL server: run it inside .ci/postgres".into()),
        }
    }
    Ok(())
}

async fn on_engine(args: &Args, load: &Load, shelf: Shelf) -> Result<(), Failure> {
    eprintln!("{}: making the demo's data", shelf.engine_name());
    shelf.make_demo().await?;
    for scale in &args.scale {
        eprintln!("{}: making {scale}× the data", shelf.engine_name());
        let base = shelf.copy(*scale).await?;
        println!("{}, {scale}×: {}\n", shelf.engine_name(), data::size(&base.db).await?);
        println!("{}", figures::HEAD);
        let measured = at_scale(args, load, &shelf, &base).await;
        base.db.close().await?;
        measured?;
        println!();
        shelf.remove(*scale).await?;
    }
    shelf.clear().await
}

/// A server on this machine, until dropped.
struct Server {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    async fn of_service(base: &Base) -> Result<Self, Failure> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let patience = Duration::from_secs(base.config.patience_seconds.into());
        let serving = http::serve(listener, app::router(base), patience, std::future::pending());
        Ok(Self { address, task: tokio::spawn(serving) })
    }

    async fn of_bare(db: &Db, one: &Recorded) -> Result<Self, Failure> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let (address, router) = (listener.local_addr()?, bare::router(db, one));
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                eprintln!("the bare server has ended: {error}");
            }
        });
        Ok(Self { address, task })
    }
}

/// An endpoint, how it is asked, and what the service asks the database for then.
struct Recorded {
    endpoint: Endpoint,
    wires: Arc<[Wire]>,
    replays: Arc<[Replay]>,
}

/// Overhears what the service does for each request. One that is refused is left out.
async fn record(router: &Router, heard: &Heard, endpoint: Endpoint) -> Result<Recorded, Failure> {
    let (mut wires, mut replays) = (Vec::new(), Vec::new());
    for call in &endpoint.calls {
        match asked::record(router, heard, call).await {
            Ok(replay) => {
                wires.push(Wire::of(call));
                replays.push(replay);
            }
            Err(failure) => eprintln!("{} {} is left out: {failure}", call.method, call.path),
        }
    }
    if replays.is_empty() {
        return Err(format!("{}: nothing of it can be measured", endpoint.name).into());
    }
    Ok(Recorded { endpoint, wires: wires.into(), replays: replays.into() })
}

/// Measures one endpoint after the other. Each is overheard just before that, as reads are to find what was there then.
async fn at_scale(args: &Args, load: &Load, shelf: &Shelf, base: &Base) -> Result<(), Failure> {
    let url = base.config.database_url();
    let databases = [Db::connect(url).await?, Db::connect(url).await?];
    let service = Server::of_service(base).await?;
    let (db, heard) = base.db.overheard();
    let overheard = app::router(&Base { db, ..base.clone() });
    for endpoint in endpoints::find(&overheard).await? {
        if !endpoint.name.contains(args.only.as_str()) {
            continue;
        }
        eprintln!("{}: {}", shelf.engine_name(), endpoint.name);
        let recorded = record(&overheard, &heard, endpoint).await?;
        let bare = Server::of_bare(&databases[0], &recorded).await?;
        let again = Server::of_bare(&databases[1], &recorded).await?;
        let servers = [service.address, bare.address, again.address];
        let figures = measure_endpoint(args, load, servers, &recorded).await?;
        println!("{}", figures.row());
    }
    drop(service);
    for db in databases {
        db.close().await?;
    }
    Ok(())
}

/// Stretches of the three servers in turn, each round beginning with another one.
async fn measure_endpoint(
    args: &Args,
    load: &Load,
    servers: [SocketAddr; 3],
    one: &Recorded,
) -> Result<Figures, Failure> {
    for address in servers {
        load.stretch(address, &one.wires, WARM_UP).await?;
    }
    let lasting = Duration::from_secs(args.seconds);
    let statements = one.replays.iter().map(Replay::statements).max().unwrap_or_default();
    let mut figures = Figures::new(one.endpoint.name, one.endpoint.is_write, statements);
    for round in 0..usize::from(args.rounds) {
        for place in 0..servers.len() {
            let server = (round + place) % servers.len();
            let stretch = load.stretch(servers[server], &one.wires, lasting).await?;
            figures.note(server, &stretch);
        }
    }
    Ok(figures)
}
