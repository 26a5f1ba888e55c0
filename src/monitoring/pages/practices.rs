//! Good practices at the screen: found, read, written up, reviewed, published, adopted.

use askama::Template;
use axum::{Extension, Router, extract::State as Shared, response::Response, routing::get};

use super::unit;
use crate::{
    foundation::{
        Base,
        access::{Actor, Kind, May},
        fields::{Fields, Input, Nothing},
        http::{
            Key, Params, Reply,
            list::{Page as ListPage, Window},
        },
        i18n::Locale,
        ids::{OrganisationId, PracticeId},
        page::{Confirm, Form, Page, Typed, View, filters, or_again, show, show_again},
        problem::Problem,
    },
    monitoring::{
        AdoptPractice, ChangePractice, ListAdoptions, ListPractices, PublishPractice, ReadPractice,
        RetirePractice, ReturnPractice, SubmitPractice, WithdrawAdoption, WritePractice, catalogue,
        figures::Withheld,
        practices::{Content, Dimension, NewAdoption, NewPractice, Practice, State},
        rounds::Moment,
        store::{self, PracticeFilter},
    },
    organisations::store::firms,
    programmes, words,
};

/// So many practices stand on one page.
const PAGE: u64 = 25;
/// So many figures can be cited in the form.
const CITED: usize = 3;

/// The pages, behind a login.
pub(super) fn routes() -> Router<Base> {
    Router::new()
        .route("/practices", get(list))
        .route("/practices/new", get(new_page).post(write))
        .route("/practices/{id}", get(read))
        .route("/practices/{id}/edit", get(edit_page).post(change))
        .route("/practices/{id}/steps/{step}", get(ask).post(take))
}

fn address(id: PracticeId) -> String {
    format!("/practices/{id}")
}

/// How a state is coloured; its name stands beside.
const fn tone(state: State) -> &'static str {
    match state {
        State::Draft => "",
        State::InReview => "now",
        State::Published => "good",
        State::Retired => "warn",
    }
}

words! {
    /// What happens to a practice on a page of its own.
    enum Step {
        /// Its author asks for the review.
        Submit = "submit",
        /// The reviewer sends it back.
        Return = "return",
        /// The reviewer publishes it.
        Publish = "publish",
        /// It is recommended no more.
        Retire = "retire",
        /// One's organisation has adopted it.
        Adopt = "adopt",
        /// That is taken back.
        Withdraw = "withdraw",
    }
}

impl Step {
    fn demand(self, actor: &Actor) -> Result<(), Problem> {
        match self {
            Self::Submit => actor.may::<SubmitPractice>().map(drop),
            Self::Return => actor.may::<ReturnPractice>().map(drop),
            Self::Publish => actor.may::<PublishPractice>().map(drop),
            Self::Retire => actor.may::<RetirePractice>().map(drop),
            Self::Adopt => actor.may::<AdoptPractice>().map(drop),
            Self::Withdraw => actor.may::<WithdrawAdoption>().map(drop),
        }
    }

    const fn has_reason(self) -> bool {
        matches!(self, Self::Return | Self::Retire)
    }

    /// Whether the actor's role has the step, the practice stands where it is possible, and is theirs to move.
    fn is_open(self, actor: &Actor, practice: &Practice) -> bool {
        let state = practice.state;
        let is_author = practice.author == actor.organisation;
        let is_reviewer = practice.institution == actor.organisation && practice.written_by != actor.account;
        match self {
            Self::Submit => is_author && allowed(actor.may::<SubmitPractice>(), state),
            Self::Return => is_reviewer && allowed(actor.may::<ReturnPractice>(), state),
            Self::Publish => is_reviewer && allowed(actor.may::<PublishPractice>(), state),
            Self::Retire => {
                practice.institution == actor.organisation && allowed(actor.may::<RetirePractice>(), state)
            }
            Self::Adopt => !practice.adopted.own && allowed(actor.may::<AdoptPractice>(), state),
            Self::Withdraw => practice.adopted.own && allowed(actor.may::<WithdrawAdoption>(), state),
        }
    }

