//! Pages of other sites read nothing here.

use reqwest::Method;

use crate::{Answer, Ask, Check, Outcome, Result, Severity, Stage, Stopped};

pub(super) const CHECK: Check = Check {
    id: "http.cors",
    seeds: &["S2.60"],
    severity: Severity::P1,
    promise: "No page of another site is let to read an answer, with or without the session of whoever looks at it.",
    input: "reads and preflights from four origins of others at five addresses, signed in where it matters",
    measure: "headers that would let a browser hand the answer on (Access-Control-Allow-…)",
    threshold: "none: no deployment has a setting that allows another origin",
    fault: "origins_echoed",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let a = &stage.tenants().await?.a;
    let base = a.owner.base().to_owned();
    let authority = base.split_once("://").map_or("", |(_, authority)| authority);
    let origins = [
        "https://evil.example".to_owned(),
        "null".to_owned(),
        // What begins with the deployment's own name, and what ends with it.
        format!("{base}.evil.example"),
        format!("https://evil-{authority}"),
    ];
    let paths = ["/v1/deployment", "/v1/openapi.json", "/v1/session", &a.path("/funds"), "/"];
    let (mut breaches, mut asked) = (Vec::new(), 0);
    for path in paths {
        for origin in &origins {
            let read = a.owner.ask(Method::GET, path).header("origin", origin).send().await?;
            let preflight = Ask::bare(stage.http(), Method::OPTIONS, &format!("{base}{path}"));
            let preflight = preflight
                .header("origin", origin)
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", "authorization,content-type");
            for answer in [read, preflight.send().await?] {
                asked += 1;
                breaches.extend(allowed(&answer, origin));
            }
        }
    }
    let measured = format!("{} of {asked} answers may be read by others", breaches.len());
    Ok(Outcome::of_breaches(breaches, measured))
}

fn allowed(answer: &Answer, origin: &str) -> Option<String> {
    let names = answer
        .headers
        .iter()
        .filter(|(name, _)| name.as_str().starts_with("access-control-allow-"));
    let said: Vec<_> = names.map(|(name, value)| format!("{name}: {value:?}")).collect();
    (!said.is_empty()).then(|| format!("{} from {origin}: {}", answer.what, said.join(", ")))
}
