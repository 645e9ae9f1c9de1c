//! `funds.investor` as an import meets it, and as people enter it.

use jiff::Timestamp;
use underpin::{
    base::UserId,
    db::{Result, Row, Tx, on_constraint, statements},
};
use uuid::Uuid;

use crate::{
    Error,
    model::{InvestorId, Name},
};

statements! {
    /// The investors that bear these names.
    pub(crate) LIST_BY_KEY: "funds.list_investors_by_key" (UUID, TEXT_ARRAY) -> (UUID, TEXT)
        = "select id, name_key from funds.investor \
           where tenant_id = $1 and name_key = any($2) and deleted_at is null";
    /// Enter investors; a name that a rival took first gives no row.
    pub(crate) INSERT_INVESTORS: "funds.insert_investors"
        (UUID, UUID_ARRAY, TEXT_ARRAY, TEXT_ARRAY, UUID, TIMESTAMPTZ) -> (UUID, TEXT)
        = "insert into funds.investor (tenant_id, id, name, name_key, created_by, created_at) \
           select $1, n.*, $5, $6 from unnest($2::uuid[], $3::text[], $4::text[]) as n \
           on conflict (tenant_id, name_key) where deleted_at is null do nothing \
           returning id, name_key";
    /// Show an investor's rows to a person; no row if the investor has one already.
    pub(crate) LINK_PERSON: "funds.link_investor_person" (UUID, TEXT, UUID) -> ()
        = "update funds.investor set user_id = $3, version = version + 1 \
           where tenant_id = $1 and name_key = $2 and user_id is null and deleted_at is null";
    /// Enter one investor; the name must be free.
    pub(crate) INSERT_INVESTOR: "funds.insert_investor" (UUID, UUID, TEXT, TEXT, UUID, TIMESTAMPTZ) -> ()
        = "insert into funds.investor (tenant_id, id, name, name_key, created_by, created_at) values ($1, $2, $3, $4, $5, $6)";
    /// The persons who see an investor's rows.
    pub(crate) LIST_PERSONS: "funds.list_investor_persons" (UUID, UUID) -> (UUID)
        = "select user_id from funds.investor where tenant_id = $1 and id = $2 and user_id is not null \
           union select user_id from underpin.member where tenant_id = $1 and investor_id = $2 and removed_at is null";
}

/// Let a person see the rows of the investor with this key, unless somebody does already.
pub(crate) async fn link_person(tx: &mut Tx, name_key: &str, person: UserId) -> Result<()> {
    let tenant = tx.principal()?.tenant.uuid();
    tx.execute(&LINK_PERSON, &[&tenant, &name_key, &person.uuid()]).await?;
    Ok(())
}

/// Names and ids of those that exist.
pub(crate) async fn list_by_key(tx: &mut Tx, keys: &[&str]) -> Result<Vec<(String, InvestorId)>> {
    let tenant = tx.principal()?.tenant.uuid();
    let rows = tx.query(&LIST_BY_KEY, &[&tenant, &keys]).await?;
    Ok(rows.iter().map(known).collect())
}

/// Names and ids of those that were entered; fewer than asked where a rival was faster.
pub(crate) async fn insert(
    tx: &mut Tx,
    investors: &[&Name],
    at: Timestamp,
) -> Result<Vec<(String, InvestorId)>> {
    let principal = tx.principal()?;
    let (tenant, subject) = (principal.tenant.uuid(), principal.subject.uuid());
    let ids: Vec<Uuid> = investors.iter().map(|_| InvestorId::new().uuid()).collect();
    let names: Vec<&str> = investors.iter().map(|name| name.text.as_str()).collect();
    let keys: Vec<&str> = investors.iter().map(|name| name.key.as_str()).collect();
    let rows = tx.query(&INSERT_INVESTORS, &[&tenant, &ids, &names, &keys, &subject, &at]).await?;
    Ok(rows.iter().map(known).collect())
}

fn known(row: &Row) -> (String, InvestorId) {
    (row.get(1), InvestorId::from_uuid(row.get(0)))
}

/// Enter one investor.
///
/// Errors: [`Error::NameTaken`].
pub(crate) async fn insert_one(
    tx: &mut Tx,
    id: InvestorId,
    name: &Name,
    at: Timestamp,
) -> Result<(), Error> {
    let principal = tx.principal()?;
    let (tenant, subject) = (principal.tenant.uuid(), principal.subject.uuid());
    let inserted = tx
        .execute(&INSERT_INVESTOR, &[&tenant, &id.uuid(), &name.text, &name.key, &subject, &at])
        .await;
    on_constraint(inserted, |name| (name == "investor_name_key").then_some(Error::NameTaken))?;
    Ok(())
}

/// Who sees an investor's rows, beside the staff.
pub(crate) async fn persons(tx: &mut Tx, id: InvestorId) -> Result<Vec<UserId>> {
    let tenant = tx.principal()?.tenant.uuid();
    let rows = tx.query(&LIST_PERSONS, &[&tenant, &id.uuid()]).await?;
    Ok(rows.iter().map(|row| UserId::from_uuid(row.get(0))).collect())
}
