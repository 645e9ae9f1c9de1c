use super::{Environment, Settings, Url};

/// Longest wait for a free connection that a request may have, in milliseconds: past it people have gone.
const ACQUIRE_MS_MAX: u32 = 2_000;
/// Longest time until a new connection is there, in milliseconds.
const CONNECT_MS_MAX: u32 = 5_000;

impl Settings {
    pub(super) fn database_contradictions(&self, refuse: &mut impl FnMut(&str, &str, &str)) {
        let database = &self.database;
        let production = self.deployment.environment == Environment::Production;
        let (app, system) = (database.app_url.find(), database.system_url.find());
        if app.is_some() && app == system {
            let mend = "give each role its own URL; `underpin db init` makes the roles";
            refuse("two roles share one URL", "database.app_url, database.system_url", mend);
        }
        let urls = [
            ("database.app_url", &database.app_url),
            ("database.system_url", &database.system_url),
            ("database.owner_url", &database.owner_url),
        ];
        for (place, url) in urls {
            let Some(url) = url.find().map(underpin_base::Secret::expose) else { continue };
            if !url.as_str().starts_with("postgres") {
                let mend = "give a URL such as postgresql://user@host/database";
                refuse("rows lie in Postgres and nowhere else", place, mend);
            } else if production && travels_in_clear_text(url) {
                let mend = "add sslmode=require to its query, or reach a server on this machine";
                refuse("rows and passwords would travel in clear text", place, mend);
            }
        }
        self.timeout_contradictions(refuse);
    }

    fn timeout_contradictions(&self, refuse: &mut impl FnMut(&str, &str, &str)) {
        let database = &self.database;
        if database.app_connections_min > database.app_connections_max {
            let mend = "keep app_connections_min at or below app_connections_max";
            let what = "more connections are kept than there may be";
            refuse(what, "database.app_connections_min", mend);
        }
        if database.acquire_timeout_ms > ACQUIRE_MS_MAX {
            let mend =
                "give it 2000 at most: a longer wait turns a full pool into requests that hang";
            let what = "requests would wait too long for a connection";
            refuse(what, "database.acquire_timeout_ms", mend);
        }
        if database.connect_timeout_ms > CONNECT_MS_MAX {
            let mend = "give it 5000 at most";
            refuse(
                "a server that is away would be waited for too long",
                "database.connect_timeout_ms",
                mend,
            );
        }
        let (web, report) =
            (database.web_statement_timeout_ms, database.report_statement_timeout_ms);
        if web > report || report > database.job_statement_timeout_ms {
            let mend = "keep web at or below report, and report at or below job";
            refuse("statement timeouts are out of order", "database.*_statement_timeout_ms", mend);
        }
    }
}

/// Whether a database URL reaches a host that is not this machine without TLS.
///
/// A host in the query counts as one in the authority; a path is a socket of this machine.
fn travels_in_clear_text(url: &Url) -> bool {
    let rest = url.as_str().split_once("://").map_or("", |(_, rest)| rest);
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let authority = place.split('/').next().unwrap_or_default();
    let authority = authority.rsplit_once('@').map_or(authority, |(_, hosts)| hosts);
    let pairs = || query.split('&').filter_map(|pair| pair.split_once('='));
    // Of a parameter that is given twice the last one counts.
    let tls = pairs().rfind(|(name, _)| *name == "sslmode");
    if tls.is_some_and(|(_, mode)| mode == "require") {
        return false;
    }
    let named = pairs().filter(|(name, _)| matches!(*name, "host" | "hostaddr"));
    let hosts = named.map(|(_, hosts)| hosts).chain([authority]);
    hosts.flat_map(|hosts| hosts.split(',')).any(|host| !is_here(host))
}

/// Whether a host of a database URL is this machine; one that is not named is a socket.
fn is_here(host: &str) -> bool {
    let host = host.replace("%2F", "/").replace("%2f", "/");
    host.is_empty() || host.starts_with('/') || super::storage::is_loopback(&host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::value::Value as _;

    #[test]
    fn only_this_machine_is_reached_without_tls() {
        for (url, clear) in [
            ("postgresql://app:p@db.example.com/underpin", true),
            ("postgresql://app:p@db.example.com/underpin?sslmode=disable", true),
            ("postgresql://app:p@db.example.com/underpin?sslmode=prefer", true),
            ("postgresql://app:p@db.example.com/underpin?sslmode=require&sslmode=disable", true),
            ("postgresql://app:p@db.example.com:5432/underpin?sslmode=require", false),
            ("postgresql://app:p@127.0.0.1,db.example.com/underpin", true),
            ("postgresql:///underpin?host=10.0.0.7", true),
            ("postgresql://app@localhost/underpin?hostaddr=10.0.0.7", true),
            ("postgresql://app@localhost:5432/underpin", false),
            ("postgresql://app:p%40x@[::1]:5432/underpin", false),
            ("postgresql:///underpin?host=/run/postgresql", false),
            ("postgresql://app@%2Frun%2Fpostgresql/underpin", false),
        ] {
            assert_eq!(travels_in_clear_text(&Url::parse(url).unwrap()), clear, "{url}");
        }
    }
}