    const fn stem(self) -> &'static str {
        match self {
            Self::Submit => "practice-submit",
            Self::Return => "practice-return",
            Self::Publish => "practice-publish",
            Self::Retire => "practice-retire",
            Self::Adopt => "practice-adopt",
            Self::Withdraw => "practice-withdraw",
        }
    }
}

fn allowed<O: crate::foundation::access::Operation>(may: Result<May<O>, Problem>, state: State) -> bool {
    may.is_ok_and(|may| may.in_state(state).is_ok())
}

/// Practices that one sees, searched.
#[derive(Template)]
#[template(path = "monitoring/pages/practices.html")]
struct PracticesPage {
    q: String,
    dimension: String,
    state: Option<State>,
    dimensions: Vec<(String, String)>,
    items: Vec<Practice>,
    may_write: bool,
    next: Option<String>,
    prev: Option<String>,
}

impl PracticesPage {
    fn is_chosen(&self, dimension: &str) -> bool {
        self.dimension == dimension
    }

    fn is_shown(&self, state: State) -> bool {
        self.state == Some(state)
    }

    /// The list's address with its filter.
    fn address(&self) -> String {
        let mut pairs = vec![("q", self.q.as_str()), ("dimension", self.dimension.as_str())];
        if let Some(state) = self.state {
            pairs.push(("state", state.word()));
        }
        pairs.retain(|(_, value)| !value.is_empty());
        let query = serde_urlencoded::to_string(&pairs).unwrap_or_default();
        format!("/practices?{query}{}", if query.is_empty() { "" } else { "&" })
    }
}

impl Page for PracticesPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("practices-title")
    }
}

struct Listed {
    q: Option<String>,
    dimension: Option<Dimension>,
    state: Option<State>,
    window: Window,
}

impl Input for Listed {
    fn read(f: &mut Fields) -> Option<Self> {
        let (q, dimension) = (f.optional_text("q", 1..=200), f.optional("dimension"));
        let (state, cursor) = (f.optional("state"), f.optional_text("cursor", 1..=500));
        Some(Self { q: q?, dimension: dimension?, state: state?, window: Window::at(PAGE, cursor?) })
    }
}

fn dimensions(locale: Locale, first: &str) -> Vec<(String, String)> {
    let named = Dimension::ALL.iter();
    let named = named.map(|one| (one.to_string(), locale.text(&format!("practice-dimension-{one}"))));
    std::iter::once((String::new(), first.to_owned())).chain(named).collect()
}

async fn list(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ListPractices>,
    Params(Listed { q, dimension, state, window }): Params<Listed>,
) -> Result<Response, Problem> {
    let actor = may.actor();
    let words = q.as_deref().map(PracticeFilter::words_of).unwrap_or_default();
    let filter = PracticeFilter { words, dimension, state, ..PracticeFilter::default() };
    let ListPage { items, next, prev } =
        store::list_practices(base.db.reads(), actor, filter, &window).await?;
    let any = actor.locale.text("practices-any");
    let page = PracticesPage {
        q: q.unwrap_or_default(),
        dimension: dimension.map_or_else(String::new, |one| one.to_string()),
        state,
        dimensions: dimensions(actor.locale, &any),
        items,
        may_write: actor.may::<WritePractice>().is_ok(),
        next,
        prev,
    };
    show(&view, &page)
}

/// A figure behind a practice.
struct FigureLine {
    indicator: String,
    moment: Moment,
    /// Firms, before, after, change in percent; none: it is not published yet.
    told: Option<(usize, String, String, Option<String>)>,
    unit: String,
}

