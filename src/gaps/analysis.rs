//! The computation: criteria and counted answers in, an analysis out. Exact, in whole numbers.

use std::cmp::Reverse;

use super::{Analysis, Gap, Light, Line, Outcome, Reason, Unit, Unknown};
use crate::{
    diagnostics::{Answer, Counted, Standing},
    foundation::{clock::Day, figure::Figure, share::Share},
    programmes::Thresholds,
    requirements::criteria::{Bounds, CRITICAL, Criterion, Demand, is_among},
};

/// Fewer other suppliers than these, and the best of them stays hidden.
pub const FEWEST_PEERS: usize = 5;
const YEAR: i128 = 365;
const MILLION: i128 = 1_000_000;

/// How a supplier stands to a requirement's criteria on a day.
pub fn analyse(criteria: &[Criterion], standing: &Standing, thresholds: &Thresholds, on: Day) -> Analysis {
    let lines: Vec<Line> = criteria.iter().map(|criterion| line(criterion, standing, on)).collect();
    let mut groups: Vec<Option<&str>> = Vec::new();
    for criterion in criteria {
        if criterion.group.is_some() && !groups.contains(&criterion.group.as_deref()) {
            groups.push(criterion.group.as_deref());
        }
    }
    if groups.is_empty() {
        groups.push(None);
    }
    let verdicts = groups.into_iter().map(|group| (Verdict::of(&lines, group, standing, thresholds), group));
    // The first of equals, so that the requirement's order decides.
    let best = verdicts.min_by_key(|(verdict, _)| (verdict.light, Reverse(verdict.fit)));
    let (verdict, group) = best.unwrap_or_else(|| (Verdict::of(&lines, None, standing, thresholds), None));
    let group = group.map(str::to_owned);
    let mut lines = lines;
    for line in &mut lines {
        line.counts = line.criterion.group.is_none() || line.criterion.group == group;
    }
    let Verdict { light, reasons, fit, coverage } = verdict;
    Analysis { light, reasons, fit, coverage, group, lines }
}

/// What the criteria say when one group is chosen.
struct Verdict {
    light: Light,
    reasons: Vec<Reason>,
    fit: Share,
    coverage: Share,
}

impl Verdict {
    fn of(lines: &[Line], group: Option<&str>, standing: &Standing, thresholds: &Thresholds) -> Self {
        let counted =
            || lines.iter().filter(|l| l.criterion.group.is_none() || l.criterion.group.as_deref() == group);
        let weights: i128 = counted().map(|line| i128::from(line.criterion.weight())).sum();
        let share = |part: i128| match weights {
            0 => Share::ALL,
            _ => ratio(part, weights * MILLION),
        };
        let missing: i128 = counted().map(Line::missing).sum();
        let known = counted().filter(|line| line.gap.is_some());
        let coverage = share(known.map(|line| i128::from(line.criterion.weight()) * MILLION).sum());
        let fit = share(weights * MILLION - missing);

        let open = || counted().filter(|line| line.criterion.is_must() && line.outcome != Outcome::Met);
        let reasons: Vec<Reason> = [
            (matches!(standing, Standing::Missing), Reason::NoDiagnostic),
            (matches!(standing, Standing::Expired { .. }), Reason::DiagnosticExpired),
            (matches!(standing, Standing::Valid { knocked_out: true, .. }), Reason::KnockedOut),
            (open().any(|line| line.criterion.criticality >= CRITICAL), Reason::CriticalOpen),
            (fit < thresholds.yellow, Reason::FitBelowYellow),
            (open().any(|line| line.criterion.criticality < CRITICAL), Reason::MustOpen),
            (fit < thresholds.green && fit >= thresholds.yellow, Reason::FitBelowGreen),
        ]
        .into_iter()
        .filter_map(|(holds, reason)| holds.then_some(reason))
        .collect();
        let light = reasons.iter().map(|reason| reason.light()).max().unwrap_or(Light::Green);
        Self { light, reasons, fit, coverage }
    }
}

impl Analysis {
    /// The criteria that must be fulfilled and are not, or of which nobody can tell.
    pub fn open(&self) -> impl Iterator<Item = &Criterion> {
        let open = self.lines.iter().filter(|line| line.counts && line.outcome != Outcome::Met);
        open.map(|line| &line.criterion).filter(|criterion| criterion.is_must())
    }
}

