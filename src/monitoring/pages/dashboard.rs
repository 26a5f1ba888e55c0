//! A network's figures, and a programme's: indicators beside their baseline, the funnel, dependency, days to pay.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    Router,
    extract::State as Shared,
    response::Response,
    routing::{get, post},
};
use uuid::Uuid;

use super::{
    charts::{self, Bands, Own},
    percent, shown, unit,
};
use crate::{
    foundation::{
        Base,
        access::{Actor, May},
        clock::Timestamp,
        fields::Nothing,
        http::{Key, Reply, list::Window},
        i18n::Locale,
        ids::{NetworkId, OrganisationId, ProgrammeId},
        page::{Form, Page, View, filters, or_again, show},
        problem::Problem,
        share::Share,
        zone::Zone,
    },
    monitoring::{
        Compare, CompareProgramme, OpenRound, ReadOwnDependency, RecordDependency,
        dependency::{Band, MERGER_MARKS, Turn},
        figures::{Compared, Withheld},
        funnel::Step,
        rounds::{Moment, Round, State},
        store::{self, Record, Row},
    },
    organisations::store::firms,
    programmes::{self, Programme, networks::Network},
};

/// A funnel's bar is so long.
const LENGTH: usize = 100;

/// The pages, behind a login.
pub(super) fn routes() -> Router<Base> {
    Router::new()
        .route("/networks/{id}/monitoring", get(of_network))
        .route("/networks/{id}/dependency", post(record))
        .route("/networks/{id}/own-dependency", get(own_dependency))
        .route("/programmes/{id}/monitoring", get(of_programme))
}

/// An indicator at a moment, beside its baseline.
struct IndicatorLine {
    name: String,
    unit: String,
    moment: Moment,
    /// Firms, before, after, change, change in percent, and whether that is better; none: none is known at both.
    figures: Option<Figures>,
    withheld: Option<Withheld>,
}

/// What is told of a comparison.
struct Figures {
    firms: usize,
    before: String,
    after: String,
    medians: (String, String),
    percent: Option<String>,
    is_better: Option<bool>,
}

impl IndicatorLine {
    fn new(row: &Row, locale: Locale) -> Self {
        let (compared, withheld) = match &row.compared {
            Ok(compared) => (compared.as_ref(), None),
            Err(why) => (None, Some(*why)),
        };
        let told = |compared: &Compared| Figures {
            firms: compared.firms,
            before: shown(&compared.mean_before),
            after: shown(&compared.mean_after),
            medians: (shown(&compared.median_before), shown(&compared.median_after)),
            percent: compared.percent_change.as_ref().map(shown),
            is_better: row.indicator.direction.improves(&compared.change),
        };
        Self {
            name: row.indicator.name.get(locale).to_owned(),
            unit: unit(&row.unit, locale),
            moment: row.moment,
            figures: compared.map(told),
            withheld,
        }
    }
}

/// A stage of the funnel.
struct StepLine {
    name: String,
    came: usize,
    waiting: usize,
    dropped: usize,
    drop_off: Option<String>,
    days: Option<String>,
    /// Whether there is anything before it to count days from.
    has_days: bool,
    length: usize,
}

fn steps(found: &[Step], locale: Locale) -> Vec<StepLine> {
    let most = found.iter().map(|step| step.came).max().unwrap_or(0).max(1);
    let line = |step: &Step| StepLine {
        name: step.stage.name(locale),
        came: step.came,
        waiting: step.waiting,
        dropped: step.dropped,
        drop_off: step.drop_off.as_ref().map(shown),
        days: step.median_days.as_ref().map(shown),
        has_days: step.has_days(),
        length: step.came * LENGTH / most,
    };
    found.iter().map(line).collect()
}

/// A supplier's place now, and where it stood when that was first written down.
struct PlaceLine {
    supplier: String,
    buyer: String,
    first: Option<(Timestamp, String)>,
    now: Option<String>,
    band: Band,
    turn: Option<Turn>,
    hhi: Option<String>,
    length: String,
}

