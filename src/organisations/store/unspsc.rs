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

/// Loads names in one language; a code that has a name in it gets the new one. How many there were.
///
/// # Errors
/// What the database said.
pub async fn load(w: &Write, locale: Locale, names: &BTreeMap<String, String>) -> Result<usize, Problem> {
    let names: Vec<(&String, &String)> = names.iter().collect();
    for chunk in names.chunks(AT_ONCE) {
        let codes = chunk.iter().map(|(code, _)| *code);
        let known = entity::Entity::find().filter(entity::Column::Code.is_in(codes)).all(w.db()).await?;
        let mut known: BTreeMap<String, entity::Model> =
            known.into_iter().map(|row| (row.code.clone(), row)).collect();
        let rows = chunk.iter().map(|(code, name)| {
            let before = known.remove(*code);
            let (es, en) = before.map_or((None, None), |row| (row.name_es, row.name_en));
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
    }
    let details = json!({ "locale": locale, "codes": names.len() });
    w.record("unspsc", w.actor().organisation, &details).await?;
    Ok(names.len())
}

/// The codes whose names have all the words, by code.
///
/// # Errors
/// 400 for a cursor of another list.
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
