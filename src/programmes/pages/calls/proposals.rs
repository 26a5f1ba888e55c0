//! A proposal at the screen: what it says, how the evaluators scored it, and what was decided, with reasons.

use askama::Template;
use axum::{Router, extract::State as Shared, response::Response, routing::get};

use super::{coordinates, names, proposing::Step, ranking_line, seen, tenths, tone_of};
use crate::{
    foundation::{
        Base,
        access::{Actor, May},
        fields::Nothing,
        figure::rounded,
        http::Key,
        i18n::Locale,
        ids::{OrganisationId, ProjectId, ProposalId},
        page::{Form, Page, Typed, View, filters, or_again, show, show_again},
        problem::Problem,
    },
    programmes::{
        calls::{
            Call, ChangeProposal, Decide, Evaluate, ReadProposal, State,
            criteria::{Assessment, Points, SelectionCriterion},
            evaluations::{Evaluation, NewEvaluation, Ranked},
            proposals::{NewDecision, Proposal},
        },
        store::{calls as store, find as find_programme, projects},
    },
};

/// The pages, behind a login.
pub(super) fn routes() -> Router<Base> {
    Router::new()
        .route("/proposals/{id}", get(read))
        .route("/proposals/{id}/evaluate", get(evaluate_page).post(evaluate))
        .route("/proposals/{id}/decide", get(decide_page).post(decide))
}

pub(super) fn address(id: ProposalId) -> String {
    format!("/proposals/{id}")
}

/// A criterion with what each evaluator said to it.
struct ScoreLine {
    text: String,
    weight: String,
    scores: Vec<Option<(i64, String)>>,
}

/// The evaluations that one may see.
struct Scores {
    lines: Vec<ScoreLine>,
    /// Each evaluator's points, and what else they said.
    points: Vec<String>,
    comments: Vec<String>,
    mean: Option<String>,
    spread: Option<String>,
    needs_third: bool,
}

/// Points as people read them, with one decimal; the API tells four.
fn shown(points: &Points) -> String {
    rounded(points, 1)
}

impl Scores {
    fn of(call: &Call, found: &[Evaluation], locale: Locale) -> Self {
        let line = |one: &crate::programmes::calls::criteria::Weighted| ScoreLine {
            text: one.criterion.text(locale),
            weight: one.weight.to_string(),
            scores: found
                .iter()
                .map(|evaluation| {
                    let mut scores = evaluation.scores.iter();
                    let score = scores.find(|score| score.criterion == one.criterion)?;
                    Some((score.score, score.comment.clone()))
                })
                .collect(),
        };
        let points: Vec<_> = found.iter().map(|evaluation| evaluation.points.clone()).collect();
        let together = Assessment::of(&points, call.terms.spread_threshold);
        Self {
            lines: call.terms.criteria.iter().map(line).collect(),
            comments: found.iter().filter_map(|evaluation| evaluation.comment.clone()).collect(),
            mean: together.points.as_ref().map(shown),
            spread: together.spread.as_ref().filter(|_| points.len() > 1).map(shown),
            needs_third: together.needs_third,
            points: points.iter().map(shown).collect(),
        }
    }
}

/// One proposal.
#[derive(Template)]
#[template(path = "programmes/pages/calls/proposal.html")]
#[expect(clippy::struct_excessive_bools, reason = "each is something that the page may offer")]
struct ProposalPage {
    proposal: Proposal,
    call: Call,
    institution: String,
    /// The names of the lead firms that are asked, in the order of the commitments.
    lead_firms: Vec<String>,
    scores: Option<Scores>,
    /// Its place; none: not for the viewer.
    ranked: Option<Ranked>,
    locale: Locale,
    may_evaluate: bool,
    may_decide: bool,
    may_change: bool,
    /// Whether its own institution may still object to what was decided.
    may_object: bool,
    /// What its own institution can do with it.
    steps: Vec<Step>,
    /// What came of it.
    project: Option<ProjectId>,
}

impl Page for ProposalPage {
    fn title(&self, _: Locale) -> String {
        self.proposal.content.title.clone()
    }

    fn is_wide(&self) -> bool {
        true
    }
}

