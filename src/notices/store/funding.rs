//! Whom functions, calls, proposals, projects and good practices concern, and what of them comes near.

use sea_orm::entity::prelude::*;

use super::{
    reminders::{Near, window},
    telling::{named, service},
};
use crate::{
    foundation::{
        access::{Actor, Kind},
        audit::Entry,
        clock::Timestamp,
        db::Write,
        ids::{OrganisationId, ProgrammeId},
        problem::Problem,
    },
    monitoring::{self, practices::State as PracticeState},
    notices::{Reminder, Subject},
    programmes::{
        self,
        governance::Functions,
        store::{calls, find, governance, members, projects},
    },
};

async fn functions(db: &impl ConnectionTrait, id: ProgrammeId) -> Result<Functions, Problem> {
    Ok(governance::functions(db, &service(), id).await?.1)
}

/// The organisations that one of these subjects concerns.
///
/// # Errors
/// 404 for what is no more, and for another subject.
pub(super) async fn concerned(
    db: &impl ConnectionTrait,
    subject: Subject,
    entry: &Entry,
) -> Result<Vec<OrganisationId>, Problem> {
    let service = &service();
    Ok(match subject {
        Subject::Appointment(id) => {
            let found = governance::find_appointment(db, service, id).await?;
            vec![found.institution, find(db, service, found.programme).await?.institution]
        }
        Subject::Call(id) => {
            let (call, _) = calls::find(db, service, id).await?;
            let functions = functions(db, call.programme).await?;
            match entry.operation() {
                "evaluators.appoint" => named(entry, "institution")?.into_iter().collect(),
                "calls.finish_evaluation" => vec![functions.coordination, functions.direction],
                // A draft that is given up nobody else has seen.
                _ if call.opened_at.is_none() => Vec::new(),
                _ => {
                    let evaluators = calls::list_evaluators(db, service, id).await?;
                    functions
                        .execution
                        .into_iter()
                        .chain(evaluators.iter().map(|one| one.institution))
                        .collect()
                }
            }
        }
        Subject::Proposal(id) => vec![calls::find_proposal(db, service, id, entry.at()).await?.0.institution],
        Subject::Commitment(id) => {
            let found = calls::find_commitment(db, service, id).await?;
            vec![found.lead_firm, found.institution]
        }
        Subject::Project(id) => {
            let found = projects::find(db, service, id).await?;
            vec![found.institution, functions(db, found.programme).await?.coordination]
        }
        Subject::Practice(id) => {
            let found = monitoring::store::find_practice(db, service, id).await?;
            // Its review is a matter between the two, also when the practice is out before people are told of it.
            let mut whom = vec![found.institution, found.author];
            if entry.operation() == "practices.publish" && found.state == PracticeState::Published {
                for kind in [Kind::Supplier, Kind::LeadFirm] {
                    whom.extend(members(db, service, found.programme, kind).await?);
                }
            }
            whom
        }
        _ => return Err(Problem::not_found()),
    })
}

/// That somebody sees one of these subjects: as the operations that read it say.
///
/// # Errors
/// 404 for whoever does not, and for another subject.
pub(super) async fn seen(
    db: &impl ConnectionTrait,
    actor: &Actor,
    subject: Subject,
    at: Timestamp,
) -> Result<(), Problem> {
    match subject {
        Subject::Appointment(id) => governance::find_appointment(db, actor, id).await.map(drop),
        Subject::Call(id) => calls::find(db, actor, id).await.map(drop),
        Subject::Proposal(id) => calls::find_proposal(db, actor, id, at).await.map(drop),
        Subject::Commitment(id) if actor.kind() == Some(Kind::LeadFirm) => {
            calls::find_commitment(db, actor, id).await.map(drop)
        }
        Subject::Commitment(id) => {
            let asked = calls::find_commitment(db, &service(), id).await?;
            calls::find_proposal(db, actor, asked.proposal, at).await.map(drop)
        }
        Subject::Project(id) => projects::find(db, actor, id).await.map(drop),
        Subject::Practice(id) => monitoring::store::find_practice(db, actor, id).await.map(drop),
        _ => Err(Problem::not_found()),
    }
}

const DAY: i64 = 86_400;

/// What comes near of calls and projects.
pub(super) async fn near(w: &Write) -> Result<Vec<Near>, Problem> {
    let mut found = closings(w).await?;
    found.extend(evaluations(w).await?);
    found.extend(milestones(w).await?);
    Ok(found)
}

/// Calls that close: the institutions that may propose, and the lead firms that have not answered.
async fn closings(w: &Write) -> Result<Vec<Near>, Problem> {
    let reminder = Reminder::Call;
    let until = w.at().plus_seconds(reminder.days() * DAY);
    let mut found = Vec::new();
    for call in calls::closing(w.db(), &service(), w.at(), until).await? {
        let (subject, when) = (Subject::Call(call.id), call.closes_at.to_string());
        for asked in calls::unanswered(w.db(), &service(), call.id).await? {
            let (key, subject) = (asked.id.0, Subject::Commitment(asked.id));
            let (when, whom) = (when.clone(), vec![asked.lead_firm]);
            found.push(Near { reminder: Reminder::Commitment, key, when, subject, whom });
        }
        let whom = functions(w.db(), call.programme).await?.execution;
        found.push(Near { reminder, key: call.id.0, when, subject, whom });
    }
    Ok(found)
}

/// Calls that have closed: who evaluates, and the coordinating body.
async fn evaluations(w: &Write) -> Result<Vec<Near>, Problem> {
    let reminder = Reminder::Evaluation;
    let after = w.at().plus_seconds(-reminder.days() * DAY);
    let mut found = Vec::new();
    for call in calls::closing(w.db(), &service(), after, w.at()).await? {
        let evaluators = calls::list_evaluators(w.db(), &service(), call.id).await?;
        let mut whom: Vec<_> = evaluators.iter().map(|one| one.institution).collect();
        whom.push(functions(w.db(), call.programme).await?.coordination);
        whom.sort_unstable();
        whom.dedup();
        let (key, when, subject) = (call.id.0, call.closes_at.to_string(), Subject::Call(call.id));
        found.push(Near { reminder, key, when, subject, whom });
    }
    Ok(found)
}

/// Milestones that nobody has reported: who executes the project.
async fn milestones(w: &Write) -> Result<Vec<Near>, Problem> {
    let reminder = Reminder::Milestone;
    let (from, until) = window(w, reminder);
    let mut found = Vec::new();
    for due in projects::milestones_due(w.db(), &service(), from, until).await? {
        let today = programmes::store::today(w, due.programme).await?;
        let about = (due.project.0, Subject::Project(due.project));
        let near = Near::on(due.due_on, today, reminder, about, vec![due.institution]);
        // Two milestones may be due on one day.
        found.extend(near.map(|near| Near { when: format!("{} {}", due.number, near.when), ..near }));
    }
    Ok(found)
}
