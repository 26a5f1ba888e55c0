//! Evidence in an object store: against a small server of ours that speaks as much S3 as the service asks for.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use eslabon::{
    app,
    foundation::{Base, config::Config, files::Files},
};
use serde_json::json;

use super::{
    answer, begin,
    evidence::{pdf, upload},
};
use crate::support::{Client, TestApp};

/// What the server does next.
#[derive(Clone, Copy, PartialEq)]
enum Mood {
    Works,
    /// Says that it is overloaded.
    Fails,
    /// Takes the request and never answers.
    Hangs,
}

struct Bucket {
    objects: Mutex<BTreeMap<String, Bytes>>,
    requests: Mutex<Vec<String>>,
    mood: Mutex<Mood>,
}

impl Bucket {
    /// Serves an empty bucket; returns it with its address.
    async fn serve() -> (Arc<Self>, String) {
        let bucket = Arc::new(Self {
            objects: Mutex::default(),
            requests: Mutex::default(),
            mood: Mutex::new(Mood::Works),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(Self::asked).with_state(bucket.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (bucket, address)
    }

    async fn asked(
        State(bucket): State<Arc<Self>>,
        method: Method,
        uri: Uri,
        headers: HeaderMap,
        body: Bytes,
    ) -> Response {
        let mood = *bucket.mood.lock().unwrap();
        let signed = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let is_ours =
            signed.starts_with("AWS4-HMAC-SHA256 Credential=clave/") && signed.contains("/sa-east-1/s3/");
        bucket.requests.lock().unwrap().push(format!("{method} {}", uri.path()));
        match mood {
            Mood::Works => {}
            Mood::Fails => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
            Mood::Hangs => tokio::time::sleep(Duration::from_mins(5)).await,
        }
        if !is_ours {
            return StatusCode::FORBIDDEN.into_response();
        }
        let mut objects = bucket.objects.lock().unwrap();
        let name = uri.path().to_owned();
        let described = [("etag", "\"1\""), ("last-modified", "Mon, 02 Mar 2026 14:00:00 GMT")];
        match method {
            Method::PUT => {
                objects.insert(name, body);
                described.into_response()
            }
            Method::GET => match objects.get(&name) {
                Some(content) => (described, content.clone()).into_response(),
                None => StatusCode::NOT_FOUND.into_response(),
            },
            Method::DELETE => {
                objects.remove(&name);
                StatusCode::NO_CONTENT.into_response()
            }
            _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
        }
    }

    fn names(&self) -> Vec<String> {
        self.objects.lock().unwrap().keys().cloned().collect()
    }

    fn becomes(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }
}

/// The service with its evidence in the bucket at this address, and a person who calls it.
fn moved(app: &TestApp, address: &str, client: &Client) -> (Base, Client) {
    let config = Arc::new(Config {
        evidence_url: Some("s3://evidencias/programa".to_owned()),
        evidence_endpoint: Some(address.to_owned()),
        evidence_region: "sa-east-1".to_owned(),
        evidence_key: Some("clave".to_owned()),
        evidence_secret: Some("secreto".into()),
        evidence_seconds: 1,
        ..(*app.base.config).clone()
    });
    let base = Base { files: Files::of(&config), config, ..app.base.clone() };
    let client = client.on(app::router(&base));
    (base, client)
}

on_both_engines! {
    async fn evidence_is_kept_in_a_bucket_and_erased_there(app: TestApp) {
        let (bucket, address) = Bucket::serve().await;
        let (base, supplier) = moved(&app, &address, &app.supplier("Uno").await);
        let diagnostic = begin(&supplier).await;
        let path = format!("{diagnostic}/answers/quality-control/evidence");
        let added = upload(&supplier, &path, &pdf("uno")).await.expect(201);
        let name = added.text("id").replace('-', "");
        assert_eq!(bucket.names(), [format!("/evidencias/programa/{}/{name}", &name[30..])]);
        assert!(!Path::new(&base.config.evidence_dir).exists(), "nothing lies in the folder");
        let file = supplier.get(&format!("/evidence/{}", added.text("id"))).await.expect(200);
        assert_eq!((file.headers["content-type"].to_str().unwrap(), file.body.as_str().unwrap().as_bytes()), ("application/pdf", &pdf("uno")[..]));
        // The same file again: what came in between is gone.
        assert_eq!(upload(&supplier, &path, &pdf("uno")).await.expect(200).text("id"), added.text("id"));
        assert_eq!(bucket.names().len(), 1);
        supplier.delete(&format!("/evidence/{}", added.text("id"))).await.expect(204);
        assert_eq!(bucket.names().len(), 1, "until that has committed");
        assert_eq!(app::worker(&base).run_all_due().await.unwrap(), 1);
        assert_eq!(bucket.names(), [""; 0]);
        // What the store has lost is a defect, and no secret.
        let lost = upload(&supplier, &path, &pdf("dos")).await.expect(201).text("id");
        bucket.objects.lock().unwrap().clear();
        assert_eq!(supplier.get(&format!("/evidence/{lost}")).await.expect(500).code(), "internal");
    }

    async fn a_bucket_that_does_not_answer_is_told_and_nothing_is_noted(app: TestApp) {
        let (bucket, address) = Bucket::serve().await;
        let (_, supplier) = moved(&app, &address, &app.supplier("Uno").await);
        let diagnostic = begin(&supplier).await;
        supplier.put(&format!("{diagnostic}/answers/quality-control"), answer(json!(3), 1)).await.expect(200);
        let path = format!("{diagnostic}/answers/quality-control/evidence");
        let kept = upload(&supplier, &path, &pdf("uno")).await.expect(201).text("id");
        for mood in [Mood::Fails, Mood::Hangs] {
            bucket.becomes(mood);
            let begun = Instant::now();
            for refused in [
                upload(&supplier, &path, &pdf("dos")).await,
                supplier.get(&format!("/evidence/{kept}")).await,
            ] {
                let refused = refused.expect(503);
                assert_eq!((refused.code(), refused.headers["retry-after"].to_str().unwrap()), ("evidence-store-unavailable".to_owned(), "30"));
                let text = refused.body.to_string();
                assert!(!text.contains("127.0.0.1") && !text.contains("clave") && !text.contains("secreto"), "{text}");
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "nobody waits for ever: {:?}", begun.elapsed());
        }
        bucket.becomes(Mood::Works);
        let listed = supplier.get(&format!("{diagnostic}/evidence")).await.expect(200);
        assert_eq!(listed.body["items"].as_array().unwrap().len(), 1);
        supplier.get(&format!("/evidence/{kept}")).await.expect(200);
        // A key that the store does not know.
        let config = Config { evidence_key: Some("otra".to_owned()), ..(*moved(&app, &address, &supplier).0.config).clone() };
        let config = Arc::new(config);
        let base = Base { files: Files::of(&config), config, ..app.base.clone() };
        let stranger = supplier.on(app::router(&base));
        assert_eq!(stranger.get(&format!("/evidence/{kept}")).await.expect(503).code(), "evidence-store-unavailable");
    }
}
