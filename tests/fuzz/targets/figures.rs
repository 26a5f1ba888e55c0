//! Any bytes as what people and programs write into fields: amounts, shares, days, moments, time zones, tax ids, whole
//! bodies and forms. What could be read can be written, and is read back as the same.

#![no_main]

use std::{fmt, str::FromStr};

use eslabon::{
    foundation::{
        access::Kind,
        clock::{Day, Timestamp},
        closing::ClosingTime,
        fields::{Fields, Input},
        figure::Figure,
        http::BODY_LIMIT,
        ids::OrganisationId,
        money::{Currency, Money, UnitPrice},
        numerals::{Convention, Mark, day},
        problem::Problem,
        share::Share,
        zone::Zone,
    },
    organisations::tax_id::{Country, TaxId},
};
use eslabon_fuzz::{check_fault, check_problem};
use libfuzzer_sys::fuzz_target;
use serde::Serialize;
use serde_json::json;

/// With two decimals, none, four and three.
const CURRENCIES: [&str; 4] = ["USD", "CLP", "CLF", "KWD"];
/// Some with summer time, one with half an hour, one that has moved its clocks often.
const ZONES: [&str; 6] =
    ["UTC", "America/Santiago", "America/Havana", "America/Caracas", "America/Asuncion", "Asia/Kolkata"];
/// Those whose tax ids have a scheme or a shape, and two of which nothing is known.
const COUNTRIES: [&str; 20] = [
    "AR", "BR", "CL", "CO", "CR", "DO", "EC", "GT", "MX", "PE", "PY", "SV", "UY", "VE", "BO", "PA", "HN",
    "NI", "ES", "XX",
];
/// In microseconds, from 1970 to the end of the year 9999.
const ALL_OF_TIME: i64 = 253_402_300_800_000_000;

/// The value of a text, if it has one: then what it is written as means the same.
fn read<T: FromStr + fmt::Display + fmt::Debug + PartialEq>(text: &str) -> Option<T> {
    let value: T = text.parse().ok()?;
    let written = value.to_string();
    assert_eq!(written.parse::<T>().ok().as_ref(), Some(&value), "{text:?} is written as {written:?}");
    Some(value)
}

fn amounts(text: &str) {
    read::<Figure>(text);
    read::<Currency>(text);
    if let Some(share) = read::<Share>(text) {
        assert_eq!(Share::of_percent(share.as_percent()), Some(share));
        assert!(share.to_percent().len() <= 5);
    }
    if let Ok(price) = UnitPrice::parse(text) {
        assert_eq!(UnitPrice::parse(&price.to_string()), Ok(price));
    }
    for currency in CURRENCIES.map(|code| code.parse::<Currency>().expect("a currency")) {
        let Ok(money) = Money::parse(text, currency) else { continue };
        assert_eq!(Money::parse(&money.amount(), currency), Ok(money));
        let json = serde_json::to_string(&money).expect("an amount is JSON");
        assert_eq!(serde_json::from_str::<Money>(&json).ok(), Some(money), "{json}");
    }
}

/// Without noughts at its end that say nothing.
fn brief(number: &str) -> &str {
    if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { number }
}

fn numbers(text: &str) {
    let known = [Convention::of("CL"), Convention::of("MX"), Convention::UNKNOWN];
    let declared = [Convention::declared(Mark::Comma), Convention::declared(Mark::Point)];
    for convention in known.into_iter().chain(declared) {
        let convention = convention.unless_contradicted([text]);
        match convention.read(text) {
            Ok(number) => {
                let digits = number.strip_prefix('-').unwrap_or(&number);
                let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
                let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
                assert!(are_digits(whole) && are_digits(decimals), "{text:?} is read as {number:?}");
                let again = convention.read(&convention.write(&number));
                assert_eq!(again.as_deref().map(brief), Ok(brief(&number)), "{text:?}, {convention:?}");
            }
            Err(fault) => check_fault(&fault),
        }
    }
}

struct Closing(ClosingTime);

impl Input for Closing {
    fn read(f: &mut Fields) -> Option<Self> {
        f.required("closes_at").map(Self)
    }
}

fn closing(text: &str) -> Result<ClosingTime, Problem> {
    let body = json!({ "closes_at": text }).to_string();
    Fields::from_json::<Closing>(body.as_bytes()).map(|closing| closing.0)
}

