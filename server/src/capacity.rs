//! `underpin capacity`: how many connections the work of a deployment asks for.

use std::{io::Write as _, time::Duration};

use anyhow::{Context as _, bail};
use futures_util::future::try_join_all;
use serde_json::json;
use underpin_audit::{Demand, observe};

use crate::{audit, cli::CapacityArgs};

/// Longest that a process may take to give its figures.
const ANSWER_MAX: Duration = Duration::from_secs(10);

/// Look at every process for a while and print what its pools ask for.
pub(crate) async fn run(args: &CapacityArgs) -> anyhow::Result<()> {
    let deployment = audit::target(&args.target)?.look()?;
    let token = deployment.operator_token.clone();
    let token = token.context("give the operator token by --token or UNDERPIN_TOKEN")?;
    let processes: Vec<String> =
        deployment.operators().into_iter().map(|(operator_url, _)| operator_url).collect();
    if processes.is_empty() {
        bail!("no operators' address is known: give --operator URL, or --ready-file");
    }
    let http = reqwest::Client::builder().timeout(ANSWER_MAX).build()?;
    let time = Duration::from_secs(args.seconds.into());
    let looks = processes.iter().map(|process| observe(&http, process, &token, time));
    let demands = try_join_all(looks).await.context("a process gives no figures")?;
    let found: Vec<_> = processes.iter().zip(demands).collect();
    let text = if args.json {
        format!("{}\n", serde_json::to_string_pretty(&to_json(&found))?)
    } else {
        to_text(&found)
    };
    // Whoever reads may have gone: that is an error and no panic.
    std::io::stdout().write_all(text.as_bytes()).context("cannot write the figures")
}

fn to_json(found: &[(&String, Vec<Demand>)]) -> serde_json::Value {
    let pools = found.iter().flat_map(|(process, demands)| {
        demands.iter().map(move |demand| {
            json!({
                "process": process, "pool": demand.pool, "max": demand.max,
                "arrivals_per_second": demand.arrivals, "hold_ms": demand.hold.as_secs_f64() * 1_000.0,
                "busy": demand.busy(), "refused": demand.refused, "connections": demand.connections(),
            })
        })
    });
    json!({ "pools": pools.collect::<Vec<_>>() })
}

fn to_text(found: &[(&String, Vec<Demand>)]) -> String {
    use std::fmt::Write as _;
    let mut text = format!(
        "{:<28} {:<8} {:>10} {:>9} {:>6} {:>5} {:>9}\n",
        "process", "pool", "arrivals/s", "hold, ms", "busy", "has", "asks for"
    );
    let mut capped = false;
    for (process, demands) in found {
        for demand in demands {
            capped |= demand.refused > 0;
            // Writing to a text cannot fail.
            let _ = writeln!(
                text,
                "{process:<28} {:<8} {:>10.1} {:>9.1} {:>6.1} {:>5} {:>8}{}",
                demand.pool,
                demand.arrivals,
                demand.hold.as_secs_f64() * 1_000.0,
                demand.busy(),
                demand.max,
                demand.connections(),
                if demand.refused > 0 { "+" } else { " " },
            );
        }
    }
    text.push_str("\nAsked for is what this work would use by three fifths. Look while the most is going on.\n");
    if capped {
        text.push_str(
            "+ work was sent away for want of a connection: give the pool more, and look again.\n",
        );
    }
    text
}
