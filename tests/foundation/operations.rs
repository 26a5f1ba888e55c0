//! The access table and the API name the same operations.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::Method;
use eslabon::{
    app,
    foundation::access::{ANYONE, Role},
};
use utoipa::openapi::path::Operation;

/// Operations of the table that no API operation has: commands, pages and the service's own jobs.
const BESIDE_THE_API: &[&str] = &[
    "exchange.import_ocds",
    "invitations.mail",
    "jobs.cancel",
    "jobs.replay",
    "measurement_rounds.remind",
    "notices.mail",
    "notices.remind",
    "notices.tell",
    "password_resets.mail",
    "personal_data.apply_retention",
    "runs.solve",
    "second_factor.reset",
    "second_factor.use",
    "unspsc.load",
    "webhook_calls.note",
];

fn operations() -> BTreeMap<String, (Method, String)> {
    let mut found = BTreeMap::new();
    for (path, item) in app::openapi().paths.paths {
        let of = |method: Method, operation: &Option<Operation>| {
            operation
                .as_ref()
                .map(|o| (o.operation_id.clone().expect("an operation_id"), (method, path.clone())))
        };
        let all = [
            of(Method::GET, &item.get),
            of(Method::POST, &item.post),
            of(Method::PUT, &item.put),
            of(Method::DELETE, &item.delete),
            of(Method::PATCH, &item.patch),
        ];
        for (id, place) in all.into_iter().flatten() {
            assert!(found.insert(id.clone(), place).is_none(), "{id} stands twice");
        }
    }
    found
}

#[test]
fn every_operation_has_its_row_and_every_row_its_operation() {
    let rows: BTreeSet<_> = app::access_table().iter().map(|row| row.operation.replace('.', "_")).collect();
    let beside: BTreeSet<_> = BESIDE_THE_API.iter().map(|name| name.replace('.', "_")).collect();
    let operations: BTreeSet<_> = operations().into_keys().collect();
    assert_eq!(rows.difference(&beside).cloned().collect::<BTreeSet<_>>(), operations);
}

/// The API at a glance: a change of it is a change of this list, and somebody has looked at it.
#[test]
fn the_api_is_the_one_that_was_agreed() {
    let document = app::openapi();
    let mut lines: Vec<_> = operations()
        .into_iter()
        .map(|(id, (method, path))| {
            let item = &document.paths.paths[&path];
            let operation = match method {
                Method::GET => item.get.as_ref(),
                Method::POST => item.post.as_ref(),
                Method::PUT => item.put.as_ref(),
                _ => item.delete.as_ref(),
            };
            let operation = operation.unwrap();
            // Refusals follow from what an operation is (`app/described.rs`).
            let done = operation.responses.responses.keys().filter(|status| status.starts_with('2'));
            let answers = done.cloned().collect::<Vec<_>>().join(" ");
            let body = if operation.request_body.is_some() { "body" } else { "" };
            format!("{path} {method} {id} {body} {answers}").replace("  ", " ")
        })
        .collect();
    lines.sort();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn no_operation_stands_twice_in_the_table() {
    let mut seen = BTreeSet::new();
    for row in app::access_table() {
        assert!(seen.insert(row.operation), "{}", row.operation);
        assert!(!row.roles.is_empty(), "{} is for nobody", row.operation);
    }
}

on_both_engines! {
    /// Every operation, as every role, on what does not exist: 401 without a login, 403 for roles that the
    /// table does not name, never a 500.
    async fn the_table_is_what_the_service_does(app: TestApp) {
        let mut people = vec![(Role::Anonymous, app.anonymous())];
        for role in ANYONE.iter().filter(|role| role.kind().is_some()) {
            people.push((*role, app.organisation(role.word(), *role).await));
        }
        let rows: BTreeMap<_, _> =
            app::access_table().into_iter().map(|row| (row.operation.replace('.', "_"), row)).collect();
        for (id, (method, path)) in operations() {
            let row = rows[&id];
            let mut filled = path.clone();
            while let Some((before, rest)) = filled.split_once('{') {
                let (_, after) = rest.split_once('}').unwrap();
                filled = format!("{before}01890000-0000-7000-8000-000000000000{after}");
            }
            for (role, client) in &people {
                let body = (method != Method::GET).then(|| serde_json::json!({}));
                let headers = [("if-match", "\"1\"")];
                let answer = client.send(method.clone(), &filled, &headers, body).await;
                let status = answer.status.as_u16();
                let allowed = row.roles.contains(role);
                let expected = match (allowed, role) {
                    (false, Role::Anonymous) => status == 401,
                    (false, _) => status == 403,
                    (true, _) => status != 403 && (status != 401 || *role == Role::Anonymous) && status < 500,
                };
                assert!(expected, "{id} {filled} as {role}: {status} {:#}", answer.body);
            }
        }
    }

    async fn the_document_and_its_pages_are_served(app: TestApp) {
        let document = app.anonymous().get("/api/v1/openapi.json").await.expect(200);
        assert_eq!(document.text("info/title"), "Eslabón");
        let page = app.anonymous().get("/docs/").await.expect(200);
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'self'") && !policy.contains("script-src"), "{policy}");
    }
}
