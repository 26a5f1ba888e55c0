//! What a run answers, as the page shows it: names for ids, figures as people read them, bars.

use eslabon_solver::{
    Outcome,
    outcome::{Price, RuleName, Status, TierOutcome},
};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::ToPrimitive;

use super::flows::Flows;
use crate::{
    foundation::{
        figure::rounded,
        i18n::Locale,
        money::Currency,
        page::filters::{DECIMAL, grouped},
    },
    matching::{
        comparison::{awarded, largest_dependency},
        position::BANDS,
        store::telling::{Names, Told},
    },
};

/// A share of 1 fills so much of a bar.
pub(super) const WIDTH: i64 = 100;
/// So many lines of a table are shown; the rest is in the download.
pub(super) const MOST: usize = 200;

/// A decimal text, exactly.
pub(super) fn exact(text: &str) -> Option<BigRational> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let number: BigInt = format!("{whole}{fraction}").parse().ok()?;
    let places = u32::try_from(fraction.len()).ok()?;
    Some(BigRational::new(number, BigInt::from(10).pow(places)))
}

/// A share as percent with one decimal.
pub(super) fn percent(share: &str) -> Option<String> {
    let hundred = BigRational::from_integer(100.into());
    Some(grouped(&rounded(&(exact(share)? * hundred), 1)))
}

/// The length of a share's bar.
pub(super) fn length(share: &str) -> i64 {
    exact(share).map_or(0, |share| scaled(&share, WIDTH)).clamp(0, WIDTH)
}

/// How long a share of 1 is, where all of it is so long.
pub(super) fn scaled(share: &BigRational, length: i64) -> i64 {
    let scaled = (share * BigRational::from_integer(length.into())).round().to_integer();
    scaled.to_i64().unwrap_or(length)
}

/// An amount with its currency, with as many decimals as that has.
pub(super) fn amount(text: &str, currency: &str) -> String {
    exact(text).map_or_else(|| format!("{text}\u{a0}{currency}"), |exact| money(&exact, currency))
}

/// A change with its sign, without what is smaller than anybody pays.
fn change(value: f64) -> String {
    let decimals = usize::from(value.abs() < 100.);
    let text = format!("{:.decimals$}", value.abs());
    if text.bytes().all(|b| matches!(b, b'0' | b'.')) {
        return "0".to_owned();
    }
    format!("{}{}", if value < 0. { '\u{2212}' } else { '+' }, grouped(&text))
}

/// An award.
pub(super) struct AwardLine {
    pub(super) lot: String,
    pub(super) requirement: String,
    pub(super) supplier: String,
    pub(super) in_consortium: bool,
    pub(super) quantity: u64,
    pub(super) unit: String,
    pub(super) share: String,
    pub(super) amount: String,
}

/// How much of a supplier's sales hangs on a buyer group.
pub(super) struct BarLine {
    pub(super) supplier: String,
    /// `None`: a buyer outside the programme.
    pub(super) group: Option<String>,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
    pub(super) cap: Option<String>,
    pub(super) binding: bool,
    pub(super) is_over: bool,
    pub(super) before_at: i64,
    pub(super) after_at: i64,
    pub(super) cap_at: Option<i64>,
}

impl BarLine {
    /// What there is to say of it; nothing of whom nobody knows what it sells.
    fn finding(&self, locale: Locale) -> Option<String> {
        let group = self.group.clone().unwrap_or_else(|| locale.text("run-buyer-outside"));
        let said = [("supplier", self.supplier.clone()), ("after", self.after.clone()?), ("group", group)];
        Some(locale.text_with("run-dependency-finding", &said))
    }
}

/// What nobody gets of a lot.
pub(super) struct UnmetLine {
    pub(super) lot: String,
    pub(super) requirement: String,
    pub(super) quantity: u64,
    pub(super) unit: String,
}

/// How an aim changes.
pub(super) struct Change {
    pub(super) tier: String,
    pub(super) by: String,
}

/// What a limit costs: how each aim changes with one percent point (percent) more.
pub(super) struct PriceLine {
    pub(super) rule: String,
    pub(super) about: String,
    pub(super) looser: Vec<Change>,
    pub(super) tighter: Vec<Change>,
}

/// What closing a gap would be worth.
pub(super) struct WorthLine {
    pub(super) supplier: String,
    pub(super) lots: String,
    pub(super) cost: String,
    pub(super) changes: Vec<Change>,
}

