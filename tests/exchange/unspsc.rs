//! The names of UNSPSC codes: loaded by the operator, searched by everybody.

use std::io::Cursor;

use axum::http::Method;
use eslabon::{
    exchange::unspsc,
    foundation::{access::Actor, i18n::Locale},
    organisations::{store, unspsc::Load},
};
use serde_json::{Value, json};

use super::{
    Desk,
    commands::{listening, run},
    real_data,
};
use crate::support::{Answer, TestApp};

const SPANISH: &str = "codigo;nombre;nombre_nivel3;nombre_nivel2;nombre_nivel1
73181001;Servicios de torneado;Mecanizado;Transformación de metales;Servicios de producción industrial
73181104;Servicios de cromado;Acabado;Transformación de metales;Servicios de producción industrial
72154503;Mantenimiento de cañerías;Instalación;Construcción;Construcción";
const ENGLISH: &str = "code,name\n73181001,Turning services\n";

async fn load(app: &TestApp, locale: Locale, table: &str) {
    let (names, _) = unspsc::read(Cursor::new(table)).unwrap();
    let operator = Actor::system(app.institution().await.organisation());
    let loaded = app.base.transact(operator.may::<Load>().unwrap(), async |w| {
        let loaded = store::unspsc::load(&w, locale, &names).await?;
        Ok(w.done(loaded))
    });
    loaded.await.unwrap();
}

