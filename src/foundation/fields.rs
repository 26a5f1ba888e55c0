//! Reading input: parse, don't validate, and report every fault at once.
//!
//! A request body becomes a domain value through [`Input::read`]: each field is taken by name and
//! parsed; what is missing, of the wrong type, out of range or unknown is noted with its JSON
//! pointer, and reading goes on. The value exists only when there is no fault at all. JSON bodies
//! and HTML forms are read by the same code.

pub mod forms;

use std::{collections::BTreeSet, ops::RangeInclusive};

use serde_json::{Map, Value as Json};
use utoipa::ToSchema;

use super::{
    clock::{Day, Timestamp},
    money::{AmountError, Currency, Money, UnitPrice},
    numerals::Convention,
    problem::{Arg, FieldError, Problem},
};

/// So many fields that nobody knows are named of one object, at most: whoever sends more means something else.
const MOST_UNKNOWN: usize = 20;

/// A value that is read from a JSON object or a form.
pub trait Input: Sized {
    /// Takes the fields; `None` when one of them has a fault, which `fields` has noted.
    fn read(fields: &mut Fields) -> Option<Self>;
}

/// A value that stands in one field.
pub trait Value: Sized {
    /// Parses the field.
    ///
    /// # Errors
    /// What is wrong with it.
    fn read(raw: &Raw<'_>) -> Result<Self, Fault>;
}

/// What is wrong with a value: a code and the values that its text mentions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault(pub &'static str, pub Vec<Arg>);

impl Fault {
    /// A fault without values.
    pub const fn new(code: &'static str) -> Self {
        Self(code, Vec::new())
    }
}

/// Where an object comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Origin {
    /// A JSON body, with types.
    Json,
    /// A query: texts, written by a program.
    Query,
    /// The address of a page: texts, of links and of forms, whose empty fields are none.
    Address,
    /// A form: texts, typed by people, with numbers as they write them.
    Page(Convention),
}

impl Origin {
    /// Whether what is empty is not there: people leave fields of forms empty, programs leave them out.
    const fn leaves_empty(self) -> bool {
        matches!(self, Self::Address | Self::Page(_))
    }

    /// The text of a number, written plainly: what people typed may be grouped, and have a comma for a point.
    fn numeral(self, text: &str) -> Result<String, Fault> {
        match self {
            Self::Page(numbers) => forms::numeral(text, numbers),
            Self::Json | Self::Query | Self::Address => Ok(text.to_owned()),
        }
    }
}

/// One field as it came: JSON of some type, or a text.
pub struct Raw<'a> {
    json: &'a Json,
    origin: Origin,
}

impl<'a> Raw<'a> {
    /// The text, not empty.
    ///
    /// # Errors
    /// `wrong-type` when it is no text, `required` when it is empty.
    pub fn text(&self) -> Result<&'a str, Fault> {
        match self.json.as_str().map(str::trim) {
            Some("") => Err(Fault::new("required")),
            Some(text) => Ok(text),
            None => Err(wrong_type("text")),
        }
    }

    /// The text of a number, written plainly: what people typed may be grouped, and have a comma for a point.
    ///
    /// # Errors
    /// As [`Raw::text`], and `ambiguous-number` where people can mean two numbers by it.
    pub fn numeral(&self) -> Result<String, Fault> {
        let text = self.text()?;
        self.origin.numeral(text)
    }

    /// Whether people have typed it.
    pub fn is_typed(&self) -> bool {
        matches!(self.origin, Origin::Page(_))
    }

    fn is_text(&self) -> bool {
        self.origin != Origin::Json
    }

    /// One of these words of a vocabulary.
    ///
    /// # Errors
    /// `unknown-word` with the words that would do.
    pub fn one_of<T: std::str::FromStr>(&self, words: &[&str]) -> Result<T, Fault> {
        let text = self.text()?;
        let word = words.contains(&text).then(|| text.parse().ok()).flatten();
        word.ok_or_else(|| Fault("unknown-word", vec![("allowed", words.join(", "))]))
    }

    /// The value that the text parses to.
    ///
    /// # Errors
    /// `code` when it does not.
    pub fn parsed<T: std::str::FromStr>(&self, code: &'static str) -> Result<T, Fault> {
        self.text()?.parse().map_err(|_| Fault::new(code))
    }
}

fn wrong_type(expected: &'static str) -> Fault {
    Fault("wrong-type", vec![("expected", expected.to_owned())])
}

