//! `ChileCompra`'s monthly tables of tenders: a row for each offer on each line of each tender.
//!
//! They are CSV with 110 columns, a semicolon between them, Windows-1252, a decimal comma, line breaks within cells,
//! and `1900-01-01` for a day that nobody knows. Columns are found by their names, so that a file with fewer, or in
//! another order, does as well. A tender becomes what an OCDS record becomes, a [`Procurement`]: reference demand of
//! its buyer, each line a lot, offers as bids, and what was awarded as existing sales.
//!
//! Rows of a tender stand together; only one tender is in memory at a time. What has to be read otherwise than it
//! stands is told of each tender ([`odd`]), and a buyer is taken only with a RUT that is one: it becomes a lead firm.

use std::io::{BufRead, Read};

use csv::{ByteRecord, ReaderBuilder, StringRecord};
use iso_currency::Currency;
use time::Date;

use super::{
    ocds::{
        self, Amount, Bid, Classification, Code, Contract, Exact, Identifier, Item, Party, Price,
        Procurement, Refusal, Scheme, Warning, exact_number,
    },
    table::{Decoder, delimiter},
};
use crate::{
    foundation::numerals::{Convention, Mark, day},
    organisations::tax_id::{Country, TaxId},
};

/// The most rows of one tender; the longest real ones have some thousands.
const MOST_ROWS: usize = 20_000;

macro_rules! columns {
    ($($name:ident = $column:literal),+ $(,)?) => {
        /// Where the columns stand that are used.
        #[derive(Clone, Copy, Debug)]
        struct Columns { $($name: Option<usize>),+ }

        impl Columns {
            fn find(header: &StringRecord) -> Self {
                let at = |wanted: &str| header.iter().position(|name| plain(name) == plain(wanted));
                Self { $($name: at($column)),+ }
            }
        }
    };
}

columns! {
    code = "CodigoExterno",
    title = "Nombre",
    description = "Descripcion",
    buyer_id = "RutUnidad",
    buyer = "NombreOrganismo",
    unit_of_buyer = "NombreUnidad",
    currency = "CodigoMoneda",
    published = "FechaPublicacion",
    awarded = "FechaAdjudicacion",
    item = "Codigoitem",
    product = "CodigoProductoONU",
    generic = "Nombre producto genrico",
    line = "Nombre linea Adquisicion",
    unit = "UnidadMedida",
    quantity = "Cantidad",
    supplier_id = "RutProveedor",
    supplier = "RazonSocialProveedor",
    trade_name = "NombreProveedor",
    offered = "Cantidad Ofertada",
    offer_currency = "Moneda de la Oferta",
    unit_price = "MontoUnitarioOferta",
    awarded_quantity = "CantidadAdjudicada",
    line_amount = "MontoLineaAdjudica",
    selected = "Oferta seleccionada",
}

/// Small letters and digits only: the published names differ from year to year in spaces and accents.
fn plain(name: &str) -> String {
    let letters = name.to_lowercase();
    letters.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// What was left out on the way, and how much was read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Rows.
    pub rows: usize,
    /// Rows without a tender's code, or that are no rows.
    pub unreadable: usize,
    /// Rows beyond the most that a tender may have.
    pub too_many: usize,
}

/// A file of which the header has been read.
struct Opened<R> {
    rows: csv::Reader<R>,
    header: ByteRecord,
    columns: Columns,
    /// What stands between two cells.
    mark: u8,
}

impl<R: BufRead> Opened<R> {
    fn of(mut source: R) -> Result<Self, Refusal> {
        let missing = |what: &str| {
            let reason = format!("this is no table of tenders of ChileCompra: {what}");
            Refusal::new(
                "not-chilecompra",
                reason,
                "download the monthly CSV of tenders (licitaciones) and give it as it is",
            )
        };
        let mark = delimiter(source.fill_buf().map_err(|error| missing(&error.to_string()))?);
        let mut rows =
            ReaderBuilder::new().delimiter(mark).has_headers(false).flexible(true).from_reader(source);
        let mut header = ByteRecord::new();
        rows.read_byte_record(&mut header).map_err(|error| missing(&error.to_string()))?;
        let names: StringRecord = header
            .iter()
            .map(|name| Decoder::ByField.text(name).trim_start_matches('\u{feff}').to_owned())
            .collect();
        let columns = Columns::find(&names);
        let demanded = [
            (columns.code, "CodigoExterno"),
            (columns.item, "Codigoitem"),
            (columns.quantity, "Cantidad"),
            (columns.buyer_id, "RutUnidad"),
        ];
        if let Some((_, name)) = demanded.iter().find(|(at, _)| at.is_none()) {
            return Err(missing(&format!("it has no column {name}")));
        }
        Ok(Self { rows, header, columns, mark })
    }
}

