//! Reading figures as Prometheus does, strictly: what a collector would refuse is refused here.

use std::collections::{BTreeMap, BTreeSet};

/// The figures of a process.
#[derive(Debug, Default)]
pub(in crate::checks) struct Exposition {
    pub(in crate::checks) samples: Vec<Sample>,
}

/// One figure.
#[derive(Debug)]
pub(in crate::checks) struct Sample {
    pub(in crate::checks) name: String,
    pub(in crate::checks) labels: BTreeMap<String, String>,
    pub(in crate::checks) value: f64,
}

/// The family whose samples follow.
#[derive(Debug, Default)]
struct Family {
    name: String,
    kind: String,
}

/// Read Prometheus's text or OpenMetrics; what ends with `# EOF` is the latter.
///
/// Errors: the first line that is neither, a family that is there twice, a sample that is there twice or of no family, a histogram whose
/// places do not add up.
pub(in crate::checks) fn parse(text: &str) -> Result<Exposition, String> {
    let open_metrics = text.ends_with("# EOF\n");
    let text = text.strip_suffix("# EOF\n").unwrap_or(text);
    let (mut read, mut family) = (Exposition::default(), Family::default());
    let (mut families, mut series) = (BTreeSet::new(), BTreeSet::new());
    for line in text.lines() {
        let bad = |why: &str| format!("{why}: {line}");
        if let Some(about) = line.strip_prefix("# TYPE ") {
            let (name, kind) = about.split_once(' ').ok_or_else(|| bad("no type"))?;
            family = Family { name: name.to_owned(), kind: kind.to_owned() };
            if !families.insert(name.to_owned()) {
                return Err(bad("a family twice"));
            }
        } else if !line.starts_with("# HELP ") {
            let sample = sample(line).ok_or_else(|| bad("no sample"))?;
            if !family.has(&sample.name, open_metrics) {
                return Err(bad("a sample of another family"));
            }
            if !series.insert((sample.name.clone(), sample.labels.clone())) {
                return Err(bad("a sample twice"));
            }
            read.samples.push(sample);
        }
    }
    read.add_up()?;
    Ok(read)
}

impl Family {
    fn has(&self, sample: &str, open_metrics: bool) -> bool {
        let suffix = sample.strip_prefix(self.name.as_str());
        match self.kind.as_str() {
            "counter" if open_metrics => suffix == Some("_total"),
            "counter" => suffix == Some("") && sample.ends_with("_total"),
            "gauge" => suffix == Some(""),
            "histogram" => matches!(suffix, Some("_bucket" | "_sum" | "_count")),
            _ => false,
        }
    }
}

/// `name{label="value",…} number`.
fn sample(line: &str) -> Option<Sample> {
    let (series, value) = line.rsplit_once(' ')?;
    let (name, labels) = match series.split_once('{') {
        Some((name, labels)) => (name, labels.strip_suffix('}')?),
        None => (series, ""),
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if name.is_empty() || !name.bytes().all(plain) {
        return None;
    }
    let mut pairs = BTreeMap::new();
    let mut rest = labels;
    while !rest.is_empty() {
        let (label, quoted) = rest.split_once("=\"")?;
        let (value, after) = quoted.split_once('"')?;
        rest = after.strip_prefix(',').unwrap_or(after);
        pairs.insert(label.to_owned(), value.to_owned());
    }
    Some(Sample { name: name.to_owned(), labels: pairs, value: value.parse().ok()? })
}

impl Exposition {
    /// The figure of a name with these labels.
    pub(in crate::checks) fn find(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let has = |sample: &&Sample| {
            let mut labels = labels.iter();
            sample.name == name
                && labels
                    .all(|(label, value)| sample.labels.get(*label).is_some_and(|v| v == value))
        };
        self.samples.iter().find(has).map(|sample| sample.value)
    }

    /// The places of a histogram only grow, and the last of them counts all.
    fn add_up(&self) -> Result<(), String> {
        let mut last: Option<&Sample> = None;
        for sample in &self.samples {
            if sample.name.ends_with("_bucket") {
                let same = last.filter(|last| {
                    let others = |sample: &Sample| {
                        let mut labels = sample.labels.clone();
                        labels.remove("le");
                        labels
                    };
                    last.name == sample.name && others(last) == others(sample)
                });
                if same.is_some_and(|last| last.value > sample.value) {
                    return Err(format!("the places of {} shrink", sample.name));
                }
                last = Some(sample);
            } else if sample.name.ends_with("_count") {
                let whole =
                    last.is_some_and(|last| last.labels.get("le").is_some_and(|le| le == "+Inf"));
                if !whole || last.is_none_or(|last| last.value.to_bits() != sample.value.to_bits())
                {
                    return Err(format!("the places of {} do not add up", sample.name));
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "# HELP a_total Some.\n# TYPE a_total counter\na_total{x=\"1\",y=\"{b}\"} 3\n# TYPE b histogram\n\
        b_bucket{le=\"1\"} 1\nb_bucket{le=\"+Inf\"} 2\nb_sum 3.5\nb_count 2\n";

    #[test]
    fn what_a_collector_takes_is_read() {
        let read = parse(GOOD).unwrap();
        assert_eq!(read.find("a_total", &[("y", "{b}")]), Some(3.0));
        assert_eq!(read.find("a_total", &[("y", "b")]), None);
        let open_metrics = GOOD.replace("P a_total", "P a").replace("E a_total", "E a") + "# EOF\n";
        assert_eq!(parse(&open_metrics).unwrap().samples.len(), 5);
    }

    #[test]
    fn what_a_collector_refuses_is_refused() {
        for (from, to) in [
            ("# TYPE a_total counter\n", ""),
            ("} 3", "}"),
            ("} 3", "} three"),
            ("b_count 2", "b_count 3"),
            ("le=\"+Inf\"} 2", "le=\"+Inf\"} 0"),
            ("b_sum 3.5", "c_sum 3.5"),
            ("b_sum 3.5", "b_sum 3.5\nb_sum 3.5"),
            ("# TYPE b ", "# TYPE a_total "),
        ] {
            assert!(parse(&GOOD.replacen(from, to, 1)).is_err(), "{from} {to}");
        }
        assert!(
            parse(&(GOOD.to_owned() + "# EOF\n")).is_err(),
            "a counter's family has no suffix there"
        );
    }
}
