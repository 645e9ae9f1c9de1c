//! `funds.fund` as an import meets it, and as people change it.

use jiff::Timestamp;
use underpin::{
    base::Principal,
    db::{Db, Result, Row, Tx, on_constraint, statements},
};
use uuid::Uuid;

use crate::{
    Error,
    model::{FundId, Name},
};

statements! {
    /// The funds that bear these names.
    pub(crate) LIST_BY_KEY: "funds.list_funds_by_key" (UUID, TEXT_ARRAY) -> (UUID, TEXT, TEXT, INT4, TEXT, TEXT)
        = "select id, name_key, currency, vintage, strategy, manager from funds.fund \
           where tenant_id = $1 and name_key = any($2) and deleted_at is null";
    /// Open funds; a name that a rival took first gives no row.
    pub(crate) INSERT_FUNDS: "funds.insert_funds"
        (UUID, UUID_ARRAY, TEXT_ARRAY, TEXT_ARRAY, TEXT_ARRAY, INT4_ARRAY, TEXT_ARRAY, TEXT_ARRAY, UUID, TIMESTAMPTZ)
        -> (UUID, TEXT, TEXT, INT4, TEXT, TEXT)
        = "insert into funds.fund (tenant_id, id, name, name_key, currency, vintage, strategy, manager, created_by, created_at) \
           select $1, n.*, $9, $10 \
           from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::int4[], $7::text[], $8::text[]) as n \
           on conflict (tenant_id, name_key) where deleted_at is null do nothing \
           returning id, name_key, currency, vintage, strategy, manager";
    /// Fill attributes that nobody gave before; those that stand are never overwritten.
    pub(crate) FILL_ATTRIBUTES: "funds.fill_attributes" (UUID, UUID_ARRAY, INT4_ARRAY, TEXT_ARRAY, TEXT_ARRAY) -> ()
        = "update funds.fund set vintage = coalesce(vintage, ($3)[array_position($2, id)]), \
             strategy = coalesce(strategy, ($4)[array_position($2, id)]), manager = coalesce(manager, ($5)[array_position($2, id)]), \
             version = version + 1 \
           where tenant_id = $1 and id = any($2)";
    /// The currency of a fund, if it is there for whoever asks.
    pub(crate) SEE_FUND: "funds.see_fund" (UUID, UUID) -> (TEXT)
        = "select currency from funds.fund where tenant_id = $1 and id = $2 and deleted_at is null";
    /// Open one fund; its name must be free.
    pub(crate) INSERT_FUND: "funds.insert_fund" (UUID, UUID, TEXT, TEXT, TEXT, INT4, TEXT, TEXT, UUID, TIMESTAMPTZ) -> ()
        = "insert into funds.fund (tenant_id, id, name, name_key, currency, vintage, strategy, manager, created_by, created_at) \
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    /// One fund, locked: whoever changes it, its allocations or its movements queues here.
    pub(crate) LOCK_FUND: "funds.lock_fund" (UUID, UUID) -> (UUID, TEXT, TEXT, INT4, TEXT, TEXT, INT8)
        = "select id, name, currency, vintage, strategy, manager, version from funds.fund \
           where tenant_id = $1 and id = $2 and deleted_at is null for no key update";
    /// Give a fund these attributes.
    pub(crate) UPDATE_FUND: "funds.update_fund" (UUID, UUID, TEXT, TEXT, INT4, TEXT, TEXT, INT8) -> ()
        = "update funds.fund set name = $3, name_key = $4, vintage = $5, strategy = $6, manager = $7, version = version + 1 \
           where tenant_id = $1 and id = $2 and version = $8";
}

/// A fund without what was reported of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FundDetails {
    /// Its id.
    pub id: FundId,
    /// As shown.
    pub name: String,
    /// Of all its amounts.
    pub currency: String,
    /// Year of its first investment.
    pub vintage: Option<i32>,
    /// Kind of investment.
    pub strategy: Option<String>,
    /// Who runs it.
    pub manager: Option<String>,
    /// Counts its changes.
    pub version: i64,
}

/// What an import must know of a fund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KnownFund {
    pub(crate) id: FundId,
    pub(crate) currency: String,
    pub(crate) vintage: Option<i32>,
    pub(crate) strategy: Option<String>,
    pub(crate) manager: Option<String>,
}

/// A fund to open.
#[derive(Debug)]
pub(crate) struct NewFund<'a> {
    pub(crate) name: &'a str,
    pub(crate) name_key: &'a str,
    pub(crate) currency: &'a str,
    pub(crate) vintage: Option<i32>,
    pub(crate) strategy: Option<&'a str>,
    pub(crate) manager: Option<&'a str>,
}

/// Names and funds of those that exist.
pub(crate) async fn list_by_key(tx: &mut Tx, keys: &[&str]) -> Result<Vec<(String, KnownFund)>> {
    let tenant = tx.principal()?.tenant.uuid();
    let rows = tx.query(&LIST_BY_KEY, &[&tenant, &keys]).await?;
    Ok(rows.iter().map(known).collect())
}

