//! The rules under which a programme's networks run.
//!
//! They have a version of their own: a run keeps the version that it was solved under, an approval is
//! tested against the rules then in force.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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
/// How much of the best fit or cost the solver may give up for the aim after it. At 1 % of the fit, cost
/// fell by 1.7–3.3 % on random networks; at 0 by next to nothing.
pub const TOLERANCE: Share = Share::percent(1);

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
    /// null: no cap. Default 0.3.
    pub dependency_cap: Option<Share>,
    /// Of what it is a share. Default `projected`.
    pub dependency_base: DependencyBase,
    /// Amount by which the annual sales to one buyer group, existing and new, may exceed the cap, so that
    /// a firm without sales can begin. In the programme's currency; the default is nothing.
    pub dependency_allowance: Money,
    /// A supplier already above its cap keeps what it has and can only become less dependent. Default
    /// true.
    pub no_worsening: bool,
    /// From which fit on a supplier is green, and from which yellow.
    pub thresholds: Thresholds,
    /// Of a lot, the largest share that a yellow supplier gets. Default 0.5.
    pub yellow_max_share: Share,
    /// What the solver may give up of one aim for the next.
    pub objectives: Objectives,
    /// A match with a contract amount above this needs two approvers; null: one is always enough. In the
    /// programme's currency.
    #[serde(default)]
    pub dual_approval_above: Option<Money>,
}

/// From which fit on a supplier is green (awards freely), and from which yellow (a limited quantity, with
/// an improvement plan); below, red.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
pub struct Thresholds {
    /// Default 0.8.
    pub green: Share,
    /// Default 0.6; at most `green`.
    pub yellow: Share,
}

/// The solver's aims are coverage, then fit, then cost. These are the shares of the best value that it
/// may give up for the aims that come after. Of the coverage it gives up nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
pub struct Objectives {
    /// Of the fit. Default 0.01.
    pub fit_tolerance: Share,
    /// Of the cost. Default 0.01.
    pub cost_tolerance: Share,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { green: GREEN, yellow: YELLOW }
    }
}

impl Default for Objectives {
    fn default() -> Self {
        Self { fit_tolerance: TOLERANCE, cost_tolerance: TOLERANCE }
    }
}

impl Rules {
    /// The default rules.
    pub fn standard(currency: Currency) -> Self {
        Self {
            dependency_cap: Some(DEPENDENCY_CAP),
            dependency_base: DependencyBase::Projected,
            dependency_allowance: Money::new(0, currency),
            no_worsening: true,
            thresholds: Thresholds::default(),
            yellow_max_share: YELLOW_MAX_SHARE,
            objectives: Objectives::default(),
            dual_approval_above: None,
        }
    }

    /// The dependency cap that holds on a day in a programme that began on `starts_on`.
    pub const fn cap_on(&self, _starts_on: Day, _day: Day) -> Option<Share> {
        self.dependency_cap
    }
}

/// What is absent has its default, save the allowance: nobody but the sender knows its currency.
impl Input for Rules {
    fn read(f: &mut Fields) -> Option<Self> {
        let dependency_cap = f.or_null("dependency_cap", DEPENDENCY_CAP);
        let dependency_base = f.or("dependency_base", DependencyBase::Projected);
        let dependency_allowance = f.required("dependency_allowance");
        let no_worsening = f.or("no_worsening", true);
        let thresholds = f.optional_object("thresholds");
        let yellow_max_share = f.or("yellow_max_share", YELLOW_MAX_SHARE);
        let objectives = f.optional_object("objectives");
        let dual_approval_above = f.optional("dual_approval_above");
        Some(Self {
            dependency_cap: dependency_cap?,
            dependency_base: dependency_base?,
            dependency_allowance: dependency_allowance?,
            no_worsening: no_worsening?,
            thresholds: thresholds?.unwrap_or_default(),
            yellow_max_share: yellow_max_share?,
            objectives: objectives?.unwrap_or_default(),
            dual_approval_above: dual_approval_above?,
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

impl Input for Objectives {
    fn read(f: &mut Fields) -> Option<Self> {
        let (fit, cost) = (f.or("fit_tolerance", TOLERANCE), f.or("cost_tolerance", TOLERANCE));
        Some(Self { fit_tolerance: fit?, cost_tolerance: cost? })
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
        let rules = Rules { dependency_cap: None, ..Rules::standard("USD".parse().unwrap()) };
        let sent = serde_json::to_value(&rules).unwrap();
        assert_eq!(read(&sent).unwrap(), rules);
        assert_eq!(serde_json::from_value::<Rules>(sent).unwrap(), rules);
    }

    #[test]
    fn every_fault_of_the_rules_is_told_at_once() {
        let sent = json!({ "dependency_cap": "30%", "dependency_base": "turnover", "no_worsening": "yes",
            "thresholds": { "green": "0.5", "yellow": "0.6", "red": "0" }, "objectives": { "fit_tolerance": 1 } });
        let faults = [
            "/dependency_allowance required",
            "/dependency_base unknown-word",
            "/dependency_cap not-a-share",
            "/no_worsening wrong-type",
            "/objectives/fit_tolerance wrong-type",
            "/thresholds/red unknown-field",
            "/thresholds/yellow yellow-above-green",
        ];
        assert_eq!(read(&sent).unwrap_err(), faults);
    }
}
