//! Every list as a table: what the list shows to its reader, and nothing else.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use eslabon::{app, exchange::lists::Lists, foundation::access::Role};
use serde_json::{Value, json};

use crate::{
    support::{Answer, Client},
    world::{World, fill},
};

/// Header and rows.
fn csv_of(answer: &Answer) -> (Vec<String>, Vec<Vec<String>>) {
    assert_eq!(answer.headers["content-type"], "text/csv; charset=utf-8; header=present");
    let mut reader = csv::Reader::from_reader(answer.bytes.as_slice());
    let head = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
    (head, rows)
}

fn xlsx_of(answer: &Answer) -> Vec<Vec<Data>> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(answer.bytes.clone())).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    sheet.rows().map(<[Data]>::to_vec).collect()
}

/// Everything in a list, page by page.
async fn items(client: &Client, path: &str) -> Vec<Value> {
    let mut answer = client.get(path).await.expect(200);
    let mut items = answer.body["items"].as_array().unwrap().clone();
    while let Some(cursor) = answer.body["next"].as_str() {
        answer = client.get(&format!("{path}?cursor={cursor}")).await.expect(200);
        items.extend(answer.body["items"].as_array().unwrap().iter().cloned());
    }
    items
}

/// A list of the API with everything of the world filled in.
fn paths(world: &World) -> Vec<(String, Vec<String>)> {
    let lists = Lists::of(&mut app::openapi()).unwrap();
    let mut paths = Vec::new();
    for (path, list) in lists.iter() {
        let path = path.strip_prefix("/api/v1").unwrap();
        let noun = path.split('/').nth(1).unwrap();
        paths.push((fill(path, |_| None), list.columns.clone()));
        paths.extend(world.of(noun).map(|object| (object.fill(path), list.columns.clone())));
    }
    paths
}

on_both_engines! {
    /// The rows of every table are those of the list for everybody who may read it, and who may not read the list
    /// gets the same refusal for the table. So nothing is in a table that the access table and the queries hide:
    /// sealed offers, what networks, rivals and consents keep apart.
    async fn a_table_holds_what_its_list_shows(app: TestApp) {
        let world = World::set(&app).await;
        let (mut tables, mut rows_seen) = (0, 0);
        let people = world.own.iter().chain(&world.neighbours).chain(&world.strangers);
        let first = [Role::InstitutionAdministrator, Role::LeadFirmAdministrator, Role::SupplierAdministrator];
        let people: Vec<_> = people.filter(|(role, _)| first.contains(role)).collect();
        let anonymous = app.anonymous();
        for (path, columns) in paths(&world) {
            let table = format!("{path}?format=csv");
            assert_eq!(anonymous.get(&table).await.status, anonymous.get(&path).await.status, "{path}");
            for (_, client) in &people {
                // A lead firm's reading under a consent is logged once an hour: the first time before.
                let listed = client.get(&path).await;
                let answer = client.get(&table).await;
                assert_eq!(answer.status, listed.status, "{table}: {:#}", answer.body);
                if listed.status != 200 {
                    assert_eq!(answer.code(), listed.code(), "{table}");
                    continue;
                }
                let items = items(client, &path).await;
                let (head, rows) = csv_of(&answer);
                assert_eq!(head, columns, "{table}");
                assert_eq!(rows.len(), items.len(), "{table}");
                for (row, item) in rows.iter().zip(&items) {
                    for (column, cell) in head.iter().zip(row) {
                        if let Some(text) = item[column.as_str()].as_str().filter(|text| !text.starts_with('-')) {
                            assert_eq!(cell, text, "{table} {column}");
                        }
                    }
                    // What a row holds, the description has a column for.
                    for key in item.as_object().unwrap().keys() {
                        let known = |column: &String| column == key || column.starts_with(&format!("{key}."));
                        assert!(head.iter().any(known), "{table} lacks {key}");
                    }
                }
                tables += 1;
                rows_seen += rows.len();
            }
        }
        assert!(tables > 150 && rows_seen > 100, "{tables} tables with {rows_seen} rows: is the world still complete?");
    }

    async fn a_table_is_the_whole_list_in_the_order_of_its_pages(app: TestApp) {
        let institution = app.institution().await;
        for at in 0..120 {
            let name = if at == 7 { "=1+1".to_owned() } else { format!("Grupo {at}") };
            institution.post("/buyer-groups", json!({ "name": name })).await.expect(201);
        }
        let table = institution.get("/buyer-groups?limit=3&format=csv").await.expect(200);
        let (head, rows) = csv_of(&table);
        let long = "7".repeat(501);
        let refused = institution.get(&format!("/buyer-groups?limit=0&cursor={long}&format=csv&colour=red")).await.expect(422);
        assert_eq!(refused.faults(), ["/colour unknown-field", "/cursor wrong-length", "/limit out-of-range"], "as the list would");
        let name = head.iter().position(|column| column == "name").unwrap();
        assert_eq!(head[0], "id");
        assert_eq!(rows.len(), 120);
        assert_eq!((rows[7][name].as_str(), rows[119][name].as_str()), ("'=1+1", "Grupo 119"));
        assert!(table.headers["content-disposition"].to_str().unwrap().contains("buyer-groups.csv"));

        let sheet = xlsx_of(&institution.get("/buyer-groups?format=xlsx").await.expect(200));
        assert_eq!(sheet.len(), 121);
        assert_eq!(sheet[8][name], Data::String("'=1+1".to_owned()));
        let accept = [("accept", "text/csv")];
        let accepted = institution.send(axum::http::Method::GET, "/buyer-groups", &accept, None).await.expect(200);
        assert_eq!(accepted.bytes, table.bytes);

        let refused = institution.get("/buyer-groups?format=pdf").await.expect(422);
        assert_eq!(refused.faults(), ["/format unknown-word"]);
        assert_eq!(institution.get("/buyer-groups?format=json").await.expect(200).body["items"].as_array().unwrap().len(), 50);
    }
}
