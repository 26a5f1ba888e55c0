//! Questions about a published requirement: everybody reads the answers, nobody learns who asked.

use serde_json::{Value, json};

use super::{Scene, lot};
use crate::{
    support::{Answer, Client, TestApp},
    world::shown,
};

/// A scene with two more suppliers and a published requirement.
struct Asked {
    scene: Scene,
    second: Client,
    third: Client,
    requirement: String,
}

impl Asked {
    async fn set(app: &TestApp) -> Self {
        let scene = Scene::set(app).await;
        let (second, third) = (app.supplier("Dos").await, app.supplier("Tres").await);
        scene.institution.take_in(&scene.programme, &[&second, &third]).await;
        let requirement =
            scene.lead_firm.requirement(&scene.programme, json!([lot("Bujes")]), json!([])).await;
        scene.lead_firm.move_on(&requirement, "publish").await;
        Self { scene, second, third, requirement }
    }

    async fn ask(&self, supplier: &Client, text: &str) -> Answer {
        supplier.post(&format!("{}/questions", self.requirement), json!({ "text": text })).await
    }

    async fn answer(&self, question: &Answer, text: &str) -> Answer {
        let path = format!("/questions/{}/answer", question.text("id"));
        self.scene.lead_firm.post_if(&path, "\"1\"", json!({ "answer": text })).await
    }

    async fn list(&self, reader: &Client) -> Vec<Value> {
        let listed = reader.get(&format!("{}/questions", self.requirement)).await.expect(200);
        listed.body["items"].as_array().unwrap().clone()
    }

    fn everybody(&self) -> [&Client; 5] {
        [&self.scene.institution, &self.scene.lead_firm, &self.scene.supplier, &self.second, &self.third]
    }
}

/// The questions without what is only for the firm that asked.
fn without_own(items: &[Value]) -> Vec<Value> {
    let strip = |item: &Value| {
        let mut item = item.clone();
        item.as_object_mut().unwrap().remove("own").unwrap();
        item
    };
    items.iter().map(strip).collect()
}

fn texts(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["text"].as_str().unwrap()).collect()
}

