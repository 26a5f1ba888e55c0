//! `eslabon indicators`: what is measured, through the API.

use clap::Subcommand;
use serde_json::Value as Json;

use super::{
    Failure, files,
    remote::{Said, Service, Step, fields, print},
    table::{Side, Table},
};
use crate::{
    exchange::sheet::Format,
    foundation::{
        clock::Day,
        ids::{MeasurementId, MeasurementRoundId, NetworkId, OrganisationId, ProgrammeId},
    },
    monitoring::rounds::Moment,
};

#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  \
    eslabon indicators list\n  \
    eslabon indicators compare --network 0192… --format csv\n  \
    eslabon indicators measured --overdue\n  \
    eslabon indicators open-round 0192… --moment baseline --due-on 2026-04-01\n  \
    eslabon indicators dependency 0192… --alerts --json")]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
    /// The API's own answer, also when it refuses
    #[arg(long, global = true, conflicts_with = "format")]
    json: bool,
    /// A table: csv or xlsx
    #[arg(long, global = true)]
    format: Option<Format>,
    #[command(flatten)]
    service: Service,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// The indicators, with unit, source and direction
    List,
    /// Indicators beside their baseline, of a network or of a whole programme
    Compare {
        /// The network
        #[arg(long, required_unless_present = "programme", conflicts_with = "programme")]
        network: Option<NetworkId>,
        /// The programme
        #[arg(long)]
        programme: Option<ProgrammeId>,
    },
    /// What was asked and answered
    Measured {
        /// Of one round
        #[arg(long)]
        round: Option<MeasurementRoundId>,
        /// Only what should have been answered by now
        #[arg(long)]
        overdue: bool,
    },
    /// How far a network's suppliers have come, and where they drop off
    Funnel {
        /// The network
        network: NetworkId,
    },
    /// How a network's suppliers depend on their buyers, over time
    Dependency {
        /// The network
        network: NetworkId,
        /// Only where it became more dangerous
        #[arg(long)]
        alerts: bool,
    },
    /// How many days a lead firm takes to pay
    DaysToPay {
        /// The lead firm
        lead_firm: OrganisationId,
    },
    /// The rounds of a network
    Rounds {
        /// The network
        network: NetworkId,
    },
    /// Open a round: what is on record is computed, the rest is asked
    OpenRound {
        /// The network
        network: NetworkId,
        /// `baseline`, `month_12` or `month_24`
        #[arg(long)]
        moment: Moment,
        /// The reference day, for which it measures (default: today)
        #[arg(long)]
        as_of: Option<Day>,
        /// Until when firms answer
        #[arg(long)]
        due_on: Day,
    },
    /// Close a round, so that its figures are told
    CloseRound {
        /// The round
        round: MeasurementRoundId,
    },
    /// Answer what is measured of one's firm, or say that it is unknown
    Answer {
        /// The measurement
        measurement: MeasurementId,
        #[command(flatten)]
        said: Said,
    },
    /// Write down today how a network's suppliers depend on their buyers
    RecordDependency {
        /// The network
        network: NetworkId,
    },
}

