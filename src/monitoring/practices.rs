//! Good practices (*buenas prácticas*): what worked, written up, reviewed, and published with what shows it.
//!
//! An officer of a programme's institution writes one up, or a firm of the programme proposes one. Somebody else of the
//! institution reviews it: sends it back with a reason, or publishes it. With that its evidence is frozen: figures of
//! networks that may be told, each over five firms at least. What is published is read by everybody who works with
//! Eslabón, in whatever programme; firms and institutions say that they have adopted it, and may take that back. How
//! many firms have is told from five on.

use super::{
    ChangePractice, PublishPractice, RetirePractice, ReturnPractice, SubmitPractice,
    figures::{FEWEST, Withheld},
    rounds::Moment,
};
use crate::{
    foundation::{
        clock::Timestamp,
        fields::{Fault, Fields, Input},
        ids::{AccountId, NetworkId, OrganisationId, PracticeId, ProgrammeId},
    },
    moves, words,
};

words! {
    /// How far a practice is.
    #[schema(as = PracticeState)]
    pub enum State {
        /// It is being written.
        Draft = "draft",
        /// It waits for somebody else of the institution.
        InReview = "in_review",
        /// Everybody reads it.
        Published = "published",
        /// It is recommended no more; whoever adopted it still reads why.
        Retired = "retired",
    }
}

moves! {
    /// What happens to a practice.
    pub enum Move of State {
        /// Its author rewrites it.
        Change by ChangePractice: Draft => Draft;
        /// Its author asks for the review.
        Submit by SubmitPractice: Draft => InReview;
        /// The reviewer sends it back, with a reason.
        Return by ReturnPractice: InReview => Draft;
        /// The reviewer publishes it.
        Publish by PublishPractice: InReview => Published;
        /// The institution recommends it no more, with a reason.
        Retire by RetirePractice: Published => Retired;
    }
}

words! {
    /// What a practice is about: the dimensions of the diagnostics of suppliers and of lead firms.
    #[schema(as = PracticeDimension)]
    pub enum Dimension {
        /// Strategy and management.
        Management = "management",
        /// Customers and dependency.
        Customers = "customers",
        /// Production and capacity.
        Production = "production",
        /// Quality.
        Quality = "quality",
        /// Delivery and logistics.
        Delivery = "delivery",
        /// Procurement and sub-suppliers.
        Procurement = "procurement",
        /// Finance.
        Finance = "finance",
        /// People and safety.
        People = "people",
        /// Technology and digital tools.
        Technology = "technology",
        /// Environment and compliance.
        Environment = "environment",
        /// A lead firm's purchasing practice.
        Purchasing = "purchasing",
        /// A lead firm's payment.
        Payment = "payment",
        /// A lead firm's forecasts and orders.
        Forecast = "forecast",
        /// How open a lead firm's specifications are.
        Specifications = "specifications",
        /// A lead firm's technical assistance.
        Assistance = "assistance",
        /// A lead firm's purchases from local SMEs.
        Local = "local",
    }
}

/// A practice.
#[derive(Clone, PartialEq, Debug)]
pub struct Practice {
    /// Its id.
    pub id: PracticeId,
    /// The programme from which it comes.
    pub programme: ProgrammeId,
    /// The institution of that, which reviews it.
    pub institution: OrganisationId,
    /// The firm or institution that wrote it.
    pub author: OrganisationId,
    /// Whoever wrote it last: somebody else reviews it.
    pub written_by: AccountId,
    /// How far it is.
    pub state: State,
    /// What it says.
    pub content: Content,
    /// The figures behind it, as they were when it was published.
    pub figures: Vec<Figures>,
    /// Why it was sent back, or retired.
    pub reason: Option<String>,
    /// When it was published.
    pub published_at: Option<Timestamp>,
    /// Who has adopted it.
    pub adopted: Adopted,
    /// Grows with every change, and with nothing that others do.
    pub version: i64,
}

impl Practice {
    /// Whether an organisation may know who wrote it: the institution that reviews it, whoever did, and everybody where
    /// that institution did itself.
    pub fn shows_author_to(&self, reader: OrganisationId) -> bool {
        self.institution == reader || self.author == self.institution || self.author == reader
    }
}

/// How many have adopted a practice.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Adopted {
    /// Institutions.
    pub institutions: usize,
    /// Firms.
    pub firms: usize,
    /// Whether the reader's own organisation has.
    pub own: bool,
}

impl Adopted {
    /// The number of firms, when it may be told.
    pub fn firms_told(&self) -> Result<usize, Withheld> {
        if (1..FEWEST).contains(&self.firms) { Err(Withheld::FewerThanFive) } else { Ok(self.firms) }
    }
}

/// What a practice says.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Content {
    /// Its title.
    pub title: String,
    /// What it is, in a few lines.
    pub summary: String,
    /// How it is done.
    pub body: String,
    /// What shows that it works, in words.
    pub evidence: String,
    /// What it is about.
    pub dimension: Dimension,
    /// Words by which it is found.
    pub tags: Vec<String>,
    /// Figures that show it.
    pub indicators: Vec<Cited>,
}

/// A figure that a practice cites: an indicator of a network, beside its baseline.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Cited {
    /// The network.
    pub network: NetworkId,
    /// The indicator.
    pub indicator: String,
    /// The moment that is compared with the baseline.
    pub moment: Moment,
}

