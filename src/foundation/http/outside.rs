//! The way out to addresses that others have named: webhooks, and registries.
//!
//! Whoever names an address must not make the service talk to what only the service can reach. So the filter stands in the
//! resolver, at the very moment at which a name becomes the address of the connection: a name that changes its mind between
//! a check and the use of it gains nothing. Addresses that are written as numbers never reach a resolver and are looked at
//! before; so is each address of a redirect. No proxy of the environment is used, which would do the resolving itself.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use reqwest::{
    Client, Response, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    header::HeaderMap,
    redirect,
};

use super::install_tls;

/// For a connection, its TLS included.
const TO_CONNECT: Duration = Duration::from_secs(5);
/// The usual time for all of an answer.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// Why nothing came of it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum OutsideError {
    /// No address to which we go.
    #[error("is no https:// address of the public network")]
    Address,
    /// Took too long.
    #[error("did not answer in time")]
    Slow,
    /// Said more than we take.
    #[error("answered with more than {0} bytes")]
    TooLarge(usize),
    /// The network or the server said no.
    #[error("could not be reached: {0}")]
    Transport(String),
}

/// What was answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body, cut off nowhere.
    pub body: Vec<u8>,
    /// Seconds after which to come again, where that was said.
    pub retry_after: Option<i64>,
}

/// Whether a connection to this address leaves for the public network (IANA's registries of special addresses).
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

const fn is_public_v4(v4: Ipv4Addr) -> bool {
    let [a, b, c, _] = v4.octets();
    !matches!(
        (a, b, c),
        (0 | 10 | 127 | 224..=255, _, _)                     // this network, private, loopback, multicast, reserved
            | (100, 64..=127, _)                             // shared by carriers' customers
            | (169, 254, _)                                  // link-local, and with it the metadata of clouds
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)                                // protocol assignments, documentation
            | (192, 88, 99)                                  // relays of 6to4
            | (192, 168, _)
            | (198, 18..=19, _)                              // benchmarks
            | (198, 51, 100)
            | (203, 0, 113)
    )
}

/// Only what is global unicast, and nothing that carries an IPv4 address which is not public itself.
fn is_public_v6(v6: Ipv6Addr) -> bool {
    let parts = v6.segments();
    let carried = |at: usize| {
        let ([first, second], [third, fourth]) = (parts[at].to_be_bytes(), parts[at + 1].to_be_bytes());
        is_public_v4(Ipv4Addr::new(first, second, third, fourth))
    };
    match (parts[0], parts[1]) {
        // NAT64: 64:ff9b::/96 to the public network, 64:ff9b:1::/48 within one's own.
        (0x64, 0xff9b) => parts[2..6] == [0; 4] && carried(6),
        // Teredo, ORCHID, documentation, benchmarks and whatever else 2001::/23 is for; documentation again.
        (0x2001, 0..=0x01ff | 0x0db8) | (0x3fff, 0..=0x0fff) => false,
        // 6to4.
        (0x2002, _) => carried(1),
        (first, _) => first & 0xe000 == 0x2000,
    }
}

/// Asks the system's resolver, and keeps what is public of its answer.
struct PublicOnly {
    private: bool,
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let private = self.private;
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let kept: Vec<_> = found.into_iter().filter(|at| private || is_public(at.ip())).collect();
            if kept.is_empty() {
                return Err(Box::<dyn std::error::Error + Send + Sync>::from(OutsideError::Address));
            }
            Ok(Box::new(kept.into_iter()) as Addrs)
        })
    }
}

/// Whether we go there: by TLS, and to no number that is not public. Names are looked at when they are resolved.
fn may_go(address: &Url, private: bool) -> bool {
    let by_tls = address.scheme() == "https" || (private && address.scheme() == "http");
    let is_fit = match address.host() {
        Some(url::Host::Ipv4(v4)) => private || is_public(v4.into()),
        Some(url::Host::Ipv6(v6)) => private || is_public(v6.into()),
        Some(url::Host::Domain(name)) => !name.is_empty(),
        None => false,
    };
    by_tls && is_fit && address.username().is_empty() && address.password().is_none()
}

/// A client for addresses that others have named.
#[derive(Clone, Debug)]
pub struct Outside {
    client: Client,
    private: bool,
}

