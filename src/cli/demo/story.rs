//! The demo as a story for the terminal, in both languages.

use std::{collections::BTreeMap, io::IsTerminal};

use serde_json::Value;

use super::{
    after::Looked,
    caller::text,
    calls::Held,
    case::Case,
    chain::{Network, Posted, Score},
    contracts::Supplied,
    matching::{Decisions, Runs},
    measuring::Measured,
    networks::Vertical,
};
use crate::foundation::{clock::Day, i18n::Locale, page::filters::in_words, share::Share};

/// Tells what happened. Colour only on terminals.
pub(super) struct Story {
    locale: Locale,
    colour: bool,
    allowance: String,
}

impl Story {
    pub(super) fn new(locale: Locale, case: &Case) -> Self {
        let allowance = text(&case.programme, "rules/dependency_allowance/amount");
        let allowance = format!("{} {}", grouped(&allowance), case.currency);
        Self { locale, colour: std::io::stdout().is_terminal(), allowance }
    }

    fn title(&self, key: &str) {
        let text = self.locale.text(key);
        if self.colour { say!("\n\x1b[1m{text}\x1b[0m") } else { say!("\n{text}") }
    }

    fn say(&self, key: &str, args: &[(&'static str, &str)]) {
        let args: Vec<_> = args.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        say!("  {}", self.locale.text_with(key, &args));
    }

    pub(super) fn beginning(&self, case: &Case) {
        self.title("demo-title");
        self.say("demo-fictional", &[]);
        self.say("demo-working", &[("firms", &(case.suppliers.len() + case.lead_firms.len()).to_string())]);
    }

    pub(super) fn set_up(&self, network: &Network) {
        self.title("demo-set-up-title");
        self.say("demo-set-up-suppliers", &[("count", &network.suppliers.len().to_string())]);
        for firm in &network.lead_firms {
            say!("    {}", firm.name);
        }
    }

    pub(super) fn people(&self, case: &Case) {
        self.say("demo-control", &[("ground", &case.control.ground), ("reason", &case.control.reason)]);
        self.say("demo-people", &[("invited", &case.invited.name), ("asks", &case.asks.name)]);
        self.say("demo-rules", &[]);
    }

    pub(super) fn networks(&self, verticals: &[Vertical]) {
        self.title("demo-networks-title");
        for vertical in verticals {
            let key =
                if vertical.model == "lead_firm" { "demo-network-led" } else { "demo-network-organised" };
            self.say(key, &[("name", &vertical.name), ("lead_firm", &vertical.lead_firm)]);
            say!("    {}", vertical.selected.join(", "));
            if let Some((supplier, reasons)) = &vertical.refused {
                let reason = reasons.join(" ");
                self.say("demo-network-refused", &[("supplier", supplier), ("reason", &reason)]);
            }
            if let Some(consortium) = &vertical.consortium {
                let (name, speaker) = (consortium.name.as_str(), consortium.speaker.as_str());
                self.say("demo-network-consortium", &[("name", name), ("speaker", speaker)]);
            }
        }
    }

    pub(super) fn waiver(&self, case: &Case, until: Day) {
        let (waiver, cap) = (&case.waiver, case.waiver.dependency_cap.parse::<Share>());
        let cap = cap.map_or_else(|_| waiver.dependency_cap.clone(), percent);
        let known = [("supplier", &*waiver.supplier), ("cap", &*cap), ("reason", &*waiver.reason)];
        self.say("demo-waiver", &[&known[..], &[("expires", until.to_string().as_str())]].concat());
        let taken_back = &case.revoked_waiver;
        let reason = taken_back.revoked.as_deref().unwrap_or_default();
        self.say("demo-waiver-revoked", &[("supplier", &taken_back.supplier), ("reason", reason)]);
    }

    pub(super) fn supplied(&self, network: &Network, supplied: &Supplied) {
        self.title("demo-contract-title");
        let (contract, card) = (&supplied.contract, &supplied.scorecard);
        let amount =
            format!("{} {}", grouped(&text(contract, "amount/amount")), text(contract, "amount/currency"));
        let firm = |field: &str| network.name(&text(contract, field)).to_owned();
        let (supplier, lead_firm) = (firm("supplier"), firm("lead_firm"));
        self.say(
            "demo-contract",
            &[
                ("supplier", &supplier),
                ("lead_firm", &lead_firm),
                ("amount", &amount),
                ("until", &text(contract, "ends_on")),
            ],
        );
        let figures = [
            ("on_time", "deliveries/on_time_percent"),
            ("ppm", "deliveries/ppm"),
            ("days", "payments/0/days_to_pay"),
        ];
        let figures = figures.map(|(name, path)| (name, text(card, path)));
        let figures: Vec<_> = figures.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.say("demo-scorecard", &figures);
    }

    pub(super) fn call(&self, held: &Held) {
        self.say("demo-call", &[("executor", &held.executor), ("title", &held.title)]);
        let amount = |of: &Value| format!("{} {}", grouped(&text(of, "amount")), text(of, "currency"));
        let (committed, disbursed) = (amount(&held.committed), amount(&held.disbursed));
        let figures = [("points", &*held.points), ("committed", &*committed), ("disbursed", &*disbursed)];
        self.say("demo-call-decided", &figures);
    }

    pub(super) fn after(&self, case: &Case, network: &Network, looked: &Looked) {
        let (before, after) = &looked.points;
        let known = [("supplier", &*looked.supplier), ("before", &**before), ("after", &**after)];
        self.say("demo-again", &known);
        self.say("demo-renewal", &[("title", &case.renewal.title)]);
        let (supplier, key) = (&case.revokes_consent.supplier, &case.revokes_consent.lead_firm);
        let buyer = network.lead_firms.iter().find(|firm| firm.key == *key).map_or("", |firm| &firm.name);
        self.say("demo-consent-revoked", &[("supplier", supplier), ("buyer", buyer)]);
        self.say("demo-alerts", &[("count", &looked.alerts.len().to_string())]);
        for alert in &looked.alerts {
            say!("    {alert}");
        }
    }

    pub(super) fn diagnosed(&self, case: &Case, network: &Network, scores: &[Score]) {
        self.title("demo-diagnosed-title");
        self.say("demo-diagnosed", &[("suppliers", &network.suppliers.len().to_string())]);
        for (name, points) in scores.iter().rev().take(network.lead_firms.len()).rev() {
            say!("    {points:>5}  {name}");
        }
        self.say("demo-verified", &[("supplier", &case.verified.supplier)]);
    }

    pub(super) fn measured(&self, found: &Measured) {
        let Measured { network, known, answered, unknown, asked, practice } = found;
        let figures = [("known", &**known), ("answered", answered), ("unknown", unknown), ("asked", asked)];
        self.say("demo-baseline", &[&[("network", &**network)][..], &figures].concat());
        self.say("demo-practice", &[("title", practice)]);
    }

    pub(super) fn posted(&self, requirements: &[Posted]) {
        self.title("demo-posted-title");
        for posted in requirements {
            let (lots, criteria, offers) =
                (posted.lots.len().to_string(), posted.criteria.to_string(), posted.offers.to_string());
            say!("  {}: {}", posted.lead_firm, posted.title);
            self.say("demo-posted", &[("lots", &lots), ("criteria", &criteria), ("offers", &offers)]);
            if let Some((reason, confirmed)) = &posted.amended {
                self.say("demo-amended", &[("reason", reason), ("confirmed", &confirmed.to_string())]);
            }
            if let Some((lot, from, to)) = &posted.window {
                let days = [in_words(*from, self.locale), in_words(*to, self.locale)];
                self.say("demo-window", &[("lot", lot), ("from", &days[0]), ("to", &days[1])]);
            }
            if let Some((question, answer)) = &posted.asked {
                self.say("demo-asked", &[("question", question), ("answer", answer)]);
            }
        }
    }

    pub(super) fn gaps(&self, network: &Network, found: &[(String, Vec<Value>)]) {
        self.title("demo-gaps-title");
        for (title, analyses) in found {
            let mut lights: BTreeMap<String, usize> = BTreeMap::new();
            for analysis in analyses {
                *lights.entry(text(analysis, "light")).or_default() += 1;
            }
            let count = |light: &str| lights.get(light).copied().unwrap_or_default().to_string();
            say!("  {title}");
            let (green, yellow, red) = (count("green"), count("yellow"), count("red"));
            self.say("demo-gaps", &[("green", &green), ("yellow", &yellow), ("red", &red)]);
        }
        // One supplier's gaps, line by line: what it would work on first.
        let shown = found.iter().flat_map(|(title, all)| all.iter().map(move |analysis| (title, analysis)));
        let yellow = shown.filter(|(_, analysis)| text(analysis, "light") == "yellow");
        if let Some((title, analysis)) = yellow.max_by_key(|(_, analysis)| open_lines(analysis).count()) {
            let supplier = network.name(&text(analysis, "supplier")).to_owned();
            self.say("demo-gaps-example", &[("supplier", &supplier), ("title", title)]);
            for line in open_lines(analysis) {
                say!("    {:<26} {}", text(line, "criterion/question"), self.gap(line));
            }
        }
    }

    fn gap(&self, line: &Value) -> String {
        let amount = text(line, "gap/amount");
        let known = if amount.is_empty() { "demo-gap-unknown" } else { "demo-gap-known" };
        self.locale.text_with(known, &[("amount", amount)])
    }

    pub(super) fn runs(&self, network: &Network, requirements: &[Posted], runs: &Runs) {
        self.title("demo-runs-title");
        let lot_name = |id: &str| {
            let known = requirements.iter().find_map(|posted| posted.lots.get(id));
            known.cloned().unwrap_or_else(|| id.to_owned())
        };
        for (key, run) in [("demo-run-uncapped", &runs.uncapped), ("demo-run-capped", &runs.capped)] {
            let awards = array(run, "/result/awards");
            let suppliers: std::collections::BTreeSet<_> =
                awards.iter().map(|award| text(award, "supplier")).collect();
            let worst = most_dependent(run);
            let (worst_name, worst_share) = worst.map_or_else(
                || (String::new(), "–".to_owned()),
                |(supplier, share)| (network.name(&supplier).to_owned(), percent(share)),
            );
            let currency = text(run, "result/currency");
            let tier = |name: &str| {
                let tiers = array(run, "/result/tiers");
                let found = tiers.iter().find(|tier| text(tier, "name") == name);
                grouped(&found.map(|tier| text(tier, "published")).unwrap_or_default())
            };
            self.say(
                key,
                &[
                    ("awards", &awards.len().to_string()),
                    ("suppliers", &suppliers.len().to_string()),
                    ("coverage", &format!("{} {currency}", tier("coverage"))),
                    ("cost", &format!("{} {currency}", tier("cost"))),
                    ("worst", &worst_share),
                    ("name", &worst_name),
                ],
            );
        }
        self.title("demo-awards-title");
        for award in array(&runs.capped, "/result/awards") {
            let (lot, supplier) = (lot_name(&text(award, "lot")), network.name(&text(award, "supplier")));
            let currency = text(&runs.capped, "result/currency");
            say!(
                "  {:<30} {:>7} un  {:<40} {:>14} {currency}",
                lot,
                text(award, "quantity"),
                supplier,
                grouped(&text(award, "amount"))
            );
        }
        for unmet in array(&runs.capped, "/result/unmet") {
            self.say(
                "demo-unmet",
                &[("lot", &lot_name(&text(unmet, "lot"))), ("quantity", &text(unmet, "quantity"))],
            );
        }
        self.cost_of_the_cap(runs);
        self.title("demo-cap-title");
        self.say("demo-cap-allowance", &[("allowance", &self.allowance)]);
        let bound = array(&runs.capped, "/result/dependency").iter().filter(|d| d["binding"] == true);
        for dependency in bound {
            let share = |field: &str| rounded(&text(dependency, field)).map_or("–".to_owned(), percent);
            let (before, after, cap) = (share("before"), share("after"), share("cap"));
            let name = network.name(&text(dependency, "supplier"));
            let buyer = network.buyer(&text(dependency, "group"));
            let known = [("before", &*before), ("after", &*after), ("cap", &*cap)];
            let key =
                if text(dependency, "after").is_empty() { "demo-bound-undisclosed" } else { "demo-bound" };
            self.say(key, &[&[("name", name), ("buyer", buyer)][..], &known[..]].concat());
        }
    }

    /// What the cap costs the buyers: work that stays undone, and a higher price for a unit of what is done.
    fn cost_of_the_cap(&self, runs: &Runs) {
        let tier = |run: &Value, name: &str| {
            let tiers = array(run, "/result/tiers");
            let found = tiers.iter().find(|tier| text(tier, "name") == name);
            found.and_then(|tier| text(tier, "published").parse::<f64>().ok()).unwrap_or_default()
        };
        let (with, without) = (tier(&runs.capped, "coverage"), tier(&runs.uncapped, "coverage"));
        let price = |run: &Value| tier(run, "cost") / tier(run, "coverage").max(1.0);
        let lost = format!("{:.1} %", 100.0 * (without - with) / without.max(1.0));
        let dearer = format!("{:.1} %", 100.0 * (price(&runs.capped) / price(&runs.uncapped) - 1.0));
        self.say("demo-cap-cost", &[("lost", &lost), ("dearer", &dearer)]);
    }

    /// What a run makes of what has been decided.
    pub(super) fn again(&self, run: &Value) {
        let taken = array(run, "/scenario/decisions").len().to_string();
        let awards = array(run, "/result/awards").len().to_string();
        self.say("demo-decided-again", &[("taken", &taken), ("awards", &awards)]);
    }

    pub(super) fn decisions(&self, network: &Network, requirements: &[Posted], decisions: &Decisions) {
        self.title("demo-decisions-title");
        for declined in &decisions.declined {
            let supplier = network.name(&text(declined, "supplier")).to_owned();
            self.say("demo-declined", &[("supplier", &supplier), ("reason", &text(declined, "reason"))]);
        }
        for rejected in &decisions.rejected {
            let supplier = network.name(&text(rejected, "supplier")).to_owned();
            self.say("demo-rejected", &[("supplier", &supplier), ("reason", &text(rejected, "reason"))]);
        }
        let agreed = &decisions.agreed;
        let (count, cost, paid) = (
            agreed.plans.to_string(),
            grouped(&agreed.cost.to_string()),
            grouped(&agreed.programme.to_string()),
        );
        self.say("demo-plans", &[("count", &count), ("cost", &cost), ("programme", &paid)]);
        self.say("demo-disputed", &[]);
        self.say("demo-approved", &[("count", &decisions.approved.len().to_string())]);
        self.say("demo-by-two", &[("count", &decisions.by_two.to_string())]);
        for posted in requirements {
            let of = decisions.approved.iter().filter(|approved| text(approved, "requirement") == posted.id);
            let firms: std::collections::BTreeSet<_> =
                of.map(|approved| network.name(&text(approved, "supplier"))).collect();
            say!("  {}: {}", posted.title, firms.into_iter().collect::<Vec<_>>().join(", "));
        }
        let (waiting, proposed) = (decisions.waiting.to_string(), decisions.proposed.to_string());
        self.say("demo-waiting", &[("count", &waiting), ("proposed", &proposed)]);
        for (refused, problem) in &decisions.refused {
            let supplier = network.name(&text(refused, "supplier")).to_owned();
            self.say("demo-refused", &[("supplier", &supplier), ("detail", &text(problem, "detail"))]);
        }
    }

    pub(super) fn end(&self, case: &Case, url: &str, password: &str) {
        self.title("demo-end-title");
        say!("  eslabon serve --database-url {url}");
        self.say("demo-end", &[("password", password)]);
        for officer in &case.institution.people {
            say!("    {:<32} {}", officer.email, officer.role);
        }
        let firms = case.lead_firms.iter().map(|firm| (&firm.person.email, &firm.name));
        let suppliers = case.suppliers.iter().take(2).map(|firm| (&firm.person.email, &firm.name));
        for (email, name) in firms.chain(suppliers) {
            say!("    {email:<32} {name}");
        }
    }
}

fn array<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn open_lines(analysis: &Value) -> impl Iterator<Item = &Value> {
    array(analysis, "/lines").iter().filter(|line| text(line, "outcome") != "met")
}

/// The supplier with awards that would hang most on one buyer group, of those that had sales before: a new
/// firm's first buyer is always all of its sales.
fn most_dependent(run: &Value) -> Option<(String, Share)> {
    let awards = array(run, "/result/awards");
    let awarded = |supplier: &str| awards.iter().any(|award| text(award, "supplier") == supplier);
    let known = array(run, "/result/dependency").iter().filter(|d| !d["before"].is_null());
    let known = known.filter_map(|d| Some((text(d, "supplier"), rounded(&text(d, "after"))?)));
    known.filter(|(supplier, _)| awarded(supplier)).max_by_key(|(_, share)| *share)
}

/// A share with nine decimals to parts per million.
fn rounded(text: &str) -> Option<Share> {
    text.get(..8).unwrap_or(text).parse().ok()
}

fn percent(share: Share) -> String {
    format!("{} %", share.to_percent())
}

/// `1234567` as `1 234 567`, which reads the same in every country.
fn grouped(number: &str) -> String {
    let (whole, fraction) = number.split_once('.').map_or((number, None), |(w, f)| (w, Some(f)));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    fraction.map_or(grouped.clone(), |fraction| format!("{grouped}.{fraction}"))
}
