//! Puts state, routers and workers together: the only place that knows every stage.

mod described;
mod measured;

use std::sync::Arc;

use axum::{
    Extension, Router,
    http::{HeaderValue, header},
    middleware,
    routing::any,
};
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        OpenApi as Document,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::SwaggerUi;

use crate::{
    approvals, contracts, diagnostics,
    exchange::{self, lists::Lists},
    foundation::{
        Base,
        access::Row,
        http::{ProblemJson, outside::Outside, problem_response, protect, tried_again},
        jobs::{Handler, Worker},
        limits,
        page::{self, Menu},
        problem::Problem,
    },
    gaps, home, matching, monitoring, notices, objections,
    organisations::{self, session},
    personal, plans, programmes, requirements, trail, webhooks,
};

use described::described;
pub use measured::{measured, watched};

/// The access table: every stage's rows.
pub fn access_table() -> Vec<Row> {
    [
        organisations::ACCESS,
        organisations::joining::ACCESS,
        organisations::resets::ACCESS,
        organisations::logins::ACCESS,
        organisations::second_factor::ACCESS,
        organisations::control::ACCESS,
        organisations::interests::ACCESS,
        organisations::mandates::ACCESS,
        organisations::skills::ACCESS,
        organisations::unspsc::ACCESS,
        organisations::consents::ACCESS,
        programmes::ACCESS,
        programmes::networks::ACCESS,
        programmes::meetings::ACCESS,
        programmes::consortia::ACCESS,
        programmes::governance::ACCESS,
        programmes::calls::ACCESS,
        programmes::projects::ACCESS,
        requirements::ACCESS,
        requirements::questions::ACCESS,
        diagnostics::ACCESS,
        diagnostics::assisted::ACCESS,
        gaps::ACCESS,
        gaps::acts::ACCESS,
        plans::ACCESS,
        matching::ACCESS,
        approvals::ACCESS,
        contracts::ACCESS,
        objections::ACCESS,
        monitoring::ACCESS,
        exchange::ACCESS,
        exchange::bulk::ACCESS,
        exchange::intake::ACCESS,
        exchange::open::ACCESS,
        exchange::unspsc::ACCESS,
        webhooks::ACCESS,
        notices::ACCESS,
        personal::ACCESS,
        trail::ACCESS,
    ]
    .concat()
}

/// The operations of every stage, under `/api/v1`.
fn operations() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .merge(organisations::api::routes())
        .merge(programmes::api::routes())
        .merge(requirements::api::routes())
        .merge(diagnostics::api::routes())
        .merge(gaps::api::routes())
        .merge(plans::api::routes())
        .merge(matching::api::routes())
        .merge(approvals::api::routes())
        .merge(contracts::api::routes())
        .merge(objections::api::routes())
        .merge(monitoring::api::routes())
        .merge(exchange::bulk::api::routes())
        .merge(exchange::intake::api::routes())
        .merge(exchange::open::api::routes())
        .merge(exchange::unspsc::api::routes())
        .merge(webhooks::api::routes())
        .merge(notices::api::routes())
        .merge(personal::api::routes())
        .merge(trail::api::routes())
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Eslabón",
        description = "Supplier development in vertical networks. Log in with `tokens_create` and send the secret as \
            `Authorization: Bearer …`. Every error is a problem (RFC 9457). Changes need `If-Match` with the `ETag` that \
            you read; every POST takes an `Idempotency-Key`."
    ),
    components(schemas(ProblemJson)),
    modifiers(&Conventions)
)]
struct ApiDocument;

/// What holds for every operation: tokens, and problems.
struct Conventions;

impl Modify for Conventions {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
        document.security =
            Some(vec![utoipa::openapi::SecurityRequirement::new("token", Vec::<String>::new())]);
    }
}

fn api() -> (Router<Base>, Document, Lists) {
    let document = OpenApiRouter::with_openapi(ApiDocument::openapi());
    let (router, mut document) = document.nest("/api/v1", operations()).split_for_parts();
    let lists = Lists::of(&mut document).unwrap_or_default();
    let document = described(document, &access_table());
    let download = middleware::from_fn_with_state(lists.clone(), exchange::lists::download);
    (router.layer(download), document, lists)
}

/// The OpenAPI document of the JSON API.
pub fn openapi() -> Document {
    api().1
}

/// The menu of the pages, in the order of the work.
fn menu() -> Menu {
    let stages = [
        home::pages::MENU,
        organisations::pages::MENU,
        diagnostics::pages::MENU,
        requirements::pages::MENU,
        approvals::pages::MENU,
        contracts::pages::MENU,
        objections::pages::MENU,
        programmes::pages::MENU,
        notices::pages::MENU,
        monitoring::pages::MENU,
    ];
    Menu::new(&stages.concat())
}

