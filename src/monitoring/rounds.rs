//! Rounds in which a network's indicators are measured, and what firms answer.
//!
//! A round belongs to a network and a moment: the baseline, twelve and twenty-four months later. Opening it asks every
//! firm of the network for what the catalogue measures at that moment. What the service has on record it answers itself,
//! then and there, and writes down from what; the rest is asked with a due day. A firm answers with a value and its unit,
//! or says that it is unknown and why. Answers are versions, never overwritten; a late one is taken and marked. A closed
//! round takes no more: only then are its figures told, since each answer that still came in would show as a difference.

use num_rational::BigRational;

use super::{
    AnswerMeasurement, CloseRound,
    catalogue::{Indicator, Reporter, Unit},
};
use crate::{
    foundation::{
        clock::{Day, Timestamp},
        fields::{Fault, Fields, Input, Raw, Value},
        figure::Figure,
        ids::{AccountId, MeasurementId, MeasurementRoundId, NetworkId, OrganisationId, ProgrammeId},
        money::Currency,
        problem::FieldError,
    },
    moves, words,
};

words! {
    /// When indicators are measured.
    #[schema(as = MeasurementMoment)]
    pub enum Moment {
        /// Before the network's work shows.
        Baseline = "baseline",
        /// Twelve months later.
        Month12 = "month_12",
        /// Twenty-four months later.
        Month24 = "month_24",
    }
}

words! {
    /// How far a round is.
    #[schema(as = MeasurementRoundState)]
    pub enum State {
        /// It takes answers.
        Open = "open",
        /// It takes no more, and its figures are told.
        Closed = "closed",
    }
}

moves! {
    /// What happens to a round.
    pub enum RoundMove of State {
        /// It takes no more answers.
        Close by CloseRound: Open => Closed;
    }
}

words! {
    /// What is known of an indicator of a firm.
    #[schema(as = MeasurementState)]
    pub enum Standing {
        /// Somebody has been asked.
        Asked = "asked",
        /// They have answered.
        Answered = "answered",
        /// They have said that they do not know, and why.
        Unknown = "unknown",
        /// The service has it on record.
        Known = "known",
        /// The service has nothing on record, and nobody is asked.
        NotOnRecord = "not_on_record",
    }
}

moves! {
    /// What happens to a question.
    pub enum Move of Standing {
        /// A value comes, or another one.
        Answer by AnswerMeasurement: Asked => Answered, Answered => Answered, Unknown => Answered;
        /// It is not known.
        SayUnknown by AnswerMeasurement: Asked => Unknown, Answered => Unknown, Unknown => Unknown;
    }
}

words! {
    /// Why a firm cannot say.
    #[schema(as = MeasurementUnknownBecause)]
    pub enum Because {
        /// Nobody there measures it.
        NotMeasured = "not_measured",
        /// It will not tell.
        Confidential = "confidential",
        /// It does not concern the firm.
        NotApplicable = "not_applicable",
        /// The firm could not be reached.
        Unreachable = "unreachable",
        /// Something else: the note says what.
        Other = "other",
        /// The service has nothing on record.
        NotOnRecord = "not_on_record",
    }
}

/// A round of a network.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Round {
    /// Its id.
    pub id: MeasurementRoundId,
    /// The network.
    pub network: NetworkId,
    /// The network's programme.
    pub programme: ProgrammeId,
    /// What it measures for.
    pub moment: Moment,
    /// The reference day.
    pub as_of: Day,
    /// Until when answers are asked for.
    pub due_on: Day,
    /// How far it is.
    pub state: State,
    /// The version of the catalogue.
    pub catalogue: i32,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// Grows with every change of the above.
    pub version: i64,
}

/// What is known of an indicator of a firm in a round.
#[derive(Clone, PartialEq, Debug)]
pub struct Measurement {
    /// Its id.
    pub id: MeasurementId,
    /// The round.
    pub round: Round,
    /// The firm of which it speaks.
    pub firm: OrganisationId,
    /// The indicator.
    pub indicator: &'static Indicator,
    /// The unit, as it is written.
    pub unit: String,
    /// What is known.
    pub standing: Standing,
    /// Whether somebody was asked, has not answered, and should have.
    pub overdue: bool,
    /// When whoever has not answered was last reminded.
    pub reminded_at: Option<Timestamp>,
    /// The answers, the oldest first; the last one counts.
    pub answers: Vec<Given>,
    /// Grows with every answer.
    pub version: i64,
}

impl Measurement {
    /// The answer that counts.
    pub fn present(&self) -> Option<&Given> {
        self.answers.last()
    }
}

