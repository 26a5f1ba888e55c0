//! `eslabon demo`: the whole chain on a fictional case, through the public API, told as a story.

mod after;
mod caller;
mod calls;
mod case;
mod chain;
mod contracts;
mod matching;
mod measuring;
mod networks;
mod people;
mod plans;
mod story;

use std::sync::Arc;

use super::Failure;
use crate::{
    app,
    foundation::{Base, clock::Clock, config::Config, db::Db, i18n::Locale},
    notices,
};
use caller::Caller;
use case::Case;

/// Where the demo lies unless `--database-url` says otherwise.
const FILE: &str = "eslabon-demo.sqlite";
/// Everybody's password in the demo.
const PASSWORD: &str = "eslabon-demo";

#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  \
    eslabon demo                  on a new file eslabon-demo.sqlite\n  \
    eslabon demo --again          the same, replacing the file\n  \
    eslabon demo --locale en      the story in English")]
pub(super) struct Args {
    /// Replace eslabon-demo.sqlite when it is there
    #[arg(long)]
    again: bool,
    /// Language of the story: es or en
    #[arg(long, default_value = "es")]
    locale: Locale,
}

pub(super) async fn run(args: Args, config: Arc<Config>) -> Result<(), Failure> {
    let url = match config.database_url() {
        "sqlite:eslabon.sqlite" => {
            make_room(args.again)?;
            format!("sqlite:{FILE}")
        }
        named => named.to_owned(),
    };
    // Weeks of a whole network's work pass in a minute.
    let config = Arc::new(Config { limit_log_in: 0, limit_letters: 0, limit_writes: 0, ..(*config).clone() });
    let db = Db::connect(&url).await?;
    db.migrate().await?;
    // The case begins some weeks ago, so that at its end deliveries have come and the clock says what it is.
    let begun = Clock::System.now().plus_seconds(-contracts::DAYS * 86_400 - calls::SECONDS);
    let base = Base::new(db, Clock::manual(begun), config, notices::TOLD)?;
    let case = Case::load()?;
    let story = story::Story::new(args.locale, &case);
    story.beginning(&case);
    let nobody = Caller::nobody(app::router(&base));
    let network = chain::set_up(&base, &case, &nobody).await.map_err(|failure| {
        format!("{failure}\nThis database holds the demo already? `eslabon demo --again` starts anew, `eslabon serve --database-url {url}` shows it")
    })?;
    story.set_up(&network);
    people::gather(&case, &network, &nobody).await?;
    story.people(&case);
    let verticals = networks::set_up(&case, &network).await?;
    story.networks(&verticals);
    let held = calls::hold(&base, &case, &network, &nobody).await?;
    story.call(&held);
    let scores = chain::diagnose(&case, &network).await?;
    story.diagnosed(&case, &network, &scores);
    if let Some(vertical) = verticals.first() {
        story.measured(&measuring::measure(&base, &case, &network, vertical).await?);
    }
    let requirements = chain::post(&base, &case, &network, &verticals).await?;
    story.posted(&requirements);
    let gaps = chain::analyse(&network, &requirements).await?;
    story.gaps(&network, &gaps);
    let until = chain::waive(&base, &case, &network).await?;
    story.waiver(&case, until);
    let runs = matching::solve(&base, &network).await?;
    story.runs(&network, &requirements, &runs);
    let decisions = matching::decide(&network, &runs.capped, args.locale).await?;
    story.decisions(&network, &requirements, &decisions);
    let again = matching::again(&base, &network).await?;
    story.again(&again);
    let of_the_network = requirements.iter().find(|posted| posted.amended.is_some());
    if let Some(posted) = of_the_network
        && let Some(supplied) = contracts::supply(&base, &network, &posted.id, &decisions.approved).await?
    {
        story.supplied(&network, &supplied);
        let looked = after::look_back(&case, &network, &verticals, &supplied).await?;
        story.after(&case, &network, &looked);
    }
    story.end(&case, &url, PASSWORD);
    Ok(())
}

/// A new file for the demo; an old one is replaced only when that is asked for.
fn make_room(again: bool) -> Result<(), Failure> {
    if !std::path::Path::new(FILE).exists() {
        return Ok(());
    }
    if !again {
        return Err(format!(
            "{FILE} is there already: `eslabon serve --database-url sqlite:{FILE}` shows it, `eslabon demo --again` \
             replaces it"
        )
        .into());
    }
    let files = ["", "-wal", "-shm"].map(|suffix| std::fs::remove_file(format!("{FILE}{suffix}")));
    // The log that begins anew has a key of its own.
    for removed in files.into_iter().chain([std::fs::remove_dir_all(format!("{FILE}.audit"))]) {
        match removed {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}