impl Value for String {
    fn read(raw: &Raw<'_>) -> Result<Self, Fault> {
        let text = raw.text()?;
        if text.chars().any(|c| c.is_control() && c != '\n' && c != '\r' && c != '\t') {
            return Err(Fault::new("control-characters"));
        }
        Ok(text.to_owned())
    }
}

impl Value for i64 {
    fn read(raw: &Raw<'_>) -> Result<Self, Fault> {
        if raw.is_text() {
            return raw.numeral()?.parse().map_err(|_| Fault::new("not-a-whole-number"));
        }
        raw.json.as_i64().ok_or_else(|| wrong_type("number"))
    }
}

impl Value for bool {
    fn read(raw: &Raw<'_>) -> Result<Self, Fault> {
        if raw.origin == Origin::Query {
            return raw.text()?.parse().map_err(|_| wrong_type("boolean"));
        }
        if raw.is_text() {
            return Ok(matches!(raw.text()?, "on" | "true" | "yes" | "1"));
        }
        raw.json.as_bool().ok_or_else(|| wrong_type("boolean"))
    }
}

impl Value for Timestamp {
    fn read(raw: &Raw<'_>) -> Result<Self, Fault> {
        raw.parsed("not-a-time")
    }
}

impl Value for Day {
    fn read(raw: &Raw<'_>) -> Result<Self, Fault> {
        raw.parsed("not-a-day")
    }
}

impl Value for Currency {
    fn read(raw: &Raw<'_>) -> Result<Self, Fault> {
        raw.parsed("not-a-currency")
    }
}

impl Value for UnitPrice {
    fn read(raw: &Raw<'_>) -> Result<Self, Fault> {
        let price = Self::parse(&raw.numeral()?).map_err(amount_fault)?;
        if price.0 < 0 { Err(Fault::new("negative")) } else { Ok(price) }
    }
}

impl Value for Money {
    fn read(raw: &Raw<'_>) -> Result<Self, Fault> {
        let field = |name: &str| raw.json.get(name).and_then(Json::as_str);
        let (Some(amount), Some(currency)) = (field("amount"), field("currency")) else {
            return Err(wrong_type("{\"amount\": \"1234.50\", \"currency\": \"USD\"}"));
        };
        let currency = currency.parse().map_err(|_| Fault::new("not-a-currency"))?;
        let amount = raw.origin.numeral(amount)?;
        let money = Self::parse(&amount, currency).map_err(amount_fault)?;
        if money.minor < 0 { Err(Fault::new("negative")) } else { Ok(money) }
    }
}

fn amount_fault(error: AmountError) -> Fault {
    Fault::new(match error {
        AmountError::Malformed => "not-an-amount",
        AmountError::TooManyDecimals => "too-many-decimals",
        AmountError::TooLarge => "too-large",
    })
}

/// Any JSON, for answers whose type another value decides.
impl Value for Json {
    fn read(raw: &Raw<'_>) -> Result<Self, Fault> {
        Ok(raw.json.clone())
    }
}

macro_rules! id_values {
    ($($id:ident),+) => {$(
        impl Value for super::ids::$id {
            fn read(raw: &Raw<'_>) -> Result<Self, Fault> {
                raw.parsed("not-an-id")
            }
        }
    )+};
}
id_values!(
    AccountId,
    AppointmentId,
    BuyerGroupId,
    CallId,
    CertificateId,
    ConsortiumId,
    ContractId,
    CriterionId,
    DeclarationId,
    DeliveryId,
    DiagnosticId,
    EvidenceId,
    GapAnalysisId,
    InstrumentId,
    InvitationId,
    LotId,
    MatchId,
    MeasurementRoundId,
    NetworkId,
    NoticeId,
    ObjectionId,
    OrganisationId,
    PaymentId,
    PlanActionId,
    ProgrammeId,
    ProjectId,
    RequirementId,
    RunId,
    WaiverId
);

/// The fields of one object, as they are taken.
pub struct Fields {
    object: Map<String, Json>,
    origin: Origin,
    pointer: String,
    taken: BTreeSet<&'static str>,
    errors: Vec<FieldError>,
}

