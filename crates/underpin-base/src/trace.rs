//! Which request a log line, a statement, an event or a job belongs to: W3C trace context.

use std::fmt;

use uuid::Uuid;

/// Length of a `traceparent` of version 00.
const LENGTH: usize = 55;
/// The one flag that has a meaning: whoever called keeps what it records.
const SAMPLED: u8 = 1;

/// One operation of a trace: the trace's id, its own, and flags. A correlation id, never a proof of anything.
///
/// ```
/// use underpin_base::Trace;
/// let ours = Trace::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").unwrap().child();
/// assert_eq!(ours.trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
/// assert!(!ours.to_string().contains("00f067aa0ba902b7"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Trace {
    /// Never 0.
    id: u128,
    /// Never 0.
    span: u64,
    flags: u8,
}

impl Trace {
    /// A trace that begins here.
    #[expect(clippy::new_without_default, reason = "no two are equal: there is no default one")]
    pub fn new() -> Self {
        Self { id: Uuid::new_v4().as_u128(), span: span(), flags: SAMPLED }
    }

    /// Read a `traceparent`; None for what the standard says to ignore: a forbidden version, zero ids, capitals, a wrong length.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let version = hex(bytes.get(..2)?)?;
        // A later version may say more behind what this one knows.
        let whole = if version == 0 {
            bytes.len() == LENGTH
        } else {
            bytes.len() == LENGTH || bytes.get(LENGTH) == Some(&b'-')
        };
        if version == 0xff || !whole || [2, 35, 52].iter().any(|at| bytes[*at] != b'-') {
            return None;
        }
        let id = hex(&bytes[3..35]).filter(|id| *id != 0)?;
        let span = u64::try_from(hex(&bytes[36..52])?).ok().filter(|span| *span != 0)?;
        let flags = u8::try_from(hex(&bytes[53..55])?).ok()? & SAMPLED;
        Some(Self { id, span, flags })
    }

    /// An operation that this one causes: the same trace, an id of its own.
    #[must_use]
    pub fn child(self) -> Self {
        Self { span: span(), ..self }
    }

    /// The operation's step of this number: the same trace, an id that follows from both.
    #[must_use]
    pub const fn step(self, number: u32) -> Self {
        // SplitMix64 mixes every bit of what it gets into every bit of what it gives, so steps cost no randomness.
        let mut mixed = self.span ^ (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        Self { span: if mixed == 0 { 1 } else { mixed }, ..self }
    }

    /// The trace's id: 32 hexadecimal digits.
    pub fn trace_id(self) -> String {
        format!("{:032x}", self.id)
    }

    /// The operation's own id: 16 hexadecimal digits.
    pub fn span_id(self) -> String {
        format!("{:016x}", self.span)
    }

    /// Whether this trace is among the share from 0 to 1 that is kept; every program that knows its id and the share answers alike.
    ///
    /// One whose caller keeps nothing is in no share.
    /// Source: OpenTelemetry, TraceIdRatioBased: the lower 56 bits of the id.
    pub fn is_in_share(self, share: f64) -> bool {
        const ALL: u64 = 1 << 56;
        let place = (self.id as u64) & (ALL - 1);
        self.flags & SAMPLED != 0 && (place as f64) < share * ALL as f64
    }
}

/// As `traceparent` carries it.
impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.id, self.span, self.flags)
    }
}

/// A fresh id of an operation: the half of a random UUID that holds no version.
fn span() -> u64 {
    // The variant's bits are never all 0, so neither is the half.
    Uuid::new_v4().as_u64_pair().1
}

/// Lower-case hexadecimal digits.
fn hex(digits: &[u8]) -> Option<u128> {
    digits.iter().try_fold(0, |value: u128, digit| {
        let digit = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        Some(value << 4 | u128::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIVEN: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn what_is_read_is_what_is_written() {
        assert_eq!(Trace::parse(GIVEN).unwrap().to_string(), GIVEN);
        let not_sampled = GIVEN.replace("-01", "-00");
        assert_eq!(Trace::parse(&not_sampled).unwrap().to_string(), not_sampled);
        let ours = Trace::new();
        assert_eq!(Trace::parse(&ours.to_string()), Some(ours));
        assert_eq!(ours.to_string().len(), LENGTH);
    }

    #[test]
    fn a_child_keeps_the_trace_and_has_an_id_of_its_own() {
        let parent = Trace::parse(GIVEN).unwrap();
        let child = parent.child();
        assert_eq!(child.trace_id(), parent.trace_id());
        assert_ne!(child, parent);
        assert_ne!(Trace::new().trace_id(), Trace::new().trace_id());
    }

    #[test]
    fn steps_have_ids_of_their_own_that_are_the_same_each_time() {
        let parent = Trace::parse(GIVEN).unwrap();
        let mut ids: Vec<_> = (0..1_000).map(|number| parent.step(number).span_id()).collect();
        assert_eq!(ids[7], parent.step(7).span_id());
        assert!(ids.iter().all(|id| *id != parent.span_id() && id.len() == 16));
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 1_000);
        assert_eq!(parent.step(0).trace_id(), parent.trace_id());
    }

    #[test]
    fn a_share_of_the_traces_is_kept_and_it_is_always_the_same() {
        let traces: Vec<_> = (0..4_000).map(|_| Trace::new()).collect();
        let kept = |share: f64| traces.iter().filter(|trace| trace.is_in_share(share)).count();
        assert_eq!((kept(0.0), kept(1.0)), (0, 4_000));
        // Nine standard deviations of a quarter of 4,000.
        assert!((750..1_250).contains(&kept(0.25)), "{}", kept(0.25));
        let small = traces.iter().find(|trace| trace.is_in_share(0.25)).unwrap();
        assert!(small.is_in_share(0.5) && small.child().is_in_share(0.25));
        let not_kept = Trace::parse(&GIVEN.replace("-01", "-00")).unwrap();
        assert!(!not_kept.is_in_share(1.0));
    }

    #[test]
    fn a_later_version_is_read_as_far_as_it_is_known() {
        let later = GIVEN.replacen("00", "01", 1);
        let read = Trace::parse(&later).unwrap();
        assert_eq!(Trace::parse(&format!("{later}-more")), Some(read));
        assert_eq!(read.to_string(), GIVEN);
        assert_eq!(Trace::parse(&format!("{later}x")), None);
    }

    #[test]
    fn what_is_no_trace_is_none() {
        for text in [
            "",
            "00",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01",
            "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473'-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473é-00f067aa0ba902b7-01",
        ] {
            assert_eq!(Trace::parse(text), None, "{text}");
        }
    }
}
