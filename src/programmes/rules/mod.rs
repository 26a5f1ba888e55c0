//! The rules under which a programme's networks run.
//!
//! They have a version of their own: a run keeps the version that it was solved under, an approval is
//! tested against the rules then in force. Every version is kept and can be read.
//!
//! **Cold start.** A firm without sales would get all of its first sales from its first buyer, and a firm
//! already above the cap makes a hard cap infeasible. The programme chooses among an *allowance*, *no
//! worsening*, a *glide path* and *waivers*, also together.

mod aims;
mod money;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use aims::{Objective, TOLERANCE, Tier, standard as standard_objectives};
pub use money::{Cofinancing, ExchangeRate};

use crate::{
    foundation::{
        clock::Day,
        fields::{Fault, Fields, Input},
        money::{Currency, Money},
        share::Share,
    },
    words,
};

/// The dependency cap of a programme that states none: 30 %. In French practice dependence on a buyer is
/// discussed from 22–30 % of the turnover.
pub const DEPENDENCY_CAP: Share = Share::percent(30);
/// From this fit on, green: the ITC's band *excellent* begins above 80, VDA 6.3 awards below 80 to nobody.
pub const GREEN: Share = Share::percent(80);
/// From this fit on, yellow: the ITC's band *very good* begins above 60.
pub const YELLOW: Share = Share::percent(60);
/// Of a lot, at most half for a yellow supplier. VDA 6.3 says "a limited quantity" and names no figure;
/// with half of it, a green supplier always carries as much as the yellow one.
pub const YELLOW_MAX_SHARE: Share = Share::percent(50);
/// A firm may object to a decision for ten days, unless the programme says otherwise.
pub const OBJECTION_DAYS: i64 = 10;

words! {
    /// Of what a supplier's sales to one buyer are a share.
    pub enum DependencyBase {
        /// Annual sales with all new annual awards.
        Projected = "projected",
        /// Annual sales of today alone.
        Conservative = "conservative",
    }
}

/// The rules of a programme.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
pub struct Rules {
    /// Largest share of a supplier's sales that may come from one buyer group (*tope de dependencia*);
    /// null: no cap. Default 0.3. Under a glide path, the cap with which it ends.
    pub dependency_cap: Option<Share>,
    /// Cold start: the cap by year of the programme, falling, such as 0.6, 0.45, 0.3; the last holds on. It
    /// takes the place of `dependency_cap`. Empty: none.
    #[serde(default)]
    pub glide_path: Vec<Share>,
    /// Of what it is a share. Default `projected`.
    pub dependency_base: DependencyBase,
    /// Cold start: amount by which the annual sales to one buyer group, existing and new, may exceed the cap,
    /// so that a firm without sales can begin; of a firm that does not disclose its sales, all that one
    /// buyer group may buy. In the programme's currency; the default is nothing.
    pub dependency_allowance: Money,
    /// Cold start: a supplier already above its cap keeps what it has, takes from that buyer at most the
    /// cap's share of its new business, and so can only become less dependent. Default true.
    pub no_worsening: bool,
    /// Largest concentration of a supplier's sales on buyer groups: the Herfindahl-Hirschman index in percent
    /// points, 0…10,000; null: no such cap.
    #[serde(default)]
    pub hhi_cap: Option<i64>,
    /// From which fit on a supplier is green, and from which yellow.
    pub thresholds: Thresholds,
    /// Of a lot, the largest share that a yellow supplier gets. Default 0.5.
    pub yellow_max_share: Share,
    /// The solver's aims, most important first. Default coverage, fit, cost.
    #[serde(deserialize_with = "aims::stored")]
    pub objectives: Vec<Objective>,
    /// What the programme may spend on closing gaps, in all; null: no limit is set.
    #[serde(default)]
    pub development_budget: Option<Money>,
    /// Who pays for closing a gap where the plan says nothing else; null: each plan says so.
    #[serde(default)]
    pub cofinancing: Option<Cofinancing>,
    /// Matches above this amount need two approvers; null: one is enough.
    #[serde(default)]
    pub dual_approval_above: Option<Money>,
    /// What other currencies are worth in the programme's.
    #[serde(default)]
    pub exchange_rates: Vec<ExchangeRate>,
    /// For how many days after a decision the firm that it concerns may object to it. Default 10.
    #[serde(default = "objection_days")]
    pub objection_days: i64,
}

const fn objection_days() -> i64 {
    OBJECTION_DAYS
}

