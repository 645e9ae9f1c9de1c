//! Uploads against a real Postgres, a real disk, and a service that speaks S3: one suite for both.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here")]

mod announced;
mod bounds;
mod gzip;
mod hosts;
mod outages;
mod receive;
mod support;
mod sweep;
