//! `eslabon import` and `eslabon export`, on a service that listens.

use std::process::{Command, Output};

use serde_json::Value;

use super::Desk;
use crate::support::TestApp;

/// The service on an address of its own.
pub async fn listening(app: &TestApp) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let router = app.router.clone();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Runs the command line with a token, on a service that listens there.
pub async fn run(args: Vec<String>, address: String, token: String) -> Output {
    let command = move || {
        Command::new(env!("CARGO_BIN_EXE_eslabon"))
            .args(args)
            .envs([("ESLABON_API", address), ("ESLABON_TOKEN", token)])
            .output()
            .unwrap()
    };
    tokio::task::spawn_blocking(command).await.unwrap()
}

on_both_engines! {
    async fn tables_go_in_and_out_by_the_command_line(app: TestApp) {
        let supplier = app.supplier("Uno").await;
        let (desk, address) = (Desk::new(), listening(&app).await);
        let eslabon = async |args: &[&str]| {
            let args = args.iter().map(|arg| (*arg).to_owned()).collect();
            let output = run(args, address.clone(), supplier.token().to_owned()).await;
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            (output.status.success(), text(&output.stdout), text(&output.stderr))
        };
        let file = desk.path("capacidades.csv");
        std::fs::write(&file, "proceso;unidad;cantidad anual\nTorneado;hora;mucho\n").unwrap();
        let (done, said, _) = eslabon(&["import", "capacities", &file, "--preview"]).await;
        assert!(!done && said.contains("row 2 amount not-a-number"), "{said}");
        let (done, _, said) = eslabon(&["import", "capacities", &file]).await;
        assert!(!done && said.contains("422 import-refused") && said.contains("/rows/2/amount not-a-number"), "{said}");
        std::fs::write(&file, "proceso;unidad;cantidad anual\nTorneado;hora;12,5\n").unwrap();
        let (done, said, _) = eslabon(&["import", "capacities", &file]).await;
        assert!(done && said.contains("1 rows: 1 created, 0 changed, 0 there already."), "{said}");
        let (done, said, _) = eslabon(&["import", "capacities", &file, "--json"]).await;
        let answer: Value = serde_json::from_str(&said).unwrap();
        assert!(done && answer["unchanged"] == 1, "{said}");

        let (done, said, _) = eslabon(&["export", "tokens", "--json"]).await;
        assert!(done);
        assert_eq!(serde_json::from_str::<Value>(&said).unwrap(), supplier.get("/tokens").await.body);
        let (_, said, _) = eslabon(&["export", "tokens"]).await;
        assert_eq!(said.as_bytes(), supplier.get("/tokens?format=csv").await.bytes);
        let out = desk.path("tokens.xlsx");
        assert!(eslabon(&["export", "tokens", "--out", &out]).await.0);
        assert!(std::fs::read(&out).unwrap().starts_with(b"PK"));
        let (done, said, _) = eslabon(&["export", "nothing", "--json"]).await;
        assert!(!done && serde_json::from_str::<Value>(&said).unwrap()["code"] == "not-found", "{said}");
        let (done, _, said) = eslabon(&["export", "nothing"]).await;
        assert!(!done && said.contains("404 not-found"), "{said}");
    }
}
