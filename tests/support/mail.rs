//! Letters as their readers get them, and a mail server that does as it is told.

use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// A letter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mailed {
    /// To whom the server was told to send it; from a folder, the header alone says it.
    pub to: String,
    pub subject: String,
    pub text: String,
    /// All of it, as it came.
    pub raw: String,
}

impl Mailed {
    /// Reads a letter as a mailbox does.
    pub fn read(raw: &str, to: Option<String>) -> Self {
        let (head, body) = raw.split_once("\r\n\r\n").expect("a head and a body");
        let header = |name: &str| header(head, name);
        let text = match header("Content-Transfer-Encoding").as_str() {
            "quoted-printable" => quoted_printable(body),
            "base64" => String::from_utf8(base64(body)).unwrap(),
            _ => body.to_owned(),
        };
        let text = text.replace("\r\n", "\n");
        Self {
            to: to.unwrap_or_else(|| header("To")),
            subject: words(&header("Subject")),
            text,
            raw: raw.to_owned(),
        }
    }

    /// What a header says.
    pub fn header(&self, name: &str) -> String {
        header(self.raw.split_once("\r\n\r\n").unwrap().0, name)
    }

    /// The letters in a folder, in the order of their names.
    pub fn in_folder(folder: &Path) -> Vec<Self> {
        let Ok(files) = std::fs::read_dir(folder) else { return Vec::new() };
        let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "eml"));
        paths.sort();
        paths.iter().map(|path| Self::read(&std::fs::read_to_string(path).unwrap(), None)).collect()
    }

    /// The address after this one's beginning, in the text.
    #[track_caller]
    pub fn link(&self, beginning: &str) -> String {
        let found = self.text.split_whitespace().find_map(|word| word.split_once(beginning));
        let (_, rest) = found.unwrap_or_else(|| panic!("no {beginning} in {}", self.text));
        format!("{beginning}{rest}")
    }
}

fn header(head: &str, name: &str) -> String {
    // A long header goes on in lines that begin with a space.
    let (head, start) = (head.replace("\r\n ", " "), format!("{name}: "));
    let found = head.lines().find_map(|line| line.strip_prefix(start.as_str()));
    found.unwrap_or_default().to_owned()
}

fn quoted_printable(text: &str) -> String {
    let text = text.replace("=\r\n", "");
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let [first, after @ ..] = rest {
        rest = after;
        if *first == b'=' {
            bytes.extend(hex::decode(&after[..2]).unwrap());
            rest = &after[2..];
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn base64(text: &str) -> Vec<u8> {
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bits = (0_u32, 0);
    let mut bytes = Vec::new();
    for digit in text.bytes().filter_map(|byte| digits.iter().position(|digit| *digit == byte)) {
        bits = ((bits.0 << 6 | u32::try_from(digit).unwrap()) & 0xffff, bits.1 + 6);
        if bits.1 >= 8 {
            bits.1 -= 8;
            bytes.push(u8::try_from(bits.0 >> bits.1 & 0xff).unwrap());
        }
    }
    bytes
}

/// A header with encoded words: a space between two of them is none.
fn words(text: &str) -> String {
    let (mut said, mut was_encoded) = (String::new(), true);
    for word in text.split(' ') {
        let encoded = word.strip_prefix("=?utf-8?b?").and_then(|rest| rest.strip_suffix("?="));
        if !(was_encoded && (encoded.is_some() || said.is_empty())) {
            said.push(' ');
        }
        match encoded {
            Some(encoded) => said.push_str(&String::from_utf8(base64(encoded)).unwrap()),
            None => said.push_str(word),
        }
        was_encoded = encoded.is_some();
    }
    said
}

/// A mail server on this machine.
pub struct Server {
    pub url: String,
    state: Arc<State>,
}

/// What it has taken, and what it will still do wrong.
struct State {
    letters: Mutex<Vec<Mailed>>,
    refusals: AtomicUsize,
    silences: AtomicUsize,
}

impl Server {
    /// One that refuses so many letters first.
    pub async fn start(refusals: usize) -> Self {
        Self::faulty(refusals, 0).await
    }

    /// One that takes its first letter and does not say so.
    pub async fn silent_once() -> Self {
        Self::faulty(0, 1).await
    }

    async fn faulty(refusals: usize, silences: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let (refusals, silences) = (AtomicUsize::new(refusals), AtomicUsize::new(silences));
        let state = Arc::new(State { letters: Mutex::default(), refusals, silences });
        let server = Self { url, state: Arc::clone(&state) };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(talk(stream, Arc::clone(&state)));
            }
        });
        server
    }

    /// What it has taken.
    pub fn letters(&self) -> Vec<Mailed> {
        self.state.letters.lock().unwrap().clone()
    }

    /// How many letters it will still refuse.
    pub fn refusals(&self) -> usize {
        self.state.refusals.load(Ordering::SeqCst)
    }
}

/// Whether there was one left, which it takes.
fn takes_one(of: &AtomicUsize) -> bool {
    of.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
}

async fn talk(stream: TcpStream, state: Arc<State>) {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    let mut to = String::new();
    writer.write_all(b"220 test\r\n").await.unwrap();
    while let Ok(Some(line)) = lines.next_line().await {
        let command = line.to_uppercase();
        let answer = if let Some(address) = line.strip_prefix("RCPT TO:<") {
            to = address.trim_end_matches('>').to_owned();
            // As servers do, it names the address.
            if takes_one(&state.refusals) {
                format!("451 4.3.0 <{to}> later\r\n")
            } else {
                "250 ok\r\n".to_owned()
            }
        } else if command == "DATA" {
            writer.write_all(b"354 go on\r\n").await.unwrap();
            let mut raw = String::new();
            while let Ok(Some(line)) = lines.next_line().await {
                if line == "." {
                    break;
                }
                raw.push_str(line.strip_prefix('.').unwrap_or(&line));
                raw.push_str("\r\n");
            }
            state.letters.lock().unwrap().push(Mailed::read(&raw, Some(to.clone())));
            if takes_one(&state.silences) {
                std::future::pending::<()>().await;
            }
            "250 taken\r\n".to_owned()
        } else if command == "QUIT" {
            "221 bye\r\n".to_owned()
        } else {
            "250 ok\r\n".to_owned()
        };
        if writer.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}
