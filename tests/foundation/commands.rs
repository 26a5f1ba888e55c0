//! The command line, run as a person runs it.

use std::{
    io::Write,
    process::{Command, Output, Stdio},
};

fn eslabon(args: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eslabon"));
    command.args(args).env_remove("DATABASE_URL").env_remove("ESLABON_LISTEN");
    command.envs(environment.iter().copied()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn config_show_says_where_each_value_comes_from_and_never_a_secret() {
    let secret = "postgres://ana:s3cret@127.0.0.1:1/eslabon";
    let output = eslabon(&["--workers", "3", "config", "show"], &[("DATABASE_URL", secret)]);
    assert!(output.status.success());
    let shown = text(&output.stdout);
    assert!(!shown.contains("s3cret"), "{shown}");
    let line = |name: &str| {
        let line = shown.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        line("database_url"),
        ["database_url", "postgres://ana:***@127.0.0.1:1/eslabon", "environment"]
    );
    assert_eq!(line("workers"), ["workers", "3", "flag"]);
    assert_eq!(line("listen"), ["listen", "127.0.0.1:8080", "default"]);
}

#[test]
fn a_reader_who_has_seen_enough_ends_the_command_quietly() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eslabon"));
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = command.args(["config", "show"]).stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
    let output = output.wait_with_output().unwrap();
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
}

#[test]
fn doctor_says_what_is_wrong_why_and_what_to_type() {
    let nowhere = "sqlite:/nowhere/at/all.sqlite";
    let output = eslabon(&["doctor", "--database-url", nowhere, "--listen", "0.0.0.0:0"], &[]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stdout);
    assert!(said.contains("WRONG  the database answers") && said.contains("check --database-url"), "{said}");
    assert!(said.contains("--behind-tls-proxy"), "{said}");
}

#[test]
fn doctor_finds_nothing_wrong_with_a_migrated_database() {
    let folder = std::env::temp_dir().join(format!("eslabon-doctor-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let url = format!("sqlite:{}", folder.join("a.sqlite").display());
    let before = eslabon(&["doctor", "--database-url", &url, "--listen", "127.0.0.1:0"], &[]);
    assert!(text(&before.stdout).contains("type: eslabon migrate"));
    assert!(eslabon(&["migrate", "--database-url", &url], &[]).status.success());
    let after = eslabon(&["doctor", "--database-url", &url, "--listen", "127.0.0.1:0"], &[]);
    assert!(after.status.success(), "{}", text(&after.stdout));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn serving_without_tls_beyond_loopback_is_refused() {
    let output = eslabon(&["serve", "--listen", "0.0.0.0:0"], &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("without TLS"), "{}", text(&output.stderr));
}

#[cfg(not(feature = "otel"))]
#[test]
fn a_program_that_cannot_send_traces_says_so() {
    let collector = ["--otlp-endpoint", "http://127.0.0.1:4318"];
    for command in ["serve", "worker"] {
        let output = eslabon(&[&[command][..], &collector].concat(), &[]);
        assert_eq!(output.status.code(), Some(1), "{command}");
        assert!(text(&output.stderr).contains("--features otel"), "{}", text(&output.stderr));
    }
    let doctor = ["doctor", "--database-url", "sqlite:/nowhere/at/all.sqlite"];
    let said = text(&eslabon(&[&doctor[..], &collector].concat(), &[]).stdout);
    assert!(said.contains("WRONG  the collector takes traces") && said.contains("--features otel"), "{said}");
    // Who sends none does not mind.
    assert!(eslabon(&[&["config", "show"][..], &collector].concat(), &[]).status.success());
    assert_eq!(eslabon(&["serve", "--otlp-endpoint", "collector:4318"], &[]).status.code(), Some(2));
}

/// The example of the README and of `--help`, as it is printed there.
#[test]
fn the_documented_example_opens_an_institution_once() {
    let folder = std::env::temp_dir().join(format!("eslabon-user-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let url = format!("sqlite:{}", folder.join("a.sqlite").display());
    let add = |password: &str, tax_id: &str| {
        let args = [
            "user",
            "add",
            "--email",
            "ana@fomento.example",
            "--name",
            "Ana Rojas",
            "--role",
            "institution_administrator",
            "--organisation",
            "Agencia de Fomento",
            "--country",
            "CL",
            "--tax-id",
        ];
        let mut command = Command::new(env!("CARGO_BIN_EXE_eslabon"));
        command.args(args).arg(tax_id).env("DATABASE_URL", &url).stdin(Stdio::piped());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A command that refuses its arguments may be gone before it reads.
        let _ = child.stdin.take().unwrap().write_all(format!("{password}\n").as_bytes());
        child.wait_with_output().unwrap()
    };
    let help = text(&eslabon(&["user", "add", "--help"], &[]).stdout);
    let documented = help.rsplit("--tax-id ").next().unwrap().split_whitespace().next().unwrap().to_owned();
    assert!(text(&add("corta", &documented).stderr).contains("between 10 and 200 characters"));
    let done = add("una contraseña larga", &documented);
    assert!(done.status.success(), "{}", text(&done.stderr));
    assert!(
        text(&done.stdout).contains("is now institution_administrator of the institution Agencia de Fomento")
    );
    assert!(
        text(&add("una contraseña larga", &documented).stderr)
            .contains("There is an account with this e-mail")
    );
    assert!(text(&add("una contraseña larga", "60.701.000-6").stderr).contains("is no tax id of CL"));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn every_command_has_help() {
    for command in ["serve", "worker", "migrate", "config", "doctor", "user"] {
        let output = eslabon(&[command, "--help"], &[]);
        assert!(output.status.success() && !output.stdout.is_empty(), "{command}");
    }
}
