//! The rules of a programme at the screen: changing them, and what each version changed.

use askama::Template;
use axum::{Router, extract::State as Shared, response::Response, routing::get};

use super::address;
use crate::{
    foundation::{
        Base,
        access::{Actor, May},
        clock::Timestamp,
        fields::Nothing,
        http::Key,
        i18n::Locale,
        ids::ProgrammeId,
        money::Money,
        page::{Form, Page, Typed, View, filters, or_again, rows, show, show_again},
        problem::Problem,
        share::Share,
    },
    programmes::{ChangeRules, ListRules, Programme, Rules, RulesVersion, Tier, store},
};

/// So many years of a glide path, aims, and exchange rates a form has; more rates appear as they are saved.
const YEARS: usize = 5;
const RATES: usize = 3;

/// The pages, behind a login.
pub(super) fn routes() -> Router<Base> {
    Router::new()
        .route("/programmes/{id}/rules", get(rules_page).post(change))
        .route("/programmes/{id}/rules/versions", get(versions))
}

/// A row of the aims: the fields' names, and what is saved.
struct Aim {
    tier_field: String,
    tier: String,
    tolerance_field: String,
    tolerance: String,
}

/// A row of the exchange rates.
struct Rate {
    cells: Vec<rows::Cell>,
}

/// The rules as a form.
#[derive(Template)]
#[template(path = "programmes/pages/setting_up/rules.html")]
struct RulesPage {
    programme: Programme,
    /// Field and saved share, by year.
    path: Vec<(String, String)>,
    aims: Vec<Aim>,
    tiers: Vec<(String, String)>,
    rates: Vec<Rate>,
}

fn percent(share: Option<Share>) -> String {
    rows::text(share.map(Share::as_percent))
}

fn amount(money: Option<Money>) -> String {
    rows::text(money.map(Money::amount))
}

impl RulesPage {
    fn of(programme: Programme, typed: &Typed, locale: Locale) -> Self {
        const COLUMNS: &[rows::Column] =
            &[("currency", "", 4), ("rate", "decimal", 10), ("as_of", "", 10), ("source", "", 24)];
        let rules = &programme.rules;
        let path = |at: usize| (format!("glide_path-{at}"), percent(rules.glide_path.get(at).copied()));
        let aim = |at: usize| {
            let saved = rules.objectives.get(at);
            Aim {
                tier_field: rows::name("objectives", at, "tier"),
                tier: rows::text(saved.map(|aim| aim.tier)),
                tolerance_field: rows::name("objectives", at, "tolerance"),
                tolerance: percent(saved.map(|aim| aim.tolerance)),
            }
        };
        let rate = |at: usize| {
            let of = |column: &str| {
                let Some(rate) = rules.exchange_rates.get(at) else { return String::new() };
                match column {
                    "currency" => rate.currency.to_string(),
                    "rate" => rate.rate.to_string(),
                    "as_of" => rate.as_of.to_string(),
                    _ => rate.source.clone(),
                }
            };
            Rate { cells: rows::cells("exchange_rates", at, COLUMNS, &of) }
        };
        let word = |tier: &Tier| (tier.to_string(), locale.text(&format!("aim-{tier}")));
        let none = (String::new(), locale.text("rules-no-aim"));
        let filled = rules.exchange_rates.len().max(rows::typed(typed, "exchange_rates", 50));
        Self {
            path: (0..YEARS.max(rules.glide_path.len())).map(path).collect(),
            aims: (0..Tier::ALL.len()).map(aim).collect(),
            tiers: std::iter::once(none).chain(Tier::ALL.iter().map(word)).collect(),
            rates: (0..(filled + 1).max(RATES)).map(rate).collect(),
            programme,
        }
    }

    const fn rules(&self) -> &Rules {
        &self.programme.rules
    }

    fn cap(&self) -> String {
        percent(self.rules().dependency_cap)
    }

    fn hhi(&self) -> String {
        rows::text(self.rules().hhi_cap)
    }

    fn budget(&self) -> String {
        amount(self.rules().development_budget)
    }

    fn dual_above(&self) -> String {
        amount(self.rules().dual_approval_above)
    }

    fn cofinancing(&self, of: impl Fn(&crate::programmes::Cofinancing) -> Share) -> String {
        percent(self.rules().cofinancing.as_ref().map(of))
    }

    fn of_programme(&self) -> String {
        self.cofinancing(|shares| shares.programme)
    }

    fn of_lead_firm(&self) -> String {
        self.cofinancing(|shares| shares.lead_firm)
    }

    fn of_supplier(&self) -> String {
        self.cofinancing(|shares| shares.supplier)
    }
}

impl Page for RulesPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("rules-title")
    }
}