fn places(
    records: &[Record],
    names: &BTreeMap<OrganisationId, String>,
    buyers: &BTreeMap<Uuid, String>,
    locale: Locale,
) -> Vec<PlaceLine> {
    let name = |id| names.get(&id).cloned();
    let mut by_supplier: BTreeMap<OrganisationId, Vec<&Record>> = BTreeMap::new();
    for record in records {
        by_supplier.entry(record.supplier).or_default().push(record);
    }
    let mut lines: Vec<(Option<&crate::monitoring::figures::Exact>, PlaceLine)> = Vec::new();
    for (supplier, own) in by_supplier {
        let (Some(first), Some(now)) = (own.first(), own.last()) else { continue };
        let written = first.recorded_at.zip(first.share.as_ref());
        let turned = own.iter().rev().find_map(|record| record.turn);
        lines.push((
            now.share.as_ref(),
            PlaceLine {
                supplier: name(supplier).unwrap_or_default(),
                buyer: now.buyer_group.map_or_else(
                    || "–".to_owned(),
                    |group| buyers.get(&group).cloned().unwrap_or_else(|| locale.text("buyer-group")),
                ),
                first: written.map(|(at, share)| (at, percent(share))),
                now: now.share.as_ref().map(percent),
                band: now.band,
                turn: turned,
                hhi: now.hhi.as_ref().map(|hhi| crate::foundation::figure::rounded(hhi, 0)),
                length: now.share.as_ref().map_or_else(
                    || "0".to_owned(),
                    |share| {
                        crate::foundation::figure::rounded(
                            &(share * num_rational::BigRational::from_integer(100.into())),
                            0,
                        )
                    },
                ),
            },
        ));
    }
    lines.sort_by(|a, b| b.0.cmp(&a.0));
    lines.into_iter().map(|(_, line)| line).collect()
}

/// How a lead firm pays.
struct PaymentLine {
    lead_firm: String,
    mean: Option<String>,
    median: Option<String>,
    /// Invoices, paid, late, suppliers.
    counts: Option<(usize, usize, usize, usize)>,
}

/// How a band is coloured; its name stands beside.
const fn tone(band: Band) -> &'static str {
    match band {
        Band::Fine => "good",
        Band::Watch | Band::Undisclosed => "",
        Band::Elevated | Band::Alert => "warn",
        Band::WaiverNeeded => "bad",
    }
}

/// The figures of a network.
#[derive(Template)]
#[template(path = "monitoring/pages/network.html")]
struct NetworkPage {
    network: Network,
    zone: Zone,
    rounds: Vec<Round>,
    indicators: Vec<IndicatorLine>,
    steps: Vec<StepLine>,
    places: Vec<PlaceLine>,
    bands: Option<Bands>,
    cap: Option<Share>,
    /// The index of the market, or why it is withheld.
    market: Result<Option<String>, Withheld>,
    payments: Vec<PaymentLine>,
    may_open: bool,
    may_record: bool,
}

impl NetworkPage {
    /// How many stand above the last band now, and did at first.
    fn over(&self) -> Option<(usize, usize, usize)> {
        let columns = &self.bands.as_ref()?.columns;
        let (first, now) = (columns.first()?, columns.last()?);
        Some((now.count(Band::WaiverNeeded), now.all(), first.count(Band::WaiverNeeded)))
    }

    /// How many came first, and last.
    fn ends(&self) -> Option<(usize, usize)> {
        Some((self.steps.first()?.came, self.steps.last()?.came))
    }

    fn is_compared(&self) -> bool {
        !self.indicators.is_empty()
    }
}

impl Page for NetworkPage {
    fn title(&self, locale: Locale) -> String {
        locale.text_with("monitoring-title", &[("network", self.network.name.clone())])
    }

    fn is_wide(&self) -> bool {
        true
    }
}

