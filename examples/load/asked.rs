//! What the service asks the database for at a request, and the same once more without the service.

use std::collections::HashSet;

use axum::Router;
use eslabon::foundation::{
    clock::{Clock, Timestamp},
    db::{Asked, Heard},
    ids::Ids,
};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait, Value, Values,
};
use uuid::Uuid;

use crate::{
    Failure,
    endpoints::{Answer, Call, send},
};

/// Microseconds since 1970 from which on a number is a moment: the year 2001.
const MOMENTS_FROM: i64 = 1_000_000_000_000_000;

/// A request as it was overheard.
struct Once {
    key: Uuid,
    at: Timestamp,
    asked: Vec<Asked>,
    answer: Answer,
}

/// What the service asks for at a request, to be asked for again.
pub struct Replay {
    before: Vec<Template>,
    /// In a transaction; `None`: there is none.
    within: Option<Vec<Template>>,
    /// So many ids are made for each request.
    made: usize,
    answer: Answer,
}

/// A statement of which some values are others each time.
struct Template {
    sql: String,
    backend: DbBackend,
    pieces: Vec<Piece>,
    has_rows: bool,
}

enum Piece {
    Same(Value),
    /// One of the ids that are made.
    Id(usize),
    /// A moment, so many microseconds after the request.
    Moment(i64),
    /// A text in which ids stand that are made.
    Text(Vec<Part>),
    /// So many hexadecimal digits, which stand for hashes: nobody looks whether they are right.
    Digits(usize),
}

enum Part {
    Same(String),
    Id(usize),
}

/// Overhears a request. The first one says that its token is in use, which the next ones need not; by the two after that
/// it is known which values are others each time.
pub async fn record(router: &Router, heard: &Heard, call: &Call) -> Result<Replay, Failure> {
    overhear(router, heard, call).await?;
    match twice(router, heard, call).await {
        Ok(replay) => Ok(replay),
        // The minute may have been over for which that holds.
        Err(_) => twice(router, heard, call).await,
    }
}

async fn twice(router: &Router, heard: &Heard, call: &Call) -> Result<Replay, Failure> {
    let one = overhear(router, heard, call).await?;
    let other = overhear(router, heard, call).await?;
    Replay::of(one, &other)
}

async fn overhear(router: &Router, heard: &Heard, call: &Call) -> Result<Once, Failure> {
    let at = Clock::System.now();
    let key = Ids::system().new_id(at);
    heard.take();
    let answer = send(router, call, key).await?;
    if !answer.status.is_success() {
        return Err(format!("{} {}", answer.status, String::from_utf8_lossy(&answer.body)).into());
    }
    Ok(Once { key, at, asked: heard.take(), answer })
}

fn values(statement: &Statement) -> &[Value] {
    match &statement.values {
        Some(values) => &values.0,
        None => &[],
    }
}

/// The ids among the values.
fn ids(asked: &[Asked]) -> Vec<Uuid> {
    let statements = asked.iter().filter_map(|asked| match asked {
        Asked::Statement(statement) => Some(statement),
        Asked::Begin => None,
    });
    let ids = statements.flat_map(values).filter_map(|value| match value {
        Value::Uuid(id) => *id,
        _ => None,
    });
    ids.collect()
}

impl Replay {
    fn of(one: Once, other: &Once) -> Result<Self, Failure> {
        if one.asked.len() != other.asked.len() {
            return Err("it does not ask for the same twice".into());
        }
        // What the other request does not know was made for this one.
        let known: HashSet<Uuid> = ids(&other.asked).into_iter().collect();
        let mut made = vec![one.key];
        for id in ids(&one.asked) {
            if !known.contains(&id) && !made.contains(&id) {
                made.push(id);
            }
        }
        let (mut before, mut within) = (Vec::new(), None::<Vec<Template>>);
        for (asked, again) in one.asked.iter().zip(&other.asked) {
            match (asked, again) {
                (Asked::Begin, Asked::Begin) if within.is_none() => within = Some(Vec::new()),
                (Asked::Statement(asked), Asked::Statement(again)) => {
                    let template = Template::of(asked, again, &made, one.at)?;
                    within.as_mut().unwrap_or(&mut before).push(template);
                }
                _ => return Err("its transactions can't be told from each other".into()),
            }
        }
        Ok(Self { before, within, made: made.len(), answer: one.answer })
    }

    /// How many statements there are.
    pub fn statements(&self) -> usize {
        self.before.len() + self.within.as_ref().map_or(0, Vec::len)
    }

    /// What the service answered.
    pub const fn answer(&self) -> &Answer {
        &self.answer
    }

