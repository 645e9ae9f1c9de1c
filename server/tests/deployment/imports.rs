//! The demo book through every layer, to the cent.

use serde_json::Value;

use underpin_testkit::{Client, Dev};

use crate::{UNDERPIN, client::Imports as _};

/// investor, commitments, committed, called, distributed, value; latest report of each commitment.
const LATEST: &[(&str, u64, &str, &str, &str, &str)] = &[
    ("CalPERS", 429, "133560230692.00", "106986006072.00", "71225913671.00", "86516773896.00"),
    ("CalSTRS", 469, "81166664119.00", "68813889780.00", "67986226746.00", "43597190329.00"),
    ("NY Common", 390, "72658659904.00", "65979032273.00", "62513801143.00", "40772892337.00"),
    ("Oregon", 402, "58127300000.00", "57453400000.00", "70116800000.00", "25411700000.00"),
    ("WSIB", 462, "99965793845.00", "92538706485.00", "99821314598.00", "52786321875.00"),
];

fn figures(positions: &Value) -> [&str; 4] {
    ["committed", "called", "distributed", "value"]
        .map(|name| positions[name]["amount"].as_str().unwrap_or_else(|| panic!("{positions}")))
}

#[test]
fn the_demo_book_is_right_to_the_cent_and_a_second_import_changes_nothing() {
    let dev = Dev::start(UNDERPIN, "book");
    let (client, tenant) = Client::sign_in(&dev, 0, "owner");
    let investors = client.get(&format!("/v1/t/{tenant}/investors")).body;
    assert_eq!(investors["count"], 5);
    for (name, allocations, committed, called, distributed, value) in LATEST {
        let items = investors["items"].as_array().unwrap();
        let row = items.iter().find(|row| row["name"] == *name).unwrap();
        assert_eq!(row["allocations"], *allocations, "{name}");
        assert_eq!(
            figures(&row["positions"]),
            [*committed, *called, *distributed, *value],
            "{name}"
        );
    }
    let all = ["445478648560.00", "391771034610.00", "371664056158.00", "249084878437.00"];
    assert_eq!(figures(&investors["total"]), all);

    let then = client.get(&format!("/v1/t/{tenant}/investors?as_of=2024-03-31")).body;
    let items = then["items"].as_array().unwrap();
    let row = items.iter().find(|row| row["name"] == "NY Common").unwrap();
    assert_eq!(row["allocations"], 358);
    let expected = ["66264971626.00", "60917126008.00", "55954775616.00", "39484179256.00"];
    assert_eq!(figures(&row["positions"]), expected);

    let funds = client.get(&format!("/v1/t/{tenant}/funds?limit=1")).body;
    assert_eq!(funds["count"], 1_634);
    assert_eq!(figures(&funds["total"]), all);

    let book =
        std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../modules/funds/demo/positions.csv"))
            .unwrap();
    let again = client.finished(&tenant, &client.import(&tenant, book.clone()));
    assert_eq!(again["rows"]["read"], 2_489, "{again}");
    assert_eq!(again["rows"]["unchanged"], 2_489, "{again}");
    assert_eq!(again["rows"]["applied"], 0, "{again}");

    // The empty tenant sees nothing of the other's book, and gets the same figures from the same file.
    let (other, empty) = Client::sign_in(&dev, 1, "admin");
    assert_eq!(other.get(&format!("/v1/t/{empty}/funds")).body["count"], 0);
    assert_eq!(other.get(&format!("/v1/t/{tenant}/funds")).status, 404);
    let first = other.finished(&empty, &other.import(&empty, book));
    assert_eq!(first["rows"]["applied"], 2_489, "{first}");
    assert_eq!(figures(&other.get(&format!("/v1/t/{empty}/investors")).body["total"]), all);
}

#[test]
fn the_command_line_imports_a_file_and_says_what_became_of_it() {
    let dev = Dev::start(UNDERPIN, "cli");
    let tenant = dev.ready["tenants"][1]["slug"].as_str().unwrap();
    let book = concat!(env!("CARGO_MANIFEST_DIR"), "/../modules/funds/demo/positions.csv");
    let import = |file: &str| {
        std::process::Command::new(env!("CARGO_BIN_EXE_underpin"))
            .args(["import", "funds", file, "--tenant", tenant, "--ready-file"])
            .arg(dev.folder().join("ready.json"))
            .output()
            .unwrap()
    };
    for expected in [
        "read 2489 applied 2489 unchanged 0 refused 0",
        "read 2489 applied 0 unchanged 2489 refused 0",
    ] {
        let output = import(book);
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(
            text.lines().last(),
            Some(expected),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(output.status.success());
    }
    let missing = import("no-such-file.csv");
    assert!(!missing.status.success());
    let message = String::from_utf8(missing.stderr).unwrap();
    assert!(message.contains("no-such-file.csv"), "{message}");
}
