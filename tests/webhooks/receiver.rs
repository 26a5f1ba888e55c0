//! A server that receives calls, and behaves as it is told.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// How a receiver behaves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Manner {
    /// 204.
    Well,
    /// This status.
    Status(u16),
    /// 503, and come again after so many seconds.
    Later(u32),
    /// Sends its callers elsewhere.
    Redirect(String),
    /// Takes the call and says nothing.
    Silent,
    /// Says its answer, a letter at a time.
    Dripping,
    /// Begins its answer, and neither ends it nor hangs up.
    HalfOpen,
    /// Never ends its answer.
    Endless,
    /// Hangs up.
    Hangup,
    /// Speaks another language.
    Garbage,
}

/// A call as it came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Received {
    pub path: String,
    head: String,
    pub body: String,
}

impl Received {
    pub fn header(&self, name: &str) -> String {
        let start = format!("{name}: ");
        self.head.lines().find_map(|line| line.strip_prefix(&start)).unwrap_or_default().to_owned()
    }
}

pub struct Receiver {
    address: String,
    manner: Arc<Mutex<Manner>>,
    calls: Arc<Mutex<Vec<Received>>>,
}

impl Receiver {
    pub async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (manner, calls) = (Arc::new(Mutex::new(manner)), Arc::new(Mutex::new(Vec::new())));
        let (manners, kept) = (manner.clone(), calls.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (manner, kept) = (manners.lock().unwrap().clone(), kept.clone());
                tokio::spawn(async move { answer(stream, manner, &kept).await });
            }
        });
        Self { address, manner, calls }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn be(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    pub fn calls(&self) -> Vec<Received> {
        self.calls.lock().unwrap().clone()
    }
}

async fn received(stream: &mut TcpStream) -> Option<Received> {
    let (mut bytes, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        if let Some((head, body)) = String::from_utf8_lossy(&bytes).split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0_usize) {
                let path = head.split(' ').nth(1)?.to_owned();
                return Some(Received { path, head: head.replace("\r\n", "\n"), body: body.to_owned() });
            }
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&buffer[..read]),
        }
    }
}

async fn answer(mut stream: TcpStream, manner: Manner, calls: &Mutex<Vec<Received>>) {
    let Some(call) = received(&mut stream).await else { return };
    calls.lock().unwrap().push(call);
    let status = |line: &str| format!("HTTP/1.1 {line}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    let whole = match &manner {
        Manner::Well => "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n".to_owned(),
        Manner::Status(code) => status(&format!("{code} Said")),
        Manner::Later(seconds) => status(&format!("503 Later\r\nretry-after: {seconds}")),
        Manner::Redirect(to) => status(&format!("302 Elsewhere\r\nlocation: {to}")),
        Manner::Silent => {
            tokio::time::sleep(Duration::from_secs(30)).await;
            return;
        }
        Manner::Garbage => "EHLO there\r\n\r\n".to_owned(),
        Manner::Hangup => return,
        Manner::HalfOpen => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf").await;
            tokio::time::sleep(Duration::from_secs(30)).await;
            return;
        }
        Manner::Dripping => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n").await;
            while stream.write_all(b".").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            return;
        }
        Manner::Endless => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await;
            let chunk = [b"2000\r\n".as_slice(), &[b'x'; 0x2000], b"\r\n"].concat();
            while stream.write_all(&chunk).await.is_ok() {}
            return;
        }
    };
    let _ = stream.write_all(whole.as_bytes()).await;
}