/// A rule, and by how much it would have to give way.
pub(super) struct RuleLine {
    pub(super) rule: String,
    pub(super) about: String,
    pub(super) by: Option<String>,
}

/// What an aim reached.
pub(super) struct TierLine {
    pub(super) tier: String,
    pub(super) value: String,
    /// Percent within which nothing is better.
    pub(super) gap: String,
}

/// The answer of a run.
pub(super) struct Answer {
    pub(super) status: &'static str,
    pub(super) lots: usize,
    pub(super) covered: usize,
    pub(super) total: String,
    pub(super) suppliers: usize,
    pub(super) largest: Option<String>,
    pub(super) tiers: Vec<TierLine>,
    pub(super) awards: Vec<AwardLine>,
    pub(super) more_awards: usize,
    pub(super) bars: Vec<BarLine>,
    /// Who depends most on one buyer.
    pub(super) most_dependent: Option<String>,
    pub(super) unmet: Vec<UnmetLine>,
    pub(super) prices: Vec<PriceLine>,
    /// The limits that change nothing when they are moved.
    pub(super) idle: Vec<PriceLine>,
    pub(super) worth: Vec<WorthLine>,
    pub(super) rules: Vec<RuleLine>,
    pub(super) flows: Flows,
    /// Whether there was time for every explanation.
    pub(super) is_explained: bool,
}

/// The sum of decimal texts.
pub(super) fn sum<'a>(texts: impl Iterator<Item = &'a str>) -> BigRational {
    texts.filter_map(exact).fold(BigRational::from_integer(0.into()), |sum, more| sum + more)
}

/// With as many decimals as the currency has.
pub(super) fn money(exact: &BigRational, currency: &str) -> String {
    let decimals = currency.parse().map_or(2, |currency: Currency| currency.decimals());
    format!("{}\u{a0}{currency}", grouped(&rounded(exact, decimals)))
}

fn tier(found: &TierOutcome, currency: &str) -> TierLine {
    let value = match found.name.as_str() {
        "suppliers" => grouped(&found.published),
        "spread" => percent(&found.published).map(|text| format!("{text}\u{202f}%")).unwrap_or_default(),
        _ => amount(&found.published, currency),
    };
    let gap = if found.gap < 1e-6 { "0".to_owned() } else { grouped(&format!("{:.4}", found.gap * 100.)) };
    TierLine { tier: found.name.clone(), value, gap }
}

/// What a rule is about, by name.
fn about(rule: &RuleName, names: &Names, locale: Locale) -> String {
    let name = |id: &String| {
        if names.lots.contains_key(id) {
            names.lot(id).to_owned()
        } else if let Some(group) = names.group(id) {
            group.to_owned()
        } else if id.parse::<uuid::Uuid>().is_ok() {
            locale.text("run-other-buyer")
        } else {
            id.clone()
        }
    };
    rule.subject.iter().map(name).collect::<Vec<_>>().join(" · ")
}

/// The aim whose value is points by amount: a change of it says nothing to people.
const UNREADABLE: &str = "fit";

/// In what changes are told.
#[derive(Clone, Copy)]
struct Units<'a> {
    currency: &'a str,
    locale: Locale,
}

impl Units<'_> {
    /// By how much an aim changes; none without any change.
    fn say(self, tier: &str, by: f64) -> Option<String> {
        let by = change(if tier == "spread" { by * 100. } else { by });
        (by != "0").then(|| match tier {
            "suppliers" => {
                let whole = by.split_once(DECIMAL).map_or_else(|| by.clone(), |(whole, _)| whole.to_owned());
                self.locale.text_with("run-suppliers-by", &[("by", whole)])
            }
            "spread" => self.locale.text_with("run-points", &[("by", by)]),
            _ => format!("{by}\u{a0}{}", self.currency),
        })
    }

    fn changes<'t>(self, of: impl Iterator<Item = (&'t String, Option<f64>)>) -> Vec<Change> {
        let readable = of.filter(|(tier, _)| *tier != UNREADABLE);
        readable
            .filter_map(|(tier, by)| Some(Change { tier: tier.clone(), by: self.say(tier, by?)? }))
            .collect()
    }
}