impl Fields {
    /// Reads a JSON body.
    ///
    /// # Errors
    /// 400 when it is no JSON object, 422 with every fault otherwise.
    pub fn from_json<T: Input>(body: &[u8]) -> Result<T, Problem> {
        let json: Json = serde_json::from_slice(body).map_err(|error| {
            Problem::new(axum::http::StatusCode::BAD_REQUEST, "malformed-json")
                .with("line", error.line())
                .with("column", error.column())
        })?;
        match json {
            Json::Object(object) => Self::complete(object, Origin::Json),
            _ => Err(Problem::new(axum::http::StatusCode::BAD_REQUEST, "not-an-object")),
        }
    }

    /// Reads the pairs of a program's query. What is empty or said twice is a fault: it was meant to be something.
    ///
    /// # Errors
    /// 422 with every fault.
    pub fn from_query<T: Input>(pairs: &[(String, String)]) -> Result<T, Problem> {
        let mut seen = BTreeSet::new();
        let repeated = pairs.iter().map(|(name, _)| name).filter(|name| !seen.insert(*name));
        let repeated = repeated.map(|name| FieldError::new(format!("/{name}"), "repeated"));
        let repeated: Vec<_> = repeated.collect();
        if !repeated.is_empty() {
            return Err(Problem::invalid(repeated));
        }
        Self::complete(texts(pairs), Origin::Query)
    }

    /// Reads the pairs of a page's address, in which forms leave fields empty.
    ///
    /// # Errors
    /// 422 with every fault.
    pub fn from_address<T: Input>(pairs: &[(String, String)]) -> Result<T, Problem> {
        Self::complete(texts(pairs), Origin::Address)
    }

    /// Reads a form's pairs, as [`forms`] says, with numbers as the people who typed them write them.
    ///
    /// # Errors
    /// 422 with every fault.
    pub fn from_form<T: Input>(pairs: &[(String, String)], numbers: Convention) -> Result<T, Problem> {
        Self::complete(forms::unfold(pairs), Origin::Page(numbers))
    }

    fn complete<T: Input>(object: Map<String, Json>, origin: Origin) -> Result<T, Problem> {
        let mut fields =
            Self { object, origin, pointer: String::new(), taken: BTreeSet::new(), errors: Vec::new() };
        let value = T::read(&mut fields);
        fields.refuse_unknown();
        match value {
            Some(value) if fields.errors.is_empty() => Ok(value),
            _ => Err(Problem::invalid(fields.errors)),
        }
    }

    fn refuse_unknown(&mut self) {
        let unknown = self.object.keys().filter(|key| !self.taken.contains(key.as_str()));
        let unknown: Vec<_> = unknown.take(MOST_UNKNOWN).cloned().collect();
        if unknown.is_empty() {
            return;
        }
        let known = self.taken.iter().copied().collect::<Vec<_>>().join(", ");
        let code = if known.is_empty() { "takes-no-fields" } else { "unknown-field" };
        for key in unknown {
            self.errors.push(FieldError::new(self.pointer_to(&key), code).with("allowed", &known));
        }
    }

    fn pointer_to(&self, name: &str) -> String {
        format!("{}/{}", self.pointer, name.replace('~', "~0").replace('/', "~1"))
    }

    /// Notes a fault of the named field.
    pub fn fail(&mut self, name: &str, fault: Fault) {
        let pointer = self.pointer_to(name);
        self.errors.push(FieldError { pointer, code: fault.0, args: fault.1 });
    }

    /// Notes a fault of a field of a nested object, found by looking at the fields around it.
    pub fn fail_within(&mut self, object: &str, name: &str, fault: Fault) {
        let pointer = format!("{}/{name}", self.pointer_to(object));
        self.errors.push(FieldError { pointer, code: fault.0, args: fault.1 });
    }

    /// Takes the faults that were noted so far, for a value that is told of together with what only the stage knows. It
    /// keeps them, and whoever takes the value asks for them.
    pub fn set_aside(&mut self) -> Vec<FieldError> {
        std::mem::take(&mut self.errors)
    }

    /// A field that may be absent, null or (in a form) empty.
    pub fn optional<T: Value>(&mut self, name: &'static str) -> Option<Option<T>> {
        self.taken.insert(name);
        let read = match self.object.get(name) {
            None | Some(Json::Null) => return Some(None),
            Some(Json::String(text)) if self.origin.leaves_empty() && text.trim().is_empty() => {
                return Some(None);
            }
            Some(json) => T::read(&Raw { json, origin: self.origin }),
        };
        read.map_err(|fault| self.fail(name, fault)).ok().map(Some)
    }