impl Analysis {
    /// The fewest criteria that, fulfilled together, leave the supplier red no more, the most decisive first: those that are
    /// critical, then, while it fits too badly, those that weigh most. `None` where it is not red, or where fulfilling
    /// criteria is not what it takes.
    pub fn to_open(&self, thresholds: &Thresholds) -> Option<Vec<&Criterion>> {
        let otherwise = [Reason::NoDiagnostic, Reason::DiagnosticExpired, Reason::KnockedOut];
        if self.light != Light::Red || self.reasons.iter().any(|reason| otherwise.contains(reason)) {
            return None;
        }
        let counted = || self.lines.iter().filter(|line| line.counts);
        let mut open: Vec<&Line> = counted().filter(|line| line.outcome != Outcome::Met).collect();
        let is_critical = |line: &Line| line.criterion.is_must() && line.criterion.criticality >= CRITICAL;
        // Stable, so that the requirement's order decides among equals.
        open.sort_by_key(|line| (!is_critical(line), Reverse(line.missing())));
        let weights: i128 = counted().map(|line| i128::from(line.criterion.weight())).sum();
        let mut missing: i128 = counted().map(Line::missing).sum();
        let mut needed = Vec::new();
        for line in open {
            let fits =
                weights == 0 || ratio(weights * MILLION - missing, weights * MILLION) >= thresholds.yellow;
            if fits && !is_critical(line) {
                break;
            }
            missing -= line.missing();
            needed.push(&line.criterion);
        }
        Some(needed)
    }
}

impl Line {
    /// How much of its weight is missing, in millionths; all of it while nobody can tell.
    fn missing(&self) -> i128 {
        let share = self.gap.map_or(MILLION, |gap| i128::from(gap.share.ppm()));
        i128::from(self.criterion.weight()) * share
    }
}

impl Reason {
    /// The best light that the reason leaves.
    pub const fn light(self) -> Light {
        match self {
            Self::NoDiagnostic
            | Self::DiagnosticExpired
            | Self::KnockedOut
            | Self::CriticalOpen
            | Self::FitBelowYellow => Light::Red,
            Self::MustOpen | Self::FitBelowGreen => Light::Yellow,
        }
    }
}

fn line(criterion: &Criterion, standing: &Standing, on: Day) -> Line {
    let counted = answer_to(criterion, standing);
    let gap = counted.and_then(|counted| measure(criterion, counted, on));
    let counted: Option<&Counted> = counted.ok();
    Line {
        criterion: criterion.clone(),
        counts: false,
        outcome: match gap {
            Ok(gap) if gap.amount == Figure::ZERO => Outcome::Met,
            Ok(_) => Outcome::NotMet,
            Err(_) => Outcome::Unknown,
        },
        unknown: gap.err(),
        actual: counted.map(|counted| counted.answer),
        provenance: counted.map(|counted| counted.provenance),
        gap: gap.ok(),
    }
}

fn answer_to<'a>(criterion: &Criterion, standing: &'a Standing) -> Result<&'a Counted, Unknown> {
    match standing {
        Standing::Valid { counted, .. } => counted.get(&criterion.question).ok_or(Unknown::NotAnswered),
        Standing::Missing | Standing::Expired { .. } => Err(Unknown::NoDiagnostic),
    }
}

fn measure(criterion: &Criterion, counted: &Counted, on: Day) -> Result<Gap, Unknown> {
    let (amount, unit, share) = match (&criterion.demand, &counted.answer) {
        (_, Answer::NotApplicable) => return Err(Unknown::NotApplicable),
        (Demand::Boolean { expected }, Answer::Boolean(actual)) => whole(expected != actual, Unit::Answer),
        (Demand::Level { minimum }, Answer::Level(actual)) => {
            let gap = (minimum - i64::from(*actual)).max(0);
            (units(gap), Unit::Level, ratio(i128::from(gap), i128::from(*minimum)))
        }
        (Demand::Number(bounds), Answer::Number(actual)) => {
            let (gap, larger) = bounds_gap(bounds, *actual);
            (gap, Unit::Question, ratio(i128::from(gap.millionths()), i128::from(larger.millionths())))
        }
        (Demand::Certificate { valid_until, issuers }, Answer::Certificate(expiry)) => match expiry {
            Some(expiry) if *expiry >= on && is_among(issuers, counted.issuer.as_deref()) => {
                let missing = valid_until.map_or(0, |day| day.days_since(*expiry).max(0));
                (units(missing), Unit::Day, ratio(i128::from(missing), YEAR))
            }
            _ => whole(true, Unit::Certificate),
        },
        _ => return Err(Unknown::OtherKind),
    };
    let priority = Figure::from_millionths(criterion.criticality * share.ppm());
    Ok(Gap { amount, unit, share, priority })
}

