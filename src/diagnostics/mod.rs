//! Diagnostics: what an organisation can do, answered on a versioned instrument.
//!
//! Suppliers **and** lead firms are diagnosed, each on the instrument of its kind ([`instrument`]). A
//! diagnostic is a *draft* while it is being answered, one question at a time and from wherever the
//! person happens to be; *submitted* it stands for twelve months. How answers become scores is told in
//! [`score`].
//!
//! Every answer has a *provenance*. A verifier's answer stands beside the organisation's own, never over
//! it; the one of the strongest provenance counts: performance data before a visit, a visit before a
//! document, a document before a self-declaration.
//!
//! A diagnostic belongs to the organisation: its own people see it, and the institutions in whose
//! programmes it takes part. A lead firm sees results per criterion of its own requirement with the
//! supplier's consent (stage `gaps`); with consent for the diagnostic itself its scores per dimension, and
//! never an answer, a text or a file.

pub mod api;
pub mod assisted;
pub mod authoring;
pub mod instrument;
pub mod jobs;
pub mod pages;
pub mod prefill;
pub mod rounds;
pub mod score;
pub mod store;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};
use time::Month;
use utoipa::ToSchema;

use crate::{
    access,
    foundation::{
        access::{ANYONE, FIRM_WRITERS, LEAD_FIRM, OFFICERS, Role, WRITERS},
        clock::{Day, Timestamp},
        fields::{Fault, Fields, Input},
        files::clean::MediaType,
        ids::{AccountId, DiagnosticId, EvidenceId, InstrumentId, OrganisationId},
        problem::Problem,
    },
    moves, words,
};
use instrument::{Instrument, Question};
use score::Scale;

/// Those who add evidence: firms to what they answer, verifiers to what was submitted.
const FIRMS_AND_OFFICERS: &[Role] = WRITERS;

access! {
    /// List the instruments.
    ListInstruments = "instruments.list", ANYONE, &[];
    /// Look at an instrument with its questions.
    ReadInstrument = "instruments.read", ANYONE, &[];
    /// Make an instrument of one's institution.
    CreateInstrument = "instruments.create", OFFICERS, &[];
    /// Rewrite an instrument of one's institution.
    ChangeInstrument = "instruments.change", OFFICERS, &["draft"];
    /// Publish an instrument of one's institution.
    PublishInstrument = "instruments.publish", OFFICERS, &["draft"];
    /// Begin a diagnostic of one's organisation.
    Create = "diagnostics.create", FIRM_WRITERS, &[];
    /// List the diagnostics of an organisation.
    List = "diagnostics.list", ANYONE, &[];
    /// Look at a diagnostic and its answers.
    Read = "diagnostics.read", ANYONE, &[];
    /// See the scores of a diagnostic.
    Score = "diagnostics.score", ANYONE, &[];
    /// See a supplier's scores per dimension, with its consent.
    ScoreWithConsent = "diagnostics.score_with_consent", LEAD_FIRM, &[];
    /// Answer a question about one's organisation.
    Give = "diagnostics.answer", FIRM_WRITERS, &["draft"];
    /// Confirm answers that were prefilled.
    Confirm = "diagnostics.confirm", FIRM_WRITERS, &["draft"];
    /// Compare a diagnostic with an earlier round.
    Compare = "diagnostics.changes", ANYONE, &[];
    /// Add a file that shows an answer.
    AddEvidence = "evidence.add", FIRMS_AND_OFFICERS, &["draft", "submitted"];
    /// List the evidence of a diagnostic.
    ListEvidence = "evidence.list", ANYONE, &[];
    /// Get a file of evidence.
    ReadEvidence = "evidence.read", ANYONE, &[];
    /// Delete evidence of one's own draft.
    DeleteEvidence = "evidence.delete", FIRM_WRITERS, &["draft"];
    /// Submit a diagnostic.
    Submit = "diagnostics.submit", FIRM_WRITERS, &["draft"];
    /// Answer beside the organisation, from documents, a visit or performance data.
    Verify = "diagnostics.verify", OFFICERS, &["submitted"], decides;
}

words! {
    /// Where a diagnostic stands. Moves: draft → submitted.
    #[schema(as = DiagnosticState)]
    pub enum State {
        /// Is being answered.
        Draft = "draft",
        /// Counts, until it is too old.
        Submitted = "submitted",
    }
}

moves! {
    /// What happens to a diagnostic.
    pub enum Move of State {
        /// The firm answers a question.
        Answer by Give: Draft => Draft;
        /// The firm confirms answers that were prefilled.
        Confirm by Confirm: Draft => Draft;
        /// A file is added that shows an answer.
        AddEvidence by AddEvidence: Draft => Draft, Submitted => Submitted;
        /// A file is deleted.
        DeleteEvidence by DeleteEvidence: Draft => Draft;
        /// The firm submits it: it counts from now on.
        Submit by Submit: Draft => Submitted;
        /// A verifier answers beside the firm.
        Verify by Verify: Submitted => Submitted;
    }
}

