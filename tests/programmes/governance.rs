//! Who steers a programme, coordinates it and executes in it; its funds, criteria and reviews.

use eslabon::foundation::access::{Kind, Role};
use serde_json::{Value, json};

use crate::{
    matching::scene::Scene,
    support::{Answer, Client, TestApp},
};

/// Another institution.
pub async fn institution(app: &TestApp, name: &str) -> Client {
    app.organisation(name, Role::InstitutionAdministrator).await
}

impl Scene {
    /// The institution appoints another, which is asked; its path.
    pub async fn appoint(&self, other: &Client, function: &str) -> String {
        let body = json!({
            "institution": other.organisation(), "function": function, "statement": "Conoce a los talleres de la zona.",
        });
        let made = self.institution.post(&format!("{}/appointments", self.programme), body).await.expect(201);
        format!("/appointments/{}", made.text("id"))
    }

    /// The same, and it accepts.
    pub async fn appointed(&self, other: &Client, function: &str) -> String {
        let path = self.appoint(other, function).await;
        other.move_on(&path, "accept").await;
        path
    }

    pub async fn assign(&self, amount: &str, change: &str) -> Answer {
        let body = json!({
            "change": change, "amount": { "amount": amount, "currency": "USD" }, "reason": "Ley de presupuestos 2026.",
        });
        self.institution.post(&format!("{}/fund-entries", self.programme), body).await
    }
}

