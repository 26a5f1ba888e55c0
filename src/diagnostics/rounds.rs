//! Rounds: the same firm diagnosed again, and what has changed since.
//!
//! A round is a submitted diagnostic; the next one on an instrument of the same code is the re-diagnosis.
//! Each round is scored as of its own day and on the scales that were stored with its answers, so that a new
//! version of the instrument neither improves nor worsens what was answered before. Where a question is
//! new, gone, or was not applicable on one side, there is no difference to tell.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Answer, Counted, Diagnostic,
    score::{self, Score},
};
use crate::{
    foundation::{clock::Day, share::Share},
    words,
};

words! {
    /// How an answer changed between two rounds.
    pub enum ChangeKind {
        /// It is worth more points.
        Better = "better",
        /// It is worth fewer points.
        Worse = "worse",
        /// It is worth the same.
        Same = "same",
        /// It was not answered before.
        New = "new",
        /// It is not answered any more.
        Gone = "gone",
        /// It did or does not apply: there is nothing to compare.
        NotComparable = "not_comparable",
    }
}

/// One round: a diagnostic with the answers that count, as of a day.
#[derive(Clone, Copy, Debug)]
pub struct Round<'a> {
    /// The diagnostic.
    pub diagnostic: &'a Diagnostic,
    /// The answers that count.
    pub counted: &'a BTreeMap<String, Counted>,
    /// The day as of which it is scored.
    pub on: Day,
}

/// The change of one dimension. A side is none when its instrument does not have the dimension.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DimensionChange {
    /// Its code.
    pub dimension: &'static str,
    /// Before.
    pub before: Option<Score>,
    /// After.
    pub after: Option<Score>,
}

/// The change of one answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QuestionChange {
    /// Its code.
    pub question: String,
    /// How it changed.
    pub change: ChangeKind,
    /// The answer before.
    pub before: Option<Answer>,
    /// The answer after.
    pub after: Option<Answer>,
    /// The points before, as a share of 100.
    pub points_before: Option<Share>,
    /// The points after, as a share of 100.
    pub points_after: Option<Share>,
}

/// What has changed between two rounds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Changes {
    /// The whole before.
    pub before: Score,
    /// The whole after.
    pub after: Score,
    /// By dimension, in the later instrument's order, then what it no longer has.
    pub dimensions: Vec<DimensionChange>,
    /// By question that was answered in either round, in order of code.
    pub questions: Vec<QuestionChange>,
}

/// What has changed from one round to a later one.
pub fn changes(earlier: Round<'_>, later: Round<'_>) -> Changes {
    let scored = |round: &Round<'_>| score::scores(round.diagnostic.instrument, round.counted, round.on);
    let (before, after) = (scored(&earlier), scored(&later));
    let of = |scores: &[(&'static str, Score)], code: &str| {
        scores.iter().find(|(dimension, _)| *dimension == code).map(|(_, score)| *score)
    };
    let gone = before.dimensions.iter().filter(|(code, _)| of(&after.dimensions, code).is_none());
    let dimensions = after.dimensions.iter().chain(gone).map(|(dimension, _)| DimensionChange {
        dimension,
        before: of(&before.dimensions, dimension),
        after: of(&after.dimensions, dimension),
    });
    let codes: BTreeSet<&String> = earlier.counted.keys().chain(later.counted.keys()).collect();
    let questions = codes.into_iter().map(|code| question(code, &earlier, &later));
    Changes {
        before: before.whole,
        after: after.whole,
        dimensions: dimensions.collect(),
        questions: questions.collect(),
    }
}

fn question(code: &str, earlier: &Round<'_>, later: &Round<'_>) -> QuestionChange {
    let side = |round: &Round<'_>| {
        let counted = round.counted.get(code);
        let points = counted.and_then(|counted| counted.scale.points(&counted.answer, round.on));
        (counted.map(|counted| counted.answer), points)
    };
    let ((before, points_before), (after, points_after)) = (side(earlier), side(later));
    let change = match (before, after, points_before, points_after) {
        (None, _, _, _) => ChangeKind::New,
        (_, None, _, _) => ChangeKind::Gone,
        (_, _, Some(before), Some(after)) if after > before => ChangeKind::Better,
        (_, _, Some(before), Some(after)) if after < before => ChangeKind::Worse,
        (_, _, Some(_), Some(_)) => ChangeKind::Same,
        _ => ChangeKind::NotComparable,
    };
    QuestionChange { question: code.to_owned(), change, before, after, points_before, points_after }
}
