//! The statements of a migration, as far as judging and running them one by one needs it.

/// One statement of a file.
#[derive(Debug)]
pub(super) struct Sentence<'s> {
    /// As it stands there, without its semicolon.
    pub(super) sql: &'s str,
    /// In lower case and single spaces, without comments, and with `''` for every literal.
    pub(super) bare: String,
    /// Why it is let through, if a line before it says `-- unsafe: <reason>`.
    pub(super) waived: bool,
}

/// Take a file apart.
pub(super) fn sentences(sql: &str) -> Vec<Sentence<'_>> {
    let (mut sentences, mut at, mut start) = (Vec::new(), 0, 0);
    let (mut bare, mut waived) = (String::new(), false);
    while at < sql.len() {
        let rest = &sql[at..];
        let piece = Piece::at_start_of(rest);
        let text = &rest[..piece.len()];
        match piece {
            Piece::End => {
                finish(&mut sentences, &sql[start..at], &mut bare, &mut waived);
                start = at + 1;
            }
            Piece::Comment(_) => {
                let reason = text.strip_prefix("-- unsafe:");
                waived |= reason.is_some_and(|reason| !reason.trim().is_empty());
                bare.push(' ');
            }
            Piece::Literal(_) => bare.push_str("''"),
            Piece::Plain(_) => bare.push_str(&text.to_lowercase()),
        }
        at += piece.len();
    }
    finish(&mut sentences, &sql[start..], &mut bare, &mut waived);
    sentences
}

fn finish<'s>(all: &mut Vec<Sentence<'s>>, sql: &'s str, bare: &mut String, waived: &mut bool) {
    let words = bare.split_whitespace().collect::<Vec<_>>().join(" ");
    if !words.is_empty() {
        all.push(Sentence { sql: sql.trim(), bare: words, waived: *waived });
    }
    (*bare, *waived) = (String::new(), false);
}

/// What a text begins with, and its length in bytes.
#[derive(Debug, Clone, Copy)]
enum Piece {
    End,
    Comment(usize),
    Literal(usize),
    Plain(usize),
}

impl Piece {
    const fn len(self) -> usize {
        match self {
            Self::End => 1,
            Self::Comment(len) | Self::Literal(len) | Self::Plain(len) => len,
        }
    }

    fn at_start_of(text: &str) -> Self {
        let first = text.chars().next().map_or(1, char::len_utf8);
        // What is not closed goes on to the end.
        let until = |close: &str, from: usize| {
            text[from..].find(close).map_or(text.len(), |at| from + at + close.len())
        };
        match text.as_bytes() {
            [b';', ..] => Self::End,
            [b'-', b'-', ..] => Self::Comment(text.find('\n').unwrap_or(text.len())),
            [b'/', b'*', ..] => Self::Comment(until("*/", 2)),
            // A doubled quote ends one literal and begins the next.
            [b'\'', ..] => Self::Literal(until("'", 1)),
            [b'"', ..] => Self::Plain(until("\"", 1)),
            [b'$', ..] => {
                let tag = text[1..].find('$').map(|at| &text[..at + 2]);
                let is_tag = |tag: &&str| {
                    let mut name = tag[1..tag.len() - 1].chars();
                    name.all(|c| c.is_alphanumeric() || c == '_')
                };
                match tag.filter(is_tag) {
                    Some(tag) => Self::Literal(until(tag, tag.len())),
                    None => Self::Plain(first),
                }
            }
            _ => Self::Plain(first),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_semicolon_inside_a_literal_a_comment_or_a_body_ends_nothing() {
        let sql = "select ';' , 'it''s'; -- one; two\ncreate function f() as $$ begin; end; $$;\n\
            /* ; */ SELECT  \"a;B\" from t";
        let bare: Vec<_> = sentences(sql).into_iter().map(|sentence| sentence.bare).collect();
        assert_eq!(
            bare,
            ["select '' , ''''", "create function f() as ''", "select \"a;b\" from t"]
        );
    }

    #[test]
    fn a_reason_lets_one_statement_through() {
        let sql =
            "-- unsafe: the table is new\ndrop table a; drop table b; -- unsafe:\ndrop table c";
        let waived: Vec<_> = sentences(sql).iter().map(|sentence| sentence.waived).collect();
        assert_eq!(waived, [true, false, false]);
    }
}