async fn page(base: &Base, actor: &Actor, id: ProposalId) -> Result<ProposalPage, Problem> {
    let (db, now) = (base.db.reads(), base.clock.now());
    let (proposal, call) = store::find_proposal(db, actor, id, now).await?;
    let state = call.state(now);
    let found = store::evaluations(db, actor, id, now).await?;
    let asked = proposal.commitments.iter().map(|one| one.lead_firm);
    let names = names(base, actor, asked.chain([proposal.institution])).await?;
    let name = |id: &OrganisationId| names.get(id).cloned().unwrap_or_default();
    let is_evaluator = seen(store::list_evaluators(db, actor, call.id).await)?.unwrap_or_default();
    let is_evaluator = is_evaluator.iter().any(|one| one.account == actor.account);
    let has_handed_in = found.iter().any(|one| one.evaluator == Some(actor.account));
    let may_evaluate =
        state == State::Closed && is_evaluator && !has_handed_in && actor.takes::<Evaluate>(proposal.state);
    let may_decide = state == State::Evaluated
        && actor.takes::<Decide>(proposal.state)
        && coordinates(base, actor, proposal.programme).await?;
    let is_own = proposal.institution == actor.organisation;
    let decided = proposal.decision.as_ref().map(|decision| decision.decided_at);
    let may_object = match decided.filter(|_| is_own && actor.may::<ChangeProposal>().is_ok()) {
        Some(decided) => {
            let programme =
                find_programme(db, &Actor::system(actor.organisation), proposal.programme).await?;
            programme.day(now) <= programme.last_day_to_object(decided)
        }
        None => false,
    };
    let open: Vec<_> = Step::ALL.iter().copied().filter(|step| step.is_open(actor, &proposal)).collect();
    let steps = open.into_iter();
    Ok(ProposalPage {
        institution: name(&proposal.institution),
        lead_firms: proposal.commitments.iter().map(|one| name(&one.lead_firm)).collect(),
        scores: (!found.is_empty()).then(|| Scores::of(&call, &found, actor.locale)),
        ranked: ranking_line(base, actor, &call, id).await?,
        locale: actor.locale,
        may_evaluate,
        may_decide,
        may_change: is_own && state == State::Open && actor.takes::<ChangeProposal>(proposal.state),
        may_object,
        steps: steps.filter(|_| state == State::Open).collect(),
        project: projects::of_proposal(db, actor, id).await?,
        proposal,
        call,
    })
}

async fn read(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ReadProposal>,
    Key(id): Key<ProposalId>,
) -> Result<Response, Problem> {
    show(&view, &page(&base, may.actor(), id).await?)
}

/// A criterion to score: the names of its fields, which it is, and what it asks.
struct Asked {
    criterion_field: String,
    score_field: String,
    comment_field: String,
    criterion: SelectionCriterion,
    text: String,
    weight: String,
}

/// One's evaluation, before it is handed in.
#[derive(Template)]
#[template(path = "programmes/pages/calls/evaluate.html")]
struct EvaluatePage {
    proposal: ProposalId,
    title: String,
    asked: Vec<Asked>,
}

impl Page for EvaluatePage {
    fn title(&self, locale: Locale) -> String {
        locale.text("evaluate-title")
    }
}

impl EvaluatePage {
    fn of(proposal: &Proposal, call: &Call, locale: Locale) -> Self {
        let asked = call.terms.criteria.iter().enumerate().map(|(at, one)| Asked {
            criterion_field: format!("scores-{at}-criterion"),
            score_field: format!("scores-{at}-score"),
            comment_field: format!("scores-{at}-comment"),
            criterion: one.criterion,
            text: one.criterion.text(locale),
            weight: one.weight.to_string(),
        });
        Self { proposal: proposal.id, title: proposal.content.title.clone(), asked: asked.collect() }
    }
}

async fn before_evaluating(base: &Base, actor: &Actor, id: ProposalId) -> Result<EvaluatePage, Problem> {
    let (proposal, call) = store::find_proposal(base.db.reads(), actor, id, base.clock.now()).await?;
    Ok(EvaluatePage::of(&proposal, &call, actor.locale))
}

async fn evaluate_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Evaluate>,
    Key(id): Key<ProposalId>,
) -> Result<Response, Problem> {
    show(&view, &before_evaluating(&base, may.actor(), id).await?)
}

async fn evaluate(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Evaluate>,
    Key(id): Key<ProposalId>,
    form: Form<NewEvaluation>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.act(&base, may, async |w, new| {
        store::evaluate(w, id, new).await?;
        Ok(address(id))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &before_evaluating(&base, &actor, id).await?, problem, typed)
    })
    .await
}

