//! Writing a requirement at the screen: what it is about, a compact table of lots, and criteria from the questions of
//! the suppliers' diagnostic.
//!
//! A table can be pasted from a spreadsheet; it fills the rows, and nothing is saved until everything is. Rows in
//! which nothing was written are none. What the tables do not show (weights, dual sourcing) is kept as it was.

use std::collections::BTreeSet;

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};

use crate::{
    diagnostics::instrument::{self, Form as Asked},
    foundation::{
        Base,
        access::{Actor, Kind, May, Operation},
        db::Write,
        fields::{Fields, Input, Nothing},
        http::{IfVersion, Key, Params, list::Window},
        i18n::Locale,
        ids::{ProgrammeId, RequirementId},
        page::{
            Form, Page, Typed, View, filters, or_again,
            rows::{self, Cell, Column, text},
            show, show_again,
        },
        problem::Problem,
    },
    programmes,
    requirements::{
        self, Amend, Change, Content, Create, NewRequirement, Requirement, State as Stand,
        amendments::NewAmendment,
        criteria::{Bounds, Criterion, Demand, Necessity},
    },
};

/// So many empty rows stand below the written ones.
const EMPTY: usize = 3;
/// The most rows that a pasted table fills.
const MOST: usize = requirements::MOST_LOTS;

/// The pages, behind a login.
pub(super) fn routes() -> Router<Base> {
    Router::new()
        .route("/requirements/new", get(new_page).post(create))
        .route("/requirements/{id}/edit", get(edit_page).post(change))
        .route("/requirements/{id}/amend", get(amend_page).post(amend))
}

/// What the table of lots shows, in the order of a pasted one.
const LOT: &[Column] = &[
    ("name", "", 22),
    ("process", "", 14),
    ("unit", "", 8),
    ("quantity", "numeric", 8),
    ("reference_price", "decimal", 10),
    ("max_share", "decimal", 5),
    ("years", "numeric", 3),
    ("delivery_from", "", 10),
    ("delivery_to", "", 10),
];
/// What it does not show.
const HIDDEN_OF_LOT: &[&str] = &[
    "weight",
    "min_coverage",
    "min_suppliers",
    "max_suppliers",
    "min_share",
    "divisible",
    "must_award",
    "starts_in",
];
/// What an amendment names beside that: the lot that it was.
const LOT_ITSELF: &str = "id";
/// What the table of criteria shows, beside the question and its necessity.
const CRITERION: &[Column] = &[
    ("weight", "numeric", 4),
    ("criticality", "numeric", 3),
    ("minimum", "decimal", 8),
    ("maximum", "decimal", 8),
    ("valid_until", "", 10),
    ("group", "", 8),
];

/// A row of a table.
struct Row {
    /// From 1.
    number: usize,
    /// The question, in a criterion's row: the field's name and what is chosen.
    question: (String, String),
    necessity: (String, String),
    cells: Vec<Cell>,
    hidden: Vec<(String, String)>,
}

impl Row {
    fn new(list: &str, at: usize, columns: &[Column], hidden: &[&str], of: &dyn Fn(&str) -> String) -> Self {
        let name = |field: &str| rows::name(list, at, field);
        Self {
            number: at + 1,
            question: (name("question"), of("question")),
            necessity: (name("necessity"), of("necessity")),
            cells: rows::cells(list, at, columns, of),
            hidden: hidden
                .iter()
                .map(|field| (name(field), of(field)))
                .filter(|(_, v)| !v.is_empty())
                .collect(),
        }
    }
}

/// What a saved lot says in a field.
fn of_lot(lot: &requirements::LotTerms, field: &str) -> String {
    let sourcing = &lot.sourcing;
    match field {
        "name" => lot.name.clone(),
        "process" => lot.process.clone(),
        "unit" => lot.unit.clone(),
        "quantity" => lot.quantity.to_string(),
        "reference_price" => text(lot.reference_price),
        "max_share" => lot.max_share.as_percent().to_string(),
        "years" => lot.years.to_string(),
        "delivery_from" => text(lot.delivery.from),
        "delivery_to" => text(lot.delivery.to),
        "weight" => lot.weight.to_string(),
        "min_coverage" => lot.min_coverage.as_percent().to_string(),
        "min_suppliers" => sourcing.min_suppliers.to_string(),
        "max_suppliers" => text(sourcing.max_suppliers),
        "min_share" => sourcing.min_share.as_percent().to_string(),
        "divisible" => if sourcing.divisible { "yes" } else { "no" }.to_owned(),
        "must_award" => if sourcing.must_award { "yes" } else { "no" }.to_owned(),
        "starts_in" => text(lot.delivery.starts_in),
        _ => String::new(),
    }
}