fn price(found: &Price, names: &Names, units: Units<'_>) -> PriceLine {
    let tiers = || found.tiers.iter();
    PriceLine {
        rule: found.rule.rule.clone(),
        about: about(&found.rule, names, units.locale),
        looser: units.changes(tiers().map(|tier| (&tier.name, tier.looser))),
        tighter: units.changes(tiers().map(|tier| (&tier.name, tier.tighter))),
    }
}

/// What the limits cost, and those that cost nothing: the one that changes the first aim most comes first.
fn prices(
    outcome: &Outcome,
    names: &Names,
    units: Units<'_>,
    most: usize,
) -> (Vec<PriceLine>, Vec<PriceLine>) {
    // Per aim, in hundredths of its unit: less is noise.
    let effect = |found: &Price| -> Vec<u64> {
        let readable = found.tiers.iter().filter(|tier| tier.name != UNREADABLE);
        let largest = readable
            .map(|tier| [tier.looser, tier.tighter].into_iter().flatten().map(f64::abs).fold(0., f64::max));
        largest.map(|by| (by * 100.).round().to_u64().unwrap_or(u64::MAX)).collect()
    };
    let mut found: Vec<&Price> = outcome.prices.iter().collect();
    found.sort_by_cached_key(|found| std::cmp::Reverse(effect(found)));
    let lines = found.into_iter().map(|found| price(found, names, units));
    let (mut idle, mut telling): (Vec<_>, Vec<_>) =
        lines.partition(|line| line.looser.is_empty() && line.tighter.is_empty());
    idle.truncate(most);
    telling.truncate(most);
    (telling, idle)
}

impl Answer {
    /// The answer of a run that has one.
    pub(super) fn of(told: &Told, outcome: &Outcome, locale: Locale, most: usize) -> Self {
        let (names, currency) = (&told.names, outcome.currency.as_str());
        let lot = |id: &str| names.lots.get(id);
        let requirement = |id: &str| lot(id).map(|lot| lot.requirement.clone()).unwrap_or_default();
        let unit = |id: &str| lot(id).map(|lot| lot.unit.clone()).unwrap_or_default();
        let awards = outcome.awards.iter().take(most).map(|award| AwardLine {
            lot: names.lot(&award.lot).to_owned(),
            requirement: requirement(&award.lot),
            supplier: names.firm(&award.supplier).to_owned(),
            in_consortium: award.consortium.is_some(),
            quantity: award.quantity,
            unit: unit(&award.lot),
            share: percent(&award.share).unwrap_or_default(),
            amount: amount(&award.amount, currency),
        });
        let unmet = outcome.unmet.iter().take(most).map(|row| UnmetLine {
            lot: names.lot(&row.lot).to_owned(),
            requirement: requirement(&row.lot),
            quantity: row.quantity,
            unit: unit(&row.lot),
        });
        let conflict = outcome.conflict.iter().map(|rule| RuleLine {
            rule: rule.rule.clone(),
            about: about(rule, names, locale),
            by: outcome.relaxation.iter().find(|found| found.rule == *rule).map(|found| change(found.by)),
        });
        let units = Units { currency, locale };
        let (prices, idle) = prices(outcome, names, units, most);
        let worth = outcome.worth.iter().take(most).map(|found| WorthLine {
            supplier: names.firm(&found.supplier).to_owned(),
            lots: found.lots.iter().map(|id| names.lot(id)).collect::<Vec<_>>().join(" · "),
            cost: found.cost.as_deref().map_or_else(|| "–".to_owned(), |cost| amount(cost, currency)),
            changes: units.changes(found.tiers.iter().map(|tier| (&tier.name, Some(tier.change)))),
        });
        let bars = bars(outcome, names, most);
        Self {
            status: outcome.status.name(),
            lots: told.instance.lots.len(),
            covered: told.instance.lots.len() - outcome.unmet.len().min(told.instance.lots.len()),
            total: money(&sum(outcome.awards.iter().map(|award| award.amount.as_str())), currency),
            suppliers: awarded(outcome).len(),
            largest: largest_dependency(outcome).and_then(percent),
            tiers: outcome.tiers.iter().map(|found| tier(found, currency)).collect(),
            awards: awards.collect(),
            more_awards: outcome.awards.len().saturating_sub(most),
            most_dependent: bars.first().and_then(|line| line.finding(locale)),
            bars,
            unmet: unmet.collect(),
            prices,
            idle,
            worth: worth.collect(),
            rules: conflict.collect(),
            flows: Flows::of(told, outcome, locale, most),
            is_explained: !outcome.warnings.iter().any(|warning| warning.code == "W2009"),
        }
    }

