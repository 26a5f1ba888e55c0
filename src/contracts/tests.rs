use proptest::prelude::*;
use uuid::Uuid;

use super::{
    Delivery, LONGEST, Move, NewDelivery, Payment, Period, State, last_day,
    scorecard::{Deliveries, Scorecard},
};
use crate::foundation::{
    clock::{Day, Timestamp},
    fields::Fields,
    ids::{AccountId, ContractId, DeliveryId, LotId, OrganisationId, PaymentId},
    money::Money,
};

const NOBODY: Uuid = Uuid::nil();

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn delivery(
    due: &str,
    made: Option<&str>,
    units: i64,
    accepted: Option<i64>,
    rejected: Option<i64>,
) -> Delivery {
    Delivery {
        id: DeliveryId(NOBODY),
        contract: ContractId(NOBODY),
        said: NewDelivery {
            lot: LotId(NOBODY),
            due_on: day(due),
            made_on: made.map(day),
            units,
            accepted,
            rejected,
            note: None,
            corrects: None,
        },
        corrected_by: None,
        recorded_by: AccountId(NOBODY),
        recorded_at: Timestamp::from_micros(0),
    }
}

fn payment(invoiced: &str, due: &str, paid: Option<&str>) -> (OrganisationId, Payment) {
    let payment = Payment {
        id: PaymentId(NOBODY),
        contract: ContractId(NOBODY),
        invoice: "F-1".to_owned(),
        invoiced_on: day(invoiced),
        due_on: day(due),
        paid_on: paid.map(day),
        amount: Money::new(100, "USD".parse().unwrap()),
        note: None,
        corrects: None,
        corrected_by: None,
        recorded_by: AccountId(NOBODY),
        recorded_at: Timestamp::from_micros(0),
    };
    (OrganisationId(NOBODY), payment)
}

fn card(deliveries: &[Delivery], payments: &[(OrganisationId, Payment)]) -> Scorecard {
    let period = Period { from: day("2026-01-01"), to: day("2026-03-31") };
    let today = day("2026-03-15");
    let deliveries: Vec<_> = deliveries.iter().map(|found| (today, found.clone())).collect();
    let payments: Vec<_> = payments.iter().map(|(buyer, found)| (today, *buyer, found.clone())).collect();
    Scorecard::new(OrganisationId(NOBODY), period, &deliveries, &payments)
}

#[test]
fn a_contract_lasts_whole_years() {
    let last = |from: &str, years| last_day(day(from), years).to_string();
    assert_eq!(last("2026-03-02", 1), "2027-03-01");
    assert_eq!(last("2026-01-01", 2), "2027-12-31");
    assert_eq!(last("2028-02-29", 1), "2029-02-28");
    assert_eq!(last("2027-03-01", 1), "2028-02-29");
}

/// No day comes after the calendar's last one.
#[test]
fn a_period_up_to_the_end_of_the_calendar_has_an_end() {
    let period = Period { from: day("9999-11-30"), to: day("9999-12-31") };
    let card = Scorecard::new(OrganisationId(NOBODY), period, &[], &[]);
    let months: Vec<_> = card.months.iter().map(|month| month.month.as_str()).collect();
    assert_eq!(months, ["9999-11", "9999-12"]);
}

#[test]
fn what_nobody_has_recorded_stays_unknown() {
    let nothing = card(&[], &[]);
    assert_eq!((nothing.deliveries.on_time_share(), nothing.deliveries.ppm()), (None, None));
    assert_eq!(nothing.months.len(), 3);
    assert!(nothing.months.iter().all(|month| month.deliveries == Deliveries::default()));
    assert!(nothing.paid.is_empty());

    // Due and not heard of: neither late nor on time. Due tomorrow: says nothing at all.
    let silent = card(
        &[delivery("2026-03-01", None, 10, None, None), delivery("2026-03-16", None, 10, None, None)],
        &[],
    );
    assert_eq!(
        (silent.deliveries.due, silent.deliveries.unknown, silent.deliveries.on_time_share()),
        (1, 1, None)
    );
    // Came, and nobody has looked at it: on time, of unknown quality.
    let unseen = card(&[delivery("2026-03-01", Some("2026-03-01"), 10, None, None)], &[]);
    assert_eq!((unseen.deliveries.uninspected, unseen.deliveries.ppm()), (10, None));
    assert_eq!(unseen.deliveries.on_time_share().unwrap().to_string(), "1");
}

