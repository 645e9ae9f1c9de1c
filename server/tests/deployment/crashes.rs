//! Processes that die, and processes that come back from the dead, change nothing of what an import leaves behind.

use std::{collections::BTreeMap, fmt::Write as _, time::Duration};

use rand::{RngExt as _, SeedableRng as _, rngs::SmallRng};
use rustix::process::Signal;

use underpin_testkit::{Client, Dev, is_alive, signal, wait_for};

use crate::{UNDERPIN, client::Imports as _};

/// (investor, fund, as of) → (committed, called, distributed, value), in minor units; none where the cell is empty.
type Book = BTreeMap<(String, String, String), [Option<i64>; 4]>;

/// A generated file of so many position reports, all of them good, and what must be in the database after it.
pub(crate) fn book(rows: usize) -> (String, Book) {
    let mut random = SmallRng::seed_from_u64(7);
    let mut text = String::from("investor,fund,as_of,commitment,called,distributed,value\n");
    let mut expected = Book::new();
    for row in 0..rows {
        let investor = format!("Investor {}", row % 40);
        let fund = format!("Fund \"{}\"", (row / 40) % 500);
        let month = row / 20_000;
        let as_of = format!("{}-{:02}-28", 2000 + month / 12, 1 + month % 12);
        let committed = random.random_range(0..100_000_000_000_i64);
        let amount = |random: &mut SmallRng| {
            let amount = random.random_range(-100_000..100_000_000_000_i64);
            random.random_bool(0.9).then_some(amount)
        };
        let amounts =
            [Some(committed), amount(&mut random), amount(&mut random), amount(&mut random)];
        let _ = write!(text, "{investor},\"{}\",{as_of}", fund.replace('"', "\"\""));
        for amount in amounts {
            match amount {
                Some(minor) => {
                    let sign = if minor < 0 { "-" } else { "" };
                    let _ = write!(text, ",{sign}{}.{:02}", minor.abs() / 100, minor.abs() % 100);
                }
                None => text.push(','),
            }
        }
        text.push('\n');
        expected.insert((investor, fund, as_of), amounts);
    }
    assert_eq!(expected.len(), rows, "every natural key is there once");
    (text, expected)
}

/// What the database holds for a tenant, read as its role `app`.
fn stored(dev: &Dev, tenant: &str) -> Book {
    let url = dev.ready["database"]["app_url"].as_str().unwrap().to_owned();
    let (client, _) = Client::sign_in(dev, 1, "owner");
    let id = client.get(&format!("/v1/t/{tenant}")).body["id"].as_str().unwrap().to_owned();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        let begin = format!("begin; set local underpin.tenant = '{id}'; set local underpin.role = 'service'");
        client.batch_execute(&begin).await.unwrap();
        let sql = "select i.name, f.name, r.as_of::text, r.commitment_minor, r.called_minor, r.distributed_minor, r.value_minor
            from funds.position_report r
            join funds.allocation a on a.id = r.allocation_id
            join funds.fund f on f.id = a.fund_id
            join funds.investor i on i.id = a.investor_id";
        let rows = client.query(sql, &[]).await.unwrap();
        rows.iter()
            .map(|row| {
                let key = (row.get(0), row.get(1), row.get(2));
                (key, [Some(row.get(3)), row.get(4), row.get(5), row.get(6)])
            })
            .collect()
    })
}

fn assert_same(dev: &Dev, tenant: &str, expected: &Book) {
    let stored = stored(dev, tenant);
    assert_eq!(stored.len(), expected.len(), "rows");
    for (key, amounts) in expected {
        assert_eq!(stored.get(key), Some(amounts), "{key:?}");
    }
}

#[test]
fn workers_killed_at_random_leave_what_an_undisturbed_import_leaves() {
    let rows = 200_000;
    let dev = Dev::start(UNDERPIN, "killed");
    let (client, tenant) = Client::sign_in(&dev, 1, "owner");
    let (text, expected) = book(rows);
    let import = client.import(&tenant, text);
    let mut random = SmallRng::seed_from_u64(11);
    let mut kills = 0;
    loop {
        let state = client.get(&format!("/v1/t/{tenant}/imports/{import}"));
        if state.body["state"] == "done" || state.body["state"] == "failed" {
            break;
        }
        // Between two kills the import must get on, or it would be taken for what kills its workers.
        let before = state.body["rows"]["read"].as_u64().unwrap_or(0);
        wait_for("the import goes on", || {
            let now = client.get(&format!("/v1/t/{tenant}/imports/{import}"));
            let read = now.body["rows"]["read"].as_u64().unwrap_or(0);
            read > before || now.body["state"] == "done"
        });
        std::thread::park_timeout(Duration::from_millis(random.random_range(0..120)));
        if kills < 2 {
            let worker = dev.worker();
            signal(worker, Signal::KILL);
            wait_for("it died", || !is_alive(worker));
            kills += 1;
        }
    }
    let ended = client.finished(&tenant, &import);
    assert_eq!(ended["state"], "done", "{ended}");
    assert_eq!(kills, 2, "the import ended before it could be disturbed");
    assert_eq!(ended["rows"]["read"], rows, "{ended}");
    assert_eq!(ended["rows"]["applied"], rows, "{ended}");
    assert_same(&dev, &tenant, &expected);
}

#[test]
fn a_worker_that_wakes_after_twenty_seconds_is_refused_and_changes_nothing() {
    let rows = 120_000;
    let dev = Dev::start(UNDERPIN, "zombie");
    let (client, tenant) = Client::sign_in(&dev, 1, "owner");
    let (text, expected) = book(rows);
    let import = client.import(&tenant, text);
    let read = || {
        let answer = client.get(&format!("/v1/t/{tenant}/imports/{import}"));
        answer.body["rows"]["read"].as_u64().unwrap_or(0)
    };
    wait_for("the import runs", || read() > 0);
    let zombie = dev.worker();
    signal(zombie, Signal::STOP);
    let frozen = read();
    // A second worker, as a second host would have it, takes over while the first is silent.
    let mut second = second_worker(&dev);
    wait_for("another worker took over", || read() > frozen);
    std::thread::park_timeout(Duration::from_secs(20));
    signal(zombie, Signal::CONT);
    let ended = client.finished(&tenant, &import);
    assert_eq!(ended["state"], "done", "{ended}");
    assert_eq!(ended["rows"]["applied"], rows, "{ended}");
    assert_same(&dev, &tenant, &expected);
    signal(second.id(), Signal::TERM);
    second.wait().unwrap();
}

/// `underpin work` beside the deployment, with the settings that its own worker has.
fn second_worker(dev: &Dev) -> std::process::Child {
    let worker = dev.worker();
    let environment = std::fs::read(format!("/proc/{worker}/environ")).unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_underpin"));
    command.arg("work").env_clear().stdin(std::process::Stdio::null());
    for pair in environment.split(|byte| *byte == 0) {
        let text = String::from_utf8_lossy(pair);
        if let Some((name, value)) = text.split_once('=')
            && !name.contains("LEASH")
        {
            command.env(name, value);
        }
    }
    command.spawn().unwrap()
}
