//! Requirements as open data: who sees what of them, whether they are what the standard says, and whether they come
//! back as they went.

use std::path::{Path, PathBuf};

use eslabon::{
    exchange::{self, ImportOcds, ocds},
    foundation::{
        access::{Actor, Kind, Role},
        ids::{ProgrammeId, RequirementId},
        problem::Problem,
    },
};
use serde_json::{Value, json};

use super::{real_data, record};
use crate::{
    approvals::{accepted, step},
    matching::scene::{Scene, award, lot},
    support::{Client, TestApp},
    world::World,
};

/// The published schema of release packages, when it was fetched.
fn schema() -> Option<jsonschema::Validator> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/ocds-schema/release-package.json");
    let Ok(text) = std::fs::read(&path) else {
        eprintln!("NOT VALIDATED: {} is not there; .ci/ocds-schema fetches it", path.display());
        return None;
    };
    let mut schema: Value = serde_json::from_slice(&text).unwrap();
    mend(&mut schema);
    // A profile for public-private partnerships in it narrows what the standard says.
    schema["properties"]["releases"]["items"]["properties"]["initiationType"]["enum"] = json!(["tender"]);
    let options = jsonschema::options().with_draft(jsonschema::Draft::Draft4).should_validate_formats(true);
    Some(options.build(&schema).unwrap_or_else(|error| panic!("no schema at {}", error.instance_path())))
}

/// One of the extensions in it demands the type "", which no schema knows.
fn mend(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            map.retain(|key, value| key != "type" || value != "");
            map.values_mut().for_each(mend);
        }
        Value::Array(list) => list.iter_mut().for_each(mend),
        _ => {}
    }
}