fn whole(missing: bool, unit: Unit) -> (Figure, Unit, Share) {
    if missing { (units(1), unit, Share::ALL) } else { (Figure::ZERO, unit, Share::NONE) }
}

fn units(count: i64) -> Figure {
    Figure::whole(count).unwrap_or(Figure::from_millionths(i64::MAX))
}

/// The gap of a number, and the larger of demanded and actual.
fn bounds_gap(bounds: &Bounds, actual: Figure) -> (Figure, Figure) {
    let below = |floor: Figure| (floor.above(actual), floor);
    let over = |ceiling: Figure| (actual.above(ceiling), actual);
    let gaps = [
        bounds.minimum.map(below),
        bounds.maximum.map(over),
        bounds.expected.map(below),
        bounds.expected.map(over),
    ];
    // At most one of them is open.
    gaps.into_iter().flatten().find(|(gap, _)| *gap > Figure::ZERO).unwrap_or((Figure::ZERO, actual))
}

/// The quotient as a share: never above 1; and rounded away from 0 and 1, so that what is not
/// wholly met never looks met, and what is partly met never looks wholly missing.
fn ratio(part: i128, of: i128) -> Share {
    if part <= 0 || of <= 0 {
        return Share::NONE;
    }
    if part >= of {
        return Share::ALL;
    }
    let ppm = (part * 1_000_000 / of).clamp(1, 999_999);
    i64::try_from(ppm).ok().and_then(Share::from_ppm).unwrap_or(Share::ALL)
}

/// The best answers to each criterion, without whose they are.
pub struct Peers(Vec<Best>);

/// The two best answers to one criterion, so that each supplier can be told the best of the others.
struct Best {
    /// Who has an answer of the criterion's kind.
    answered: Vec<bool>,
    /// How many they are.
    count: usize,
    /// The two best, and whose they are.
    top: Vec<(usize, Answer)>,
}

impl Peers {
    /// Looks through the suppliers' standings. Best is the smallest gap; among equals the better figure.
    pub fn among(criteria: &[Criterion], standings: &[Standing], on: Day) -> Self {
        let best = |criterion: &Criterion| {
            let mut best = Best { answered: vec![false; standings.len()], count: 0, top: Vec::new() };
            let mut ranked = Vec::new();
            for (at, standing) in standings.iter().enumerate() {
                let Ok(counted) = answer_to(criterion, standing) else { continue };
                let Ok(gap) = measure(criterion, counted, on) else { continue };
                best.answered[at] = true;
                ranked.push(((gap.share, rank(criterion, &counted.answer)), at, counted.answer));
            }
            best.count = ranked.len();
            ranked.sort_by_key(|(rank, at, _)| (*rank, *at));
            best.top = ranked.into_iter().take(2).map(|(_, at, answer)| (at, answer)).collect();
            best
        };
        Self(criteria.iter().map(best).collect())
    }

    /// For each criterion the best answer of the others than the supplier at that place, where at least
    /// [`FEWEST_PEERS`] others have an answer of its kind.
    pub fn beside(&self, at: usize) -> Vec<Option<Answer>> {
        let of = |best: &Best| {
            let own = usize::from(best.answered.get(at).is_some_and(|answered| *answered));
            let enough = best.count - own >= FEWEST_PEERS;
            best.top.iter().find(|(other, _)| enough && *other != at).map(|(_, answer)| *answer)
        };
        self.0.iter().map(of).collect()
    }
}

/// Orders answers to one criterion, the better first.
fn rank(criterion: &Criterion, answer: &Answer) -> i64 {
    match (answer, &criterion.demand) {
        (Answer::Level(level), _) => -i64::from(*level),
        (Answer::Number(number), Demand::Number(Bounds { maximum: Some(_), .. })) => number.millionths(),
        (Answer::Number(number), _) => -number.millionths(),
        (Answer::Certificate(Some(day)), _) => -i64::from(day.date().to_julian_day()),
        _ => 0,
    }
}
