//! Who sees what.

use jiff::civil::date;
use underpin::base::{PageQuery, Principal, Role, UserId};
use underpin_funds::{
    Error, get_fund, get_import, list_findings, list_fund_allocations, list_funds, list_imports,
    list_investors,
};

use crate::{
    lists::{all_allocations, all_funds, allocation_query, query},
    stage::{DEMO, Stage, member},
};

pub(crate) async fn investor_of(stage: &Stage, name: &str) -> Principal {
    let user = UserId::new();
    let client = stage.test.superuser().await;
    let sql = "update funds.investor set user_id = $1 where name = $2";
    assert_eq!(client.execute(sql, &[&user.uuid(), &name]).await.unwrap(), 1);
    Principal { subject: user, role: Role::Investor, ..stage.staff }
}

#[tokio::test]
async fn another_tenant_sees_nothing_and_an_id_of_ours_does_not_exist_there() {
    let stage = Stage::new().await;
    let import = stage.import(DEMO).await;
    let stranger = member();
    let page = &PageQuery { limit: 10, cursor: None };
    assert!(all_funds(&stage, stranger, "name").await.is_empty());
    let book = list_funds(stage.db(), stranger, &query("value")).await.unwrap();
    assert!(book.totals.is_empty());
    let investors = list_investors(stage.db(), stranger, page, date(2026, 1, 15)).await.unwrap();
    assert_eq!((investors.page.items.len(), investors.count), (0, 0));
    assert!(list_imports(stage.db(), stranger, page).await.unwrap().items.is_empty());
    let missing = get_import(stage.db(), stranger, import.id).await;
    assert!(matches!(missing, Err(Error::NoImport(_))), "{missing:?}");
    let missing = list_findings(stage.db(), stranger, import.id, None, page).await;
    assert!(matches!(missing, Err(Error::NoImport(_))), "{missing:?}");
    let fund = all_funds(&stage, stage.staff, "name").await.remove(0);
    let missing = get_fund(stage.db(), stranger, fund.id, date(2026, 1, 15)).await;
    assert!(matches!(missing, Err(Error::NoFund(_))), "{missing:?}");
    let missing =
        list_fund_allocations(stage.db(), stranger, fund.id, &allocation_query(None, 50)).await;
    assert!(matches!(missing, Err(Error::NoFund(_))), "{missing:?}");
}

#[tokio::test]
async fn an_investor_sees_their_own_commitments_and_nobody_elses() {
    let stage = Stage::new().await;
    let import = stage.import(DEMO).await;
    let oregon = investor_of(&stage, "Oregon").await;
    let page = &PageQuery { limit: 10, cursor: None };
    let investors = list_investors(stage.db(), oregon, page, date(2026, 1, 15)).await.unwrap();
    let names: Vec<&str> = investors.page.items.iter().map(|i| i.name.as_str()).collect();
    assert_eq!(names, ["Oregon"]);
    assert_eq!((investors.count, investors.totals[0].sums.committed), (1, 5_812_730_000_000));

    let funds = all_funds(&stage, oregon, "-value").await;
    assert_eq!(funds.iter().map(|fund| fund.allocations).sum::<i64>(), 402);
    let committed: i128 = funds.iter().map(|fund| fund.sums.committed).sum();
    assert_eq!(committed, 5_812_730_000_000);
    let shared = funds.iter().find(|fund| fund.name == "Blackstone Capital Partners VII").unwrap();
    let allocations = all_allocations(&stage, oregon, shared.id, None, 50).await;
    let counted = get_fund(stage.db(), oregon, shared.id, date(2026, 1, 15)).await.unwrap();
    assert_eq!(counted.allocations, i64::try_from(allocations.len()).unwrap());
    assert!(!allocations.is_empty());
    assert!(allocations.iter().all(|allocation| allocation.investor_name == "Oregon"));

    let own: Vec<_> = funds.iter().map(|fund| fund.id).collect();
    let all = all_funds(&stage, stage.staff, "name").await;
    let foreign = all.iter().find(|fund| !own.contains(&fund.id)).unwrap();
    let missing = get_fund(stage.db(), oregon, foreign.id, date(2026, 1, 15)).await;
    assert!(matches!(missing, Err(Error::NoFund(_))), "{missing:?}");

    let refused = get_import(stage.db(), oregon, import.id).await;
    assert!(matches!(refused, Err(Error::NotStaff)), "{refused:?}");
    let refused = stage.send(oregon, DEMO).await;
    assert!(refused.is_err());

    // The same person in another tenant, and a person without an investor, see nothing.
    let elsewhere = Principal { tenant: member().tenant, ..oregon };
    assert!(all_funds(&stage, elsewhere, "name").await.is_empty());
    let nobody = Principal { subject: UserId::new(), ..oregon };
    assert!(all_funds(&stage, nobody, "name").await.is_empty());
}

#[tokio::test]
async fn an_investor_writes_nothing_even_past_the_code() {
    let stage = Stage::new().await;
    stage.import_unsummed(DEMO).await;
    stage.sum().await;
    let oregon = investor_of(&stage, "Oregon").await;
    let (app, connection) =
        tokio_postgres::connect(&stage.test.app_url, tokio_postgres::NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    let set = format!(
        "set underpin.tenant = '{}'; set underpin.subject = '{}'; set underpin.role = 'investor'",
        oregon.tenant, oregon.subject
    );
    app.batch_execute(&set).await.unwrap();
    let reports = "select count(*) from funds.position_report";
    assert_eq!(app.query_one(reports, &[]).await.unwrap().get::<_, i64>(0), 402);
    // What is summed over all investors is nothing to one of them.
    let movements = "select count(*) from funds.fund_movement";
    assert_eq!(app.query_one(movements, &[]).await.unwrap().get::<_, i64>(0), 0);
    for table in
        ["fund", "investor", "allocation", "fund_import", "position_report", "fund_movement"]
    {
        let sql = format!("update funds.{table} set tenant_id = tenant_id");
        assert_eq!(app.execute(&sql, &[]).await.unwrap(), 0, "{table}");
        let deleted = app.execute(&format!("delete from funds.{table}"), &[]).await;
        let code = deleted.map_err(|error| error.code().unwrap().code().to_owned());
        // Dates on which nothing is reported any more go, by the staff's hand.
        let expected = if table == "fund_movement" { Ok(0) } else { Err("42501".to_owned()) };
        assert_eq!(code, expected, "{table}");
    }
    connection.abort();
}

#[tokio::test]
async fn every_table_has_a_tenant_and_forced_row_security_with_policies() {
    let stage = Stage::new().await;
    let sql = "select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'funds' and c.relkind in ('r', 'p') and not (
            c.relrowsecurity and c.relforcerowsecurity
            and exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and a.attnotnull)
            and exists (select 1 from pg_policy p where p.polrelid = c.oid))";
    let rows = stage.test.superuser().await.query(sql, &[]).await.unwrap();
    let bare: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert!(bare.is_empty(), "{bare:?}");
}
