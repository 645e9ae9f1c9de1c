//! Where a request comes from: the socket's peer, or what trusted proxies say.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use underpin_base::{RequestId, Trace};
use underpin_runtime::settings::Network;

/// Proxies in a row that are looked through.
const HOPS_MAX: usize = 16;
/// Longest foreign request id that is taken over.
const REQUEST_ID_BYTES_MAX: usize = 64;

/// Who sent a request, as far as it is known before anybody is asked.
#[derive(Debug, Clone)]
pub struct Client {
    /// The address; absent only where there is no socket (tests).
    pub address: Option<IpAddr>,
    /// The request's id: printed in logs, in `X-Request-Id` and in problems.
    pub request_id: String,
    /// The request's place in a trace: its caller's if it named one, whoever it is. It correlates and proves nothing.
    pub trace: Trace,
    /// The operation of the caller that waits for this one, if it named one.
    pub caller: Option<Trace>,
}

impl Client {
    /// Judge a request by its peer and headers.
    pub(crate) fn of(peer: Option<SocketAddr>, headers: &HeaderMap, trusted: &[Network]) -> Self {
        let peer = peer.map(|peer| peer.ip().to_canonical());
        let believed = peer.is_some_and(|peer| trusts(trusted, peer));
        let request_id = believed.then(|| foreign_request_id(headers)).flatten();
        let caller = foreign_trace(headers);
        Self {
            address: peer.map(|peer| address(peer, headers, trusted)),
            request_id: request_id.unwrap_or_else(|| RequestId::new().to_string()),
            trace: caller.map_or_else(Trace::new, Trace::child),
            caller,
        }
    }

    /// Whether the request comes from this very machine.
    pub fn is_loopback(&self) -> bool {
        self.address.is_some_and(|address| address.is_loopback())
    }
}

/// The rightmost address that no trusted proxy has: what stands left of it anybody can write.
fn address(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let mut nearest = peer;
    let lines = headers.get_all("x-forwarded-for").iter().rev();
    let hops = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
    for hop in hops.take(HOPS_MAX) {
        if !trusts(trusted, nearest) {
            break;
        }
        let Some(address) = read_hop(hop) else { break };
        nearest = address;
    }
    nearest
}

fn trusts(trusted: &[Network], address: IpAddr) -> bool {
    trusted.iter().any(|network| network.contains(address))
}

/// An address as proxies write it: bare, with a port, IPv6 in brackets.
fn read_hop(hop: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(hop).ok()?.trim();
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse::<IpAddr>().ok();
    address.or_else(|| text.parse::<SocketAddr>().ok().map(|s| s.ip())).map(|a| a.to_canonical())
}

fn foreign_request_id(headers: &HeaderMap) -> Option<String> {
    let text = headers.get("x-request-id")?.to_str().ok()?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let fine = (8..=REQUEST_ID_BYTES_MAX).contains(&text.len()) && text.bytes().all(plain);
    fine.then(|| text.to_owned())
}

