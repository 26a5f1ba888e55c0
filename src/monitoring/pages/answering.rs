//! What is asked of one's own firm or institution: the list, and one question a page.

use std::collections::BTreeMap;

use askama::Template;
use axum::{Router, extract::State as Shared, response::Response, routing::get};

use super::{shown, unit};
use crate::{
    foundation::{
        Base,
        access::{Actor, Kind, May},
        fields::{Fields, Input, Nothing},
        http::{
            Key, Params,
            list::{Page as ListPage, Window},
        },
        i18n::Locale,
        ids::{MeasurementId, MeasurementRoundId, OrganisationId},
        page::{Form, Page, Typed, View, filters, or_again, show, show_again},
        problem::Problem,
    },
    monitoring::{
        AnswerMeasurement, ListMeasurements, ReadMeasurement,
        rounds::{Because, Measurement, Moment, NewAnswer, Said, Standing, State, reports},
        store::{self, Filter},
    },
    organisations::store::firms,
};

/// So many questions stand on one page.
const PAGE: u64 = 50;

/// The pages, behind a login.
pub(super) fn routes() -> Router<Base> {
    Router::new().route("/measurements", get(list)).route("/measurements/{id}", get(read).post(answer))
}

/// How a standing is coloured; its name stands beside.
const fn tone(standing: Standing) -> &'static str {
    match standing {
        Standing::Asked => "now",
        Standing::Answered | Standing::Known => "good",
        Standing::Unknown | Standing::NotOnRecord => "",
    }
}

/// A question, as the list shows it.
struct Line {
    id: MeasurementId,
    firm: String,
    indicator: String,
    moment: Moment,
    due_on: crate::foundation::clock::Day,
    standing: Standing,
    is_overdue: bool,
    value: Option<String>,
}

/// What is measured of one's firm, or in one's networks.
#[derive(Template)]
#[template(path = "monitoring/pages/measurements.html")]
struct MeasurementsPage {
    kind: Kind,
    round: Option<MeasurementRoundId>,
    state: Option<Standing>,
    overdue: bool,
    lines: Vec<Line>,
    next: Option<String>,
    prev: Option<String>,
}

impl MeasurementsPage {
    /// The list's address with its filter of rounds alone.
    fn unfiltered(&self) -> String {
        let round = self.round.map_or_else(String::new, |round| format!("round={round}&"));
        format!("/measurements?{round}")
    }

    /// The list's address with all of its filter.
    fn address(&self) -> String {
        let state = self.state.map_or_else(String::new, |state| format!("state={state}&"));
        let overdue = if self.overdue { "overdue=true&" } else { "" };
        format!("{}{state}{overdue}", self.unfiltered())
    }

    fn is_shown(&self, standing: Standing) -> bool {
        self.state == Some(standing)
    }
}

impl Page for MeasurementsPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("measurements-title")
    }

    fn is_wide(&self) -> bool {
        self.kind == Kind::Institution
    }
}

struct Listed {
    filter: Filter,
    window: Window,
}

impl Input for Listed {
    fn read(f: &mut Fields) -> Option<Self> {
        let (round, state) = (f.optional("round"), f.optional("state"));
        let (overdue, cursor) = (f.or("overdue", false), f.optional_text("cursor", 1..=500));
        let filter = Filter { round: round?, state: state?, overdue: overdue?, ..Filter::default() };
        Some(Self { filter, window: Window::at(PAGE, cursor?) })
    }
}

/// The present value, as people read it; none: unknown.
fn value(found: &Measurement, locale: Locale) -> Option<String> {
    let value = found.present()?.said.value()?;
    Some(format!("{}\u{a0}{}", shown(value), unit(&found.unit, locale)))
}

async fn list(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ListMeasurements>,
    Params(Listed { filter, window }): Params<Listed>,
) -> Result<Response, Problem> {
    let (db, actor) = (base.db.reads(), may.actor());
    let kind = actor.kind().ok_or_else(Problem::not_found)?;
    let (round, state, overdue) = (filter.round, filter.state, filter.overdue);
    let ListPage { mut items, next, prev } =
        store::list_measurements(db, actor, filter, base.clock.now(), &window).await?;
    // What waits for an answer comes first.
    items.sort_by_key(|found| found.standing != Standing::Asked);
    let names = firms::names(db, actor, items.iter().map(|found| found.firm)).await?;
    let line = |found: Measurement| Line {
        id: found.id,
        firm: names.get(&found.firm).cloned().unwrap_or_default(),
        indicator: found.indicator.name.get(actor.locale).to_owned(),
        moment: found.round.moment,
        due_on: found.round.due_on,
        standing: found.standing,
        is_overdue: found.overdue,
        value: value(&found, actor.locale),
    };
    let lines = items.into_iter().map(line).collect();
    show(&view, &MeasurementsPage { kind, round, state, overdue, lines, next, prev })
}

