//! Public, private or mixed coordination, and the weaknesses that are known of each.
//!
//! From comparing programmes of cluster and network promotion (Dini 2003): a public body lives with political swings
//! and private distrust, and is hard to control, to reward and to punish; a mixed one is hard to create and to sustain;
//! a private one struggles to keep continuity and accumulated knowledge, and to sustain itself. They do not go away by
//! being known: the institution says of each how it handles it, and when it last looked.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    foundation::{
        clock::{Day, Timestamp},
        fields::{Fault, Fields, Input},
        i18n::Locale,
        ids::AccountId,
        problem::FieldError,
    },
    words,
};

words! {
    /// Of which kind the coordinating body is.
    #[schema(as = CoordinationModel)]
    pub enum Model {
        /// A public body.
        Public = "public",
        /// A private one.
        Private = "private",
        /// Public and private together.
        Mixed = "mixed",
    }
}

words! {
    /// A weakness that is known of a kind of coordination.
    #[schema(as = CoordinationWeakness)]
    pub enum Weakness {
        /// What one government begins the next one ends.
        PoliticalSwings = "political_swings",
        /// Firms do not trust it.
        PrivateDistrust = "private_distrust",
        /// It is hard to control, to reward and to punish.
        HardToControl = "hard_to_control",
        /// It is hard to bring about.
        HardToCreate = "hard_to_create",
        /// It is hard to keep alive once its first funds are spent.
        Sustainability = "sustainability",
        /// What was learnt leaves with the people.
        Continuity = "continuity",
    }
}

impl Model {
    /// What is known of it.
    pub const fn weaknesses(self) -> &'static [Weakness] {
        match self {
            Self::Public => &[Weakness::PoliticalSwings, Weakness::PrivateDistrust, Weakness::HardToControl],
            Self::Private => &[Weakness::Continuity, Weakness::Sustainability],
            Self::Mixed => &[Weakness::HardToCreate, Weakness::Sustainability],
        }
    }
}

impl Weakness {
    /// What it is, in words.
    pub fn text(self, locale: Locale) -> String {
        locale.text(match self {
            Self::PoliticalSwings => "weakness-political-swings",
            Self::PrivateDistrust => "weakness-private-distrust",
            Self::HardToControl => "weakness-hard-to-control",
            Self::HardToCreate => "weakness-hard-to-create",
            Self::Sustainability => "weakness-sustainability",
            Self::Continuity => "weakness-continuity",
        })
    }
}

/// How the institution handles a weakness.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = WeaknessAnswer)]
pub struct Handling {
    /// The weakness: one that is known of the kind of coordination.
    pub weakness: Weakness,
    /// How it is handled.
    #[schema(
        example = "El directorio tiene mayoría privada y se renueva por tercios.",
        min_length = 10,
        max_length = 2000
    )]
    pub how: String,
    /// When somebody last looked whether that works: today, by the programme's clocks, or earlier.
    pub reviewed_on: Day,
    /// When somebody will look again.
    pub review_due_on: Option<Day>,
}

/// An answer as far as it can be read: what it is about counts, whatever else is wrong with it.
struct Written {
    weakness: Option<Weakness>,
    handling: Option<Handling>,
}

impl Input for Written {
    fn read(f: &mut Fields) -> Option<Self> {
        let (weakness, how) = (f.required("weakness"), f.text("how", 10..=2_000));
        let (reviewed_on, due) = (f.required::<Day>("reviewed_on"), f.optional::<Day>("review_due_on"));
        if reviewed_on.zip(due.flatten()).is_some_and(|(reviewed, due)| due < reviewed) {
            f.fail("review_due_on", Fault::new("ends-before-start"));
        }
        let whole = weakness.zip(how).zip(reviewed_on).zip(due);
        let handling = whole.map(|(((weakness, how), reviewed_on), review_due_on)| Handling {
            weakness,
            how,
            reviewed_on,
            review_due_on,
        });
        Some(Self { weakness, handling })
    }
}

/// Of which kind coordination is, and how its weaknesses are handled.
#[derive(Clone, PartialEq, Eq, Debug, ToSchema)]
#[schema(as = NewCoordination)]
pub struct NewCoordination {
    /// Of which kind it is.
    pub model: Model,
    /// How weaknesses are handled; those that are left out are not answered yet.
    #[schema(max_items = 10, required = false)]
    pub answers: Vec<Handling>,
}

impl Input for NewCoordination {
    fn read(f: &mut Fields) -> Option<Self> {
        let (model, written) = (f.required::<Model>("model"), f.list::<Written>("answers", 10));
        let written = written?;
        let mut sound = true;
        for (at, answer) in written.iter().enumerate() {
            let Some(weakness) = answer.weakness else { continue };
            let code = if model.is_some_and(|model| !model.weaknesses().contains(&weakness)) {
                "not-a-weakness-of-the-model"
            } else if written[..at].iter().any(|other| other.weakness == Some(weakness)) {
                "twice"
            } else {
                continue;
            };
            f.fail_within("answers", &format!("{at}/weakness"), Fault::new(code));
            sound = false;
        }
        let answers = written.into_iter().map(|answer| answer.handling).collect::<Option<_>>()?;
        let model = model?;
        sound.then_some(Self { model, answers })
    }
}

impl NewCoordination {
    /// What is wrong with it on a day of the programme: nobody has looked on one that is yet to come.
    pub fn faults(&self, today: Day) -> Vec<FieldError> {
        let early = self.answers.iter().enumerate().filter(|(_, answer)| answer.reviewed_on > today);
        early.map(|(at, _)| FieldError::new(format!("/answers/{at}/reviewed_on"), "in-the-future")).collect()
    }
}

/// What is recorded of a programme's coordination.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Coordination {
    /// What was said.
    pub said: NewCoordination,
    /// Who said it.
    pub changed_by: AccountId,
    /// When.
    pub changed_at: Timestamp,
    /// Grows with every change.
    pub version: i64,
}

/// A line of the checklist.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[schema(as = CoordinationCheck)]
pub struct Check {
    /// The weakness.
    pub weakness: Weakness,
    /// What it is, in the caller's language.
    pub text: String,
    /// How it is handled; null: not answered.
    pub how: Option<String>,
    /// When somebody last looked.
    pub reviewed_on: Option<Day>,
    /// When somebody will look again.
    pub review_due_on: Option<Day>,
    /// Whether nobody has looked although it was due.
    pub is_overdue: bool,
}

impl Coordination {
    /// Every weakness of the model, answered or not.
    pub fn checklist(&self, today: Day, locale: Locale) -> Vec<Check> {
        let check = |weakness: &Weakness| {
            let answer = self.said.answers.iter().find(|answer| answer.weakness == *weakness);
            let due = answer.and_then(|answer| answer.review_due_on);
            Check {
                weakness: *weakness,
                text: weakness.text(locale),
                how: answer.map(|answer| answer.how.clone()),
                reviewed_on: answer.map(|answer| answer.reviewed_on),
                review_due_on: due,
                is_overdue: due.is_some_and(|due| due < today),
            }
        };
        self.said.model.weaknesses().iter().map(check).collect()
    }
}