/// A file in parts, each with the header and some whole tenders.
pub struct Parts<R> {
    file: Opened<R>,
    /// The tender with which the next part begins.
    next: Vec<ByteRecord>,
    /// The row with which the tender after it begins.
    ahead: Option<ByteRecord>,
    /// A part ends before the tender with which it would have more bytes.
    enough: usize,
    /// And after so many tenders.
    most: usize,
}

impl<R: BufRead> Parts<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// `not-chilecompra` when the columns that make a tender are missing.
    pub fn of(source: R, (enough, most): (usize, usize)) -> Result<Self, Refusal> {
        Ok(Self { file: Opened::of(source)?, next: Vec::new(), ahead: None, enough, most })
    }

    /// The rows of the next tender, with those that name none.
    fn tender(&mut self) -> Result<Vec<ByteRecord>, csv::Error> {
        let at = self.file.columns.code.unwrap_or_default();
        let code = |row: &ByteRecord| row.get(at).map(<[u8]>::trim_ascii).unwrap_or_default().to_vec();
        let mut rows: Vec<ByteRecord> = self.ahead.take().into_iter().collect();
        let mut own = rows.first().map(code).unwrap_or_default();
        let mut row = ByteRecord::new();
        while self.file.rows.read_byte_record(&mut row)? {
            let named = code(&row);
            if own.is_empty() {
                own.clone_from(&named);
            } else if !named.is_empty() && named != own {
                self.ahead = Some(row);
                break;
            }
            rows.push(std::mem::take(&mut row));
        }
        Ok(rows)
    }

    fn part(&mut self) -> Result<Option<Vec<u8>>, csv::Error> {
        let size =
            |rows: &[ByteRecord]| rows.iter().map(|row| row.as_slice().len() + row.len()).sum::<usize>();
        let mut rows = std::mem::take(&mut self.next);
        let mut count = usize::from(!rows.is_empty());
        loop {
            let tender = self.tender()?;
            if tender.is_empty() {
                break;
            }
            if count == self.most || count > 0 && size(&rows) + size(&tender) > self.enough {
                self.next = tender;
                break;
            }
            rows.extend(tender);
            count += 1;
        }
        if rows.is_empty() {
            return Ok(None);
        }
        let mut part =
            csv::WriterBuilder::new().delimiter(self.file.mark).flexible(true).from_writer(Vec::new());
        part.write_byte_record(&self.file.header)?;
        for row in &rows {
            part.write_byte_record(row)?;
        }
        let bytes = part.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
        Ok(Some(bytes))
    }
}

impl<R: BufRead> Iterator for Parts<R> {
    type Item = Result<Vec<u8>, csv::Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.part().transpose()
    }
}

/// The tenders of a file, one after the other.
pub struct Tenders<R> {
    rows: csv::Reader<R>,
    columns: Columns,
    next: Option<Vec<String>>,
    tally: Tally,
}

impl<R: BufRead> Tenders<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// `not-chilecompra` when the columns that make a tender are missing.
    pub fn read(source: R) -> Result<Self, Refusal> {
        let Opened { rows, columns, .. } = Opened::of(source)?;
        Ok(Self { rows, columns, next: None, tally: Tally::default() })
    }

    /// What was read so far.
    pub const fn tally(&self) -> Tally {
        self.tally
    }

    /// The next row with a code.
    fn row(&mut self) -> Option<Vec<String>> {
        if let Some(row) = self.next.take() {
            return Some(row);
        }
        let mut record = ByteRecord::new();
        loop {
            match self.rows.read_byte_record(&mut record) {
                Ok(true) => {}
                Ok(false) => return None,
                Err(_) => {
                    self.tally.unreadable += 1;
                    if self.rows.is_done() {
                        return None;
                    }
                    continue;
                }
            }
            self.tally.rows += 1;
            let row: Vec<String> = record
                .iter()
                .map(|field| Decoder::ByField.text(field).replace('\0', "").trim().to_owned())
                .collect();
            if text(&row, self.columns.code).is_some() {
                return Some(row);
            }
            self.tally.unreadable += 1;
        }
    }
}

impl<R: BufRead> Iterator for Tenders<R> {
    type Item = Procurement;

