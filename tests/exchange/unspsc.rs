//! The names of UNSPSC codes: loaded by the operator, searched by everybody.

use std::io::Cursor;

use eslabon::{
    exchange::unspsc,
    foundation::{access::Actor, i18n::Locale},
    organisations::{store, unspsc::Load},
};
use serde_json::json;

use super::{Desk, real_data};
use crate::support::TestApp;

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
}

#[test]
fn the_command_says_which_rows_it_could_not_use_and_why() {
    let desk = Desk::new();
    let table = desk.path("rubros.csv");
    let short = (0..10).map(|at| format!("{at},corto\n")).collect::<Vec<_>>().concat();
    std::fs::write(&table, format!("code,name\n73181001,Torneado\n7318,Mecanizado\n73181002,\n{short}"))
        .unwrap();
    let output = desk.run(&["import", "unspsc", &table]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    for told in [
        "1 codes, 12 rows that could not be used.",
        "line 3: \"7318\" is no code: eight digits, the first two 10 to 95",
        "line 4: 73181002 has no name",
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
