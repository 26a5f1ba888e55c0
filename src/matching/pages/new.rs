//! A run to ask for: under which cap, for whom, and with which decisions taken as given.

use askama::Template;
use axum::{Router, extract::State as Shared, response::Response, routing::get};

use super::address;
use crate::{
    foundation::{
        Base,
        access::{Actor, Kind, May},
        fields::{Fault, Fields, Input, Nothing},
        http::{Key, list::Window},
        i18n::Locale,
        ids::{NetworkId, ProgrammeId},
        page::{Form, Page, Typed, View, filters, or_again, rows, show, show_again},
        problem::Problem,
        share::Share,
    },
    matching::{
        Cap, Create, NewRun, Scenario,
        scenario::{Decision, Ruling},
        store::runs,
    },
    programmes, requirements, words,
};

/// So many decisions a form has at first, and at most.
const DECISIONS: (usize, usize) = (2, 50);
/// So many suppliers are offered.
const MOST: u64 = 500;

/// The page, behind a login.
pub(super) fn routes() -> Router<Base> {
    Router::new().route("/programmes/{id}/runs/new", get(new_page).post(create))
}

words! {
    /// Which cap the form asks for.
    pub enum WantedCap {
        /// The programme's.
        Programme = "programme",
        /// Another one.
        Instead = "instead",
        /// None.
        Without = "without",
    }
}

/// A run to ask for.
#[derive(Template)]
#[template(path = "matching/pages/new.html")]
struct NewRunPage {
    programme: programmes::Programme,
    cap: Option<Share>,
    networks: Vec<(String, String)>,
    suppliers: Vec<(String, String)>,
    lots: Vec<(String, String)>,
    rulings: Vec<(String, String)>,
    decisions: Vec<Row>,
    /// Whether something was decided already, which is not hidden then.
    has_decisions: bool,
}

/// The fields of a decision.
struct Row {
    supplier: String,
    lot: String,
    decision: String,
    quantity: String,
    reason: String,
}

impl Row {
    fn at(at: usize) -> Self {
        let name = |field| rows::name("decisions", at, field);
        Self {
            supplier: name("supplier"),
            lot: name("lot"),
            decision: name("decision"),
            quantity: name("quantity"),
            reason: name("reason"),
        }
    }
}

impl Page for NewRunPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("run-new-title")
    }
}

impl NewRunPage {
    async fn of(
        base: &Base,
        view: &View,
        actor: &Actor,
        id: ProgrammeId,
        typed: &Typed,
    ) -> Result<Self, Problem> {
        let db = base.db.reads();
        let programme = programmes::store::find(db, actor, id).await?;
        let found = programmes::store::list_networks(db, actor, Some(id), &Window::first(100)).await?;
        let all = (String::new(), view.locale.text("run-all-networks"));
        let networks = found.items.into_iter().map(|network| (network.id.to_string(), network.name));
        let cap = programme.cap_on(programme.day(base.clock.now()));
        let choose = || (String::new(), view.locale.text("waiver-choose"));
        let (kind, window) = (Some(Kind::Supplier), Window::first(MOST));
        let members = programmes::store::list_members(db, actor, id, kind, &window).await?.items;
        let mut suppliers: Vec<_> =
            members.into_iter().map(|member| (member.organisation.to_string(), member.name)).collect();
        suppliers.sort_by(|one, other| one.1.cmp(&other.1));
        suppliers.insert(0, choose());
        let mut lots = vec![choose()];
        for requirement in requirements::store::to_match(db, actor, id).await? {
            let title = &requirement.title;
            let named =
                |lot: &requirements::Lot| (lot.id.to_string(), format!("{title}: {}", lot.terms.name));
            lots.extend(requirement.lots.iter().map(named));
        }
        let ruling = |one: &Ruling| (one.to_string(), view.locale.text(&format!("run-ruling-{one}")));
        let count = rows::typed(&sent(typed), "decisions", DECISIONS.1);
        Ok(Self {
            cap,
            networks: std::iter::once(all).chain(networks).collect(),
            suppliers,
            lots,
            rulings: Ruling::ALL.iter().map(ruling).collect(),
            decisions: (0..(count + 1).clamp(DECISIONS.0, DECISIONS.1)).map(Row::at).collect(),
            has_decisions: count > 0,
            programme,
        })
    }
}

/// The form without the rows of decisions about nobody.
fn sent(typed: &Typed) -> Typed {
    typed.without_blank("supplier", &["lot", "decision", "quantity", "reason"])
}

