//! Settings and services, seen from outside.

mod lifecycle;
mod settings;
mod traces;