/// From which fit on a supplier is green (awards freely), and from which yellow (a limited quantity, with
/// an improvement plan); below, red.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
pub struct Thresholds {
    /// Default 0.8.
    #[schema(required = false, nullable = true)]
    pub green: Share,
    /// Default 0.6; at most `green`.
    #[schema(required = false, nullable = true)]
    pub yellow: Share,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { green: GREEN, yellow: YELLOW }
    }
}

impl Rules {
    /// The default rules.
    pub fn standard(currency: Currency) -> Self {
        Self {
            dependency_cap: Some(DEPENDENCY_CAP),
            glide_path: Vec::new(),
            dependency_base: DependencyBase::Projected,
            dependency_allowance: Money::new(0, currency),
            no_worsening: true,
            hhi_cap: None,
            thresholds: Thresholds::default(),
            yellow_max_share: YELLOW_MAX_SHARE,
            objectives: standard_objectives(),
            development_budget: None,
            cofinancing: None,
            dual_approval_above: None,
            exchange_rates: Vec::new(),
            objection_days: OBJECTION_DAYS,
        }
    }

    /// The cap that holds on a day, in a programme that starts on `starts_on`; `None`: no cap. Days before
    /// the start count to the first year.
    pub fn cap_on(&self, starts_on: Day, day: Day) -> Option<Share> {
        let year = years_between(starts_on, day);
        self.glide_path.get(year).or(self.glide_path.last()).copied().or(self.dependency_cap)
    }

    /// What one unit of another currency is worth in the programme's; `None` when the rules don't say.
    pub fn rate(&self, currency: Currency) -> Option<&ExchangeRate> {
        self.exchange_rates.iter().find(|rate| rate.currency == currency)
    }

    /// What does not fit a programme in this currency, by the place where it stands.
    pub(super) fn misfits(&self, currency: Currency) -> Vec<(String, Fault)> {
        let wrong = || Fault("not-the-programmes-currency", vec![("currency", currency.to_string())]);
        let amounts = [
            ("dependency_allowance", Some(self.dependency_allowance)),
            ("development_budget", self.development_budget),
            ("dual_approval_above", self.dual_approval_above),
        ];
        let amounts = amounts.into_iter().filter(|(_, money)| money.is_some_and(|m| m.currency != currency));
        let mut found: Vec<_> = amounts.map(|(name, _)| (name.to_owned(), wrong())).collect();
        for (at, rate) in self.exchange_rates.iter().enumerate() {
            if rate.currency == currency {
                let fault = Fault("the-programmes-own-currency", vec![("currency", currency.to_string())]);
                found.push((format!("exchange_rates/{at}/currency"), fault));
            }
        }
        found
    }
}

/// Whole years from one day to another, by the calendar; none backwards.
fn years_between(from: Day, to: Day) -> usize {
    let (from, to) = (from.date(), to.date());
    let is_before_the_anniversary = (u8::from(to.month()), to.day()) < (u8::from(from.month()), from.day());
    usize::try_from(to.year() - from.year() - i32::from(is_before_the_anniversary)).unwrap_or(0)
}

/// The cap and the glide path, of which the one takes the place of the other.
fn read_caps(f: &mut Fields) -> Option<(Option<Share>, Vec<Share>)> {
    let cap = f.or_null("dependency_cap", DEPENDENCY_CAP);
    let path: Vec<Share> = f.values("glide_path", 20)?;
    let Some(last) = path.last().copied() else { return Some((cap?, path)) };
    let mut is_right = true;
    for (at, pair) in path.windows(2).enumerate() {
        if pair[1] > pair[0] {
            f.fail_within("glide_path", &(at + 1).to_string(), Fault::new("glide-path-rises"));
            is_right = false;
        }
    }
    // The default can't be told from what was left out.
    if cap?.is_none_or(|cap| cap != last && cap != DEPENDENCY_CAP) {
        f.fail("dependency_cap", Fault("cap-beside-glide-path", vec![("last", last.to_string())]));
        is_right = false;
    }
    is_right.then_some((Some(last), path))
}

