//! Sealed offers before closing: no answer, page, log line or audit entry that anybody else reads carries a price or
//! a quantity, or says how many offers there are.

use std::{
    io::Write,
    sync::{Arc, Mutex, PoisonError},
};

use eslabon::foundation::{
    access::{Actor, Role},
    audit,
};
use serde_json::json;

use crate::world::World;

/// Prices and quantities that occur nowhere else.
const SECRETS: [&str; 4] = ["13579.25", "24680.75", "91827364", "81726354"];

/// What the service logs.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn find(text: &str, place: &str) {
    for secret in SECRETS {
        // Amounts are kept in millionths of the unit as well.
        let scaled = secret.replace('.', "");
        assert!(!text.contains(secret) && !text.contains(&scaled), "{secret} in {place}: {text}");
    }
}

on_both_engines! {
    async fn a_sealed_offer_shows_nowhere_before_its_requirement_closes(app: TestApp) {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(move || writer.clone())
            .finish();
        // One process a test.
        tracing::subscriber::set_global_default(subscriber).unwrap();
        tracing::info!("the log is read");

        let world = World::set(&app).await;
        let mut large = crate::matching::scene::lot(99_999_999, "30000");
        large["name"] = json!("Buje grande");
        let requirement = world.buyer.requirement(&world.scene.programme, json!([large]), json!([])).await;
        let lot = world.buyer.move_on(&requirement, "publish").await.text("lots/0/id");
        let consortium = world.in_state("consortia", "ready").path();
        let others = [
            ("lead firm", &world.buyer), ("institution", &world.scene.institution), ("approver", &world.scene.approver),
            ("rival", &world.rival), ("another lead firm", &world.other_buyer),
        ];
        let extra = [
            requirement.clone(), format!("{requirement}/offers"), format!("{requirement}/commitments"),
            format!("{requirement}/amendments"), format!("/lots/{lot}/offer"), format!("/lots/{lot}/why-not"),
            format!("/lots/{lot}{consortium}/offer"),
        ];
        let look = async || {
            let mut seen = Vec::new();
            for (_, reader) in &others {
                for path in &extra {
                    seen.push(crate::world::shown(&reader.get(path).await));
                }
            }
            seen
        };
        let before = look().await;
        for (path, price, most) in [
            (format!("/lots/{lot}/offer"), SECRETS[0], SECRETS[2]),
            (format!("/lots/{lot}{consortium}/offer"), SECRETS[1], SECRETS[3]),
        ] {
            let most: i64 = most.parse().unwrap();
            let offer = json!({ "unit_price": price, "max_quantity": most });
            let made = world.supplier.put_if(&path, "\"0\"", offer).await.expect(200);
            assert!(made.body.to_string().contains(price));
        }
        assert_eq!(look().await, before, "and so nobody can tell how many offers there are");

        for (name, reader) in &others {
            for (path, (_, etag, body)) in world.read_by(reader).await {
                find(&format!("{body} {etag:?}"), &format!("{path} as {name}"));
            }
        }
        // Pages, as the lead firm and the institution open them.
        let id = requirement.strip_prefix("/requirements/").unwrap();
        for (client, role) in [(&world.buyer, Role::LeadFirmMember), (&world.scene.institution, Role::InstitutionAdministrator)] {
            let mut browser = app.browser_of(client, role).await;
            for path in ["/".to_owned(), "/requirements".to_owned(), format!("/requirements/{id}"), "/matches".to_owned()] {
                let page = browser.open(&path).await;
                find(&page.text, &path);
            }
        }
        // The trails that others read, and the whole of it: the commitment alone.
        for (name, reader) in &others {
            let mut actor = Actor::system(reader.organisation());
            actor.role = Role::Officer;
            let entries = audit::list(app.base.db.reads(), &actor, 1_000).await.unwrap();
            assert!(entries.iter().all(|entry| !entry.operation().contains("offers")), "{name} reads of offers");
        }
        let operator = Actor::system(world.supplier.organisation());
        let entries = audit::list(app.base.db.reads(), &operator, 1_000).await.unwrap();
        let of_offers: Vec<_> = entries.iter().filter(|entry| entry.operation().contains("offers.put")).collect();
        assert!(of_offers.len() >= 2);
        for entry in of_offers {
            find(entry.details().unwrap(), "the trail");
        }
        let text = log.text();
        assert!(text.contains("the log is read"));
        find(&text, "the log");
    }
}
