//! Files that go past the server, and what became of any file that was sent.

mod complete_upload;
mod create_upload;
mod delete_upload;
mod get_upload;
mod get_upload_content;
mod shapes;
mod verify;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use verify::VerifyUpload;

use crate::Api;

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(create_upload::create_upload))
        .routes(routes!(get_upload::get_upload, delete_upload::delete_upload))
        .routes(routes!(complete_upload::complete_upload))
        .routes(routes!(get_upload_content::get_upload_content))
}
