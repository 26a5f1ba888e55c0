//! Who has approved what, and on which figures: written with each approval, never changed.

use std::collections::BTreeMap;

use sea_orm::{QueryOrder, entity::prelude::*};

use crate::{
    approvals::{Approval, Tested},
    foundation::{
        access::Actor,
        db::Write,
        ids::{AccountId, LotId, MatchId},
        problem::Problem,
    },
    matching::{Match, store::matches},
};

mod entity {
    use sea_orm::entity::prelude::*;

    use crate::foundation::{
        clock::Timestamp,
        ids::{AccountId, MatchId, OrganisationId},
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "match_approvals")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub match_id: MatchId,
        pub supplier_id: OrganisationId,
        pub approved_by: AccountId,
        pub approved_at: Timestamp,
        pub is_final: bool,
        pub rules_version: i64,
        pub verdict: String,
    }

    crate::unrelated!();
}

/// Writes an approval down, with every rule that was tested for it.
pub(super) async fn keep(
    w: &Write,
    found: &Match,
    is_final: bool,
    rules_version: i64,
    tested: &[Tested],
) -> Result<(), Problem> {
    let row = entity::Model {
        id: w.new_id(),
        match_id: found.id,
        supplier_id: found.supplier,
        approved_by: w.actor().account,
        approved_at: w.at(),
        is_final,
        rules_version,
        verdict: serde_json::to_string(tested)?,
    };
    entity::Entity::insert(entity::ActiveModel::from(row)).exec_without_returning(w.db()).await?;
    Ok(())
}

/// The approvals of matches, in the order in which they were given, per match.
pub(super) async fn of(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = MatchId>,
) -> Result<BTreeMap<MatchId, Vec<Approval>>, Problem> {
    let ids: Vec<_> = ids.into_iter().collect();
    let query = entity::Entity::find().filter(entity::Column::MatchId.is_in(ids));
    let mut approvals: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for row in query.order_by_asc(entity::Column::Id).all(db).await? {
        let approval = Approval {
            approved_by: row.approved_by,
            approved_at: row.approved_at,
            is_final: row.is_final,
            rules_version: row.rules_version,
            tested: serde_json::from_str(&row.verdict)?,
        };
        approvals.entry(row.match_id).or_default().push(approval);
    }
    Ok(approvals)
}

/// Who has approved a match: for the stages above, which keep them from judging their own decision.
///
/// # Errors
/// 404 when the actor may not see the match.
pub async fn approvers_of(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: MatchId,
) -> Result<Vec<AccountId>, Problem> {
    matches::find(db, actor, id).await?;
    let given = of(db, [id]).await?.remove(&id).unwrap_or_default();
    Ok(given.into_iter().map(|approval| approval.approved_by).collect())
}

/// Who has approved or rejected matches of these lots: for the stages above.
///
/// # Errors
/// What the database said; what the actor may not see is left out.
pub async fn deciders_of(
    db: &impl ConnectionTrait,
    actor: &Actor,
    lots: impl IntoIterator<Item = LotId>,
) -> Result<Vec<AccountId>, Problem> {
    let decided = matches::decided(db, actor, lots).await?;
    let approvals = of(db, decided.iter().map(|found| found.id)).await?;
    let approvers = approvals.into_values().flatten().map(|approval| approval.approved_by);
    Ok(decided.iter().filter_map(|found| found.decided_by).chain(approvers).collect())
}

/// The approvals of a match, in the order in which they were given: for the institution of its programme.
///
/// # Errors
/// 404 when the actor may not see the match, or is a firm.
pub async fn approvals_of(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: MatchId,
) -> Result<Vec<Approval>, Problem> {
    matches::find(db, actor, id).await?;
    super::reading::demand_institution(actor)?;
    Ok(of(db, [id]).await?.remove(&id).unwrap_or_default())
}