/// Names and funds of those that were opened; fewer than asked where a rival was faster.
pub(crate) async fn insert(
    tx: &mut Tx,
    funds: &[NewFund<'_>],
    at: Timestamp,
) -> Result<Vec<(String, KnownFund)>> {
    let principal = tx.principal()?;
    let ids: Vec<Uuid> = funds.iter().map(|_| FundId::new().uuid()).collect();
    let names: Vec<&str> = funds.iter().map(|fund| fund.name).collect();
    let keys: Vec<&str> = funds.iter().map(|fund| fund.name_key).collect();
    let currencies: Vec<&str> = funds.iter().map(|fund| fund.currency).collect();
    let vintages: Vec<Option<i32>> = funds.iter().map(|fund| fund.vintage).collect();
    let strategies: Vec<Option<&str>> = funds.iter().map(|fund| fund.strategy).collect();
    let managers: Vec<Option<&str>> = funds.iter().map(|fund| fund.manager).collect();
    let (tenant, subject) = (principal.tenant.uuid(), principal.subject.uuid());
    let rows = tx
        .query(
            &INSERT_FUNDS,
            &[
                &tenant,
                &ids,
                &names,
                &keys,
                &currencies,
                &vintages,
                &strategies,
                &managers,
                &subject,
                &at,
            ],
        )
        .await?;
    Ok(rows.iter().map(known).collect())
}

/// Fill what is still empty of these funds.
pub(crate) async fn fill_attributes(tx: &mut Tx, funds: &[&KnownFund]) -> Result<()> {
    let tenant = tx.principal()?.tenant.uuid();
    let ids: Vec<Uuid> = funds.iter().map(|fund| fund.id.uuid()).collect();
    let vintages: Vec<Option<i32>> = funds.iter().map(|fund| fund.vintage).collect();
    let strategies: Vec<Option<&str>> = funds.iter().map(|f| f.strategy.as_deref()).collect();
    let managers: Vec<Option<&str>> = funds.iter().map(|f| f.manager.as_deref()).collect();
    let params: [&(dyn underpin::db::ToSql + Sync); 5] =
        [&tenant, &ids, &vintages, &strategies, &managers];
    tx.execute(&FILL_ATTRIBUTES, &params).await?;
    Ok(())
}

fn known(row: &Row) -> (String, KnownFund) {
    let fund = KnownFund {
        id: FundId::from_uuid(row.get(0)),
        currency: row.get(2),
        vintage: row.get(3),
        strategy: row.get(4),
        manager: row.get(5),
    };
    (row.get(1), fund)
}

/// Whether the principal sees this fund.
pub(crate) async fn is_visible(db: &Db, principal: Principal, id: FundId) -> Result<bool> {
    let params = [&principal.tenant.uuid() as _, &id.uuid() as _];
    Ok(db.query_opt(principal, &SEE_FUND, &params).await?.is_some())
}

/// The currency of a fund, if the principal sees it.
pub(crate) async fn find_currency(tx: &mut Tx, id: FundId) -> Result<Option<String>> {
    let tenant = tx.principal()?.tenant.uuid();
    let row = tx.query_opt(&SEE_FUND, &[&tenant, &id.uuid()]).await?;
    Ok(row.map(|row| row.get(0)))
}

/// Open one fund.
///
/// Errors: [`Error::NameTaken`].
pub(crate) async fn insert_one(
    tx: &mut Tx,
    fund: &FundDetails,
    name_key: &str,
    at: Timestamp,
) -> Result<(), Error> {
    let principal = tx.principal()?;
    let (tenant, subject, id) = (principal.tenant.uuid(), principal.subject.uuid(), fund.id.uuid());
    let FundDetails { name, currency, vintage, strategy, manager, .. } = fund;
    let inserted = tx
        .execute(
            &INSERT_FUND,
            &[&tenant, &id, name, &name_key, currency, vintage, strategy, manager, &subject, &at],
        )
        .await;
    on_constraint(inserted, name_taken)?;
    Ok(())
}

/// Lock one fund, if it is there.
pub(crate) async fn lock(tx: &mut Tx, id: FundId) -> Result<Option<FundDetails>> {
    let tenant = tx.principal()?.tenant.uuid();
    let row = tx.query_opt(&LOCK_FUND, &[&tenant, &id.uuid()]).await?;
    Ok(row.map(|row| FundDetails {
        id: FundId::from_uuid(row.get(0)),
        name: row.get(1),
        currency: row.get(2),
        vintage: row.get(3),
        strategy: row.get(4),
        manager: row.get(5),
        version: row.get(6),
    }))
}

/// Give a locked fund other attributes; the version is the one it has.
///
/// Errors: [`Error::NameTaken`].
pub(crate) async fn update(tx: &mut Tx, fund: &FundDetails, name: &Name) -> Result<(), Error> {
    let tenant = tx.principal()?.tenant.uuid();
    let FundDetails { id, vintage, strategy, manager, version, .. } = fund;
    let updated = tx
        .execute(
            &UPDATE_FUND,
            &[&tenant, &id.uuid(), &name.text, &name.key, vintage, strategy, manager, version],
        )
        .await;
    match on_constraint(updated, name_taken)? {
        1 => Ok(()),
        _ => Err(Error::VersionConflict),
    }
}

fn name_taken(constraint: &str) -> Option<Error> {
    (constraint == "fund_name_key").then_some(Error::NameTaken)
}
