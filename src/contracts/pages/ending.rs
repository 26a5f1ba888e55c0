//! How a contract ends at the screen: withdrawn before it is signed, terminated, over, or renewed by another lot.

use askama::Template;
use axum::{Extension, Router, extract::State as Shared, response::Response, routing::get};

use super::{Named, one};
use crate::{
    contracts::{AnnounceRenewal, Contract, End, Renewal, Terminate, Withdraw, WithdrawRenewal, store},
    foundation::{
        Base,
        access::{Actor, May},
        fields::Nothing,
        http::{Key, list::Window},
        i18n::Locale,
        ids::ContractId,
        page::{Confirm, Form, Page, View, filters, or_again, show, show_again},
        problem::Problem,
    },
    requirements, words,
};

/// So many lots of the lead firm's requirements are offered.
const MOST: u64 = 100;

/// The pages, behind a login.
pub(super) fn routes() -> Router<Base> {
    Router::new()
        .route("/contracts/{id}/steps/{step}", get(ask).post(take))
        .route("/contracts/{id}/renewal", get(renewal_page).post(announce))
}

words! {
    /// What ends a contract, on a page of its own.
    pub(super) enum Step {
        /// It is withdrawn before both have signed.
        Withdraw = "withdraw",
        /// It is terminated before its term is over.
        Terminate = "terminate",
        /// Its term is over.
        End = "end",
        /// The announcement of its renewal is taken back.
        Unrenew = "unrenew",
    }
}

impl Step {
    /// Whether the actor may take it now.
    pub(super) fn is_open(self, actor: &Actor, contract: &Contract) -> bool {
        let state = contract.state;
        match self {
            Self::Withdraw => actor.takes::<Withdraw>(state),
            Self::Terminate => actor.takes::<Terminate>(state),
            Self::End => actor.takes::<End>(state),
            Self::Unrenew => contract.renewed_by_lot.is_some() && actor.takes::<WithdrawRenewal>(state),
        }
    }

    const fn stem(self) -> &'static str {
        match self {
            Self::Withdraw => "contract-withdraw",
            Self::Terminate => "contract-terminate",
            Self::End => "contract-end",
            Self::Unrenew => "contract-unrenew",
        }
    }

    fn demand(self, actor: &Actor) -> Result<(), Problem> {
        match self {
            Self::Withdraw => actor.may::<Withdraw>().map(drop),
            Self::Terminate => actor.may::<Terminate>().map(drop),
            Self::End => actor.may::<End>().map(drop),
            Self::Unrenew => actor.may::<WithdrawRenewal>().map(drop),
        }
    }
}

fn address(id: ContractId) -> String {
    format!("/contracts/{id}")
}

async fn before(base: &Base, actor: &Actor, id: ContractId, step: Step) -> Result<Confirm, Problem> {
    let Named { contract, supplier, lead_firm, requirement, .. } = one(base, actor, id).await?;
    let title = actor.locale.text_with("contract-title", &[("requirement", requirement)]);
    let confirm = Confirm::new(step.stem(), (address(id), title), format!("{}/steps/{step}", address(id)))
        .at(contract.version)
        .with("match-supplier", supplier)
        .with("match-lead-firm", lead_firm)
        .with("contract-until", filters::in_words(contract.ends_on, actor.locale));
    Ok(match step {
        Step::Withdraw | Step::Terminate => confirm.with_reason(),
        Step::End | Step::Unrenew => confirm,
    })
}

async fn ask(
    Shared(base): Shared<Base>,
    view: View,
    Extension(actor): Extension<Actor>,
    Key((id, step)): Key<(ContractId, Step)>,
) -> Result<Response, Problem> {
    step.demand(&actor)?;
    show(&view, &before(&base, &actor, id, step).await?)
}

async fn take(
    Shared(base): Shared<Base>,
    view: View,
    Extension(actor): Extension<Actor>,
    Key((id, step)): Key<(ContractId, Step)>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    step.demand(&actor)?;
    let typed = form.typed.clone();
    let done = async {
        match step {
            Step::Withdraw => {
                let may = actor.may::<Withdraw>()?;
                form.with_reason()
                    .change(&base, may, async |w, version, why| {
                        store::withdraw(w, id, version, why.reason).await?;
                        Ok(address(id))
                    })
                    .await
            }
            Step::Terminate => {
                let may = actor.may::<Terminate>()?;
                form.with_reason()
                    .change(&base, may, async |w, version, why| {
                        store::terminate(w, id, version, why.reason).await?;
                        Ok(address(id))
                    })
                    .await
            }
            Step::End => {
                let may = actor.may::<End>()?;
                form.change(&base, may, async |w, version, _| {
                    store::end(w, id, version).await?;
                    Ok(address(id))
                })
                .await
            }
            Step::Unrenew => {
                let may = actor.may::<WithdrawRenewal>()?;
                form.change(&base, may, async |w, version, _| {
                    store::withdraw_renewal(w, id, version).await?;
                    Ok(address(id))
                })
                .await
            }
        }
    };
    or_again(done.await, async |problem| {
        show_again(&view, &before(&base, &actor, id, step).await?, problem, typed)
    })
    .await
}

/// Which lot renews a contract.
#[derive(Template)]
#[template(path = "contracts/pages/renewal.html")]
struct RenewalPage {
    named: Named,
    /// Of the same lead firm: id, and requirement with lot.
    lots: Vec<(String, String)>,
}

impl Page for RenewalPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("renewal-title")
    }
}

async fn renewal(base: &Base, actor: &Actor, id: ContractId) -> Result<RenewalPage, Problem> {
    let db = base.db.reads();
    let named = one(base, actor, id).await?;
    let Contract { programme, lead_firm, .. } = named.contract;
    let open = requirements::store::Filter {
        programme: Some(programme),
        state: Some(requirements::State::Published),
        q: None,
    };
    let found = requirements::store::list(db, actor, &open, &Window::first(MOST)).await?.items;
    let mut lots = Vec::new();
    for one in found.into_iter().filter(|one| one.lead_firm == lead_firm) {
        let requirement = requirements::store::find(db, actor, one.id).await?;
        let title = requirement.title;
        let lot = |lot: requirements::Lot| (lot.id.to_string(), format!("{title}: {}", lot.terms.name));
        lots.extend(requirement.lots.into_iter().map(lot));
    }
    Ok(RenewalPage { named, lots })
}

async fn renewal_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<AnnounceRenewal>,
    Key(id): Key<ContractId>,
) -> Result<Response, Problem> {
    show(&view, &renewal(&base, may.actor(), id).await?)
}

async fn announce(
    Shared(base): Shared<Base>,
    view: View,
    may: May<AnnounceRenewal>,
    Key(id): Key<ContractId>,
    form: Form<Renewal>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.change(&base, may, async |w, version, Renewal { lot }| {
        store::announce_renewal(w, id, version, lot).await?;
        Ok(address(id))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &renewal(&base, &actor, id).await?, problem, typed)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::{super::tests::sample, *};
    use crate::{contracts::State, foundation::page::samples};

    #[test]
    fn ending_is_shown_in_both_languages() {
        for step in Step::ALL {
            let back = ("/contracts/1".to_owned(), "Contrato".to_owned());
            let confirm = Confirm::new(step.stem(), back, "/x".to_owned()).at(2).with("contract-until", "x");
            samples(&confirm.with("match-supplier", "Tornos").with("match-lead-firm", "Conservas"));
        }
        for lots in [vec![("x".to_owned(), "Repuestos: <Ejes>".to_owned())], Vec::new()] {
            samples(&RenewalPage { named: sample(State::Active), lots });
        }
    }
}