/// A cited figure as it was when the practice was published.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Figures {
    /// What was cited.
    pub cited: Cited,
    /// The unit.
    pub unit: String,
    /// Firms behind it, five at least.
    pub firms: usize,
    /// Mean at the baseline.
    pub mean_before: String,
    /// Mean at the moment.
    pub mean_after: String,
    /// The change in percent.
    pub change_percent: Option<String>,
}

const MOST_TAGS: usize = 10;
const MOST_CITED: usize = 10;

/// A practice to write up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewPractice {
    /// The programme from which it comes.
    pub programme: ProgrammeId,
    /// What it says.
    pub content: Content,
}

impl Input for NewPractice {
    fn read(f: &mut Fields) -> Option<Self> {
        let (programme, content) = (f.required("programme"), Content::read(f));
        Some(Self { programme: programme?, content: content? })
    }
}

impl Input for Content {
    fn read(f: &mut Fields) -> Option<Self> {
        let (title, summary) = (f.text("title", 5..=200), f.text("summary", 20..=1_000));
        let (body, evidence) = (f.text("body", 20..=20_000), f.text("evidence", 20..=5_000));
        let (dimension, tags) = (f.required("dimension"), f.values::<String>("tags", MOST_TAGS));
        let indicators = f.list("indicators", MOST_CITED);
        let mut is_right = true;
        for (at, tag) in tags.iter().flatten().enumerate() {
            if tag.chars().count() > 40 || tag.contains('|') {
                f.fail_within("tags", &at.to_string(), Fault::new("no-tag"));
                is_right = false;
            }
        }
        is_right.then_some(())?;
        Some(Self {
            title: title?,
            summary: summary?,
            body: body?,
            evidence: evidence?,
            dimension: dimension?,
            tags: tags?.iter().map(|tag| folded(tag)).collect(),
            indicators: indicators?,
        })
    }
}

impl Input for Cited {
    fn read(f: &mut Fields) -> Option<Self> {
        let (network, indicator) = (f.required("network"), f.text("indicator", 1..=60));
        let moment = f.required::<Moment>("moment");
        if moment == Some(Moment::Baseline) {
            f.fail("moment", Fault::new("baseline-beside-itself"));
            return None;
        }
        Some(Self { network: network?, indicator: indicator?, moment: moment? })
    }
}

impl Content {
    /// What is searched: all of its words, folded.
    pub fn searched(&self) -> String {
        let texts = [&self.title, &self.summary, &self.body, &self.evidence];
        texts.map(|text| folded(text)).join(" ")
    }

    /// Its tags as they are searched: each between bars.
    pub fn searched_tags(&self) -> String {
        self.tags.iter().fold("|".to_owned(), |all, tag| all + tag + "|")
    }
}

/// A text without capitals and accents, so that both engines find the same: `Tornería` is found by `torneria`.
pub fn folded(text: &str) -> String {
    let fold = |c: char| match c {
        'á' | 'à' | 'â' | 'ä' | 'ã' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'ö' | 'õ' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ñ' => 'n',
        'ç' => 'c',
        other => other,
    };
    text.chars().flat_map(char::to_lowercase).map(fold).collect()
}

/// A statement that one's organisation has adopted a practice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewAdoption {
    /// What it has done with it.
    pub note: Option<String>,
}

impl Input for NewAdoption {
    fn read(f: &mut Fields) -> Option<Self> {
        Some(Self { note: f.optional_text("note", 3..=1_000)? })
    }
}

/// An adoption that stands, for the institution of the practice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Adoption {
    /// Who has adopted it.
    pub organisation: OrganisationId,
    /// Since when.
    pub adopted_at: Timestamp,
    /// What it has done with it.
    pub note: Option<String>,
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn texts_are_folded_alike_whatever_their_accents() {
        assert_eq!(folded("Tornería, SOLDADURA y Niñez"), "torneria, soldadura y ninez");
        assert_eq!(folded("ÁÉÍÓÚÜÑ"), "aeiouun");
    }

    #[test]
    fn firms_are_counted_from_five_on() {
        let told = |firms| Adopted { firms, institutions: 1, own: false }.firms_told();
        assert_eq!(
            [0, 1, 4, 5].map(told),
            [Ok(0), Err(Withheld::FewerThanFive), Err(Withheld::FewerThanFive), Ok(5)]
        );
    }

    #[test]
    fn its_author_is_known_to_who_reviews_it_and_to_itself() {
        let firm = |number| OrganisationId(Uuid::from_u128(number));
        let (institution, author, other) = (firm(1), firm(2), firm(3));
        let by = |author| Practice {
            id: PracticeId(Uuid::nil()),
            programme: ProgrammeId(Uuid::nil()),
            institution,
            author,
            written_by: AccountId(Uuid::nil()),
            state: State::Published,
            content: Content {
                title: String::new(),
                summary: String::new(),
                body: String::new(),
                evidence: String::new(),
                dimension: Dimension::Management,
                tags: Vec::new(),
                indicators: Vec::new(),
            },
            figures: Vec::new(),
            reason: None,
            published_at: None,
            adopted: Adopted::default(),
            version: 1,
        };
        let shown = |author, reader| by(author).shows_author_to(reader);
        assert!(shown(author, institution) && shown(author, author) && !shown(author, other));
        assert!(shown(institution, other), "what the institution wrote itself");
    }
}