fn days(bytes: &[u8], text: &str) {
    read::<Day>(text);
    match day(text) {
        Ok(read) => assert_eq!(day(&read.to_string()), Ok(read), "{text:?}"),
        Err(fault) => check_fault(&fault),
    }
    if let Some(zone) = read::<Zone>(text) {
        assert!(!zone.place().is_empty());
    }
    if let Some(at) = read::<Timestamp>(text) {
        shown(at);
    }
    if let Some(micros) = bytes.first_chunk::<8>() {
        shown(Timestamp::from_micros(i64::from_le_bytes(*micros).rem_euclid(ALL_OF_TIME)));
    }
    match closing(text) {
        Ok(closing) => {
            for zone in ZONES {
                match closing.resolve(zone) {
                    Ok(at) => assert!(read::<Timestamp>(&at.to_string()).is_some(), "{text:?}"),
                    Err(problem) => check_problem(&problem),
                }
            }
        }
        Err(problem) => check_problem(&problem),
    }
}

/// What clocks show is read as a moment at which they show the same. Before 1973 some went by seconds.
fn shown(at: Timestamp) {
    for name in ZONES {
        let zone: Zone = name.parse().expect("a zone of the database");
        let shown = zone.local(at);
        if !(1973..=9_998).contains(&at.to_utc().year()) {
            continue;
        }
        let again = closing(&shown).and_then(|closing| closing.resolve(name));
        assert_eq!(again.map(|again| zone.local(again)), Ok(shown), "{name}");
    }
}

fn tax_ids(text: &str) {
    read::<Country>(text);
    for country in COUNTRIES.map(|code| code.parse::<Country>().expect("a country")) {
        match TaxId::parse(country, text) {
            Ok(id) => assert_eq!(TaxId::parse(country, &id.number).as_ref(), Ok(&id), "{text:?}"),
            Err(fault) => check_fault(&fault),
        }
    }
}

/// A body with a field of each kind.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct Sample {
    figure: Option<Figure>,
    share: Option<Share>,
    price: Option<UnitPrice>,
    money: Option<Money>,
    whole: Option<i64>,
    flag: Option<bool>,
    day: Option<Day>,
    at: Option<Timestamp>,
    zone: Option<Zone>,
    currency: Option<Currency>,
    country: Option<Country>,
    id: Option<OrganisationId>,
    kind: Option<Kind>,
    text: Option<String>,
    texts: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
struct Row {
    name: String,
    quantity: i64,
}

impl Input for Row {
    fn read(f: &mut Fields) -> Option<Self> {
        let (name, quantity) = (f.text("name", 1..=20), f.number("quantity", 0..=9));
        Some(Self { name: name?, quantity: quantity? })
    }
}

impl Input for Sample {
    fn read(f: &mut Fields) -> Option<Self> {
        let (figure, share, price, money) =
            (f.optional("figure"), f.optional("share"), f.optional("price"), f.optional("money"));
        let (whole, flag) = (f.optional_number("whole", i64::MIN..=i64::MAX), f.optional("flag"));
        let (day, at, zone) = (f.optional("day"), f.optional("at"), f.optional("zone"));
        let (currency, country) = (f.optional("currency"), f.optional("country"));
        let (id, kind) = (f.optional("id"), f.optional("kind"));
        let (text, texts, rows) = (f.optional_text("text", 1..=200), f.values("texts", 5), f.list("rows", 5));
        Some(Self {
            figure: figure?,
            share: share?,
            price: price?,
            money: money?,
            whole: whole?,
            flag: flag?,
            day: day?,
            at: at?,
            zone: zone?,
            currency: currency?,
            country: country?,
            id: id?,
            kind: kind?,
            text: text?,
            texts: texts?,
            rows: rows?,
        })
    }
}

fn bodies(bytes: &[u8]) {
    match Fields::from_json::<Sample>(bytes) {
        Ok(sample) => {
            let json = serde_json::to_vec(&sample).expect("what was read can be written");
            assert_eq!(Fields::from_json::<Sample>(&json), Ok(sample));
        }
        Err(problem) => check_problem(&problem),
    }
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(bytes).into_owned().collect();
    let forms = [Convention::of("CL"), Convention::UNKNOWN];
    let read = forms.map(|numbers| Fields::from_form::<Sample>(&pairs, numbers));
    let queries = [Fields::from_query::<Sample>(&pairs), Fields::from_address::<Sample>(&pairs)];
    for problem in read.into_iter().chain(queries).filter_map(Result::err) {
        check_problem(&problem);
    }
}

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    amounts(&text);
    numbers(&text);
    days(bytes, &text);
    tax_ids(&text);
    bodies(bytes);
    // A body may be much longer than what is tried here: after a star, something short as often as it fits.
    let short = bytes.strip_prefix(b"*").filter(|short| (1..=16).contains(&short.len()));
    if let Some(short) = short {
        bodies(&short.repeat(BODY_LIMIT / short.len()));
    }
});
