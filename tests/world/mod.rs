//! A programme with something in every state that matters, and people in every role: of the parties, of their
//! neighbours in the programme, and strangers. The matrix and the suite of leaks look at it.

mod agreements;
mod funding;
mod look;
mod matched;
mod measured;
mod networks;

use eslabon::foundation::access::{ANYONE, Kind, Role};
use serde_json::{Value, json};

use crate::{
    diagnostics::{
        evidence::{pdf, upload},
        rounds::own_instrument,
    },
    matching::scene::{Scene, lot},
    support::{Client, PASSWORD, TestApp},
};

pub use agreements::plan;
pub use funding::body as funding_body;
pub use look::{Offered, Seen, operations, shown};

/// What no object has for an id.
pub const MISSING: &str = "01890000-0000-7000-8000-000000000000";

/// Something in a state.
#[derive(Clone, Debug)]
pub struct Object {
    /// The first segment of its path: `requirements`.
    pub noun: &'static str,
    /// Its state.
    pub state: &'static str,
    /// The states that operations of these prefixes ask for instead.
    pub others: Vec<(&'static str, &'static str)>,
    /// What stands in the braces of paths.
    pub params: Vec<(&'static str, String)>,
}

impl Object {
    fn new(noun: &'static str, state: &'static str, path: &str) -> Self {
        let id = path.rsplit('/').next().unwrap().to_owned();
        Self { noun, state, others: Vec::new(), params: vec![("id", id)] }
    }

    fn with(mut self, name: &'static str, value: &impl ToString) -> Self {
        self.params.push((name, value.to_string()));
        self
    }

    fn other(mut self, operations: &'static str, state: &'static str) -> Self {
        self.others.push((operations, state));
        self
    }

    /// Where it is read.
    pub fn path(&self) -> String {
        format!("/{}/{}", self.noun, self.params[0].1)
    }

    /// The state that an operation asks for.
    pub fn state_for(&self, operation: &str) -> &'static str {
        let other = self.others.iter().find(|(prefix, _)| operation.starts_with(prefix));
        other.map_or(self.state, |(_, state)| state)
    }

    /// The path of an operation for it.
    pub fn fill(&self, path: &str) -> String {
        fill(path, |name| {
            self.params.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
        })
    }
}

/// A path with what stands in its braces; what is not known does not exist.
pub fn fill<'a>(path: &str, value: impl Fn(&str) -> Option<&'a str>) -> String {
    let mut filled = path.to_owned();
    while let Some((before, rest)) = filled.split_once('{') {
        let (name, after) = rest.split_once('}').unwrap();
        let usual = match name {
            "question" => "quality-defects-ppm",
            "version" => "1",
            _ => MISSING,
        };
        filled = format!("{before}{}{after}", value(name).unwrap_or(usual));
    }
    filled
}

/// All of it.
pub struct World {
    pub scene: Scene,
    pub buyer: Client,
    pub supplier: Client,
    /// A member of the supplier's consortia, and of the networks.
    pub partner: Client,
    /// How others name the partner.
    pub partner_named: Value,
    /// Another supplier and another lead firm of the programme, which take no part in anything.
    pub rival: Client,
    pub other_buyer: Client,
    /// An institution that executes projects of the programme.
    pub executor: Client,
    /// People of the institution, the lead firm and the supplier, in every role, and the partner.
    pub own: Vec<(Role, Client)>,
    /// The administrators of the rival and the other lead firm.
    pub neighbours: Vec<(Role, Client)>,
    /// People of an institution, a lead firm and a supplier outside, in every role.
    pub strangers: Vec<(Role, Client)>,
    /// A lead firm of the programme that has nothing to do with anybody.
    pub sister: String,
    pub objects: Vec<Object>,
}

/// `client` with colleagues in all the other roles of its organisation.
async fn with_colleagues(app: &TestApp, client: &Client, kind: Kind, first: Role) -> Vec<(Role, Client)> {
    let mut people = vec![(first, client.clone())];
    for role in ANYONE.iter().filter(|role| role.kind() == Some(kind) && **role != first) {
        people.push((*role, app.person(client.organisation(), kind, *role).await));
    }
    people
}