/// What a saved criterion says in a field.
fn of_criterion(criterion: &Criterion, field: &str) -> String {
    let bounds = |of: &dyn Fn(&Bounds) -> String| match &criterion.demand {
        Demand::Number(bounds) => of(bounds),
        _ => String::new(),
    };
    match (field, &criterion.demand, criterion.necessity) {
        ("question", ..) => criterion.question.clone(),
        ("necessity", _, Necessity::Must) => "must".to_owned(),
        ("necessity", _, Necessity::Should { .. }) => "should".to_owned(),
        ("weight", _, Necessity::Should { weight }) => weight.to_string(),
        ("criticality", ..) => criterion.criticality.to_string(),
        ("minimum", Demand::Level { minimum }, _) => minimum.to_string(),
        ("minimum", ..) => bounds(&|bounds| text(bounds.minimum)),
        ("maximum", ..) => bounds(&|bounds| text(bounds.maximum)),
        ("expected", Demand::Boolean { expected }, _) => if *expected { "" } else { "no" }.to_owned(),
        ("expected", ..) => bounds(&|bounds| text(bounds.expected)),
        ("valid_until", Demand::Certificate { valid_until, .. }, _) => text(*valid_until),
        ("group", ..) => criterion.group.clone().unwrap_or_default(),
        _ => String::new(),
    }
}

/// A requirement being written.
#[derive(Template)]
#[template(path = "gaps/pages/write.html")]
struct WritePage {
    /// To which the form is sent.
    address: String,
    /// Where giving up leads.
    back: String,
    is_new: bool,
    /// Whether it is published, and changes only with a reason.
    is_amendment: bool,
    version: i64,
    programmes: Vec<(String, String)>,
    programme: String,
    title: String,
    description: String,
    closes_at: String,
    questions_until: String,
    max_supplier_share: String,
    lots: Vec<Row>,
    criteria: Vec<Row>,
    questions: Vec<(String, String)>,
    necessities: Vec<(String, String)>,
}

impl WritePage {
    /// The key of its heading.
    const fn heading(&self) -> &'static str {
        match (self.is_new, self.is_amendment) {
            (true, _) => "write-title-new",
            (_, true) => "amend-title",
            _ => "write-title",
        }
    }
}

impl Page for WritePage {
    fn title(&self, locale: Locale) -> String {
        locale.text(self.heading())
    }

    fn is_wide(&self) -> bool {
        true
    }
}

fn questions(locale: Locale) -> Vec<(String, String)> {
    let nothing = (String::new(), "–".to_owned());
    let found = instrument::for_kind(Kind::Supplier).into_iter().flat_map(|instrument| &instrument.questions);
    let named = found.map(|question| (question.code.clone(), question.text.get(locale).to_owned()));
    std::iter::once(nothing).chain(named).collect()
}

impl WritePage {
    fn of(found: Option<&Requirement>, zone: &programmes::Programme, typed: &Typed, locale: Locale) -> Self {
        let (lots, criteria) =
            found.map_or((&[][..], &[][..]), |found| (found.lots.as_slice(), found.criteria.as_slice()));
        let count = |saved: usize, list: &str| saved.max(rows::typed(typed, list, MOST)) + EMPTY;
        let is_amendment = found.is_some_and(|found| found.state == Stand::Published);
        let lot = |at: usize| {
            let of = |field: &str| lots.get(at).map_or_else(String::new, |lot| of_lot(&lot.terms, field));
            let mut row = Row::new("lots", at, LOT, HIDDEN_OF_LOT, &of);
            if let Some(lot) = lots.get(at).filter(|_| is_amendment) {
                row.hidden.push((rows::name("lots", at, LOT_ITSELF), lot.id.to_string()));
            }
            row
        };
        let criterion = |at: usize| {
            let of = |field: &str| criteria.get(at).map_or_else(String::new, |one| of_criterion(one, field));
            let mut row = Row::new("criteria", at, CRITERION, &["expected"], &of);
            if let Some(Criterion { demand: Demand::Certificate { issuers, .. }, .. }) = criteria.get(at) {
                let named = issuers.iter().enumerate();
                row.hidden.extend(
                    named.map(|(of, issuer)| (format!("criteria-{at}-issuers-{of}"), issuer.clone())),
                );
            }
            row
        };
        let necessities =
            ["must", "should"].map(|word| (word.to_owned(), locale.text(&format!("criterion-{word}"))));
        let nothing = (String::new(), "–".to_owned());
        let local = |at| zone.time_zone.local(at);
        Self {
            address: found.map_or_else(
                || "/requirements/new".to_owned(),
                |f| format!("/requirements/{}/{}", f.id, if is_amendment { "amend" } else { "edit" }),
            ),
            back: found.map_or_else(|| "/requirements".to_owned(), |f| format!("/requirements/{}", f.id)),
            is_new: found.is_none(),
            is_amendment,
            version: found.map_or(0, |found| found.version),
            programmes: Vec::new(),
            programme: String::new(),
            title: found.map_or_else(String::new, |found| found.title.clone()),
            description: found.map_or_else(String::new, |found| found.description.clone()),
            closes_at: text(found.and_then(|found| found.closes_at).map(local)),
            questions_until: text(found.and_then(|found| found.questions_until).map(local)),
            max_supplier_share: text(found.map(|found| found.max_supplier_share.as_percent())),
            lots: (0..count(lots.len(), "lots")).map(lot).collect(),
            criteria: (0..count(criteria.len(), "criteria")).map(criterion).collect(),
            questions: questions(locale),
            necessities: std::iter::once(nothing).chain(necessities).collect(),
        }
    }
}