/// An answer as it was given.
struct GivenLine {
    at: crate::foundation::clock::Timestamp,
    value: Option<String>,
    because: Option<(Because, Option<String>)>,
    is_late: bool,
    is_on_record: bool,
}

/// One indicator of one firm, with every answer and, for whoever reports it, the question.
#[derive(Template)]
#[template(path = "monitoring/pages/measurement.html")]
struct MeasurementPage {
    found: Measurement,
    firm: String,
    name: String,
    definition: String,
    question: Option<String>,
    unit: String,
    /// What stands in the fields.
    saved: (String, String, String),
    becauses: Vec<(String, String)>,
    answers: Vec<GivenLine>,
    may_answer: bool,
}

impl Page for MeasurementPage {
    fn title(&self, _: Locale) -> String {
        self.name.clone()
    }
}

/// Why an answer may be missing: what people may say, and nothing.
fn becauses(locale: Locale) -> Vec<(String, String)> {
    let own = Because::ALL.iter().filter(|because| **because != Because::NotOnRecord);
    let named = own.map(|because| (because.to_string(), locale.text(&format!("because-{because}"))));
    std::iter::once((String::new(), "–".to_owned())).chain(named).collect()
}

fn page(found: Measurement, names: &BTreeMap<OrganisationId, String>, actor: &Actor) -> MeasurementPage {
    let locale = actor.locale;
    let (indicator, unit) = (found.indicator, unit(&found.unit, locale));
    let of = |given: &crate::monitoring::rounds::Given| GivenLine {
        at: given.at,
        value: given.said.value().map(|value| format!("{}\u{a0}{unit}", shown(value))),
        because: match &given.said {
            Said::Value(_) => None,
            Said::Unknown(because, note) => Some((*because, note.clone())),
        },
        is_late: given.late,
        is_on_record: given.by.is_none(),
    };
    let saved = match found.present().map(|given| &given.said) {
        Some(Said::Value(value)) => {
            (crate::foundation::figure::brief(value, 6), String::new(), String::new())
        }
        Some(Said::Unknown(because, note)) => {
            (String::new(), because.to_string(), note.clone().unwrap_or_default())
        }
        None => Default::default(),
    };
    let is_reporter = reports(
        indicator.reporter,
        found.firm == actor.organisation,
        actor.kind() == Some(Kind::Institution),
    );
    let is_open = found.round.state == State::Open;
    let may = actor.may::<AnswerMeasurement>().is_ok_and(|may| may.in_state(found.standing).is_ok());
    MeasurementPage {
        firm: names.get(&found.firm).cloned().unwrap_or_default(),
        name: indicator.name.get(locale).to_owned(),
        definition: indicator.definition.get(locale).to_owned(),
        question: indicator.question.as_ref().map(|question| question.get(locale).to_owned()),
        answers: found.answers.iter().map(of).collect(),
        may_answer: is_reporter && is_open && may,
        becauses: becauses(locale),
        unit,
        saved,
        found,
    }
}

async fn looked_at(base: &Base, actor: &Actor, id: MeasurementId) -> Result<MeasurementPage, Problem> {
    let db = base.db.reads();
    let found = store::find_measurement(db, actor, id, base.clock.now()).await?;
    let names = firms::names(db, actor, [found.firm]).await?;
    Ok(page(found, &names, actor))
}

async fn read(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ReadMeasurement>,
    Key(id): Key<MeasurementId>,
) -> Result<Response, Problem> {
    show(&view, &looked_at(&base, may.actor(), id).await?)
}

/// The form as the answer is read from it: the unit goes with a value alone, and stands beside the field.
fn sent(typed: &Typed) -> Result<NewAnswer, Problem> {
    let has_value = typed.get("value").is_some_and(|text| !text.trim().is_empty());
    typed.only(|name, _| has_value || name != "unit").read()
}

