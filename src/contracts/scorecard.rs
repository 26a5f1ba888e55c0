//! How a supplier has kept its contracts: from recorded facts alone.
//!
//! Unknown stays unknown. A delivery that is due and of which nobody has said that it came is neither on time
//! nor late; units that nobody has inspected are neither good nor bad; a month without deliveries has no
//! share and no ppm, rather than 100 % and 0. An invoice that is open has no days to pay yet.

use num_rational::BigRational;

use super::{Delivery, Payment, Period};
use crate::foundation::{clock::Day, ids::OrganisationId};

/// How deliveries that were due in some time have come.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Deliveries {
    /// Due until today, or made.
    pub due: u64,
    /// Came on the due day or before.
    pub on_time: u64,
    /// Came later.
    pub late: u64,
    /// Nobody has said that they came.
    pub unknown: u64,
    /// Units accepted.
    pub accepted: i64,
    /// Units rejected.
    pub rejected: i64,
    /// Units delivered that nobody has inspected.
    pub uninspected: i64,
}

impl Deliveries {
    fn add(&mut self, delivery: &Delivery) {
        let said = &delivery.said;
        self.due += 1;
        match said.delay_days() {
            None => self.unknown += 1,
            Some(delay) if delay <= 0 => self.on_time += 1,
            Some(_) => self.late += 1,
        }
        if said.made_on.is_some() {
            let (accepted, rejected) = (said.accepted.unwrap_or(0), said.rejected.unwrap_or(0));
            self.accepted += accepted;
            self.rejected += rejected;
            self.uninspected += said.units - accepted - rejected;
        }
    }

    /// Of those known to have come, the share on time; `None`: none is known.
    pub fn on_time_share(&self) -> Option<BigRational> {
        part(self.on_time.into(), (self.on_time + self.late).into())
    }

    /// Rejected units per million inspected; `None`: none was inspected.
    pub fn ppm(&self) -> Option<BigRational> {
        let million = BigRational::from_integer(1_000_000.into());
        part(self.rejected.into(), (i128::from(self.accepted) + i128::from(self.rejected)).into())
            .map(|share| share * million)
    }
}

fn part(some: num_bigint::BigInt, all: num_bigint::BigInt) -> Option<BigRational> {
    (all > num_bigint::BigInt::from(0)).then(|| BigRational::new(some, all))
}

/// How a lead firm has paid.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Paid {
    /// The lead firm.
    pub lead_firm: OrganisationId,
    /// Invoices of the time.
    pub invoices: u64,
    /// Those of them that are paid.
    pub paid: u64,
    /// Those paid after the due day, or open beyond it.
    pub late: u64,
    /// Σ days to pay of those that are paid.
    days: i64,
}

impl Paid {
    /// Mean of the days from invoice to payment, of the invoices that are paid; `None`: none is.
    pub fn days_to_pay(&self) -> Option<BigRational> {
        part(self.days.into(), self.paid.into())
    }
}

/// A calendar month of the period.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Month {
    /// `2026-03`.
    pub month: String,
    /// How deliveries due in it came.
    pub deliveries: Deliveries,
}

/// How a supplier has kept its contracts in a period.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scorecard {
    /// The supplier.
    pub supplier: OrganisationId,
    /// The period.
    pub period: Period,
    /// Over the whole period.
    pub deliveries: Deliveries,
    /// Month by month, idle ones too.
    pub months: Vec<Month>,
    /// Per lead firm, in id order.
    pub paid: Vec<Paid>,
}

impl Scorecard {
    /// Made from the entries that stand (none that has been corrected), each with the day that it is in the programme of
    /// its contract.
    pub fn new(
        supplier: OrganisationId,
        period: Period,
        deliveries: &[(Day, Delivery)],
        payments: &[(Day, OrganisationId, Payment)],
    ) -> Self {
        let within = |day: Day| day >= period.from && day <= period.to;
        let mut card = Self {
            supplier,
            period,
            deliveries: Deliveries::default(),
            months: months(period),
            paid: Vec::new(),
        };
        let stands = |d: &Delivery| d.corrected_by.is_none() && within(d.said.due_on);
        for (today, delivery) in deliveries.iter().filter(|(_, delivery)| stands(delivery)) {
            // What is due in the future says nothing yet.
            if delivery.said.made_on.is_none() && delivery.said.due_on > *today {
                continue;
            }
            card.deliveries.add(delivery);
            let month = month_of(delivery.said.due_on);
            if let Some(found) = card.months.iter_mut().find(|found| found.month == month) {
                found.deliveries.add(delivery);
            }
        }
        let stands = |p: &Payment| p.corrected_by.is_none() && within(p.invoiced_on);
        for (today, lead_firm, payment) in payments.iter().filter(|(_, _, payment)| stands(payment)) {
            let at = card.paid.iter().position(|paid| paid.lead_firm == *lead_firm).unwrap_or_else(|| {
                card.paid.push(Paid { lead_firm: *lead_firm, invoices: 0, paid: 0, late: 0, days: 0 });
                card.paid.len() - 1
            });
            let paid = &mut card.paid[at];
            paid.invoices += 1;
            paid.late += u64::from(payment.paid_on.unwrap_or(*today) > payment.due_on);
            if let Some(days) = payment.days_to_pay() {
                paid.paid += 1;
                paid.days += days;
            }
        }
        card.paid.sort_by_key(|paid| paid.lead_firm);
        card
    }
}

fn month_of(day: Day) -> String {
    day.to_string()[..7].to_owned()
}

fn months(period: Period) -> Vec<Month> {
    let mut months: Vec<Month> = Vec::new();
    // Counted, as no day comes after the calendar's last one.
    for after in 0..=period.to.days_since(period.from) {
        let month = month_of(period.from.plus_days(after));
        if months.last().is_none_or(|last| last.month != month) {
            months.push(Month { month, deliveries: Deliveries::default() });
        }
    }
    months
}