/// The form as the requirement is read from it: each criterion gets the kind of its question, what that kind has not
/// and nobody wrote is left out, and a lot of which nothing that shows is left is none.
fn complete(typed: &Typed) -> Vec<(String, String)> {
    let instrument = instrument::for_kind(Kind::Supplier);
    let kind = |code: &str| {
        instrument.and_then(|instrument| instrument.question(code)).map(|question| match question.form {
            Asked::Level { .. } => "level",
            Asked::Boolean { .. } => "boolean",
            Asked::Number { .. } => "number",
            Asked::Certificate { .. } => "certificate",
        })
    };
    let is_shown = |at: &str| {
        LOT.iter().any(|(column, ..)| {
            typed.get(&format!("lots-{at}-{column}")).is_some_and(|text| !text.trim().is_empty())
        })
    };
    let lots = typed.pairs().iter().filter_map(|(name, _)| name.strip_prefix("lots-")?.split('-').next());
    let lots: BTreeSet<&str> = lots.collect();
    let shown: BTreeSet<&str> = lots.into_iter().filter(|at| is_shown(at)).collect();
    let mut pairs = Vec::new();
    for (name, text) in typed.pairs() {
        let mut parts = name.split('-');
        match (parts.next(), parts.next(), parts.next()) {
            (Some("criteria"), Some(at), Some(field)) => {
                let is_must = typed.get(&format!("criteria-{at}-necessity")) == Some("must");
                if field == "question"
                    && let Some(kind) = kind(text)
                {
                    pairs.push((format!("criteria-{at}-kind"), kind.to_owned()));
                }
                if !(text.trim().is_empty() || field == "weight" && is_must) {
                    pairs.push((name.clone(), text.clone()));
                }
            }
            (Some("lots"), Some(at), Some(_)) if !shown.contains(at) => {}
            (Some("paste"), ..) => {}
            _ => pairs.push((name.clone(), text.clone())),
        }
    }
    pairs
}

/// Reads what [`complete`] makes of a form. A criterion whose kind nobody knows lacks its question: that is the field
/// which the page has.
fn read<T: Input>(typed: &Typed) -> Result<T, Problem> {
    typed.of(complete(typed)).read().map_err(|mut problem| {
        for error in &mut problem.errors {
            if let Some(row) = error.pointer.strip_suffix("/kind") {
                error.pointer = format!("{row}/question");
            }
        }
        problem.errors.sort();
        problem.errors.dedup();
        problem
    })
}

/// What was typed, with the rows of a pasted table; `None`: nothing was pasted, or it was sent to be saved.
fn pasted(typed: &Typed) -> Option<Typed> {
    typed.get("_paste")?;
    // Who presses Enter in a field presses the form's first button, which is this one: without a table they save.
    let table = typed.get("paste").filter(|table| !table.trim().is_empty())?;
    let first = rows::typed(typed, "lots", MOST);
    let rows = table.lines().map(|line| line.split(['\t', ';']).map(str::trim).collect::<Vec<_>>());
    let rows = rows.filter(|row| row.iter().any(|cell| !cell.is_empty()));
    // A heading has no digits where quantities are.
    let is_heading = |row: &[&str]| row.get(3).is_some_and(|cell| !cell.bytes().any(|b| b.is_ascii_digit()));
    let rows = rows.enumerate().filter(|(at, row)| *at > 0 || !is_heading(row)).map(|(_, row)| row);
    let mut cells: Vec<(String, String)> = Vec::new();
    for (at, row) in rows.take(MOST.saturating_sub(first)).enumerate() {
        let named = LOT.iter().map(|(column, ..)| rows::name("lots", first + at, column));
        cells.extend(named.zip(row.into_iter().map(str::to_owned)));
    }
    let filled: BTreeSet<&str> = cells.iter().map(|(name, _)| name.as_str()).collect();
    let is_kept = |name: &str| name != "paste" && name != "_paste" && !filled.contains(name);
    let kept = typed.pairs().iter().filter(|(name, _)| is_kept(name)).cloned();
    Some(Typed::new(kept.chain(cells.iter().cloned()).collect()))
}

