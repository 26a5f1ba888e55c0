//! `eslabon call`: calls for projects, through the API.

use serde_json::Value as Json;

use super::{
    Failure,
    remote::{Service, told},
    table::{
        Side::{Left, Right},
        Table,
    },
};

#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  \
    eslabon call list\n  \
    eslabon call show 0192…\n  \
    eslabon call open 0192…\n  \
    eslabon call ranking 0192… --json")]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
    /// Print the API's answer
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
}

pub(super) async fn run(args: &Args) -> Result<(), Failure> {
    let service = &args.service;
    let answer = match &args.what {
        What::List { programme } => {
            let filter = programme.as_ref().map_or_else(String::new, |id| format!("?programme={id}"));
            read(service, &format!("calls{filter}")).await?
        }
        What::Show { id } => read(service, &format!("calls/{id}")).await?,
        What::Proposals { id } => read(service, &format!("calls/{id}/proposals")).await?,
        What::Ranking { id } => read(service, &format!("calls/{id}/ranking")).await?,
        What::Projects => read(service, "projects").await?,
        What::Open { id } => moved(service, id, "open").await?,
        What::FinishEvaluation { id } => moved(service, id, "finish-evaluation").await?,
    };
    if args.json {
        println!("{}", String::from_utf8_lossy(&answer));
        return Ok(());
    }
    let answer: Json = serde_json::from_slice(&answer)?;
    print!("{}", shown(&args.what, &answer));
    Ok(())
}

async fn read(service: &Service, path: &str) -> Result<Vec<u8>, Failure> {
    let (status, body) = service.call(path, None).await?;
    if status >= 400 { Err(told(status, &body)) } else { Ok(body) }
}

/// Moves the call on, in the version that it has now.
async fn moved(service: &Service, id: &str, step: &str) -> Result<Vec<u8>, Failure> {
    let present: Json = serde_json::from_slice(&read(service, &format!("calls/{id}")).await?)?;
    let (status, body) = service.change(&format!("calls/{id}/{step}"), &text(&present, "/etag")).await?;
    if status >= 400 { Err(told(status, &body)) } else { Ok(body) }
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
        What::Show { .. } | What::Open { .. } | What::FinishEvaluation { .. } => call(answer),
        What::Proposals { .. } => {
            let columns = [("proposal", Left), ("state", Left), ("grant", Right), ("title", Left)];
            table(&columns, items, |item| {
                let grant = money(item, "/content/grant");
                vec![text(item, "/id"), text(item, "/state"), grant, text(item, "/content/title")]
            })
        }
        What::Ranking { .. } => {
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
        What::Projects => {
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
    }
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