/// One practice.
#[derive(Template)]
#[template(path = "monitoring/pages/practice.html")]
struct PracticePage {
    practice: Practice,
    institution: String,
    /// None: where others may not know.
    author: Option<String>,
    figures: Vec<FigureLine>,
    firms: Result<usize, Withheld>,
    /// Who has adopted it, for its institution.
    adopted: Vec<(String, crate::foundation::clock::Timestamp, Option<String>)>,
    steps: Vec<Step>,
    may_change: bool,
}

impl Page for PracticePage {
    fn title(&self, _: Locale) -> String {
        self.practice.content.title.clone()
    }
}

fn figures(practice: &Practice, locale: Locale) -> Vec<FigureLine> {
    let name = |code: &str| {
        let found = catalogue::present().find(code);
        found.map_or_else(|| code.to_owned(), |one| one.name.get(locale).to_owned())
    };
    if practice.published_at.is_none() {
        let cited = practice.content.indicators.iter();
        let line = |cited: &crate::monitoring::practices::Cited| FigureLine {
            indicator: name(&cited.indicator),
            moment: cited.moment,
            told: None,
            unit: String::new(),
        };
        return cited.map(line).collect();
    }
    let brief = |text: &str| crate::foundation::page::filters::grouped(text);
    let line = |one: &crate::monitoring::practices::Figures| FigureLine {
        indicator: name(&one.cited.indicator),
        moment: one.cited.moment,
        told: Some((
            one.firms,
            brief(&one.mean_before),
            brief(&one.mean_after),
            one.change_percent.as_deref().map(brief),
        )),
        unit: unit(&one.unit, locale),
    };
    practice.figures.iter().map(line).collect()
}

async fn read(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ReadPractice>,
    Key(id): Key<PracticeId>,
) -> Result<Response, Problem> {
    let (db, actor) = (base.db.reads(), may.actor());
    let practice = store::find_practice(db, actor, id).await?;
    let is_own = practice.institution == actor.organisation;
    let adoptions = if is_own && actor.may::<ListAdoptions>().is_ok() {
        store::list_adoptions(db, actor, id, &Window::first(100)).await?.items
    } else {
        Vec::new()
    };
    let named = adoptions.iter().map(|one| one.organisation);
    let names = firms::names(db, actor, named.chain([practice.institution, practice.author])).await?;
    let name = |id: OrganisationId| names.get(&id).cloned().unwrap_or_else(|| "–".to_owned());
    let adopted = adoptions.into_iter().map(|one| (name(one.organisation), one.adopted_at, one.note));
    let page = PracticePage {
        institution: name(practice.institution),
        author: practice.shows_author_to(actor.organisation).then(|| name(practice.author)),
        figures: figures(&practice, actor.locale),
        firms: practice.adopted.firms_told(),
        adopted: adopted.collect(),
        steps: Step::ALL.iter().copied().filter(|step| step.is_open(actor, &practice)).collect(),
        may_change: practice.author == actor.organisation
            && allowed(actor.may::<ChangePractice>(), practice.state),
        practice,
    };
    show(&view, &page)
}

/// A practice being written.
#[derive(Template)]
#[template(path = "monitoring/pages/write.html")]
struct WritePage {
    address: String,
    back: String,
    /// None: it is new.
    version: Option<i64>,
    programmes: Vec<(String, String)>,
    content: Saved,
    dimensions: Vec<(String, String)>,
    /// Rows of figures, each with the names of its fields and what they hold.
    cited: Vec<Row>,
    networks: Vec<(String, String)>,
    indicators: Vec<(String, String)>,
    moments: Vec<(String, String)>,
}

/// What is saved of a practice, as its fields hold it.
#[derive(Default)]
struct Saved {
    title: String,
    summary: String,
    body: String,
    evidence: String,
    dimension: String,
    tags: String,
}

/// A figure that is cited.
struct Row {
    number: usize,
    network: (String, String),
    indicator: (String, String),
    moment: (String, String),
}

impl Page for WritePage {
    fn title(&self, locale: Locale) -> String {
        locale.text(if self.version.is_some() { "practice-edit" } else { "practice-new" })
    }
}