async fn new_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Create>,
    Key(id): Key<ProgrammeId>,
) -> Result<Response, Problem> {
    show(&view, &NewRunPage::of(&base, &view, may.actor(), id, &Typed::default()).await?)
}

/// What the form holds.
struct Asked(NewRun);

impl Input for Asked {
    fn read(f: &mut Fields) -> Option<Self> {
        let (name, chosen) = (f.text("name", 1..=200), f.required::<WantedCap>("cap"));
        let share = f.optional::<Share>("dependency_cap");
        let decisions = f.list::<Decision>("decisions", DECISIONS.1);
        let (network, decisions_taken) = (f.optional::<NetworkId>("network"), f.or("decisions_taken", false));
        let cap = match (chosen?, share?) {
            (WantedCap::Programme, None) => Cap::Programme,
            (WantedCap::Without, None) => Cap::Without,
            // A cap that was typed is never passed over in silence.
            (WantedCap::Programme | WantedCap::Without, Some(_)) => {
                f.fail("dependency_cap", Fault::new("cap-not-chosen"));
                return None;
            }
            (WantedCap::Instead, Some(share)) => Cap::Instead(share),
            (WantedCap::Instead, None) => {
                f.fail("dependency_cap", Fault::new("required"));
                return None;
            }
        };
        let (network, decisions_taken) = (network?, decisions_taken?);
        let decisions = decisions?;
        if let Some(at) = twice(&decisions) {
            f.fail_within("decisions", &format!("{at}/supplier"), Fault::new("twice"));
            return None;
        }
        let scenario = Scenario { network, cap, decisions, decisions_taken, ..Scenario::default() };
        Some(Self(NewRun { name: name?, scenario }))
    }
}

/// The place of a decision about a supplier and a lot of which another one tells.
fn twice(decisions: &[Decision]) -> Option<usize> {
    let pair = |one: &Decision| (one.supplier, one.lot);
    (1..decisions.len()).find(|at| decisions[..*at].iter().any(|other| pair(other) == pair(&decisions[*at])))
}

async fn create(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Create>,
    Key(id): Key<ProgrammeId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let read = |typed: &Typed| sent(typed).read::<Asked>();
    let done = form.reading(read).act(&base, may, async |w, Asked(new)| {
        let run = runs::create(w, id, new).await?;
        Ok(address(run.id))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &NewRunPage::of(&base, &view, &actor, id, &typed).await?, problem, typed)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::page::samples;

    #[test]
    fn a_run_to_ask_for_is_shown_in_both_languages() {
        let options = |count: usize| vec![(String::new(), "Ejes <torneados>".to_owned()); count];
        for (cap, networks) in [(None, 1), (Some(Share::percent(30)), 2)] {
            samples(&NewRunPage {
                programme: crate::programmes::pages::tests::programme(programmes::State::Open),
                cap,
                networks: options(networks),
                suppliers: options(2),
                lots: options(2),
                rulings: options(2),
                decisions: (0..2).map(Row::at).collect(),
                has_decisions: networks == 1,
            });
        }
    }

    #[test]
    fn a_decision_about_nobody_is_none_and_of_a_pair_there_is_one() {
        let id = uuid::Uuid::from_u128(7).to_string();
        let pair = |(name, text): (&str, &str)| (name.to_owned(), text.to_owned());
        let of = |more: &[(&str, &str)]| {
            let fixed = [
                ("name", "Sin uno"),
                ("cap", "programme"),
                ("decisions-1-supplier", ""),
                ("decisions-1-decision", "fixed"),
            ];
            Typed::new(fixed.iter().chain(more).map(|one| pair(*one)).collect())
        };
        let Asked(run) = sent(&of(&[])).read().unwrap();
        assert_eq!(run.scenario.decisions, []);
        let row = |at: usize| {
            ["supplier", "lot", "decision", "reason"].map(|field| rows::name("decisions", at, field))
        };
        let text = ["", "", "forbidden", "No entrega a tiempo."];
        let mut pairs = of(&[]).pairs().to_vec();
        for at in [0, 2] {
            let filled = row(at).into_iter().zip(text);
            pairs.extend(
                filled.map(|(name, text)| (name, if text.is_empty() { id.clone() } else { text.to_owned() })),
            );
        }
        let problem = sent(&Typed::new(pairs)).read::<Asked>().err().unwrap();
        assert_eq!(problem.errors.len(), 1, "{problem:?}");
        assert_eq!(problem.errors[0].code, "twice");
    }
}
