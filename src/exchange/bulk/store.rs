//! Writing the rows of a table through the stages' own functions, and looking first at what is there.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{NewCapacity, NewSales, Outcome, Report, Row, TabledAnswer};
use crate::{
    diagnostics::{self, NewAnswer, Provenance},
    foundation::{
        clock::Timestamp,
        closing::ClosingTime,
        db::Write,
        http::IfVersion,
        ids::{DiagnosticId, OrganisationId, ProgrammeId, RequirementId},
        problem::{FieldError, Problem},
    },
    organisations::{
        Capacity, MOST_CAPACITIES, NewOrganisation, Profile, SalesSource, StatedBuyerSales, StatedSales,
        store::{firms as organisations, ledger},
    },
    programmes,
    requirements::{self, Content, LotTerms, MOST_LOTS},
};

/// Firms into a programme: registers those that are not registered, takes in those that are no members.
///
/// # Errors
/// 404 when the actor sees no such programme, 409 when it is closed.
pub async fn firms(
    w: &Write,
    programme: ProgrammeId,
    rows: &[Row<NewOrganisation>],
) -> Result<Report, Problem> {
    let mut report = Report::default();
    for row in rows {
        let new = &row.value;
        let (firm, outcome) = match organisations::find_by_tax_id(w.db(), w.actor(), &new.tax_id).await {
            Ok(firm) if firm.kind != new.kind => {
                report.faults.push(row.fault("kind", "registered-as-another-kind").with("name", firm.name));
                continue;
            }
            Ok(firm) => {
                let is_member = programmes::store::is_member(w.db(), w.actor(), programme, firm.id).await?;
                (firm, if is_member { Outcome::Unchanged } else { Outcome::Changed })
            }
            Err(problem) if problem == Problem::not_found() => {
                (organisations::register(w, new.clone()).await?, Outcome::Created)
            }
            Err(problem) => return Err(problem),
        };
        if outcome != Outcome::Unchanged {
            programmes::store::add_member(w, programme, &firm).await?;
        }
        report.note(row, outcome);
    }
    Ok(report)
}

/// The sales of the actor's own supplier: in all, and to lead firms.
///
/// # Errors
/// What the database said.
pub async fn sales(w: &Write, rows: &[Row<NewSales>]) -> Result<Report, Problem> {
    let mut report = Report::default();
    let supplier = w.actor().organisation;
    ledger::lock(w, [supplier]).await?;
    let mut present = ledger::profile(w.db(), w.actor(), supplier).await?;
    for row in rows {
        let NewSales { buyer, amount, as_of } = &row.value;
        let stated = match (buyer, amount) {
            (Some(buyer), Some(amount)) => {
                let found = organisations::lead_firm_by_tax_id(w.db(), w.actor(), buyer).await;
                let Ok(buyer) = found else {
                    report.faults.push(row.fault("buyer_tax_id", "no-such-firm"));
                    continue;
                };
                let stated = StatedBuyerSales { amount: *amount, as_of: *as_of };
                buyer_sales(w, &present, buyer.id, stated).await
            }
            _ => annual_sales(w, &present, StatedSales { annual_sales: *amount, as_of: *as_of }).await,
        };
        match stated {
            Ok(None) => report.note(row, Outcome::Unchanged),
            Ok(Some((profile, outcome))) => {
                report.note(row, outcome);
                present = profile;
            }
            Err(problem) => report.faults.extend(of_row(row, "amount", problem)?),
        }
    }
    if report.outcomes.iter().any(|(_, outcome)| *outcome != Outcome::Unchanged) {
        report.faults.extend(too_much(&present, rows));
    }
    Ok(report)
}

/// What is wrong when the rows together come to more for single lead firms than in all: said of the row of the whole, or
/// where the table has none, of every other.
fn too_much(profile: &Profile, rows: &[Row<NewSales>]) -> Vec<FieldError> {
    let of_all: Vec<_> = rows.iter().filter(|row| row.value.buyer.is_none()).collect();
    let is_of_all = !of_all.is_empty();
    let blamed = if is_of_all { of_all } else { rows.iter().collect() };
    let fault =
        |row: &Row<NewSales>| ledger::beyond_all(profile, &row.fault("amount", "").pointer, is_of_all);
    blamed.into_iter().filter_map(fault).collect()
}

type Stated = Result<Option<(Profile, Outcome)>, Problem>;

async fn annual_sales(w: &Write, present: &Profile, stated: StatedSales) -> Stated {
    let same = present.annual_sales == stated.annual_sales && present.as_of == Some(stated.as_of);
    if same && present.source == Some(SalesSource::Declared) {
        return Ok(None);
    }
    let outcome = if present.version == 0 { Outcome::Created } else { Outcome::Changed };
    let profile = ledger::put_sales(w, stated, IfVersion(present.version)).await?;
    Ok(Some((profile, outcome)))
}

async fn buyer_sales(
    w: &Write,
    present: &Profile,
    buyer: OrganisationId,
    stated: StatedBuyerSales,
) -> Stated {
    let mut declared =
        present.buyer_sales.iter().filter(|s| s.buyer == buyer && s.source == SalesSource::Declared);
    let outcome = match declared.next() {
        Some(sales) if sales.amount == stated.amount && sales.as_of == stated.as_of => return Ok(None),
        Some(_) => Outcome::Changed,
        None => Outcome::Created,
    };
    Ok(Some((ledger::put_sales_to(w, buyer, stated).await?, outcome)))
}

