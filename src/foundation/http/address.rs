//! From where a request comes, as far as that can be trusted.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv6Addr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{Extensions, HeaderMap, request::Parts},
};

use crate::foundation::{Base, config::Config};

/// The address of the machine that asks; `None` where it is not known.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Address(pub Option<IpAddr>);

impl Address {
    /// The address of a request: what the proxy says of it in the header that is trusted, and nothing else behind a
    /// proxy; without one, that of the connection. What a client writes into other headers is never asked.
    ///
    /// Each proxy puts the address of whom it has spoken with at the end, so that the last one is the only one that was
    /// not the client's to write.
    pub fn of(config: &Config, headers: &HeaderMap, extensions: &Extensions) -> Self {
        let Some(name) = &config.client_address_header else {
            let connection = extensions.get::<ConnectInfo<SocketAddr>>().filter(|_| !config.behind_tls_proxy);
            return Self(connection.map(|of| of.0.ip().to_canonical()));
        };
        let last = headers.get_all(name).iter().next_back().and_then(|value| value.to_str().ok());
        let last = last.and_then(|text| text.rsplit(',').next()).unwrap_or_default().trim();
        let plain = last.trim_start_matches('[').split(']').next().unwrap_or_default();
        let found =
            plain.parse::<IpAddr>().or_else(|_| last.parse::<SocketAddr>().map(|with_port| with_port.ip()));
        Self(found.ok().map(|address| address.to_canonical()))
    }

    /// What counts as one for limits: an IPv4 address, or the /64 network that one customer is given of IPv6.
    pub fn network(self) -> Option<String> {
        self.0.map(|address| match address {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let network = u128::from(address) >> 64 << 64;
                format!("{}/64", Ipv6Addr::from(network))
            }
        })
    }
}

/// For people; empty where it is not known.
impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.map_or(Ok(()), |address| address.fmt(f))
    }
}

impl FromRequestParts<Base> for Address {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, base: &Base) -> Result<Self, Infallible> {
        Ok(Self::of(&base.config, &parts.headers, &parts.extensions))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use clap::{Args, FromArgMatches};

    use super::*;

    fn found(args: &[&str], said: &[&str]) -> String {
        let matches = Config::augment_args(clap::Command::new("test"))
            .get_matches_from([&["test", "--database-url", "sqlite:x"], args].concat());
        let config = Config::from_arg_matches(&matches).unwrap();
        let mut headers = HeaderMap::new();
        for value in said {
            headers.append("x-forwarded-for", HeaderValue::from_str(value).unwrap());
        }
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo::<SocketAddr>("192.0.2.7:5000".parse().unwrap()));
        Address::of(&config, &headers, &extensions).to_string()
    }

    #[test]
    fn only_the_header_that_is_trusted_says_where_somebody_is() {
        let (proxy, trusted) = ("--behind-tls-proxy", "--client-address-header=X-Forwarded-For");
        assert_eq!(found(&[], &["198.51.100.1"]), "192.0.2.7", "nobody trusts it unless told");
        assert_eq!(found(&[proxy], &["198.51.100.1"]), "", "the connection is the proxy's");
        for (said, is) in [
            (&["198.51.100.1"][..], "198.51.100.1"),
            (&["203.0.113.9, 198.51.100.1"], "198.51.100.1"),
            (&["203.0.113.9", "198.51.100.1"], "198.51.100.1"),
            (&["198.51.100.1:4711"], "198.51.100.1"),
            (&["2001:db8::1"], "2001:db8::1"),
            (&["[2001:db8::1]:4711"], "2001:db8::1"),
            (&["::ffff:198.51.100.1"], "198.51.100.1"),
            (&["unknown"], ""),
            (&[], ""),
        ] {
            assert_eq!(found(&[proxy, trusted], said), is, "{said:?}");
        }
    }

    #[test]
    fn a_customer_of_ipv6_is_one() {
        let network = |text: &str| Address(Some(text.parse().unwrap())).network().unwrap();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2::1"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }
}
