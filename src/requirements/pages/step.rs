//! Publishing a requirement and closing it, each on a page of its own that says what follows.

use askama::Template;
use axum::{Extension, Router, extract::State as Shared, response::Response, routing::get};

use crate::{
    foundation::{
        Base,
        access::Actor,
        fields::Nothing,
        http::Key,
        i18n::Locale,
        ids::RequirementId,
        page::{Form, Page, View, filters, or_again, show, show_again},
        problem::Problem,
    },
    requirements::{Close, Publish, Requirement, store},
    words,
};

words! {
    /// What happens to a requirement on a page of its own.
    pub enum Step {
        /// The programme's suppliers see it.
        Publish = "publish",
        /// Offers end.
        Close = "close",
    }
}

pub(super) fn routes() -> Router<Base> {
    Router::new().route("/requirements/{id}/steps/{step}", get(ask).post(take))
}

/// A step, before it is taken.
#[derive(Template)]
#[template(path = "requirements/pages/step.html")]
struct StepPage {
    requirement: Requirement,
    step: Step,
}

impl Page for StepPage {
    fn title(&self, locale: Locale) -> String {
        locale.text(&format!("requirement-{}-title", self.step))
    }
}

fn demand(step: Step, actor: &Actor) -> Result<(), Problem> {
    match step {
        Step::Publish => actor.may::<Publish>().map(drop),
        Step::Close => actor.may::<Close>().map(drop),
    }
}

async fn ask(
    Shared(base): Shared<Base>,
    view: View,
    Extension(actor): Extension<Actor>,
    Key((id, step)): Key<(RequirementId, Step)>,
) -> Result<Response, Problem> {
    demand(step, &actor)?;
    let requirement = store::find(base.db.reads(), &actor, id).await?;
    show(&view, &StepPage { requirement, step })
}

async fn take(
    Shared(base): Shared<Base>,
    view: View,
    Extension(actor): Extension<Actor>,
    Key((id, step)): Key<(RequirementId, Step)>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    demand(step, &actor)?;
    let typed = form.typed.clone();
    let there = format!("/requirements/{id}");
    let done = async {
        match step {
            Step::Publish => {
                let may = actor.may::<Publish>()?;
                form.change(&base, may, async |w, version, _| {
                    store::publish(w, id, version).await?;
                    Ok(there)
                })
                .await
            }
            Step::Close => {
                let may = actor.may::<Close>()?;
                form.change(&base, may, async |w, version, _| {
                    store::close(w, id, version).await?;
                    Ok(there)
                })
                .await
            }
        }
    };
    or_again(done.await, async |problem| {
        let requirement = store::find(base.db.reads(), &actor, id).await?;
        show_again(&view, &StepPage { requirement, step }, problem, typed)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        foundation::page::samples,
        requirements::{State, pages::offer::tests::requirement},
    };

    #[test]
    fn steps_are_shown_in_both_languages() {
        for step in Step::ALL {
            samples(&StepPage { requirement: requirement(State::Draft), step: *step });
        }
    }
}
