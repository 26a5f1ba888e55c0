//! What comes near, of which people are reminded once.

use sea_orm::{Set, entity::prelude::*, sea_query::OnConflict};
use serde_json::json;
use uuid::Uuid;

use super::{
    entities::reminder,
    funding,
    letters::Letters,
    telling::{News, service, suppliers_of},
};
use crate::{
    contracts::store::ending,
    foundation::{
        clock::{Day, Timestamp},
        db::Write,
        ids::{OrganisationId, RequirementId},
        problem::Problem,
    },
    gaps::signing::Party,
    monitoring,
    notices::{Reminder, Subject},
    organisations::store::{firms, mandates, skills},
    plans, programmes, requirements,
};

/// Something that comes near.
pub(super) struct Near {
    pub(super) reminder: Reminder,
    /// What it is told apart by.
    pub(super) key: Uuid,
    /// When it is: another day is another occurrence.
    pub(super) when: String,
    pub(super) subject: Subject,
    pub(super) whom: Vec<OrganisationId>,
}

impl Near {
    /// What is due on a day, when that is near enough today.
    pub(super) fn on(
        day: Day,
        today: Day,
        reminder: Reminder,
        (key, subject): (Uuid, Subject),
        whom: Vec<OrganisationId>,
    ) -> Option<Self> {
        let when = day.to_string();
        reminder.is_near(today, day).then_some(Self { reminder, key, when, subject, whom })
    }
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
        let news =
            News { subject: near.subject, event: near.reminder.event(), at: w.at(), by: None, only: None };
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
pub(super) fn window(w: &Write, reminder: Reminder) -> (Day, Day) {
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
    found.extend(meetings(w).await?);
    found.extend(contracts(w).await?);
    found.extend(questions(w).await?);
    found.extend(funding::near(w).await?);
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
        let about = (certificate.id.0, Subject::Supplier(supplier));
        found.extend(Near::on(last, today, reminder, about, vec![supplier]));
    }
    Ok(found)
}

/// Actions of plans under way that are not done: who carries them out.
async fn actions(w: &Write) -> Result<Vec<Near>, Problem> {
    let mut found = Vec::new();
    for plan in plans::store::under_way(w.db(), &service()).await? {
        let programme = programmes::store::find(w.db(), &service(), plan.programme).await?;
        let today = programme.day(w.at());
        for action in plan.content.actions.iter().filter(|action| plan.percent_of(action.id) < 100) {
            let owner = match action.owner {
                Party::Supplier => plan.supplier,
                Party::LeadFirm => plan.lead_firm,
                Party::Institution => programme.institution,
            };
            let about = (action.id.0, Subject::Plan(plan.id));
            found.extend(Near::on(action.due_on, today, Reminder::Action, about, vec![owner]));
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
        let about = (waiver.id.0, Subject::Waiver(waiver.programme, waiver.id));
        let whom = vec![waiver.supplier, programme.institution];
        found.extend(Near::on(waiver.expires_on, programme.day(w.at()), reminder, about, whom));
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
        let about = (mandate.id.0, Subject::Mandate(mandate.id));
        let whom = vec![mandate.firm, mandate.institution];
        found.extend(Near::on(mandate.until, today, reminder, about, whom));
    }
    Ok(found)
}

/// Measurements whose due day comes: whoever has not answered.
async fn measurements(w: &Write) -> Result<Vec<Near>, Problem> {
    let reminder = Reminder::Measurement;
    let (from, until) = window(w, reminder);
    let mut found = Vec::new();
    for round in monitoring::store::due_rounds(w.db(), &service(), from, until).await? {
        let today = programmes::store::today(w, round.programme).await?;
        let whom = monitoring::store::missing_from(w.db(), &service(), round.id).await?;
        let about = (round.id.0, Subject::Round(round.id));
        found.extend(Near::on(round.due_on, today, reminder, about, whom.into_iter().collect()));
    }
    Ok(found)
}

/// Meetings that are held, and what was promised at others: who takes part, and who has promised.
async fn meetings(w: &Write) -> Result<Vec<Near>, Problem> {
    let (from, until) = window(w, Reminder::Agreement);
    let (planned, promised) =
        programmes::store::meetings_and_promises(w.db(), &service(), from, until).await?;
    let mut found = Vec::new();
    for meeting in planned {
        let network = programmes::store::find_network(w.db(), &service(), meeting.network).await?;
        let today = programmes::store::today(w, network.programme).await?;
        let whom = meeting.participants.iter().map(|part| part.organisation).collect();
        let about = (meeting.id.0, Subject::Meeting(meeting.id));
        found.extend(Near::on(meeting.held_on, today, Reminder::Meeting, about, whom));
    }
    for (meeting, agreed) in promised {
        let network = programmes::store::find_network(w.db(), &service(), meeting.network).await?;
        let today = programmes::store::today(w, network.programme).await?;
        let about = (agreed.id.0, Subject::Meeting(meeting.id));
        found.extend(Near::on(agreed.until, today, Reminder::Agreement, about, vec![agreed.who]));
    }
    Ok(found)
}

/// Contracts in force, in their last days: both firms.
async fn contracts(w: &Write) -> Result<Vec<Near>, Problem> {
    let reminder = Reminder::Contract;
    let (from, until) = window(w, reminder);
    let mut found = Vec::new();
    for contract in ending(w.db(), &service(), from, until).await? {
        let today = programmes::store::today(w, contract.programme).await?;
        let about = (contract.id.0, Subject::Contract(contract.id));
        let whom = vec![contract.supplier, contract.lead_firm];
        found.extend(Near::on(contract.ends_on, today, reminder, about, whom));
    }
    Ok(found)
}

/// Requirements about which asking ends while questions wait: whoever posted them.
async fn questions(w: &Write) -> Result<Vec<Near>, Problem> {
    let reminder = Reminder::Question;
    let until = w.at().plus_seconds(reminder.days() * 86_400);
    let waiting = requirements::store::questions::waiting_until(w.db(), &service(), w.at(), until).await?;
    let near = |(id, lead_firm, ends): (RequirementId, OrganisationId, Timestamp)| {
        let (key, when, subject) = (id.0, ends.to_string(), Subject::Requirement(id));
        Near { reminder, key, when, subject, whom: vec![lead_firm] }
    };
    Ok(waiting.into_iter().map(near).collect())
}
