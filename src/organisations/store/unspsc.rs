//! The names of UNSPSC codes.

use std::collections::BTreeMap;

use sea_orm::{
    QueryOrder, Set,
    entity::prelude::*,
    sea_query::{ExprTrait, OnConflict},
};
use serde_json::json;

use crate::{
    foundation::{
        access::Actor,
        db::{Write, beginning, holding},
        http::list::Page,
        i18n::Locale,
        problem::Problem,
    },
    organisations::unspsc::{Named, Search, broader, folded, is_code, prefix},
};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "unspsc_codes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub code: String,
        pub name_es: Option<String>,
        pub name_en: Option<String>,
        pub folded: String,
    }

    crate::unrelated!();
}

/// How many rows go into one statement.
const AT_ONCE: usize = 500;

/// One of those who write names at a time.
const NAMES: i64 = 0x756e_7370_7363;

/// Loads names in one language; a code that has a name in it gets the new one. How many there were.
///
/// # Errors
/// What the database said.
pub async fn load(w: &Write, locale: Locale, names: &BTreeMap<String, String>) -> Result<usize, Problem> {
    w.alone(NAMES).await?;
    let names: Vec<(&String, &String)> = names.iter().collect();
    for chunk in names.chunks(AT_ONCE) {
        let known = known(w, chunk).await?;
        write(w, locale, chunk, &known).await?;
    }
    let details = json!({ "locale": locale, "codes": names.len() });
    w.record("unspsc", w.actor().organisation, &details).await?;
    Ok(names.len())
}

/// What became of names that were added.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Added {
    /// Codes that have a name now, and had none in this language.
    pub created: usize,
    /// Codes that had this name.
    pub unchanged: usize,
    /// Codes that have another name, which they keep, each with that name.
    pub kept: Vec<(String, String)>,
}

/// Adds names in one language to the codes that have none in it.
///
/// # Errors
/// What the database said.
pub async fn add(w: &Write, locale: Locale, names: &BTreeMap<String, String>) -> Result<Added, Problem> {
    w.alone(NAMES).await?;
    let names: Vec<(&String, &String)> = names.iter().collect();
    let mut added = Added::default();
    for chunk in names.chunks(AT_ONCE) {
        let known = known(w, chunk).await?;
        let mut fresh = Vec::new();
        for (code, name) in chunk {
            let present = known.get(*code).and_then(|row| match locale {
                Locale::Es => row.name_es.as_ref(),
                Locale::En => row.name_en.as_ref(),
            });
            match present {
                None => fresh.push((*code, *name)),
                Some(present) if present == *name => added.unchanged += 1,
                Some(present) => added.kept.push(((*code).clone(), present.clone())),
            }
        }
        if !fresh.is_empty() {
            write(w, locale, &fresh, &known).await?;
        }
        added.created += fresh.len();
    }
    let details = json!({ "locale": locale, "created": added.created, "unchanged": added.unchanged, "kept": added.kept.len() });
    w.record("unspsc", w.actor().organisation, &details).await?;
    Ok(added)
}

/// What is there of these codes.
async fn known(w: &Write, names: &[(&String, &String)]) -> Result<BTreeMap<String, entity::Model>, Problem> {
    let codes = names.iter().map(|(code, _)| *code);
    let rows = entity::Entity::find().filter(entity::Column::Code.is_in(codes)).all(w.db()).await?;
    Ok(rows.into_iter().map(|row| (row.code.clone(), row)).collect())
}

/// Writes names in one language, and leaves those in the other as they are.
async fn write(
    w: &Write,
    locale: Locale,
    names: &[(&String, &String)],
    known: &BTreeMap<String, entity::Model>,
) -> Result<(), Problem> {
    let rows = names.iter().map(|(code, name)| {
        let before = known.get(*code).map(|row| (row.name_es.clone(), row.name_en.clone()));
        let (es, en) = before.unwrap_or_default();
        let (es, en) = match locale {
            Locale::Es => (Some((*name).clone()), en),
            Locale::En => (es, Some((*name).clone())),
        };
        let both = format!("{} {}", es.as_deref().unwrap_or_default(), en.as_deref().unwrap_or_default());
        entity::ActiveModel {
            id: Set(Uuid::from_u128(code.parse().unwrap_or_default())),
            code: Set((*code).clone()),
            folded: Set(folded(both.trim())),
            name_es: Set(es),
            name_en: Set(en),
        }
    });
    let columns = [entity::Column::NameEs, entity::Column::NameEn, entity::Column::Folded];
    entity::Entity::insert_many(rows)
        .on_conflict(OnConflict::column(entity::Column::Id).update_columns(columns).to_owned())
        .exec_without_returning(w.db())
        .await?;
    Ok(())
}

/// The codes whose names have all the words, by code.
///
/// # Errors
/// 422 for a cursor of another list.
pub async fn list(db: &impl ConnectionTrait, actor: &Actor, search: &Search) -> Result<Page<Named>, Problem> {
    let mut query = entity::Entity::find();
    for word in &search.words {
        let named = entity::Column::Folded.like(holding(word));
        query = query.filter(named.or(entity::Column::Code.like(beginning(word))));
    }
    if let Some(within) = &search.within {
        query = query.filter(entity::Column::Code.starts_with(prefix(within)));
    }
    let filters = (&search.words, &search.within);
    let page = search.window.fetch(actor, query, entity::Column::Id, |row| row.id, &filters, db).await?;
    Ok(page.map(Named::from))
}

/// A code, with what it belongs to, widest first, as far as that has names.
///
/// # Errors
/// 404 for a code without a name.
pub async fn find(db: &impl ConnectionTrait, _: &Actor, code: &str) -> Result<(Named, Vec<Named>), Problem> {
    if !is_code(code) {
        return Err(Problem::not_found());
    }
    let mut codes = broader(code);
    codes.push(code.to_owned());
    let rows = entity::Entity::find()
        .filter(entity::Column::Code.is_in(codes))
        .order_by_asc(entity::Column::Id)
        .all(db)
        .await?;
    let (own, wider): (Vec<_>, Vec<_>) =
        rows.into_iter().map(Named::from).partition(|named| named.code == code);
    let own = own.into_iter().next().ok_or_else(Problem::not_found)?;
    Ok((own, wider))
}

impl From<entity::Model> for Named {
    fn from(row: entity::Model) -> Self {
        Self { code: row.code, es: row.name_es, en: row.name_en }
    }
}
