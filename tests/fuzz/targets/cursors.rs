//! Any bytes as a request: the address with its query on the first line, headers on the following ones, and after an empty
//! line the body. It goes to the service, which is asked to show something, or, where the path begins with
//! `/api/readers/`, to handlers that do nothing but read it. Whatever comes, it is not the service that is at fault.
//!
//! What nobody guesses is put in here: a token for `TOKEN`, and for what stands in the address between `<` and `>` a
//! cursor with that JSON, in which `FILTER` stands for the hash of the list of organisations.

#![no_main]

use std::{
    env,
    net::IpAddr,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri, header},
    middleware,
    routing::post,
};
use clap::{Args, FromArgMatches};
use eslabon::{
    app,
    foundation::{
        Base,
        access::{Actor, Kind, Role},
        clock::Clock,
        config::Config,
        db::Db,
        fields::Reason,
        http::{
            self, Address, IfVersion, Key, Params, Reply, Upload, etag,
            list::{CURSOR_LENGTH, Window},
            problem_response, protect,
        },
        i18n::Locale,
        ids::{Ids, OrganisationId},
        page::{Form, is_local},
        problem::Problem,
    },
    notices,
    organisations::{NewOrganisation, NewPerson, Register, auth, store, tax_id::TaxId},
};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;
use uuid::Uuid;

/// A list with several pages, and another one.
const LIST: &str = "/api/v1/organisations";
const OTHER_LIST: &str = "/api/v1/buyer-groups";
const READERS: &str = "/api/readers/";

/// The service on a database of its own, with an institution that sees some lead firms.
struct World {
    runtime: Runtime,
    service: Router,
    readers: Router,
    /// Of the institution's administrator.
    token: String,
    /// The hash that cursors of the list of organisations carry.
    filter: String,
}

/// An answer.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

static WORLD: LazyLock<Mutex<World>> = LazyLock::new(|| Mutex::new(World::new()));

