//! Tables that people send: previewed, mended, imported once.

use axum::http::Method;
use rust_xlsxwriter::Workbook;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp};

async fn send(client: &Client, path: &str, table: impl Into<Vec<u8>>) -> Answer {
    client.send_raw(Method::POST, path, &[], Some(("text/csv", table.into()))).await
}

/// `row column code` of a preview's problems.
fn problems(preview: &Answer) -> Vec<String> {
    let show =
        |p: &Value| format!("{} {} {}", p["row"], p["column"].as_str().unwrap(), p["code"].as_str().unwrap());
    preview.body["problems"].as_array().unwrap().iter().map(show).collect()
}

fn counts(answer: &Answer) -> [u64; 3] {
    ["created", "changed", "unchanged"].map(|name| answer.body[name].as_u64().unwrap())
}

/// The lead firm's tax id, and the supplier in whose name tables come.
async fn tax_id(client: &Client) -> String {
    client.get("/me").await.expect(200).text("organisation/tax_id")
}

async fn audited(app: &TestApp) -> usize {
    use sea_orm::Statement;
    let db = app.base.db.reads();
    let sql =
        "SELECT COUNT(*) AS n FROM audit_entries WHERE operation LIKE 'imports.%' AND subject = 'import'";
    let row =
        db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap().unwrap();
    usize::try_from(row.try_get::<i64>("", "n").unwrap()).unwrap()
}

