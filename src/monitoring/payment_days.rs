//! Days to pay of a lead firm.
//!
//! Itself and its institutions read the whole of it. A supplier reads one figure, of the last whole quarters, without any
//! count and only when five suppliers stand behind it: so that neither a count nor the change of a day tells of another.

use time::{Date, Month};

use super::figures::{Exact, FEWEST, Withheld, mean, median};
use crate::{contracts::Payment, foundation::clock::Day};

/// How a lead firm has paid invoices of a time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PaymentDays {
    /// The first day of the time.
    pub from: Day,
    /// Its last day.
    pub to: Day,
    /// Why the figures are withheld.
    pub withheld: Option<Withheld>,
    /// Mean days from the invoice to its payment, of those that are paid; `None`: none is known to be.
    pub mean: Option<Exact>,
    /// Their median.
    pub median: Option<Exact>,
    /// What only the lead firm and its institutions are told.
    pub counts: Option<Counts>,
}

/// How many stand behind it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Counts {
    /// Invoices of the time.
    pub invoices: usize,
    /// Those of them that are paid.
    pub paid: usize,
    /// Those paid after the due day, or open beyond it.
    pub late: usize,
    /// Suppliers that sent them.
    pub suppliers: usize,
}

fn days(payments: &[&Payment]) -> Vec<Exact> {
    let days = payments.iter().filter_map(|payment| payment.days_to_pay());
    days.map(|days| Exact::from_integer(days.into())).collect()
}

impl PaymentDays {
    /// The whole of it.
    pub fn whole(from: Day, to: Day, today: Day, payments: &[&Payment], suppliers: usize) -> Self {
        let days = days(payments);
        let late =
            payments.iter().filter(|payment| payment.paid_on.unwrap_or(today) > payment.due_on).count();
        let counts = Counts { invoices: payments.len(), paid: days.len(), late, suppliers };
        Self { from, to, withheld: None, mean: mean(&days), median: median(&days), counts: Some(counts) }
    }

    /// What others are told.
    pub fn of_others(from: Day, to: Day, payments: &[&Payment], suppliers: usize) -> Self {
        let is_few = suppliers < FEWEST;
        let mean = mean(&days(payments)).filter(|_| !is_few);
        Self {
            from,
            to,
            withheld: is_few.then_some(Withheld::FewerThanFive),
            mean,
            median: None,
            counts: None,
        }
    }
}

/// The twelve months up to a day.
pub fn twelve_months_to(day: Day) -> (Day, Day) {
    (day.plus_days(-364), day)
}

/// The last day of the quarter before the one of that day.
pub fn quarter_end(today: Day) -> Day {
    let date = today.date();
    let first = match date.month() {
        Month::January | Month::February | Month::March => Month::January,
        Month::April | Month::May | Month::June => Month::April,
        Month::July | Month::August | Month::September => Month::July,
        Month::October | Month::November | Month::December => Month::October,
    };
    Date::from_calendar_date(date.year(), first, 1).map_or(today, |day| Day::from(day).plus_days(-1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarters_end_before_the_present_one() {
        let end = |day: &str| quarter_end(day.parse().unwrap()).to_string();
        assert_eq!(
            ["2026-01-01", "2026-03-31", "2026-04-01", "2026-12-31"].map(end),
            ["2025-12-31", "2025-12-31", "2026-03-31", "2026-09-30"]
        );
        let (from, to) = twelve_months_to("2026-12-31".parse().unwrap());
        assert_eq!((from.to_string(), to.to_string()), ("2026-01-01".to_owned(), "2026-12-31".to_owned()));
    }
}