    fn next(&mut self) -> Option<Procurement> {
        let first = self.row()?;
        let mut rows = vec![first];
        while let Some(row) = self.row() {
            if text(&row, self.columns.code) != text(&rows[0], self.columns.code) {
                self.next = Some(row);
                break;
            }
            if rows.len() < MOST_ROWS {
                rows.push(row);
            } else {
                self.tally.too_many += 1;
            }
        }
        Some(procurement(&rows, &self.columns))
    }
}

/// What is odd about a tender, and how it is read all the same: a supplier's RUT that fails its check, a quantity that
/// is missing or not whole.
///
/// # Errors
/// `buyer-without-rut` when the buyer's RUT fails its check.
pub fn odd(tender: &Procurement) -> Result<Vec<Warning>, Refusal> {
    if let Some(buyer) = tender.buyer.as_ref().filter(|buyer| !has_rut(buyer)) {
        let reason = format!("\"{}\" is no RUT of the buyer {}", buyer.id, buyer.name);
        let action = "mend RutUnidad in the table and import it again; what is there already is not repeated";
        return Err(Refusal::new("buyer-without-rut", reason, action));
    }
    let wrong = tender.suppliers.iter().filter(|supplier| !has_rut(supplier)).map(|supplier| Warning {
        code: Code::IdentifierWrong,
        pointer: format!("/RutProveedor/{}", supplier.id),
        detail: format!("is no RUT of {}; kept as it stands, unconfirmed", supplier.name),
        times: 1,
    });
    // A lot without a price stays out of an instance, and none is written of these tables.
    let of_lots =
        ocds::offer(tender).warnings.into_iter().filter(|warning| warning.code != Code::PriceMissing);
    Ok(wrong.chain(of_lots).collect())
}

/// Whether a party's number passes the check of Chilean tax ids.
fn has_rut(party: &Party) -> bool {
    "CL".parse::<Country>().is_ok_and(|chile| TaxId::parse(chile, &party.id).is_ok())
}

/// A cell, unless it is empty or says that there is nothing.
fn text(row: &[String], at: Option<usize>) -> Option<&str> {
    row.get(at?).map(String::as_str).filter(|text| !matches!(*text, "" | "NA" | "NULL" | "null"))
}

fn number(row: &[String], at: Option<usize>) -> Option<Exact> {
    exact_number(&Convention::declared(Mark::Comma).read(text(row, at)?).ok()?)
}

/// A day; 1900 is `ChileCompra`'s word for none.
fn date(row: &[String], at: Option<usize>) -> Option<Date> {
    let date = day(text(row, at)?).ok()?.date();
    (date.year() > 1900).then_some(date)
}

fn currency(word: &str) -> Option<Currency> {
    let known = Currency::from_code(&word.to_uppercase());
    known.or_else(|| match plain(word).as_str() {
        "pesochileno" | "peso" | "pesos" => Some(Currency::CLP),
        "uf" | "unidaddefomento" | "unidadesdefomento" => Some(Currency::CLF),
        "dolar" | "dolaramericano" | "dlar" => Some(Currency::USD),
        "euro" => Some(Currency::EUR),
        _ => None,
    })
}

fn party(id: &str, name: Option<&str>) -> Party {
    let number: String = id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    Party {
        at: String::new(),
        name: name.unwrap_or(&number).to_owned(),
        identifier: Some(Identifier { scheme: "CL-RUT".to_owned(), id: number.clone() }),
        id: number,
    }
}

fn procurement(rows: &[Vec<String>], c: &Columns) -> Procurement {
    let first = rows[0].as_slice();
    let own = |at| text(first, at).map(str::to_owned);
    let code = own(c.code).unwrap_or_default();
    let currency_of_tender = text(first, c.currency).and_then(currency);
    let buyer =
        text(first, c.buyer_id).map(|id| party(id, text(first, c.buyer).or(text(first, c.unit_of_buyer))));
    let mut found = Procurement {
        at: code.clone(),
        ocid: code,
        title: own(c.title),
        description: own(c.description),
        date: date(first, c.awarded).or_else(|| date(first, c.published)),
        buyer,
        currency: currency_of_tender,
        items: Vec::new(),
        lots: Vec::new(),
        suppliers: Vec::new(),
        awards: Vec::new(),
        contracts: Vec::new(),
        bids: Vec::new(),
    };
    for row in rows {
        let Some(item) = item(row, c) else { continue };
        if !found.items.iter().any(|known| known.id == item.id) {
            found.items.push(item.clone());
        }
        offer(row, c, item, &mut found);
    }
    found
}

