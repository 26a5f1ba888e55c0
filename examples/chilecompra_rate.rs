//! How fast a month of tenders is read, beside the `csv` crate alone, and in how much memory.
//!
//! `cargo run --profile ci --workspace --example chilecompra_rate [rows]` writes a file of 110 columns, as
//! `ChileCompra` publishes them, into the temporary folder (100,000 rows unless told otherwise), reads it in both ways
//! five times in turn, and prints the ratio of the medians. A measurement, and no test: machines differ.

#![expect(clippy::print_stdout, reason = "the measurement is the output")]

use std::{
    error::Error,
    fs::File,
    io::{BufReader, BufWriter, Write},
    time::{Duration, Instant},
};

use eslabon::exchange::chilecompra::{Tenders, count_rows};

const USED: &[&str] = &[
    "CodigoExterno",
    "Nombre",
    "Descripcion",
    "RutUnidad",
    "NombreOrganismo",
    "CodigoMoneda",
    "FechaPublicacion",
    "FechaAdjudicacion",
    "Codigoitem",
    "CodigoProductoONU",
    "Nombre producto genrico",
    "Nombre linea Adquisicion",
    "UnidadMedida",
    "Cantidad",
    "RutProveedor",
    "RazonSocialProveedor",
    "Cantidad Ofertada",
    "Moneda de la Oferta",
    "MontoUnitarioOferta",
    "CantidadAdjudicada",
    "MontoLineaAdjudica",
    "Oferta seleccionada",
];
const COLUMNS: usize = 110;

fn generate(path: &std::path::Path, rows: usize) -> Result<(), Box<dyn Error>> {
    let mut file = BufWriter::new(File::create(path)?);
    let header: Vec<String> = (0..COLUMNS)
        .map(|at| USED.get(at).map_or_else(|| format!("Columna{at}"), |name| (*name).to_owned()))
        .collect();
    writeln!(file, "{}", header.join(";"))?;
    for row in 0..rows {
        let (tender, line) = (row / 12, row % 12);
        let price = 1_000 + row % 977;
        let mut cells = vec![
            format!("{tender}-3-LE21"),
            "Adquisici\u{f3}n de insumos".to_owned(),
            "\"L\u{ed}nea uno\nl\u{ed}nea dos\"".to_owned(),
            "61.602.123-0".to_owned(),
            "Hospital Regional".to_owned(),
            "CLP".to_owned(),
            "2021-03-01".to_owned(),
            "1900-01-01".to_owned(),
            (line / 3).to_string(),
            "42132203".to_owned(),
            "Guantes".to_owned(),
            "Guante de nitrilo".to_owned(),
            "Caja".to_owned(),
            "100".to_owned(),
            format!("{}-K", 70_000_000 + row % 500),
            format!("Proveedor {}", row % 500),
            "100".to_owned(),
            "Peso Chileno".to_owned(),
            format!("{price},5"),
            "100".to_owned(),
            format!("{}", price * 100 + 50),
            "Seleccionada".to_owned(),
        ];
        cells.resize(COLUMNS, "dato".to_owned());
        let line = cells.join(";");
        let latin: Vec<u8> = line.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
        file.write_all(&latin)?;
        file.write_all(b"\n")?;
    }
    Ok(file.flush()?)
}

fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "unknown here".to_owned(), |line| line.trim().to_owned())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn main() -> Result<(), Box<dyn Error>> {
    let rows = std::env::args().nth(1).map_or(Ok(100_000), |rows| rows.parse())?;
    let path = std::env::temp_dir().join(format!("chilecompra-{}.csv", std::process::id()));
    generate(&path, rows)?;
    let before = peak_memory();
    let (mut alone, mut tenders, mut found) = (Vec::new(), Vec::new(), 0);
    for _ in 0..5 {
        let begun = Instant::now();
        count_rows(BufReader::new(File::open(&path)?))?;
        alone.push(begun.elapsed());
        let begun = Instant::now();
        found = Tenders::read(BufReader::new(File::open(&path)?))?.count();
        tenders.push(begun.elapsed());
    }
    let size = std::fs::metadata(&path)?.len() >> 20;
    std::fs::remove_file(&path)?;
    let (alone, tenders) = (median(alone), median(tenders));
    let ratio = tenders.as_secs_f64() / alone.as_secs_f64();
    println!(
        "{rows} rows, {size} MiB, {found} tenders: csv alone {alone:?}, tenders {tenders:?}, ratio {ratio:.1}"
    );
    println!("peak memory: {before} before reading, {} after", peak_memory());
    Ok(())
}
