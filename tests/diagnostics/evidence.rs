//! Evidence files: what is taken, what is taken out of it, who gets it, and what no sender can do.

use axum::http::Method;
use serde_json::json;

use super::{answer, begin, supplier_of};
use crate::support::{Answer, Client, TestApp};

const SECRET: &str = "GPSLatitude -33.4489";
const MISSING: &str = "01890000-0000-7000-8000-000000000000";

/// A JPEG of one point that says where it was taken, and has an archive hidden behind its end.
pub fn photo() -> Vec<u8> {
    let exif = [b"Exif\0\0", SECRET.as_bytes()].concat();
    let segments: [(u8, &[u8]); 4] = [
        (0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
        (0xe1, &exif),
        (0xc0, &[8, 0, 1, 0, 1, 1, 1, 0x11, 0]),
        (0xda, &[1, 1, 0, 0, 63, 0]),
    ];
    let mut image = vec![0xff, 0xd8];
    for (marker, content) in segments {
        image.extend([0xff, marker]);
        image.extend(u16::try_from(content.len() + 2).unwrap().to_be_bytes());
        image.extend(content);
    }
    image.extend([0x12, 0x34, 0xff, 0xd9]);
    image.extend(format!("PK\x03\x04 {SECRET}").bytes());
    image
}

/// A PDF with this text.
pub fn pdf(text: &str) -> Vec<u8> {
    format!("%PDF-1.7\n{text}\n%%EOF").into_bytes()
}

/// Sends fields as a browser would: name, file name, what it claims to be, content.
async fn send(client: &Client, path: &str, fields: &[(&str, &str, &str, &[u8])]) -> Answer {
    const BOUNDARY: &str = "----eslabon-7d1f";
    let mut body = Vec::new();
    for (name, file, claimed, content) in fields {
        body.extend(
            format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n"
            )
            .bytes(),
        );
        body.extend(format!("Content-Type: {claimed}\r\n\r\n").bytes());
        body.extend(*content);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").bytes());
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    client.send_raw(Method::POST, path, &[], Some((&kind, body))).await
}

/// Sends a file as it is.
pub async fn upload(client: &Client, path: &str, content: &[u8]) -> Answer {
    send(client, path, &[("file", "foto.jpg", "image/jpeg", content)]).await
}

/// How many files the store holds.
fn kept(app: &TestApp) -> usize {
    let folders = std::fs::read_dir(&app.base.config.evidence_dir).into_iter().flatten();
    folders.map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap().count()).sum()
}

fn beside(diagnostic: &str, question: &str) -> String {
    format!("{diagnostic}/answers/{question}/evidence")
}

