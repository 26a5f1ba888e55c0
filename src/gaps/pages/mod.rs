//! A requirement at the screen, with who is how far from it: lots, criteria, and a matrix of numbers.
//!
//! The matrix shows what the viewer may see: an institution every supplier, the lead firm those that have
//! consented, a supplier itself.

mod actions;
mod acts;
pub(crate) mod closing;
mod say;
mod writing;

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};

use self::say::{Cell, Demanded};
use super::{Compute, GapAnalysis, Light, Reason, store};
use crate::{
    diagnostics::instrument,
    foundation::{
        Base,
        access::{Actor, Kind, May},
        fields::{Fields, Input, Nothing},
        http::{Key, Params, Reply},
        i18n::Locale,
        ids::{LotId, OrganisationId, RequirementId},
        page::{self, Form, Page, View, filters, or_again, show, show_again},
        problem::Problem,
        share::Share,
        zone::Zone,
    },
    organisations::{consents::Purpose, reading_log, store::firms},
    programmes,
    requirements::{
        self, Amend, Announce, Change, Close, Offer, OfferStanding, Publish, PutOffer, Read, ReadOffer,
        Requirement, State as Stand,
    },
};

/// So many suppliers stand in a matrix.
const MOST: usize = 50;

/// The pages, behind a login.
pub fn routes() -> Router<Base> {
    Router::new()
        .route("/requirements/{id}", get(read).post(compute))
        .merge(writing::routes())
        .merge(acts::routes())
        .merge(actions::routes())
}

/// How a light is coloured; its name stands beside.
const fn tone(light: Light) -> &'static str {
    match light {
        Light::Green => "good",
        Light::Yellow => "warn",
        Light::Red => "bad",
    }
}

/// How far a requirement has come.
fn course(state: Stand) -> Vec<(&'static str, &'static str)> {
    page::course(Stand::WORDS, state.word())
}

/// A supplier's row in the matrix.
struct Row {
    supplier: String,
    light: Light,
    reasons: Vec<Reason>,
    fit: Share,
    cells: Vec<Cell>,
}

/// A requirement and the gaps that the viewer may see.
#[derive(Template)]
#[template(path = "gaps/pages/requirement.html")]
#[expect(clippy::struct_excessive_bools, reason = "each is something that the page may offer")]
struct RequirementPage {
    kind: Kind,
    requirement: Requirement,
    lead_firm: String,
    programme: String,
    /// By whose clocks its days are told: the programme's.
    zone: Zone,
    criteria: Vec<Demanded>,
    rows: Vec<Row>,
    /// Of which light alone they are.
    light: Option<Light>,
    /// How many suppliers did not fit into the matrix.
    more: usize,
    may_compute: bool,
    may_edit: bool,
    may_amend: bool,
    may_publish: bool,
    may_close: bool,
    may_announce: bool,
    /// Whether the viewer's firm may still object to the result.
    may_object: bool,
    /// One's own offers: for suppliers.
    offers: Vec<Offer>,
}

impl RequirementPage {
    fn is_of(&self, light: Light) -> bool {
        self.light == Some(light)
    }

    /// One's own offer for a lot.
    fn offer(&self, lot: &LotId) -> Option<&Offer> {
        self.offers.iter().find(|offer| offer.lot == *lot && offer.consortium.is_none())
    }
}

impl Page for RequirementPage {
    fn title(&self, _: Locale) -> String {
        self.requirement.title.clone()
    }

    fn is_wide(&self) -> bool {
        true
    }
}

async fn page_of(
    base: &Base,
    actor: &Actor,
    id: RequirementId,
    view: &View,
    light: Option<Light>,
) -> Result<RequirementPage, Problem> {
    let (db, locale) = (base.db.reads(), view.locale);
    let kind = actor.kind().ok_or_else(Problem::not_found)?;
    let requirement = requirements::store::find(db, actor, id).await?;
    let programme = programmes::store::find(db, actor, requirement.programme).await?;
    let lead_firm = firms::find(db, actor, requirement.lead_firm).await?.name;
    let mut analyses = store::of_light(db, actor, id, light).await?;
    // The nearest first; of equals in the order of their ids, so that the order says nothing else.
    analyses
        .sort_by_key(|found| (found.analysis.light, std::cmp::Reverse(found.analysis.fit), found.supplier));
    let more = analyses.len().saturating_sub(view.most(MOST));
    analyses.truncate(view.most(MOST));
    let names = firms::names(db, actor, analyses.iter().map(|found| found.supplier)).await?;
    let name = |id: OrganisationId| names.get(&id).cloned();
    let rows = analyses.iter().filter_map(|found| Some(Row::new(found, name(found.supplier)?, locale)));
    let offers = match actor.may::<ReadOffer>() {
        Ok(_) => requirements::store::own_offers(db, actor, id).await?,
        Err(_) => Vec::new(),
    };
    let may_object = requirement.announced.is_some_and(|(at, _)| {
        let today = programme.day(base.clock.now());
        actor.may::<PutOffer>().is_ok() && !offers.is_empty() && today <= programme.last_day_to_object(at)
    });
    let instrument =
        instrument::for_kind(Kind::Supplier).ok_or_else(|| Problem::conflict("no-instrument"))?;
    Ok(RequirementPage {
        kind,
        lead_firm,
        programme: programme.name,
        zone: programme.time_zone,
        criteria: requirement.criteria.iter().map(|c| Demanded::new(instrument, c, locale)).collect(),
        rows: rows.collect(),
        light,
        more,
        may_compute: actor.may::<Compute>().is_ok() && requirement.published_at.is_some(),
        may_edit: actor.may::<Change>().is_ok() && requirement.state == Stand::Draft,
        may_amend: actor.takes::<Amend>(requirement.state),
        may_publish: actor.may::<Publish>().is_ok() && requirement.state == Stand::Draft,
        may_announce: actor.takes::<Announce>(requirement.state) && requirement.announced.is_none(),
        may_close: actor.may::<Close>().is_ok()
            && requirement.state == Stand::Published
            && requirement.closes_at.is_none(),
        may_object,
        offers,
        requirement,
    })
}