impl World {
    pub async fn set(app: &TestApp) -> Self {
        let scene = Scene::set(app, "0").await;
        let (buyer, other_buyer) = (scene.lead_firm(app, "Grande").await, scene.lead_firm(app, "Otra").await);
        let supplier = scene.supplier(app, "1000").await;
        let (partner, rival) = (scene.supplier(app, "1000").await, scene.supplier(app, "1000").await);
        let kinds = [
            (&scene.institution, Kind::Institution, Role::InstitutionAdministrator),
            (&buyer, Kind::LeadFirm, Role::LeadFirmAdministrator),
            (&supplier, Kind::Supplier, Role::SupplierAdministrator),
        ];
        let strange = [app.institution().await, app.lead_firm("Ajena").await, app.supplier("Ajeno").await];
        let (mut own, mut strangers) = (Vec::new(), Vec::new());
        for ((client, kind, first), stranger) in kinds.into_iter().zip(&strange) {
            own.extend(with_colleagues(app, client, kind, first).await);
            strangers.extend(with_colleagues(app, stranger, kind, first).await);
        }
        own.push((Role::SupplierAdministrator, partner.clone()));
        let neighbours = vec![
            (Role::SupplierAdministrator, rival.clone()),
            (Role::LeadFirmAdministrator, other_buyer.clone()),
        ];
        supplier.put(&format!("/consents/{}", buyer.organisation()), json!({})).await.expect(204);
        let partner_named = partner.named().await;
        let executor = app.organisation("Corporación del Valle", Role::InstitutionAdministrator).await;
        let mut world = Self {
            scene,
            buyer,
            supplier,
            partner,
            partner_named,
            rival,
            other_buyer,
            executor,
            own,
            neighbours,
            strangers,
            sister: MISSING.to_owned(),
            objects: Vec::new(),
        };
        world.past(app).await;
        world.programmes().await;
        world.governance(app).await;
        world.calls(app).await;
        world.requirements().await;
        world.networks().await;
        world.measured().await;
        world.agreements().await;
        world.matched(app).await;
        world.watched().await;
        world.people(app).await;
        world.runs(app).await;
        world.is_as_it_says().await;
        world
    }

    /// The objects of a noun.
    pub fn of<'a>(&'a self, noun: &'a str) -> impl Iterator<Item = &'a Object> {
        self.objects.iter().filter(move |object| object.noun == noun)
    }

    /// The object of a noun in a state.
    pub fn in_state(&self, noun: &str, state: &str) -> &Object {
        self.objects.iter().find(|object| object.noun == noun && object.state == state).unwrap()
    }

    /// The object of a noun that is in a state for operations of a prefix.
    pub fn in_state_for(&self, noun: &str, operations: &str, state: &str) -> &Object {
        let mut of_noun = self.objects.iter().filter(|object| object.noun == noun);
        of_noun.find(|object| object.state_for(operations) == state).unwrap()
    }

    fn put(&mut self, object: Object) {
        self.objects.push(object);
    }

