//! A visit is called, its minutes are written by one side and confirmed by the other, and a promise is kept.

use eslabon::foundation::access::Role;

on_both_engines! {
    async fn minutes_are_confirmed_by_both_sides_and_a_promise_is_kept(app: TestApp) {
        let (institution, lead_firm) = (app.institution().await, app.lead_firm("Minera").await);
        let (supplier, other) = (app.supplier("Tornos <Sur>").await, app.supplier("Otro").await);
        let programme = institution.open_programme(&[&lead_firm]).await;
        let network = institution.network(&programme, &lead_firm).await;
        for firm in [&supplier, &other] {
            institution.select(&network, &lead_firm, firm).await;
        }
        let mut buyer = app.browser_of(&lead_firm, Role::LeadFirmMember).await;
        let mut seller = app.browser_of(&supplier, Role::SupplierMember).await;
        let list = buyer.open(&network).await.expect(200).link("/meetings");
        let new = buyer.open(&list).await.expect(200).link("/meetings/new");
        let page = buyer.open(&new).await.expect(200);
        page.says("Tornos <Sur>");
        let today = page.form(&new).get("held_on").unwrap().to_owned();
        let wrong = buyer.send(&page.form(&new).with("purpose", "Ver")).await.expect(422);
        for field in ["place", "purpose", "participants"] {
            assert!(wrong.text.contains(&format!("id=\"{field}-fault\"")), "{field}: {}", wrong.words());
        }
        let form = wrong.form(&new).with("kind", "visit").with("place", "Rancagua").with("purpose", "Conocer el <taller> y sus tornos.");
        let id = supplier.organisation().to_string();
        let meeting = buyer.send(&form.with("participants-0", &id)).await.expect(303).location();
        buyer.open(&meeting).await.expect(200).says("Por hacer").says("Conocer el <taller>");

        // A supplier that was not asked does not see it; in the list of the one that was, it stands.
        let mut stranger = app.browser_of(&other, Role::SupplierMember).await;
        stranger.open(&meeting).await.expect(404);
        assert!(!stranger.open(&list).await.expect(200).words().contains("Rancagua"));
        let offered = stranger.open(&new).await.expect(200);
        assert!(!offered.words().contains("Tornos"), "suppliers do not know each other");
        seller.open(&list).await.expect(200).says("Rancagua");

        // The minutes: who came, and what was agreed on.
        let minutes = seller.open(&meeting).await.link("/minutes");
        let form = seller.open(&minutes).await.expect(200).form(&minutes);
        let nobody = seller.send(&form.clone().with("agreements-0-what", "Mandar el plano").with("agreements-0-until", "ayer")).await.expect(422);
        assert!(nobody.text.contains("id=\"attendance-fault\"") && nobody.text.contains("id=\"agreements-0-until-fault\""), "{}", nobody.words());
        let filled = nobody.form(&minutes).with("attendance-0-people", "Ana").with("attendance-1-people", "Luz").with("agreements-0-until", &today)
            .with("agreements-0-who", &lead_firm.organisation().to_string());
        seller.submit(&filled).await.expect(200).says("Acta por confirmar").says("Mandar el plano");
        let page = buyer.open(&meeting).await.expect(200);
        page.says("Confirme el acta");
        assert!(!seller.open(&meeting).await.text.contains("/confirm\""), "who wrote them has confirmed");
        let confirmed = buyer.submit(&page.form("/confirm")).await.expect(200);
        confirmed.says("Acta confirmada");
        assert!(!seller.open(&meeting).await.text.contains("/agreements/"), "promised by another");
        let promise = confirmed.link("/agreements/");
        let form = buyer.open(&promise).await.expect(200).form(&promise);
        let empty = buyer.send(&form).await.expect(422);
        assert!(empty.text.contains("id=\"note-fault\""));
        buyer.submit(&empty.form(&promise).with("note", "Enviado por correo.")).await.expect(200).says("Enviado por correo.").says("Cumplido");
        stranger.open(&promise).await.expect(404);

        // Another one is called off, with a reason that all of them read.
        let page = buyer.open(&new).await;
        let form = page.form(&new).with("place", "Talca").with("purpose", "Revisar los planos nuevos.").with("participants-0", &id);
        let meeting = buyer.send(&form).await.expect(303).location();
        let cancel = buyer.open(&meeting).await.link("/cancel");
        let short = buyer.fill(&cancel, &[("reason", "no")]).await.expect(422);
        buyer.submit(&short.form(&cancel).with("reason", "Se enfermó quien recibía.")).await.expect(200).says("Cancelada");
        seller.open(&meeting).await.expect(200).says("Se enfermó quien recibía.");
    }
}
