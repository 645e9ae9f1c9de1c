//! How a download is called.

use std::fmt::Write as _;

/// A `Content-Disposition` that makes a browser save the file under its name, whatever characters that has (RFC 6266, RFC 8187).
pub fn attachment(filename: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ');
    let fallback: String = filename.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    let mut header = format!("attachment; filename=\"{fallback}\"; filename*=UTF-8''");
    for byte in filename.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            header.push(char::from(byte));
        } else {
            let _ = write!(header, "%{byte:02X}");
        }
    }
    header
}

#[cfg(test)]
mod tests {
    use super::attachment;

    #[test]
    fn a_name_cannot_leave_its_header() {
        for (name, header) in [
            ("book.csv", "attachment; filename=\"book.csv\"; filename*=UTF-8''book.csv"),
            (
                "a\"; x=\"b",
                "attachment; filename=\"a__ x__b\"; filename*=UTF-8''a%22%3B%20x%3D%22b",
            ),
            (
                "Bücher\r\nX: y",
                "attachment; filename=\"B_cher__X_ y\"; filename*=UTF-8''B%C3%BCcher%0D%0AX%3A%20y",
            ),
        ] {
            assert_eq!(attachment(name), header);
        }
    }
}
