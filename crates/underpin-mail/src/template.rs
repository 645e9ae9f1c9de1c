//! Words with gaps, in each language; text and HTML come from the same ones, so they never say different things.

use std::fmt::Write as _;

use crate::model::{Content, Language};

/// A mail before anybody's name is in it.
#[derive(Debug, Clone, Copy)]
pub struct Template {
    /// A stable name.
    pub kind: &'static str,
    /// In English.
    pub en: Words,
    /// In German.
    pub de: Words,
}

/// The words of a template in one language; `{name}` is a gap.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    /// The subject.
    pub subject: &'static str,
    /// Paragraphs before the link.
    pub before: &'static [&'static str],
    /// What the link is called, where there is one.
    pub link: Option<&'static str>,
    /// Paragraphs after the link.
    pub after: &'static [&'static str],
}

impl Template {
    /// Fill the gaps. `values` names each gap once; `link` is where [`Words::link`] leads.
    ///
    /// Keeps: a value is text, whatever it holds: it breaks no line of the subject and no tag of the HTML.
    pub fn fill(&self, language: Language, values: &[(&str, &str)], link: Option<&str>) -> Content {
        let words = match language {
            Language::En => &self.en,
            Language::De => &self.de,
        };
        let link = words.link.zip(link);
        Content {
            subject: fill(words.subject, values),
            text: text(words, values, link),
            html: html(language, words, values, link),
        }
    }
}

fn text(words: &Words, values: &[(&str, &str)], link: Option<(&str, &str)>) -> String {
    let mut text = String::new();
    for line in words.before {
        let _ = write!(text, "{}\n\n", fill(line, values));
    }
    if let Some((label, url)) = link {
        let _ = write!(text, "{label}:\n{url}\n\n");
    }
    for line in words.after {
        let _ = write!(text, "{}\n\n", fill(line, values));
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn html(
    language: Language,
    words: &Words,
    values: &[(&str, &str)],
    link: Option<(&str, &str)>,
) -> String {
    let subject = escape(&fill(words.subject, values));
    let mut html = format!(
        "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\"><title>{subject}</title></head>\n\
         <body style=\"font:16px/1.5 sans-serif;color:#1a1f2b;max-width:36em;margin:2em auto;padding:0 1em\">\n",
        language.as_str()
    );
    let paragraph = |html: &mut String, line: &str| {
        let _ = writeln!(html, "<p>{}</p>", escape(&fill(line, values)));
    };
    for line in words.before {
        paragraph(&mut html, line);
    }
    if let Some((label, url)) = link {
        let (label, url) = (escape(label), escape(url));
        let _ = writeln!(html, "<p><a href=\"{url}\">{label}</a></p>\n<p><small>{url}</small></p>");
    }
    for line in words.after {
        paragraph(&mut html, line);
    }
    html.push_str("</body></html>\n");
    html
}

/// A text with its gaps filled, each value on one line.
fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, from)) = rest.split_once('{') {
        filled.push_str(before);
        let (name, after) = from.split_once('}').unwrap_or((from, ""));
        let value = values.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        debug_assert!(value.is_some(), "nothing fills {{{name}}}");
        filled.extend(value.unwrap_or_default().chars().filter(|c| !c.is_control()));
        rest = after;
    }
    filled.push_str(rest);
    filled
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELLO: Template = Template {
        kind: "test.hello",
        en: Words {
            subject: "Hello {name}",
            before: &["Hello {name}, this is {tenant}."],
            link: Some("Come in"),
            after: &["Bye."],
        },
        de: Words { subject: "Hallo {name}", before: &["{tenant}"], link: None, after: &[] },
    };

    #[test]
    fn text_and_html_say_the_same() {
        let values = [("name", "Ada"), ("tenant", "North")];
        let content = HELLO.fill(Language::En, &values, Some("https://a.test/x#y"));
        assert_eq!(content.subject, "Hello Ada");
        assert_eq!(
            content.text,
            "Hello Ada, this is North.\n\nCome in:\nhttps://a.test/x#y\n\nBye.\n"
        );
        assert!(content.html.contains("<p>Hello Ada, this is North.</p>"));
        assert!(content.html.contains("<a href=\"https://a.test/x#y\">Come in</a>"));
        assert_eq!(HELLO.fill(Language::De, &values, None).subject, "Hallo Ada");
    }

    #[test]
    fn a_value_breaks_neither_subject_nor_html() {
        let odd = "<b>\"x\"</b>\r\nBcc: all@example.com {tenant}";
        let content = HELLO.fill(Language::En, &[("name", odd), ("tenant", "&")], Some("\"><i>"));
        assert_eq!(content.subject, "Hello <b>\"x\"</b>Bcc: all@example.com {tenant}");
        assert!(!content.html.contains("<b>") && !content.html.contains("<i>"));
        assert!(content.html.contains("this is &amp;."));
    }
}
