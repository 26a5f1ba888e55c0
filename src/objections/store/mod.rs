//! Objections as they are kept, and what becomes of the decisions.

mod filing;
mod handling;

use sea_orm::{Condition, QueryOrder, QuerySelect, entity::prelude::*};

use super::{About, Objection, State};
use crate::{
    foundation::{
        access::{Actor, Kind},
        http::list::{Page, Window},
        ids::{MatchId, ObjectionId, OrganisationId, ProposalId},
        problem::Problem,
    },
    matching::store::matches,
    programmes,
};

pub use filing::file;
pub use handling::{dismiss, review, uphold, withdraw};

mod entity {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::Timestamp,
            ids::{AccountId, NetworkId, ObjectionId, OrganisationId, ProgrammeId},
        },
        objections::{About, Effect, State},
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "objections")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ObjectionId,
        pub programme_id: ProgrammeId,
        pub network_id: Option<NetworkId>,
        pub firm_id: OrganisationId,
        pub other_id: Option<OrganisationId>,
        pub about: About,
        pub about_id: Uuid,
        pub decided_at: Timestamp,
        pub deciders: String,
        pub reasons: String,
        pub state: State,
        pub filed_by: AccountId,
        pub filed_at: Timestamp,
        pub handled_by: Option<AccountId>,
        pub review_began_at: Option<Timestamp>,
        pub outcome_reason: Option<String>,
        pub effect: Option<Effect>,
        pub remedy: Option<String>,
        pub closed_by: Option<AccountId>,
        pub closed_at: Option<Timestamp>,
        pub version: i64,
    }

    crate::unrelated!();
}

/// The people of whoever objects; of the programme's institution those who see the network; for what is about a proposal
/// those that steer or coordinate the programme instead.
fn visible(actor: &Actor) -> Condition {
    let all = Condition::all();
    let own = entity::Column::FirmId.eq(actor.organisation);
    match actor.kind() {
        None if actor.is_system() => all,
        None => all.add(Expr::val(false)),
        Some(Kind::Supplier | Kind::LeadFirm) => all.add(own),
        Some(Kind::Institution) => {
            let network = Condition::any()
                .add(entity::Column::NetworkId.is_null())
                .add(entity::Column::NetworkId.in_subquery(programmes::store::networks(actor)));
            let programme = entity::Column::ProgrammeId;
            let of_firms = Condition::all()
                .add(entity::Column::About.ne(About::Proposal))
                .add(programme.in_subquery(programmes::store::seen_by(actor)))
                .add(network);
            let [steered, coordinated] = programmes::store::governance::led_by(actor);
            let led =
                Condition::any().add(programme.in_subquery(steered)).add(programme.in_subquery(coordinated));
            let of_proposals = Condition::all().add(entity::Column::About.eq(About::Proposal)).add(led);
            Condition::any().add(own).add(of_firms).add(of_proposals)
        }
    }
}

/// Who wins or loses by what is decided about an objection, for whoever sees it: whoever objects, the other firm of the
/// decision, the lead firms of a proposal.
///
/// # Errors
/// What the database said.
pub async fn parties(
    db: &impl ConnectionTrait,
    actor: &Actor,
    found: &Objection,
) -> Result<Vec<OrganisationId>, Problem> {
    let mut parties: Vec<_> = [Some(found.firm), found.other].into_iter().flatten().collect();
    if found.about == About::Proposal {
        let id = ProposalId(found.about_id);
        parties.extend(programmes::store::calls::lead_firms(db, actor, id).await?);
    }
    Ok(parties)
}

/// The objection, when the actor may see it.
///
/// # Errors
/// 404 otherwise.
pub async fn find(db: &impl ConnectionTrait, actor: &Actor, id: ObjectionId) -> Result<Objection, Problem> {
    let found = entity::Entity::find_by_id(id).filter(visible(actor)).one(db).await?;
    found.ok_or_else(Problem::not_found)?.try_into()
}

