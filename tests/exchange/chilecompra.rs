//! `ChileCompra`'s table of tenders becomes reference demand.

use std::io::Cursor;

use eslabon::{
    exchange::{
        self, ImportOcds,
        chilecompra::{Parts, Tenders},
    },
    foundation::{access::Actor, ids::ProgrammeId},
};
use serde_json::json;

use super::Desk;

/// Three tenders of which the last names no buyer.
pub fn table() -> Vec<u8> {
    table_of(&[
        "1057-3-LE21;Guantes;\"Dos\nlíneas\";61.602.123-0;Hospital de Ñuble;CLP;2021-04-10;11;42132203;Guante;Caja;100;76.086.428-5;Añil Ltda.;Peso Chileno;1234,5;100;123450;Seleccionada",
        "1057-3-LE21;Guantes;;61.602.123-0;Hospital de Ñuble;CLP;2021-04-10;12;42311511;Gasa;Unidad;5;96.806.980-2;Beta;Peso Chileno;900;0;0;No Seleccionada",
        "1057-4-LE21;Gasas;;61.602.123-0;Hospital de Ñuble;CLP;1900-01-01;21;42311511;Gasa;Unidad;7;;;;;;;",
        "1057-5-LE21;Sin comprador;;;;CLP;1900-01-01;31;42311511;Gasa;Unidad;7;;;;;;;",
    ])
}