/// A decision, before it is taken.
#[derive(Template)]
#[template(path = "programmes/pages/calls/decide.html")]
struct DecidePage {
    proposal: Proposal,
    call: Call,
    ranked: Option<Ranked>,
}

impl Page for DecidePage {
    fn title(&self, locale: Locale) -> String {
        locale.text("proposal-decide")
    }
}

async fn before_deciding(base: &Base, actor: &Actor, id: ProposalId) -> Result<DecidePage, Problem> {
    let (proposal, call) = store::find_proposal(base.db.reads(), actor, id, base.clock.now()).await?;
    let ranked = ranking_line(base, actor, &call, id).await?;
    Ok(DecidePage { proposal, call, ranked })
}

async fn decide_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Decide>,
    Key(id): Key<ProposalId>,
) -> Result<Response, Problem> {
    show(&view, &before_deciding(&base, may.actor(), id).await?)
}

fn decided(typed: &Typed) -> Result<NewDecision, Problem> {
    typed.without_blank("amount", &["currency"]).read()
}

async fn decide(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Decide>,
    Key(id): Key<ProposalId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.reading(decided).change(&base, may, async |w, version, new| {
        store::decide(w, id, version, new).await?;
        Ok(address(id))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &before_deciding(&base, &actor, id).await?, problem, typed)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        foundation::{
            clock::Timestamp,
            ids::{AccountId, EvaluationId},
            page::samples,
        },
        programmes::{
            calls::{
                criteria::{Score, usual, weighted},
                proposals::ProposalState,
            },
            pages::calls::tests::{call, proposal, ranked},
        },
    };

    fn evaluation(score: i64) -> Evaluation {
        let scores: Vec<_> = usual()
            .iter()
            .map(|one| Score { criterion: one.criterion, score, comment: "Compra a <dos>.".to_owned() })
            .collect();
        Evaluation {
            id: EvaluationId(uuid::Uuid::nil()),
            proposal: ProposalId(uuid::Uuid::nil()),
            evaluator: Some(AccountId(uuid::Uuid::nil())),
            points: weighted(&usual(), &scores),
            scores,
            comment: Some("Bien <hecha>.".to_owned()),
            handed_in_at: Timestamp::from_micros(0),
        }
    }

    #[test]
    fn scores_show_how_far_evaluators_are_apart() {
        let both = Scores::of(&call(State::Evaluated), &[evaluation(80), evaluation(50)], Locale::Es);
        assert_eq!((both.mean.as_deref(), both.spread.as_deref()), (Some("65.0"), Some("30.0")));
        assert!(both.needs_third && both.lines.iter().all(|line| line.scores.len() == 2));
        assert_eq!(Scores::of(&call(State::Closed), &[evaluation(80)], Locale::Es).spread, None);
    }

    #[test]
    fn proposals_are_shown_in_both_languages() {
        for locale in [Locale::Es, Locale::En] {
            for state in ProposalState::ALL {
                for found in [vec![], vec![evaluation(80)], vec![evaluation(80), evaluation(50)]] {
                    let call = call(State::Evaluated);
                    let page = ProposalPage {
                        scores: (!found.is_empty()).then(|| Scores::of(&call, &found, locale)),
                        call,
                        proposal: proposal(*state),
                        institution: "Corporación <Itata>".to_owned(),
                        lead_firms: vec!["Minera <Alta>".to_owned(); 3],
                        ranked: Some(ranked(found.len() > 1)),
                        locale,
                        may_evaluate: true,
                        may_decide: true,
                        may_change: true,
                        may_object: *state == ProposalState::Rejected,
                        steps: Step::ALL.to_vec(),
                        project: Some(ProjectId(uuid::Uuid::nil())),
                    };
                    let [es, _] = samples(&page);
                    for raw in
                        ["<Itata>", "<Alta>", "<dos>", "<hecha>", "<fabrican>", "<ISO>", "<horas>", "<y más>"]
                    {
                        assert!(!es.contains(raw), "{raw}");
                    }
                }
            }
            let (proposal, call) = (proposal(ProposalState::Submitted), call(State::Closed));
            samples(&EvaluatePage::of(&proposal, &call, locale));
            for ranked in [None, Some(ranked(true))] {
                samples(&DecidePage { proposal: proposal.clone(), call: call.clone(), ranked });
            }
        }
    }
}