impl Outside {
    /// A client that follows so many redirects. `private` lets it go where it must not in earnest: to servers of a test.
    ///
    /// # Errors
    /// When the TLS library can't be set up.
    pub fn new(redirects: usize, private: bool) -> Result<Self, OutsideError> {
        Self::going_on(redirects, private, private)
    }

    /// `onward` is for redirects what `private` is for what was asked for.
    #[expect(
        clippy::disallowed_methods,
        reason = "a client with a filter, which is why the others are banned"
    )]
    fn going_on(redirects: usize, private: bool, onward: bool) -> Result<Self, OutsideError> {
        install_tls();
        let policy = redirect::Policy::custom(move |attempt| {
            if attempt.previous().len() > redirects {
                attempt.stop()
            } else if may_go(attempt.url(), onward) {
                attempt.follow()
            } else {
                attempt.error(OutsideError::Address)
            }
        });
        let client = Client::builder()
            .no_proxy()
            .connect_timeout(TO_CONNECT)
            .pool_max_idle_per_host(0)
            .redirect(policy)
            .dns_resolver(Arc::new(PublicOnly { private }))
            .build()
            .map_err(|error| OutsideError::Transport(error.to_string()))?;
        Ok(Self { client, private })
    }

    /// The address, where it is one to which we go.
    ///
    /// # Errors
    /// That it is not.
    pub fn address(&self, text: &str) -> Result<Url, OutsideError> {
        let address: Url = text.parse().map_err(|_| OutsideError::Address)?;
        if may_go(&address, self.private) { Ok(address) } else { Err(OutsideError::Address) }
    }

    /// Sends a body, and takes up to `most` bytes of the answer.
    ///
    /// # Errors
    /// [`OutsideError`]; nothing is retried.
    pub async fn post(
        &self,
        to: &str,
        headers: HeaderMap,
        body: String,
        patience: Duration,
        most: usize,
    ) -> Result<Answer, OutsideError> {
        let request = self.client.post(self.address(to)?).headers(headers).body(body);
        within(patience, most, request).await
    }

    /// Fetches what is there, of up to `most` bytes.
    ///
    /// # Errors
    /// [`OutsideError`]; nothing is retried.
    pub async fn get(&self, from: &str, patience: Duration, most: usize) -> Result<Answer, OutsideError> {
        within(patience, most, self.client.get(self.address(from)?)).await
    }
}

/// All of it within the time: connecting, sending, and the last byte of the answer.
async fn within(
    patience: Duration,
    most: usize,
    request: reqwest::RequestBuilder,
) -> Result<Answer, OutsideError> {
    let answered = async { taken(request.send().await.map_err(|error| transport(&error))?, most).await };
    tokio::time::timeout(patience, answered).await.unwrap_or(Err(OutsideError::Slow))
}

async fn taken(mut response: Response, most: usize) -> Result<Answer, OutsideError> {
    let (status, mut body) = (response.status().as_u16(), Vec::new());
    let retry_after = response.headers().get(reqwest::header::RETRY_AFTER);
    let retry_after = retry_after.and_then(|value| value.to_str().ok()?.trim().parse().ok());
    while let Some(chunk) = response.chunk().await.map_err(|error| transport(&error))? {
        if body.len() + chunk.len() > most {
            return Err(OutsideError::TooLarge(most));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, body, retry_after })
}