/// These rows among 110 columns; Windows-1252.
fn table_of(rows: &[&str]) -> Vec<u8> {
    let used = [
        "CodigoExterno",
        "Nombre",
        "Descripcion",
        "RutUnidad",
        "NombreOrganismo",
        "CodigoMoneda",
        "FechaAdjudicacion",
        "Codigoitem",
        "CodigoProductoONU",
        "Nombre linea Adquisicion",
        "UnidadMedida",
        "Cantidad",
        "RutProveedor",
        "RazonSocialProveedor",
        "Moneda de la Oferta",
        "MontoUnitarioOferta",
        "CantidadAdjudicada",
        "MontoLineaAdjudica",
        "Oferta seleccionada",
    ];
    let header = (0..110).map(|at| used.get(at).map_or_else(|| format!("Otra{at}"), ToString::to_string));
    let rows: Vec<String> =
        rows.iter().map(|row| format!("{row}{}", ";x".repeat(110 - used.len()))).collect();
    let text = format!("{}\n{}", header.collect::<Vec<_>>().join(";"), rows.join("\n"));
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

on_both_engines! {
    async fn tenders_become_closed_requirements_with_their_prices_once(app: TestApp) {
        let institution = app.institution().await;
        let programme = institution.open_programme(&[]).await;
        let id: ProgrammeId = programme.rsplit('/').next().unwrap().parse().unwrap();
        let service = Actor::system(institution.organisation());
        let mut told = Vec::new();
        for _ in 0..2 {
            for tender in Tenders::read(Cursor::new(table())).unwrap() {
                let written = app.base.transact(service.may::<ImportOcds>().unwrap(), async |w| {
                    let imported = exchange::store::import(&w, id, &tender, None).await?;
                    Ok(w.done(imported))
                });
                told.push(written.await.map_or_else(|problem| problem.code.to_owned(), |done| format!("{} {}", done.lots, done.offers)));
            }
        }
        assert_eq!(told, ["2 2", "1 0", "record-without-buyer", "already-imported", "already-imported", "record-without-buyer"]);
        let list = institution.get(&format!("/requirements?programme={id}")).await.expect(200);
        let items = list.body["items"].as_array().unwrap();
        assert_eq!(items.iter().map(|item| item["state"].as_str().unwrap()).collect::<Vec<_>>(), ["closed"; 2]);
        let read = institution.get(&format!("/requirements/{}", items[0]["id"].as_str().unwrap())).await.expect(200);
        assert_eq!(read.body["description"], "Dos\nlíneas");
        assert_eq!(read.body["lots"][0]["reference_price"], "1234.5");
        assert_eq!(read.body["lots"][1]["reference_price"], json!(null));
        let firms = institution.get("/organisations?kind=supplier").await.expect(200);
        assert_eq!(firms.body["items"][0]["name"], "Añil Ltda.");
        assert_eq!(firms.body["items"][0]["tax_id"], "760864285");
    }
}

#[test]
fn parts_hold_whole_tenders_and_together_the_file() {
    let all: Vec<_> = Tenders::read(Cursor::new(table())).unwrap().collect();
    for (enough, count) in [((1, 9), 3), ((1_000, 9), 2), ((1_000_000, 2), 2), ((1_000_000, 9), 1)] {
        let parts: Vec<_> = Parts::of(Cursor::new(table()), enough).unwrap().map(Result::unwrap).collect();
        assert_eq!(parts.len(), count);
        let read = parts.iter().flat_map(|part| Tenders::read(part.as_slice()).unwrap());
        assert_eq!(read.collect::<Vec<_>>(), all);
    }
}

#[test]
fn the_command_imports_a_table_and_says_what_it_left_out() {
    let desk = Desk::new();
    let file = desk.path("lic.csv");
    std::fs::write(&file, table()).unwrap();
    let said = |args: &[&str]| {
        let output = desk.run(&[&["import", "chilecompra"], args].concat());
        (output.status.success(), String::from_utf8(output.stdout).unwrap())
    };
    let (done, first) = said(&[&file]);
    assert!(done && first.contains("4 rows, 0 of them unreadable"), "{first}");
    assert!(
        first.contains("REFUSED 1057-5-LE21") && first.contains("2 imported, 0 there already, 1 refused."),
        "{first}"
    );
    let (done, again) = said(&[&file]);
    assert!(done && again.contains("0 imported, 2 there already, 1 refused."), "{again}");
    let (done, _) = said(&[&desk.path("nothing.csv")]);
    assert!(!done);
}

#[test]
fn what_is_read_otherwise_is_told_and_a_bad_file_does_not_hold_up_the_next() {
    let desk = Desk::new();
    let (odd, mended, bad) = (desk.path("odd.csv"), desk.path("mended.csv"), desk.path("bad.csv"));
    let rows = [
        "1057-6-LE21;Guantes;;61.602.123-0;Hospital;CLP;2021-04-10;11;42132203;Guante;Caja;10,5;mala;Añil Ltda.;Peso Chileno;900;0;0;No Seleccionada",
        "1057-6-LE21;Guantes;;61.602.123-0;Hospital;CLP;2021-04-10;12;42132203;Guante;Caja;NA;;;;;;;",
        "1057-7-LE21;Gasas;;61.602.123-1;Otro hospital;CLP;2021-04-10;21;42311511;Gasa;Unidad;7;;;;;;;",
    ];
    std::fs::write(&odd, table_of(&rows)).unwrap();
    std::fs::write(&bad, "a;b\n1;2\n").unwrap();
    std::fs::write(&mended, table()).unwrap();
    let output = desk.run(&["import", "chilecompra", &odd, &bad, &mended]);
    let said = String::from_utf8(output.stdout).unwrap();
    for told in [
        "warning 1057-6-LE21: identifier-wrong /RutProveedor/mala: ",
        "warning 1057-6-LE21: quantity-fractional /Codigoitem/11: awards are whole units: 10.5 was rounded up to 11",
        "warning 1057-6-LE21: quantity-missing /Codigoitem/12: ",
        "REFUSED 1057-7-LE21: buyer-without-rut: \"61602123-1\" is no RUT of the buyer Otro hospital.",
        "1 imported, 0 there already, 1 refused.",
        "REFUSED not-chilecompra: ",
        "2 imported, 0 there already, 1 refused.",
    ] {
        assert!(said.contains(told), "{told} is missing in:\n{said}");
    }
    let ended = String::from_utf8(output.stderr).unwrap();
    assert!(
        !output.status.success() && ended.contains("nothing was imported from ") && ended.contains("bad.csv"),
        "{ended}"
    );
    assert!(!ended.contains("odd.csv") && !ended.contains("mended.csv"), "{ended}");
}