    /// What somebody is told of a state: suppliers do not learn that all of a requirement has been awarded.
    pub fn shown_to(&self, reader: &Client, state: &'static str) -> &'static str {
        let suppliers = [&self.supplier, &self.partner, &self.rival].map(Client::organisation);
        if state == "awarded" && suppliers.contains(&reader.organisation()) { "closed" } else { state }
    }

    /// Each object that shows a state is in the one that it is here for.
    async fn is_as_it_says(&self) {
        let readers = [&self.scene.institution, &self.buyer, &self.supplier];
        for object in &self.objects {
            for reader in readers {
                let answer = reader.get(&object.path()).await;
                if let (200, Some(state)) = (answer.status.as_u16(), answer.body["state"].as_str()) {
                    assert_eq!(state, self.shown_to(reader, object.state), "{object:?}");
                }
            }
        }
    }

    /// A mandate of the supplier to the institution.
    fn mandate(&self, until: &str) -> Value {
        json!({ "institution": self.scene.institution.organisation(), "scope": "diagnostic",
            "purpose": "Responder durante la visita.", "until": until })
    }

    /// What time has overtaken: it is over before the rest begins.
    async fn past(&mut self, app: &TestApp) {
        let waiver = json!({
            "supplier": self.supplier.organisation(), "lead_firm": self.other_buyer.organisation(),
            "dependency_cap": "0.5", "reason": "Primer contrato de la red.", "expires_on": "2026-03-03",
        });
        let signed = self.scene.approver.post(&format!("{}/waivers", self.scene.programme), waiver).await;
        let open = Object::new("programmes", "open", &self.scene.programme);
        self.put(open.with("waiver", &signed.expect(201).text("id")).other("waivers_revoke", "expired"));
        let body = json!({ "email": "tarde@uno.example", "role": "supplier_member" });
        let invited = self.supplier.post("/invitations", body).await.expect(201);
        self.put(Object::new("invitations", "expired", &invited.text("invitation/id")));
        let given = self.supplier.post("/mandates", self.mandate("2026-03-03")).await.expect(201);
        self.put(Object::new("mandates", "expired", &given.text("id")));
        app.base.clock.advance(8 * 86_400);
    }

    async fn programmes(&mut self) {
        let institution = &self.scene.institution;
        let body = json!({ "name": "Otro programa", "currency": "USD", "starts_on": "2026-01-01", "ends_on": "2027-12-31" });
        let mut made = Vec::new();
        for _ in 0..2 {
            made.push(format!(
                "/programmes/{}",
                institution.post("/programmes", body.clone()).await.expect(201).text("id")
            ));
        }
        institution.move_on(&made[1], "open").await;
        institution.move_on(&made[1], "close").await;
        let waivers = format!("{}/waivers", self.scene.programme);
        let mut signed = Vec::new();
        for supplier in [&self.rival, &self.partner] {
            let waiver = json!({
                "supplier": supplier.organisation(), "lead_firm": self.other_buyer.organisation(),
                "dependency_cap": "0.5", "reason": "Único comprador de la zona.", "expires_on": "2026-12-31",
            });
            signed.push(self.scene.approver.post(&waivers, waiver).await.expect(201).text("id"));
        }
        let reason = json!({ "reason": "Ya hay otros compradores." });
        self.scene.approver.post(&format!("{waivers}/{}/revoke", signed[1]), reason).await.expect(200);
        let open = Object::new("programmes", "open", &self.scene.programme);
        self.put(open.clone().with("waiver", &signed[0]).other("waivers_revoke", "in_force"));
        self.put(open.with("waiver", &signed[1]).other("waivers_revoke", "revoked"));
        self.put(Object::new("programmes", "draft", &made[0]));
        self.put(Object::new("programmes", "closed", &made[1]));
    }

    /// A published requirement that demands what the supplier is short of.
    pub async fn demanding(&self) -> String {
        let criteria = json!([
            { "question": "quality-defects-ppm", "kind": "number", "maximum": "350", "necessity": "must", "criticality": 3 },
        ]);
        let path = self.buyer.requirement(&self.scene.programme, json!([lot(10, "5")]), criteria).await;
        self.buyer.move_on(&path, "publish").await;
        path
    }

    async fn requirements(&mut self) {
        let draft = self.buyer.requirement(&self.scene.programme, json!([lot(10, "5")]), json!([])).await;
        let forming = self.supplier.form_consortium(&self.scene.programme, &[&self.partner]).await;
        let ready = self.supplier.ready_consortium(&self.scene.programme, &[&self.partner]).await;
        let dissolved = self.supplier.ready_consortium(&self.scene.programme, &[&self.partner]).await;
        self.supplier.move_on(&dissolved, "dissolve").await;
        let consortium = ready.rsplit('/').next().unwrap().to_owned();
        let lot_of_draft = self.buyer.get(&draft).await.text("lots/0/id");
        self.put(
            Object::new("requirements", "draft", &draft).with("supplier", &self.supplier.organisation()),
        );
        self.put(Object::new("lots", "draft", &lot_of_draft).with("consortium", &consortium));
        for state in ["published", "closed"] {
            let path = self.demanding().await;
            self.buyer.post(&format!("{path}/gap-analyses"), json!({})).await.expect(200);
            let lot = self.buyer.get(&path).await.text("lots/0/id");
            for offer in [format!("/lots/{lot}/offer"), format!("/lots/{lot}{ready}/offer")] {
                self.supplier.put_if(&offer, "\"0\"", json!({ "unit_price": "4.25" })).await.expect(200);
            }
            if state == "published" {
                self.questions(&path).await;
            }
            if state == "closed" {
                self.buyer.move_on(&path, "close").await;
            }
            let supplier = self.supplier.organisation();
            self.put(Object::new("requirements", state, &path).with("supplier", &supplier));
            self.put(Object::new("lots", state, &lot).with("consortium", &consortium));
        }
        let states = [
            (forming, "forming", "invited"),
            (ready, "ready", "accepted"),
            (dissolved, "dissolved", "accepted"),
        ];
        for (path, state, answer) in states {
            let object = Object::new("consortia", state, &path);
            self.put(object.other("consortia_accept", answer).other("consortia_decline", answer));
        }
    }

    /// A question of the supplier's in every state.
    async fn questions(&mut self, requirement: &str) {
        for state in ["open", "answered", "hidden"] {
            let text = json!({ "text": format!("¿Se acepta otro bronce? ({state})") });
            let asked = self.supplier.post(&format!("{requirement}/questions"), text).await.expect(201);
            let path = format!("/questions/{}", asked.text("id"));
            match state {
                "answered" => {
                    let answer = json!({ "answer": "Sí, con certificado de colada." });
                    self.buyer.post_if(&format!("{path}/answer"), "\"1\"", answer).await.expect(200);
                }
                "hidden" => {
                    let reason = json!({ "reason": "Nombra a una empresa." });
                    self.scene
                        .institution
                        .post_if(&format!("{path}/hide"), "\"1\"", reason)
                        .await
                        .expect(200);
                }
                _ => {}
            }
            self.put(Object::new("questions", state, &path));
        }
    }

    /// An address of the supplier's that is called, and an entry of its trail.
    async fn watched(&mut self) {
        let supplier = self.supplier.clone();
        let hook = supplier.post("/webhooks", json!({ "url": "https://uno.example/hook" })).await.expect(201);
        let webhook = format!("/webhooks/{}", hook.text("webhook/id"));
        let tried = supplier.post(&format!("{webhook}/try"), json!({})).await.expect(202);
        self.put(Object::new("webhooks", "active", &webhook).with("call", &tried.text("call")));
        let done = supplier.get("/audit-entries?limit=1").await.expect(200);
        self.put(Object::new("audit-entries", "written", &done.text("items/0/id")));
    }

    /// A session of somebody else's.
    async fn session(&mut self, app: &TestApp) {
        let elsewhere = app.supplier("Otra parte").await.organisation();
        let email = app.person_with_password(elsewhere, Role::SupplierMember).await;
        app.browser().log_in(&email, PASSWORD).await.expect(303);
        let person = json!({ "email": email, "password": PASSWORD });
        let person = app
            .anonymous()
            .with_token(&app.anonymous().post("/tokens", person).await.expect(201).text("secret"));
        let session = person.get("/sessions").await.expect(200).text("items/0/id");
        self.put(Object::new("sessions", "any", &session));
    }

    /// What belongs to organisations: invitations, declarations, diagnostics, instruments.
    async fn people(&mut self, app: &TestApp) {
        let supplier = self.supplier.clone();
        for (at, state) in ["pending", "revoked", "accepted"].into_iter().enumerate() {
            let body = json!({ "email": format!("persona{at}@uno.example"), "role": "supplier_member" });
            let invited = supplier.post("/invitations", body).await.expect(201);
            let id = invited.text("invitation/id");
            if state == "revoked" {
                supplier.delete(&format!("/invitations/{id}")).await.expect(204);
            }
            if state == "accepted" {
                let body = json!({ "secret": invited.text("secret"), "name": "Eva Soto", "password": PASSWORD, "privacy_notice": 1 });
                app.anonymous().post("/invitations/accept", body).await.expect(201);
            }
            self.put(Object::new("invitations", state, &id));
        }
        for (at, state) in ["pending", "dismissed", "granted"].into_iter().enumerate() {
            let mut asked = supplier.named().await;
            asked["email"] = json!(format!("pide{at}@uno.example"));
            asked["name"] = json!("Eva Soto");
            app.anonymous().post("/membership-requests", asked).await.expect(200);
            let listed = supplier.get("/membership-requests").await.expect(200);
            let items = listed.body["items"].as_array().unwrap();
            let id = items.iter().rfind(|item| item["state"] == "pending").unwrap()["id"]
                .as_str()
                .unwrap()
                .to_owned();
            if state == "dismissed" {
                supplier.post(&format!("/membership-requests/{id}/dismiss"), json!({})).await.expect(204);
            }
            if state == "granted" {
                let role = json!({ "role": "supplier_reader" });
                supplier.post(&format!("/membership-requests/{id}/grant"), role).await.expect(201);
            }
            self.put(Object::new("membership-requests", state, &id));
        }
        let institution = self.scene.institution.clone();
        for state in ["declared", "confirmed", "rejected", "withdrawn"] {
            let other = self.scene.lead_firm(app, &format!("Hermana {state}")).await;
            if state == "withdrawn" {
                self.sister = other.organisation().to_string();
            }
            let body = json!({ "with": other.organisation(), "ground": "Ambas pertenecen a Inversiones Cordillera." });
            let declared = self.buyer.post("/control-declarations", body).await.expect(201);
            let path = format!("/control-declarations/{}", declared.text("id"));
            let reason = json!({ "reason": "Consta en el registro." });
            match state {
                "confirmed" => drop(
                    institution
                        .post_if(&format!("{path}/confirm"), &declared.etag(), reason)
                        .await
                        .expect(200),
                ),
                "rejected" => drop(
                    institution
                        .post_if(&format!("{path}/reject"), &declared.etag(), reason)
                        .await
                        .expect(200),
                ),
                "withdrawn" => drop(self.buyer.move_on(&path, "withdraw").await),
                _ => {}
            }
            self.put(Object::new("control-declarations", state, &path));
        }
        for state in ["submitted", "draft"] {
            let path = format!(
                "/diagnostics/{}",
                supplier.post("/diagnostics", json!({})).await.expect(201).text("id")
            );
            let answer = format!("{path}/answers/quality-defects-ppm");
            supplier.put(&answer, json!({ "revision": 1, "value": "400" })).await.expect(200);
            let file =
                upload(&supplier, &format!("{answer}/evidence"), &pdf(state)).await.expect(201).text("id");
            if state == "submitted" {
                supplier.move_on(&path, "submit").await;
            }
            self.put(Object::new("diagnostics", state, &path));
            self.put(Object::new("evidence", state, &file));
        }
        let me = supplier.get("/me").await.expect(200).text("account/id");
        self.put(Object::new("members", "any", &me).with("account", &me));
        let token = supplier.get("/tokens").await.expect(200).text("items/0/id");
        self.put(Object::new("tokens", "any", &token));
        self.session(app).await;
        self.put(Object::new("suppliers", "any", &supplier.organisation().to_string()));
        self.private(&me).await;
        self.interests().await;
        self.objections(app).await;
        for state in ["in_force", "revoked"] {
            let given = self.supplier.post("/mandates", self.mandate("2026-12-31")).await.expect(201);
            let path = format!("/mandates/{}", given.text("id"));
            if state == "revoked" {
                self.supplier.move_on(&path, "revoke").await;
            }
            self.put(Object::new("mandates", state, &path));
        }
    }

    /// Objections of the supplier to approvals, in every state; handled by somebody who decided nothing.
    async fn objections(&mut self, app: &TestApp) {
        let listed = self.supplier.get("/matches?state=approved").await.expect(200);
        let found: Vec<_> =
            listed.body["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect();
        let officer = app
            .person(self.scene.institution.organisation(), Kind::Institution, Role::InstitutionAdministrator)
            .await;
        for (state, found) in
            ["filed", "in_review", "upheld", "dismissed", "withdrawn"].into_iter().zip(found)
        {
            let body = json!({ "about": "match", "about_id": found, "reasons": "El precio no es el que ofrecimos." });
            let filed = self.supplier.post("/objections", body).await.expect(201);
            let path = format!("/objections/{}", filed.text("id"));
            if matches!(state, "in_review" | "upheld" | "dismissed") {
                officer.move_on(&path, "review").await;
            }
            let etag = officer.get(&path).await.expect(200).etag();
            let said = json!({ "reason": "Así consta en el expediente.", "remedy": "Se corrige el precio." });
            match state {
                "upheld" => drop(officer.post_if(&format!("{path}/uphold"), &etag, said).await.expect(200)),
                "dismissed" => {
                    let reason = json!({ "reason": "Así consta en el expediente." });
                    officer.post_if(&format!("{path}/dismiss"), &etag, reason).await.expect(200);
                }
                "withdrawn" => drop(self.supplier.move_on(&path, "withdraw").await),
                _ => {}
            }
            self.put(Object::new("objections", state, &path));
        }
    }

    /// An interest of the institution's administrator in every state, in a firm that takes no part in anything here.
    async fn interests(&mut self) {
        let institution = self.scene.institution.clone();
        let party = self.sister.clone();
        for state in ["over", "in_force", "to_come"] {
            let from = if state == "to_come" { "2026-12-01" } else { "2026-01-01" };
            let interest = json!({ "party": party, "nature": "recusal", "from": from });
            let path = format!(
                "/interests/{}",
                institution.post("/interests", interest).await.expect(201).text("id")
            );
            if state == "over" {
                let reason = json!({ "reason": "La participación se vendió." });
                institution.post_if(&format!("{path}/end"), "\"1\"", reason).await.expect(200);
            }
            self.put(Object::new("interests", state, &path));
        }
    }

    /// What a firm and an institution have for themselves.
    async fn private(&mut self, account: &str) {
        let (supplier, institution) = (self.supplier.clone(), self.scene.institution.clone());
        let own = supplier.organisation();
        self.put(Object::new("organisations", "any", &own.to_string()));
        // Consent and sales name a lead firm; a supplier is none, whether it is registered or not.
        self.put(Object::new("consents", "any", account).with("lead_firm", &own));
        let certificate = json!({ "scheme": "ISO 9001:2015", "number": "QMS-4711", "issuer": "Certificadora",
            "scope": "Torneado", "issued_on": "2025-03-10", "expires_on": "2028-03-09" });
        let id = supplier.post("/profile/certificates", certificate).await.expect(201).text("id");
        supplier.put("/profile/processes/rectificado", json!({})).await.expect(204);
        self.put(Object::new("profile", "any", &id).with("buyer", &own).with("process", &"rectificado"));
        for state in ["draft", "published"] {
            let made = institution.post("/instruments", own_instrument(&format!("metal-{state}"))).await;
            let id = made.expect(201).text("id");
            if state == "published" {
                institution.move_on(&format!("/instruments/{id}"), "publish").await;
            }
            self.put(Object::new("instruments", state, &id).with("code", &id));
        }
    }
}