impl Command {
    /// The path of the API, and the columns that a terminal shows of its rows.
    fn path(&self) -> (String, &'static [&'static str]) {
        match self {
            Self::List => {
                ("indicators".to_owned(), &["code", "about", "unit", "source", "reporter", "direction"])
            }
            Self::Compare { network, programme } => {
                let of = match (network, programme) {
                    (Some(network), _) => format!("networks/{network}"),
                    (None, Some(programme)) => format!("programmes/{programme}"),
                    (None, None) => String::new(),
                };
                let columns: &[&str] = &[
                    "indicator",
                    "unit",
                    "moment",
                    "firms",
                    "mean_before",
                    "mean_after",
                    "change_percent",
                    "withheld",
                ];
                (format!("{of}/indicators"), columns)
            }
            Self::Measured { round, overdue } => {
                let of_round = round.map_or_else(String::new, |round| format!("&round={round}"));
                let columns: &[&str] =
                    &["firm", "indicator", "state", "value", "unit", "due_on", "overdue", "late"];
                (format!("measurements?overdue={overdue}{of_round}"), columns)
            }
            Self::Funnel { network } => {
                let columns: &[&str] =
                    &["name", "came", "passed", "waiting", "dropped", "drop_off_percent", "median_days"];
                (format!("networks/{network}/funnel"), columns)
            }
            Self::Dependency { network, alerts } => {
                let columns: &[&str] = &["supplier", "recorded_at", "share", "band", "turn", "hhi"];
                (format!("networks/{network}/dependency?alerts={alerts}"), columns)
            }
            Self::DaysToPay { lead_firm } => {
                let columns: &[&str] =
                    &["from", "to", "days_to_pay", "median_days", "invoices", "paid", "late", "withheld"];
                (format!("lead-firms/{lead_firm}/days-to-pay"), columns)
            }
            Self::Rounds { network } | Self::OpenRound { network, .. } => {
                (format!("networks/{network}/measurement-rounds"), ROUND)
            }
            Self::CloseRound { round } => (format!("measurement-rounds/{round}"), ROUND),
            Self::Answer { measurement, .. } => (
                format!("measurements/{measurement}"),
                &["id", "firm", "indicator", "state", "value", "unit"],
            ),
            Self::RecordDependency { network } => (format!("networks/{network}/dependency"), &["recorded"]),
        }
    }

    /// What it does; `None`: it shows something.
    fn step(&self) -> Result<Option<Step>, Failure> {
        let (path, _) = self.path();
        Ok(match self {
            Self::OpenRound { moment, as_of, due_on, .. } => {
                let (moment, due_on) = (("moment", moment.word()), due_on.to_string());
                let said = match as_of.map(|day| day.to_string()) {
                    Some(as_of) => fields([moment, ("as_of", &as_of), ("due_on", &due_on)]),
                    None => fields([moment, ("due_on", &due_on)]),
                };
                Some(Step::make(path, said))
            }
            Self::CloseRound { .. } => Some(Step::onward(&path, "close", Vec::new())),
            Self::Answer { said, .. } => Some(Step::say(&path, "answer", said.bytes()?)),
            Self::RecordDependency { .. } => Some(Step::make(path, Vec::new())),
            _ => None,
        })
    }
}

/// The columns that a terminal shows of rounds.
const ROUND: &[&str] = &["id", "moment", "state", "as_of", "due_on", "overdue"];

pub(super) async fn run(args: &Args) -> Result<(), Failure> {
    let (path, columns) = args.command.path();
    let step = args.command.step()?;
    let is_no_list = step.is_some() || matches!(args.command, Command::DaysToPay { .. });
    if args.format.is_some() && is_no_list {
        return Err("this is one answer and no list. Leave --format out, or take --json".into());
    }
    let joint = if path.contains('?') { '&' } else { '?' };
    let path = args.format.map_or_else(|| path.clone(), |format| format!("{path}{joint}format={format}"));
    let answer = match step {
        Some(step) => args.service.step(step).await,
        None => args.service.read(&path).await,
    };
    if args.json {
        return print(answer);
    }
    let body = answer?;
    if args.format.is_some() {
        files::tell(&body);
        return Ok(());
    }
    let answer: Json = serde_json::from_slice(&body)?;
    let one = std::slice::from_ref(&answer);
    let rows = answer["items"].as_array().map_or(one, Vec::as_slice);
    let sides: Vec<_> = columns.iter().map(|column| (*column, Side::Left)).collect();
    let mut table = Table::new(&sides);
    for row in rows {
        table.row(columns.iter().map(|column| shown(&row[*column])));
    }
    files::tell(table.aligned().as_bytes());
    if answer["next"].is_string() {
        say!("  and more: take --format csv for the whole of it");
    }
    Ok(())
}

/// A value as a cell; what is unknown or withheld is a dash, never a 0.
fn shown(value: &Json) -> String {
    match value {
        Json::Null => "-".to_owned(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}