impl Row {
    fn new(found: &GapAnalysis, supplier: String, locale: Locale) -> Self {
        let instrument = instrument::for_kind(Kind::Supplier);
        let lines = found.analysis.lines.iter();
        Self {
            supplier,
            light: found.analysis.light,
            reasons: found.analysis.reasons.clone(),
            fit: found.analysis.fit,
            cells: lines.map(|line| Cell::new(instrument, line, locale)).collect(),
        }
    }
}

/// Of which light the matrix shows suppliers.
struct Shown(Option<Light>);

impl Input for Shown {
    fn read(f: &mut Fields) -> Option<Self> {
        Some(Self(f.optional("light")?))
    }
}

async fn read(
    State(base): State<Base>,
    view: View,
    may: May<Read>,
    Key(id): Key<RequirementId>,
    Params(Shown(light)): Params<Shown>,
) -> Result<Response, Problem> {
    let page = page_of(&base, may.actor(), id, &view, light).await?;
    if page.kind == Kind::LeadFirm {
        let shown = store::of_light(base.db.reads(), may.actor(), id, light).await?;
        let readings = shown.iter().map(|found| (found.supplier, found.id.0)).collect();
        reading_log::note(&base, may, Purpose::Gaps, "gap_analysis", readings).await?;
    }
    show(&view, &page)
}