    /// A field that must be there.
    pub fn required<T: Value>(&mut self, name: &'static str) -> Option<T> {
        let value = self.optional(name)?;
        if value.is_none() {
            self.fail(name, Fault::new("required"));
        }
        value
    }

    /// A field with a default.
    pub fn or<T: Value>(&mut self, name: &'static str, default: T) -> Option<T> {
        Some(self.optional(name)?.unwrap_or(default))
    }

    /// A field with a default that can be switched off: absent means the default, null means nothing.
    pub fn or_null<T: Value>(&mut self, name: &'static str, default: T) -> Option<Option<T>> {
        let absent = !self.object.contains_key(name);
        let found = self.optional(name)?;
        Some(if absent { Some(default) } else { found })
    }

    /// An amount in a currency that another field names, as people type it, or nothing.
    pub fn amount_in(&mut self, name: &'static str, currency: Currency) -> Option<Option<Money>> {
        let Some(text) = self.optional::<String>(name)? else { return Some(None) };
        let read =
            self.origin.numeral(&text).and_then(|plain| Money::parse(&plain, currency).map_err(amount_fault));
        let read =
            read.and_then(|money| if money.minor < 0 { Err(Fault::new("negative")) } else { Ok(money) });
        read.map_err(|fault| self.fail(name, fault)).ok().map(Some)
    }

    /// The same where it must be there.
    pub fn required_amount_in(&mut self, name: &'static str, currency: Currency) -> Option<Money> {
        let amount = self.amount_in(name, currency)?;
        if amount.is_none() {
            self.fail(name, Fault::new("required"));
        }
        amount
    }

    /// Why, in the field `reason`.
    pub fn reason(&mut self) -> Option<String> {
        self.text("reason", JUSTIFICATION)
    }

    /// A reason where it may be left out, or nothing.
    pub fn optional_reason(&mut self, name: &'static str) -> Option<Option<String>> {
        self.optional_text(name, JUSTIFICATION)
    }

    /// A text of so many characters.
    pub fn text(&mut self, name: &'static str, length: RangeInclusive<usize>) -> Option<String> {
        let text: String = self.required(name)?;
        self.check_length(name, text, length)
    }

    /// A text of so many characters, or nothing.
    pub fn optional_text(
        &mut self,
        name: &'static str,
        length: RangeInclusive<usize>,
    ) -> Option<Option<String>> {
        match self.optional::<String>(name)? {
            None => Some(None),
            Some(text) => self.check_length(name, text, length).map(Some),
        }
    }

    fn check_length(&mut self, name: &str, text: String, length: RangeInclusive<usize>) -> Option<String> {
        if length.contains(&text.chars().count()) {
            return Some(text);
        }
        let args = vec![("least", length.start().to_string()), ("most", length.end().to_string())];
        self.fail(name, Fault("wrong-length", args));
        None
    }

    /// A whole number within a range, or nothing.
    pub fn optional_number(&mut self, name: &'static str, range: RangeInclusive<i64>) -> Option<Option<i64>> {
        match self.optional::<i64>(name)? {
            Some(number) if !range.contains(&number) => {
                let args = vec![("least", range.start().to_string()), ("most", range.end().to_string())];
                self.fail(name, Fault("out-of-range", args));
                None
            }
            found => Some(found),
        }
    }

    /// A whole number within a range.
    pub fn number(&mut self, name: &'static str, range: RangeInclusive<i64>) -> Option<i64> {
        let number = self.optional_number(name, range)?;
        if number.is_none() {
            self.fail(name, Fault::new("required"));
        }
        number
    }

    /// A list of objects; absent means empty. Faults carry the position: `/lots/0/quantity`.
    pub fn list<T: Input>(&mut self, name: &'static str, most: usize) -> Option<Vec<T>> {
        let list = self.pointer_to(name);
        let items = self.items(name, most)?.into_iter().enumerate().filter(|(_, item)| self.is_row(item));
        let items: Vec<_> = items.collect();
        let read: Vec<Option<T>> =
            items.into_iter().map(|(at, item)| self.nested(format!("{list}/{at}"), item)).collect();
        read.into_iter().collect()
    }

    /// In a form, a row in which nothing was typed is none.
    fn is_row(&self, item: &Json) -> bool {
        self.origin == Origin::Json || !item.is_null()
    }

