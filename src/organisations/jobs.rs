//! The letters of this stage. Each carries a secret, which is made when it is sent and again at each attempt, so that it
//! stands nowhere but in the letter itself; the latest one works.

use uuid::Uuid;

use super::{
    joining::MailInvitation,
    resets::MailReset,
    store::{joining, resets},
};
use crate::foundation::{
    access::Actor,
    i18n::Locale,
    ids::{InvitationId, OrganisationId, PasswordResetId},
    jobs::{Handler, Outcome, Task},
    mail::Letter,
    problem::Problem,
};

/// The kind of job that sends an invitation; its payload is `{"invitation": id}`.
pub const MAIL_INVITATION: &str = "invitations.mail";
/// The kind of job that sends what replaces a forgotten password; its payload is `{"reset": id}`.
pub const MAIL_RESET: &str = "password_resets.mail";

/// Runs [`MAIL_INVITATION`].
#[derive(Clone, Copy, Debug)]
pub struct Invitations;

impl Handler for Invitations {
    fn run(&self, task: Task) -> Outcome<'_> {
        Box::pin(invite(task))
    }
}

/// Runs [`MAIL_RESET`].
#[derive(Clone, Copy, Debug)]
pub struct Resets;

impl Handler for Resets {
    fn run(&self, task: Task) -> Outcome<'_> {
        Box::pin(reset(task))
    }
}

async fn invite(task: Task) -> Result<(), Problem> {
    let id: InvitationId = serde_json::from_value(task.payload["invitation"].clone())?;
    let locale: Locale = serde_json::from_value(task.payload["locale"].clone())?;
    let actor = Actor::system(task.organisation);
    let sealed = task.base.transact(actor.may::<MailInvitation>()?, async |w| {
        let sealed = joining::seal(&w, id).await?;
        Ok(w.done(sealed))
    });
    let Some((email, organisation, secret)) = sealed.await? else { return Ok(()) };
    let args = [("organisation", organisation)];
    let (subject, text) = (
        locale.text_with("letter-invitation-subject", &args),
        locale.text_with("letter-invitation-text", &args),
    );
    post(&task, id, email, subject, &text, &format!("/invitation?secret={secret}")).await
}

async fn reset(task: Task) -> Result<(), Problem> {
    let id: PasswordResetId = serde_json::from_value(task.payload["reset"].clone())?;
    let actor = Actor::system(OrganisationId(Uuid::nil()));
    let sealed = task.base.transact(actor.may::<MailReset>()?, async |w| {
        let sealed = resets::seal(&w, id).await?;
        Ok(w.done(sealed))
    });
    let Some((account, secret)) = sealed.await? else { return Ok(()) };
    let locale = account.locale;
    let (subject, text) = (locale.text("letter-reset-subject"), locale.text("letter-reset-text"));
    post(&task, id, account.email, subject, &text, &format!("/password/new?secret={secret}")).await
}

async fn post(
    task: &Task,
    id: impl std::fmt::Display,
    to: String,
    subject: String,
    text: &str,
    path: &str,
) -> Result<(), Problem> {
    let mail = &task.base.mail;
    // A mailbox that knows the one must not hide the next, which has another secret.
    let key = format!("{id}-{}", task.attempt);
    let text = format!("{text}\n\n  {}\n", mail.link(path));
    mail.send(&Letter { key, to, subject, text }, task.base.clock.now()).await
}