/// What a stage says of a row, at the column that it is about: the day's own, else the given one.
fn of_row<T>(row: &Row<T>, column: &str, problem: Problem) -> Result<Vec<FieldError>, Problem> {
    if problem.errors.is_empty() {
        return Err(problem);
    }
    let at = |error: FieldError| {
        let column = if error.pointer == "/as_of" { "as_of" } else { column };
        FieldError { pointer: row.fault(column, error.code).pointer, ..error }
    };
    Ok(problem.errors.into_iter().map(at).collect())
}

/// The capacities of the actor's own supplier.
///
/// # Errors
/// What the database said.
pub async fn capacities(w: &Write, rows: &[Row<NewCapacity>]) -> Result<Report, Problem> {
    let mut report = Report::default();
    let supplier = w.actor().organisation;
    ledger::lock(w, [supplier]).await?;
    let present = ledger::profile(w.db(), w.actor(), supplier).await?;
    let present: BTreeMap<&str, &Capacity> =
        present.capacities.iter().map(|capacity| (capacity.process.as_str(), capacity)).collect();
    let mut count = present.len();
    for row in rows {
        let NewCapacity { process, stated } = &row.value;
        let outcome = match present.get(process.as_str()) {
            Some(known)
                if (&known.unit, known.amount_millionths) == (&stated.unit, stated.amount_millionths) =>
            {
                Outcome::Unchanged
            }
            Some(_) => Outcome::Changed,
            None if count >= MOST_CAPACITIES => {
                report.faults.push(row.fault("process", "too-many").with("most", MOST_CAPACITIES));
                continue;
            }
            None => {
                count += 1;
                Outcome::Created
            }
        };
        if outcome != Outcome::Unchanged {
            ledger::put_capacity(w, process.clone(), stated.clone()).await?;
        }
        report.note(row, outcome);
    }
    Ok(report)
}

/// The lots of a draft: one of a name that is there is rewritten, the others are added.
///
/// # Errors
/// 404 when the actor sees no such requirement, 409 once it is published.
pub async fn lots(w: &Write, id: RequirementId, rows: &[Row<LotTerms>]) -> Result<Report, Problem> {
    let mut report = Report::default();
    let found = requirements::store::find(w.db(), w.actor(), id).await?;
    w.in_state(found.state)?;
    let mut lots: Vec<LotTerms> = found.lots.iter().map(|lot| lot.terms.clone()).collect();
    for row in rows {
        let known = lots.iter().position(|lot| lot.name == row.value.name);
        let outcome = match known {
            Some(at) => {
                let lot = &mut lots[at];
                let external_reference = lot.external_reference.clone();
                let new = LotTerms { external_reference, ..row.value.clone() };
                let same = *lot == new;
                *lot = new;
                if same { Outcome::Unchanged } else { Outcome::Changed }
            }
            None if lots.len() >= MOST_LOTS => {
                report.faults.push(row.fault("name", "too-many").with("most", MOST_LOTS));
                continue;
            }
            None => {
                lots.push(row.value.clone());
                Outcome::Created
            }
        };
        report.note(row, outcome);
    }
    if report.count(Outcome::Unchanged) < report.outcomes.len() && report.faults.is_empty() {
        let content = Content {
            title: found.title,
            description: found.description,
            closes_at: found.closes_at.map(|at: Timestamp| ClosingTime::At(at)),
            questions_until: found.questions_until.map(ClosingTime::At),
            max_supplier_share: found.max_supplier_share,
            lots,
            criteria: found.criteria,
        };
        requirements::store::change(w, id, IfVersion(found.version), content).await?;
    }
    Ok(report)
}

/// Answers of a draft of the actor's own organisation.
///
/// # Errors
/// 404 when it has no such diagnostic, 409 once it is submitted.
pub async fn answers(w: &Write, id: DiagnosticId, rows: &[Row<TabledAnswer>]) -> Result<Report, Problem> {
    let mut report = Report::default();
    let found = diagnostics::store::find(w.db(), w.actor(), id).await?;
    w.in_state(found.state)?;
    let given = diagnostics::store::answers(w.db(), w.actor(), &found).await?;
    for row in rows {
        let TabledAnswer { question: code, value, issuer } = &row.value;
        let Ok(question) = found.question(code) else {
            report.faults.push(row.fault("question", "no-such-question"));
            continue;
        };
        let known =
            given.iter().find(|one| one.question == *code && one.provenance == Provenance::SelfDeclared);
        let revision = known.map_or(0, |known| known.revision).saturating_add(1);
        let new = NewAnswer { value: value.clone(), issuer: issuer.clone(), revision };
        let outcome = match (new.content(question), known) {
            (Err(problem), _) => {
                let column =
                    if problem.errors.iter().any(|e| e.pointer == "/issuer") { "issuer" } else { "value" };
                report.faults.extend(of_row(row, column, problem)?);
                continue;
            }
            (Ok(content), Some(known)) if content == known.content => Outcome::Unchanged,
            (Ok(_), Some(_)) => Outcome::Changed,
            (Ok(_), None) => Outcome::Created,
        };
        if outcome != Outcome::Unchanged {
            diagnostics::store::answer(w, id, code, &new).await?;
        }
        report.note(row, outcome);
    }
    Ok(report)
}

/// Writes down in the trail what an import did: of which file, and how much of it was new.
///
/// # Errors
/// What the database said.
pub async fn record(
    w: &Write,
    table: &str,
    subject: Uuid,
    hash: &str,
    report: &Report,
) -> Result<(), Problem> {
    let count = |outcome| report.count(outcome);
    let details = serde_json::json!({
        "table": table, "sha256": hash, "created": count(Outcome::Created), "changed": count(Outcome::Changed),
        "unchanged": count(Outcome::Unchanged),
    });
    w.record("import", subject, &details).await
}
