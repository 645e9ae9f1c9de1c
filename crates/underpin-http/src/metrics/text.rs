//! Figures as Prometheus and OpenMetrics read them: the same lines but for the names of counters and the end.

use std::fmt::Write as _;

use underpin_base::Histogram;

/// A text of figures that is being written.
#[derive(Debug)]
pub(crate) struct Text {
    out: String,
    open_metrics: bool,
    /// The family whose samples follow.
    name: &'static str,
}

impl Text {
    /// An empty text, of OpenMetrics or of Prometheus's own format.
    pub(crate) const fn new(open_metrics: bool) -> Self {
        Self { out: String::new(), open_metrics, name: "" }
    }

    /// Begin a family of figures that only grow; its samples are [`Text::total`].
    pub(crate) fn counter(&mut self, name: &'static str, help: &str) {
        let suffix = if self.open_metrics { "" } else { "_total" };
        self.family(name, suffix, "counter", help);
    }

    /// Begin a family of durations in seconds; its samples are [`Text::spread`].
    pub(crate) fn histogram(&mut self, name: &'static str, help: &str) {
        self.family(name, "", "histogram", help);
    }

    /// Write a family of figures that rise and fall: labels and value of each sample.
    pub(crate) fn gauge(
        &mut self,
        name: &'static str,
        help: &str,
        samples: impl IntoIterator<Item = (String, f64)>,
    ) {
        self.family(name, "", "gauge", help);
        for (labels, value) in samples {
            self.sample("", &labels, value);
        }
    }

    /// Write a gauge that is one figure.
    pub(crate) fn one(&mut self, name: &'static str, help: &str, value: f64) {
        self.gauge(name, help, [(String::new(), value)]);
    }

    /// Write a sample of a counter.
    pub(crate) fn total(&mut self, labels: &str, value: f64) {
        self.sample("_total", labels, value);
    }

    /// Write the samples of one histogram.
    pub(crate) fn spread(&mut self, labels: &str, histogram: &Histogram) {
        let steps = histogram.up_to().map(|(end, count)| (end.map(|e| e.as_secs_f64()), count));
        self.steps(labels, steps, histogram.sum().as_secs_f64());
    }

    /// The same from its places: the upper end of each in seconds, none for the last, and how many were no longer; and their sum.
    pub(crate) fn steps(
        &mut self,
        labels: &str,
        steps: impl Iterator<Item = (Option<f64>, u64)>,
        sum: f64,
    ) {
        let comma = if labels.is_empty() { "" } else { "," };
        let mut all = 0;
        for (end, count) in steps {
            let end = end.map_or_else(|| "+Inf".to_owned(), |end| end.to_string());
            self.sample("_bucket", &format!("{labels}{comma}le=\"{end}\""), count as f64);
            all = count;
        }
        self.sample("_sum", labels, sum);
        self.sample("_count", labels, all as f64);
    }

    /// The whole text and its media type.
    pub(crate) fn finish(mut self) -> (&'static str, String) {
        if !self.open_metrics {
            return ("text/plain; version=0.0.4; charset=utf-8", self.out);
        }
        self.out.push_str("# EOF\n");
        ("application/openmetrics-text; version=1.0.0; charset=utf-8", self.out)
    }

    fn family(&mut self, name: &'static str, suffix: &str, kind: &str, help: &str) {
        self.name = name;
        // Writing to a text cannot fail, here and below.
        let _ = writeln!(self.out, "# HELP {name}{suffix} {help}\n# TYPE {name}{suffix} {kind}");
    }

    fn sample(&mut self, suffix: &str, labels: &str, value: f64) {
        let name = self.name;
        let _ = if labels.is_empty() {
            writeln!(self.out, "{name}{suffix} {value}")
        } else {
            writeln!(self.out, "{name}{suffix}{{{labels}}} {value}")
        };
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn text(open_metrics: bool) -> String {
        let mut text = Text::new(open_metrics);
        text.counter("a", "Some.");
        text.total("x=\"1\"", 3.0);
        text.histogram("b_seconds", "Long.");
        let mut took = Histogram::default();
        took.record(Duration::from_millis(20));
        text.spread("", &took);
        text.one("c", "One.", 0.5);
        text.finish().1
    }

    #[test]
    fn the_two_formats_differ_in_the_names_of_counters_and_the_end() {
        let (prometheus, open_metrics) = (text(false), text(true));
        assert!(
            prometheus
                .starts_with("# HELP a_total Some.\n# TYPE a_total counter\na_total{x=\"1\"} 3\n")
        );
        assert!(prometheus.ends_with("# TYPE c gauge\nc 0.5\n"));
        assert!(
            prometheus
                .contains("b_seconds_bucket{le=\"0.01\"} 0\nb_seconds_bucket{le=\"0.025\"} 1\n")
        );
        assert!(
            prometheus.contains(
                "b_seconds_bucket{le=\"+Inf\"} 1\nb_seconds_sum 0.02\nb_seconds_count 1\n"
            )
        );
        assert_eq!(
            open_metrics,
            prometheus.replace("P a_total", "P a").replace("E a_total", "E a") + "# EOF\n"
        );
    }
}
