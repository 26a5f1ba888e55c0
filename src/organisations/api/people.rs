//! People, their memberships and their tokens.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::firms::OrganisationJson;
use crate::{
    foundation::{
        Base,
        access::{May, Role},
        clock::Timestamp,
        db::Once,
        http::{Address, Body, IfVersion, Key, Reply, etag},
        i18n::Locale,
        ids::{AccountId, TokenId},
        problem::Problem,
    },
    organisations::{
        Account, AddMember, ChangeMember, CreateToken, Credentials, ListMembers, ListTokens, Member,
        NewMember, RevokeToken, RoleChange, Token, WhoAmI, auth, password, store,
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(me))
        .routes(routes!(list_members, add_member))
        .routes(routes!(change_member))
        .routes(routes!(create_token, list_tokens))
        .routes(routes!(revoke_token))
}

/// A person to give an account.
#[derive(ToSchema)]
#[schema(as = NewPerson)]
#[expect(dead_code, reason = "describes what `NewPerson` reads")]
pub(super) struct NewPersonJson {
    #[schema(example = "ana@andes.example")]
    email: String,
    #[schema(example = "Ana Rojas")]
    name: String,
    /// At least ten characters.
    password: String,
    locale: Option<Locale>,
}

/// A person's account.
#[derive(Serialize, ToSchema)]
#[schema(as = Account)]
struct AccountJson {
    id: AccountId,
    email: String,
    name: String,
    locale: Locale,
}

impl From<Account> for AccountJson {
    fn from(a: Account) -> Self {
        Self { id: a.id, email: a.email, name: a.name, locale: a.locale }
    }
}

/// Who one is, and for which organisation one acts.
#[derive(Serialize, ToSchema)]
struct Me {
    account: AccountJson,
    role: Role,
    organisation: OrganisationJson,
}

/// Says who one is.
#[utoipa::path(
    get, path = "/me", operation_id = "accounts_me", tag = "organisations", responses((status = OK, body = Me))
)]
async fn me(State(base): State<Base>, may: May<WhoAmI>) -> Result<Reply, Problem> {
    let (db, actor) = (base.db.reads(), may.actor());
    let account = store::people::own_account(db, actor).await?;
    let organisation = store::firms::find(db, actor, actor.organisation).await?;
    Reply::ok(&Me { account: account.into(), role: actor.role, organisation: organisation.into() })
}

/// A member of an organisation.
#[derive(Serialize, ToSchema)]
#[schema(as = Member)]
pub(super) struct MemberJson {
    account: AccountJson,
    role: Role,
    etag: String,
}

impl From<Member> for MemberJson {
    fn from(m: Member) -> Self {
        Self { account: m.account.into(), role: m.role, etag: etag(m.version) }
    }
}

/// The members of an organisation.
#[derive(Serialize, ToSchema)]
struct Members {
    items: Vec<MemberJson>,
}

/// Lists the members of one's organisation.
#[utoipa::path(
    get, path = "/members", operation_id = "members_list", tag = "organisations",
    responses((status = OK, body = Members))
)]
async fn list_members(State(base): State<Base>, may: May<ListMembers>) -> Result<Reply, Problem> {
    let members = store::people::members(base.db.reads(), may.actor()).await?;
    Reply::ok(&Members { items: members.into_iter().map(MemberJson::from).collect() })
}

/// A person to add to an organisation.
#[derive(ToSchema)]
#[schema(as = NewMember)]
#[expect(dead_code, reason = "describes what `NewMember` reads")]
struct NewMemberJson {
    email: String,
    name: String,
    /// At least ten characters; the person should change it.
    password: String,
    locale: Option<Locale>,
    role: Role,
}

/// Adds a person to one's organisation.
#[utoipa::path(
    post, path = "/members", operation_id = "members_add", tag = "organisations", request_body = NewMemberJson,
    responses((status = CREATED, body = MemberJson))
)]
async fn add_member(
    State(base): State<Base>,
    may: May<AddMember>,
    Body { value, once }: Body<NewMember>,
) -> Result<Reply, Problem> {
    let hash = password::hash(value.person.password.clone(), &base.ids).await?;
    base.write(may, once, async |w| {
        let organisation = store::firms::find(w.db(), w.actor(), w.actor().organisation).await?;
        let account = store::people::open_account(&w, &value.person, hash).await?;
        let member =
            store::people::join(&w, organisation.id, organisation.kind, &account, value.role).await?;
        let version = member.version;
        let reply = Reply::created("/api/v1/members", &MemberJson::from(member))?.version(version);
        Ok(w.done(reply))
    })
    .await
}

/// A member's new role.
#[derive(ToSchema)]
#[schema(as = RoleChange)]
#[expect(dead_code, reason = "describes what `RoleChange` reads")]
struct RoleChangeJson {
    role: Role,
}