/// What is absent has its default, save the allowance: nobody but the sender knows its currency.
impl Input for Rules {
    fn read(f: &mut Fields) -> Option<Self> {
        let caps = read_caps(f);
        let dependency_base = f.or("dependency_base", DependencyBase::Projected);
        let dependency_allowance = f.required("dependency_allowance");
        let (no_worsening, hhi_cap) = (f.or("no_worsening", true), f.optional_number("hhi_cap", 1..=10_000));
        let thresholds = f.optional_object("thresholds");
        let yellow_max_share = f.or("yellow_max_share", YELLOW_MAX_SHARE);
        let objectives = aims::read(f);
        let (development_budget, cofinancing) =
            (f.optional("development_budget"), f.optional_object("cofinancing"));
        let (dual_approval_above, exchange_rates) = (f.optional("dual_approval_above"), money::read_rates(f));
        let objection_days = f.optional_number("objection_days", 1..=120);
        let (dependency_cap, glide_path) = caps?;
        Some(Self {
            dependency_cap,
            glide_path,
            dependency_base: dependency_base?,
            dependency_allowance: dependency_allowance?,
            no_worsening: no_worsening?,
            hhi_cap: hhi_cap?,
            thresholds: thresholds?.unwrap_or_default(),
            yellow_max_share: yellow_max_share?,
            objectives: objectives?,
            development_budget: development_budget?,
            cofinancing: cofinancing?,
            dual_approval_above: dual_approval_above?,
            exchange_rates: exchange_rates?,
            objection_days: objection_days?.unwrap_or(OBJECTION_DAYS),
        })
    }
}