async fn compute(
    State(base): State<Base>,
    view: View,
    may: May<Compute>,
    Key(id): Key<RequirementId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let done = base.write(may, form.once, async |w| {
        store::compute(&w, id).await?;
        Ok(w.done(Reply::see_other(format!("/requirements/{id}"))))
    });
    or_again(done.await, async |problem| {
        let page = page_of(&base, may.actor(), id, &view, None).await?;
        show_again(&view, &page, problem, form.typed)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        diagnostics::{Answer, Counted, Provenance, Standing},
        foundation::{
            clock::Day,
            figure::Figure,
            ids::{DiagnosticId, GapAnalysisId},
            page::samples,
        },
        gaps::analysis::analyse,
        programmes::Thresholds,
        requirements::{
            State,
            criteria::{Bounds, Criterion, Demand, Necessity},
        },
    };

    const NONE: uuid::Uuid = uuid::Uuid::nil();

    fn requirement(criteria: Vec<Criterion>) -> Requirement {
        let found = requirements::pages::sample(State::Published);
        let priced = found.lots[0].clone();
        let mut unpriced = priced.clone();
        unpriced.terms.reference_price = None;
        let description = "Dos líneas\nde texto".to_owned();
        Requirement { description, lots: vec![priced, unpriced], criteria, ..found }
    }

    fn criteria() -> Vec<Criterion> {
        let criterion = |question: &str, demand, necessity| Criterion {
            question: question.to_owned(),
            demand,
            necessity,
            criticality: 4,
            group: None,
        };
        let bounds = |minimum, maximum, expected| Demand::Number(Bounds { minimum, maximum, expected });
        let whole = Figure::whole;
        vec![
            criterion("management-plan", Demand::Level { minimum: 3 }, Necessity::Must),
            criterion("delivery-on-time", bounds(whole(95), None, None), Necessity::Must),
            criterion(
                "quality-defects-ppm",
                bounds(None, whole(500), None),
                Necessity::Should { weight: 40 },
            ),
            criterion("people-accidents", bounds(None, None, whole(0)), Necessity::Should { weight: 10 }),
            criterion("procurement-incoming", Demand::Boolean { expected: true }, Necessity::Must),
            criterion(
                "quality-iso-9001",
                Demand::Certificate { valid_until: None, issuers: Vec::new() },
                Necessity::Must,
            ),
            criterion(
                "quality-iso-9001",
                Demand::Certificate { valid_until: "2027-06-30".parse().ok(), issuers: Vec::new() },
                Necessity::Must,
            ),
        ]
    }

    fn analysis(criteria: &[Criterion], answers: &[(&str, Answer)]) -> GapAnalysis {
        let instrument = instrument::for_kind(Kind::Supplier).unwrap();
        let counted = answers.iter().map(|(code, answer)| {
            let scale = instrument.question(code).unwrap().form.scale();
            (
                (*code).to_owned(),
                Counted { answer: *answer, scale, issuer: None, provenance: Provenance::Visit },
            )
        });
        let standing = Standing::Valid {
            diagnostic: DiagnosticId(NONE),
            counted: counted.collect(),
            knocked_out: false,
        };
        let thresholds = Thresholds::default();
        let on: Day = "2026-03-02".parse().unwrap();
        GapAnalysis {
            id: GapAnalysisId(NONE),
            requirement: RequirementId(NONE),
            supplier: OrganisationId(NONE),
            diagnostic: None,
            analysis: analyse(criteria, &standing, &thresholds, on),
            best_peers: Vec::new(),
            hash: String::new(),
            computed_at: crate::foundation::clock::Timestamp::from_micros(0),
        }
    }

    #[test]
    fn the_requirement_and_its_matrix_are_shown_in_both_languages() {
        let instrument = instrument::for_kind(Kind::Supplier).unwrap();
        let number = |n| Answer::Number(Figure::whole(n).unwrap());
        let (good, poor) = (
            [
                ("management-plan", Answer::Level(3)),
                ("delivery-on-time", number(97)),
                ("quality-defects-ppm", number(200)),
                ("people-accidents", number(0)),
                ("procurement-incoming", Answer::Boolean(true)),
                ("quality-iso-9001", Answer::Certificate("2028-01-31".parse().ok())),
            ],
            [
                ("management-plan", Answer::Level(1)),
                ("delivery-on-time", number(82)),
                ("quality-defects-ppm", number(900)),
                ("people-accidents", Answer::NotApplicable),
                ("procurement-incoming", Answer::Boolean(false)),
                ("quality-iso-9001", Answer::Certificate("2027-01-31".parse().ok())),
            ],
        );
        let criteria = criteria();
        let found = [analysis(&criteria, &good), analysis(&criteria, &poor), analysis(&criteria, &[])];
        for kind in [Kind::LeadFirm, Kind::Institution, Kind::Supplier] {
            for (locale, at) in [(Locale::Es, 0), (Locale::En, 1)] {
                let page = RequirementPage {
                    kind,
                    requirement: requirement(criteria.clone()),
                    lead_firm: "Conservas <Pacífico>".to_owned(),
                    programme: "Redes 2026".to_owned(),
                    zone: Zone::default(),
                    criteria: criteria.iter().map(|c| Demanded::new(instrument, c, locale)).collect(),
                    rows: found
                        .iter()
                        .map(|found| Row::new(found, "Tornos <Sur>".to_owned(), locale))
                        .collect(),
                    light: (kind == Kind::Institution).then_some(Light::Yellow),
                    more: 3,
                    may_compute: true,
                    may_edit: true,
                    may_amend: true,
                    may_publish: true,
                    may_close: true,
                    may_announce: true,
                    may_object: true,
                    offers: Vec::new(),
                };
                let html = &samples(&page)[at];
                assert!(!html.contains("<torneados>") && !html.contains("<Sur>"), "names are escaped");
                assert!(
                    html.contains(r#"data-label="C1: "#),
                    "on a phone each cell names its criterion: {html}"
                );
                let is_narrowed = html.contains(r#"?light=yellow#gaps" aria-current="page""#);
                assert_eq!(is_narrowed, kind == Kind::Institution, "{html}");
                let is_offered = html.contains(r#"<td class="first" role="cell"><a href="/lots/"#);
                assert_eq!(is_offered, kind == Kind::Supplier, "{html}");
                let gap = if at == 0 { "brecha 13\u{a0}%" } else { "gap 13\u{a0}%" };
                assert!(html.contains(gap), "the gap has its number and its unit: {html}");
            }
        }
        let empty = RequirementPage {
            kind: Kind::Supplier,
            requirement: requirement(Vec::new()),
            lead_firm: String::new(),
            programme: String::new(),
            zone: Zone::default(),
            criteria: Vec::new(),
            rows: Vec::new(),
            light: None,
            more: 0,
            may_compute: false,
            may_edit: false,
            may_amend: false,
            may_publish: false,
            may_close: false,
            may_announce: false,
            may_object: false,
            offers: Vec::new(),
        };
        samples(&empty);
    }
}