/// An answer as it was given, or found on record.
#[derive(Clone, PartialEq, Debug)]
pub struct Given {
    /// Counts up from 1.
    pub revision: i64,
    /// The value or why there is none.
    pub said: Said,
    /// What it was computed from, where the service found it on record.
    pub basis: Option<serde_json::Value>,
    /// Whether it came after the due day.
    pub late: bool,
    /// Who gave it; `None`: the service.
    pub by: Option<AccountId>,
    /// When.
    pub at: Timestamp,
}

/// A value, or why there is none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Said {
    /// The value, exact.
    Value(BigRational),
    /// Unknown: why, and what else is said of that.
    Unknown(Because, Option<String>),
}

impl Said {
    /// The value, where there is one: unknown has none, least of all 0.
    pub const fn value(&self) -> Option<&BigRational> {
        match self {
            Self::Value(value) => Some(value),
            Self::Unknown(..) => None,
        }
    }
}

/// A round to open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewRound {
    /// What it measures for.
    pub moment: Moment,
    /// The reference day; `None`: today.
    pub as_of: Option<Day>,
    /// Until when answers are asked for.
    pub due_on: Day,
}

impl Input for NewRound {
    fn read(f: &mut Fields) -> Option<Self> {
        let (moment, as_of) = (f.required("moment"), f.optional("as_of"));
        let due_on = f.required("due_on");
        Some(Self { moment: moment?, as_of: as_of?, due_on: due_on? })
    }
}

impl NewRound {
    /// The reference day and what is wrong with it on a day of the programme, beside the earlier rounds of the network.
    pub fn settle(&self, today: Day, earlier: &[Round]) -> (Day, Vec<FieldError>) {
        let as_of = self.as_of.unwrap_or(today);
        let mut errors = Vec::new();
        if as_of > today {
            errors.push(FieldError::new("/as_of", "in-the-future"));
        }
        if self.due_on < today {
            errors.push(FieldError::new("/due_on", "in-the-past"));
        }
        if earlier.iter().any(|round| round.moment == self.moment) {
            errors.push(FieldError::new("/moment", "moment-measured-already"));
        }
        let is_out_of_order = |round: &&Round| match round.moment.cmp(&self.moment) {
            std::cmp::Ordering::Less => round.as_of >= as_of,
            std::cmp::Ordering::Greater => round.as_of <= as_of,
            std::cmp::Ordering::Equal => false,
        };
        if let Some(round) = earlier.iter().find(is_out_of_order) {
            let error = FieldError::new("/as_of", "moments-out-of-order");
            errors.push(error.with("moment", round.moment).with("day", round.as_of));
        }
        (as_of, errors)
    }
}

/// An answer to give.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NewAnswer {
    /// A value in a unit.
    Value(Figure, String),
    /// Unknown.
    Unknown(Because, Option<String>),
}

/// Why somebody does not know: any reason but the service's own.
struct Stated(Because);

impl Value for Stated {
    fn read(raw: &Raw<'_>) -> Result<Self, Fault> {
        if raw.text()? == Because::NotOnRecord.word() {
            return Err(Fault::new("reason-of-the-service"));
        }
        let own = |because: &&Because| **because != Because::NotOnRecord;
        let words: Vec<&str> = Because::ALL.iter().filter(own).map(|because| because.word()).collect();
        raw.one_of(&words).map(Self)
    }
}

impl Input for NewAnswer {
    fn read(f: &mut Fields) -> Option<Self> {
        let (value, unit) = (f.optional::<Figure>("value"), f.optional_text("unit", 1..=20));
        let (unknown, note) = (f.optional("unknown"), f.optional_text("note", 3..=2_000));
        let (value, unit, unknown, note) = (value?, unit?, unknown?, note?);
        let unknown = unknown.map(|Stated(because)| because);
        match (value, unknown) {
            (Some(value), None) => match unit {
                Some(unit) if note.is_none() => Some(Self::Value(value, unit)),
                Some(_) => {
                    f.fail("note", Fault::new("note-beside-a-value"));
                    None
                }
                None => {
                    f.fail("unit", Fault::new("required"));
                    None
                }
            },
            (None, Some(Because::Other)) if note.is_none() => {
                f.fail("note", Fault::new("required"));
                None
            }
            (None, Some(because)) if unit.is_none() => Some(Self::Unknown(because, note)),
            (None, Some(_)) => {
                f.fail("unit", Fault::new("unit-without-a-value"));
                None
            }
            (Some(_), Some(_)) => {
                f.fail("unknown", Fault::new("known-and-unknown"));
                None
            }
            (None, None) => {
                f.fail("value", Fault::new("value-or-unknown"));
                None
            }
        }
    }
}

