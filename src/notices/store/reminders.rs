//! What comes near, of which people are reminded once.

use sea_orm::{Set, entity::prelude::*, sea_query::OnConflict};
use serde_json::json;
use uuid::Uuid;

use super::{
    entities::reminder,
    letters::Letters,
    telling::{News, service, suppliers_of},
};
use crate::{
    foundation::{clock::Day, db::Write, ids::OrganisationId, problem::Problem},
    gaps::signing::Party,
    monitoring,
    notices::{Reminder, Subject},
    organisations::store::{firms, mandates, skills},
    plans, programmes, requirements,
};

/// Something that comes near.
struct Near {
    reminder: Reminder,
    /// What it is told apart by.
    key: Uuid,
    /// When it is: another day is another occurrence.
    when: String,
    subject: Subject,
    whom: Vec<OrganisationId>,
}

/// Reminds people of all that comes near, each time of what they have not been reminded of; how many such things there
/// were.
///
/// # Errors
/// What the database said.
pub async fn remind(w: &Write) -> Result<usize, Problem> {
    let (mut letters, mut count) = (Letters::default(), 0);
    for near in near(w).await? {
        if !is_first(w, &near).await? {
            continue;
        }
        count += 1;
        let news = News { subject: near.subject, event: near.reminder.event(), at: w.at(), by: None };
        for organisation in near.whom {
            news.tell(w, organisation, &mut letters).await?;
        }
    }
    letters.hand_over(w).await?;
    w.record("notice", Uuid::nil(), &json!({ "reminders": count })).await?;
    Ok(count)
}

async fn is_first(w: &Write, near: &Near) -> Result<bool, Problem> {
    let row = reminder::ActiveModel {
        event: Set(near.reminder.event().to_owned()),
        subject_id: Set(near.key),
        occurrence: Set(near.when.clone()),
        given_at: Set(w.at()),
    };
    let key = [reminder::Column::Event, reminder::Column::SubjectId, reminder::Column::Occurrence];
    let unless_given = OnConflict::columns(key).do_nothing().to_owned();
    let insert = reminder::Entity::insert(row).on_conflict(unless_given);
    Ok(insert.exec_without_returning(w.db()).await? == 1)
}

/// The days to look at, with one to spare on each side: no zone is more than a day away from UTC.
fn window(w: &Write, reminder: Reminder) -> (Day, Day) {
    let today = w.at().day();
    (today.plus_days(-1), today.plus_days(reminder.days() + 1))
}

async fn near(w: &Write) -> Result<Vec<Near>, Problem> {
    let mut found = closings(w).await?;
    found.extend(certificates(w).await?);
    found.extend(actions(w).await?);
    found.extend(waivers(w).await?);
    found.extend(ending_mandates(w).await?);
    found.extend(measurements(w).await?);
    Ok(found)
}

/// Requirements that close by themselves: those who may offer.
async fn closings(w: &Write) -> Result<Vec<Near>, Problem> {
    let until = w.at().plus_seconds(Reminder::Closing.days() * 86_400);
    let mut found = Vec::new();
    for (id, closes_at) in requirements::store::closing(w.db(), &service(), w.at(), until).await? {
        let (whom, _) = suppliers_of(w.db(), id).await?;
        let (key, when) = (id.0, closes_at.to_string());
        found.push(Near { reminder: Reminder::Closing, key, when, subject: Subject::Requirement(id), whom });
    }
    Ok(found)
}

/// Certificates in their last days: whose they are.
async fn certificates(w: &Write) -> Result<Vec<Near>, Problem> {
    let reminder = Reminder::Certificate;
    let (from, until) = window(w, reminder);
    let mut found = Vec::new();
    for (certificate, supplier) in skills::certificates_until(w.db(), &service(), from, until).await? {
        let Some(last) = certificate.expires_on else { continue };
        let today = firms::day(w.db(), &service(), supplier, w.at()).await?;
        if reminder.is_near(today, last) {
            let (key, when) = (certificate.id.0, last.to_string());
            let (subject, whom) = (Subject::Supplier(supplier), vec![supplier]);
            found.push(Near { reminder, key, when, subject, whom });
        }
    }
    Ok(found)
}

/// Actions of plans under way that are not done: who carries them out.
async fn actions(w: &Write) -> Result<Vec<Near>, Problem> {
    let reminder = Reminder::Action;
    let mut found = Vec::new();
    for plan in plans::store::under_way(w.db(), &service()).await? {
        let programme = programmes::store::find(w.db(), &service(), plan.programme).await?;
        let today = programme.day(w.at());
        let open = plan.content.actions.iter().filter(|action| plan.percent_of(action.id) < 100);
        for action in open.filter(|action| reminder.is_near(today, action.due_on)) {
            let owner = match action.owner {
                Party::Supplier => plan.supplier,
                Party::LeadFirm => plan.lead_firm,
                Party::Institution => programme.institution,
            };
            let (key, when, subject) = (action.id.0, action.due_on.to_string(), Subject::Plan(plan.id));
            found.push(Near { reminder, key, when, subject, whom: vec![owner] });
        }
    }
    Ok(found)
}

/// Waivers in force, in their last days: the institution, and the supplier that has them.
async fn waivers(w: &Write) -> Result<Vec<Near>, Problem> {
    let reminder = Reminder::Waiver;
    let (from, until) = window(w, reminder);
    let mut found = Vec::new();
    for waiver in programmes::store::waivers_until(w.db(), &service(), from, until).await? {
        let programme = programmes::store::find(w.db(), &service(), waiver.programme).await?;
        if reminder.is_near(programme.day(w.at()), waiver.expires_on) {
            let (key, when) = (waiver.id.0, waiver.expires_on.to_string());
            let subject = Subject::Waiver(waiver.programme, waiver.id);
            let whom = vec![waiver.supplier, programme.institution];
            found.push(Near { reminder, key, when, subject, whom });
        }
    }
    Ok(found)
}

/// Mandates in force, in their last days: the supplier that gave them, and who has them.
async fn ending_mandates(w: &Write) -> Result<Vec<Near>, Problem> {
    let reminder = Reminder::Mandate;
    let (from, until) = window(w, reminder);
    let mut found = Vec::new();
    for mandate in mandates::until(w.db(), &service(), from, until).await? {
        let today = firms::day(w.db(), &service(), mandate.firm, w.at()).await?;
        if reminder.is_near(today, mandate.until) {
            let (key, when) = (mandate.id.0, mandate.until.to_string());
            let (subject, whom) = (Subject::Mandate(mandate.id), vec![mandate.firm, mandate.institution]);
            found.push(Near { reminder, key, when, subject, whom });
        }
    }
    Ok(found)
}

/// Measurements whose due day comes: whoever has not answered.
async fn measurements(w: &Write) -> Result<Vec<Near>, Problem> {
    let reminder = Reminder::Measurement;
    let (from, until) = window(w, reminder);
    let mut found = Vec::new();
    for round in monitoring::store::due_rounds(w.db(), &service(), from, until).await? {
        let programme = programmes::store::find(w.db(), &service(), round.programme).await?;
        if reminder.is_near(programme.day(w.at()), round.due_on) {
            let whom = monitoring::store::missing_from(w.db(), &service(), round.id).await?;
            let (key, when, whom) = (round.id.0, round.due_on.to_string(), whom.into_iter().collect());
            found.push(Near { reminder, key, when, subject: Subject::Round(round.id), whom });
        }
    }
    Ok(found)
}