/// What was at the bottom of it; never the address, which may hold a secret of somebody else's.
fn transport(error: &reqwest::Error) -> OutsideError {
    if error.is_timeout() {
        return OutsideError::Slow;
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        if let Some(OutsideError::Address) = deeper.downcast_ref() {
            return OutsideError::Address;
        }
        cause = deeper;
    }
    OutsideError::Transport(cause.to_string().chars().take(200).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What must not be reached, and why.
    const CLOSED: &[&str] = &[
        // loopback, this network, broadcast
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",
        "0.1.2.3",
        "255.255.255.255",
        "::1",
        "::",
        // private
        "10.0.0.1",
        "10.255.255.255",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.0.1",
        "192.168.255.255",
        "fc00::1",
        "fdff:ffff::1",
        // link-local, and the metadata of clouds
        "169.254.0.1",
        "169.254.169.254",
        "169.254.170.2",
        "fe80::1",
        "febf::1",
        "fd00:ec2::254",
        "100.100.100.200",
        // carriers, benchmarks, protocols, documentation, relays
        "100.64.0.1",
        "100.127.255.255",
        "198.18.0.1",
        "198.19.255.255",
        "192.0.0.1",
        "192.0.0.192",
        "192.0.2.1",
        "198.51.100.1",
        "203.0.113.1",
        "192.88.99.1",
        "2001:db8::1",
        "2001::1",
        "2001:2::1",
        "2001:10::1",
        "3fff::1",
        // multicast, reserved, discard, site-local
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "ff02::1",
        "100::1",
        "fec0::1",
        "5f00::1",
        "4000::1",
        // IPv4 in IPv6: mapped, compatible, NAT64, NAT64 of one's own, 6to4
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:8.8.8.8",
        "::127.0.0.1",
        "::8.8.8.8",
        "64:ff9b::127.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "64:ff9b:0:1::808:808",
        "2002:7f00:1::",
        "2002:a00:1::",
        "2002:a9fe:a9fe::",
        "2002:c0a8:1::1",
    ];
    const OPEN: &[&str] = &[
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.1",
        "100.63.255.255",
        "100.128.0.1",
        "126.255.255.255",
        "128.0.0.1",
        "169.253.255.255",
        "169.255.0.1",
        "172.15.255.255",
        "172.32.0.1",
        "192.0.1.1",
        "192.167.255.255",
        "192.169.0.1",
        "198.17.255.255",
        "198.20.0.1",
        "223.255.255.255",
        "2606:4700:4700::1111",
        "2a00:1450::1",
        "2001:4860:4860::8888",
        "64:ff9b::8.8.8.8",
        "2002:808:808::1",
    ];

    #[test]
    fn only_the_public_network_is_reached() {
        for text in CLOSED {
            assert!(!is_public(text.parse().unwrap()), "{text} is reached");
        }
        for text in OPEN {
            assert!(is_public(text.parse().unwrap()), "{text} is not reached");
        }
    }

    /// Numbers are written in many ways, and all of them are the same number.
    #[test]
    fn however_an_address_is_written() {
        let outside = Outside::new(0, false).unwrap();
        for text in [
            "https://127.0.0.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0177.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:7f00:1]/",
            "https://169.254.169.254/latest/meta-data/",
            "https://0/",
            "https://127.0.0.1./",
            "https://１２７.0.0.1/",
            "http://example.org/",
            "ftp://example.org/",
            "https://",
            "file:///etc/passwd",
            "https://ana:secreto@example.org/",
            "example.org",
            "https://[64:ff9b::7f00:1]/",
        ] {
            assert_eq!(outside.address(text), Err(OutsideError::Address), "{text}");
        }
        for text in ["https://example.org/hook?x=1", "https://8.8.8.8:8443/", "https://[2606:4700::1111]/"] {
            outside.address(text).unwrap();
        }
    }

    /// A server that sends whoever comes to an address.
    async fn door(to: &'static str) -> String {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.read(&mut [0; 1024]).await;
                let answer = format!(
                    "HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                );
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        address
    }

    #[tokio::test]
    async fn a_redirect_leads_nowhere_where_we_do_not_go() {
        for to in [
            "https://127.0.0.1:1/",
            "https://[::1]:1/",
            "https://169.254.169.254/",
            "https://10.0.0.1/",
            "http://example.org/",
        ] {
            let outside = Outside::going_on(3, true, false).unwrap();
            let answer = outside.get(&door(to).await, PATIENCE, 10).await;
            assert_eq!(answer, Err(OutsideError::Address), "{to}");
            let none = Outside::going_on(0, true, true).unwrap().get(&door(to).await, PATIENCE, 10).await;
            assert_eq!(none.unwrap().status, 302, "{to}");
        }
    }

    #[tokio::test]
    async fn a_name_of_this_machine_is_not_reached() {
        let outside = Outside::new(0, false).unwrap();
        let answer = outside.get("https://localhost:1/", PATIENCE, 10).await;
        assert_eq!(answer, Err(OutsideError::Address));
    }
}
