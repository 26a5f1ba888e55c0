//! Reading tables, without a database.

use super::*;

fn parsed(name: &'static str, text: &str) -> Parsed {
    let chile = Convention::of("CL");
    Parsed::of(table(name).unwrap(), &Grid::read(text.as_bytes()).unwrap(), chile)
}

fn faults(parsed: &Parsed) -> Vec<String> {
    parsed.faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect()
}

#[test]
fn headers_are_understood_in_both_languages() {
    for header in ["proceso;unidad;cantidad anual", "Process;UNIT;Annual amount", "process;unit;amount"] {
        let mut read = parsed("capacities", &format!("{header}\nTorneado;hora;1.200\n"));
        let rows = read.rows::<NewCapacity>();
        assert_eq!(faults(&read), [""; 0]);
        assert_eq!(rows[0].value.stated.amount_millionths, 1_200_000_000);
    }
}

#[test]
fn all_faults_are_found_at_once_each_in_its_place() {
    let text =
        "proceso;unidad;color;unidad;cantidad anual\nTorneado;h;rojo;h;1,234\n;h;;;-5\nFresado;;;;mucho\n";
    let mut read = parsed("capacities", text);
    assert!(read.rows::<NewCapacity>().is_empty());
    assert_eq!(
        faults(&read),
        [
            "/rows/1/color unknown-column",
            "/rows/1/unit column-twice",
            "/rows/2/amount ambiguous-number",
            "/rows/4/amount not-a-number",
            "/rows/3/amount negative",
            "/rows/3/process required",
            "/rows/4/unit required",
        ]
    );
    let unknown = read.faults.iter().find(|fault| fault.code == "unknown-column").unwrap();
    let allowed = unknown.args.iter().find(|(name, _)| *name == "allowed").unwrap();
    assert!(allowed.1.starts_with("proceso (process), unidad (unit)"), "{}", allowed.1);
    let mut read = parsed("capacities", "proceso\nTorneado\n");
    read.rows::<NewCapacity>();
    assert_eq!(faults(&read), ["/rows/1/unit missing-column", "/rows/1/amount missing-column"]);
}

#[test]
fn sales_have_a_buyer_or_none_and_always_a_currency() {
    let head = "país del comprador,identificación del comprador,monto,moneda,fecha\n";
    let rows = ",,\"1.500.000,50\",BRL,31/12/2025\nCL,76.086.428-5,100,CLP,2025-12-31\nCL,,100,CLP,2025-12-31\n,,100,,2025-12-31\n,,100,pesos,2025-12-31\nCL,76.086.428-5,,CLP,2025-12-31\n";
    let mut read = parsed("sales", &format!("{head}{rows}"));
    let rows = read.rows::<NewSales>();
    assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(rows[0].value.amount.unwrap().amount(), "1500000.50");
    assert_eq!(rows[1].value.buyer.as_ref().unwrap().number, "760864285");
    assert_eq!(
        faults(&read),
        [
            "/rows/5/currency required",
            "/rows/4/buyer_tax_id required",
            "/rows/6/currency not-a-currency",
            "/rows/7/amount required",
            "/rows/5/buyer_tax_id row-twice",
            "/rows/6/buyer_tax_id row-twice",
            "/rows/7/buyer_tax_id row-twice",
        ]
    );
}

#[test]
fn answers_are_read_as_their_questions_take_them() {
    let mut read = parsed(
        "answers",
        "pregunta;respuesta;no corresponde\na;sí;\nb;97,5;\nc;31/01/2027;\nd;;x\ne;3;\nf;;\n",
    );
    let rows = read.rows::<TabledAnswer>();
    let values: Vec<_> = rows.iter().map(|row| row.value.value.clone()).collect();
    let text = |text: &str| Some(Json::from(text));
    assert_eq!(values, [text("true"), text("97.5"), text("2027-01-31"), None, text("3")]);
    assert_eq!(faults(&read), ["/rows/7/value answer-or-not-applicable"]);
}

#[test]
fn what_a_row_is_about_stands_once() {
    let mut read = parsed("capacities", "process,unit,amount\na,h,1\nb,h,1\na,h,2\n");
    let rows = read.rows::<NewCapacity>();
    assert_eq!(read.faults, [FieldError::new("/rows/4/process", "row-twice").with("row", 2)]);
    assert_eq!(
        rows.iter().map(|row| row.number).collect::<Vec<_>>(),
        [2, 3],
        "the repetition is not written"
    );
    // Whatever else is wrong with either of them.
    let mut read = parsed("capacities", "process,unit,amount\na,,1\na,h,-2\n");
    assert!(read.rows::<NewCapacity>().is_empty());
    assert_eq!(
        faults(&read),
        ["/rows/2/unit required", "/rows/3/amount negative", "/rows/3/process row-twice"]
    );
    let head = "país del comprador,identificación del comprador,monto,moneda,fecha\n";
    let rows = "CL,76.086.428-5,1,CLP,2025-12-31\ncl,760864285,2,CLP,2025-12-31\n,,1,CLP,2025-12-31\n,,2,CLP,2025-12-31\n";
    let mut read = parsed("sales", &format!("{head}{rows}"));
    assert_eq!(read.rows::<NewSales>().len(), 2);
    assert_eq!(faults(&read), ["/rows/3/buyer_tax_id row-twice", "/rows/5/buyer_tax_id row-twice"]);
}