    fn items(&mut self, name: &'static str, most: usize) -> Option<Vec<Json>> {
        self.taken.insert(name);
        let fault = match self.object.get(name) {
            None | Some(Json::Null) => return Some(Vec::new()),
            Some(Json::Array(items)) if items.len() <= most => return Some(items.clone()),
            Some(Json::Array(_)) => Fault("too-many", vec![("most", most.to_string())]),
            Some(_) => Fault("wrong-type", vec![("expected", "list".to_owned())]),
        };
        self.fail(name, fault);
        None
    }

    /// A nested object that must be there.
    pub fn object<T: Input>(&mut self, name: &'static str) -> Option<T> {
        self.taken.insert(name);
        let pointer = self.pointer_to(name);
        match self.object.get(name).cloned() {
            None | Some(Json::Null) => {
                self.fail(name, Fault::new("required"));
                None
            }
            Some(json) => self.nested(pointer, json),
        }
    }

    /// A nested object, or nothing.
    pub fn optional_object<T: Input>(&mut self, name: &'static str) -> Option<Option<T>> {
        match self.object.get(name) {
            None | Some(Json::Null) => {
                self.taken.insert(name);
                Some(None)
            }
            Some(_) => self.object(name).map(Some),
        }
    }

    fn nested<T: Input>(&mut self, pointer: String, json: Json) -> Option<T> {
        let Json::Object(object) = json else {
            self.errors.push(FieldError::new(pointer, "wrong-type").with("expected", "object"));
            return None;
        };
        let mut fields =
            Self { object, origin: self.origin, pointer, taken: BTreeSet::new(), errors: Vec::new() };
        let value = T::read(&mut fields);
        fields.refuse_unknown();
        self.errors.append(&mut fields.errors);
        value
    }

    /// A list of plain values; absent means empty.
    pub fn values<T: Value>(&mut self, name: &'static str, most: usize) -> Option<Vec<T>> {
        let items = self.items(name, most)?;
        let list = self.pointer_to(name);
        let mut values = Vec::with_capacity(items.len());
        let before = self.errors.len();
        for (at, json) in items.iter().enumerate() {
            if !self.is_row(json) {
                continue;
            }
            match T::read(&Raw { json, origin: self.origin }) {
                Ok(value) => values.push(value),
                Err(fault) => {
                    self.errors.push(FieldError {
                        pointer: format!("{list}/{at}"),
                        code: fault.0,
                        args: fault.1,
                    });
                }
            }
        }
        (self.errors.len() == before).then_some(values)
    }
}

fn texts(pairs: &[(String, String)]) -> Map<String, Json> {
    pairs.iter().map(|(name, text)| (name.clone(), Json::from(text.as_str()))).collect()
}

/// How long what people write down to justify themselves is, in characters.
pub const JUSTIFICATION: RangeInclusive<usize> = 10..=2_000;

/// Why something is refused, ended or decided, for whom it concerns to read.
#[derive(Clone, PartialEq, Eq, Debug, ToSchema)]
pub struct Reason {
    /// At least ten characters.
    #[schema(example = "No tenemos capacidad libre hasta agosto.", min_length = 10, max_length = 2000)]
    pub reason: String,
}

impl Input for Reason {
    fn read(f: &mut Fields) -> Option<Self> {
        Some(Self { reason: f.reason()? })
    }
}

/// A body without fields: `{}`.
#[derive(Clone, Copy, Debug)]
pub struct Nothing;

impl Input for Nothing {
    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Lot {
        name: String,
        quantity: i64,
        price: Option<UnitPrice>,
    }

    impl Input for Lot {
        fn read(f: &mut Fields) -> Option<Self> {
            let (name, quantity, price) =
                (f.text("name", 1..=5), f.number("quantity", 1..=9), f.optional("price"));
            Some(Self { name: name?, quantity: quantity?, price: price? })
        }
    }

    #[derive(Debug, PartialEq)]
    struct Lots(Vec<Lot>);

    impl Input for Lots {
        fn read(f: &mut Fields) -> Option<Self> {
            f.list("lots", 3).map(Lots)
        }
    }

