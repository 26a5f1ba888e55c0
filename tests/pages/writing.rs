//! From a blank requirement to a sealed offer and a signed gap act: through the HTML.

use eslabon::foundation::access::Role;

use crate::matching::scene::Scene;

on_both_engines! {
    async fn a_requirement_is_written_published_offered_for_and_closed(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let lead_firm = scene.lead_firm(&app, "Conservas").await;
        let supplier = scene.supplier(&app, "1000").await;
        let mut buyer = app.browser_of(&lead_firm, Role::LeadFirmMember).await;
        let list = buyer.open("/requirements").await.expect(200);
        let page = buyer.open(&list.link("/requirements/new")).await.expect(200);

        // A table from a spreadsheet fills the rows; nothing is saved yet.
        let table = "Lote\tProceso\tUnidad\tCantidad\tPrecio\nEjes\ttorneado\tpieza\t1 200\t1,5\nBujes\ttorneado\tpieza\t40\t2\n";
        let form = page.form("/requirements/new").with("title", "Repuestos 2026").with("paste", table);
        let page = buyer.send(&form.clone().with("_paste", "yes")).await.expect(200);
        let form = page.form("/requirements/new");
        assert_eq!(form.get("title"), Some("Repuestos 2026"), "what was typed stays");
        assert_eq!((form.get("lots-0-name"), form.get("lots-1-quantity")), (Some("Ejes"), Some("40")));
        buyer.open("/requirements").await.expect(200).says("todavía no publicó");

        // Every fault at once, at its cell, and nothing typed is lost.
        let form = form.with("programme", &scene.id).with("criteria-0-question", "quality-defects-ppm")
            .with("criteria-0-necessity", "must").with("criteria-0-maximum", "500");
        let wrong = form.clone().with("lots-0-quantity", "1.200").with("lots-1-unit", "docenita");
        let page = buyer.send(&wrong).await.expect(422);
        page.says("Puede leerse como 1200 o como 1.200");
        for cell in ["lots-0-quantity", "lots-1-unit", "criteria-0-criticality"] {
            assert!(page.text.contains(&format!("id=\"{cell}-fault\"")), "{cell}: {}", page.words());
            assert!(page.text.contains(&format!("href=\"#{cell}\"")), "{cell}");
        }
        assert_eq!(page.form("/requirements/new").get("lots-1-unit"), Some("docenita"));

        let right = form.with("criteria-0-criticality", "3").with("lots-1-max_share", "60");
        let address = buyer.send(&right).await.expect(303).location();
        let draft = buyer.open(&address).await.expect(200);
        draft.says("Borrador").says("Ejes torneado 1 200 (pieza) 1.5 100.0 %").says("60.0 %").says("≤ 500");

        // Another hand has changed it meanwhile: nothing is overwritten.
        let mut colleague = app.browser_of(&lead_firm, Role::LeadFirmMember).await;
        let edit = format!("{address}/edit");
        let (mine, theirs) = (buyer.open(&edit).await.form("/edit"), colleague.open(&edit).await.form("/edit"));
        assert_eq!(mine.get("lots-1-max_share"), Some("60"), "percent as people write it");
        colleague.send(&theirs.with("title", "Repuestos y más")).await.expect(303);
        let page = buyer.send(&mine.with("title", "Mi título")).await.expect(412);
        assert_eq!(page.form("/edit").get("title"), Some("Mi título"));
        buyer.open(&address).await.expect(200).says("Repuestos y más");

        let link = buyer.open(&address).await.link("/steps/publish");
        let step = buyer.open(&link).await.expect(200);
        buyer.submit(&step.form("/steps/publish")).await.expect(200).says("Publicado");
        buyer.open(&edit).await.expect(409).says("ya no es un borrador");

        // The supplier seals a price, sees it, changes it; the lead firm sees nothing of it.
        let mut seller = app.browser_of(&supplier, Role::SupplierMember).await;
        let seen = seller.open(&address).await.expect(200);
        let lot = seen.link("/offer");
        let page = seller.open(&lot).await.expect(200);
        page.says("Nadie ve su oferta");
        let faulty = page.form("/offer").with("unit_price", "").with("max_quantity", "999999");
        let again = seller.send(&faulty).await.expect(422);
        assert_eq!(again.form("/offer").get("max_quantity"), Some("999999"));
        let sealed = seller.submit(&page.form("/offer").with("unit_price", "1,25")).await.expect(200);
        sealed.says("1.25 USD").says("Cuenta").says("Compromiso");
        assert!(!buyer.open(&address).await.expect(200).words().contains("1.25"));
        buyer.open(&lot).await.expect(403);
        let step = seller.open(&sealed.link("/withdraw")).await.expect(200);
        seller.submit(&step.form("/withdraw")).await.expect(200).says("Ofertar");

        let link = buyer.open(&address).await.link("/steps/close");
        let step = buyer.open(&link).await.expect(200);
        buyer.submit(&step.form("/steps/close")).await.expect(200).says("Cerrado");
        seller.open(&lot).await.expect(200).says("no recibe ofertas");
    }

    async fn lots_come_in_from_a_file_once_somebody_has_seen_what_is_in_it(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let lead_firm = scene.lead_firm(&app, "Conservas").await;
        let lots = serde_json::json!([crate::matching::scene::lot(100, "1")]);
        let address = lead_firm.requirement(&scene.programme, lots, serde_json::json!([])).await;
        let mut buyer = app.browser_of(&lead_firm, Role::LeadFirmMember).await;
        let import = buyer.open(&address).await.expect(200).link("/import");
        buyer.open(&import).await.expect(200).says("Columnas que se entienden");

        // Everything that is wrong, with its row and column; nothing is imported, and there is nothing to confirm.
        let faulty = "nombre;proceso;unidad;cantidad;precio de referencia\nEjes;torneado;pieza;muchos;1,5\nBujes;;pieza;40;2\n";
        let page = buyer.upload(&import, faulty.as_bytes()).await.expect(200);
        page.says("Hay 2 cosas que corregir").says("2 cantidad").says("3 proceso").says("por corregir");
        assert!(!page.text.contains("/import/confirm"));
        let broken = buyer.upload(&import, b"PK nothing of a workbook").await.expect(415);
        broken.says("Elija un archivo CSV o XLSX");
        buyer.upload(&import, b"").await.expect(422);

        let sound = "nombre;proceso;unidad;cantidad;precio de referencia\nEjes;torneado;pieza;1200;1,5\nBujes;fresado;pieza;40;2\n";
        let page = buyer.upload(&import, sound.as_bytes()).await.expect(200);
        page.says("Se agregarían 2").says("Ejes torneado pieza 1200").says("se agrega");
        assert!(!buyer.open(&address).await.words().contains("Ejes"), "it was only shown");
        let form = page.form("/import/confirm");
        let done = buyer.submit(&form).await.expect(200);
        done.says("Listo. Quedó registrado con el número").says("Ejes torneado 1 200").says("Bujes");
        let again = buyer.upload(&import, sound.as_bytes()).await.expect(200);
        again.says("quedarían como están 2");
        assert!(!again.text.contains("/import/confirm"), "there is nothing to do");

        let link = buyer.open(&address).await.link("/steps/publish");
        let step = buyer.open(&link).await.expect(200);
        buyer.submit(&step.form("/steps/publish")).await.expect(200);
        buyer.open(&import).await.expect(409);
        buyer.send(&form.with("_once", "another")).await.expect(409);
        let mut other = app.browser_of(&scene.lead_firm(&app, "Otra").await, Role::LeadFirmMember).await;
        other.open(&import).await.expect(404);
    }

    async fn what_was_done_is_said_once_with_the_number_under_which_it_is_found(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let lead_firm = scene.lead_firm(&app, "Conservas").await;
        let lots = serde_json::json!([crate::matching::scene::lot(100, "1")]);
        let address = lead_firm.requirement(&scene.programme, lots, serde_json::json!([])).await;
        let mut buyer = app.browser_of(&lead_firm, Role::LeadFirmAdministrator).await;
        assert!(!buyer.open(&address).await.words().contains("Quedó registrado"));
        let link = buyer.open(&address).await.link("/steps/publish");
        let step = buyer.open(&link).await.expect(200);
        let there = buyer.send(&step.form("/steps/publish")).await.expect(303).location();
        let words = buyer.open(&there).await.expect(200).words();
        let (_, rest) = words.split_once("Quedó registrado con el número ").unwrap_or_else(|| panic!("{words}"));
        let number = rest.split_whitespace().next().unwrap().to_owned();
        assert_eq!(number.len(), 14, "{number}");
        assert!(!buyer.open(&there).await.words().contains("Quedó registrado"), "it is said once");
        buyer.open("/audit").await.expect(200).says(&number);
    }

    async fn what_is_published_is_amended_with_a_reason(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let lead_firm = scene.lead_firm(&app, "Conservas").await;
        let supplier = scene.supplier(&app, "1000").await;
        let lots = serde_json::json!([crate::matching::scene::lot(100, "1"), crate::matching::scene::lot(40, "2")]);
        let address = lead_firm.requirement(&scene.programme, lots, serde_json::json!([])).await;
        lead_firm.move_on(&address, "publish").await;
        let mut seller = app.browser_of(&supplier, Role::SupplierMember).await;
        let page = seller.open(&seller.clone().open(&address).await.link("/offer")).await.expect(200);
        seller.submit(&page.form("/offer").with("unit_price", "1,25")).await.expect(200);

        let mut buyer = app.browser_of(&lead_firm, Role::LeadFirmMember).await;
        let link = buyer.open(&address).await.expect(200).link("/amend");
        buyer.open(&format!("{address}/edit")).await.expect(409);
        let form = buyer.open(&link).await.expect(200).form("/amend");
        assert_eq!(form.get("lots-0-id").map(str::len), Some(36), "a lot is told which it was");
        let faulty = form.clone().with("lots-0-quantity", "110");
        let again = buyer.send(&faulty).await.expect(422);
        assert!(again.text.contains("id=\"reason-fault\""));
        assert_eq!(again.form("/amend").get("lots-0-quantity"), Some("110"));
        buyer.send(&form.with("reason", "No cambia nada de nada.")).await.expect(409);

        // One lot changes, one is cleared.
        let mut right = faulty.with("reason", "El plano cambió de medida.");
        for (name, text) in &mut right.fields {
            if name.starts_with("lots-1-") && !name.ends_with("-id") {
                text.clear();
            }
        }
        let told = buyer.submit(&right).await.expect(200);
        told.says("El plano cambió de medida.").says("Cambió un lote").says("Se quitó un lote");
        let link = seller.open(&address).await.expect(200).link("/amendments");
        seller.open(&link).await.expect(200).says("las ofertas por él hay que confirmarlas");
        seller.open(&format!("{address}/amend")).await.expect(403);
        let stranger = app.supplier("Ajeno").await;
        app.browser_of(&stranger, Role::SupplierMember).await.open(&link).await.expect(404);
    }

    async fn a_gap_act_is_disputed_settled_and_signed(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let lead_firm = scene.lead_firm(&app, "Conservas").await;
        let supplier = scene.supplier(&app, "1000").await;
        let criterion = serde_json::json!({ "question": "quality-defects-ppm", "kind": "number", "maximum": "300",
            "necessity": "must", "criticality": 3 });
        let lots = [crate::matching::scene::lot(100, "1")];
        let body = serde_json::json!({ "programme": scene.id, "title": "Bujes", "lots": lots, "criteria": [criterion] });
        let posted = lead_firm.post("/requirements", body).await.expect(201);
        let address = format!("/requirements/{}", posted.text("id"));
        let body = serde_json::json!({});
        lead_firm.post_if(&format!("{address}/publish"), &posted.etag(), body.clone()).await.expect(200);
        lead_firm.post(&format!("{address}/gap-analyses"), body.clone()).await;
        supplier.put(&format!("/consents/{}", lead_firm.organisation()), body).await.expect(204);

        let mut seller = app.browser_of(&supplier, Role::SupplierMember).await;
        let mut buyer = app.browser_of(&lead_firm, Role::LeadFirmMember).await;
        let link = seller.open(&address).await.link("/gap-acts");
        let acts = seller.open(&link).await.expect(200);
        let act = seller.submit(&acts.form("/gap-acts")).await.expect(200);
        act.says("≤ 300").says("400").says("brecha 100").says("Nadie ha firmado");
        let there = act.form("/signatures").action.replace("/signatures", "");

        let unticked = seller.send(&act.form("/signatures")).await.expect(422);
        assert!(unticked.text.contains("id=\"has_read_it-fault\""));
        let short = seller.send(&act.form("/disputes").with("line", "0").with("reason", "no")).await.expect(422);
        assert!(short.text.contains("id=\"reason-fault\""));
        let reason = "Las 400 incluyen un lote de prueba.";
        let disputed = seller.submit(&act.form("/disputes").with("line", "0").with("reason", reason)).await.expect(200);
        disputed.says("Con reparos").says(reason).says("Se firma cuando no quede ningún reparo abierto.");
        assert!(!disputed.text.contains("/signatures\""), "nobody signs while it is open");

        let link = buyer.open(&there).await.link("/disputes/");
        let page = buyer.open(&link).await.expect(200);
        let answered = buyer.submit(&page.form("/answer").with("text", "El lote de prueba cuenta.")).await.expect(200);
        answered.says("El lote de prueba cuenta.");
        let link = seller.open(&there).await.link("/disputes/");
        let page = seller.open(&link).await.expect(200);
        let settle = page.form("/settle").with("outcome", "dismissed").with("note", "De acuerdo, lo retiro.");
        seller.submit(&settle).await.expect(200).says("La línea se mantiene").says("Abierta");

        // How the gap is closed, written by either side; what is missing is said in the box that it is about.
        let link = buyer.open(&there).await.expect(200).link("/actions");
        let page = buyer.open(&link).await.expect(200);
        page.says("¿Cuántas unidades rechazó").says("≤ 300 ppm; hoy: 400 ppm");
        let boxed = page.form("/actions").with("actions-0-description", "Control estadístico en el torno");
        let again = buyer.send(&boxed.clone().with("actions-0-cost", "dos")).await.expect(422);
        for field in ["actions-0-cost", "actions-0-months"] {
            assert!(again.text.contains(&format!("id=\"{field}-fault\"")), "{field}: {}", again.words());
        }
        let boxed = boxed.with("actions-0-cost", "1800").with("actions-0-months", "4");
        let again = buyer.send(&boxed).await.expect(422);
        assert!(again.text.contains("id=\"actions-0-split-fault\""), "{}", again.words());
        let boxed = again.form("/actions").with("actions-0-split-programme", "50");
        let boxed = boxed.with("actions-0-split-lead_firm", "30").with("actions-0-split-supplier", "20");
        let act = buyer.submit(&boxed).await.expect(200);
        act.says("Control estadístico en el torno").says("900.00 USD").says("540.00 USD").says("4 meses");
        let stale = seller.send(&boxed).await.expect(412);
        stale.says("Control estadístico en el torno");
        let now = seller.open(&format!("{there}/actions")).await.expect(200).form("/actions");
        assert_eq!(now.get("actions-0-cost"), Some("1800.00"), "what stands is there to be changed");

        for (browser, state) in [(&mut seller, "Firmada por el proveedor"), (&mut buyer, "Acordada")] {
            let form = browser.open(&there).await.expect(200).form("/signatures");
            let form = form.with("has_read_it", "yes").with("may_sign_for_the_firm", "yes");
            browser.submit(&form).await.expect(200).says(state);
        }
        // What it has scored is another consent.
        assert!(!buyer.open(&there).await.expect(200).text.contains("/scores\""));
        let scores = format!("/suppliers/{}/scores", supplier.organisation());
        buyer.open(&scores).await.expect(404);
        let more = serde_json::json!({ "purposes": ["gaps", "diagnostic"] });
        supplier.put(&format!("/consents/{}", lead_firm.organisation()), more).await.expect(204);
        let link = buyer.open(&there).await.expect(200).link("/scores");
        buyer.open(&link).await.expect(200).says("Puntaje por tema").says("Cobertura");
        seller.open("/consents/log").await.expect(200).says("Conservas");
        seller.open(&scores).await.expect(403);

        let mut officer = app.browser_of(&scene.institution, Role::Officer).await;
        let agreed = officer.open(&there).await.expect(200);
        agreed.says("Acordada").says("Vale");
        assert!(!agreed.text.contains("/actions\""), "what is agreed is not changed");
        officer.open(&format!("{there}/actions")).await.expect(409);
        let stranger = app.supplier("Otro").await;
        let mut stranger = app.browser_of(&stranger, Role::SupplierMember).await;
        stranger.open(&there).await.expect(404);
        stranger.open(&format!("{there}/actions")).await.expect(404);
    }
}
