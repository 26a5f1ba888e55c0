//! Several matches decided together: chosen from the queue, looked at with what approving all of them would mean, and
//! approved, all of them or none.

use askama::Template;
use axum::{Router, extract::State as Shared, http::StatusCode, response::Response, routing::post};

use super::consequence::Consequence;
use crate::{
    approvals::{
        ApproveBatch, Considered, PreviewBatch,
        store::{self, Described, Wanted},
    },
    foundation::{
        Base,
        access::{Actor, May},
        fields::{Fields, Input},
        http::IfVersion,
        i18n::Locale,
        ids::{MatchId, ProgrammeId},
        page::{Form, Page, View, filters, or_again, show, show_again},
        problem::Problem,
    },
    matching::{Match, store::matches},
};

/// So many can be decided together.
const MOST: usize = 100;

pub(super) fn routes() -> Router<Base> {
    Router::new().route("/matches/together", post(look)).route("/matches/together/approve", post(approve))
}

/// A match that was ticked, or stands on the page that confirms.
struct Picked {
    id: MatchId,
    /// As it was read; none: it was only ticked.
    version: Option<i64>,
}

impl Input for Picked {
    fn read(f: &mut Fields) -> Option<Self> {
        let (id, version) = (f.required("id"), f.optional("version"));
        Some(Self { id: id?, version: version? })
    }
}

/// What was ticked.
struct Chosen(Vec<Picked>);

impl Input for Chosen {
    fn read(f: &mut Fields) -> Option<Self> {
        Some(Self(f.list("matches", MOST)?))
    }
}

/// What approving several matches together would mean.
#[derive(Default, Template)]
#[template(path = "approvals/pages/together.html")]
struct TogetherPage {
    lines: Vec<Line>,
    /// How their suppliers would stand: supplier, buyer, and the figures.
    effects: Vec<(String, String, Consequence)>,
    /// How many other pending matches would fit no longer.
    no_longer_fit: usize,
    /// Whether the reader may approve them all now.
    is_open: bool,
}

/// A match among several.
struct Line {
    described: Described,
    /// What keeps the reader from approving it.
    reasons: Vec<String>,
    /// Whether a second approver is needed.
    needs_two: bool,
}

impl Page for TogetherPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("together-title")
    }

    fn is_wide(&self) -> bool {
        true
    }
}

/// The programme of them all.
fn programme_of(found: &[Match]) -> Result<ProgrammeId, Problem> {
    let first = found.first().ok_or_else(|| Problem::conflict("none-chosen"))?.programme;
    if found.iter().any(|other| other.programme != first) {
        return Err(Problem::conflict("several-programmes"));
    }
    Ok(first)
}

async fn together(base: &Base, view: &View, actor: &Actor, ids: &[MatchId]) -> Result<TogetherPage, Problem> {
    let db = base.db.reads();
    let found = matches::find_all(db, actor, ids).await?;
    let programme = programme_of(&found)?;
    let considered = Considered { matches: ids.to_vec(), red_overrides: Vec::new() };
    let preview = store::preview(db, actor, programme, &considered, base.clock.now()).await?;
    let described = store::described(db, actor, found).await?;
    let effects = preview.effects.iter().filter_map(|effect| {
        let of = |one: &&Described| {
            one.found.supplier == effect.supplier && one.found.lead_firm == effect.lead_firm
        };
        let one = described.iter().find(of)?;
        let consequence = Consequence::new(&effect.verdict, one.found.amount.currency);
        Some((one.supplier.clone(), one.lead_firm.clone(), consequence))
    });
    let effects: Vec<_> = effects.collect();
    let line = |described: Described| {
        let id = described.found.id;
        let own = preview.reasons.iter().filter(|(of, _)| *of == id);
        let reasons = own.map(|(_, error)| view.told(error));
        Line { reasons: reasons.collect(), needs_two: preview.two_approvers.contains(&id), described }
    };
    Ok(TogetherPage {
        is_open: preview.reasons.is_empty() && actor.may::<ApproveBatch>().is_ok(),
        no_longer_fit: preview.no_longer_fit.len(),
        effects,
        lines: described.into_iter().map(line).collect(),
    })
}

async fn look(
    Shared(base): Shared<Base>,
    view: View,
    may: May<PreviewBatch>,
    form: Form<Chosen>,
) -> Result<Response, Problem> {
    let ids: Vec<MatchId> = form.value?.0.into_iter().map(|picked| picked.id).collect();
    match together(&base, &view, may.actor(), &ids).await {
        Ok(page) => show(&view, &page),
        Err(problem) if problem.status == StatusCode::CONFLICT => {
            show_again(&view, &TogetherPage::default(), problem, form.typed)
        }
        Err(problem) => Err(problem),
    }
}

async fn approve(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ApproveBatch>,
    form: Form<Chosen>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let ids: Vec<MatchId> = form.value.as_ref().map_err(Clone::clone)?.0.iter().map(|one| one.id).collect();
    let done = form.act(&base, may, async |w, Chosen(chosen)| {
        let programme = programme_of(&matches::find_all(w.db(), w.actor(), &ids).await?)?;
        let wanted = |picked: Picked| {
            let version = IfVersion(picked.version.ok_or_else(Problem::stale)?);
            Ok(Wanted { id: picked.id, version, red_override: None })
        };
        let wanted = chosen.into_iter().map(wanted).collect::<Result<Vec<_>, Problem>>()?;
        store::approve(w, Some(programme), &wanted).await?;
        Ok("/matches?state=approved".to_owned())
    });
    or_again(done.await, async |mut problem| {
        // The page itself says at each match what is wrong with it.
        problem.errors.clear();
        show_again(&view, &together(&base, &view, &actor, &ids).await?, problem, typed)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::{super::tests as sampled, *};
    use crate::{foundation::page::samples, matching::MatchState};

    #[test]
    fn several_are_shown_together_in_both_languages() {
        for is_open in [true, false] {
            let line = Line {
                described: sampled::sample(MatchState::Accepted),
                reasons: if is_open { Vec::new() } else { vec!["Supera el <tope>".to_owned()] },
                needs_two: is_open,
            };
            let consequence = sampled::consequence(Some(20), Some(40), is_open);
            samples(&TogetherPage {
                lines: vec![line],
                effects: vec![("Uno".to_owned(), "Grande".to_owned(), consequence)],
                no_longer_fit: usize::from(is_open) * 3,
                is_open,
            });
        }
    }
}