fn item(row: &[String], c: &Columns) -> Option<Item> {
    let code = text(row, c.product).map(str::to_owned);
    let id = text(row, c.item)?.to_owned();
    Some(Item {
        at: format!("/Codigoitem/{id}"),
        id,
        description: text(row, c.line).or(text(row, c.generic)).map(str::to_owned),
        classification: code.map(|code| Classification { scheme: Scheme::Unspsc, code }),
        quantity: number(row, c.quantity),
        unit: text(row, c.unit).map(str::to_owned),
        unit_price: None,
        lot: None,
    })
}

/// The offer of a row, and what was awarded to it.
fn offer(row: &[String], c: &Columns, item: Item, found: &mut Procurement) {
    let Some(supplier) = text(row, c.supplier_id) else { return };
    let supplier = party(supplier, text(row, c.supplier).or(text(row, c.trade_name)));
    let Some(currency) = text(row, c.offer_currency).and_then(currency).or(found.currency) else { return };
    let id = supplier.id.clone();
    if !found.suppliers.iter().any(|known| known.id == id) {
        found.suppliers.push(supplier);
    }
    let zero = Exact::from_integer(0.into());
    let price = number(row, c.unit_price).filter(|price| *price > zero);
    let unit_price = price.map(|amount| Price { amount, currency });
    if Some(currency) == found.currency && unit_price.is_some() {
        let offered =
            Item { quantity: number(row, c.offered), unit_price: unit_price.clone(), ..item.clone() };
        let number = found.bids.len() + 1;
        found.bids.push(Bid {
            at: String::new(),
            id: number.to_string(),
            tenderers: vec![id.clone()],
            value: None,
            lots: vec![item.id.clone()],
            items: vec![offered],
        });
    }
    let selected = text(row, c.selected).is_some_and(|word| plain(word).starts_with("seleccionada"));
    let value = number(row, c.line_amount).and_then(|amount| Amount::nearest(&amount, currency));
    let Some(value) = value.filter(|value| selected && value.minor > 0) else { return };
    let sold = Item { quantity: number(row, c.awarded_quantity), unit_price, ..item };
    let same = found.contracts.iter_mut().find(|known| known.suppliers[0] == id);
    if let Some(known) = same {
        known.items.push(sold);
        known.value = known
            .value
            .filter(|sum| sum.currency == currency)
            .and_then(|sum| Some(Amount { minor: sum.minor.checked_add(value.minor)?, currency }));
        return;
    }
    found.contracts.push(Contract {
        at: String::new(),
        id: format!("{}-{id}", found.ocid),
        award: None,
        status: Some("active".to_owned()),
        signed: date(row, c.awarded),
        starts: None,
        ends: None,
        suppliers: vec![id],
        value: Some(value),
        items: vec![sold],
    });
}