struct For(Option<ProgrammeId>);

impl Input for For {
    fn read(f: &mut Fields) -> Option<Self> {
        Some(Self(f.optional("programme")?))
    }
}

async fn blank(
    base: &Base,
    view: &View,
    actor: &Actor,
    chosen: Option<ProgrammeId>,
    typed: &Typed,
) -> Result<WritePage, Problem> {
    let db = base.db.reads();
    let open = Some(programmes::State::Open);
    let found = programmes::store::list(db, actor, open, &Window::first(100)).await?.items;
    let first = found.iter().find(|one| chosen.is_none_or(|id| one.id == id)).or_else(|| found.first());
    let Some(first) = first else { return Err(Problem::conflict("no-open-programme")) };
    let mut page = WritePage::of(None, first, typed, view.locale);
    page.programme = first.id.to_string();
    page.programmes = found.iter().map(|one| (one.id.to_string(), one.name.clone())).collect();
    Ok(page)
}

async fn new_page(
    State(base): State<Base>,
    view: View,
    may: May<Create>,
    Params(For(chosen)): Params<For>,
) -> Result<Response, Problem> {
    show(&view, &blank(&base, &view, may.actor(), chosen, &Typed::default()).await?)
}

async fn create(
    State(base): State<Base>,
    view: View,
    may: May<Create>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let actor = *may.actor();
    if let Some(typed) = pasted(&form.typed) {
        let page = blank(&base, &view, &actor, None, &typed).await?;
        return show(&view.with_typed(typed), &page);
    }
    let typed = form.typed.clone();
    let done = form.reading(read::<NewRequirement>).act(&base, may, async |w, new| {
        let posted = requirements::store::create(w, new).await?;
        Ok(format!("/requirements/{}", posted.id))
    });
    or_again(done.await, async |problem| {
        let page = blank(&base, &view, &actor, None, &typed).await?;
        show_again(&view, &page, problem, typed)
    })
    .await
}

async fn saved(
    base: &Base,
    view: &View,
    actor: &Actor,
    found: &Requirement,
    typed: &Typed,
) -> Result<WritePage, Problem> {
    let programme = programmes::store::find(base.db.reads(), actor, found.programme).await?;
    Ok(WritePage::of(Some(found), &programme, typed, view.locale))
}

async fn edit_page(
    State(base): State<Base>,
    view: View,
    may: May<Change>,
    Key(id): Key<RequirementId>,
) -> Result<Response, Problem> {
    let found = requirements::store::find(base.db.reads(), may.actor(), id).await?;
    if found.state != Stand::Draft {
        return Err(Problem::conflict("requirement-not-draft"));
    }
    show(&view, &saved(&base, &view, may.actor(), &found, &Typed::default()).await?)
}

async fn amend_page(
    State(base): State<Base>,
    view: View,
    may: May<Amend>,
    Key(id): Key<RequirementId>,
) -> Result<Response, Problem> {
    let found = requirements::store::find(base.db.reads(), may.actor(), id).await?;
    may.in_state(found.state)?;
    show(&view, &saved(&base, &view, may.actor(), &found, &Typed::default()).await?)
}

async fn amend(
    State(base): State<Base>,
    view: View,
    may: May<Amend>,
    Key(id): Key<RequirementId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let work = async |w: &Write, version, new: NewAmendment| {
        requirements::store::amend(w, id, version, &new).await?;
        Ok(format!("/requirements/{id}/amendments"))
    };
    rewrite((base, view, may), id, form, work).await
}

async fn change(
    State(base): State<Base>,
    view: View,
    may: May<Change>,
    Key(id): Key<RequirementId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let work = async |w: &Write, version, content: Content| {
        requirements::store::change(w, id, version, content).await?;
        Ok(format!("/requirements/{id}"))
    };
    rewrite((base, view, may), id, form, work).await
}

