//! The log as one JSON object a line. What the spans around an event know stands beside what it says itself: every line of a request or
//! job has its trace, tenant and route at the top.

use std::{
    error::Error as StdError,
    fmt::{self, Write as _},
    io::Write as _,
};

use serde_json::Value;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    Layer,
    fmt::{
        MakeWriter,
        format::Writer,
        time::{FormatTime as _, SystemTime},
    },
    layer::Context,
    registry::LookupSpan,
};

/// What most lines need, so that one is written without growing.
const LINE_BYTES: usize = 512;
/// What a line says of itself; a field of this name gets a dash before it.
const OWN: [&str; 4] = ["timestamp", "level", "target", "span"];

/// Writes each event as a line.
#[derive(Debug)]
pub struct Lines<W>(W);

impl<W> Lines<W> {
    /// Lines to this writer, each in one call.
    pub const fn to(writer: W) -> Self {
        Self(writer)
    }
}

/// Fields with their values as JSON. The first of a name counts.
#[derive(Debug, Default)]
struct Fields(Vec<(&'static str, String)>);

impl<S, W> Layer<S> for Lines<W>
where
    S: Subscriber + for<'s> LookupSpan<'s>,
    W: for<'w> MakeWriter<'w> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        span.extensions_mut().replace(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut later = Fields::default();
        values.record(&mut later);
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            fields.0.retain(|(name, _)| !later.has(name));
            fields.0.append(&mut later.0);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut said = Fields::default();
        event.record(&mut said);
        let about = event.metadata();
        let mut line = String::with_capacity(LINE_BYTES);
        line.push_str("{\"timestamp\":\"");
        // Writing to a text cannot fail.
        let _ = SystemTime.format_time(&mut Writer::new(&mut line));
        let _ =
            write!(line, "\",\"level\":\"{}\",\"target\":\"{}\"", about.level(), about.target());
        said.write(&mut line, |_| false);
        let spans: Vec<_> = context.event_span(event).into_iter().flat_map(|s| s.scope()).collect();
        if let Some(span) = spans.first() {
            let _ = write!(line, ",\"span\":\"{}\"", span.name());
        }
        let mut known: Vec<&'static str> = said.0.iter().map(|(name, _)| *name).collect();
        for span in spans {
            let extensions = span.extensions();
            let Some(fields) = extensions.get::<Fields>() else { continue };
            fields.write(&mut line, |name| known.contains(&name));
            known.extend(fields.0.iter().map(|(name, _)| *name));
        }
        line.push_str("}\n");
        // A log that cannot be written has nowhere to say so.
        let _ = self.0.make_writer_for(about).write_all(line.as_bytes());
    }
}

impl Fields {
    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| *known == name)
    }

    fn put(&mut self, field: &Field, json: String) {
        if !self.has(field.name()) {
            self.0.push((field.name(), json));
        }
    }

    fn write(&self, line: &mut String, known: impl Fn(&'static str) -> bool) {
        for (name, json) in self.0.iter().filter(|(name, _)| !known(name)) {
            let dash = if OWN.contains(name) { "_" } else { "" };
            let _ = write!(line, ",\"{dash}{name}\":{json}");
        }
    }
}

/// A text as JSON.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, Value::from(value).to_string());
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.to_string());
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.to_string());
    }
    fn record_i128(&mut self, field: &Field, value: i128) {
        self.put(field, value.to_string());
    }
    fn record_u128(&mut self, field: &Field, value: u128) {
        self.put(field, value.to_string());
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.to_string());
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, quoted(value));
    }
    fn record_error(&mut self, field: &Field, value: &(dyn StdError + 'static)) {
        let mut text = value.to_string();
        let mut cause = value.source();
        while let Some(error) = cause {
            let _ = write!(text, ": {error}");
            cause = error.source();
        }
        self.put(field, quoted(&text));
    }
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, quoted(&format!("{value:?}")));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn lines(work: impl FnOnce()) -> Vec<Value> {
        let kept = Kept::default();
        let writer = kept.clone();
        let subscriber = tracing_subscriber::registry().with(Lines::to(move || writer.clone()));
        tracing::subscriber::with_default(subscriber, work);
        let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn a_line_has_what_its_spans_know_and_the_nearest_counts() {
        let lines = lines(|| {
            let request =
                tracing::info_span!("request", route = "/a", tenant = tracing::field::Empty);
            let _in = request.enter();
            tracing::info!("before");
            request.record("tenant", "t1");
            tracing::info_span!("part", route = "/b")
                .in_scope(|| tracing::warn!(n = 3_u128, "within"));
            tracing::error!(route = "/c", level = "high", "after");
        });
        let said = |at: usize, name: &str| lines[at][name].clone();
        assert_eq!((said(0, "route"), said(0, "tenant")), ("/a".into(), Value::Null));
        assert_eq!(
            (said(1, "route"), said(1, "tenant"), said(1, "n")),
            ("/b".into(), "t1".into(), 3.into())
        );
        assert_eq!((said(1, "span"), said(1, "level")), ("part".into(), "WARN".into()));
        assert_eq!(
            (said(2, "route"), said(2, "_level"), said(2, "message")),
            ("/c".into(), "high".into(), "after".into())
        );
    }

    #[test]
    fn whatever_is_said_stays_one_line_of_json() {
        let odd = "two\nlines \"quoted\" \u{1} \\ ö";
        let cause: Box<dyn StdError> = odd.into();
        let lines = lines(|| {
            tracing::info!(odd, error = &*cause, ratio = f64::NAN, debug = ?Some(odd), "{odd}");
        });
        assert_eq!(lines.len(), 1);
        assert_eq!(
            (&lines[0]["odd"], &lines[0]["error"], &lines[0]["message"]),
            (&odd.into(), &odd.into(), &odd.into())
        );
        assert_eq!(lines[0]["ratio"], Value::Null);
    }
}
