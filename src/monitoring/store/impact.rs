//! Evaluations of impact as they are kept: those with a function in the programme read them.

use sea_orm::entity::prelude::*;
use serde_json::json;

use super::{
    comparing::{Row, of_programme},
    entities::impact,
};
use crate::{
    foundation::{
        access::Actor,
        db::Write,
        figure::brief,
        http::list::{Page, Window},
        ids::ProgrammeId,
        problem::Problem,
    },
    monitoring::{
        DECIMALS,
        impact::{Evaluation, Figure, NewEvaluation},
    },
    programmes::{governance::Function, store::governance},
};

/// Records an evaluation, in the name of the strategic direction, with the programme's figures of now.
///
/// # Errors
/// 404, 409 for whoever does not steer the programme, or when no figure may be told.
pub async fn record_evaluation(
    w: &Write,
    id: ProgrammeId,
    new: NewEvaluation,
) -> Result<Evaluation, Problem> {
    let (_, functions) = governance::functions(w.db(), w.actor(), id).await?;
    if !functions.has(w.actor().organisation, Function::Direction) {
        return Err(Problem::conflict("not-your-function").with("function", Function::Direction));
    }
    let rows = of_programme(w.db(), &Actor::system(w.actor().organisation), id).await?;
    let is_asked = |row: &Row| row.network.is_none() && row.moment == new.moment;
    let figures: Vec<_> = rows.into_iter().filter(is_asked).map(Figure::from).collect();
    if figures.iter().all(|figure| figure.mean_after.is_none()) {
        return Err(Problem::conflict("nothing-to-evaluate"));
    }
    let row = impact::Model {
        id: w.new_id(),
        programme_id: id,
        institution_id: functions.direction,
        moment: new.moment,
        findings: new.findings,
        attribution: new.attribution,
        recommendations: new.recommendations,
        figures: serde_json::to_string(&figures)?,
        recorded_by: w.actor().account,
        recorded_at: w.at(),
    };
    impact::Entity::insert(impact::ActiveModel::from(row.clone())).exec_without_returning(w.db()).await?;
    let details = json!({ "programme": id, "moment": row.moment, "figures": figures });
    w.record("impact_evaluation", row.id, &details).await?;
    row.try_into()
}

/// The evaluations of a programme, for those who have a function in it.
///
/// # Errors
/// 404 for everybody else, 422 for a cursor of another list.
pub async fn list_evaluations(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: ProgrammeId,
    window: &Window,
) -> Result<Page<Evaluation>, Problem> {
    governance::functions(db, actor, id).await?;
    let query = impact::Entity::find().filter(impact::Column::ProgrammeId.eq(id));
    let page = window.fetch(actor, query, impact::Column::Id, |row| row.id.0, &id, db).await?;
    let items = page.items.into_iter().map(Evaluation::try_from).collect::<Result<_, _>>()?;
    Ok(Page { items, next: page.next, prev: page.prev })
}

impl From<Row> for Figure {
    fn from(row: Row) -> Self {
        let (withheld, compared) = match row.compared {
            Ok(compared) => (None, compared),
            Err(why) => (Some(why), None),
        };
        let percent = compared.as_ref().and_then(|compared| compared.percent_change.as_ref());
        Self {
            indicator: row.indicator.code.clone(),
            unit: row.unit,
            firms: withheld.is_none().then(|| compared.as_ref().map_or(0, |compared| compared.firms)),
            withheld,
            change_percent: percent.map(|percent| brief(percent, DECIMALS)),
            mean_before: compared.as_ref().map(|compared| brief(&compared.mean_before, DECIMALS)),
            mean_after: compared.as_ref().map(|compared| brief(&compared.mean_after, DECIMALS)),
            change: compared.as_ref().map(|compared| brief(&compared.change, DECIMALS)),
        }
    }
}

impl TryFrom<impact::Model> for Evaluation {
    type Error = Problem;

    fn try_from(row: impact::Model) -> Result<Self, Problem> {
        Ok(Self {
            id: row.id,
            programme: row.programme_id,
            institution: row.institution_id,
            moment: row.moment,
            findings: row.findings,
            attribution: row.attribution,
            recommendations: row.recommendations,
            figures: serde_json::from_str(&row.figures)?,
            recorded_by: row.recorded_by,
            recorded_at: row.recorded_at,
        })
    }
}
