//! The load: clients that keep their connections and ask as soon as they are answered.

use std::{
    io,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use eslabon::foundation::{clock::Clock, ids::Ids};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    runtime::Handle,
};
use uuid::Uuid;

use crate::{Failure, endpoints::Call};

/// How many of a hundred requests may be refused before that is no measurement any more.
const MOST_REFUSED: u32 = 1;

/// Who asks: the clients' own thread, and how many they are.
pub struct Load {
    pub clients: Handle,
    pub at_once: usize,
}

/// How it went.
pub struct Stretch {
    /// Requests that were done, a second.
    pub rate: f64,
    /// How many were refused.
    pub refused: u32,
}

/// A request as it goes over the wire, but for its key.
pub struct Wire {
    head: Vec<u8>,
    has_key: bool,
    body: Vec<u8>,
}

impl Wire {
    pub fn of(call: &Call) -> Self {
        let Call { method, path, token, body } = call;
        let authorization = token.as_ref().map(|token| format!("authorization: Bearer {token}\r\n"));
        let content = body
            .as_ref()
            .map(|body| format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len()));
        let [authorization, content] = [authorization, content].map(Option::unwrap_or_default);
        let head = format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{authorization}{content}");
        let body = body.clone().unwrap_or_default();
        Self { head: head.into_bytes(), has_key: call.has_key(), body: body.into_bytes() }
    }

    fn write(&self, ids: &Ids, into: &mut Vec<u8>) {
        into.clear();
        into.extend_from_slice(&self.head);
        if self.has_key {
            let key: Uuid = ids.new_id(Clock::System.now());
            into.extend_from_slice(format!("idempotency-key: {key}\r\n").as_bytes());
        }
        into.extend_from_slice(b"\r\n");
        into.extend_from_slice(&self.body);
    }
}

/// What one client has got done.
#[derive(Default)]
struct Done {
    answered: u32,
    refused: u32,
    /// What was said at the last refusal.
    said: String,
}

impl Load {
    /// All clients ask a server for so long.
    pub async fn stretch(
        &self,
        address: SocketAddr,
        wires: &Arc<[Wire]>,
        lasting: Duration,
    ) -> Result<Stretch, Failure> {
        let (ids, began) = (Ids::system(), Instant::now());
        let asking = (0..self.at_once).map(|client| {
            let (wires, ids) = (Arc::clone(wires), ids.clone());
            self.clients
                .spawn(async move { keep_asking(address, &wires, client, &ids, began + lasting).await })
        });
        let (mut all, asking) = (Done::default(), asking.collect::<Vec<_>>());
        for client in asking {
            let done = client.await??;
            all.answered += done.answered;
            all.refused += done.refused;
            if done.refused > 0 {
                all.said = done.said;
            }
        }
        if all.answered == 0 || all.refused * 100 > (all.answered + all.refused) * MOST_REFUSED {
            return Err(format!("{} answered, {} refused: {}", all.answered, all.refused, all.said).into());
        }
        Ok(Stretch { rate: f64::from(all.answered) / began.elapsed().as_secs_f64(), refused: all.refused })
    }
}

async fn keep_asking(
    address: SocketAddr,
    wires: &[Wire],
    client: usize,
    ids: &Ids,
    until: Instant,
) -> io::Result<Done> {
    let mut connection = Connection::open(address).await?;
    let (mut done, mut request) = (Done::default(), Vec::new());
    // Each begins with another request than the one before it.
    for wire in wires.iter().cycle().skip(client % wires.len()) {
        if Instant::now() >= until {
            break;
        }
        wire.write(ids, &mut request);
        let status = connection.ask(&request).await?;
        if (200..300).contains(&status) {
            done.answered += 1;
        } else {
            done.refused += 1;
            done.said = format!("{status} {}", String::from_utf8_lossy(&connection.body));
        }
    }
    Ok(done)
}

/// A connection that is kept. It understands what the servers here say and no more, and so costs little beside them.
struct Connection {
    stream: BufReader<TcpStream>,
    line: String,
    body: Vec<u8>,
}

impl Connection {
    async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::new(stream), line: String::new(), body: Vec::new() })
    }

    /// Sends a request and reads the whole answer; returns its status.
    async fn ask(&mut self, request: &[u8]) -> io::Result<u16> {
        self.stream.write_all(request).await?;
        let status = self.line().await?.get(9..12).and_then(|code| code.parse().ok());
        let (mut length, mut is_chunked) = (0, false);
        loop {
            let line = self.line().await?;
            if line.is_empty() {
                break;
            }
            let Some((name, value)) = line.split_once(':') else { continue };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().map_err(io::Error::other)?;
            }
            is_chunked |= name.eq_ignore_ascii_case("transfer-encoding");
        }
        self.body.clear();
        if is_chunked {
            self.read_chunks().await?;
        } else {
            self.read(length).await?;
        }
        status.ok_or_else(|| io::Error::other("that is no HTTP"))
    }

    /// The next line, without its end.
    async fn line(&mut self) -> io::Result<&str> {
        self.line.clear();
        if self.stream.read_line(&mut self.line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(self.line.trim_end())
    }

    async fn read(&mut self, length: usize) -> io::Result<()> {
        let from = self.body.len();
        self.body.resize(from + length, 0);
        self.stream.read_exact(&mut self.body[from..]).await?;
        Ok(())
    }

    async fn read_chunks(&mut self) -> io::Result<()> {
        loop {
            let size = usize::from_str_radix(self.line().await?, 16).map_err(io::Error::other)?;
            // With the end of its line.
            self.read(size + 2).await?;
            if size == 0 {
                return Ok(());
            }
        }
    }
}