impl NewAnswer {
    /// What it says of an indicator, in a programme of this currency.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn settle(self, indicator: &Indicator, currency: Currency) -> Result<(Move, Said), Vec<FieldError>> {
        let (value, unit) = match self {
            Self::Unknown(because, note) => return Ok((Move::SayUnknown, Said::Unknown(because, note))),
            Self::Value(value, unit) => (value, unit),
        };
        let mut errors = Vec::new();
        let expected = indicator.unit.name(currency).to_string();
        if unit != expected {
            errors.push(FieldError::new("/unit", "other-unit").with("unit", expected));
        }
        if !(indicator.least..=indicator.most).contains(&value) {
            let error = FieldError::new("/value", "out-of-range");
            errors.push(error.with("least", indicator.least).with("most", indicator.most));
        }
        let is_whole = value.millionths() % 1_000_000 == 0;
        if matches!(indicator.unit, Unit::YesNo | Unit::Certificates) && !is_whole {
            errors.push(FieldError::new("/value", "not-a-whole-number"));
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let exact = BigRational::new(value.millionths().into(), 1_000_000.into());
        Ok((Move::Answer, Said::Value(exact)))
    }
}

/// Whether an actor's organisation reports an indicator of a firm: the firm itself, or the institution.
pub fn reports(reporter: Reporter, is_the_firm: bool, is_institution: bool) -> bool {
    match reporter {
        Reporter::Supplier | Reporter::LeadFirm => is_the_firm,
        Reporter::Institution => is_institution,
        Reporter::System => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::monitoring::catalogue;

    fn read(json: &serde_json::Value) -> Result<NewAnswer, Vec<String>> {
        Fields::from_json::<NewAnswer>(json.to_string().as_bytes())
            .map_err(|problem| problem.errors.iter().map(|e| format!("{} {}", e.pointer, e.code)).collect())
    }

    #[test]
    fn an_answer_is_a_value_with_its_unit_or_unknown_with_a_reason() {
        let faults = [
            (json!({}), "/value value-or-unknown"),
            (json!({ "value": "3" }), "/unit required"),
            (json!({ "value": "3", "unit": "persons", "note": "más o menos" }), "/note note-beside-a-value"),
            (
                json!({ "value": "3", "unit": "persons", "unknown": "not_measured" }),
                "/unknown known-and-unknown",
            ),
            (json!({ "unknown": "not_measured", "unit": "persons" }), "/unit unit-without-a-value"),
            (json!({ "unknown": "other" }), "/note required"),
            (json!({ "unknown": "not_on_record" }), "/unknown reason-of-the-service"),
            (json!({ "value": "-3", "unit": "persons" }), "/value negative"),
        ];
        for (sent, fault) in faults {
            assert_eq!(read(&sent).unwrap_err(), [fault], "{sent}");
        }
    }

    #[test]
    fn units_ranges_and_whole_numbers_are_the_indicators() {
        let catalogue = catalogue::present();
        let settle = |code: &str, value: &str, unit: &str| {
            let answer = NewAnswer::Value(value.parse().unwrap(), unit.to_owned());
            let settled = answer.settle(catalogue.find(code).unwrap(), "CLP".parse().unwrap());
            settled.map_err(|errors| {
                errors.iter().map(|e| format!("{} {}", e.pointer, e.code)).collect::<Vec<_>>()
            })
        };
        assert_eq!(settle("sales", "3", "USD").unwrap_err(), ["/unit other-unit"]);
        assert!(settle("sales", "3", "CLP").is_ok());
        assert_eq!(
            settle("on-time", "101", "days").unwrap_err(),
            ["/unit other-unit", "/value out-of-range"]
        );
        assert_eq!(settle("survival", "0.5", "yes_no").unwrap_err(), ["/value not-a-whole-number"]);
        assert!(settle("employment", "7.5", "persons").is_ok());
    }

    proptest! {
        /// Whatever reason is given for whatever indicator: there is no value.
        #[test]
        fn unknown_has_no_value(which in 0_usize..14, because in 0..Because::ALL.len(), note in ".{0,20}") {
            let indicator = &catalogue::present().indicators[which];
            let unknown = NewAnswer::Unknown(Because::ALL[because], Some(note));
            let (step, said) = unknown.settle(indicator, "USD".parse().unwrap()).unwrap();
            prop_assert_eq!(step, Move::SayUnknown);
            prop_assert_eq!(said.value(), None);
        }
    }
}