/// Counts the rows of a file and does nothing with them: what reading tenders is measured against.
///
/// # Errors
/// What the `csv` crate said.
pub fn count_rows(source: impl Read) -> Result<usize, csv::Error> {
    let mut rows = ReaderBuilder::new().delimiter(b';').flexible(true).from_reader(source);
    let (mut record, mut count) = (ByteRecord::new(), 0);
    while rows.read_byte_record(&mut record)? {
        count += 1;
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::exchange::ocds::{existing_sales, offer};

    const HEADER: &str = "Codigo;Link;CodigoExterno;Nombre;Descripcion;RutUnidad;NombreOrganismo;CodigoMoneda;FechaPublicacion;FechaAdjudicacion;Codigoitem;CodigoProductoONU;Nombre producto genrico;Nombre linea Adquisicion;UnidadMedida;Cantidad;RutProveedor;RazonSocialProveedor;Cantidad Ofertada;Moneda de la Oferta;MontoUnitarioOferta;CantidadAdjudicada;MontoLineaAdjudica;Oferta seleccionada\n";
    const ROWS: &str = "1;x;1057-3-LE21;Añejos;\"Dos\nlíneas; y más\";61.602.123-0;Hospital;CLP;2021-03-01;2021-04-10 00:00:00;11;42132203;Guantes;Guante de nitrilo;Caja;100;76.086.428-5;Añil Ltda.;100;Peso Chileno;1234,5;60;74070;Seleccionada\n\
        1;x;1057-3-LE21;Añejos;;61.602.123-0;Hospital;CLP;2021-03-01;2021-04-10;11;42132203;Guantes;Guante de nitrilo;Caja;100;96.806.980-2;Beta;100;Peso Chileno;1.300;40;52000;Seleccionada\n\
        1;x;1057-3-LE21;Añejos;;61.602.123-0;Hospital;CLP;2021-03-01;2021-04-10;12;42311511;Gasa;;Unidad;NA;96.806.980-2;Beta;5;Peso Chileno;NA;0;0;No Seleccionada\n\
        ;;;rota\n\
        2;x;1057-4-LE21;Otra;;61.602.123-0;Hospital;CLP;2021-03-01;1900-01-01;21;42132203;Guantes;;Caja;7;;;;;;;;\n";

    fn latin(text: &str) -> Vec<u8> {
        text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
    }

    fn tenders() -> (Vec<Procurement>, Tally) {
        let file = latin(&format!("{HEADER}{ROWS}"));
        let mut tenders = Tenders::read(Cursor::new(file)).unwrap();
        let found = tenders.by_ref().collect();
        (found, tenders.tally())
    }

    #[test]
    fn tenders_are_read_with_their_offers_and_awards() {
        let (found, tally) = tenders();
        assert_eq!(tally, Tally { rows: 5, unreadable: 1, too_many: 0 });
        let [first, second] = found.as_slice() else { panic!("{found:#?}") };
        assert_eq!((first.ocid.as_str(), first.title.as_deref()), ("1057-3-LE21", Some("Añejos")));
        assert_eq!(first.description.as_deref(), Some("Dos\nlíneas; y más"));
        assert_eq!(first.buyer.as_ref().unwrap().identifier.as_ref().unwrap().id, "61602123-0");
        assert_eq!(
            (first.items.len(), first.suppliers.len(), first.bids.len(), first.contracts.len()),
            (2, 2, 2, 2)
        );
        assert_eq!(first.contracts[0].value.unwrap().to_string(), "74070 CLP");
        assert_eq!(first.date.unwrap().to_string(), "2021-04-10");
        assert_eq!(second.date.unwrap().to_string(), "2021-03-01", "1900 is no day");
        assert!(second.suppliers.is_empty());
    }

    #[test]
    fn what_was_awarded_gives_prices_and_sales() {
        let (found, _) = tenders();
        let offered = offer(&found[0]);
        let (price, _) = offered.lots[0].reference_price.unwrap();
        // 60 at 1234.5 and 40 at 1300.
        assert_eq!(price.to_string(), "1260.7");
        assert_eq!(offered.lots[1].quantity, 1);
        assert_eq!(existing_sales(&found[0], None).sales.len(), 2);
    }

    #[test]
    fn what_is_read_otherwise_than_it_stands_is_told() {
        let of = |from: &str, to: &str| {
            let file = latin(&format!("{HEADER}{ROWS}").replace(from, to));
            let tender = Tenders::read(Cursor::new(file)).unwrap().next().unwrap();
            let told = odd(&tender).map(|odd| odd.iter().map(ToString::to_string).collect::<Vec<_>>());
            told.map_err(|refusal| refusal.to_string())
        };
        let told = of(";100;76.086.428-5;", ";10,5;mala;").unwrap();
        let expected = [
            "identifier-wrong /RutProveedor/mala: is no RUT of Añil Ltda.; kept as it stands, unconfirmed",
            "quantity-fractional /Codigoitem/11: awards are whole units: 10.5 was rounded up to 11",
            "quantity-missing /Codigoitem/12: has no quantity; one unit",
        ];
        for line in expected {
            assert!(told.iter().any(|told| told == line), "{line} is missing in {told:#?}");
        }
        let told = of(";100;76.086.428-5;", ";-5;76.086.428-5;").unwrap();
        let nothing = "quantity-zero /Codigoitem/11: has quantity zero or less; no lot";
        assert!(told.iter().any(|told| told == nothing), "{told:#?}");
        let refused = of("61.602.123-0", "61.602.123-1").unwrap_err();
        assert!(
            refused.starts_with("buyer-without-rut: \"61602123-1\" is no RUT of the buyer Hospital."),
            "{refused}"
        );
    }

    #[test]
    fn what_is_no_table_of_tenders_is_refused() {
        for text in ["", "a;b\n1;2\n", "CodigoExterno;Codigoitem;Cantidad\n"] {
            assert_eq!(Tenders::read(Cursor::new(text)).err().unwrap().code, "not-chilecompra");
        }
    }
}