    #[test]
    fn every_fault_is_reported_with_its_pointer() {
        let body = br#"{"lots": [{"name": "toolong", "quantity": 0, "colour": 1}, {"quantity": "3", "price": "-1"}, 7], "x": 1}"#;
        let problem = Fields::from_json::<Lots>(body).unwrap_err();
        let found: Vec<_> = problem.errors.iter().map(|e| (e.pointer.as_str(), e.code)).collect();
        assert_eq!(
            found,
            [
                ("/lots/0/colour", "unknown-field"),
                ("/lots/0/name", "wrong-length"),
                ("/lots/0/quantity", "out-of-range"),
                ("/lots/1/name", "required"),
                ("/lots/1/price", "negative"),
                ("/lots/1/quantity", "wrong-type"),
                ("/lots/2", "wrong-type"),
                ("/x", "unknown-field"),
            ]
        );
    }

    #[test]
    fn what_takes_no_fields_says_so() {
        let problem = Fields::from_json::<Nothing>(br#"{"hash": "x"}"#).unwrap_err();
        assert_eq!(
            (problem.errors[0].pointer.as_str(), problem.errors[0].code),
            ("/hash", "takes-no-fields")
        );
    }

    #[test]
    fn of_many_fields_that_nobody_knows_some_are_named() {
        let pairs: Vec<_> = (0..5_000).map(|at| (format!("x{at}"), "y".to_owned())).collect();
        let problem = Fields::from_form::<Nothing>(&pairs, Convention::UNKNOWN).unwrap_err();
        assert_eq!(problem.errors.len(), MOST_UNKNOWN);
        let named = |error: &FieldError| {
            let name = error.pointer.trim_start_matches('/');
            error.code == "takes-no-fields" && pairs.iter().any(|(known, _)| known == name)
        };
        assert!(problem.errors.iter().all(named), "{problem}");
        // What is wrong with the fields that are known is told beside.
        let body = pairs.iter().map(|(name, _)| format!("\"{name}\": 1, ")).collect::<Vec<_>>().concat();
        let problem = Fields::from_json::<Lot>(format!("{{{body}\"quantity\": 0}}").as_bytes()).unwrap_err();
        assert_eq!(problem.errors.len(), MOST_UNKNOWN + 2);
        assert!(problem.errors.iter().any(|error| error.pointer == "/quantity"), "{problem}");
    }

    #[test]
    fn a_form_is_read_by_the_same_code() {
        let pair = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let pairs = [pair("name", " ok "), pair("quantity", "3"), pair("price", ""), pair("_once", "k")];
        let lot = Fields::from_form::<Lot>(&pairs, Convention::UNKNOWN).unwrap();
        assert_eq!(lot, Lot { name: "ok".to_owned(), quantity: 3, price: None });
    }

    #[test]
    fn programs_are_taken_at_their_word_and_forms_leave_fields_empty() {
        #[derive(Debug, PartialEq)]
        struct Filter(Option<String>, bool);
        impl Input for Filter {
            fn read(f: &mut Fields) -> Option<Self> {
                let (state, alerts) = (f.optional("state"), f.or("alerts", false));
                Some(Self(state?, alerts?))
            }
        }
        let read = |query: &[(&str, &str)], of_a_page: bool| {
            let pairs: Vec<_> =
                query.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
            let read = if of_a_page { Fields::from_address::<Filter> } else { Fields::from_query::<Filter> };
            read(&pairs).map_err(|problem| {
                problem.errors.into_iter().map(|error| (error.pointer, error.code)).collect::<Vec<_>>()
            })
        };
        let fault = |pointer: &str, code| Err(vec![(pointer.to_owned(), code)]);
        assert_eq!(
            read(&[("state", "open"), ("alerts", "true")], false),
            Ok(Filter(Some("open".to_owned()), true))
        );
        assert_eq!(read(&[("state", "")], false), fault("/state", "required"));
        assert_eq!(read(&[("alerts", "null")], false), fault("/alerts", "wrong-type"));
        assert_eq!(read(&[("state", "a"), ("state", "b")], false), fault("/state", "repeated"));
        assert_eq!(read(&[("state", ""), ("alerts", "on")], true), Ok(Filter(None, true)));
    }

    #[test]
    fn what_is_no_object_is_refused() {
        assert_eq!(Fields::from_json::<Lots>(b"[1]").unwrap_err().code, "not-an-object");
        assert_eq!(Fields::from_json::<Lots>(b"{").unwrap_err().code, "malformed-json");
        assert_eq!(Fields::from_json::<Lots>(&[0xff, 0xfe]).unwrap_err().code, "malformed-json");
    }
}