/// Changes a member's role.
#[utoipa::path(
    put, path = "/members/{account}/role", operation_id = "members_change", tag = "organisations",
    params(("account" = AccountId, Path), ("If-Match" = String, Header)), request_body = RoleChangeJson,
    responses((status = OK, body = MemberJson))
)]
async fn change_member(
    State(base): State<Base>,
    may: May<ChangeMember>,
    Key(account): Key<AccountId>,
    version: IfVersion,
    Body { value, .. }: Body<RoleChange>,
) -> Result<Reply, Problem> {
    base.write(may, Once::never(), async |w| {
        let member = store::people::change_role(&w, account, version, value.role).await?;
        let version = member.version;
        let reply = Reply::ok(&MemberJson::from(member))?.version(version);
        Ok(w.done(reply))
    })
    .await
}

/// E-mail and password.
#[derive(ToSchema)]
#[schema(as = Credentials)]
#[expect(dead_code, reason = "describes what `Credentials` reads")]
struct CredentialsJson {
    #[schema(example = "ana@andes.example")]
    email: String,
    password: String,
    /// Needed by members of several organisations.
    organisation: Option<crate::foundation::ids::OrganisationId>,
    /// What to call the token.
    name: Option<String>,
    /// A code of the second factor, or a recovery code, where the account has one.
    #[schema(example = "123456")]
    code: Option<String>,
}

/// An API token, without its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = Token)]
struct TokenJson {
    id: TokenId,
    name: String,
    created_at: Timestamp,
    expires_at: Timestamp,
    revoked_at: Option<Timestamp>,
    /// From which address it was asked for.
    made_from: Option<String>,
    /// When it was used last, to a quarter of an hour.
    used_at: Option<Timestamp>,
    /// From which address, then.
    used_from: Option<String>,
}

impl From<Token> for TokenJson {
    fn from(t: Token) -> Self {
        let Token { id, name, created_at, expires_at, revoked_at, made_from, used_at, used_from } = t;
        Self { id, name, created_at, expires_at, revoked_at, made_from, used_at, used_from }
    }
}

/// A new API token with its secret.
#[derive(Serialize, ToSchema)]
struct NewToken {
    token: TokenJson,
    /// Goes into `Authorization: Bearer …`. Shown this once.
    secret: String,
}

/// Exchanges e-mail and password for an API token; with a code where the account has a second factor.
#[utoipa::path(
    post, path = "/tokens", operation_id = "tokens_create", tag = "organisations", request_body = CredentialsJson,
    responses((status = CREATED, body = NewToken)), security(())
)]
async fn create_token(
    State(base): State<Base>,
    may: May<CreateToken>,
    from: Address,
    Body { value, once }: Body<Credentials>,
) -> Result<Reply, Problem> {
    let (name, code) = (value.name.clone(), value.code.clone());
    let (account, actor) = auth::log_in(&base, may.actor(), value, from).await?;
    let done = base.write(actor.may::<CreateToken>()?, once, async |w| {
        // Somebody may have replaced the password since it was checked.
        if !store::people::has_password_of(w.db(), w.actor(), account.id, account.password_at).await? {
            return Err(Problem::unauthenticated());
        }
        store::second_factor::demand(&w, account.id, code.as_deref()).await?;
        let (token, secret) =
            store::people::create_token(&w, account.id, actor.organisation, name, from).await?;
        let reply = Reply::created("/api/v1/tokens", &NewToken { token: token.into(), secret })?.secret();
        Ok(w.done(reply))
    });
    if code.is_some() { auth::with_code(&base, (account.id, from), done).await } else { done.await }
}

/// One's API tokens.
#[derive(Serialize, ToSchema)]
struct Tokens {
    items: Vec<TokenJson>,
}

/// Lists one's API tokens.
#[utoipa::path(
    get, path = "/tokens", operation_id = "tokens_list", tag = "organisations", responses((status = OK, body = Tokens))
)]
async fn list_tokens(State(base): State<Base>, may: May<ListTokens>) -> Result<Reply, Problem> {
    let tokens = store::people::tokens(base.db.reads(), may.actor()).await?;
    Reply::ok(&Tokens { items: tokens.into_iter().map(TokenJson::from).collect() })
}

/// Revokes one of one's API tokens.
#[utoipa::path(
    delete, path = "/tokens/{id}", operation_id = "tokens_revoke", tag = "organisations",
    params(("id" = TokenId, Path)), responses((status = NO_CONTENT))
)]
async fn revoke_token(
    State(base): State<Base>,
    may: May<RevokeToken>,
    Key(id): Key<TokenId>,
) -> Result<Reply, Problem> {
    base.write(may, Once::never(), async |w| {
        store::people::revoke_token(&w, id).await?;
        Ok(w.done(Reply::no_content()))
    })
    .await
}