    /// Asks for all of it again.
    pub async fn play(&self, db: &DatabaseConnection, ids: &Ids) -> Result<(), DbErr> {
        let now = Clock::System.now();
        let made: Vec<Uuid> = (0..self.made).map(|_| ids.new_id(now)).collect();
        for template in &self.before {
            template.ask(db, &made, ids, now).await?;
        }
        if let Some(within) = &self.within {
            let transaction = begin(db).await?;
            for template in within {
                template.ask(&transaction, &made, ids, now).await?;
            }
            transaction.commit().await?;
        }
        Ok(())
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "what is measured beside the service begins writes as the service does"
)]
async fn begin(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    db.begin_with_options(options).await
}

impl Template {
    fn of(one: &Statement, other: &Statement, made: &[Uuid], at: Timestamp) -> Result<Self, Failure> {
        if one.sql != other.sql || values(one).len() != values(other).len() {
            return Err(format!("it asks for something else the second time: {}", one.sql).into());
        }
        let pairs = values(one).iter().zip(values(other));
        let pieces: Result<Vec<_>, Failure> =
            pairs.map(|(one, other)| Piece::of(one, other, made, at)).collect();
        let has_rows = ["SELECT", "WITH"].iter().any(|word| one.sql.starts_with(word));
        let has_rows = has_rows || one.sql.contains(" RETURNING ");
        Ok(Self { sql: one.sql.clone(), backend: one.db_backend, pieces: pieces?, has_rows })
    }

    async fn ask(
        &self,
        db: &impl ConnectionTrait,
        made: &[Uuid],
        ids: &Ids,
        now: Timestamp,
    ) -> Result<(), DbErr> {
        let values = self.pieces.iter().map(|piece| piece.value(made, ids, now)).collect();
        let statement =
            Statement { sql: self.sql.clone(), values: Some(Values(values)), db_backend: self.backend };
        if self.has_rows {
            db.query_all_raw(statement).await.map(drop)
        } else {
            db.execute_raw(statement).await.map(drop)
        }
    }
}

impl Piece {
    fn of(one: &Value, other: &Value, made: &[Uuid], at: Timestamp) -> Result<Self, Failure> {
        if one == other {
            return Ok(Self::Same(one.clone()));
        }
        match (one, other) {
            (Value::Uuid(Some(id)), Value::Uuid(_)) => {
                let place = made.iter().position(|other| other == id);
                Ok(place.map_or_else(|| Self::Same(one.clone()), Self::Id))
            }
            (Value::BigInt(Some(moment)), Value::BigInt(Some(again)))
                if *moment > MOMENTS_FROM && *again > MOMENTS_FROM =>
            {
                Ok(Self::Moment(moment - at.micros()))
            }
            (Value::String(Some(text)), Value::String(Some(again))) => Ok(Self::of_text(text, again, made)),
            _ => Err(format!("nobody knows what comes after {one:?} and {other:?}").into()),
        }
    }

    /// A text that is another one the second time: for the ids in it, for a moment that stays as it is, or as a hash.
    fn of_text(text: &str, again: &str, made: &[Uuid]) -> Self {
        let is_hash = |text: &str| text.len() >= 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if text.len() == again.len() && is_hash(text) && is_hash(again) {
            return Self::Digits(text.len());
        }
        let written: Vec<_> = made.iter().map(Uuid::to_string).collect();
        let (mut parts, mut rest) = (Vec::new(), text);
        loop {
            let found = written.iter().enumerate().filter_map(|(place, id)| Some((rest.find(id)?, place)));
            let Some((at, place)) = found.min() else {
                parts.push(Part::Same(rest.to_owned()));
                return Self::Text(parts);
            };
            parts.extend([Part::Same(rest[..at].to_owned()), Part::Id(place)]);
            rest = &rest[at + written[place].len()..];
        }
    }

    fn value(&self, made: &[Uuid], ids: &Ids, now: Timestamp) -> Value {
        match self {
            Self::Same(value) => value.clone(),
            Self::Id(place) => made[*place].into(),
            Self::Moment(after) => (now.micros() + after).into(),
            Self::Text(parts) => {
                let said = parts.iter().map(|part| match part {
                    Part::Same(text) => text.clone(),
                    Part::Id(place) => made[*place].to_string(),
                });
                said.collect::<String>().into()
            }
            Self::Digits(length) => {
                let mut digits = ids.secret();
                while digits.len() < *length {
                    digits += &ids.secret();
                }
                digits.truncate(*length);
                digits.into()
            }
        }
    }
}