async fn page(base: &Base, actor: &Actor, id: NetworkId) -> Result<NetworkPage, Problem> {
    let (db, now) = (base.db.reads(), base.clock.now());
    let network = programmes::store::find_network(db, actor, id).await?;
    let programme = programmes::store::find(db, actor, network.programme).await?;
    let rounds = store::list_rounds(db, actor, id, &Window::first(10)).await?.items;
    let rows = store::of_network(db, actor, id).await?;
    let funnel = store::read_funnel(db, actor, id).await?;
    let found = store::read_dependency(db, actor, id, now).await?;
    let groups = found.records.iter().filter_map(|record| record.buyer_group);
    let buyers = firms::buyer_names(db, actor, groups).await?;
    let named = found.records.iter().map(|record| record.supplier);
    let names = firms::names(db, actor, named.chain(network.lead_firms.iter().copied())).await?;
    let mut payments = Vec::new();
    for firm in &network.lead_firms {
        let days = store::payment_days(db, actor, *firm, now).await?;
        payments.push(PaymentLine {
            lead_firm: names.get(firm).cloned().unwrap_or_default(),
            mean: days.mean.as_ref().map(shown),
            median: days.median.as_ref().map(shown),
            counts: days.counts.map(|of| (of.invoices, of.paid, of.late, of.suppliers)),
        });
    }
    Ok(NetworkPage {
        indicators: rows.iter().map(|row| IndicatorLine::new(row, actor.locale)).collect(),
        steps: steps(&funnel, actor.locale),
        places: places(&found.records, &names, &buyers, actor.locale),
        bands: charts::bands(&found.records, &programme.time_zone),
        cap: found.cap,
        market: found.market.map(|hhi| hhi.map(|hhi| crate::foundation::figure::rounded(&hhi, 0))),
        payments,
        may_open: actor.may::<OpenRound>().is_ok(),
        may_record: actor.may::<RecordDependency>().is_ok(),
        zone: programme.time_zone,
        network,
        rounds,
    })
}

async fn of_network(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Compare>,
    Key(id): Key<NetworkId>,
) -> Result<Response, Problem> {
    show(&view, &page(&base, may.actor(), id).await?)
}

async fn record(
    Shared(base): Shared<Base>,
    may: May<RecordDependency>,
    Key(id): Key<NetworkId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let done = base.write(may, form.once, async |w| {
        store::record_dependency(&w, id).await?;
        Ok(w.done(Reply::see_other(format!("/networks/{id}/monitoring#dependency"))))
    });
    or_again(done.await, async |problem| Err(problem)).await
}

/// The figures of a programme, in all and by network.
#[derive(Template)]
#[template(path = "monitoring/pages/programme.html")]
struct ProgrammePage {
    programme: Programme,
    total: Vec<IndicatorLine>,
    /// The networks that one sees.
    networks: Vec<Part>,
}

/// A network with its figures.
struct Part {
    id: NetworkId,
    name: String,
    lines: Vec<IndicatorLine>,
}

impl Page for ProgrammePage {
    fn title(&self, locale: Locale) -> String {
        locale.text_with("monitoring-title", &[("network", self.programme.name.clone())])
    }

    fn is_wide(&self) -> bool {
        true
    }
}

async fn of_programme(
    Shared(base): Shared<Base>,
    view: View,
    may: May<CompareProgramme>,
    Key(id): Key<ProgrammeId>,
) -> Result<Response, Problem> {
    let (db, actor) = (base.db.reads(), may.actor());
    let programme = programmes::store::find(db, actor, id).await?;
    let rows = store::of_programme(db, actor, id).await?;
    let of = |network: Option<NetworkId>| {
        let own = rows.iter().filter(|row| row.network == network);
        own.map(|row| IndicatorLine::new(row, actor.locale)).collect()
    };
    let seen = programmes::store::list_networks(db, actor, Some(id), &Window::first(100)).await?.items;
    let part = |one: Network| Part { id: one.id, name: one.name, lines: of(Some(one.id)) };
    let networks = seen.into_iter().map(part).collect();
    show(&view, &ProgrammePage { programme, total: of(None), networks })
}

/// A record of one's own dependency: its moment (none: now), share, band, and index.
type OwnLine = (Option<Timestamp>, Option<String>, Band, Option<String>);

