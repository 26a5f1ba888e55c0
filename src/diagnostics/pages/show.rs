//! Instruments, answers and scores in the reader's words.

use super::Own;
use crate::{
    diagnostics::{
        Answer, Content, Given, counted,
        instrument::{Form, Instrument, Question},
        rounds::{ChangeKind, Changes},
        score::{self, Band, Score},
    },
    foundation::{clock::Day, i18n::Locale, page::filters, share::Share},
};

/// What a question's form sends for "not applicable".
pub(super) const NOT_APPLICABLE: &str = "not_applicable";
/// What it sends for "we hold the certificate".
pub(super) const CERTIFICATE: &str = "certificate";

/// A dimension on the task list.
pub(super) struct Dimension {
    pub(super) name: String,
    pub(super) answered: usize,
    pub(super) questions: usize,
    /// Where to go on: its first open question, else its first.
    pub(super) next: String,
}

/// The dimensions, with what is answered of each.
pub(super) fn dimensions(own: &Own, locale: Locale) -> Vec<Dimension> {
    let of = |dimension: &crate::diagnostics::instrument::Dimension| {
        let questions: Vec<_> = questions_of(own.instrument(), &dimension.code).collect();
        let open = questions.iter().find(|question| own.answer(&question.code).is_none());
        Dimension {
            name: dimension.name.get(locale).to_owned(),
            answered: questions.iter().filter(|question| own.answer(&question.code).is_some()).count(),
            questions: questions.len(),
            next: open.or(questions.first()).map_or_else(String::new, |question| question.code.clone()),
        }
    };
    own.instrument().dimensions.iter().map(of).collect()
}

fn questions_of<'a>(instrument: &'a Instrument, dimension: &'a str) -> impl Iterator<Item = &'a Question> {
    instrument.questions.iter().filter(move |question| question.dimension == dimension)
}

/// A dimension with its answers.
pub(super) struct Part {
    pub(super) name: String,
    pub(super) answers: Vec<AnswerLine>,
}

/// A question with its answer.
pub(super) struct AnswerLine {
    pub(super) code: String,
    pub(super) question: String,
    pub(super) answer: Option<String>,
}

/// Every question with the organisation's own answer.
pub(super) fn parts(own: &Own, locale: Locale) -> Vec<Part> {
    let line = |question: &Question| AnswerLine {
        code: question.code.clone(),
        question: question.text.get(locale).to_owned(),
        answer: own.answer(&question.code).map(|given| words(question, &given.content, locale)),
    };
    let part = |dimension: &crate::diagnostics::instrument::Dimension| Part {
        name: dimension.name.get(locale).to_owned(),
        answers: questions_of(own.instrument(), &dimension.code).map(line).collect(),
    };
    own.instrument().dimensions.iter().map(part).collect()
}

/// An answer in words.
pub(crate) fn words(question: &Question, content: &Content, locale: Locale) -> String {
    let anchor = |at: usize| question.form.anchors().get(at).map(|anchor| anchor.text.get(locale).to_owned());
    match (&content.answer, &question.form) {
        (Answer::NotApplicable, _) => locale.text("answer-not-applicable"),
        (Answer::Level(level), _) => anchor(usize::from(*level)).unwrap_or_else(|| level.to_string()),
        (Answer::Boolean(yes), _) => locale.text(if *yes { "answer-yes" } else { "answer-no" }),
        (Answer::Number(number), Form::Number { unit, .. }) => {
            format!("{}\u{a0}{}", filters::grouped(&number.to_string()), unit.get(locale))
        }
        (Answer::Number(number), _) => number.to_string(),
        (Answer::Certificate(None), _) => locale.text("answer-no-certificate"),
        (Answer::Certificate(Some(day)), _) => {
            let day = ("day", filters::in_words(*day, locale));
            match &content.issuer {
                None => locale.text_with("answer-certificate", &[day]),
                Some(issuer) => locale.text_with("answer-certificate-of", &[day, ("issuer", issuer.clone())]),
            }
        }
    }
}

/// A question as it is asked.
pub(super) struct Asked {
    pub(super) code: String,
    pub(super) dimension: String,
    /// Its place within the dimension, from 1.
    pub(super) at: usize,
    pub(super) of: usize,
    pub(super) text: String,
    pub(super) evidence: String,
    pub(super) kind: Kind,
    /// What the form holds before anything is typed.
    pub(super) saved: String,
    pub(super) expires: String,
    pub(super) issuer: String,
    /// The next question of the dimension, to skip to.
    pub(super) next: Option<String>,
}

