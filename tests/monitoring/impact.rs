//! Evaluations of impact.

use serde_json::{Value, json};

use super::{DAY, Net, employ, say};

fn evaluation() -> Value {
    json!({ "moment": "month_12", "findings": "El empleo creció en las empresas de la red, más en las más pequeñas.",
        "attribution": "Sin la red habría crecido con el sector, un dos por ciento, según la encuesta regional.",
        "recommendations": "Seguir con los talleres de calidad." })
}

on_both_engines! {
    async fn the_direction_records_what_has_changed_with_the_figures_of_then(app: TestApp) {
        let mut net = Net::of(&app, 6).await;
        let evaluations = format!("{}/impact-evaluations", net.scene.programme);
        let measured = async |net: &Net, moment: &str, due: &str, more: usize| {
            let round = net.round(moment, due).await;
            for (number, supplier) in net.suppliers.iter().enumerate() {
                employ(supplier, &round, &(10 + more * number).to_string()).await.expect(200);
                // Exports are known of four firms.
                if number < 4 {
                    say(supplier, &round, "exports", json!({ "value": "5", "unit": "USD" })).await.expect(200);
                }
            }
            net.scene.institution.move_on(&round, "close").await;
        };
        measured(&net, "baseline", "2026-04-01", 0).await;
        let early = net.scene.institution.post(&evaluations, evaluation()).await.expect(409);
        assert_eq!(early.code(), "nothing-to-evaluate");
        app.base.clock.advance(365 * DAY);
        net.log_in_again(&app).await;
        measured(&net, "month_12", "2027-04-01", 2).await;
        let institution = &net.scene.institution;
        let faulty = json!({ "moment": "baseline", "findings": "Poco" });
        assert_eq!(institution.post(&evaluations, faulty).await.expect(422).faults(),
            ["/attribution required", "/findings wrong-length", "/moment baseline-beside-itself"]);
        let recorded = institution.post(&evaluations, evaluation()).await.expect(201);
        let figure = |indicator: &str| {
            let figures = recorded.body["figures"].as_array().unwrap().iter();
            figures.clone().find(|figure| figure["indicator"] == indicator).unwrap().clone()
        };
        let employment = figure("employment");
        assert_eq!((&employment["firms"], &employment["mean_before"], &employment["mean_after"], &employment["change_percent"]),
            (&json!(6), &json!("10"), &json!("15"), &json!("50")));
        let exports = figure("exports");
        assert_eq!((&exports["withheld"], &exports["firms"], &exports["mean_after"]),
            (&json!("fewer_than_five"), &Value::Null, &Value::Null));

        assert_eq!(institution.get(&evaluations).await.expect(200).body["items"], json!([recorded.body]));
        // The firms of the programme, and other institutions, learn nothing of it.
        for firm in [&net.buyer, &net.suppliers[0]] {
            firm.get(&evaluations).await.expect(403);
        }
        let other = app.institution().await;
        other.get(&evaluations).await.expect(404);
        other.post(&evaluations, evaluation()).await.expect(404);
    }

    async fn whoever_does_not_steer_the_programme_evaluates_nothing(app: TestApp) {
        let net = Net::of(&app, 1).await;
        let national = app.institution().await;
        let appointment = json!({ "institution": national.organisation(), "function": "direction",
            "statement": "Dirige el programa nacional." });
        let appointed = net.scene.institution.post(&format!("{}/appointments", net.scene.programme), appointment).await.expect(201);
        national.move_on(&format!("/appointments/{}", appointed.text("id")), "accept").await;
        let evaluations = format!("{}/impact-evaluations", net.scene.programme);
        let refused = net.scene.institution.post(&evaluations, evaluation()).await.expect(409);
        assert_eq!(refused.code(), "not-your-function");
        assert_eq!(national.post(&evaluations, evaluation()).await.expect(409).code(), "nothing-to-evaluate");
    }
}