async fn base() -> Base {
    let folder = env::temp_dir().join(format!("eslabon-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    let within = |name: &str| folder.join(name).display().to_string();
    let url = format!("sqlite:{}", within("cursors.sqlite"));
    let (evidence, mail, audit) = (within("evidence"), within("mail"), within("audit"));
    let matches = Config::augment_args(clap::Command::new("cursors")).get_matches_from([
        "cursors",
        "--database-url",
        &url,
        "--evidence-dir",
        &evidence,
        "--mail-dir",
        &mail,
        "--audit-dir",
        &audit,
        "--client-address-header",
        "x-forwarded-for",
        "--limit-writes",
        "0",
    ]);
    let config = Arc::new(Config::from_arg_matches(&matches).expect("the settings are right"));
    let db = Db::connect(&url).await.expect("the database can be made");
    db.migrate().await.expect("its tables can be made");
    let clock = Clock::manual("2026-03-02T14:00:00Z".parse().expect("a moment"));
    let base = Base::new(db, clock, config, notices::TOLD).expect("letters go into a folder");
    Base { ids: Ids::seeded(7), ..base }
}

/// Some lead firms, which everybody sees, and an institution, of whose administrator this is a token.
async fn people(base: &Base) -> Result<String, Problem> {
    let operator = Actor::system(OrganisationId(Uuid::nil()));
    let kinds = [Kind::LeadFirm, Kind::LeadFirm, Kind::LeadFirm, Kind::Institution];
    let mut last = None;
    for (number, kind) in (1..).zip(kinds) {
        let tax_id = TaxId {
            country: "NI".parse().expect("a country"),
            number: format!("J03100000{number:05}"),
            confirmed: false,
        };
        let new = NewOrganisation { kind, name: format!("Organización {number}"), tax_id };
        let registered = base.transact(operator.may::<Register>()?, async |w| {
            let organisation = store::firms::register(&w, new).await?;
            Ok(w.done(organisation))
        });
        last = Some(registered.await?.id);
    }
    let organisation = last.ok_or_else(Problem::not_found)?;
    let person = NewPerson {
        email: "ana@example.com".to_owned(),
        name: "Ana".to_owned(),
        password: "nobody logs in with it".to_owned(),
        locale: Locale::Es,
    };
    let operator = Actor::system(organisation);
    base.transact(operator.may::<Register>()?, async |w| {
        let account = store::people::open_account(&w, &person, "none".to_owned()).await?;
        let role = Role::InstitutionAdministrator;
        store::people::join(&w, organisation, Kind::Institution, &account, role).await?;
        let name = "fuzz".to_owned();
        let (_, secret) =
            store::people::create_token(&w, account.id, organisation, name, Address::default()).await?;
        Ok(w.done(secret))
    })
    .await
}

async fn read_body(body: http::Body<Reason>) -> Result<Reply, Problem> {
    Reply::ok(&body.value.reason)
}

async fn read_upload(upload: Upload) -> Result<Reply, Problem> {
    Reply::ok(&upload.bytes.len())
}

async fn read_form(form: Form<Reason>) -> Result<Reply, Problem> {
    let version = form.version()?;
    let reason = form.value?;
    Ok(Reply::ok(&reason.reason)?.version(version.0))
}

async fn read_list(Params(window): Params<Window>) -> Result<Reply, Problem> {
    Reply::ok(&format!("{window:?}"))
}

async fn read_version(version: IfVersion) -> Result<Reply, Problem> {
    Ok(Reply::ok(&version.0)?.version(version.0))
}

async fn read_address(address: Address) -> Result<Reply, Problem> {
    Reply::ok(&(address.to_string(), address.network()))
}

async fn read_key(Key(id): Key<OrganisationId>) -> Result<Reply, Problem> {
    Reply::ok(&id)
}

async fn read_language(locale: Locale) -> Result<Reply, Problem> {
    Reply::ok(&locale)
}

/// Handlers that read a request and tell what they have read.
fn readers(base: &Base) -> Router {
    let router: Router<Base> = Router::new()
        .route("/api/readers/body", post(read_body))
        .route("/api/readers/upload", post(read_upload))
        .route("/api/readers/form", post(read_form))
        .route("/api/readers/list", post(read_list))
        .route("/api/readers/version", post(read_version))
        .route("/api/readers/address", post(read_address))
        .route("/api/readers/key/{id}", post(read_key))
        .route("/api/readers/language", post(read_language))
        .layer(middleware::from_fn_with_state(base.clone(), auth::by_token));
    protect(router, base, problem_response).with_state(base.clone())
}

impl World {
    fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime can be made");
        let (base, token) = runtime.block_on(async {
            let base = base().await;
            let token = people(&base).await.expect("people can be written");
            (base, token)
        });
        let (service, readers) = (app::router(&base), readers(&base));
        let mut world = Self { runtime, service, readers, token, filter: String::new() };
        let bearer = HeaderValue::from_str(&format!("Bearer {}", world.token));
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, bearer.expect("a token is a header"));
        let first: Uri = format!("{LIST}?limit=1").parse().expect("an address");
        let page = world.ask(&first, &headers, &[]).json();
        let cursor = page["next"].as_str().expect("there are several");
        let cursor: Value =
            serde_json::from_slice(&hex::decode(cursor).expect("hexadecimal digits")).expect("JSON");
        world.filter = cursor["f"].as_str().expect("a cursor is of a list").to_owned();
        world
    }

    /// Asks the service to show something, or the readers to read something.
    fn ask(&self, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Answer {
        let is_read = uri.path().starts_with(READERS);
        let (router, method) =
            if is_read { (&self.readers, Method::POST) } else { (&self.service, Method::GET) };
        let mut request = Request::new(Body::from(body.to_vec()));
        *request.method_mut() = method;
        *request.uri_mut() = uri.clone();
        *request.headers_mut() = headers.clone();
        self.runtime.block_on(async {
            let response = match router.clone().oneshot(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            };
            let (parts, body) = response.into_parts();
            let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
            // A stream lasts for as long as somebody listens.
            let is_stream = kind.is_some_and(|kind| kind.starts_with("text/event-stream"));
            let body = if is_stream { Vec::new() } else { bytes(body).await };
            Answer { status: parts.status, headers: parts.headers, body }
        })
    }

    /// What stands between < and > as a cursor holds it.
    fn hidden(&self, address: &str) -> String {
        let split = address.split_once('<');
        let split = split.and_then(|(before, rest)| Some((before, rest.split_once('>')?)));
        let Some((before, (json, after))) = split else { return address.to_owned() };
        let cursor = hex::encode(json.replace("FILTER", &self.filter));
        format!("{before}{cursor}{after}")
    }

    /// A header of a line.
    fn header(&self, line: &[u8]) -> Option<(HeaderName, HeaderValue)> {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        let value = match std::str::from_utf8(value) {
            Ok(text) => HeaderValue::from_str(&text.replace("TOKEN", &self.token)),
            Err(_) => HeaderValue::from_bytes(value),
        };
        Some((HeaderName::from_bytes(name).ok()?, value.ok()?))
    }

    /// A page's cursors lead on in the list that it is of, and nowhere in another.
    fn check_page(&self, uri: &Uri, headers: &HeaderMap, page: &Value) {
        for cursor in ["next", "prev"].into_iter().filter_map(|name| page[name].as_str()) {
            assert!(cursor.len() <= CURSOR_LENGTH, "{cursor}");
            let query = uri.query().unwrap_or_default();
            let others = url::form_urlencoded::parse(query.as_bytes())
                .filter(|(name, _)| name != "cursor" && name != "format");
            let query = url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs(others)
                .append_pair("cursor", cursor)
                .finish();
            let here: Uri = format!("{LIST}?{query}").parse().expect("an address");
            let onward = self.ask(&here, headers, &[]);
            assert_eq!(onward.status, StatusCode::OK, "{here}: {}", onward.shown());
            let there: Uri = format!("{OTHER_LIST}?cursor={cursor}").parse().expect("an address");
            assert!(self.ask(&there, headers, &[]).status.is_client_error(), "{there}");
        }
    }
}

async fn bytes(body: Body) -> Vec<u8> {
    to_bytes(body, usize::MAX).await.expect("an answer can be read").to_vec()
}

impl Answer {
    fn is_of(&self, kind: &str) -> bool {
        let own = self.headers.get(header::CONTENT_TYPE).and_then(|own| own.to_str().ok());
        own.is_some_and(|own| own == kind)
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("it says that it is JSON")
    }

    fn shown(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Whatever was asked: the request has an id that is fit for a log, no fault is the service's, and a program is told
    /// of its own.
    fn check(&self, uri: &Uri) {
        let id = self.headers.get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or_default();
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        assert!((8..=64).contains(&id.len()) && id.bytes().all(is_plain), "{id:?}");
        assert!(!self.status.is_server_error(), "{uri}: {} {}", self.status, self.shown());
        let is_api = uri.path().strip_prefix("/api/").is_some_and(|rest| !rest.is_empty());
        if self.status.is_client_error() && is_api {
            assert!(self.is_of("application/problem+json"), "{uri}: {:?}", self.headers);
            let problem = self.json();
            assert_eq!(problem["status"], self.status.as_u16());
            assert!(problem["code"].is_string() && problem["detail"].is_string(), "{problem}");
        }
    }
}

/// What was read says the same when it is sent back.
fn check_reading(world: &World, uri: &Uri, headers: &HeaderMap, answer: &Answer) {
    match uri.path() {
        "/api/readers/version" => {
            let tag = answer.headers[header::ETAG].clone();
            let version = answer.json().as_i64().expect("a version is a number");
            assert_eq!(tag.to_str().ok(), Some(etag(version).as_str()));
            let mut headers = headers.clone();
            headers.insert(header::IF_MATCH, tag);
            assert_eq!(world.ask(uri, &headers, &[]).json(), answer.json());
        }
        "/api/readers/address" => {
            let read = answer.json();
            let address = read[0].as_str().expect("an address is a text");
            assert!(address.is_empty() || address.parse::<IpAddr>().is_ok(), "{address}");
            assert_eq!(address.is_empty(), read[1].is_null(), "{read}");
        }
        _ => {}
    }
}

/// What is taken for an address on this site is one for browsers too.
fn check_local(text: &str) {
    if is_local(text) {
        let site = url::Url::parse("https://eslabon.example/programmes").expect("an address");
        let there = site.join(text).expect("it leads somewhere");
        assert_eq!(there.origin(), site.origin(), "{text:?}");
    }
}

fuzz_target!(
    init: drop(WORLD.lock()),
    |bytes: &[u8]| {
        let world = WORLD.lock().unwrap_or_else(PoisonError::into_inner);
        let end = bytes.windows(2).position(|pair| pair == b"\n\n");
        let (head, body) = match end {
            Some(at) => (&bytes[..at], &bytes[at + 2..]),
            None => (bytes, &bytes[bytes.len()..]),
        };
        let mut lines = head.split(|byte| *byte == b'\n');
        let Ok(address) = std::str::from_utf8(lines.next().unwrap_or_default()) else { return };
        check_local(address);
        let Ok(uri) = world.hidden(address).parse::<Uri>() else { return };
        if !uri.path().starts_with('/') {
            return;
        }
        let mut headers = HeaderMap::new();
        for (name, value) in lines.filter_map(|line| world.header(line)) {
            headers.append(name, value);
        }
        let answer = world.ask(&uri, &headers, body);
        answer.check(&uri);
        if answer.status != StatusCode::OK {
            return;
        }
        if uri.path().starts_with(READERS) {
            check_reading(&world, &uri, &headers, &answer);
        } else if uri.path() == LIST && answer.is_of("application/json") {
            world.check_page(&uri, &headers, &answer.json());
        }
    }
);
