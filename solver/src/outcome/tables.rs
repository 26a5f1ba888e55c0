//! The result as CSV tables, one for each list of the JSON document, under the same names.
//!
//! They are made to be opened in a spreadsheet, so what would be taken for a formula is made plain
//! text: a cell that begins with `=`, `+`, `-`, `@`, a tab or a line break gets an apostrophe in
//! front unless it is a number. To read a result back, take `result.json`.

use csv::WriterBuilder;

use super::{Outcome, Reason, RuleName};

/// Every table as (file name, text), in the order of the result's fields. A table without rows is
/// there with its header, so that a folder written over an older one holds nothing stale.
#[must_use]
pub fn tables(outcome: &Outcome) -> Vec<(&'static str, String)> {
    vec![
        ("summary.csv", summary(outcome)),
        ("seconds.csv", seconds(outcome)),
        ("warnings.csv", warnings(outcome)),
        ("tiers.csv", tiers(outcome)),
        ("awards.csv", awards(outcome)),
        ("unmet.csv", unmet(outcome)),
        ("dependency.csv", dependency(outcome)),
        ("hhi.csv", hhi(outcome)),
        ("market.csv", market(outcome)),
        ("development.csv", development(outcome)),
        ("prices.csv", prices(outcome)),
        ("worth.csv", worth(outcome)),
        ("why_not.csv", why_not(outcome)),
        ("conflict.csv", conflict(outcome)),
        ("relaxation.csv", relaxation(outcome)),
    ]
}