/// How a question is answered.
pub(super) enum Kind {
    /// One of several texts.
    Choice(Vec<Choice>),
    /// A number in this unit, between these, with what some numbers mean.
    Number { unit: String, least: String, most: String, marks: Vec<(String, String)> },
}

/// One of several answers.
pub(super) struct Choice {
    pub(super) id: String,
    pub(super) value: String,
    pub(super) label: String,
    pub(super) note: String,
    /// Whether the day of expiry goes with it.
    pub(super) expires: bool,
}

impl Asked {
    pub(super) fn new(
        instrument: &'static Instrument,
        question: &Question,
        saved: Option<&Content>,
        locale: Locale,
    ) -> Self {
        let questions: Vec<_> = questions_of(instrument, &question.dimension).collect();
        let at = questions.iter().position(|other| other.code == question.code).unwrap_or_default();
        let dimension = instrument.dimensions.iter().find(|other| other.code == question.dimension);
        let issuer = saved.and_then(|saved| saved.issuer.clone()).unwrap_or_default();
        let (saved, expires) = saved.map(|saved| fields(&saved.answer)).unwrap_or_default();
        Self {
            code: question.code.clone(),
            dimension: dimension.map_or_else(String::new, |found| found.name.get(locale).to_owned()),
            at: at + 1,
            of: questions.len(),
            text: question.text.get(locale).to_owned(),
            evidence: question.evidence.get(locale).to_owned(),
            kind: Kind::new(&question.form, locale),
            saved,
            expires,
            issuer,
            next: questions.get(at + 1).map(|next| next.code.clone()),
        }
    }
}

/// What the fields `value` and `expires` hold for an answer.
fn fields(answer: &Answer) -> (String, String) {
    match answer {
        Answer::Level(level) => (level.to_string(), String::new()),
        Answer::Boolean(yes) => (yes.to_string(), String::new()),
        Answer::Number(number) => (number.to_string(), String::new()),
        Answer::Certificate(None) => ("false".to_owned(), String::new()),
        Answer::Certificate(Some(day)) => (CERTIFICATE.to_owned(), day.to_string()),
        Answer::NotApplicable => (NOT_APPLICABLE.to_owned(), String::new()),
    }
}

impl Kind {
    fn new(form: &Form, locale: Locale) -> Self {
        let text = |text: &crate::diagnostics::instrument::Text| text.get(locale).to_owned();
        let said = |value: &str, key: &str, note: String| Choice {
            id: String::new(),
            value: value.to_owned(),
            label: locale.text(key),
            note,
            expires: value == CERTIFICATE,
        };
        let mut choices = match form {
            Form::Number { unit, least, most, scale } => {
                let marks = scale
                    .iter()
                    .map(|mark| (filters::grouped(&mark.at.to_string()), text(&mark.anchor.text)));
                let (unit, marks) = (text(unit), marks.collect());
                return Self::Number { unit, least: least.to_string(), most: most.to_string(), marks };
            }
            Form::Level { levels } => {
                let level = |(at, anchor): (usize, &crate::diagnostics::instrument::Anchor)| Choice {
                    id: String::new(),
                    value: at.to_string(),
                    label: text(&anchor.text),
                    note: String::new(),
                    expires: false,
                };
                levels.iter().enumerate().map(level).collect()
            }
            Form::Boolean { no, yes } => {
                vec![said("true", "answer-yes", text(&yes.text)), said("false", "answer-no", text(&no.text))]
            }
            Form::Certificate { without, with, .. } => vec![
                said(CERTIFICATE, "answer-yes", text(&with.text)),
                said("false", "answer-no", text(&without.text)),
            ],
        };
        for (at, choice) in choices.iter_mut().enumerate() {
            choice.id = if at == 0 { "value".to_owned() } else { format!("value-{at}") };
        }
        Self::Choice(choices)
    }
}

/// The scores of a diagnostic.
pub(super) struct Scored {
    pub(super) whole: ScoreLine,
    pub(super) dimensions: Vec<ScoreLine>,
    /// The questions whose answer lies below their minimum.
    pub(super) below: Vec<String>,
}

/// A score with its name.
pub(super) struct ScoreLine {
    pub(super) name: String,
    pub(super) points: Option<String>,
    pub(super) band: Option<Band>,
    pub(super) coverage: Share,
}