/// The pages: those of the stages behind a login, and the way in.
fn pages(base: &Base, api: &Router, lists: &Lists) -> Router<Base> {
    let behind_login = Router::new()
        .merge(home::pages::routes())
        .merge(organisations::pages::own())
        .merge(programmes::pages::routes())
        .merge(matching::pages::routes())
        .merge(requirements::pages::routes())
        .merge(diagnostics::pages::routes())
        .merge(gaps::pages::routes())
        .merge(plans::pages::routes())
        .merge(approvals::pages::routes())
        .merge(contracts::pages::routes())
        .merge(objections::pages::routes())
        .merge(exchange::bulk::pages::routes())
        .merge(exchange::downloads::routes(api, lists))
        .merge(notices::pages::routes())
        .merge(monitoring::pages::routes())
        .merge(trail::pages::routes())
        .merge(personal::pages::routes());
    let tables = exchange::shown::routes(behind_login.clone().with_state(base.clone()));
    let behind_login = behind_login
        .merge(tables)
        .route_layer(middleware::from_fn_with_state(base.clone(), session::demand_login));
    let router = organisations::pages::routes()
        .merge(personal::pages::open_routes())
        .merge(behind_login)
        .layer(middleware::from_fn(tried_again))
        .layer(middleware::from_fn_with_state(base.clone(), notices::pages::count_unread))
        .layer(middleware::from_fn_with_state(base.clone(), limits::writes))
        .layer(middleware::from_fn_with_state(base.clone(), session::by_session))
        .layer(session::layer(base))
        .layer(Extension(menu()))
        .merge(page::routes(base.config.styleguide))
        .merge(page::reference(access_table()))
        .fallback(page::not_found);
    page::protect(router, base)
}

/// The whole service.
pub fn router(base: &Base) -> Router {
    let (api, document, lists) = api();
    let pages = pages(base, &api.clone().with_state(base.clone()), &lists);
    // What is not there is said to programs in their language, and to people in theirs.
    let api = api.route("/api/{*path}", any(async || Problem::not_found()));
    let api = api.layer(middleware::from_fn(tried_again));
    let api = api.layer(middleware::from_fn_with_state(base.clone(), limits::writes));
    let api = api.layer(middleware::from_fn_with_state(base.clone(), organisations::auth::by_token));
    let router = api.merge(documentation(document)).merge(measured::health());
    protect(router, base, problem_response).merge(pages).with_state(base.clone())
}

/// Swagger UI. It styles itself inline, and gets a policy of its own for that; no cookie reaches it.
fn documentation(document: Document) -> Router<Base> {
    const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
        frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
    let ui: Router<Base> = SwaggerUi::new("/docs").url("/api/v1/openapi.json", document).into();
    ui.layer(SetResponseHeaderLayer::overriding(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    ))
}

/// A worker for letters alone: a mail server that does not answer keeps nothing else waiting.
pub fn postman(base: &Base) -> Worker {
    let notices: Arc<dyn Handler> = Arc::new(notices::jobs::Letters);
    let invitations: Arc<dyn Handler> = Arc::new(organisations::jobs::Invitations);
    let resets: Arc<dyn Handler> = Arc::new(organisations::jobs::Resets);
    Worker::new(
        base.clone(),
        [
            (notices::jobs::MAIL, notices),
            (organisations::jobs::MAIL_INVITATION, invitations),
            (organisations::jobs::MAIL_RESET, resets),
        ],
    )
}

/// A worker for webhooks alone: a receiver that does not answer keeps nothing else waiting.
///
/// # Errors
/// When the TLS library can't be set up.
pub fn courier(base: &Base) -> Result<Worker, Problem> {
    let outside = Outside::new(0, base.config.reach_private).map_err(Problem::internal)?;
    let calls: Arc<dyn Handler> = Arc::new(webhooks::jobs::Calls::new(outside));
    Ok(Worker::new(base.clone(), [(webhooks::jobs::CALL, calls)]))
}

/// A worker for every stage's background jobs but letters and webhooks.
pub fn worker(base: &Base) -> Worker {
    let solver: Arc<dyn Handler> = Arc::new(matching::jobs::Solver);
    let closing: Arc<dyn Handler> = Arc::new(requirements::jobs::Closing);
    let eraser: Arc<dyn Handler> = Arc::new(diagnostics::jobs::Eraser);
    let retention: Arc<dyn Handler> = Arc::new(personal::jobs::Retention);
    let reminders: Arc<dyn Handler> = Arc::new(monitoring::jobs::Reminders);
    let days: Arc<dyn Handler> = Arc::new(notices::jobs::Days);
    let checkpoints: Arc<dyn Handler> = Arc::new(trail::jobs::Checkpoints);
    let followers: Arc<dyn Handler> = Arc::new(monitoring::jobs::Followers);
    Worker::new(
        base.clone(),
        [
            (matching::jobs::SOLVE, solver),
            (requirements::jobs::CLOSE, closing),
            (diagnostics::jobs::ERASE, eraser),
            (personal::jobs::RETENTION, retention),
            (monitoring::jobs::REMIND, reminders),
            (monitoring::jobs::FOLLOW, followers),
            (notices::jobs::DAY, days),
            (trail::jobs::CHECKPOINT, checkpoints),
        ],
    )
}