on_both_engines! {
    async fn everybody_reads_the_answers_in_their_order_and_one_answer_can_be_mended(app: TestApp) {
        let asked = Asked::set(&app).await;
        let first = asked.ask(&asked.scene.supplier, "¿Se acepta bronce SAE 65?").await.expect(201);
        let second = asked.ask(&asked.second, "¿La entrega puede ser quincenal?").await.expect(201);
        assert_eq!((first.text("state"), first.body["own"].as_bool()), ("open".to_owned(), Some(true)));
        // The second question is answered first.
        asked.answer(&second, "Sí, cada dos semanas.").await.expect(200);
        asked.answer(&first, "No, solo SAE 64.").await.expect(200);
        for reader in asked.everybody() {
            let found = asked.list(reader).await;
            assert_eq!(texts(&found), ["¿La entrega puede ser quincenal?", "¿Se acepta bronce SAE 65?"]);
            assert_eq!(found[1]["answer"], "No, solo SAE 64.");
        }
        let path = format!("/questions/{}", first.text("id"));
        let mended = json!({ "answer": "Sí, con certificado de colada." });
        asked.scene.lead_firm.post_if(&format!("{path}/answer"), "\"1\"", mended.clone()).await.expect(412);
        asked.scene.lead_firm.post_if(&format!("{path}/answer"), "\"2\"", mended).await.expect(200);
        let found = asked.list(&asked.third).await;
        assert_eq!((texts(&found)[1], &found[1]["answer"]), ("¿Se acepta bronce SAE 65?", &json!("Sí, con certificado de colada.")));
        let short = asked.ask(&asked.second, "¿Qué?").await.expect(422);
        assert_eq!(short.faults(), ["/text wrong-length"]);
        // Who does not see the requirement sees no question either.
        let stranger = app.supplier("Ajeno").await;
        let missing = stranger.get("/questions/01890000-0000-7000-8000-000000000000").await.expect(404);
        assert_eq!(shown(&stranger.get(&path).await), shown(&missing));
    }

    /// Neither an id, a time, the order nor a difference between readers says who asked; before the answer other
    /// suppliers do not learn that there is a question.
    async fn nobody_learns_who_asked(app: TestApp) {
        let asked = Asked::set(&app).await;
        let bystanders = [&asked.third, &asked.second];
        let before = [asked.list(bystanders[0]).await, asked.list(bystanders[1]).await];
        let requirement = asked.third.get(&asked.requirement).await.expect(200);
        let mut questions = Vec::new();
        for at in 0..6 {
            app.base.clock.advance(61);
            let question = asked.ask(&asked.scene.supplier, &format!("¿Pregunta número {at}?")).await.expect(201);
            let id: uuid::Uuid = question.text("id").parse().unwrap();
            assert_eq!(id.get_version_num(), 4, "an id that tells no time");
            questions.push(question);
        }
        assert_eq!([asked.list(bystanders[0]).await, asked.list(bystanders[1]).await], before);
        assert_eq!(shown(&asked.third.get(&asked.requirement).await), shown(&requirement));
        let hidden = asked.third.get(&format!("/questions/{}", questions[0].text("id"))).await.expect(404);
        assert_eq!(hidden.code(), "not-found");
        // What waits stands in no order of time.
        let waiting = asked.list(&asked.scene.lead_firm).await;
        let mut by_id: Vec<_> = waiting.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect();
        let shown_order = by_id.clone();
        by_id.sort();
        assert_eq!(shown_order, by_id);
        let times: Vec<_> = (1..=6).map(|at| format!("2026-03-02T14:0{at}")).collect();
        let account = asked.scene.supplier.get("/me").await.expect(200).text("account/id");
        let supplier = asked.scene.supplier.organisation().to_string();
        asked.answer(&questions[3], "Sí.").await.expect(200);
        for reader in asked.everybody() {
            let found = asked.list(reader).await;
            let text = json!(without_own(&found)).to_string();
            // The answer's own time is 14:06 and stands there.
            for secret in times[..5].iter().chain([&account, &supplier]) {
                assert!(!text.contains(secret.as_str()), "{secret} in {text}");
            }
            let is_own = reader.organisation() == asked.scene.supplier.organisation();
            assert!(found.iter().all(|item| item["own"] == is_own), "{found:#?}");
        }
        // Bystanders read the same to the byte.
        assert_eq!(asked.list(&asked.second).await, asked.list(&asked.third).await);
        assert_eq!(without_own(&asked.list(&asked.third).await)[0], without_own(&asked.list(&asked.scene.supplier).await)[0]);
    }

    async fn a_question_is_hidden_with_a_reason(app: TestApp) {
        let asked = Asked::set(&app).await;
        let question = asked.ask(&asked.scene.supplier, "¿Por qué Uno SpA ganó el año pasado?").await.expect(201);
        asked.answer(&question, "No se comenta.").await.expect(200);
        let path = format!("/questions/{}", question.text("id"));
        let reason = json!({ "reason": "Nombra a una empresa." });
        asked.scene.lead_firm.post_if(&format!("{path}/hide"), "\"2\"", reason.clone()).await.expect(403);
        asked.scene.institution.post_if(&format!("{path}/hide"), "\"2\"", reason).await.expect(200);
        for reader in [&asked.second, &asked.third] {
            reader.get(&path).await.expect(404);
            assert_eq!(asked.list(reader).await, Vec::<Value>::new());
        }
        for reader in [&asked.scene.supplier, &asked.scene.lead_firm, &asked.scene.institution] {
            let read = reader.get(&path).await.expect(200);
            assert_eq!((read.text("state"), read.text("hidden_because")), ("hidden".into(), "Nombra a una empresa.".into()));
        }
    }

    async fn asking_ends_by_the_programmes_clocks_and_what_waits_stays_visible(app: TestApp) {
        let (institution, lead_firm, supplier) =
            (app.institution().await, app.lead_firm("Grande").await, app.supplier("Uno").await);
        let programme = institution.programme_with(json!({
            "time_zone": "America/Santiago", "rules": { "dependency_allowance": { "amount": "0", "currency": "CLP" } },
        })).await;
        institution.take_in(&programme, &[&lead_firm, &supplier]).await;
        institution.move_on(&programme, "open").await;
        let mut body = json!({
            "programme": programme.rsplit('/').next(), "title": "Repuestos", "lots": [lot("Bujes")],
            "closes_at": "2026-03-02T18:00", "questions_until": "2026-03-02T19:00",
        });
        let refused = lead_firm.post("/requirements", body.clone()).await.expect(422);
        assert_eq!(refused.faults(), ["/questions_until after-closing"]);
        // It is eleven o'clock there.
        body["questions_until"] = json!("2026-03-02T10:59");
        assert_eq!(lead_firm.post("/requirements", body.clone()).await.expect(422).faults(), ["/questions_until not-in-future"]);
        body["questions_until"] = json!("2026-03-02T12:00");
        let posted = lead_firm.post("/requirements", body).await.expect(201);
        assert_eq!(posted.text("questions_until"), "2026-03-02T15:00:00Z");
        let requirement = format!("/requirements/{}", posted.text("id"));
        let ask = async |text: &str| supplier.post(&format!("{requirement}/questions"), json!({ "text": text })).await;
        lead_firm.move_on(&requirement, "publish").await;
        let mut ids = Vec::new();
        for at in 0..20 {
            ids.push(ask(&format!("¿Pregunta número {at}?")).await.expect(201).text("id"));
        }
        assert_eq!(ask("¿Y una más que esas?").await.expect(409).code(), "too-many-questions");
        app.base.clock.advance(3_599);
        let answer = async |id: &str| {
            lead_firm.post_if(&format!("/questions/{id}/answer"), "\"1\"", json!({ "answer": "Sí." })).await
        };
        answer(&ids[0]).await.expect(200);
        ask("¿Todavía a tiempo?").await.expect(201);
        app.base.clock.advance(1);
        let ended = ask("¿Y ahora también?").await.expect(409);
        assert_eq!(ended.code(), "asking-ended");
        let detail = ended.text("detail").replace(['\u{2068}', '\u{2069}'], "");
        assert!(detail.starts_with("Se recibían preguntas hasta el 2 de marzo de 2026, 12:00 (hora de Santiago)."), "{detail}");
        answer(&ids[1]).await.expect(200);
        app.base.clock.advance(6 * 3_600 + 2);
        app.run_jobs().await;
        assert_eq!(lead_firm.get(&requirement).await.text("state"), "closed");
        assert_eq!(answer(&ids[2]).await.expect(409).code(), "answering-ended");
        for reader in [&lead_firm, &institution] {
            let waiting = reader.get(&format!("{requirement}/questions?state=open")).await.expect(200);
            assert_eq!(waiting.body["items"].as_array().unwrap().len(), 19);
        }
    }
}