on_both_engines! {
    async fn a_photo_is_kept_without_where_it_was_taken(app: TestApp) {
        let supplier = app.supplier("Uno").await;
        let diagnostic = begin(&supplier).await;
        let path = beside(&diagnostic, "quality-iso-9001");
        let added = upload(&supplier, &path, &photo()).await.expect(201);
        assert_eq!((added.text("media_type"), added.text("question")), ("image/jpeg".into(), "quality-iso-9001".into()));
        let file = supplier.get(&format!("/evidence/{}", added.text("id"))).await.expect(200);
        let content = file.body.as_str().unwrap();
        assert!(content.contains("JFIF") && !content.contains(SECRET) && !content.contains("PK"), "{content:?}");
        let header = |name: &str| file.headers[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "image/jpeg");
        assert_eq!(header("content-disposition"), format!("attachment; filename=\"{}.jpg\"", added.text("id")));
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("content-security-policy"), "default-src 'none'; sandbox");

        // The same photo again is the same evidence, and there is one file.
        assert_eq!(upload(&supplier, &path, &photo()).await.expect(200).text("id"), added.text("id"));
        assert_eq!(kept(&app), 1);
        let listed = supplier.get(&format!("{diagnostic}/evidence")).await.expect(200);
        assert_eq!((listed.body["items"].as_array().unwrap().len(), listed.text("items/0/sha256")), (1, added.text("sha256")));
    }

    async fn a_file_is_what_it_holds_and_not_what_it_claims(app: TestApp) {
        let supplier = app.supplier("Uno").await;
        let path = beside(&begin(&supplier).await, "quality-control");
        let large = { let mut large = pdf("x"); large.resize((10 << 20) + 1, 0); large };
        let refused: [(&str, &[u8]); 6] = [
            ("file-of-another-kind", b"<html><script>alert(1)</script></html>"),
            ("file-of-another-kind", b"PK\x03\x04\x14\0\0\0\x08\0 forty-two times forty-two"),
            ("file-of-another-kind", b"MZ\x90\0\x03\0\0\0\x04"),
            ("file-empty", b""),
            ("file-broken", b"\xff\xd8\xff\xe1\xff\xff cut off"),
            ("file-too-large", &large),
        ];
        for (code, content) in refused {
            assert_eq!(upload(&supplier, &path, content).await.expect(422).faults(), [format!("/file {code}")]);
        }
        // Larger than any body may be: refused while it is read.
        let huge = vec![0x25; 12 << 20];
        assert_eq!(upload(&supplier, &path, &huge).await.expect(422).faults(), ["/file file-too-large"]);
        let document = pdf("certificado");
        let twice = [("file", "a.pdf", "application/pdf", document.as_slice()), ("file", "b.pdf", "application/pdf", &document)];
        assert_eq!(send(&supplier, &path, &twice).await.expect(422).faults(), ["/file too-many"]);
        let other = [("note", "", "text/plain", &b"hola"[..])];
        assert_eq!(send(&supplier, &path, &other).await.expect(422).faults(), ["/file required", "/note unknown-field"]);
        assert_eq!(supplier.post(&path, json!({ "file": "x" })).await.expect(415).code(), "not-multipart");
        assert_eq!(kept(&app), 0);

        // A document that calls itself a web page is kept as the document that it is.
        let added = send(&supplier, &path, &[("file", "x.html", "text/html", &document)]).await.expect(201);
        let file = supplier.get(&format!("/evidence/{}", added.text("id"))).await.expect(200);
        assert_eq!(file.headers["content-type"], "application/pdf");
    }

    async fn no_name_becomes_a_path(app: TestApp) {
        let supplier = app.supplier("Uno").await;
        let diagnostic = begin(&supplier).await;
        for (at, name) in ["../../../../tmp/eslabon-out.pdf", "..\\..\\out.pdf", "/etc/passwd", "a;b.pdf", "%2e%2e%2fout"].iter().enumerate() {
            let document = pdf(&at.to_string());
            let added = send(&supplier, &beside(&diagnostic, "quality-control"), &[("file", name, "application/pdf", &document)]).await;
            let added = added.expect(201);
            let file = supplier.get(&format!("/evidence/{}", added.text("id"))).await.expect(200);
            let disposition = file.headers["content-disposition"].to_str().unwrap();
            assert_eq!(disposition, format!("attachment; filename=\"{}.pdf\"", added.text("id")));
        }
        assert_eq!(kept(&app), 5);
        assert!(!std::path::Path::new("/tmp/eslabon-out.pdf").exists());
        for path in ["/evidence/..%2f..%2fCargo.toml", "/evidence/../../Cargo.toml", "/evidence/%2e%2e", "/evidence/x"] {
            assert!([404, 405].contains(&supplier.get(path).await.status.as_u16()), "{path}");
        }
        for question in ["..%2f..", "no-such-question"] {
            upload(&supplier, &beside(&diagnostic, question), &photo()).await.expect(404);
        }
    }

    async fn evidence_is_seen_by_who_sees_the_diagnostic(app: TestApp) {
        let institution = app.institution().await;
        let supplier = supplier_of(&app, &institution).await;
        let diagnostic = begin(&supplier).await;
        let path = beside(&diagnostic, "quality-control");
        let evidence = format!("/evidence/{}", upload(&supplier, &path, &photo()).await.expect(201).text("id"));
        institution.get(&evidence).await.expect(200);
        let (rival, lead_firm, stranger) = (app.supplier("Rival").await, app.lead_firm("Grande").await, app.institution().await);
        for outsider in [&rival, &lead_firm, &stranger] {
            let missing = outsider.get(&format!("/evidence/{MISSING}")).await.expect(404);
            assert_eq!(outsider.get(&evidence).await.expect(404).text("detail"), missing.text("detail"));
            outsider.get(&format!("{diagnostic}/evidence")).await.expect(404);
            upload(outsider, &path, &photo()).await.expect(404);
        }
        for firm in [&rival, &lead_firm] {
            firm.delete(&evidence).await.expect(404);
        }
        institution.delete(&evidence).await.expect(403);
        assert_eq!(kept(&app), 1);
    }

    async fn evidence_goes_while_the_diagnostic_is_a_draft_and_stays_afterwards(app: TestApp) {
        let institution = app.institution().await;
        let supplier = supplier_of(&app, &institution).await;
        let diagnostic = begin(&supplier).await;
        let path = beside(&diagnostic, "quality-control");
        let first = upload(&supplier, &path, &pdf("uno")).await.expect(201).text("id");
        let second = upload(&supplier, &path, &pdf("dos")).await.expect(201).text("id");
        // Verifiers wait for their turn.
        assert_eq!(upload(&institution, &path, &pdf("tres")).await.expect(409).code(), "wrong-state");
        supplier.delete(&format!("/evidence/{first}")).await.expect(204);
        supplier.delete(&format!("/evidence/{first}")).await.expect(404);
        assert_eq!(kept(&app), 2);
        app.run_jobs().await;
        assert_eq!(kept(&app), 1);

        supplier.put(&format!("{diagnostic}/answers/quality-control"), answer(json!(3), 1)).await.expect(200);
        let etag = supplier.get(&diagnostic).await.etag();
        supplier.post_if(&format!("{diagnostic}/submit"), &etag, json!({})).await.expect(200);
        assert_eq!(supplier.delete(&format!("/evidence/{second}")).await.expect(409).code(), "wrong-state");
        assert_eq!(upload(&supplier, &path, &pdf("cuatro")).await.expect(409).code(), "wrong-state");
        let seen = upload(&institution, &path, &pdf("visita")).await.expect(201);
        assert_eq!(seen.text("added_for"), institution.organisation().to_string());
        assert_eq!(kept(&app), 2);
    }

    async fn there_are_at_most_ten_files_beside_an_answer(app: TestApp) {
        let supplier = app.supplier("Uno").await;
        let path = beside(&begin(&supplier).await, "quality-control");
        for at in 0..10 {
            upload(&supplier, &path, &pdf(&at.to_string())).await.expect(201);
        }
        assert_eq!(upload(&supplier, &path, &pdf("once")).await.expect(422).faults(), ["/file too-many"]);
        assert_eq!(kept(&app), 10);
    }

    async fn a_file_that_was_changed_on_the_disk_is_not_sent(app: TestApp) {
        let supplier = app.supplier("Uno").await;
        let path = beside(&begin(&supplier).await, "quality-control");
        let id = upload(&supplier, &path, &pdf("uno")).await.expect(201).text("id");
        let name = id.replace('-', "");
        let file = app.base.config.evidence_dir.join(&name[30..]).join(&name);
        std::fs::write(file, pdf("dos")).unwrap();
        assert_eq!(supplier.get(&format!("/evidence/{id}")).await.expect(500).code(), "internal");
    }
}