/// Writes a requirement anew, or fills in the rows of a table that was pasted.
async fn rewrite<O: Operation, T: Input>(
    (base, view, may): (Base, View, May<O>),
    id: RequirementId,
    form: Form<Nothing>,
    work: impl AsyncFnOnce(&Write, IfVersion, T) -> Result<String, Problem>,
) -> Result<Response, Problem> {
    let actor = *may.actor();
    let found = || requirements::store::find(base.db.reads(), &actor, id);
    if let Some(typed) = pasted(&form.typed) {
        let page = saved(&base, &view, &actor, &found().await?, &typed).await?;
        return show(&view.with_typed(typed), &page);
    }
    let typed = form.typed.clone();
    let done = form.reading(read).change(&base, may, work);
    or_again(done.await, async |problem| {
        let page = saved(&base, &view, &actor, &found().await?, &typed).await?;
        show_again(&view, &page, problem, typed)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(of: &[(&str, &str)]) -> Typed {
        Typed::new(of.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
    }

    #[test]
    fn a_pasted_table_fills_the_rows_after_the_written_ones() {
        let table = "Lote\tProceso\tUnidad\tCantidad\tPrecio\nEjes\ttorneado\tpieza\t1 200\t15,5\n\nBujes\tfresado\tpieza\t30\t\n";
        let before =
            typed(&[("_paste", "yes"), ("paste", table), ("lots-0-name", "Antes"), ("lots-1-name", "")]);
        let after = pasted(&before).unwrap();
        assert_eq!(after.get("lots-0-name"), Some("Antes"));
        assert_eq!((after.get("lots-1-name"), after.get("lots-1-quantity")), (Some("Ejes"), Some("1 200")));
        assert_eq!(
            (after.get("lots-2-process"), after.get("lots-2-reference_price")),
            (Some("fresado"), Some(""))
        );
        assert_eq!(rows::typed(&after, "lots", MOST), 3);
        assert_eq!(after.get("paste"), None);
        assert!(pasted(&typed(&[("paste", table)])).is_none(), "only who asks for it");
        assert!(pasted(&typed(&[("_paste", "yes"), ("paste", " ")])).is_none(), "Enter in a field saves");
    }

    #[test]
    fn a_long_table_is_pasted_into_a_long_form_in_no_time() {
        let others = (0..20_000).map(|at| (format!("criteria-{at}-minimum"), String::new()));
        let before = [("_paste", "yes"), ("lots-3-unit", "")].map(|(n, t)| (n.to_owned(), t.to_owned()));
        let table = ("paste".to_owned(), "Ejes\ttorneado\tpieza\t12\t1\t50\t1\t\t\n".repeat(MOST));
        let sent = Typed::new(before.into_iter().chain([table]).chain(others).collect());
        let after = pasted(&sent).unwrap();
        assert_eq!(after.pairs().len(), 20_000 + MOST * LOT.len());
        assert_eq!(after.get("lots-499-unit"), Some("pieza"));
        // As many lots as there may be, each field of which asks whether its row says anything.
        assert_eq!(complete(&after).len(), MOST * LOT.len());
    }

    #[test]
    fn criteria_get_the_kind_of_their_question_and_empty_rows_vanish() {
        let sent = typed(&[
            ("criteria-0-question", "quality-defects-ppm"),
            ("criteria-0-necessity", "must"),
            ("criteria-0-weight", "30"),
            ("criteria-0-minimum", ""),
            ("criteria-0-maximum", "500"),
            ("criteria-0-criticality", "3"),
            ("criteria-1-question", ""),
            ("lots-0-name", " "),
            ("lots-0-weight", "1"),
        ]);
        let pairs = complete(&sent);
        let get = |name: &str| pairs.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str());
        assert_eq!(get("criteria-0-kind"), Some("number"));
        assert_eq!((get("criteria-0-weight"), get("criteria-0-minimum")), (None, None));
        assert_eq!((get("criteria-1-question"), get("lots-0-weight")), (None, None));
    }

    #[test]
    fn a_criterion_without_its_question_is_told_at_the_question() {
        let sent = typed(&[("title", "Repuestos"), ("criteria-0-question", ""), ("criteria-0-minimum", "3")]);
        let problem = read::<Content>(&sent).unwrap_err();
        let pointers: Vec<_> = problem.errors.iter().map(|error| error.pointer.as_str()).collect();
        assert!(pointers.contains(&"/criteria/0/question"), "{pointers:?}");
        assert!(!pointers.iter().any(|pointer| pointer.ends_with("/kind")), "{pointers:?}");
    }
}