/// How one's own firm depends on its buyers, over time.
#[derive(Template)]
#[template(path = "monitoring/pages/own.html")]
struct OwnPage {
    network: Network,
    lines: Vec<OwnLine>,
    own: Option<Own>,
    cap: Option<Share>,
}

impl OwnPage {
    /// The share now.
    fn now(&self) -> Option<&String> {
        self.lines.last()?.1.as_ref()
    }
}

impl Page for OwnPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("own-dependency")
    }
}

async fn own_dependency(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ReadOwnDependency>,
    Key(id): Key<NetworkId>,
) -> Result<Response, Problem> {
    let (db, actor) = (base.db.reads(), may.actor());
    let network = programmes::store::find_network(db, actor, id).await?;
    let (records, cap) = store::read_own_dependency(db, actor, id, base.clock.now()).await?;
    let shares: Vec<_> = records.iter().filter_map(|record| record.share.clone()).collect();
    let limit = cap.map(|cap| num_rational::BigRational::new(cap.ppm().into(), 1_000_000.into()));
    let line = |record: &Record| {
        let hhi = record.hhi.as_ref().map(|hhi| crate::foundation::figure::rounded(hhi, 0));
        (record.recorded_at, record.share.as_ref().map(percent), record.band, hhi)
    };
    let lines = records.iter().map(line).collect();
    show(&view, &OwnPage { network, lines, own: charts::own(&shares, limit.as_ref()), cap })
}

#[cfg(test)]
pub(super) mod tests {
    use super::{super::charts::tests::record, *};
    use crate::{
        foundation::page::{pictures, samples},
        monitoring::{catalogue, figures::Exact, funnel::Stage},
        programmes::pages::tests::{network, programme},
    };

    pub(in crate::monitoring::pages) fn round(moment: Moment, state: State) -> Round {
        let day = "2026-03-02".parse().unwrap();
        Round {
            id: crate::foundation::ids::MeasurementRoundId(uuid::Uuid::nil()),
            network: NetworkId(uuid::Uuid::nil()),
            programme: ProgrammeId(uuid::Uuid::nil()),
            moment,
            as_of: day,
            due_on: day,
            state,
            catalogue: 1,
            opened_at: Timestamp::from_micros(0),
            closed_at: None,
            version: 1,
        }
    }

    fn rows(network: Option<NetworkId>) -> Vec<Row> {
        let exact = |number: i64| Exact::from_integer(number.into());
        let compared = Compared {
            firms: 12,
            mean_before: exact(1_000),
            mean_after: exact(1_150),
            median_before: exact(900),
            median_after: exact(910),
            change: exact(150),
            percent_change: Some(exact(15)),
        };
        let results = [
            Ok(Some(compared)),
            Ok(None),
            Err(Withheld::FewerThanFive),
            Err(Withheld::GivesOthersAway),
            Err(Withheld::RoundOpen),
        ];
        let indicators = catalogue::present().indicators.iter().cycle();
        let row = |(indicator, compared)| Row {
            network,
            indicator,
            unit: indicator.unit.name("CLP".parse().unwrap()).to_string(),
            moment: Moment::Month12,
            compared,
        };
        indicators.zip(results.into_iter().cycle().take(20)).map(row).collect()
    }

    #[test]
    fn one_stands_and_several_stand_above_the_mark() {
        let said = |locale: Locale, over: &str| {
            locale.text_with("dependency-finding-now", &[("over", over.to_owned()), ("all", "3".to_owned())])
        };
        assert!(said(Locale::Es, "3").starts_with("3 de 3 proveedores están hoy"));
        assert!(said(Locale::Es, "1").starts_with("Uno de 3 proveedores está hoy"));
        assert!(said(Locale::Es, "0").starts_with("Ninguno de 3 proveedores está hoy"));
        assert!(said(Locale::En, "2").starts_with("2 of 3 suppliers stand above"));
    }