/// Every release of a package, and of a record package the compiled ones too, against the schema.
fn validate(validator: Option<&jsonschema::Validator>, package: &Value) {
    let Some(validator) = validator else { return };
    let mut as_releases = package.clone();
    if let Some(records) = package["records"].as_array() {
        let of = |record: &Value| {
            assert_eq!(record["compiledRelease"]["tag"], json!(["compiled"]));
            assert_eq!(record["ocid"], record["releases"][0]["ocid"]);
            [record["releases"][0].clone(), record["compiledRelease"].clone()]
        };
        as_releases["releases"] = records.iter().flat_map(of).collect();
        as_releases.as_object_mut().unwrap().remove("records");
    }
    let faults: Vec<_> = validator
        .iter_errors(&as_releases)
        .map(|error| format!("{} {} {:.200}", error.instance_path(), error.schema_path(), error.to_string()))
        .collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

async fn open(client: &Client, requirement: &str) {
    client.put(&format!("{requirement}/open-data"), json!({ "open": true })).await.expect(200);
}

/// A programme of its own in this currency; its path.
async fn programme_in(institution: &Client, currency: &str) -> String {
    let body = json!({
        "name": format!("Registros {currency}"), "currency": currency, "starts_on": "2026-01-01", "ends_on": "2027-12-31",
        "rules": { "dependency_allowance": { "amount": "0", "currency": currency } },
    });
    let programme =
        format!("/programmes/{}", institution.post("/programmes", body).await.expect(201).text("id"));
    institution.move_on(&programme, "open").await;
    programme
}

/// Imports a record into a programme of its own, and exports it from there. A record that names no currency goes into
/// a programme in euros.
async fn cycle(app: &TestApp, institution: &Client, record: &ocds::Procurement) -> Result<Value, Problem> {
    let currency = record.currency.map_or("EUR", |currency| currency.code());
    let programme = programme_in(institution, currency).await;
    let id: ProgrammeId = programme.rsplit('/').next().unwrap().parse().unwrap();
    let service = Actor::system(institution.organisation());
    let imported = app
        .base
        .transact(service.may::<ImportOcds>().unwrap(), async |w| {
            let imported = exchange::store::import(&w, id, record, None).await?;
            Ok(w.done(imported))
        })
        .await?;
    let buyer = app.person(imported.lead_firm, Kind::LeadFirm, Role::LeadFirmAdministrator).await;
    let requirement = format!("/requirements/{}", imported.requirement);
    open(&buyer, &requirement).await;
    Ok(institution.get(&format!("{requirement}/ocds?package=record")).await.expect(200).body)
}

/// What a release says, without ids and moments of this service.
fn content(package: &Value) -> Value {
    let release = &package["records"][0]["compiledRelease"];
    let name = |lot: &Value| {
        let items = release["tender"]["items"].as_array().unwrap();
        items.iter().position(|item| item["id"] == *lot).unwrap()
    };
    let items = release["tender"]["items"].as_array().unwrap().iter().map(|item| {
        let without = ["id", "relatedLot"];
        item.as_object()
            .unwrap()
            .iter()
            .filter(|(key, _)| !without.contains(&key.as_str()))
            .collect::<Vec<_>>()
    });
    let bids = release["bids"]["details"].as_array().cloned().unwrap_or_default();
    let mut bids: Vec<_> = bids
        .iter()
        .map(|bid| {
            let items = &bid["items"][0];
            json!([
                bid["tenderers"],
                bid["value"],
                name(&bid["relatedLots"][0]),
                items["quantity"],
                items["unit"]
            ])
            .to_string()
        })
        .collect();
    bids.sort();
    let mut parties: Vec<_> =
        release["parties"].as_array().unwrap().iter().map(ToString::to_string).collect();
    parties.sort();
    json!({
        "ocid": release["ocid"], "title": release["tender"]["title"], "description": release["tender"]["description"],
        "buyer": release["buyer"], "items": items.collect::<Vec<_>>(), "bids": bids, "parties": parties,
    })
}

/// Imports, exports, imports what was exported, exports again: nothing is lost on the way from the second on.
async fn round(
    app: &TestApp,
    institution: &Client,
    record: &ocds::Procurement,
    validator: Option<&jsonschema::Validator>,
) -> Result<(), Problem> {
    let first = cycle(app, institution, record).await?;
    validate(validator, &first);
    let again = ocds::read(first.to_string().as_bytes()).unwrap();
    assert_eq!(again.procurements.len(), 1);
    let second =
        cycle(app, institution, &again.procurements[0]).await.expect("what was exported can be imported");
    assert_eq!(content(&first), content(&second), "{}", record.ocid);
    Ok(())
}

on_both_engines! {
    async fn a_package_is_valid_and_holds_what_its_reader_may_see(app: TestApp) {
        let world = World::set(&app).await;
        let schema = schema();
        let institution = &world.scene.institution;
        let listed = world.buyer.get("/requirements?limit=100").await.expect(200);
        let (mut bids, mut awards, mut contracts, mut criteria) = (0, 0, 0, 0);
        for summary in listed.body["items"].as_array().unwrap() {
            let path = format!("/requirements/{}", summary["id"].as_str().unwrap());
            let package = format!("{path}/ocds");
            institution.get(&package).await.expect(404);
            if summary["state"] == "draft" {
                let refused = world.buyer.put(&format!("{path}/open-data"), json!({ "open": true })).await.expect(409);
                assert_eq!(refused.code(), "wrong-state");
                continue;
            }
            world.supplier.put(&format!("{path}/open-data"), json!({ "open": true })).await.expect(403);
            world.other_buyer.put(&format!("{path}/open-data"), json!({ "open": true })).await.expect(404);
            open(&world.buyer, &path).await;
            let seen = institution.get(&package).await.expect(200).body;
            validate(schema.as_ref(), &seen);
            let whole = institution.get(&format!("{package}?package=record&prefix=ocds-abc123")).await.expect(200).body;
            validate(schema.as_ref(), &whole);
            assert!(whole["records"][0]["ocid"].as_str().unwrap().starts_with("ocds-abc123-"));
            let count = |pointer: &str| seen["releases"][0].pointer(pointer).and_then(Value::as_array).map_or(0, Vec::len);
            bids += count("/bids/details");
            awards += count("/awards");
            contracts += count("/contracts");
            criteria += count("/tender/criteria");
            if summary["state"] == "published" {
                assert_eq!(count("/bids/details"), 0, "offers are sealed until the requirement closes");
            }
            // A bidder's name goes out with its award only.
            let release = &seen["releases"][0];
            let awarded = release["awards"].to_string();
            for bid in release.pointer("/bids/details").and_then(Value::as_array).into_iter().flatten() {
                for tenderer in bid["tenderers"].as_array().into_iter().flatten() {
                    assert!(awarded.contains(tenderer["id"].as_str().unwrap()), "{bid:#}");
                }
            }
            // A lead firm never sees offers, a supplier nothing of others.
            let own = world.buyer.get(&package).await.expect(200).body;
            assert!(own["releases"][0]["bids"].is_null());
            let rival = world.rival.get(&package).await;
            if rival.status == 200 {
                let text = rival.body["releases"][0].to_string();
                for secret in ["awards", "contracts", "bids"] {
                    assert!(rival.body["releases"][0][secret].is_null(), "{text}");
                }
            }
            world.buyer.put(&format!("{path}/open-data"), json!({ "open": false })).await.expect(200);
            institution.get(&package).await.expect(404);
        }
        assert!(bids > 0 && awards > 0 && contracts > 0 && criteria > 0, "{bids} {awards} {contracts} {criteria}");
        let refused = institution.get(&format!("{}/ocds?prefix=a%20b%20c%20d", world.in_state("requirements", "closed").path())).await;
        assert_eq!(refused.expect(422).faults(), ["/prefix not-an-ocid-prefix"]);
    }

    async fn a_release_says_who_sells_what_to_whom_for_how_much_and_when(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let mut wanted = lot(10, "1");
        (wanted["delivery_from"], wanted["delivery_to"]) = (json!("2026-05-01"), json!("2026-06-30"));
        let body = json!({ "programme": scene.id, "title": "Bujes", "lots": [wanted], "criteria": [] });
        let path = format!("/requirements/{}", buyer.post("/requirements", body).await.expect(201).text("id"));
        let lot = buyer.move_on(&path, "publish").await.text("lots/0/id");
        let offer = json!({ "unit_price": "1" });
        supplier.put_if(&format!("/lots/{lot}/offer"), "\"0\"", offer).await.expect(200);
        buyer.move_on(&path, "close").await;
        let found = scene.propose(&app, &[award(&supplier, &lot, 10)]).await.remove(0);
        accepted(&buyer, &supplier, &found).await;
        step(&scene.approver, &found, "approve").await.expect(200);
        let terms = json!({ "matches": [found], "starts_on": "2026-03-02", "payment_days": 30 });
        let contract = format!("/contracts/{}", buyer.post("/contracts", terms).await.expect(201).text("id"));
        supplier.move_on(&contract, "sign").await;
        app.base.clock.advance(3_600);
        buyer.move_on(&contract, "sign").await;
        open(&buyer, &path).await;

        let release = scene.institution.get(&format!("{path}/ocds")).await.expect(200).body["releases"][0].clone();
        let has_role = |party: &&Value| party["roles"].as_array().unwrap().contains(&json!("supplier"));
        let seller = release["parties"].as_array().unwrap().iter().find(has_role).unwrap();
        let seller = json!([{ "id": seller["id"], "name": seller["name"] }]);
        assert_eq!((&release["buyer"]["name"], &seller[0]["name"]), (&json!("Grande"), &json!("Proveedor")));
        let (bid, award, contract) = (&release["bids"]["details"][0], &release["awards"][0], &release["contracts"][0]);
        for what in [bid, award, contract] {
            assert!(what["value"]["amount"].to_string().starts_with("10"), "{what:#}");
        }
        assert_eq!((&bid["tenderers"], &award["suppliers"], &award["relatedLots"]), (&seller, &seller, &json!([lot])));
        // Signed when the second one has signed.
        assert_eq!((&contract["awardID"], &contract["dateSigned"]), (&award["id"], &json!("2026-03-02T15:00:00Z")));
        let period = json!({ "startDate": "2026-05-01T00:00:00Z", "endDate": "2026-06-30T00:00:00Z" });
        assert_eq!(release["tender"]["lots"][0]["contractPeriod"], period);
    }

    async fn what_was_published_from_here_is_not_imported_here_and_is_elsewhere(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let buyer = scene.lead_firm(&app, "Grande").await;
        let body = json!({ "programme": scene.id, "title": "Bujes", "lots": [lot(10, "1")], "criteria": [] });
        let posted = buyer.post("/requirements", body).await.expect(201);
        let path = format!("/requirements/{}", posted.text("id"));
        buyer.move_on(&path, "publish").await;
        buyer.move_on(&path, "close").await;
        open(&buyer, &path).await;
        for query in ["", "?package=record&prefix=ocds-abc123"] {
            let package = scene.institution.get(&format!("{path}/ocds{query}")).await.expect(200).body.to_string();
            let own = ocds::read(package.as_bytes()).unwrap();
            let refused = cycle(&app, &scene.institution, &own.procurements[0]).await.unwrap_err();
            assert_eq!(refused.code, "already-imported");
            // The same of another database, whose requirements have other ids.
            let stranger: RequirementId = app.base.ids.random_id();
            let other = package.replace(&posted.text("id"), &stranger.to_string());
            let other = ocds::read(other.as_bytes()).unwrap();
            cycle(&app, &scene.institution, &other.procurements[0]).await.unwrap();
        }
    }

    async fn a_record_comes_back_as_it_went(app: TestApp) {
        let institution = app.institution().await;
        let record = ocds::read(record().to_string().as_bytes()).unwrap();
        round(&app, &institution, &record.procurements[0], schema().as_ref()).await.unwrap();
    }

    async fn public_records_come_back_as_they_went(app: TestApp) {
        let Some(real) = real_data("ocds/155220.json") else { return };
        let ted = real.parent().unwrap().join("ted");
        let mut files: Vec<PathBuf> = std::fs::read_dir(ted).unwrap().map(|file| file.unwrap().path()).collect();
        files.sort();
        assert_eq!(files.len(), 100);
        files.insert(0, real);
        let validator = schema();
        let institution = app.institution().await;
        let mut refused = Vec::new();
        for file in files {
            let name = file.file_name().unwrap().display();
            let reading = ocds::read(&std::fs::read(&file).unwrap()).unwrap_or_else(|error| panic!("{name}: {error}"));
            for record in &reading.procurements {
                if let Err(problem) = round(&app, &institution, record, validator.as_ref()).await {
                    refused.push(format!("{name}: {}", problem.code));
                }
            }
        }
        assert_eq!(refused, Vec::<String>::new());
    }
}