/// The objections that the actor may see.
///
/// # Errors
/// 422 for a cursor of another list.
pub async fn list(
    db: &impl ConnectionTrait,
    actor: &Actor,
    state: Option<State>,
    window: &Window,
) -> Result<Page<Objection>, Problem> {
    let mut query = entity::Entity::find().filter(visible(actor));
    if let Some(state) = state {
        query = query.filter(entity::Column::State.eq(state));
    }
    let page = window.fetch(actor, query, entity::Column::Id, |row| row.id.0, &state, db).await?;
    let Page { items, next, prev } = page;
    Ok(Page { items: items.into_iter().map(Objection::try_from).collect::<Result<_, _>>()?, next, prev })
}

/// The objection of the actor's own to what was decided there, when one stands in the way of another: it is not closed,
/// or is about the decision about the match that holds now.
///
/// # Errors
/// What the database said.
pub async fn filed(
    db: &impl ConnectionTrait,
    actor: &Actor,
    about: About,
    id: Uuid,
) -> Result<Option<ObjectionId>, Problem> {
    let last = entity::Entity::find()
        .filter(entity::Column::FirmId.eq(actor.organisation))
        .filter(entity::Column::About.eq(about))
        .filter(entity::Column::AboutId.eq(id))
        .order_by_desc(entity::Column::Id)
        .limit(1)
        .one(db)
        .await?;
    let Some(last) = last else { return Ok(None) };
    let is_open = matches!(last.state, State::Filed | State::InReview);
    let holds = match about {
        About::Match if !is_open => {
            matches::find(db, actor, MatchId(id)).await?.decision() == Some(last.decided_at)
        }
        _ => is_open,
    };
    Ok(holds.then_some(last.id))
}

/// What these objections are about and who has filed them, of those that the actor sees.
///
/// # Errors
/// What the database said.
pub async fn about(
    db: &impl ConnectionTrait,
    actor: &Actor,
    ids: Vec<ObjectionId>,
) -> Result<Vec<(ObjectionId, About, OrganisationId)>, Problem> {
    let query = entity::Entity::find()
        .select_only()
        .columns([entity::Column::Id, entity::Column::About, entity::Column::FirmId])
        .filter(visible(actor))
        .filter(entity::Column::Id.is_in(ids));
    Ok(query.into_tuple().all(db).await?)
}

/// The most that are counted.
const MOST: u64 = 100;

/// The objections that wait for somebody of the actor's institution who may handle them, the oldest first: what it filed
/// itself, others handle; so is what the actor has decided.
///
/// # Errors
/// What the database said.
pub async fn to_handle(db: &impl ConnectionTrait, actor: &Actor) -> Result<Vec<ObjectionId>, Problem> {
    if actor.kind() != Some(Kind::Institution) {
        return Ok(Vec::new());
    }
    let query = entity::Entity::find()
        .filter(visible(actor))
        .filter(entity::Column::State.is_in([State::Filed, State::InReview]))
        .filter(entity::Column::FirmId.ne(actor.organisation))
        .order_by_asc(entity::Column::Id)
        .limit(MOST);
    let mut waiting = Vec::new();
    for row in query.all(db).await? {
        let found = Objection::try_from(row)?;
        if !found.deciders.contains(&actor.account) {
            waiting.push(found.id);
        }
    }
    Ok(waiting)
}

impl TryFrom<entity::Model> for Objection {
    type Error = Problem;

    fn try_from(row: entity::Model) -> Result<Self, Problem> {
        Ok(Self {
            id: row.id,
            programme: row.programme_id,
            network: row.network_id,
            firm: row.firm_id,
            other: row.other_id,
            about: row.about,
            about_id: row.about_id,
            decided_at: row.decided_at,
            deciders: serde_json::from_str(&row.deciders)?,
            reasons: row.reasons,
            state: row.state,
            filed_by: row.filed_by,
            filed_at: row.filed_at,
            handled_by: row.handled_by,
            outcome_reason: row.outcome_reason,
            effect: row.effect,
            remedy: row.remedy,
            closed_at: row.closed_at,
            version: row.version,
        })
    }
}