impl Input for Thresholds {
    fn read(f: &mut Fields) -> Option<Self> {
        let (green, yellow) = (f.or("green", GREEN), f.or("yellow", YELLOW));
        let thresholds = Self { green: green?, yellow: yellow? };
        if thresholds.yellow > thresholds.green {
            f.fail("yellow", Fault::new("yellow-above-green"));
            return None;
        }
        Some(thresholds)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    fn read(json: &Json) -> Result<Rules, Vec<String>> {
        Fields::from_json::<Rules>(json.to_string().as_bytes())
            .map_err(|problem| problem.errors.iter().map(|e| format!("{} {}", e.pointer, e.code)).collect())
    }

    #[test]
    fn what_is_absent_is_the_default_and_null_is_no_cap() {
        let nothing = json!({ "amount": "0", "currency": "CLP" });
        let standard = Rules::standard("CLP".parse().unwrap());
        assert_eq!(read(&json!({ "dependency_allowance": nothing })).unwrap(), standard);
        let without_cap = read(&json!({ "dependency_allowance": nothing, "dependency_cap": null })).unwrap();
        assert_eq!(without_cap, Rules { dependency_cap: None, ..standard });
    }

    #[test]
    fn rules_are_stored_as_they_are_sent() {
        let usd: Currency = "USD".parse().unwrap();
        let plain = Rules { dependency_cap: None, ..Rules::standard(usd) };
        let full = Rules {
            dependency_cap: Some(Share::percent(30)),
            glide_path: vec![Share::percent(60), Share::percent(45), Share::percent(30)],
            hhi_cap: Some(2_500),
            objectives: vec![
                Objective { tier: Tier::Coverage, tolerance: Share::percent(2) },
                Objective { tier: Tier::Spread, tolerance: Share::NONE },
            ],
            development_budget: Some(Money::new(5_000_000, usd)),
            cofinancing: Some(Cofinancing {
                programme: Share::percent(50),
                lead_firm: Share::percent(30),
                supplier: Share::percent(20),
            }),
            dual_approval_above: Some(Money::new(1, usd)),
            exchange_rates: vec![ExchangeRate {
                currency: "CLP".parse().unwrap(),
                rate: "0.001061".parse().unwrap(),
                as_of: day("2026-03-02"),
                source: "Banco Central".to_owned(),
            }],
            ..Rules::standard(usd)
        };
        for rules in [plain, full] {
            let sent = serde_json::to_value(&rules).unwrap();
            assert_eq!(read(&sent).unwrap(), rules);
            assert_eq!(serde_json::from_value::<Rules>(sent).unwrap(), rules);
        }
    }

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn rules_of_before_are_still_read() {
        let before = json!({
            "dependency_cap": "0.3", "dependency_base": "projected",
            "dependency_allowance": { "amount": "0", "currency": "CLP" }, "no_worsening": true,
            "thresholds": { "green": "0.8", "yellow": "0.6" }, "yellow_max_share": "0.5",
            "objectives": { "fit_tolerance": "0.01", "cost_tolerance": "0.01" },
        });
        let rules: Rules = serde_json::from_value(before).unwrap();
        assert_eq!(rules, Rules::standard("CLP".parse().unwrap()));
    }

    #[test]
    fn the_cap_falls_year_by_year_and_its_last_holds_on() {
        let path = vec![Share::percent(60), Share::percent(45), Share::percent(30)];
        let standard = Rules::standard("CLP".parse().unwrap());
        let rules = Rules { glide_path: path, ..standard.clone() };
        let cap = |on: &str| rules.cap_on(day("2026-03-15"), day(on)).unwrap().to_percent();
        let caps = [
            "2025-12-31",
            "2026-03-15",
            "2027-03-14",
            "2027-03-15",
            "2028-03-14",
            "2028-03-15",
            "2040-01-01",
        ];
        assert_eq!(caps.map(cap), ["60.0", "60.0", "60.0", "45.0", "45.0", "30.0", "30.0"]);
        assert_eq!(standard.cap_on(day("2026-03-15"), day("2030-01-01")), Some(DEPENDENCY_CAP));
        let free = Rules { dependency_cap: None, ..standard };
        assert_eq!(free.cap_on(day("2026-03-15"), day("2030-01-01")), None);
    }

    #[test]
    fn a_glide_path_falls_and_stands_in_for_the_cap() {
        let nothing = json!({ "amount": "0", "currency": "CLP" });
        let with = |cap: &Json, path: &Json| {
            read(&json!({ "dependency_allowance": nothing, "dependency_cap": cap, "glide_path": path }))
        };
        let rises = with(&json!("0.5"), &json!(["0.4", "0.3", "0.5"])).unwrap_err();
        assert_eq!(rises, ["/glide_path/2 glide-path-rises"]);
        for cap in [json!("0.4"), Json::Null] {
            let both = with(&cap, &json!(["0.6", "0.3"])).unwrap_err();
            assert_eq!(both, ["/dependency_cap cap-beside-glide-path"]);
        }
        let alone = read(&json!({ "dependency_allowance": nothing, "glide_path": ["0.6", "0.2"] })).unwrap();
        assert_eq!(alone.dependency_cap, Some(Share::percent(20)));
    }

    #[test]
    fn aims_and_shares_are_whole() {
        let nothing = json!({ "amount": "0", "currency": "CLP" });
        let sent = json!({
            "dependency_allowance": nothing, "hhi_cap": 0,
            "objectives": [{ "tier": "fit" }, { "tier": "fit", "tolerance": "0.1" }],
            "cofinancing": { "programme": "0.5", "lead_firm": "0.3", "supplier": "0.3" },
            "exchange_rates": [
                { "currency": "USD", "rate": "0", "as_of": "2026-03-02", "source": "Banco Central" },
                { "currency": "USD", "rate": "900", "as_of": "2026-03-02", "source": "Banco Central" },
            ],
        });
        let faults = [
            "/cofinancing/supplier shares-not-one",
            "/exchange_rates/0/rate zero",
            "/exchange_rates/1/currency twice",
            "/hhi_cap out-of-range",
            "/objectives objectives-without-coverage",
            "/objectives/1/tier twice",
        ];
        assert_eq!(read(&sent).unwrap_err(), faults);
    }

    #[test]
    fn every_fault_of_the_rules_is_told_at_once() {
        let sent = json!({ "dependency_cap": "30%", "dependency_base": "turnover", "no_worsening": "yes",
            "thresholds": { "green": "0.5", "yellow": "0.6", "red": "0" }, "objectives": [{ "tier": "price" }] });
        let faults = [
            "/dependency_allowance required",
            "/dependency_base unknown-word",
            "/dependency_cap not-a-share",
            "/no_worsening wrong-type",
            "/objectives/0/tier unknown-word",
            "/thresholds/red unknown-field",
            "/thresholds/yellow yellow-above-green",
        ];
        assert_eq!(read(&sent).unwrap_err(), faults);
    }

    #[test]
    fn without_a_yellow_band_both_thresholds_are_one() {
        let read = |green, yellow| {
            let json = json!({ "green": green, "yellow": yellow });
            Fields::from_json::<Thresholds>(json.to_string().as_bytes()).is_ok()
        };
        assert!(read("0.7", "0.7") && read("0.8", "0.7") && !read("0.7", "0.700001"));
    }

    #[test]
    fn a_glide_path_may_rest_and_never_rises() {
        let path = |steps: &[&str]| {
            let nothing = json!({ "amount": "0", "currency": "CLP" });
            read(&json!({ "dependency_allowance": nothing, "glide_path": steps })).map(|_| ())
        };
        assert_eq!(path(&["0.6", "0.6", "0.3"]), Ok(()));
        assert_eq!(path(&["0.6", "0.7", "0.3"]), Err(vec!["/glide_path/1 glide-path-rises".to_owned()]));
    }
}
