//! Projects, and their end.

use axum::extract::State as Service;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Versioned;
use crate::{
    foundation::{
        Base,
        access::May,
        fields::{Fields, Input, Reason},
        http::{
            Body, IfVersion, Key, Params, Reply,
            list::{Page, Window},
        },
        ids::{ProgrammeId, ProjectId},
        problem::Problem,
    },
    organisations::{interests::Queued, store::interests},
    programmes::{
        projects::{Close, List, NameNetworks, NewClosing, Project, Read, RunNetworks, State, Terminate},
        store::projects::{self as store, Filter},
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(read))
        .routes(routes!(name_networks))
        .routes(routes!(close))
        .routes(routes!(terminate))
}

pub(super) fn answer(project: Project) -> Result<Reply, Problem> {
    let version = project.version;
    Versioned::answer(project, version)
}

struct Listed {
    filter: Filter,
    window: Window,
}

impl Input for Listed {
    fn read(f: &mut Fields) -> Option<Self> {
        let (programme, state) = (f.optional("programme"), f.optional("state"));
        let window = Window::read(f);
        Some(Self { filter: Filter { programme: programme?, state: state? }, window: window? })
    }
}

/// Lists the projects that one may see: those that one's institution executes, and those of programmes that it
/// coordinates or steers.
#[utoipa::path(
    get, path = "/projects", operation_id = "projects_list", tag = "projects",
    params(
        ("programme" = Option<ProgrammeId>, Query), ("state" = Option<State>, Query),
        ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query),
    ),
    responses((status = OK, body = Page<Queued<Versioned<Project>>>))
)]
async fn list(
    Service(base): Service<Base>,
    may: May<List>,
    Params(Listed { filter, window }): Params<Listed>,
) -> Result<Page<Queued<Versioned<Project>>>, Problem> {
    let (db, actor) = (base.db.reads(), may.actor());
    let page = store::list(db, actor, filter, &window).await?;
    let mut parties = Vec::with_capacity(page.items.len());
    for found in &page.items {
        let is_own = found.institution == actor.organisation;
        parties.push(if is_own { Vec::new() } else { store::parties(db, actor, found).await? });
    }
    let mut recused = interests::recused(db, actor, base.clock.now(), &parties).await?.into_iter();
    Ok(page.map(|found| {
        let version = found.version;
        Queued::new(Versioned::new(found, version), recused.next().flatten())
    }))
}

/// Looks at a project, with its goals and milestones.
#[utoipa::path(
    get, path = "/projects/{id}", operation_id = "projects_read", tag = "projects",
    params(("id" = ProjectId, Path)), responses((status = OK, body = Versioned<Project>))
)]
async fn read(
    Service(base): Service<Base>,
    may: May<Read>,
    Key(id): Key<ProjectId>,
) -> Result<Reply, Problem> {
    answer(store::find(base.db.reads(), may.actor(), id).await?)
}

/// Names the networks that the project runs: of its programme, and among those that one sees.
#[utoipa::path(
    put, path = "/projects/{id}/networks", operation_id = "projects_name_networks", tag = "projects",
    params(("id" = ProjectId, Path), ("If-Match" = String, Header)), request_body = RunNetworks,
    responses((status = OK, body = Versioned<Project>))
)]
async fn name_networks(
    Service(base): Service<Base>,
    may: May<NameNetworks>,
    Key(id): Key<ProjectId>,
    version: IfVersion,
    Body { value, once }: Body<RunNetworks>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::name_networks(&w, id, version, value).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Closes a project with a result for each of its goals, once all is paid and justified.
#[utoipa::path(
    post, path = "/projects/{id}/close", operation_id = "projects_close", tag = "projects",
    params(("id" = ProjectId, Path), ("If-Match" = String, Header)), request_body = NewClosing,
    responses((status = OK, body = Versioned<Project>))
)]
async fn close(
    Service(base): Service<Base>,
    may: May<Close>,
    Key(id): Key<ProjectId>,
    version: IfVersion,
    Body { value, once }: Body<NewClosing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::close(&w, id, version, value).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Terminates a project before its end. What it has not got is free again; what it has got is still to be justified.
#[utoipa::path(
    post, path = "/projects/{id}/terminate", operation_id = "projects_terminate", tag = "projects",
    params(("id" = ProjectId, Path), ("If-Match" = String, Header)), request_body = Reason,
    responses((status = OK, body = Versioned<Project>))
)]
async fn terminate(
    Service(base): Service<Base>,
    may: May<Terminate>,
    Key(id): Key<ProjectId>,
    version: IfVersion,
    Body { value, once }: Body<Reason>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::terminate(&w, id, version, value.reason).await?)?;
        Ok(w.done(reply))
    })
    .await
}
