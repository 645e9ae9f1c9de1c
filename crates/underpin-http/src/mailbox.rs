//! The mails of a developer's machine, to be looked at instead of sent.

use axum::{Extension, extract::FromRequestParts, http::request::Parts};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use underpin_base::{Cursor, Page, TenantId};
use underpin_mail::{MailId, Mailer, Shown};
use underpin_runtime::Environment;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Api, Client, Code, Json, PageBody, PageParams, Path, Problem};

/// The list that cursors are bound to.
const LIST: &str = "dev mail newest";

/// The routes of the mailbox.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_dev_mails)).routes(routes!(get_dev_mail))
}

/// A mail in the mailbox.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DevMail)]
pub(crate) struct Item {
    #[schema(value_type = String, format = Uuid)]
    id: MailId,
    /// The tenant that sends it.
    #[schema(value_type = Option<String>, format = Uuid)]
    tenant: Option<TenantId>,
    /// Its template.
    kind: String,
    to: String,
    subject: String,
    text: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    sent_at: Timestamp,
}

/// A mail of the mailbox, whole.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DevMailWhole)]
pub(crate) struct Whole {
    #[serde(flatten)]
    mail: Item,
    html: String,
}

impl From<Shown> for Item {
    fn from(shown: Shown) -> Self {
        let Shown { id, tenant, kind, to, content, created_at, sent_at } = shown;
        let (subject, text) = (content.subject, content.text);
        Self { id, tenant, kind, to, subject, text, created_at, sent_at }
    }
}

/// The mailbox, for a client on this machine in `dev`; there is none for anybody else, anywhere else.
pub(crate) struct Mailbox(Mailer);

impl FromRequestParts<Api> for Mailbox {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let missing = || Problem::new(Code::NotFound);
        let client = Extension::<Client>::from_request_parts(parts, api).await;
        let here = client.is_ok_and(|client| client.is_loopback());
        let dev = api.settings.environment == Environment::Dev;
        let mailer = api.identity.mailer().filter(|mailer| mailer.has_mailbox()).cloned();
        if here && dev { mailer.map(Self).ok_or_else(missing) } else { Err(missing()) }
    }
}

/// The mails of a developer's machine, newest first.
#[utoipa::path(get, path = "/v1/dev/mail", operation_id = "list_dev_mails", tag = "dev", security(()),
    params(PageParams), responses(
        (status = 200, body = PageBody<Item>),
        (status = 404, description = "not_found: not `dev`, or not from this machine")))]
pub(crate) async fn list_dev_mails(
    Mailbox(mailer): Mailbox,
    PageParams(page): PageParams,
) -> Result<Json<PageBody<Item>>, Problem> {
    let before = page.after(LIST)?;
    let mails = mailer.mailbox(before, page.surplus()).await?;
    let page =
        Page::from_surplus(mails, page.limit, |mail| Cursor::new(LIST, &[&mail.id.to_string()]));
    Ok(Json(page.map(Item::from).into()))
}

#[derive(Deserialize)]
pub(crate) struct At {
    mail: MailId,
}

/// One of them, with its HTML.
#[utoipa::path(get, path = "/v1/dev/mail/{mail}", operation_id = "get_dev_mail", tag = "dev", security(()),
    params(("mail" = String, Path, format = Uuid)), responses((status = 200, body = Whole)))]
pub(crate) async fn get_dev_mail(
    Mailbox(mailer): Mailbox,
    Path(At { mail }): Path<At>,
) -> Result<Json<Whole>, Problem> {
    let shown = mailer.mailed(mail).await?.ok_or_else(|| Problem::new(Code::NotFound))?;
    let html = shown.content.html.clone();
    Ok(Json(Whole { mail: shown.into(), html }))
}