    #[test]
    fn a_networks_figures_are_shown_in_both_languages() {
        let records = [
            record(1, Some("2026-03-05T12:00:00Z"), Some(40)),
            record(1, None, Some(28)),
            record(2, Some("2026-04-05T12:00:00Z"), Some(12)),
            record(2, None, None),
            Record { turn: Some(Turn::Worse), ..record(3, None, Some(35)) },
        ];
        let step = |(stage, many): (&Stage, bool)| Step {
            stage: *stage,
            came: 6,
            passed: 5,
            waiting: 1,
            dropped: 2,
            drop_off: many.then(|| Exact::new(100.into(), 3.into())),
            timed: 5,
            median_days: many.then(|| Exact::from_integer(21.into())),
        };
        let funnel: Vec<_> = Stage::ALL.iter().zip([true, false].into_iter().cycle()).map(step).collect();
        let buyers = BTreeMap::from([(Uuid::nil(), "Grande + Su hermana".to_owned())]);
        let name = OrganisationId(uuid::Uuid::from_bytes([1; 16]));
        let names = BTreeMap::from([(name, "Tornos <Sur>".to_owned())]);
        for locale in [Locale::Es, Locale::En] {
            let moments = Moment::ALL.iter().zip([State::Closed, State::Open, State::Open]);
            let page = || NetworkPage {
                network: network(),
                zone: Zone::default(),
                rounds: moments.clone().map(|(moment, state)| round(*moment, state)).collect(),
                indicators: rows(None).iter().map(|row| IndicatorLine::new(row, locale)).collect(),
                steps: steps(&funnel, locale),
                places: places(&records, &names, &buyers, locale),
                bands: charts::bands(&records, &Zone::default()),
                cap: Some(Share::percent(30)),
                market: Ok(Some("1850".to_owned())),
                payments: vec![
                    PaymentLine {
                        lead_firm: "Minera <Alta>".to_owned(),
                        mean: Some("41.5".to_owned()),
                        median: Some("40".to_owned()),
                        counts: Some((12, 10, 3, 6)),
                    },
                    PaymentLine { lead_firm: "Otra".to_owned(), mean: None, median: None, counts: None },
                ],
                may_open: true,
                may_record: true,
            };
            let [es, _] = samples(&page());
            assert!(
                es.contains("<figcaption") && es.contains("class=\"band-alert\"") && !es.contains("<Sur>")
            );
            insta::assert_snapshot!("network", pictures(&es));
            let market = Err(Withheld::FewerThanFive);
            samples(&NetworkPage {
                rounds: Vec::new(),
                indicators: Vec::new(),
                places: Vec::new(),
                bands: None,
                cap: None,
                market,
                payments: Vec::new(),
                ..page()
            });
            let lines = || rows(None).iter().map(|row| IndicatorLine::new(row, locale)).collect::<Vec<_>>();
            let networks = vec![
                Part { id: NetworkId(uuid::Uuid::nil()), name: "Red <chancado>".to_owned(), lines: lines() },
                Part { id: NetworkId(uuid::Uuid::nil()), name: "Otra".to_owned(), lines: Vec::new() },
            ];
            let programme = || programme(programmes::State::Open);
            samples(&ProgrammePage { programme: programme(), total: lines(), networks });
            samples(&ProgrammePage { programme: programme(), total: Vec::new(), networks: Vec::new() });
        }
    }

    #[test]
    fn ones_own_dependency_is_shown_in_both_languages() {
        let share = |percent: i64| Exact::new(percent.into(), 100.into());
        let lines = || {
            Band::ALL.iter().map(|band| {
                (Some(Timestamp::from_micros(0)), Some("24".to_owned()), *band, Some("1850".to_owned()))
            })
        };
        let own = charts::own(&[share(20), share(40)], Some(&share(30)));
        let cap = Some(Share::percent(30));
        let page = OwnPage { network: network(), lines: lines().collect(), own, cap };
        insta::assert_snapshot!("own", pictures(&samples(&page)[0]));
        let undisclosed = vec![(None, None, Band::Undisclosed, None)];
        samples(&OwnPage { network: network(), lines: undisclosed, own: None, cap: None });
    }
}
