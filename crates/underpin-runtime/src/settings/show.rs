use std::net::SocketAddr;

use super::{Environment, Problem, Settings, SmtpSecurity};

impl Settings {
    /// Every setting as `section.key = value  # origin`, secrets hidden.
    pub fn print(&self) -> String {
        let values = self.shown();
        let lines = Self::keys().into_iter().zip(values).zip(&self.origins).map(
            |((key, value), origin)| {
                let setting = format!("{} = {value}", key.path());
                format!("{setting:<60} # {origin}\n")
            },
        );
        lines.collect()
    }

    /// What cannot be true together.
    pub(super) fn contradictions(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut refuse = |what: &str, place: &str, mend: &str| {
            problems.push(Problem::new(what, place, mend));
        };
        let same = |a: SocketAddr, b: SocketAddr| a == b && a.port() != 0;
        if same(self.http.listen, self.http.operator_listen) {
            let mend = "give operators an address of their own";
            refuse("two listeners on one address", "http.listen, http.operator_listen", mend);
        }
        if self.http.body_bytes_max > self.http.upload_bytes_max {
            let mend = "keep body_bytes_max at or below upload_bytes_max";
            refuse("bodies may be larger than files", "http.body_bytes_max", mend);
        }
        self.database_contradictions(&mut refuse);
        self.secret_contradictions(&mut refuse);
        self.mail_contradictions(&mut refuse);
        self.storage_contradictions(&mut refuse);
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let name = &self.deployment.name;
        if name.len() > 40 || !name.chars().all(plain) {
            let mend = "use up to 40 letters, digits and dashes: it becomes part of cookie names";
            refuse("the name is no cookie name", "deployment.name", mend);
        }
        if self.deployment.environment == Environment::Production {
            if self.deployment.demo.is_some() {
                let mend = "remove it; only `underpin dev` sets it";
                refuse("demo sign-ins in production", "deployment.demo", mend);
            }
            if self.http.public_url.as_ref().is_some_and(|url| !url.is_https()) {
                let mend = "use https://, or deployment.environment = \"dev\"";
                refuse("cookies would travel in clear text", "http.public_url", mend);
            }
        }
        problems
    }

    fn mail_contradictions(&self, refuse: &mut impl FnMut(&str, &str, &str)) {
        let mail = &self.mail;
        let Some(url) = &mail.smtp_url else {
            if mail.from.is_some() || mail.smtp_ca_file.is_some() {
                let mend = "set mail.smtp_url too, or leave them out";
                refuse("mail has a sender and no relay", "mail.from, mail.smtp_ca_file", mend);
            }
            return;
        };
        if mail.from.is_none() {
            refuse("mail would have no sender", "mail.from", "set it to an address of yours");
        }
        if self.http.public_url.is_none() {
            let mend = "set it: links in mails are made of it, never of what a request says";
            refuse("links in mails would lead nowhere", "http.public_url", mend);
        }
        if url.expose().security == SmtpSecurity::Plain && !url.expose().is_loopback() {
            let mend = "use smtps:// or smtp:// (STARTTLS)";
            refuse("mail would travel in clear text", "mail.smtp_url", mend);
        }
    }
}