/// Reads the rules from their form. A path takes the place of the cap; what was left empty is not set.
fn sent(typed: &Typed) -> Result<Rules, Problem> {
    let filled = |list: &str| {
        typed.pairs().iter().any(|(name, text)| name.starts_with(list) && !text.trim().is_empty())
    };
    let (has_path, has_split) = (filled("glide_path-"), filled("cofinancing-"));
    let typed = typed.without_blank("amount", &["currency"]).without_blank("tier", &["tolerance"]);
    let is_kept = |name: &str, _: &str| {
        !(has_path && name == "dependency_cap") && (has_split || !name.starts_with("cofinancing-"))
    };
    typed.only(is_kept).read()
}

async fn saved(base: &Base, actor: &Actor, id: ProgrammeId, typed: &Typed) -> Result<RulesPage, Problem> {
    let programme = store::find(base.db.reads(), actor, id).await?;
    Ok(RulesPage::of(programme, typed, actor.locale))
}

async fn rules_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ChangeRules>,
    Key(id): Key<ProgrammeId>,
) -> Result<Response, Problem> {
    show(&view, &saved(&base, may.actor(), id, &Typed::default()).await?)
}

async fn change(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ChangeRules>,
    Key(id): Key<ProgrammeId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.reading(sent).change(&base, may, async |w, version, rules| {
        store::change_rules(w, id, version, rules).await?;
        Ok(address(id))
    });
    or_again(done.await, async |problem| {
        let page = saved(&base, &actor, id, &typed).await?;
        show_again(&view, &page, problem, typed)
    })
    .await
}

/// What rules say, by the keys of their labels, as people read it.
fn said(rules: &Rules, locale: Locale) -> Vec<(&'static str, String)> {
    let none = || locale.text("rule-none");
    let share = filters::whole_share;
    let money = |money: Option<Money>| money.map_or_else(none, |money| filters::amount(&money));
    let word = |yes: bool| locale.text(if yes { "rules-yes" } else { "rules-no" });
    let list = |shares: &[Share]| shares.iter().map(|one| share(*one)).collect::<Vec<_>>().join(" → ");
    let aims = rules.objectives.iter().map(|aim| {
        let name = locale.text(&format!("aim-{}", aim.tier));
        if aim.tolerance == Share::NONE { name } else { format!("{name} ({})", share(aim.tolerance)) }
    });
    let split = rules.cofinancing.as_ref().map_or_else(none, |split| {
        let parts = [
            ("programme", share(split.programme)),
            ("lead_firm", share(split.lead_firm)),
            ("supplier", share(split.supplier)),
        ];
        locale.text_with("rule-cofinancing-split", &parts)
    });
    let lights = [("green", share(rules.thresholds.green)), ("yellow", share(rules.thresholds.yellow))];
    let rates = rules.exchange_rates.iter().map(|rate| {
        let day = filters::in_words(rate.as_of, locale);
        format!("1 {} = {} ({day}, {})", rate.currency, filters::grouped(&rate.rate.to_string()), rate.source)
    });
    let rates: Vec<_> = rates.collect();
    vec![
        (
            "rule-cap",
            match rules.glide_path.as_slice() {
                [] => rules.dependency_cap.map_or_else(none, share),
                path => list(path),
            },
        ),
        ("rules-base", locale.text(&format!("rules-base-{}", rules.dependency_base))),
        ("rule-allowance", money(Some(rules.dependency_allowance))),
        ("rules-no-worsening", word(rules.no_worsening)),
        ("rule-hhi", rules.hhi_cap.map_or_else(none, |cap| filters::grouped(&cap.to_string()))),
        ("rule-lights", locale.text_with("rule-lights-from", &lights)),
        ("rules-yellow", share(rules.yellow_max_share)),
        ("rule-aims", aims.collect::<Vec<_>>().join(" → ")),
        ("rule-budget", money(rules.development_budget)),
        ("rule-cofinancing", split),
        ("rule-dual", money(rules.dual_approval_above)),
        ("rules-rates", if rates.is_empty() { none() } else { rates.join("; ") }),
        ("rules-objection-days", rules.objection_days.to_string()),
    ]
}

/// A version, and what it changed: the label's key, what was said before (nothing: it is the first), and since.
struct Changed {
    version: i64,
    at: Timestamp,
    facts: Vec<(&'static str, String, String)>,
}

/// Every version of a programme's rules, latest first.
#[derive(Template)]
#[template(path = "programmes/pages/setting_up/versions.html")]
struct VersionsPage {
    programme: Programme,
    versions: Vec<Changed>,
}

impl Page for VersionsPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("rules-versions")
    }
}

