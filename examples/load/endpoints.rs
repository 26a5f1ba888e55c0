//! Which endpoints are measured, who asks them, and for what.

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    http::{Method, Request, StatusCode, header},
};
use eslabon::foundation::{clock::Clock, ids::Ids};
use serde_json::{Value, json};
use tower::ServiceExt;
use uuid::Uuid;

use crate::Failure;

/// People of the demo, and everybody's password there.
const OFFICER: &str = "oscar@fomento.example";
const LEAD_FIRMS: [&str; 3] = ["luis@conservas.example", "sofia@pesquera.example", "jorge@minera.example"];
const PASSWORD: &str = "eslabon-demo";
/// So many of its suppliers ask.
const SUPPLIERS: usize = 8;
/// So many requirements of each lead firm are looked at, and so many lots are in a draft.
const REQUIREMENTS: usize = 8;
const LOTS: usize = 2;

/// An endpoint, and requests that take turns.
pub struct Endpoint {
    pub name: &'static str,
    pub method: Method,
    /// As a router has it.
    pub route: &'static str,
    pub is_write: bool,
    pub calls: Vec<Call>,
}

/// A request.
pub struct Call {
    pub method: Method,
    pub path: String,
    pub token: Option<String>,
    pub body: Option<String>,
}

impl Call {
    fn new(method: Method, path: &str, body: Option<&Value>) -> Self {
        Self { method, path: format!("/api/v1{path}"), token: None, body: body.map(Value::to_string) }
    }

    /// Whether it comes with an `Idempotency-Key`, as every POST should.
    pub fn has_key(&self) -> bool {
        self.method == Method::POST
    }
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub body: Bytes,
}

/// Sends a request within this process.
pub async fn send(router: &Router, call: &Call, key: Uuid) -> Result<Answer, Failure> {
    let mut request = Request::builder().method(&call.method).uri(call.path.as_str());
    if let Some(token) = &call.token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    if call.has_key() {
        request = request.header("idempotency-key", key.to_string());
    }
    let body = match &call.body {
        None => Body::empty(),
        Some(text) => {
            request = request.header(header::CONTENT_TYPE, "application/json");
            Body::from(text.clone())
        }
    };
    let response = router.clone().oneshot(request.body(body)?).await?;
    let status = response.status();
    Ok(Answer { status, body: to_bytes(response.into_body(), usize::MAX).await? })
}

/// Somebody who has logged in.
struct Person<'a> {
    router: &'a Router,
    token: String,
}

impl<'a> Person<'a> {
    async fn log_in(router: &'a Router, email: &str) -> Result<Self, Failure> {
        let credentials = json!({ "email": email, "password": PASSWORD });
        let answered = read(router, &Call::new(Method::POST, "/tokens", Some(&credentials))).await?;
        Ok(Self { router, token: text(&answered, "/secret") })
    }

    fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Call {
        Call { token: Some(self.token.clone()), ..Call::new(method, path, body) }
    }

    fn get(&self, path: &str) -> Call {
        self.call(Method::GET, path, None)
    }

    async fn read(&self, path: &str) -> Result<Value, Failure> {
        read(self.router, &self.get(path)).await
    }
}

async fn read(router: &Router, call: &Call) -> Result<Value, Failure> {
    let answer = send(router, call, Ids::system().new_id(Clock::System.now())).await?;
    if !answer.status.is_success() {
        let said = String::from_utf8_lossy(&answer.body);
        return Err(format!("{} {}: {} {said}", call.method, call.path, answer.status).into());
    }
    Ok(serde_json::from_slice(&answer.body)?)
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value[name].as_array().into_iter().flatten()
}

/// The endpoints, reads first: what is written makes lists longer.
pub async fn find(router: &Router) -> Result<Vec<Endpoint>, Failure> {
    let officer = Person::log_in(router, OFFICER).await?;
    let (mut requirements, mut drafts) = (Vec::new(), Vec::new());
    let mut inboxes = vec![officer.get("/notices")];
    for email in LEAD_FIRMS {
        let firm = Person::log_in(router, email).await?;
        inboxes.push(firm.get("/notices"));
        let listed = firm.read(&format!("/requirements?limit={REQUIREMENTS}")).await?;
        let paths: Vec<_> =
            list(&listed, "items").map(|item| format!("/requirements/{}", text(item, "/id"))).collect();
        requirements.extend(paths.iter().map(|path| firm.get(path)));
        if let Some(path) = paths.first() {
            let draft = draft_of(&firm.read(path).await?);
            drafts.push(firm.call(Method::POST, "/requirements", Some(&draft)));
        }
    }
    let (mut profiles, mut capacities, mut sales) = (Vec::new(), Vec::new(), Vec::new());
    for number in 1..=SUPPLIERS {
        let supplier = Person::log_in(router, &format!("contacto@proveedor{number:02}.example")).await?;
        let path =
            format!("/organisations/{}/profile", text(&supplier.read("/me").await?, "/organisation/id"));
        let profile = supplier.read(&path).await?;
        profiles.push(supplier.get(&path));
        if let Some(stated) = list(&profile, "capacities").next() {
            let path = format!("/profile/capacities/{}", text(stated, "/process"));
            let again = json!({ "unit": stated["unit"], "amount": stated["amount"] });
            capacities.push(supplier.call(Method::PUT, &path, Some(&again)));
        }
        if let Some(stated) = list(&profile, "buyer_sales").find(|sold| sold["source"] == "declared") {
            let path = format!("/profile/sales/{}", text(stated, "/buyer"));
            let again = json!({ "amount": stated["amount"], "as_of": stated["as_of"] });
            sales.push(supplier.call(Method::PUT, &path, Some(&again)));
        }
    }
    let (all_requirements, matches) = (vec![officer.get("/requirements")], vec![officer.get("/matches")]);
    Ok(vec![
        read_of("GET /requirements", "/api/v1/requirements", all_requirements),
        read_of("GET /requirements/{id}", "/api/v1/requirements/{id}", requirements),
        read_of("GET /matches", "/api/v1/matches", matches),
        read_of("GET /notices", "/api/v1/notices", inboxes),
        read_of("GET /organisations/{id}/profile", "/api/v1/organisations/{id}/profile", profiles),
        write_of(Method::POST, "POST /requirements", "/api/v1/requirements", drafts),
        write_of(
            Method::PUT,
            "PUT /profile/capacities/{process}",
            "/api/v1/profile/capacities/{process}",
            capacities,
        ),
        write_of(Method::PUT, "PUT /profile/sales/{buyer}", "/api/v1/profile/sales/{buyer}", sales),
    ])
}

fn read_of(name: &'static str, route: &'static str, calls: Vec<Call>) -> Endpoint {
    Endpoint { name, method: Method::GET, route, is_write: false, calls }
}

fn write_of(method: Method, name: &'static str, route: &'static str, calls: Vec<Call>) -> Endpoint {
    Endpoint { name, method, route, is_write: true, calls }
}

/// A draft like a requirement that is there, for the whole programme.
fn draft_of(model: &Value) -> Value {
    let mut lots: Vec<Value> = list(model, "lots").take(LOTS).cloned().collect();
    for lot in lots.iter_mut().filter_map(Value::as_object_mut) {
        for derived in ["id", "unit_code", "revision", "external_reference"] {
            lot.remove(derived);
        }
    }
    json!({ "programme": model["programme"], "title": model["title"], "description": model["description"],
        "lots": lots, "criteria": model["criteria"] })
}
