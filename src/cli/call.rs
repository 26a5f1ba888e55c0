//! `eslabon call`: calls for projects, through the API.

use serde_json::Value as Json;

use super::{
    Failure, files,
    remote::{Said, Service, Step, fields, print},
    table::{
        Side::{Left, Right},
        Table,
    },
};

#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  \
    eslabon call list\n  \
    eslabon call create 0192… call.json\n  \
    eslabon call open 0192…\n  \
    eslabon call propose 0192… proposal.json --json\n  \
    eslabon call ranking 0192…\n  \
    eslabon call accept 0192… 1")]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
    /// Print the API's own answer, also when it refuses
    #[arg(long, global = true)]
    json: bool,
    #[command(flatten)]
    service: Service,
}

#[derive(clap::Subcommand, Debug)]
enum What {
    /// The calls that one may see
    List {
        /// Those of one programme
        #[arg(long)]
        programme: Option<String>,
    },
    /// A call: its rules, funds and times
    Show { id: String },
    /// Open a call that was written; its funds are reserved
    Open { id: String },
    /// The proposals to a call that one may see
    Proposals { id: String },
    /// Say that the evaluations of a closed call are complete
    FinishEvaluation { id: String },
    /// How the proposals of a call are ranked
    Ranking { id: String },
    /// The projects that one may see, and how their funds are used
    Projects,
    /// Write a call of a programme, as a draft
    Create {
        programme: String,
        #[command(flatten)]
        said: Said,
    },
    /// Rewrite a draft of a call
    Change {
        id: String,
        #[command(flatten)]
        said: Said,
    },
    /// Cancel a call; its funds are free again
    Cancel {
        id: String,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Appoint an evaluator to a call
    Appoint {
        id: String,
        /// The person's e-mail address
        email: String,
    },
    /// The evaluators of a call: all of them to those who coordinate or steer
    Evaluators { id: String },
    /// Take an evaluator who has handed nothing in off a call
    Dismiss {
        id: String,
        /// The person's account, as `evaluators` shows it
        account: String,
    },
    /// Write a proposal to a call, for one's institution
    Propose {
        id: String,
        #[command(flatten)]
        said: Said,
    },
    /// A proposal: what it asks for, and how its lead firms stand to it
    Proposal { proposal: String },
    /// Submit a proposal
    Submit { proposal: String },
    /// Take a submitted proposal back to rewrite it
    Reopen { proposal: String },
    /// Rewrite a proposal
    Rewrite {
        proposal: String,
        #[command(flatten)]
        said: Said,
    },
    /// Withdraw a proposal
    Withdraw { proposal: String },
    /// What one's lead firm is asked for
    Commitments,
    /// Commit one's lead firm to a proposal
    Commit {
        commitment: String,
        #[command(flatten)]
        said: Said,
    },
    /// Refuse a commitment of one's lead firm, or take it back
    Refuse { commitment: String },
    /// Hand in one's evaluation of a proposal
    Evaluate {
        proposal: String,
        #[command(flatten)]
        said: Said,
    },
    /// The evaluations of a proposal that one may see
    Evaluations { proposal: String },
    /// Award a proposal or reject it, with reasons
    Decide {
        proposal: String,
        #[command(flatten)]
        said: Said,
    },
    /// A project, with its milestones
    Project { project: String },
    /// Report a milestone of a project
    Report {
        project: String,
        milestone: i32,
        #[command(flatten)]
        said: Said,
    },
    /// Send a reported milestone back
    SendBack {
        project: String,
        milestone: i32,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Accept a reported milestone
    Accept { project: String, milestone: i32 },
    /// Pay what an accepted milestone is worth
    Disburse { project: String, milestone: i32 },
    /// State an expense against what was paid for a milestone
    Expense {
        project: String,
        milestone: i32,
        #[command(flatten)]
        said: Said,
    },
    /// The expenses of a project
    Expenses { project: String },
    /// Accept an expense, or refuse it
    DecideExpense {
        project: String,
        expense: String,
        #[command(flatten)]
        said: Said,
    },
    /// Close a project with the results of its goals
    Close {
        project: String,
        #[command(flatten)]
        said: Said,
    },
    /// Terminate a project before its end
    Terminate {
        project: String,
        /// Why
        #[arg(long)]
        reason: String,
    },
}

/// What a command asks of the API.
enum Asked {
    /// To show something.
    Read(String),
    /// To do something.
    Do(Step),
}

impl What {
    fn asked(&self) -> Result<Asked, Failure> {
        use Asked::{Do, Read};
        let onward = |of: String, step: &str, body| Do(Step::onward(&of, step, body));
        let milestone = |project: &str, number: i32, step: &str, body| {
            let of = format!("projects/{project}");
            Do(Step::onward(&of, &format!("milestones/{number}/{step}"), body))
        };
        let nothing = Vec::new;
        Ok(match self {
            Self::List { programme } => {
                let filter = programme.as_ref().map_or_else(String::new, |id| format!("?programme={id}"));
                Read(format!("calls{filter}"))
            }
            Self::Show { id } => Read(format!("calls/{id}")),
            Self::Proposals { id } => Read(format!("calls/{id}/proposals")),
            Self::Ranking { id } => Read(format!("calls/{id}/ranking")),
            Self::Evaluators { id } => Read(format!("calls/{id}/evaluators")),
            Self::Evaluations { proposal } => Read(format!("proposals/{proposal}/evaluations")),
            Self::Proposal { proposal } => Read(format!("proposals/{proposal}")),
            Self::Commitments => Read("commitments".to_owned()),
            Self::Projects => Read("projects".to_owned()),
            Self::Project { project } => Read(format!("projects/{project}")),
            Self::Expenses { project } => Read(format!("projects/{project}/expenses")),
            Self::Create { programme, said } => {
                Do(Step::make(format!("programmes/{programme}/calls"), said.bytes()?))
            }
            Self::Change { id, said } => Do(Step::rewrite(format!("calls/{id}"), said.bytes()?)),
            Self::Open { id } => onward(format!("calls/{id}"), "open", nothing()),
            Self::Cancel { id, reason } => {
                onward(format!("calls/{id}"), "cancel", fields([("reason", reason)]))
            }
            Self::Appoint { id, email } => {
                Do(Step::make(format!("calls/{id}/evaluators"), fields([("email", email)])))
            }
            Self::Dismiss { id, account } => Do(Step::remove(format!("calls/{id}/evaluators/{account}"))),
            Self::FinishEvaluation { id } => onward(format!("calls/{id}"), "finish-evaluation", nothing()),
            Self::Propose { id, said } => Do(Step::make(format!("calls/{id}/proposals"), said.bytes()?)),
            Self::Submit { proposal } => onward(format!("proposals/{proposal}"), "submit", nothing()),
            Self::Reopen { proposal } => onward(format!("proposals/{proposal}"), "reopen", nothing()),
            Self::Rewrite { proposal, said } => {
                Do(Step::rewrite(format!("proposals/{proposal}"), said.bytes()?))
            }
            Self::Withdraw { proposal } => onward(format!("proposals/{proposal}"), "withdraw", nothing()),
            Self::Commit { commitment, said } => {
                onward(format!("commitments/{commitment}"), "confirm", said.bytes()?)
            }
            Self::Refuse { commitment } => onward(format!("commitments/{commitment}"), "withdraw", nothing()),
            Self::Evaluate { proposal, said } => {
                Do(Step::make(format!("proposals/{proposal}/evaluations"), said.bytes()?))
            }
            Self::Decide { proposal, said } => {
                onward(format!("proposals/{proposal}"), "decision", said.bytes()?)
            }
            Self::Report { project, milestone: number, said } => {
                milestone(project, *number, "report", said.bytes()?)
            }
            Self::SendBack { project, milestone: number, reason } => {
                milestone(project, *number, "send-back", fields([("reason", reason)]))
            }
            Self::Accept { project, milestone: number } => milestone(project, *number, "accept", nothing()),
            Self::Disburse { project, milestone: number } => {
                milestone(project, *number, "disburse", nothing())
            }
            Self::Expense { project, milestone: number, said } => {
                milestone(project, *number, "expenses", said.bytes()?)
            }
            Self::DecideExpense { project, expense, said } => {
                onward(format!("projects/{project}"), &format!("expenses/{expense}/decision"), said.bytes()?)
            }
            Self::Close { project, said } => onward(format!("projects/{project}"), "close", said.bytes()?),
            Self::Terminate { project, reason } => {
                onward(format!("projects/{project}"), "terminate", fields([("reason", reason)]))
            }
        })
    }
}

pub(super) async fn run(args: &Args) -> Result<(), Failure> {
    let (answer, list) = match args.what.asked()? {
        Asked::Read(path) => (args.service.read(&path).await, path),
        Asked::Do(step) => (args.service.step(step).await, String::new()),
    };
    if args.json {
        return print(answer);
    }
    let body = answer?;
    // What was done away with has no answer.
    let answer: Json = if body.is_empty() { Json::Null } else { serde_json::from_slice(&body)? };
    files::tell(shown(&args.what, &answer).as_bytes());
    if answer["next"].is_string() {
        say!("  and more: eslabon export '{list}' writes the whole of it");
    }
    Ok(())
}

/// A field as text; what is not there is empty.
fn text(value: &Json, pointer: &str) -> String {
    match value.pointer(pointer) {
        Some(Json::String(text)) => text.clone(),
        Some(Json::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}

fn money(value: &Json, pointer: &str) -> String {
    format!("{} {}", text(value, &format!("{pointer}/amount")), text(value, &format!("{pointer}/currency")))
}

fn shown(what: &What, answer: &Json) -> String {
    let items = answer["items"].as_array().map_or(&[][..], Vec::as_slice);
    match what {
        What::List { .. } => {
            let columns =
                [("call", Left), ("state", Left), ("funds", Right), ("closes at", Left), ("title", Left)];
            table(&columns, items, |item| {
                vec![
                    text(item, "/id"),
                    text(item, "/state"),
                    money(item, "/funds"),
                    text(item, "/closes_at"),
                    text(item, "/title"),
                ]
            })
        }
        What::Show { .. }
        | What::Open { .. }
        | What::FinishEvaluation { .. }
        | What::Create { .. }
        | What::Change { .. }
        | What::Cancel { .. } => call(answer),
        What::Proposals { .. } => {
            let columns = [("proposal", Left), ("state", Left), ("grant", Right), ("title", Left)];
            table(&columns, items, |item| {
                let grant = money(item, "/content/grant");
                vec![text(item, "/id"), text(item, "/state"), grant, text(item, "/content/title")]
            })
        }
        What::Ranking { .. } => ranking(items),
        What::Projects => projects(items),
        What::Commitments => commitments(items),
        What::Expenses { .. } => expenses(items),
        What::Appoint { .. } => format!("{} evaluates\n", text(answer, "/account")),
        What::Dismiss { account, .. } => format!("{account} evaluates no more\n"),
        What::Evaluators { .. } => evaluators(items),
        What::Evaluations { .. } => evaluations(items),
        What::Evaluate { .. } => format!("{} ({} points)\n", text(answer, "/id"), text(answer, "/points")),
        What::Propose { .. }
        | What::Proposal { .. }
        | What::Submit { .. }
        | What::Reopen { .. }
        | What::Rewrite { .. }
        | What::Withdraw { .. }
        | What::Decide { .. } => proposal(answer),
        What::Commit { .. } | What::Refuse { .. } | What::Expense { .. } | What::DecideExpense { .. } => {
            format!("{} ({})\n", text(answer, "/id"), text(answer, "/state"))
        }
        What::Project { .. }
        | What::Report { .. }
        | What::SendBack { .. }
        | What::Accept { .. }
        | What::Disburse { .. }
        | What::Close { .. }
        | What::Terminate { .. } => project(answer),
    }
}

fn ranking(items: &[Json]) -> String {
    let columns = [
        ("place", Right),
        ("points", Right),
        ("spread", Right),
        ("evaluations", Right),
        ("grant", Right),
        ("proposal", Left),
        ("title", Left),
    ];
    table(&columns, items, |item| {
        let third = if item["needs_third"] == true { " + third" } else { "" };
        vec![
            text(item, "/place"),
            text(item, "/points"),
            text(item, "/spread"),
            format!("{}{third}", text(item, "/evaluations")),
            money(item, "/grant"),
            text(item, "/proposal"),
            text(item, "/title"),
        ]
    })
}

fn evaluators(items: &[Json]) -> String {
    let columns = [("account", Left), ("institution", Left), ("appointed at", Left)];
    table(&columns, items, |item| {
        ["/account", "/institution", "/appointed_at"].map(|field| text(item, field)).to_vec()
    })
}

fn evaluations(items: &[Json]) -> String {
    let columns = [("evaluation", Left), ("evaluator", Left), ("points", Right), ("handed in at", Left)];
    table(&columns, items, |item| {
        ["/id", "/evaluator", "/points", "/handed_in_at"].map(|field| text(item, field)).to_vec()
    })
}

fn projects(items: &[Json]) -> String {
    let columns = [
        ("project", Left),
        ("state", Left),
        ("committed", Right),
        ("disbursed", Right),
        ("justified", Right),
        ("title", Left),
    ];
    table(&columns, items, |item| {
        vec![
            text(item, "/id"),
            text(item, "/state"),
            money(item, "/committed"),
            money(item, "/disbursed"),
            money(item, "/justified"),
            text(item, "/title"),
        ]
    })
}

fn commitments(items: &[Json]) -> String {
    let columns =
        [("commitment", Left), ("state", Left), ("cofinancing", Right), ("closes at", Left), ("title", Left)];
    table(&columns, items, |item| {
        vec![
            text(item, "/id"),
            text(item, "/state"),
            money(item, "/cofinancing"),
            text(item, "/closes_at"),
            text(item, "/title"),
        ]
    })
}

fn expenses(items: &[Json]) -> String {
    let columns =
        [("expense", Left), ("milestone", Right), ("state", Left), ("amount", Right), ("document", Left)];
    table(&columns, items, |item| {
        vec![
            text(item, "/id"),
            text(item, "/milestone"),
            text(item, "/state"),
            money(item, "/amount"),
            text(item, "/document"),
        ]
    })
}

fn proposal(answer: &Json) -> String {
    let mut lines = vec![
        format!("{} ({})", text(answer, "/content/title"), text(answer, "/state")),
        format!("proposal {}, asks for {}", text(answer, "/id"), money(answer, "/content/grant")),
    ];
    for one in answer["commitments"].as_array().into_iter().flatten() {
        let (state, lead_firm) = (text(one, "/state"), text(one, "/lead_firm"));
        lines.push(format!("  commitment {} of {lead_firm}: {state}", text(one, "/id")));
    }
    if answer["decision"].is_object() {
        if answer["decision"]["amount"].is_object() {
            lines.push(format!("  awarded {}", money(answer, "/decision/amount")));
        }
        lines.push(format!("  {}", text(answer, "/decision/reason")));
    }
    lines.join("\n") + "\n"
}

fn project(answer: &Json) -> String {
    let mut lines = vec![
        format!("{} ({})", text(answer, "/title"), text(answer, "/state")),
        format!(
            "committed {}, disbursed {}, justified {}",
            money(answer, "/committed"),
            money(answer, "/disbursed"),
            money(answer, "/justified")
        ),
    ];
    for one in answer["milestones"].as_array().into_iter().flatten() {
        lines.push(format!(
            "  {} {} until {}: {} ({})",
            text(one, "/number"),
            money(one, "/amount"),
            text(one, "/due_on"),
            text(one, "/deliverable"),
            text(one, "/state")
        ));
    }
    lines.join("\n") + "\n"
}

fn table(
    columns: &[(&str, super::table::Side)],
    items: &[Json],
    cells: impl Fn(&Json) -> Vec<String>,
) -> String {
    let mut table = Table::new(columns);
    for item in items {
        table.row(cells(item));
    }
    table.aligned()
}

fn call(answer: &Json) -> String {
    let mut lines = vec![
        format!("{} ({})", text(answer, "/title"), text(answer, "/state")),
        format!("funds {}, of which {} awarded", money(answer, "/funds"), money(answer, "/committed")),
        format!("closes at {} ({})", text(answer, "/closes_at"), text(answer, "/time_zone")),
        format!(
            "others pay {} of the whole at least; grants of {} at most",
            text(answer, "/min_cofinancing"),
            money(answer, "/largest_grant")
        ),
    ];
    for one in answer["criteria"].as_array().into_iter().flatten() {
        lines.push(format!("  {:>6} {}", text(one, "/weight"), text(one, "/text")));
    }
    lines.join("\n") + "\n"
}