impl VersionsPage {
    fn of(programme: Programme, found: &[RulesVersion], locale: Locale) -> Self {
        let mut before: Option<Vec<(&'static str, String)>> = None;
        let mut versions: Vec<Changed> = Vec::with_capacity(found.len());
        for one in found {
            let now = said(&one.rules, locale);
            let was = |at: usize| before.as_ref().map_or(String::new(), |before| before[at].1.clone());
            let facts = now.iter().enumerate().map(|(at, (label, text))| (*label, was(at), text.clone()));
            let facts = facts.filter(|(_, was, text)| was != text).collect();
            versions.push(Changed { version: one.version, at: one.changed_at, facts });
            before = Some(now);
        }
        versions.reverse();
        Self { programme, versions }
    }
}

async fn versions(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ListRules>,
    Key(id): Key<ProgrammeId>,
) -> Result<Response, Problem> {
    let (db, actor) = (base.db.reads(), may.actor());
    let programme = store::find(db, actor, id).await?;
    let found = store::rules_versions(db, actor, id).await?;
    show(&view, &VersionsPage::of(programme, &found, actor.locale))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        foundation::page::samples,
        programmes::{State, pages::tests::programme},
    };

    /// The pairs that a browser sends of the form, out of what it shows.
    fn shown(page: &RulesPage) -> Vec<(String, String)> {
        let rules = page.rules();
        let currency = page.programme.currency.to_string();
        let money = |name: &str, money| {
            [(format!("{name}-amount"), amount(money)), (format!("{name}-currency"), currency.clone())]
        };
        let mut pairs = vec![
            ("dependency_cap".to_owned(), percent(rules.dependency_cap)),
            ("dependency_base".to_owned(), rules.dependency_base.to_string()),
            ("no_worsening".to_owned(), rules.no_worsening.to_string()),
            ("hhi_cap".to_owned(), rows::text(rules.hhi_cap)),
            ("thresholds-green".to_owned(), percent(Some(rules.thresholds.green))),
            ("thresholds-yellow".to_owned(), percent(Some(rules.thresholds.yellow))),
            ("yellow_max_share".to_owned(), percent(Some(rules.yellow_max_share))),
            ("cofinancing-programme".to_owned(), page.of_programme()),
            ("cofinancing-lead_firm".to_owned(), page.of_lead_firm()),
            ("cofinancing-supplier".to_owned(), page.of_supplier()),
            ("objection_days".to_owned(), rules.objection_days.to_string()),
        ];
        pairs.extend(page.path.iter().cloned());
        pairs.extend(money("dependency_allowance", Some(rules.dependency_allowance)));
        pairs.extend(money("development_budget", rules.development_budget));
        pairs.extend(money("dual_approval_above", rules.dual_approval_above));
        for aim in &page.aims {
            pairs.push((aim.tier_field.clone(), aim.tier.clone()));
            pairs.push((aim.tolerance_field.clone(), aim.tolerance.clone()));
        }
        let cells = page.rates.iter().flat_map(|rate| &rate.cells);
        pairs.extend(cells.map(|cell| (cell.name.clone(), cell.value.clone())));
        pairs
    }

    #[test]
    fn a_form_sent_back_as_it_was_shown_changes_nothing() {
        let plain = |rules| Programme { rules, ..programme(State::Draft) };
        let currency = "CLP".parse().unwrap();
        let without_cap = Rules { dependency_cap: None, ..Rules::standard(currency) };
        let rate = crate::programmes::ExchangeRate {
            currency: "USD".parse().unwrap(),
            rate: "942.35".parse().unwrap(),
            as_of: "2026-03-02".parse().unwrap(),
            source: "Banco Central".to_owned(),
        };
        let full = Rules {
            dependency_cap: Some(Share::percent(30)),
            exchange_rates: vec![rate],
            no_worsening: false,
            ..programme(State::Draft).rules
        };
        for rules in [Rules::standard(currency), without_cap, full] {
            let page = RulesPage::of(plain(rules.clone()), &Typed::default(), Locale::Es);
            assert_eq!(sent(&Typed::new(shown(&page))).unwrap(), rules);
        }
    }

    #[test]
    fn rules_are_shown_in_both_languages() {
        for locale in [Locale::Es, Locale::En] {
            samples(&RulesPage::of(programme(State::Draft), &Typed::default(), locale));
            let rules = |version, rules| RulesVersion {
                version,
                rules,
                changed_by: None,
                changed_at: Timestamp::from_micros(0),
            };
            let standard = Rules::standard("CLP".parse().unwrap());
            let found = [
                rules(1, standard.clone()),
                rules(2, standard.clone()),
                rules(3, programme(State::Open).rules),
            ];
            let page = VersionsPage::of(programme(State::Open), &found, locale);
            samples(&page);
            let changed: Vec<_> = page.versions.iter().map(|one| (one.version, one.facts.len())).collect();
            assert_eq!(changed, [(3, 5), (2, 0), (1, 13)], "only what changed is told");
        }
    }
}