words! {
    /// Where an answer comes from, the weakest first.
    pub enum Provenance {
        /// The organisation says so.
        SelfDeclared = "self_declared",
        /// A document shows it.
        Document = "document",
        /// A verifier saw it.
        Visit = "visit",
        /// Delivery and quality data show it.
        Performance = "performance",
    }
}

/// An answer. What is not answered has none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The level, counted from 0.
    Level(u8),
    /// Yes or no.
    Boolean(bool),
    /// The number, in the question's unit.
    Number(crate::foundation::figure::Figure),
    /// The day on which the certificate expires; none: no certificate.
    Certificate(Option<Day>),
    /// The question does not concern this organisation.
    NotApplicable,
}

/// As it is sent.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Level(level) => level.fmt(f),
            Self::Boolean(is_so) => is_so.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Certificate(Some(expiry)) => expiry.fmt(f),
            Self::Certificate(None) => false.fmt(f),
            Self::NotApplicable => f.write_str("not_applicable"),
        }
    }
}

/// A diagnostic, without its answers.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// Its id.
    pub id: DiagnosticId,
    /// Who is diagnosed.
    pub organisation: OrganisationId,
    /// What it answers.
    pub instrument: &'static Instrument,
    /// The id of that, where an institution has made it.
    pub authored: Option<InstrumentId>,
    /// Where it stands.
    pub state: State,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it was submitted.
    pub submitted_at: Option<Timestamp>,
    /// The last day on which it counts.
    pub valid_until: Option<Day>,
    /// Grows with every change.
    pub version: i64,
}

/// A file that shows an answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Evidence {
    /// Its id, and the name of its file.
    pub id: EvidenceId,
    /// The diagnostic.
    pub diagnostic: DiagnosticId,
    /// The question.
    pub question: String,
    /// What its content is.
    pub media_type: MediaType,
    /// Bytes that are kept.
    pub size: i64,
    /// SHA-256 of what is kept, in hexadecimal.
    pub sha256: String,
    /// When it was added.
    pub added_at: Timestamp,
    /// The organisation that added it.
    pub added_for: OrganisationId,
}

/// An answer as it was given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Given {
    /// The question.
    pub question: String,
    /// Where it comes from.
    pub provenance: Provenance,
    /// The answer and its scale.
    pub content: Content,
    /// The client's count: an older one never overwrites.
    pub revision: i64,
    /// When it was given.
    pub answered_at: Timestamp,
    /// By whom.
    pub answered_by: AccountId,
    /// Who entered it for the firm, where an adviser did.
    pub assisted: Option<assisted::Assisted>,
}

/// What is stored of an answer: also the scale on which it was given.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Content {
    /// The answer.
    pub answer: Answer,
    /// The points of every possible answer.
    pub scale: Scale,
    /// Who issued the certificate, where the answer is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
}

/// The answer that counts for a question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Counted {
    /// The answer.
    pub answer: Answer,
    /// The points of every possible answer.
    pub scale: Scale,
    /// Who issued the certificate, where the answer is one.
    pub issuer: Option<String>,
    /// Where it comes from.
    pub provenance: Provenance,
}

/// For each question the answer that counts: the one of the strongest provenance.
pub fn counted(answers: impl IntoIterator<Item = Given>) -> BTreeMap<String, Counted> {
    let mut counted = BTreeMap::<String, Counted>::new();
    for Given { question, provenance, content, .. } in answers {
        let stronger = counted.get(&question).is_none_or(|other| other.provenance < provenance);
        if stronger {
            let Content { answer, scale, issuer } = content;
            counted.insert(question, Counted { answer, scale, issuer, provenance });
        }
    }
    counted
}

/// What an organisation's diagnostics say about it on a day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Standing {
    /// None has been submitted.
    Missing,
    /// The latest one is too old.
    Expired {
        /// Which.
        diagnostic: DiagnosticId,
    },
    /// The latest one counts.
    Valid {
        /// Which.
        diagnostic: DiagnosticId,
        /// The answers that count.
        counted: BTreeMap<String, Counted>,
        /// Whether one of them lies below its question's minimum.
        knocked_out: bool,
    },
}

impl Standing {
    /// The diagnostic that was looked at.
    pub const fn diagnostic(&self) -> Option<DiagnosticId> {
        match self {
            Self::Missing => None,
            Self::Expired { diagnostic } | Self::Valid { diagnostic, .. } => Some(*diagnostic),
        }
    }
}

