//! Bare axum: a handler an endpoint, which asks the database for what the service would, and answers.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use eslabon::foundation::{
    db::{Db, Engine},
    ids::Ids,
};
use sea_orm::DatabaseConnection;

use crate::{Recorded, asked::Replay};

/// What a handler is given. Its requests take turns, whatever the client has named.
#[derive(Clone)]
struct Bare {
    db: DatabaseConnection,
    ids: Ids,
    replays: Arc<[Replay]>,
    next: Arc<AtomicUsize>,
}

/// The router, on the connections of a pool that is made as the service's.
pub fn router(db: &Db, one: &Recorded) -> Router {
    // Without the service's measuring of each statement.
    let db: DatabaseConnection = match db.engine() {
        Engine::Sqlite => db.reads().get_sqlite_connection_pool().clone().into(),
        Engine::Postgres => db.reads().get_postgres_connection_pool().clone().into(),
    };
    let replays = Arc::clone(&one.replays);
    let bare = Bare { db, ids: Ids::system(), replays, next: Arc::default() };
    let handler = match one.endpoint.method {
        Method::POST => post(answer),
        Method::PUT => put(answer),
        _ => get(answer),
    };
    Router::new().route(one.endpoint.route, handler).with_state(bare)
}

async fn answer(State(bare): State<Bare>, _body: Bytes) -> Response {
    let next = bare.next.fetch_add(1, Ordering::Relaxed);
    let replay = &bare.replays[next % bare.replays.len()];
    match replay.play(&bare.db, &bare.ids).await {
        Ok(()) => {
            let answer = replay.answer();
            (answer.status, [(header::CONTENT_TYPE, "application/json")], answer.body.clone()).into_response()
        }
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