async fn writing(base: &Base, actor: &Actor, found: Option<&Practice>) -> Result<WritePage, Problem> {
    let (db, locale) = (base.db.reads(), actor.locale);
    let programmes = programmes::store::list(db, actor, None, &Window::first(100)).await?.items;
    let networks = if actor.kind() == Some(Kind::Institution) {
        let programme = found.map(|found| found.programme);
        programmes::store::list_networks(db, actor, programme, &Window::first(100)).await?.items
    } else {
        Vec::new()
    };
    let nothing = || std::iter::once((String::new(), "–".to_owned()));
    let moments = Moment::ALL.iter().filter(|moment| **moment != Moment::Baseline);
    let moments = moments.map(|one| (one.to_string(), locale.text(&format!("moment-{one}"))));
    let indicators = catalogue::present().indicators.iter();
    let indicators = indicators.map(|one| (one.code.clone(), one.name.get(locale).to_owned()));
    let row = |at: usize| {
        let cited = found.and_then(|found| found.content.indicators.get(at));
        let field = |name: &str, value: Option<String>| {
            (format!("indicators-{at}-{name}"), value.unwrap_or_default())
        };
        Row {
            number: at + 1,
            network: field("network", cited.map(|one| one.network.to_string())),
            indicator: field("indicator", cited.map(|one| one.indicator.clone())),
            moment: field("moment", cited.map(|one| one.moment.to_string())),
        }
    };
    let rows =
        if networks.is_empty() { 0 } else { found.map_or(0, |f| f.content.indicators.len()).max(CITED) };
    let saved = found.map(|found| Saved {
        title: found.content.title.clone(),
        summary: found.content.summary.clone(),
        body: found.content.body.clone(),
        evidence: found.content.evidence.clone(),
        dimension: found.content.dimension.to_string(),
        tags: found.content.tags.join(", "),
    });
    Ok(WritePage {
        address: found.map_or_else(|| "/practices/new".to_owned(), |f| format!("{}/edit", address(f.id))),
        back: found.map_or_else(|| "/practices".to_owned(), |found| address(found.id)),
        version: found.map(|found| found.version),
        programmes: programmes.into_iter().map(|one| (one.id.to_string(), one.name)).collect(),
        content: saved.unwrap_or_default(),
        dimensions: dimensions(locale, "–"),
        cited: (0..rows).map(row).collect(),
        networks: nothing().chain(networks.into_iter().map(|one| (one.id.to_string(), one.name))).collect(),
        indicators: nothing().chain(indicators).collect(),
        moments: nothing().chain(moments).collect(),
    })
}

/// Reads a practice from its form, in which the tags stand in one line, with commas between them.
fn sent<T: Input>(typed: &Typed) -> Result<T, Problem> {
    let mut pairs: Vec<_> = typed.pairs().iter().filter(|(name, _)| name != "tags").cloned().collect();
    let tags = typed.get("tags").unwrap_or_default().split(',').map(str::trim);
    let tags = tags.filter(|tag| !tag.is_empty()).enumerate();
    pairs.extend(tags.map(|(at, tag)| (format!("tags-{at}"), tag.to_owned())));
    typed.of(pairs).read().map_err(|mut problem| {
        for error in &mut problem.errors {
            if error.pointer.starts_with("/tags/") {
                "/tags".clone_into(&mut error.pointer);
            }
        }
        problem.errors.dedup();
        problem
    })
}

async fn new_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<WritePractice>,
) -> Result<Response, Problem> {
    show(&view, &writing(&base, may.actor(), None).await?)
}

async fn write(
    Shared(base): Shared<Base>,
    view: View,
    may: May<WritePractice>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.reading(sent::<NewPractice>).act(&base, may, async |w, new| {
        let made = store::write_practice(w, new).await?;
        Ok(address(made.id))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &writing(&base, &actor, None).await?, problem, typed)
    })
    .await
}

