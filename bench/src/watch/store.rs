//! The one question.

underpin::db::statements! {
    /// What was asked, under the policies' settings.
    pub(crate) ASK: "bench.ask" (UUID, TEXT, INT8) -> (UUID, TEXT, INT8) = "select $1, $2, $3";
}