/// A score in points of 100, as people read it.
pub(super) fn points(share: Share) -> String {
    filters::grouped(&share.to_percent())
}

impl ScoreLine {
    fn new(name: &str, score: Score) -> Self {
        Self {
            name: name.to_owned(),
            points: score.share.map(points),
            band: score.share.map(Band::of),
            coverage: score.coverage,
        }
    }
}

impl Scored {
    pub(super) fn new(own: &Own, on: Day, locale: Locale) -> Self {
        Self::of(own.instrument(), &own.answers, on, locale)
    }

    pub(super) fn of(instrument: &'static Instrument, answers: &[Given], on: Day, locale: Locale) -> Self {
        let scores = score::scores(instrument, &counted(answers.iter().cloned()), on);
        let name = |code: &str| {
            let found = instrument.dimensions.iter().find(|dimension| dimension.code == code);
            found.map_or_else(String::new, |dimension| dimension.name.get(locale).to_owned())
        };
        let below = scores.knocked_out.iter().filter_map(|code| instrument.question(code));
        Self {
            whole: ScoreLine::new("", scores.whole),
            dimensions: scores
                .dimensions
                .iter()
                .map(|(code, score)| ScoreLine::new(&name(code), *score))
                .collect(),
            below: below.map(|question| question.text.get(locale).to_owned()).collect(),
        }
    }
}

/// A dimension before and now, in points.
pub(super) struct DimensionLine {
    pub(super) name: String,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
    /// How they differ; none: a side is not known.
    pub(super) kind: Option<ChangeKind>,
}

/// What has changed since an earlier round.
pub(super) struct Changed {
    /// The points of the whole before and after.
    pub(super) whole: (Option<String>, Option<String>),
    pub(super) dimensions: Vec<DimensionLine>,
    /// The questions whose answers are worth more or less, or came or went.
    pub(super) questions: Vec<(String, ChangeKind)>,
}

impl Changed {
    pub(super) fn new(instrument: &Instrument, changes: &Changes, locale: Locale) -> Self {
        let points = |score: Option<Score>| score.and_then(|score| score.share).map(points);
        let name = |code: &str| {
            let found = instrument.dimensions.iter().find(|dimension| dimension.code == code);
            found.map_or_else(|| code.to_owned(), |dimension| dimension.name.get(locale).to_owned())
        };
        let kind = |before: Option<Score>, after: Option<Score>| {
            let (before, after) = (before?.share?, after?.share?);
            Some(match after.cmp(&before) {
                std::cmp::Ordering::Greater => ChangeKind::Better,
                std::cmp::Ordering::Less => ChangeKind::Worse,
                std::cmp::Ordering::Equal => ChangeKind::Same,
            })
        };
        let dimensions = changes.dimensions.iter().map(|one| DimensionLine {
            name: name(one.dimension),
            before: points(one.before),
            after: points(one.after),
            kind: kind(one.before, one.after),
        });
        let told = changes.questions.iter().filter(|one| one.change != ChangeKind::Same);
        let asked = |code: &str| {
            let found = instrument.question(code);
            found.map_or_else(|| code.to_owned(), |question| question.text.get(locale).to_owned())
        };
        Self {
            whole: (points(Some(changes.before)), points(Some(changes.after))),
            dimensions: dimensions.collect(),
            questions: told.map(|one| (asked(&one.question), one.change)).collect(),
        }
    }

    #[cfg(test)]
    pub(super) fn sample(instrument: &Instrument, locale: Locale) -> Self {
        let name = instrument.dimensions[0].name.get(locale).to_owned();
        let points = |points: &str| Some(points.to_owned());
        Self {
            whole: (points("40"), points("55")),
            dimensions: vec![
                DimensionLine {
                    name: name.clone(),
                    before: points("40"),
                    after: points("55"),
                    kind: Some(ChangeKind::Better),
                },
                DimensionLine { name: name.clone(), before: None, after: points("55"), kind: None },
            ],
            questions: ChangeKind::ALL.iter().map(|kind| (name.clone(), *kind)).collect(),
        }
    }
}

/// How a change is coloured; its name stands beside.
pub(super) const fn tone(change: ChangeKind) -> &'static str {
    match change {
        ChangeKind::Better => "good",
        ChangeKind::Worse => "bad",
        ChangeKind::New => "now",
        ChangeKind::Same | ChangeKind::Gone | ChangeKind::NotComparable => "",
    }
}