async fn edit_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ChangePractice>,
    Key(id): Key<PracticeId>,
) -> Result<Response, Problem> {
    let found = store::find_practice(base.db.reads(), may.actor(), id).await?;
    show(&view, &writing(&base, may.actor(), Some(&found)).await?)
}

async fn change(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ChangePractice>,
    Key(id): Key<PracticeId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.reading(sent::<Content>).change(&base, may, async |w, version, content| {
        store::change_practice(w, id, version, content).await?;
        Ok(address(id))
    });
    or_again(done.await, async |problem| {
        let found = store::find_practice(base.db.reads(), &actor, id).await?;
        show_again(&view, &writing(&base, &actor, Some(&found)).await?, problem, typed)
    })
    .await
}

async fn before(base: &Base, actor: &Actor, id: PracticeId, step: Step) -> Result<Confirm, Problem> {
    let found = store::find_practice(base.db.reads(), actor, id).await?;
    let back = (address(id), found.content.title.clone());
    let confirm = Confirm::new(step.stem(), back, format!("{}/steps/{step}", address(id)));
    let confirm = confirm.at(found.version).with("practice", found.content.title);
    Ok(if step.has_reason() { confirm.with_reason() } else { confirm })
}

async fn ask(
    Shared(base): Shared<Base>,
    view: View,
    Extension(actor): Extension<Actor>,
    Key((id, step)): Key<(PracticeId, Step)>,
) -> Result<Response, Problem> {
    step.demand(&actor)?;
    show(&view, &before(&base, &actor, id, step).await?)
}

async fn take(
    Shared(base): Shared<Base>,
    view: View,
    Extension(actor): Extension<Actor>,
    Key((id, step)): Key<(PracticeId, Step)>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    step.demand(&actor)?;
    let typed = form.typed.clone();
    let done = moved(&base, &actor, id, step, form).await;
    or_again(done, async |problem| show_again(&view, &before(&base, &actor, id, step).await?, problem, typed))
        .await
}