async fn answer(
    Shared(base): Shared<Base>,
    view: View,
    may: May<AnswerMeasurement>,
    Key(id): Key<MeasurementId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.reading(sent).change(&base, may, async |w, version, new| {
        store::answer(w, id, version, new).await?;
        Ok("/measurements".to_owned())
    });
    or_again(done.await, async |problem| {
        show_again(&view, &looked_at(&base, &actor, id).await?, problem, typed)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::{super::dashboard::tests::round, *};
    use crate::{
        foundation::{clock::Timestamp, ids::AccountId, page::samples},
        monitoring::{catalogue, rounds::Given},
    };

    fn measured(code: &str, standing: Standing, said: Vec<Said>) -> Measurement {
        let indicator = catalogue::present().find(code).unwrap();
        let given = |(revision, said): (i64, Said)| Given {
            revision,
            said,
            basis: None,
            late: revision == 2,
            by: (revision == 2).then_some(AccountId(uuid::Uuid::nil())),
            at: Timestamp::from_micros(0),
        };
        Measurement {
            id: MeasurementId(uuid::Uuid::nil()),
            round: round(Moment::Baseline, State::Open),
            firm: OrganisationId(uuid::Uuid::nil()),
            indicator,
            unit: indicator.unit.name("CLP".parse().unwrap()).to_string(),
            standing,
            overdue: standing == Standing::Asked,
            reminded_at: None,
            answers: (1..).zip(said).map(given).collect(),
            version: 1,
        }
    }

    #[test]
    fn questions_are_shown_in_both_languages() {
        let value = Said::Value(num_rational::BigRational::new(25.into(), 2.into()));
        let unknown = Said::Unknown(Because::Other, Some("Se <perdió>.".to_owned()));
        let mut cases = vec![
            measured("employment", Standing::Asked, Vec::new()),
            measured("employment", Standing::Answered, vec![value.clone()]),
            measured("sales", Standing::Known, vec![value.clone(), unknown.clone()]),
        ];
        let all = catalogue::present().indicators.iter();
        cases.extend(all.map(|one| measured(&one.code, Standing::Unknown, vec![unknown.clone()])));
        let own =
            Actor { role: crate::foundation::access::Role::SupplierMember, ..Actor::anonymous(Locale::Es) };
        let names = BTreeMap::from([(OrganisationId(uuid::Uuid::nil()), "Tornos <Sur>".to_owned())]);
        for locale in [Locale::Es, Locale::En] {
            for found in &cases {
                let shown = page(found.clone(), &names, &Actor { locale, ..own });
                let [es, _] = samples(&shown);
                assert!(!es.contains("<perdió>") && !es.contains("<Sur>"));
                let is_asked_of_it = found.indicator.code == "employment";
                assert!(!is_asked_of_it || es.contains("name=\"value\""), "{es}");
            }
        }
        for kind in Kind::ALL {
            for (state, overdue) in [(None, false), (Some(Standing::Asked), true)] {
                let line = |standing: &Standing| Line {
                    id: MeasurementId(uuid::Uuid::nil()),
                    firm: "Tornos <Sur>".to_owned(),
                    indicator: "Ventas".to_owned(),
                    moment: Moment::Month12,
                    due_on: "2026-03-02".parse().unwrap(),
                    standing: *standing,
                    is_overdue: *standing == Standing::Asked,
                    value: (*standing == Standing::Known).then(|| "12 CLP".to_owned()),
                };
                let round = overdue.then_some(MeasurementRoundId(uuid::Uuid::nil()));
                let lines = Standing::ALL.iter().map(line).collect();
                let page =
                    MeasurementsPage { kind: *kind, round, state, overdue, lines, next: None, prev: None };
                samples(&page);
                samples(&MeasurementsPage { lines: Vec::new(), ..page });
            }
        }
    }

    #[test]
    fn the_unit_goes_with_a_value_alone() {
        let typed = |pairs: &[(&str, &str)]| {
            Typed::new(pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
        };
        let unknown = sent(&typed(&[("value", " "), ("unit", "persons"), ("unknown", "not_measured")]));
        assert_eq!(unknown, Ok(NewAnswer::Unknown(Because::NotMeasured, None)));
        let known = sent(&typed(&[("value", "7,5"), ("unit", "persons"), ("unknown", "")])).unwrap();
        assert_eq!(known, NewAnswer::Value("7.5".parse().unwrap(), "persons".to_owned()));
    }
}