on_both_engines! {
    async fn a_function_is_offered_and_accepted_and_returns_when_it_ends(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (agency, chamber) = (institution(&app, "Agencia").await, institution(&app, "Cámara").await);
        let functions = format!("{}/functions", scene.programme);
        let own = scene.institution.get(&functions).await.expect(200);
        let owner = scene.institution.organisation();
        assert_eq!(own.body, json!({ "direction": owner, "coordination": owner, "execution": [owner] }));
        agency.get(&functions).await.expect(404);

        let path = scene.appoint(&agency, "coordination").await;
        agency.get(&functions).await.expect(404);
        let offered = agency.get(&path).await.expect(200);
        assert_eq!((offered.text("state"), offered.text("programme_name")), ("offered".into(), "Proveedores".into()));
        chamber.get(&path).await.expect(404);
        let early = scene.institution.post_if(&format!("{path}/accept"), &offered.etag(), json!({})).await.expect(409);
        assert_eq!(early.code(), "not-the-appointed");
        agency.move_on(&path, "accept").await;
        assert_eq!(agency.get(&functions).await.expect(200).text("coordination"), agency.organisation().to_string());

        // The one takes over from the other; nothing else passes with it.
        let second = scene.appointed(&chamber, "coordination").await;
        assert_eq!(scene.institution.get(&path).await.text("state"), "ended");
        agency.get(&functions).await.expect(404);
        let refused = chamber.post(&format!("{}/fund-entries", scene.programme),
            json!({ "amount": { "amount": "5", "currency": "USD" }, "reason": "Presupuesto propio." })).await.expect(409);
        assert_eq!(refused.code(), "not-your-function");

        let etag = chamber.get(&second).await.etag();
        let reason = json!({ "reason": "El directorio lo decidió." });
        chamber.post_if(&format!("{second}/end"), &etag, reason).await.expect(200);
        assert_eq!(scene.institution.get(&functions).await.text("coordination"), owner.to_string());
        chamber.get(&functions).await.expect(404);
    }

    async fn the_direction_can_pass_on_with_everything_that_is_its(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let ministry = institution(&app, "Ministerio").await;
        scene.appointed(&ministry, "direction").await;
        assert_eq!(scene.assign("100", "assign").await.expect(409).code(), "not-your-function");
        let criteria = format!("{}/operating-criteria", scene.programme);
        let text = json!({ "text": "Redes de cinco pymes.", "data": { "least_firms": 5 } });
        let refused = scene.institution.put_if(&criteria, "\"0\"", text.clone()).await.expect(409);
        assert_eq!(refused.code(), "not-your-function");
        ministry.put_if(&criteria, "\"0\"", text).await.expect(200);
        let entries = format!("{}/fund-entries", scene.programme);
        let body = json!({ "amount": { "amount": "100", "currency": "USD" }, "reason": "Ley de presupuestos 2026." });
        ministry.post(&entries, body).await.expect(201);
        assert_eq!(scene.institution.get(&entries).await.expect(200).text("items/0/assigned_after/amount"), "100.00");
        let body = json!({ "institution": scene.institution.organisation(), "function": "coordination", "statement": "Sigue coordinando." });
        let refused = ministry.post(&format!("{}/appointments", scene.programme), body).await.expect(422);
        assert_eq!(refused.faults(), ["/institution appointed-already"]);
        // The networks of the programme are the institution's that opened it, as before.
        ministry.get(&scene.programme).await.expect(404);
    }

    async fn funds_are_a_ledger_and_never_negative(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let sums = async || {
            let read = scene.institution.get(&format!("{}/funds", scene.programme)).await.expect(200);
            (read.text("assigned/amount"), read.text("free/amount"))
        };
        assert_eq!(sums().await, ("0.00".into(), "0.00".into()));
        scene.assign("1000", "assign").await.expect(201);
        scene.assign("250.50", "reduce").await.expect(201);
        assert_eq!(sums().await, ("749.50".into(), "749.50".into()));
        let refused = scene.assign("749.51", "reduce").await.expect(409);
        assert_eq!(refused.code(), "funds-not-free");
        assert!(refused.text("detail").contains("749.50 USD"), "{:#}", refused.body);
        assert_eq!(sums().await, ("749.50".into(), "749.50".into()));
        let entries = format!("{}/fund-entries", scene.programme);
        let wrong = json!({ "amount": { "amount": "0", "currency": "USD" }, "reason": "No" });
        assert_eq!(scene.institution.post(&entries, wrong).await.expect(422).faults(), ["/amount zero", "/reason wrong-length"]);
        let foreign = json!({ "amount": { "amount": "5", "currency": "CLP" }, "reason": "Otra moneda, sin más." });
        assert_eq!(scene.institution.post(&entries, foreign).await.expect(422).faults(), ["/amount not-the-programmes-currency"]);
        let listed = scene.institution.get(&entries).await.expect(200);
        assert_eq!(listed.body["items"].as_array().unwrap().len(), 2);
    }

    async fn criteria_have_versions_and_coordination_a_checklist_in_both_languages(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let criteria = format!("{}/operating-criteria", scene.programme);
        let text = |text: &str| json!({ "text": text, "data": { "least_firms": 5 } });
        scene.institution.put_if(&criteria, "\"0\"", text("Redes de cinco pymes.")).await.expect(200);
        scene.institution.put_if(&criteria, "\"0\"", text("Redes de seis pymes.")).await.expect(412);
        scene.institution.put_if(&criteria, "\"1\"", text("Redes de seis pymes.")).await.expect(200);
        let listed = scene.institution.get(&criteria).await.expect(200);
        assert_eq!((listed.text("items/0/text"), listed.text("items/1/number")), ("Redes de cinco pymes.".into(), "2".into()));
        assert_eq!(listed.text("items/1/data/least_firms"), "5");

        let path = format!("{}/coordination", scene.programme);
        let answer = |weakness: &str| json!({ "weakness": weakness, "how": "Convenio de diez años con la cámara.",
            "reviewed_on": "2026-01-15", "review_due_on": "2026-02-15" });
        let wrong = json!({ "model": "mixed", "answers": [answer("political_swings"), answer("sustainability"), answer("sustainability")] });
        let refused = scene.institution.put_if(&path, "\"0\"", wrong).await.expect(422);
        assert_eq!(refused.faults(), ["/answers/0/weakness not-a-weakness-of-the-model", "/answers/2/weakness twice"]);
        // All at once: what is malformed hides neither what does not fit nor what stands twice.
        let mut short = answer("political_swings");
        short["how"] = json!("No.");
        let mut wrong = json!({ "model": "mixed", "answers": [short, answer("sustainability"), answer("sustainability")] });
        let refused = scene.institution.put_if(&path, "\"0\"", wrong.clone()).await.expect(422);
        let expected = ["/answers/0/how wrong-length", "/answers/0/weakness not-a-weakness-of-the-model", "/answers/2/weakness twice"];
        assert_eq!(refused.faults(), expected);
        wrong.as_object_mut().unwrap().remove("model");
        let refused = scene.institution.put_if(&path, "\"0\"", wrong).await.expect(422);
        assert_eq!(refused.faults(), ["/answers/0/how wrong-length", "/answers/2/weakness twice", "/model required"]);
        let mut ahead = answer("sustainability");
        (ahead["reviewed_on"], ahead["review_due_on"]) = (json!("2026-03-03"), json!(null));
        let ahead = json!({ "model": "mixed", "answers": [answer("hard_to_create"), ahead] });
        let refused = scene.institution.put_if(&path, "\"0\"", ahead).await.expect(422);
        assert_eq!(refused.faults(), ["/answers/1/reviewed_on in-the-future"]);
        let said = json!({ "model": "mixed", "answers": [answer("sustainability")] });
        scene.institution.put_if(&path, "\"0\"", said).await.expect(200);
        let told = async |language: &str| {
            let read = scene.institution.send(axum::http::Method::GET, &path, &[("accept-language", language)], None).await;
            read.expect(200).body["checklist"].clone()
        };
        let (spanish, english) = (told("es").await, told("en").await);
        assert!(spanish[0]["text"].as_str().unwrap().starts_with("Es difícil de crear"), "{spanish:#}");
        assert!(english[0]["text"].as_str().unwrap().starts_with("It is hard to create"), "{english:#}");
        assert_eq!((&english[0]["how"], &english[0]["is_overdue"]), (&Value::Null, &json!(false)));
        assert_eq!((&english[1]["weakness"], &english[1]["is_overdue"]), (&json!("sustainability"), &json!(true)));
    }

    async fn a_review_says_who_looked_at_whom(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let agency = institution(&app, "Agencia").await;
        let path = format!("{}/coordination-reviews", scene.programme);
        let review = json!({ "from": "2026-01-01", "to": "2026-02-28", "findings": "Las convocatorias se resolvieron en plazo.",
            "measures": [{ "what": "Publicar los puntajes", "due_on": "2026-06-30" }] });
        assert_eq!(scene.institution.post(&path, review.clone()).await.expect(201).text("is_own"), "true");
        scene.appointed(&agency, "coordination").await;
        let made = scene.institution.post(&path, review.clone()).await.expect(201);
        assert_eq!((made.text("is_own"), made.text("reviewed")), ("false".into(), agency.organisation().to_string()));
        assert_eq!(agency.post(&path, review.clone()).await.expect(409).code(), "not-your-function");
        assert_eq!(agency.get(&path).await.expect(200).body["items"].as_array().unwrap().len(), 2);
        let mut early = review;
        early["to"] = json!("2026-03-03");
        assert_eq!(scene.institution.post(&path, early).await.expect(422).faults(), ["/to in-the-future"]);
        let reader = app.person(agency.organisation(), Kind::Institution, Role::InstitutionReader).await;
        reader.get(&path).await.expect(200);
    }
}