async fn moved(
    base: &Base,
    actor: &Actor,
    id: PracticeId,
    step: Step,
    form: Form<Nothing>,
) -> Result<Reply, Problem> {
    macro_rules! written {
        ($form:expr, $operation:ty, $w:ident, $version:ident, $value:pat => $change:expr) => {
            $form
                .change(base, actor.may::<$operation>()?, async |$w, $version, $value| {
                    $change.await?;
                    Ok(address(id))
                })
                .await
        };
    }
    match step {
        Step::Submit => {
            written!(form, SubmitPractice, w, version, _ => store::submit_practice(w, id, version))
        }
        Step::Publish => {
            written!(form, PublishPractice, w, version, _ => store::publish_practice(w, id, version))
        }
        Step::Return => written!(form.with_reason(), ReturnPractice, w, version, why =>
            store::return_practice(w, id, version, why.reason)),
        Step::Retire => written!(form.with_reason(), RetirePractice, w, version, why =>
            store::retire_practice(w, id, version, why.reason)),
        Step::Adopt => written!(form, AdoptPractice, w, _version, _ =>
            store::adopt_practice(w, id, NewAdoption { note: None })),
        Step::Withdraw => {
            written!(form, WithdrawAdoption, w, _version, _ => store::withdraw_adoption(w, id))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        foundation::{
            clock::Timestamp,
            ids::{AccountId, NetworkId, ProgrammeId},
            page::samples,
        },
        monitoring::practices::{Adopted, Cited, Figures},
    };

    fn practice(state: State) -> Practice {
        let cited = Cited {
            network: NetworkId(uuid::Uuid::nil()),
            indicator: "on-time".to_owned(),
            moment: Moment::Month12,
        };
        let is_published = matches!(state, State::Published | State::Retired);
        Practice {
            id: PracticeId(uuid::Uuid::nil()),
            programme: ProgrammeId(uuid::Uuid::nil()),
            institution: OrganisationId(uuid::Uuid::nil()),
            author: OrganisationId(uuid::Uuid::nil()),
            written_by: AccountId(uuid::Uuid::nil()),
            state,
            content: Content {
                title: "Tablero <diario>".to_owned(),
                summary: "Se anota a diario.".to_owned(),
                body: "Uno\ndos <b>".to_owned(),
                evidence: "Bajó.".to_owned(),
                dimension: Dimension::Quality,
                tags: vec!["<tablero>".to_owned()],
                indicators: vec![cited.clone()],
            },
            figures: vec![Figures {
                cited,
                unit: "percent".to_owned(),
                firms: 6,
                mean_before: "80".to_owned(),
                mean_after: "92.5".to_owned(),
                change_percent: Some("15.6".to_owned()),
            }],
            reason: (state != State::Published).then(|| "Falta <algo>.".to_owned()),
            published_at: is_published.then(|| Timestamp::from_micros(0)),
            adopted: Adopted { institutions: 1, firms: 7, own: is_published },
            version: 1,
        }
    }

    #[test]
    fn practices_are_shown_in_both_languages() {
        for locale in [Locale::Es, Locale::En] {
            for state in State::ALL {
                let page = |firms| PracticePage {
                    practice: practice(*state),
                    institution: "Agencia".to_owned(),
                    author: Some("Tornos <Sur>".to_owned()),
                    figures: figures(&practice(*state), locale),
                    firms,
                    adopted: vec![("Otra".to_owned(), Timestamp::from_micros(0), Some("<nota>".to_owned()))],
                    steps: Step::ALL.to_vec(),
                    may_change: true,
                };
                let [es, _] = samples(&page(Ok(7)));
                assert!(!es.contains("<diario>") && !es.contains("dos <b>") && !es.contains("<nota>"));
                samples(&page(Err(Withheld::FewerThanFive)));
                let list = |items| PracticesPage {
                    q: "<tablero> & más".to_owned(),
                    dimension: "quality".to_owned(),
                    state: Some(*state),
                    dimensions: dimensions(locale, "–"),
                    items,
                    may_write: true,
                    next: None,
                    prev: None,
                };
                samples(&list(vec![practice(*state)]));
                samples(&list(Vec::new()));
            }
            let field = |name: &str| (name.to_owned(), String::new());
            let row = Row {
                number: 1,
                network: field("indicators-0-network"),
                indicator: field("indicators-0-indicator"),
                moment: field("indicators-0-moment"),
            };
            for (version, cited) in [(None, Vec::new()), (Some(2), vec![row])] {
                let options = vec![(String::new(), "–".to_owned())];
                samples(&WritePage {
                    address: "/practices/new".to_owned(),
                    back: "/practices".to_owned(),
                    version,
                    programmes: options.clone(),
                    content: Saved::default(),
                    dimensions: dimensions(locale, "–"),
                    cited,
                    networks: options.clone(),
                    indicators: options.clone(),
                    moments: options,
                });
            }
        }
        for step in Step::ALL {
            let back = ("/practices/1".to_owned(), "Tablero".to_owned());
            samples(
                &Confirm::new(step.stem(), back, "/practices/1/steps/x".to_owned()).with("practice", "<b>"),
            );
        }
    }

    #[test]
    fn tags_stand_in_one_line() {
        let long = "x".repeat(41);
        let typed = Typed::new(vec![
            ("title".to_owned(), "Tablero".to_owned()),
            ("tags".to_owned(), format!("calidad, , {long}")),
        ]);
        let problem = sent::<Content>(&typed).unwrap_err();
        assert!(problem.errors.iter().any(|error| error.pointer == "/tags" && error.code == "no-tag"));
        let typed = Typed::new(vec![("tags".to_owned(), "a, b".to_owned())]);
        let problem = sent::<Content>(&typed).unwrap_err();
        assert!(!problem.errors.iter().any(|error| error.pointer.starts_with("/tags")));
    }
}
