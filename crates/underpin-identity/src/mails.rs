//! What this crate writes to people.

use jiff::Timestamp;
use underpin_db::Tx;
use underpin_mail::{Language, Letter, Template, Words};
use uuid::Uuid;

use crate::{Identity, Result, model::User};

/// Somebody is invited: `{inviter}`, `{tenant}`, `{days}`.
pub(crate) const INVITE: Template = Template {
    kind: "identity.invite",
    en: Words {
        subject: "{inviter} invites you to {tenant}",
        before: &["{inviter} would like you to join {tenant}."],
        link: Some("Accept the invitation"),
        after: &[
            "The link works once, for {days} days. If you did not expect it, ignore this mail: nothing happens.",
        ],
    },
    de: Words {
        subject: "{inviter} lädt Sie zu {tenant} ein",
        before: &["{inviter} möchte, dass Sie {tenant} beitreten."],
        link: Some("Einladung annehmen"),
        after: &[
            "Der Link gilt einmal und {days} Tage lang. Falls Sie ihn nicht erwartet haben, beachten Sie diese Mail nicht: \
             es geschieht nichts.",
        ],
    },
};

/// Somebody forgot a password: `{name}`, `{minutes}`.
pub(crate) const RESET: Template = Template {
    kind: "identity.reset",
    en: Words {
        subject: "Set a new password",
        before: &[
            "Hello {name},",
            "somebody, probably you, asked to set a new password for your account.",
        ],
        link: Some("Set a new password"),
        after: &[
            "The link works once, for {minutes} minutes. If it was not you, ignore this mail: your password stays as it is.",
        ],
    },
    de: Words {
        subject: "Neues Passwort setzen",
        before: &[
            "Guten Tag {name},",
            "jemand, wahrscheinlich Sie, möchte für Ihr Konto ein neues Passwort setzen.",
        ],
        link: Some("Neues Passwort setzen"),
        after: &[
            "Der Link gilt einmal und {minutes} Minuten lang. Falls Sie es nicht waren, beachten Sie diese Mail nicht: \
             Ihr Passwort bleibt, wie es ist.",
        ],
    },
};

/// A password is another one now: `{name}`.
pub(crate) const PASSWORD_CHANGED: Template = Template {
    kind: "identity.password_changed",
    en: Words {
        subject: "Your password was changed",
        before: &[
            "Hello {name},",
            "the password of your account was changed, and every other session was signed out.",
        ],
        link: Some("If it was not you, set a new password at once"),
        after: &[],
    },
    de: Words {
        subject: "Ihr Passwort wurde geändert",
        before: &[
            "Guten Tag {name},",
            "das Passwort Ihres Kontos wurde geändert, und alle anderen Sitzungen wurden beendet.",
        ],
        link: Some("Falls Sie es nicht waren, setzen Sie sofort ein neues Passwort"),
        after: &[],
    },
};

/// A second factor counts from now on: `{name}`.
pub(crate) const FACTOR_ON: Template = Template {
    kind: "identity.second_factor_on",
    en: Words {
        subject: "Sign-in now asks for a second factor",
        before: &[
            "Hello {name},",
            "from now on signing in to your account takes a code of your authenticator as well.",
            "If it was not you, write to whoever runs this service.",
        ],
        link: None,
        after: &[],
    },
    de: Words {
        subject: "Die Anmeldung verlangt jetzt einen zweiten Faktor",
        before: &[
            "Guten Tag {name},",
            "von jetzt an gehört zur Anmeldung an Ihrem Konto auch ein Code Ihres Authenticators.",
            "Falls Sie es nicht waren, wenden Sie sich an den Betreiber dieses Dienstes.",
        ],
        link: None,
        after: &[],
    },
};

/// A second factor counts no more: `{name}`.
pub(crate) const FACTOR_OFF: Template = Template {
    kind: "identity.second_factor_off",
    en: Words {
        subject: "Sign-in asks for no second factor any more",
        before: &["Hello {name},", "the second factor of your account was turned off."],
        link: Some("If it was not you, set a new password at once"),
        after: &[],
    },
    de: Words {
        subject: "Die Anmeldung verlangt keinen zweiten Faktor mehr",
        before: &["Guten Tag {name},", "der zweite Faktor Ihres Kontos wurde abgeschaltet."],
        link: Some("Falls Sie es nicht waren, setzen Sie sofort ein neues Passwort"),
        after: &[],
    },
};

impl Identity {
    /// Tell a person what happened to their account, if mails go anywhere, in the transaction in which it happens.
    pub(crate) async fn notify(
        &self,
        tx: &mut Tx,
        user: &User,
        (template, language): (&Template, Language),
        now: Timestamp,
    ) -> Result<()> {
        let Some(post) = self.post() else { return Ok(()) };
        let link = format!("{}/reset", post.public_url);
        let letter = Letter {
            key: format!("notice/{}", Uuid::now_v7()),
            kind: template.kind,
            to: user.email.clone(),
            name: Some(user.name.clone()),
            content: template.fill(language, &[("name", &user.name)], Some(&link)),
            expires_at: None,
        };
        post.mailer.post(tx, &letter, now).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The gaps of some words.
    fn gaps(words: &Words) -> std::collections::BTreeSet<String> {
        let lines = words.before.iter().chain(words.after).chain([&words.subject]);
        let gaps = lines.flat_map(|line| line.split('{').skip(1));
        gaps.filter_map(|rest| rest.split_once('}').map(|(name, _)| name.to_owned())).collect()
    }

    #[test]
    fn both_languages_say_the_same() {
        for template in [INVITE, RESET, PASSWORD_CHANGED, FACTOR_ON, FACTOR_OFF] {
            let Template { kind, en, de } = template;
            assert_eq!(gaps(&en), gaps(&de), "{kind}");
            assert_eq!(en.link.is_some(), de.link.is_some(), "{kind}");
            assert_eq!(en.before.len(), de.before.len(), "{kind}");
        }
    }
}
