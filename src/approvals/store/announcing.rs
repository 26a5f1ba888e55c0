//! The end of the work on a requirement: everything about it has been decided, and that is said.

use crate::{
    foundation::{db::Write, http::IfVersion, ids::RequirementId, problem::Problem},
    matching::store::matches,
    programmes,
    requirements::{self, Requirement},
};

/// Announces the result of a closed requirement: nobody decides on a match of its lots any more.
///
/// # Errors
/// 404 when the actor may not see it, 412 for a stale version, 409 when it is not closed, was announced already, or
/// something about it has not been decided.
pub async fn announce(w: &Write, id: RequirementId, version: IfVersion) -> Result<Requirement, Problem> {
    let found = requirements::store::find(w.db(), w.actor(), id).await?;
    // What a run proposes waits for this write, or this one for it.
    programmes::store::hold(w, found.programme).await?;
    let lots = found.lots.iter().map(|lot| lot.id);
    let undecided = matches::undecided(w.db(), w.actor(), found.programme, [], lots).await?.len();
    if undecided > 0 {
        return Err(Problem::conflict("matches-undecided").with("number", undecided));
    }
    requirements::store::announce(w, id, version).await
}