impl Standing {
    /// The same, with answers of another diagnostic to questions that this one does not have. One that is
    /// missing or expired is not made up for.
    #[must_use]
    fn supplemented_by(mut self, other: Self) -> Self {
        if let (
            Self::Valid { counted, knocked_out, .. },
            Self::Valid { counted: more, knocked_out: out, .. },
        ) = (&mut self, other)
        {
            for (question, answer) in more {
                counted.entry(question).or_insert(answer);
            }
            *knocked_out |= out;
        }
        self
    }
}

impl Diagnostic {
    /// What the diagnostic, with these answers, says on a day.
    pub fn standing(&self, answers: impl IntoIterator<Item = Given>, on: Day) -> Standing {
        match self.valid_until {
            None => Standing::Missing,
            Some(last) if last < on => Standing::Expired { diagnostic: self.id },
            Some(_) => {
                let counted = counted(answers);
                let knocked_out = !score::scores(self.instrument, &counted, on).knocked_out.is_empty();
                Standing::Valid { diagnostic: self.id, counted, knocked_out }
            }
        }
    }

    /// The question of that code.
    ///
    /// # Errors
    /// 404 when the instrument has none.
    pub fn question(&self, code: &str) -> Result<&'static Question, Problem> {
        self.instrument.question(code).ok_or_else(Problem::not_found)
    }
}

/// The last day on which a diagnostic submitted on `day` counts: the same day a year later.
pub fn valid_until(day: Day) -> Day {
    let (date, year) = (day.date(), day.date().year() + 1);
    // Only 29 February has no such day; beyond the calendar's end a diagnostic lasts as long as there are days.
    let later =
        date.replace_year(year).or_else(|_| time::Date::from_calendar_date(year, Month::February, 28));
    later.map_or(day, Day::from)
}

/// How long the name of a certificate's issuer may be.
pub const ISSUER: std::ops::RangeInclusive<usize> = 1..=120;

/// An answer as it is sent: `value` or `not_applicable`.
#[derive(Clone, PartialEq, Debug)]
pub struct NewAnswer {
    /// What the question's form reads; none: not applicable.
    pub value: Option<serde_json::Value>,
    /// Who issued the certificate.
    pub issuer: Option<String>,
    /// The client's count.
    pub revision: i64,
}

impl Input for NewAnswer {
    fn read(f: &mut Fields) -> Option<Self> {
        let (value, not_applicable) = (f.optional("value"), f.or("not_applicable", false));
        let (issuer, revision) = (f.optional_text("issuer", ISSUER), f.number("revision", 1..=i64::MAX));
        let (value, not_applicable) = (value?, not_applicable?);
        if value.is_some() == not_applicable {
            f.fail("value", Fault::new("answer-or-not-applicable"));
            return None;
        }
        Some(Self { value, issuer: issuer?, revision: revision? })
    }
}

impl NewAnswer {
    /// The answer to that question.
    ///
    /// # Errors
    /// 422 when it is not of the question's type, naming what would be.
    pub fn content(&self, question: &Question) -> Result<Content, Problem> {
        let answer = self.value.as_ref().map_or(Ok(Answer::NotApplicable), |value| question.form.read(value));
        let answer = answer.map_err(|Fault(code, args)| {
            Problem::invalid(vec![crate::foundation::problem::FieldError {
                pointer: "/value".to_owned(),
                code,
                args,
            }])
        })?;
        if self.issuer.is_some() && !matches!(answer, Answer::Certificate(Some(_))) {
            return Err(Problem::field("/issuer", "issuer-without-certificate"));
        }
        Ok(Content { answer, scale: question.form.scale(), issuer: self.issuer.clone() })
    }
}

/// A verifier's answer.
#[derive(Clone, PartialEq, Debug)]
pub struct NewVerification {
    /// Where it comes from.
    pub provenance: Provenance,
    /// The answer.
    pub answer: NewAnswer,
}

impl Input for NewVerification {
    fn read(f: &mut Fields) -> Option<Self> {
        let provenance = f.required("provenance");
        if provenance == Some(Provenance::SelfDeclared) {
            f.fail("provenance", Fault("unknown-word", vec![("allowed", Provenance::WORDS[1..].join(", "))]));
        }
        let answer = NewAnswer::read(f);
        Some(Self { provenance: provenance?, answer: answer? })
    }
}

/// Which suggestions become answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewConfirmation {
    /// Codes of questions.
    pub questions: Vec<String>,
}

impl Input for NewConfirmation {
    fn read(f: &mut Fields) -> Option<Self> {
        let questions = f.values::<String>("questions", 200)?;
        if questions.is_empty() {
            f.fail("questions", Fault::new("required"));
            return None;
        }
        Some(Self { questions })
    }
}

/// On what to begin a diagnostic.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewDiagnostic {
    /// An institution's instrument; none: the shipped one.
    pub instrument: Option<InstrumentId>,
}

impl Input for NewDiagnostic {
    fn read(f: &mut Fields) -> Option<Self> {
        f.optional("instrument").map(|instrument| Self { instrument })
    }
}