/// What one `traceparent` says; two say nothing.
fn foreign_trace(headers: &HeaderMap) -> Option<Trace> {
    let mut values = headers.get_all("traceparent").iter();
    let value = values.next().filter(|_| values.next().is_none())?;
    Trace::parse(value.to_str().ok()?.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(peer: &str, forwarded: &[&str]) -> String {
        let trusted: Vec<Network> =
            ["10.0.0.0/8", "fd00::/8", "127.0.0.1"].iter().map(|n| n.parse().unwrap()).collect();
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let peer = format!("{peer}:443").parse().unwrap();
        Client::of(Some(peer), &headers, &trusted).address.unwrap().to_string()
    }

    #[test]
    fn the_rightmost_address_that_is_no_proxy_counts() {
        for (peer, forwarded, expected) in [
            ("203.0.113.5", &[][..], "203.0.113.5"),
            ("203.0.113.5", &["198.51.100.1"], "203.0.113.5"),
            ("10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["127.0.0.1, 198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["8.8.8.8, 198.51.100.1, 10.0.0.2"], "198.51.100.1"),
            ("10.0.0.1", &["8.8.8.8", "198.51.100.1", "10.0.0.2"], "198.51.100.1"),
            ("10.0.0.1", &["198.51.100.1, rubbish"], "10.0.0.1"),
            ("10.0.0.1", &["rubbish, 198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["", "  "], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1:5555"], "198.51.100.1"),
            ("10.0.0.1", &["[2001:db8::7]:5555"], "2001:db8::7"),
            ("10.0.0.1", &["[2001:db8::7]"], "2001:db8::7"),
            ("10.0.0.1", &["::ffff:198.51.100.1"], "198.51.100.1"),
            ("[::ffff:10.0.0.1]", &["198.51.100.1"], "198.51.100.1"),
            ("[fd00::1]", &["2001:db8::7, 10.0.0.9"], "2001:db8::7"),
            ("127.0.0.1", &["127.0.0.1"], "127.0.0.1"),
            ("10.0.0.1", &["198.51.100.1, 10.0.0.2, 10.0.0.3, 10.0.0.4"], "198.51.100.1"),
            ("10.0.0.1", &["198.51.100.1,10.0.0.2"], "198.51.100.1"),
            ("10.0.0.1", &[" 198.51.100.1\t"], "198.51.100.1"),
            ("10.0.0.1", &["198.51.100.1,"], "10.0.0.1"),
            ("10.0.0.1", &[",198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["198.51.100.256"], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.01"], "10.0.0.1"),
            ("10.0.0.1", &["3325256705"], "10.0.0.1"),
            ("10.0.0.1", &["0xc6336401"], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1:99999"], "10.0.0.1"),
            ("10.0.0.1", &["[198.51.100.1]"], "198.51.100.1"),
            ("10.0.0.1", &["[2001:db8::7"], "10.0.0.1"),
            ("10.0.0.1", &["2001:db8::7%eth0"], "10.0.0.1"),
            ("10.0.0.1", &["unknown"], "10.0.0.1"),
            ("10.0.0.1", &["_hidden, 198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["for=198.51.100.1"], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1;proto=https"], "10.0.0.1"),
            ("10.0.0.1", &["\"198.51.100.1\""], "10.0.0.1"),
            ("10.0.0.1", &["localhost"], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1 10.0.0.2"], "10.0.0.1"),
            ("203.0.113.5", &["127.0.0.1"], "203.0.113.5"),
            ("203.0.113.5", &["10.0.0.2", "10.0.0.3"], "203.0.113.5"),
            ("[2001:db8::9]", &["10.0.0.2"], "2001:db8::9"),
            ("127.0.0.1", &["::1"], "::1"),
        ] {
            assert_eq!(judged(peer, forwarded), expected, "{peer} {forwarded:?}");
        }
    }

    #[test]
    fn what_stands_left_of_the_client_never_counts() {
        for junk in ["1.1.1.1", "10.0.0.9", "\"", "a,b,,", "127.0.0.1, 10.9.9.9"] {
            assert_eq!(judged("10.0.0.1", &[junk, "198.51.100.1"]), "198.51.100.1", "{junk}");
        }
        let long = "10.0.0.2, ".repeat(500);
        assert_eq!(judged("10.0.0.1", &[&long]), "10.0.0.1");
    }

    #[test]
    fn a_request_id_is_taken_from_trusted_proxies_only() {
        let trusted = ["10.0.0.1".parse().unwrap()];
        let given = |peer: &str, id: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("x-request-id", id.parse().unwrap());
            Client::of(Some(peer.parse().unwrap()), &headers, &trusted).request_id
        };
        assert_eq!(given("10.0.0.1:1", "edge-12345678"), "edge-12345678");
        assert_ne!(given("10.0.0.2:1", "edge-12345678"), "edge-12345678");
        for odd in ["short", "has blank inside", &"x".repeat(65), "semi;colon1"] {
            assert_ne!(given("10.0.0.1:1", odd), odd);
        }
    }

    #[test]
    fn a_trace_is_taken_from_anybody_and_otherwise_begins_here() {
        const GIVEN: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let given = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append("traceparent", value.parse().unwrap());
            }
            Client::of(None, &headers, &[]).trace
        };
        let taken = given(&[GIVEN]);
        assert_eq!(taken.trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_ne!(taken.to_string(), GIVEN, "our operation has an id of its own");
        for odd in [&[][..], &["00-junk"], &[GIVEN, GIVEN]] {
            assert_ne!(given(odd).trace_id(), taken.trace_id(), "{odd:?}");
        }
    }
}
