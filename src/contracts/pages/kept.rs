//! What comes of a contract, each entry on a page of its own: deliveries by the lead firm, invoices and payments by
//! the supplier.

use askama::Template;
use axum::{Router, extract::State as Shared, response::Response, routing::get};

use super::{Named, one};
use crate::{
    contracts::{NewDelivery, NewPayment, RecordDelivery, RecordPayment, in_order, store},
    foundation::{
        Base,
        access::May,
        clock::Day,
        fields::{Fields, Input},
        http::Key,
        i18n::Locale,
        ids::ContractId,
        page::{Form, Page, View, filters, or_again, show, show_again},
        problem::Problem,
    },
};

pub(super) fn routes() -> Router<Base> {
    Router::new()
        .route("/contracts/{id}/deliveries", get(delivery_page).post(deliver))
        .route("/contracts/{id}/payments", get(payment_page).post(pay))
}

/// A delivery to record.
#[derive(Template)]
#[template(path = "contracts/pages/delivery.html")]
struct DeliveryPage {
    named: Named,
}

impl DeliveryPage {
    /// The contract's lots: id and name.
    fn lots(&self) -> Vec<(String, String)> {
        let lines = self.named.contract.lines.iter();
        lines.map(|line| (line.lot.to_string(), self.named.lot(&line.lot).0.to_owned())).collect()
    }
}

impl Page for DeliveryPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("delivery-title")
    }
}

async fn delivery_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<RecordDelivery>,
    Key(id): Key<ContractId>,
) -> Result<Response, Problem> {
    show(&view, &DeliveryPage { named: one(&base, may.actor(), id).await? })
}

async fn deliver(
    Shared(base): Shared<Base>,
    view: View,
    may: May<RecordDelivery>,
    Key(id): Key<ContractId>,
    form: Form<NewDelivery>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.act(&base, may, async |w, new| {
        store::record_delivery(w, id, new).await?;
        Ok(format!("/contracts/{id}"))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &DeliveryPage { named: one(&base, &actor, id).await? }, problem, typed)
    })
    .await
}

/// An invoice to record, and its payment.
#[derive(Template)]
#[template(path = "contracts/pages/payment.html")]
struct PaymentPage {
    named: Named,
}

impl Page for PaymentPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("payment-title")
    }
}

/// The form of an invoice: its amount is in the contract's currency, which stands beside it.
struct Invoice(NewPayment);

impl Input for Invoice {
    fn read(f: &mut Fields) -> Option<Self> {
        let (invoice, invoiced_on) = (f.text("invoice", 1..=60), f.required("invoiced_on"));
        let (due_on, paid_on) = (f.optional::<Day>("due_on"), f.optional::<Day>("paid_on"));
        let in_order = in_order(f, invoiced_on, due_on.flatten(), paid_on.flatten());
        let (currency, note) = (f.required("currency"), f.optional_text("note", 1..=2_000));
        let amount = f.required_amount_in("amount", currency?);
        in_order.then_some(())?;
        Some(Self(NewPayment {
            invoice: invoice?,
            invoiced_on: invoiced_on?,
            due_on: due_on?,
            paid_on: paid_on?,
            amount: amount?,
            note: note?,
            corrects: None,
        }))
    }
}

async fn payment_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<RecordPayment>,
    Key(id): Key<ContractId>,
) -> Result<Response, Problem> {
    show(&view, &PaymentPage { named: one(&base, may.actor(), id).await? })
}

async fn pay(
    Shared(base): Shared<Base>,
    view: View,
    may: May<RecordPayment>,
    Key(id): Key<ContractId>,
    form: Form<Invoice>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.act(&base, may, async |w, Invoice(new)| {
        store::record_payment(w, id, new).await?;
        Ok(format!("/contracts/{id}"))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &PaymentPage { named: one(&base, &actor, id).await? }, problem, typed)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        contracts::{State, pages::tests::sample},
        foundation::page::samples,
    };

    #[test]
    fn entries_are_asked_for_in_both_languages() {
        samples(&DeliveryPage { named: sample(State::Active) });
        samples(&PaymentPage { named: sample(State::Active) });
    }
}