#[test]
fn figures_come_from_the_entries_that_stand() {
    let mut wrong = delivery("2026-02-10", Some("2026-02-20"), 100, Some(0), Some(100));
    wrong.corrected_by = Some(DeliveryId(Uuid::from_u128(1)));
    let deliveries = [
        wrong,
        delivery("2026-02-10", Some("2026-02-10"), 100, Some(98), Some(1)),
        delivery("2026-02-20", Some("2026-02-21"), 100, Some(100), None),
        delivery("2025-12-31", Some("2026-01-05"), 100, None, Some(100)),
    ];
    let payments = [
        payment("2026-01-10", "2026-02-09", Some("2026-02-09")),
        payment("2026-01-10", "2026-02-09", Some("2026-02-19")),
        payment("2026-03-01", "2026-03-31", None),
    ];
    let card = card(&deliveries, &payments);
    let all = &card.deliveries;
    assert_eq!((all.due, all.on_time, all.late, all.uninspected), (2, 1, 1, 1));
    assert_eq!(all.on_time_share().unwrap().to_string(), "1/2");
    assert_eq!(all.ppm().unwrap().to_string(), "1000000/199");
    let of_month: Vec<_> =
        card.months.iter().map(|month| (month.month.as_str(), month.deliveries.due)).collect();
    assert_eq!(of_month, [("2026-01", 0), ("2026-02", 2), ("2026-03", 0)]);
    let paid = &card.paid[0];
    assert_eq!((paid.invoices, paid.paid, paid.late), (3, 2, 1));
    assert_eq!(paid.days_to_pay().unwrap().to_string(), "35");
}

#[test]
fn the_access_table_names_the_states_of_the_moves() {
    let states = |moves: &[Move]| -> Vec<&str> {
        let legal = State::ALL.iter().filter(|state| moves.iter().any(|step| step.from(**state).is_some()));
        legal.map(|state| state.word()).collect()
    };
    let row = |operation: &str| super::ACCESS.iter().find(|row| row.operation == operation).unwrap().states;
    assert_eq!(row("contracts.sign"), states(&[Move::SupplierSigns, Move::LeadFirmSigns]));
    assert_eq!(row("contracts.withdraw"), states(&[Move::Withdraw]));
    assert_eq!(row("contracts.end"), states(&[Move::End]));
    assert_eq!(row("contracts.terminate"), states(&[Move::Terminate]));
}

proptest! {
    /// However people move: nothing is active that both have not signed, and what is over stays over.
    #[test]
    fn no_sequence_of_moves_skips_a_signature(moves in prop::collection::vec(0_usize..Move::ALL.len(), 0..12)) {
        let mut state = State::Draft;
        let (mut supplier, mut lead_firm) = (false, false);
        for at in moves {
            let step = Move::ALL[at];
            let Some(next) = step.from(state) else { continue };
            prop_assert!(!matches!(state, State::Ended | State::Terminated | State::Withdrawn), "{step} from {state}");
            supplier |= step == Move::SupplierSigns;
            lead_firm |= step == Move::LeadFirmSigns;
            let was_active = state == State::Active;
            state = next;
            prop_assert_eq!(state == State::Active, supplier && lead_firm && !was_active);
            prop_assert!(!matches!(state, State::Ended | State::Terminated) || (supplier && lead_firm));
            prop_assert!(state != State::Withdrawn || !(supplier && lead_firm));
        }
    }
}

#[test]
fn no_more_is_inspected_than_came() {
    let read = |units: i64, accepted: i64, rejected: i64| {
        let json = serde_json::json!({
            "lot": NOBODY, "due_on": "2026-03-02", "made_on": "2026-03-02",
            "units": units, "accepted": accepted, "rejected": rejected,
        });
        Fields::from_json::<NewDelivery>(json.to_string().as_bytes()).is_ok()
    };
    assert!(read(6, 3, 3) && read(7, 3, 3) && !read(5, 3, 3));
}

#[test]
fn a_scorecard_looks_back_ten_years_at_most() {
    let is_read = |days: i64| {
        let from = day("2026-01-01");
        let json = serde_json::json!({ "from": from, "to": from.plus_days(days) });
        Fields::from_json::<Period>(json.to_string().as_bytes()).is_ok()
    };
    assert!(is_read(0) && is_read(LONGEST) && !is_read(LONGEST + 1) && !is_read(-1));
}