    /// The parts of the page that there are: id and title.
    pub(super) fn parts(&self) -> Vec<(&'static str, &'static str)> {
        let has_answer = !self.is_impossible();
        let parts = [
            ("conflict", "run-conflict", !self.rules.is_empty()),
            ("dependency", "run-dependency", !self.bars.is_empty()),
            ("awards", "run-awards", self.has_awards()),
            ("flows", "run-flows", self.has_awards()),
            ("unmet", "run-unmet", !self.unmet.is_empty()),
            ("prices", "run-prices", has_answer),
            ("worth", "run-worth", has_answer && !self.worth.is_empty()),
            ("tiers", "run-tiers", has_answer),
        ];
        parts.into_iter().filter(|(.., is_there)| *is_there).map(|(id, title, _)| (id, title)).collect()
    }

    /// Whether somebody depends on a buyer beyond the cap, as the rules allow.
    pub(super) fn has_exceptions(&self) -> bool {
        self.bars.iter().any(|line| line.is_over)
    }

    /// Whether it proposes anything.
    pub(super) fn has_awards(&self) -> bool {
        !self.awards.is_empty()
    }

    /// Whether no assignment keeps the rules.
    pub(super) fn is_impossible(&self) -> bool {
        [Status::Infeasible, Status::Unpublishable].iter().any(|status| status.name() == self.status)
    }
}

/// Lines at the borders of the bands of dependency, over a bar that is so long.
pub(super) fn borders(length: i64) -> String {
    let places = BANDS.map(|percent| percent * WIDTH / 100);
    let within = places.into_iter().filter(|place| *place < length);
    within.map(|place| format!("M{place} 0v14")).collect::<Vec<_>>().concat()
}

/// The dependencies of those who were awarded anything, the largest first.
fn bars(outcome: &Outcome, names: &Names, most: usize) -> Vec<BarLine> {
    let awarded = |supplier: &str| outcome.awards.iter().any(|award| award.supplier == supplier);
    let mut rows: Vec<_> = outcome.dependency.iter().filter(|row| awarded(&row.supplier)).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.after.as_deref().and_then(exact)));
    let line = |row: &&eslabon_solver::outcome::Dependency| BarLine {
        supplier: names.firm(&row.supplier).to_owned(),
        group: names.group(&row.group).map(str::to_owned),
        before: row.before.as_deref().and_then(percent),
        after: row.after.as_deref().and_then(percent),
        cap: row.cap.as_deref().and_then(percent),
        binding: row.binding,
        is_over: row
            .after
            .as_deref()
            .and_then(exact)
            .zip(row.cap.as_deref().and_then(exact))
            .is_some_and(|(a, c)| a > c),
        before_at: row.before.as_deref().map_or(0, length),
        after_at: row.after.as_deref().map_or(0, length),
        cap_at: row.cap.as_deref().map(length),
    };
    rows.iter().take(most).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_told_as_people_read_them() {
        assert_eq!(percent("0.283333333").as_deref(), Some("28⎖3"));
        assert_eq!(percent("1").as_deref(), Some("100⎖0"));
        assert_eq!(percent("about").as_deref(), None);
        assert_eq!((length("0.3"), length("1.7"), length("-1")), (30, WIDTH, 0));
        assert_eq!(change(-1_234.56), "\u{2212}1\u{202f}235");
        assert_eq!(change(12.34), "+12⎖3");
        assert_eq!(change(-1.2e-7), "0", "noise is no change");
        let units = Units { currency: "CLP", locale: Locale::Es };
        assert_eq!(units.say("coverage", -1_630.3).as_deref(), Some("\u{2212}1\u{202f}630\u{a0}CLP"));
        assert_eq!(units.say("spread", 0.012).as_deref(), Some("+1⎖2 puntos"));
        assert_eq!(
            (units.say("suppliers", 1.).as_deref(), units.say("cost", 1e-9)),
            (Some("+1 (proveedores)"), None)
        );
        assert_eq!(money(&sum(["0.10", "0.20"].into_iter()), "USD"), "0⎖30\u{a0}USD");
    }
}