on_both_engines! {
    async fn a_process_is_found_by_what_it_is_called(app: TestApp) {
        let supplier = app.supplier("Uno").await;
        assert_eq!(supplier.get("/unspsc").await.expect(200).body["items"], json!([]));
        for (locale, table) in [(Locale::Es, SPANISH), (Locale::En, ENGLISH), (Locale::Es, SPANISH)] {
            load(&app, locale, table).await;
        }
        let codes = async |query: &str| {
            let found = supplier.get(&format!("/unspsc?{query}")).await.expect(200);
            let items = found.body["items"].as_array().unwrap().iter();
            items.map(|item| item["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(codes("q=TORNEADO%20servicios").await, ["73181001"]);
        assert_eq!(codes("q=turning").await, ["73181001"], "both languages are searched");
        assert_eq!(codes("q=canerias").await, ["72154503"], "without accents");
        assert_eq!(codes("q=7318").await, ["73180000", "73181000", "73181001", "73181100", "73181104"]);
        assert_eq!(codes("q=servicios&within=73181100").await, ["73181104"]);
        assert_eq!(codes("q=%25").await, Vec::<String>::new(), "a sign of a pattern is a sign");
        let refused = supplier.get("/unspsc?within=1").await;
        assert_eq!(refused.expect(422).faults(), ["/within not-a-unspsc-code"]);

        let read = supplier.get("/unspsc/73181001").await.expect(200);
        assert_eq!(read.body["level"], "commodity");
        assert_eq!(read.body["name"], "Servicios de torneado");
        let broader = read.body["broader"].as_array().unwrap().iter();
        let broader: Vec<_> = broader.map(|code| (code["level"].as_str().unwrap(), code["name"].as_str().unwrap())).collect();
        assert_eq!(broader, [
            ("segment", "Servicios de producción industrial"),
            ("family", "Transformación de metales"),
            ("class", "Mecanizado"),
        ]);
        supplier.get("/unspsc/73181002").await.expect(404);
        supplier.get("/unspsc/torneado").await.expect(404);

        let first = supplier.get("/unspsc?limit=3").await.expect(200);
        let second = supplier.get(&format!("/unspsc?limit=3&cursor={}", first.text("next"))).await.expect(200);
        assert!(first.body["items"][2]["code"].as_str() < second.body["items"][0]["code"].as_str());
    }

    async fn an_institution_adds_names_and_changes_none(app: TestApp) {
        let institution = app.institution().await;
        load(&app, Locale::Es, "code,name\n73181001,Torneado\n").await;
        let send = async |query: &str, table: &str| {
            let path = format!("/imports/unspsc{query}");
            institution.send_raw(Method::POST, &path, &[], Some(("text/csv", table.into()))).await
        };
        let counts = |answer: &Answer| {
            let of = |key: &str| answer.body[key].as_u64().unwrap();
            [of("created"), of("unchanged"), of("kept"), of("unusable")]
        };
        let table = format!("{SPANISH}\n7318;Corto;;;\n");
        let preview = send("?preview=true", &table).await.expect(200);
        assert_eq!(counts(&preview), [9, 0, 1, 1]);
        institution.get("/unspsc/72154503").await.expect(404);
        let taken = send("", &table).await.expect(200);
        assert_eq!(counts(&taken), counts(&preview));
        assert_eq!(taken.body["kept_names"], json!([{ "code": "73181001", "name": "Torneado" }]));
        assert_eq!((taken.text("problems/0/pointer"), taken.text("problems/0/code")), ("/lines/5".to_owned(), "unspsc-code-unfit".to_owned()));
        assert!(taken.text("problems/0/detail").contains("«7318»"), "{}", taken.text("problems/0/detail"));
        assert_eq!(institution.get("/unspsc/73181001").await.expect(200).body["name"], "Torneado", "it keeps its name");
        assert_eq!(institution.get("/unspsc/72154503").await.expect(200).body["name"], "Mantenimiento de cañerías");
        assert_eq!(counts(&send("", &table).await.expect(200)), [0, 9, 1, 1], "the same again changes nothing");
        // The other language has none yet, and what it gets leaves the first as it is.
        assert_eq!(counts(&send("?locale=en", ENGLISH).await.expect(200)), [1, 0, 0, 0]);
        assert_eq!(institution.get("/unspsc/73181001").await.expect(200).body["name"], "Torneado");
        assert_eq!(institution.get("/unspsc?q=turning").await.expect(200).body["items"][0]["code"], "73181001");
        for nothing in ["", "a;b\n1;2\n", "code,name\n1,Corto\n"] {
            let refused = send("?preview=true", nothing).await.expect(422);
            assert_eq!((refused.code(), refused.faults()), ("nothing-imported".to_owned(), vec!["/ not-unspsc-table".to_owned()]), "{nothing}");
        }
        let many = (0..50_001).map(|at| format!("{},a\n", 10_000_000 + at)).collect::<Vec<_>>().concat();
        let refused = send("?preview=true", &format!("code,name\n{many}")).await.expect(422);
        assert_eq!(refused.faults(), ["/ too-many-codes"]);
        assert_eq!(send("?locale=fr", ENGLISH).await.expect(422).faults(), ["/locale unknown-word"]);
        let odd = send("?locale=en", "code,name\n10101501,Li\0ve cats\n").await.expect(200);
        assert_eq!(counts(&odd), [1, 0, 0, 0], "what the database cannot hold is left out");
    }

    async fn the_command_line_adds_names_with_a_token(app: TestApp) {
        let institution = app.institution().await;
        load(&app, Locale::Es, "code,name\n73181001,Torneado\n").await;
        let (desk, address) = (Desk::new(), listening(&app).await);
        let table = desk.path("rubros.csv");
        std::fs::write(&table, SPANISH).unwrap();
        let eslabon = async |args: &[&str], token: &str| {
            let args = args.iter().map(|arg| (*arg).to_owned()).collect();
            let output = run(args, address.clone(), token.to_owned()).await;
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            (output.status.success(), text(&output.stdout), text(&output.stderr))
        };
        let to = ["import", "unspsc", &table, "--remote"];
        let (done, said, sum) = eslabon(&[&to[..], &["--preview"]].concat(), institution.token()).await;
        assert!(done && said.contains("73181001 keeps its name, Torneado") && sum.contains("9 codes would get a name, 0 had it already, 1 keep another."), "{said}{sum}");
        let (done, said, sum) = eslabon(&[&to[..], &["--json"]].concat(), institution.token()).await;
        let answer: Value = serde_json::from_str(&said).unwrap();
        assert!(done && answer["created"] == 9 && answer["preview"] == false, "{said}{sum}");
        let (done, _, sum) = eslabon(&to, app.supplier("Uno").await.token()).await;
        assert!(!done && sum.contains("forbidden"), "{sum}");
        let (done, _, sum) = eslabon(&["import", "unspsc", &table, "--preview"], institution.token()).await;
        assert!(!done && sum.contains("--remote"), "{sum}");
    }
}

#[test]
fn the_command_says_which_rows_it_could_not_use_and_why() {
    let desk = Desk::new();
    let table = desk.path("rubros.csv");
    let short = (0..10).map(|at| format!("{at},corto\n")).collect::<Vec<_>>().concat();
    std::fs::write(&table, format!("code,name\n73181001,Torneado\n7318,Mecanizado\n73181002,\n{short}"))
        .unwrap();
    let output = desk.run(&["import", "unspsc", &table]);
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap()).concat();
    assert!(output.status.success(), "{said}");
    for told in [
        "1 codes.",
        "12 rows that could not be used.",
        "line 3: “7318” is no UNSPSC code: eight digits, the first two 10 to 95.",
        "line 4: 73181002 has no name.",
        "and 2 more",
    ] {
        assert!(said.contains(told), "{told} is missing in:\n{said}");
    }
    assert_eq!(said.lines().filter(|line| line.starts_with("  line ")).count(), 10, "{said}");
}

#[test]
fn the_command_loads_a_whole_published_table() {
    let desk = Desk::new();
    let Some(table) = real_data("unspsc/rubros.csv") else { return };
    let output = desk.run(&["import", "unspsc", &table.display().to_string()]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    let codes: usize = said.split(' ').next().unwrap().parse().unwrap();
    assert!(codes > 18_834, "{said}");
    let wrong = desk.path("wrong.csv");
    std::fs::write(&wrong, "a;b\n1;2\n").unwrap();
    assert!(!desk.run(&["import", "unspsc", &wrong]).status.success());
}