/// One CSV table: a header, and rows of texts whose formulas are neutralised.
#[must_use]
pub fn csv_table(columns: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut writer = WriterBuilder::new().flexible(true).from_writer(Vec::new());
    // Writing to memory cannot fail; a row that could not be written would be missing, not wrong.
    let _ = writer.write_record(columns);
    for row in rows {
        let _ = writer.write_record(row.iter().map(|cell| neutral(cell)));
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

/// A cell that no spreadsheet takes for a formula.
fn neutral(cell: &str) -> String {
    let suspicious = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    if suspicious && cell.parse::<f64>().is_err() { format!("'{cell}") } else { cell.to_owned() }
}

fn text(value: Option<&impl ToString>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}

fn listed(ids: &[String]) -> String {
    ids.join("|")
}

fn summary(outcome: &Outcome) -> String {
    let checker = &outcome.checker;
    let field = |name: &str, value: String| vec![name.to_owned(), value];
    csv_table(
        &["field", "value"],
        [
            field("format", outcome.format.clone()),
            field("status", outcome.status.name().to_owned()),
            field("engine", outcome.engine.clone()),
            field("fingerprint", outcome.fingerprint.clone()),
            field("currency", outcome.currency.clone()),
            field("checker_passed", checker.passed.to_string()),
            field("checker_rules", checker.rules.to_string()),
            field("checker_figures", checker.figures.to_string()),
        ],
    )
}

fn seconds(outcome: &Outcome) -> String {
    let rows = outcome.seconds.iter().map(|phase| vec![phase.phase.clone(), phase.seconds.to_string()]);
    csv_table(&["phase", "seconds"], rows)
}

fn warnings(outcome: &Outcome) -> String {
    csv_table(
        &["code", "cause", "action", "file", "row", "column"],
        outcome.warnings.iter().map(|warning| {
            let row = if warning.row > 0 { warning.row.to_string() } else { String::new() };
            let (code, cause, action) = (&warning.code, &warning.cause, &warning.action);
            vec![
                code.clone(),
                cause.clone(),
                action.clone(),
                warning.file.clone(),
                row,
                warning.column.clone(),
            ]
        }),
    )
}

fn tiers(outcome: &Outcome) -> String {
    csv_table(
        &["name", "value", "bound", "gap", "published", "loss"],
        outcome.tiers.iter().map(|tier| {
            let number = |value: f64| value.to_string();
            vec![
                tier.name.clone(),
                number(tier.value),
                number(tier.bound),
                number(tier.gap),
                tier.published.clone(),
                number(tier.loss),
            ]
        }),
    )
}

fn awards(outcome: &Outcome) -> String {
    csv_table(
        &["supplier", "lot", "consortium", "quantity", "share", "amount", "annual_amount"],
        outcome.awards.iter().map(|award| {
            vec![
                award.supplier.clone(),
                award.lot.clone(),
                text(award.consortium.as_ref()),
                award.quantity.to_string(),
                award.share.clone(),
                award.amount.clone(),
                award.annual_amount.clone(),
            ]
        }),
    )
}

fn unmet(outcome: &Outcome) -> String {
    let rows = outcome.unmet.iter().map(|unmet| vec![unmet.lot.clone(), unmet.quantity.to_string()]);
    csv_table(&["lot", "quantity"], rows)
}

fn dependency(outcome: &Outcome) -> String {
    csv_table(
        &["supplier", "group", "before", "after", "cap", "row_use", "binding"],
        outcome.dependency.iter().map(|row| {
            vec![
                row.supplier.clone(),
                row.group.clone(),
                text(row.before.as_ref()),
                text(row.after.as_ref()),
                text(row.cap.as_ref()),
                text(row.row_use.as_ref()),
                row.binding.to_string(),
            ]
        }),
    )
}

fn hhi(outcome: &Outcome) -> String {
    csv_table(
        &["supplier", "before", "after", "cap"],
        outcome.hhi.iter().map(|row| {
            vec![
                row.supplier.clone(),
                text(row.before.as_ref()),
                text(row.after.as_ref()),
                text(row.cap.as_ref()),
            ]
        }),
    )
}

fn market(outcome: &Outcome) -> String {
    csv_table(
        &["process", "amount", "suppliers", "hhi"],
        outcome.market.iter().map(|row| {
            vec![row.process.clone(), row.amount.clone(), row.suppliers.to_string(), text(row.hhi.as_ref())]
        }),
    )
}

fn development(outcome: &Outcome) -> String {
    csv_table(
        &["gap", "supplier", "cost", "opens"],
        outcome
            .development
            .iter()
            .map(|row| vec![row.gap.clone(), row.supplier.clone(), row.cost.clone(), listed(&row.opens)]),
    )
}

/// One row for each limit and tier.
fn prices(outcome: &Outcome) -> String {
    csv_table(
        &["rule", "subject", "step", "estimate", "tier", "tighter", "looser"],
        outcome.prices.iter().flat_map(|price| {
            price.tiers.iter().map(|tier| {
                vec![
                    price.rule.rule.clone(),
                    listed(&price.rule.subject),
                    price.step.clone(),
                    text(price.estimate.as_ref()),
                    tier.name.clone(),
                    text(tier.tighter.as_ref()),
                    text(tier.looser.as_ref()),
                ]
            })
        }),
    )
}

/// One row for each gap and tier; one without a tier where only the estimate was asked for.
fn worth(outcome: &Outcome) -> String {
    csv_table(
        &["gap", "supplier", "cost", "lots", "estimate", "tier", "change"],
        outcome.worth.iter().flat_map(|worth| {
            let row = |tier: String, change: String| {
                vec![
                    worth.gap.clone(),
                    worth.supplier.clone(),
                    text(worth.cost.as_ref()),
                    listed(&worth.lots),
                    text(worth.estimate.as_ref()),
                    tier,
                    change,
                ]
            };
            if worth.tiers.is_empty() {
                vec![row(String::new(), String::new())]
            } else {
                worth.tiers.iter().map(|tier| row(tier.name.clone(), tier.change.to_string())).collect()
            }
        }),
    )
}

/// One row for each reason, `rank` counting from 1 for the most decisive; what a reason does not
/// have stays empty.
fn why_not(outcome: &Outcome) -> String {
    let columns =
        ["supplier", "lot", "rank", "code", "subject", "cap", "after", "room", "units_left", "ratio"];
    csv_table(
        &columns,
        outcome.why_not.iter().flat_map(|pair| {
            pair.reasons.iter().enumerate().map(|(place, reason)| {
                let mut row = vec![pair.supplier.clone(), pair.lot.clone(), (place + 1).to_string()];
                row.extend(reason_cells(reason));
                row
            })
        }),
    )
}

/// Code, subject, cap, after, room, `units_left`, ratio.
fn reason_cells(reason: &Reason) -> [String; 7] {
    let mut cells: [String; 7] = Default::default();
    let [code, subject, cap_cell, after_cell, room_cell, units_cell, ratio_cell] = &mut cells;
    reason.code().clone_into(code);
    match reason {
        Reason::Forbidden | Reason::Tied => {}
        Reason::Blocked { gaps } | Reason::TooLate { gaps } => *subject = listed(gaps),
        Reason::Capacity { process, units_left } => {
            subject.clone_from(process);
            *units_cell = units_left.to_string();
        }
        Reason::Dependency { group, cap, after, room } => {
            subject.clone_from(group);
            cap_cell.clone_from(cap);
            *after_cell = text(after.as_ref());
            room_cell.clone_from(room);
        }
        Reason::Concentration { cap, after } => {
            cap_cell.clone_from(cap);
            *after_cell = text(after.as_ref());
        }
        Reason::Rule(RuleName { rule, subject: ids }) => {
            let named: Vec<String> = [rule].into_iter().chain(ids).cloned().collect();
            *subject = listed(&named);
        }
        Reason::BetterServed { tier } => subject.clone_from(tier),
        Reason::Price { ratio } => ratio_cell.clone_from(ratio),
    }
    cells
}

fn conflict(outcome: &Outcome) -> String {
    let rows = outcome.conflict.iter().map(|rule| vec![rule.rule.clone(), listed(&rule.subject)]);
    csv_table(&["rule", "subject"], rows)
}

fn relaxation(outcome: &Outcome) -> String {
    csv_table(
        &["rule", "subject", "by"],
        outcome.relaxation.iter().map(|change| {
            vec![change.rule.rule.clone(), listed(&change.rule.subject), change.by.to_string()]
        }),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{Award, WhyNot};

    fn table(outcome: &Outcome, name: &str) -> String {
        tables(outcome).into_iter().find(|(file, _)| *file == name).map(|(_, text)| text).unwrap_or_default()
    }

    #[test]
    fn what_a_spreadsheet_would_run_becomes_text() {
        for (cell, expected) in [
            ("=1+1", "'=1+1"),
            ("@sum(a1)", "'@sum(a1)"),
            ("+cmd", "'+cmd"),
            ("-cmd", "'-cmd"),
            ("\t=1", "'\t=1"),
            ("-12.5", "-12.5"),
            ("+3", "+3"),
            ("plain=1", "plain=1"),
            ("", ""),
        ] {
            assert_eq!(neutral(cell), expected, "{cell}");
        }
    }

    #[test]
    fn ids_are_quoted_where_csv_asks_for_it_and_never_run() {
        let mut outcome = Outcome::blank("USD");
        outcome.awards.push(Award {
            supplier: "=HYPERLINK(\"x\")".to_owned(),
            lot: "bolts, steel".to_owned(),
            consortium: None,
            quantity: 3,
            share: "0.300000000".to_owned(),
            amount: "30.00".to_owned(),
            annual_amount: "30.00".to_owned(),
        });
        assert_eq!(
            table(&outcome, "awards.csv"),
            "supplier,lot,consortium,quantity,share,amount,annual_amount\n\
             \"'=HYPERLINK(\"\"x\"\")\",\"bolts, steel\",,3,0.300000000,30.00,30.00\n"
        );
    }

    #[test]
    fn every_reason_has_its_row_with_what_it_measures() {
        let mut outcome = Outcome::blank("USD");
        let dependency = Reason::Dependency {
            group: "G".to_owned(),
            cap: "0.3".to_owned(),
            after: None,
            room: "12.00".to_owned(),
        };
        let capacity = Reason::Capacity { process: "laser".to_owned(), units_left: 7 };
        let gaps = Reason::Blocked { gaps: vec!["g1".to_owned(), "g2".to_owned()] };
        outcome.why_not.push(WhyNot {
            supplier: "S".to_owned(),
            lot: "L".to_owned(),
            reasons: vec![gaps, dependency, capacity],
        });
        assert_eq!(
            table(&outcome, "why_not.csv"),
            "supplier,lot,rank,code,subject,cap,after,room,units_left,ratio\n\
             S,L,1,blocked,g1|g2,,,,,\nS,L,2,dependency,G,0.3,,12.00,,\nS,L,3,capacity,laser,,,,7,\n"
        );
    }

    #[test]
    fn a_blank_result_still_has_every_header() {
        let blank = tables(&Outcome::blank("USD"));
        assert!(blank.iter().all(|(_, text)| !text.is_empty()));
        assert_eq!(table(&Outcome::blank("USD"), "unmet.csv"), "lot,quantity\n");
    }
}