on_both_engines! {
    /// The story: a table with faults, all told at once; mended, imported; sent again, nothing.
    async fn firms_come_in_with_errors_mended_and_never_twice(app: TestApp) {
        let institution = app.institution().await;
        let known = app.supplier("Tornería Uno").await;
        let buyer = app.lead_firm("Grande").await;
        let programme = institution.open_programme(&[]).await;
        let path = format!("{programme}/imports/firms");
        let (known_id, buyer_id) = (tax_id(&known).await, tax_id(&buyer).await);
        let faulty = format!(
            "\u{feff}Tipo;Nombre;País;Identificación tributaria\r\nproveedor;Añil Ltda.;CL;76.086.428-5\r\n\
             proveedor;Cifra mala;CL;76.086.428-4\r\nproveedor;;NI;{known_id}\r\n\
             cooperativa;Otra;CL;96.806.980-2\r\nproveedor;Grande;NI;{buyer_id}\r\nproveedor;Añil otra vez;cl;760864285\r\n"
        );
        let preview = send(&institution, &format!("{path}?preview=true"), faulty.clone()).await.expect(200);
        let expected = [
            "3 tax_id wrong-tax-id", "4 name required", "5 kind unknown-word", "6 kind registered-as-another-kind",
            "7 tax_id row-twice",
        ];
        assert_eq!(problems(&preview), expected);
        assert_eq!(preview.body["lines"][0]["outcome"], "created");
        assert_eq!(preview.body["lines"][0]["values"]["name"], "Añil Ltda.");
        assert_eq!(preview.body["lines"][1]["outcome"], Value::Null);
        assert!(preview.text("problems/0/detail").starts_with("No es"), "{}", preview.text("problems/0/detail"));
        let english = [("accept-language", "en")];
        let body = Some(("text/csv", faulty.clone().into_bytes()));
        let preview = institution.send_raw(Method::POST, &format!("{path}?preview=true"), &english, body).await;
        assert!(preview.text("problems/0/detail").starts_with("This is no"), "{}", preview.text("problems/0/detail"));

        let refused = send(&institution, &path, faulty.clone()).await.expect(422);
        assert_eq!(refused.code(), "import-refused");
        assert_eq!(refused.faults().len(), expected.len());
        assert_eq!(refused.faults()[0], "/rows/3/tax_id wrong-tax-id");
        let members = format!("{programme}/members?limit=100");
        assert_eq!(institution.get(&members).await.body["items"], json!([]), "nothing was imported");
        assert_eq!(audited(&app).await, 0);

        let mended = format!(
            "kind,name,country,tax_id\nsupplier,Añil Ltda.,CL,76.086.428-5\nsupplier,Tornería Uno,NI,{known_id}\n\
             lead_firm,Grande,NI,{buyer_id}\n"
        );
        let preview = send(&institution, &format!("{path}?preview=true"), mended.clone()).await.expect(200);
        assert_eq!((counts(&preview), problems(&preview)), ([1, 2, 0], vec![]));
        assert_eq!(institution.get(&members).await.body["items"], json!([]), "a preview changes nothing");
        let imported = send(&institution, &path, mended.clone()).await.expect(200);
        assert_eq!(counts(&imported), [1, 2, 0]);
        assert_eq!(institution.get(&members).await.body["items"].as_array().unwrap().len(), 3);
        let again = send(&institution, &path, mended).await.expect(200);
        assert_eq!(counts(&again), [0, 0, 3]);
        assert_eq!(institution.get(&members).await.body["items"].as_array().unwrap().len(), 3);
        assert_eq!(institution.get("/organisations?kind=supplier").await.body["items"].as_array().unwrap().len(), 2);
        assert_eq!(audited(&app).await, 2);
        // A programme of somebody else is none.
        send(&app.institution().await, &path, "kind\n").await.expect(404);
    }

    async fn sales_are_read_as_the_suppliers_country_writes_them(app: TestApp) {
        let (institution, supplier, buyer) = (app.institution().await, app.supplier("Uno").await, app.lead_firm("Grande").await);
        institution.open_programme(&[&supplier, &buyer]).await;
        let path = "/profile/imports/sales";
        let table = format!(
            "país del comprador;identificación del comprador;monto;moneda;fecha\n;;1.234;USD;31/12/2025\nNI;{};250,5;USD;31/12/2025\nNI;J9;1;USD;31/12/2025\n",
            tax_id(&buyer).await
        );
        let preview = send(&supplier, &format!("{path}?preview=true"), table.clone()).await.expect(200);
        assert_eq!(problems(&preview), ["2 amount ambiguous-number", "4 buyer_tax_id no-such-firm"]);
        let detail = preview.text("problems/0/detail");
        assert!(detail.contains("1234 ") && detail.contains("1.234"), "{detail}");
        let declared = format!("{path}?decimal=comma");
        send(&supplier, &declared, table.clone()).await.expect(422);
        let mended = table.replace("NI;J9;1;USD;31/12/2025\n", "");
        assert_eq!(counts(&send(&supplier, &declared, mended.clone()).await.expect(200)), [2, 0, 0]);
        // The same file, read otherwise, is not the same request.
        let once = async |path: &str| {
            let key = [("idempotency-key", "ventas")];
            supplier.send_raw(Method::POST, path, &key, Some(("text/csv", mended.clone().into_bytes()))).await
        };
        assert_eq!(counts(&once(&declared).await.expect(200)), [0, 0, 2]);
        assert_eq!(once(&format!("{path}?decimal=point")).await.expect(422).code(), "idempotency-key-reused");
        let profile = format!("/organisations/{}/profile", supplier.organisation());
        let stated = supplier.get(&profile).await.expect(200);
        assert_eq!(stated.text("annual_sales/amount"), "1234.00");
        assert_eq!(stated.text("buyer_sales/0/amount/amount"), "250.50");
        assert_eq!(counts(&send(&supplier, &declared, mended.clone()).await.expect(200)), [0, 0, 2]);
        assert_eq!(supplier.get(&profile).await.etag(), stated.etag(), "nothing was written");
        let changed = mended.replace("1.234", "2.000");
        assert_eq!(counts(&send(&supplier, &declared, changed).await.expect(200)), [0, 1, 1]);
        let later = mended.replace("31/12/2025", "03/03/2026");
        assert_eq!(send(&supplier, &declared, later).await.expect(422).faults(), ["/rows/2/as_of in-the-future", "/rows/3/as_of in-the-future"]);
        // Held against each other are all rows together, in whatever order they stand.
        let more = mended.replace("250,5", "1.300,5");
        assert_eq!(send(&supplier, &declared, more.clone()).await.expect(422).faults(), ["/rows/2/amount less-than-to-buyers"]);
        let of_one = more.replace(";;1.234;USD;31/12/2025\n", "").replace("1.300,5", "2.300,5");
        assert_eq!(send(&supplier, &declared, of_one).await.expect(422).faults(), ["/rows/2/amount more-than-in-all"]);
        assert_eq!(counts(&send(&supplier, &declared, more.replace("1.234", "1.400")).await.expect(200)), [0, 2, 0]);
        assert_eq!(counts(&send(&supplier, &declared, mended.clone()).await.expect(200)), [0, 2, 0]);
        let other = mended.replace("USD", "MXN");
        assert_eq!(send(&supplier, &declared, other).await.expect(422).faults(), ["/rows/2/amount other-currency", "/rows/3/amount other-currency"]);
    }

    async fn capacities_lots_and_answers_come_from_workbooks_too(app: TestApp) {
        let (institution, supplier, buyer) = (app.institution().await, app.supplier("Uno").await, app.lead_firm("Grande").await);
        let programme = institution.open_programme(&[&supplier, &buyer]).await;
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        for (column, name) in (0..).zip(["Proceso", "Unidad", "Cantidad anual"]) {
            sheet.write_string(0, column, name).unwrap();
        }
        sheet.write_string(1, 0, "Torneado").unwrap();
        sheet.write_string(1, 1, "hora").unwrap();
        sheet.write_number(1, 2, 1234.5).unwrap();
        let workbook = book.save_to_buffer().unwrap();
        let path = "/profile/imports/capacities";
        assert_eq!(counts(&send(&supplier, path, workbook.clone()).await.expect(200)), [1, 0, 0]);
        assert_eq!(counts(&send(&supplier, path, workbook).await.expect(200)), [0, 0, 1]);
        let profile = supplier.get(&format!("/organisations/{}/profile", supplier.organisation())).await;
        assert_eq!(profile.text("capacities/0/amount"), "1234.5");

        let requirement = buyer.requirement(&programme, json!([]), json!([])).await;
        let path = format!("{requirement}/imports/lots");
        let lots = "nombre;proceso;unidad;cantidad;precio de referencia;entrega desde;divisible\nBuje;Torneado;unidad;300;32.000;01/06/2026;sí\nRodillo;Torneado;unidad;60;;;no\n";
        let declared = format!("{path}?decimal=comma");
        assert_eq!(counts(&send(&buyer, &declared, lots).await.expect(200)), [2, 0, 0]);
        let read = buyer.get(&requirement).await.expect(200);
        assert_eq!((read.text("lots/0/reference_price").as_str(), read.text("lots/1/divisible").as_str()), ("32000", "false"));
        assert_eq!(counts(&send(&buyer, &declared, lots).await.expect(200)), [0, 0, 2]);
        assert_eq!(buyer.get(&requirement).await.etag(), read.etag());
        let more = "name,process,unit,quantity,reference_price\nRodillo,Torneado,unidad,61,240000\nEje,Torneado,unidad,5,1000\nEje,Torneado,vara,0,-1\n";
        assert_eq!(
            send(&buyer, &path, more).await.expect(422).faults(),
            ["/rows/4/name row-twice", "/rows/4/quantity out-of-range", "/rows/4/reference_price negative", "/rows/4/unit not-a-unit"]
        );
        let more = more.lines().take(3).collect::<Vec<_>>().join("\n");
        assert_eq!(counts(&send(&buyer, &path, more).await.expect(200)), [1, 1, 0]);
        buyer.move_on(&requirement, "publish").await;
        assert_eq!(send(&buyer, &path, lots).await.expect(409).code(), "wrong-state");
    }

    async fn a_supplier_states_so_many_capacities_and_no_more(app: TestApp) {
        let supplier = app.supplier("Uno").await;
        let hours = json!({ "unit": "hora", "amount": "5" });
        supplier.put("/profile/capacities/torneado", hours.clone()).await.expect(200);
        let another_498 = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 498) \
            INSERT INTO capacities (supplier_id, process, unit, amount_millionths) \
            SELECT supplier_id, 'p' || i, unit, amount_millionths FROM capacities, n";
        app.base.db.reads().execute_unprepared(another_498).await.unwrap();
        let path = "/profile/imports/capacities";
        let table = "process,unit,amount\ntorneado,hora,6\nla última,hora,5\np7,hora,5\n";
        let more = format!("{table}una más,hora,5\notra más,hora,5\n");
        let refused = send(&supplier, path, more).await.expect(422);
        assert_eq!(refused.faults(), ["/rows/5/process too-many", "/rows/6/process too-many"]);
        assert_eq!(counts(&send(&supplier, path, table).await.expect(200)), [1, 1, 1]);
        let refused = supplier.put("/profile/capacities/fresado", hours.clone()).await.expect(422);
        assert_eq!(refused.faults(), ["/process too-many"]);
        supplier.put("/profile/capacities/torneado", hours.clone()).await.expect(200);
        supplier.delete("/profile/capacities/p7").await.expect(204);
        supplier.put("/profile/capacities/fresado", hours).await.expect(200);
    }

    async fn answers_come_from_a_table_while_the_diagnostic_is_a_draft(app: TestApp) {
        let supplier = app.supplier("Uno").await;
        let made = supplier.post("/diagnostics", json!({})).await.expect(201);
        let diagnostic = format!("/diagnostics/{}", made.text("id"));
        let path = format!("{diagnostic}/imports/answers");
        let table = "question;answer;issuer\nquality-defects-ppm;250;\ndelivery-on-time;97,5;\nquality-iso-9001;31/01/2027;Certificadora\nno-such;1;\n";
        let preview = send(&supplier, &format!("{path}?preview=true"), table).await.expect(200);
        assert_eq!(problems(&preview), ["5 question no-such-question"]);
        let mended = table.replace("no-such;1;\n", "");
        assert_eq!(counts(&send(&supplier, &path, mended.clone()).await.expect(200)), [3, 0, 0]);
        assert_eq!(counts(&send(&supplier, &path, mended.clone()).await.expect(200)), [0, 0, 3]);
        let wrong = mended.replace("250", "bad").replace("31/01/2027", "no");
        assert_eq!(
            send(&supplier, &path, wrong).await.expect(422).faults(),
            ["/rows/2/value not-a-figure", "/rows/4/issuer issuer-without-certificate"]
        );
        // A question twice: the second answer is a fault, and is not taken for a later one of the first.
        let twice = format!("{mended}no-such;1;\nquality-defects-ppm;300;\n");
        let expected = ["/rows/5/question no-such-question", "/rows/6/question row-twice"];
        assert_eq!(send(&supplier, &path, twice.clone()).await.expect(422).faults(), expected);
        let preview = send(&supplier, &format!("{path}?preview=true"), twice.replace("250", "260")).await.expect(200);
        assert_eq!(problems(&preview), ["5 question no-such-question", "6 question row-twice"]);
        assert_eq!(counts(&preview), [0, 1, 2]);
        supplier.move_on(&diagnostic, "submit").await;
        assert_eq!(send(&supplier, &path, mended).await.expect(409).code(), "wrong-state");
        send(&app.supplier("Dos").await, &path, table).await.expect(404);
    }

    async fn a_repeated_request_answers_again_and_a_large_one_not_at_all(app: TestApp) {
        let supplier = app.supplier("Uno").await;
        let table = ("text/csv", b"process,unit,amount\nTorneado,hora,5\n".to_vec());
        let key = [("idempotency-key", "k")];
        let once = || supplier.send_raw(Method::POST, "/profile/imports/capacities", &key, Some(table.clone()));
        assert_eq!(counts(&once().await.expect(200)), [1, 0, 0]);
        let again = once().await.expect(200);
        assert_eq!((counts(&again), again.headers["idempotent-replayed"].to_str().unwrap()), ([1, 0, 0], "true"));
        let large = vec![b'a'; (5 << 20) + 1];
        assert_eq!(send(&supplier, "/profile/imports/capacities", large).await.expect(413).code(), "too-large");
        let many = format!("process,unit,amount\n{}", "a,h,1\n".repeat(5_001));
        assert_eq!(send(&supplier, "/profile/imports/capacities", many).await.expect(413).code(), "too-many-rows");
        assert_eq!(send(&supplier, "/profile/imports/capacities", "").await.expect(422).code(), "no-table");
        let columns = supplier.get("/import-tables").await.expect(200);
        assert!(columns.body["items"].as_array().unwrap().len() > 30);
        assert_eq!(columns.text("items/0/name"), "tipo");
    }
}
