//! `eslabon user`: the operator opens institutions and accounts, and helps out whoever has lost their second factor.

use std::{io::BufRead, sync::Arc};

use clap::Subcommand;

use super::{Failure, connect};
use crate::{
    foundation::{
        Base,
        access::{Actor, Kind, Role},
        config::Config,
        fields::Fields,
        i18n::Locale,
        ids::OrganisationId,
        problem::Problem,
    },
    organisations::{
        NewOrganisation, NewPerson, Organisation, Register, password, second_factor::Reset, store,
        tax_id::TaxId,
    },
};

#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Add a person, with the organisation when it is not there yet
    #[command(
        after_help = "Example:\n  echo 'a long password' | eslabon user add --email ana@fomento.example \
        --name 'Ana Rojas' \\\n    --role institution_administrator --organisation 'Agencia de Fomento' \
        --country CL --tax-id 60.701.000-5"
    )]
    Add(Add),
    /// Take away the second factor of somebody who has lost phone and recovery codes
    #[command(after_help = "Make sure first that it is that person who asks.\n\n\
        Example:\n  eslabon user remove-second-factor --email ana@fomento.example")]
    RemoveSecondFactor {
        /// The person's e-mail address
        #[arg(long)]
        email: String,
    },
}

#[derive(clap::Args, Debug)]
struct Add {
    /// The person's e-mail address
    #[arg(long)]
    email: String,
    /// The person's name
    #[arg(long)]
    name: String,
    /// The person's role, for example officer or approver
    #[arg(long)]
    role: Role,
    /// The organisation's name, when it is new
    #[arg(long)]
    organisation: Option<String>,
    /// The organisation's country (two letters)
    #[arg(long)]
    country: String,
    /// The organisation's tax id there
    #[arg(long)]
    tax_id: String,
    /// Language in which to write to the person
    #[arg(long, default_value = "es")]
    locale: Locale,
}

pub(super) async fn run(args: Args, config: Arc<Config>) -> Result<(), Failure> {
    let base = connect(config).await?;
    base.db.migrate().await?;
    match args.command {
        Command::Add(add) => add_person(&base, add).await,
        Command::RemoveSecondFactor { email } => remove_second_factor(&base, &email).await,
    }
}

async fn remove_second_factor(base: &Base, email: &str) -> Result<(), Failure> {
    let operator = Actor::system(OrganisationId(uuid::Uuid::nil()));
    let found = store::people::for_login(base.db.reads(), &operator, &email.to_lowercase()).await;
    let (account, _) =
        found.map_err(|problem| said(&problem))?.ok_or_else(|| format!("there is no account of {email}"))?;
    let may = operator.may::<Reset>().map_err(|problem| said(&problem))?;
    let there = base.transact(may, async |w| {
        let there = store::second_factor::reset(&w, account.id).await?;
        Ok(w.done(there))
    });
    if there.await.map_err(|problem| said(&problem))? {
        say!("{email} logs in with the password alone until a second factor is set up again.");
    } else {
        say!("{email} had no second factor.");
    }
    Ok(())
}

async fn add_person(base: &Base, add: Add) -> Result<(), Failure> {
    let kind =
        add.role.kind().ok_or("this role belongs to no organisation; try institution_administrator")?;
    let country = add.country.parse()?;
    let tax_id = TaxId::parse(country, &add.tax_id)
        .map_err(|_| format!("{} is no tax id of {country}", add.tax_id))?;
    let mut password = String::new();
    eprintln!("Password (at least ten characters), on standard input:");
    std::io::stdin().lock().read_line(&mut password)?;
    let person = person(&add, password.trim_end_matches(['\r', '\n']))?;
    let organisation = open(base, kind, tax_id, add.organisation.clone(), &person, add.role).await;
    let organisation = organisation.map_err(|problem| said(&problem))?;
    let firm = if kind == Kind::Institution { "institution" } else { "firm" };
    say!("{} is now {} of the {firm} {} ({}).", add.email, add.role, organisation.name, organisation.id);
    Ok(())
}

/// Adds a person, with the organisation when it is not there yet.
pub(super) async fn open(
    base: &Base,
    kind: Kind,
    tax_id: TaxId,
    name: Option<String>,
    person: &NewPerson,
    role: Role,
) -> Result<Organisation, Problem> {
    let hash = password::hash(person.password.clone(), &base.ids).await?;
    let operator = Actor::system(OrganisationId(uuid::Uuid::nil()));
    base.transact(operator.may::<Register>()?, async |w| {
        let organisation = match store::firms::find_by_tax_id(w.db(), w.actor(), &tax_id).await {
            Ok(found) if found.kind == kind => found,
            Ok(_) => return Err(Problem::conflict("wrong-kind")),
            Err(_) => {
                let name = name.ok_or_else(|| Problem::field("/organisation", "required"))?;
                store::firms::register(&w, NewOrganisation { kind, name, tax_id }).await?
            }
        };
        let account = store::people::open_account(&w, person, hash).await?;
        store::people::join(&w, organisation.id, kind, &account, role).await?;
        Ok(w.done(organisation))
    })
    .await
}

/// The same checks as the API's, said all at once.
fn person(add: &Add, password: &str) -> Result<NewPerson, Failure> {
    let json = serde_json::json!({
        "email": add.email, "name": add.name, "password": password, "locale": add.locale,
    });
    Fields::from_json(json.to_string().as_bytes()).map_err(|problem| said(&problem).into())
}

/// A problem as a line for the terminal.
pub(super) fn said(problem: &Problem) -> String {
    let locale = Locale::En;
    let mut text = locale.text_with(&format!("problem-{}-detail", problem.code), &problem.args);
    for error in &problem.errors {
        let detail = locale.text_with(&format!("field-{}", error.code), &error.args);
        text.push_str("\n  ");
        text.push_str(&error.pointer);
        text.push_str(": ");
        text.push_str(&detail);
    }
    text
}
