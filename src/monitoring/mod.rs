//! Monitoring: what the work of networks changes, measured over time.
//!
//! *Indicators* ([`catalogue`]) are versioned data with a definition, a unit, a source and a direction. A network is
//! measured in *rounds* ([`rounds`]): at the baseline, after twelve months and after twenty-four. What is on record is
//! computed then and written down with what it was computed from; what is not is asked. **Unknown stays unknown**: it is
//! no 0, it is carried from no moment to another, and a comparison with the baseline is over the firms known at both.
//! Figures of several firms are told of five at least ([`figures`]).
//!
//! Beside that: the [`funnel`] of a network, how its suppliers depend on their buyers over time ([`dependency`]), and how
//! many days a lead firm takes to pay ([`payment_days`]). What worked is written up, reviewed, published with the figures
//! that show it, and adopted by others ([`practices`]). Whoever steers a programme evaluates its [`impact`].

pub mod api;
pub mod catalogue;
pub mod dependency;
pub mod figures;
pub mod funnel;
pub mod impact;
pub mod jobs;
pub mod pages;
pub mod payment_days;
pub mod practices;
pub mod rounds;
pub mod store;

use crate::{
    access,
    foundation::access::{ANYONE, INSTITUTION, OFFICERS, Role, SUPPLIER, WRITERS},
};

/// So many decimals are shown of what was computed exactly.
const DECIMALS: u32 = 6;

/// Firms, and those in institutions who run programmes.
const REPORTERS: &[Role] = WRITERS;

access! {
    /// List the indicators with their definitions.
    ListIndicators = "indicators.list", ANYONE, &[];
    /// Open a round in which a network's indicators are measured.
    OpenRound = "measurement_rounds.open", OFFICERS, &[];
    /// List a network's rounds.
    ListRounds = "measurement_rounds.list", INSTITUTION, &[];
    /// Look at a round, and how many have answered.
    ReadRound = "measurement_rounds.read", INSTITUTION, &[];
    /// Close a round, so that its figures are told.
    CloseRound = "measurement_rounds.close", OFFICERS, &["open"];
    /// Remind those who have not answered: the service's background job.
    Remind = "measurement_rounds.remind", &[Role::System], &["open"];
    /// List what is measured of one's firm, or of one's networks.
    ListMeasurements = "measurements.list", ANYONE, &[];
    /// Look at what was measured, with every answer.
    ReadMeasurement = "measurements.read", ANYONE, &[];
    /// Answer for one's firm or institution, or say that it is unknown.
    AnswerMeasurement = "measurements.answer", REPORTERS, &["asked", "answered", "unknown"];
    /// Compare a network's indicators with its baseline.
    Compare = "indicators.compare", INSTITUTION, &[];
    /// Compare a programme's indicators with the baseline, in all and by network.
    CompareProgramme = "indicators.compare_programme", INSTITUTION, &[];
    /// Look at the funnel of a network.
    ReadFunnel = "funnels.read", INSTITUTION, &[];
    /// Look at how a network's suppliers depend on their buyers, over time.
    ReadDependency = "dependency.read", INSTITUTION, &[];
    /// Look at how one's own firm depends on its buyers, over time.
    ReadOwnDependency = "dependency.read_own", SUPPLIER, &[];
    /// Write down how a network's suppliers depend on their buyers.
    RecordDependency = "dependency.record", OFFICERS, &[];
    /// Look at how many days a lead firm takes to pay.
    ReadPaymentDays = "payment_days.read", ANYONE, &[];
    /// Write up a good practice, or propose one.
    WritePractice = "practices.write", REPORTERS, &[];
    /// List the good practices that one sees.
    ListPractices = "practices.list", ANYONE, &[];
    /// Look at a good practice.
    ReadPractice = "practices.read", ANYONE, &[];
    /// Rewrite a draft of one's organisation.
    ChangePractice = "practices.change", REPORTERS, &["draft"];
    /// Ask for the review of a draft of one's organisation.
    SubmitPractice = "practices.submit", REPORTERS, &["draft"];
    /// Send a practice back to whoever wrote it.
    ReturnPractice = "practices.return", OFFICERS, &["in_review"], decides;
    /// Publish a practice that somebody else wrote.
    PublishPractice = "practices.publish", OFFICERS, &["in_review"], decides;
    /// Recommend a practice no more.
    RetirePractice = "practices.retire", OFFICERS, &["published"], decides;
    /// Say that one's organisation has adopted a practice.
    AdoptPractice = "practices.adopt", REPORTERS, &["published"];
    /// Take that back.
    WithdrawAdoption = "practices.withdraw_adoption", REPORTERS, &["published", "retired"];
    /// Record an evaluation of a programme's impact, in the name of its strategic direction.
    RecordEvaluation = "impact_evaluations.record", OFFICERS, &[];
    /// List the evaluations of a programme's impact.
    ListEvaluations = "impact_evaluations.list", INSTITUTION, &[];
    /// List who has adopted a practice of one's institution.
    ListAdoptions = "practices.adoptions", INSTITUTION, &[];
}
