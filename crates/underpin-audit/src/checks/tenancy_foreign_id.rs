//! Somebody else's id is no id: no route tells it from one that nobody has.

mod ids;
mod request;

use reqwest::Method;
use uuid::Uuid;

use ids::Ids;
use request::{Request, allocation};

use crate::{
    Answer, Check, Operation, Outcome, Result, Severity, Stage, Stopped, Tenant, operations,
};

/// Pairs of answers whose times are compared.
const TIMED: usize = 20;

pub(super) const CHECK: Check = Check {
    id: "tenancy.foreign_id",
    seeds: &["S0.36", "S0.37"],
    severity: Severity::P0,
    promise: "Nobody can tell another tenant's or another investor's id from one that nobody has, on any route.",
    input: "every operation of the OpenAPI document below a tenant or with an id in its path: with real ids of B, by each of A's \
            people under A's slug and under B's; with real ids of A that are another investor's, by A's investor and by somebody \
            who was let go",
    measure: "status, headers and body beside those of the same request with a random id; whether the id's own people can tell them apart",
    threshold: "no difference for others; a difference for the id's own people, so that no operation goes untested",
    fault: "rls_off",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let tenants = stage.tenants().await?;
    let (a, b) = (&tenants.a, &tenants.b);
    let mut operations = operations(stage).await?;
    operations.retain(|operation| !operation.parameters().is_empty());
    let public = operations.extract_if(.., |operation| operation.public).count();
    // Reads first, deletions late: an id must be real as long as it is asked for.
    operations.sort_by_key(order);
    let (with_ids, without): (Vec<_>, Vec<_>) = operations.into_iter().partition(Operation::has_id);
    if with_ids.is_empty() {
        return Err(Stopped::inconclusive("the OpenAPI document has no operation with an id"));
    }
    let nowhere = format!("audit-x-{}", stage.run_id());
    let mut trial = Trial { a, b, nowhere: &nowhere, asked: 0, breaches: Vec::new() };
    for operation in &without {
        trial.closed_tenant(operation).await?;
    }
    let (of_b, of_a) = (Ids::of(stage, b).await?, Ids::of(stage, a).await?.of_others(a));
    for operation in &with_ids {
        trial.foreign_ids(operation, &of_b, &of_a).await?;
    }
    trial.foreign_id_in_a_body().await?;
    let Trial { asked, breaches, .. } = trial;
    let measured = format!("{} of {asked} answers differ or are untested", breaches.len());
    let routes = format!(
        "{} operations with an id, {} without; {public} are open to anybody by their own word",
        with_ids.len(),
        without.len()
    );
    let times = times(a, b).await?;
    Ok(Outcome::of_breaches(breaches, measured).evidence(routes).evidence(times))
}

fn order(operation: &Operation) -> u8 {
    match operation.method {
        Method::GET => 0,
        Method::DELETE => 2,
        // What was deleted can be restored, after what it belongs to.
        _ if operation.id == "restore_investor" => 3,
        _ if operation.id == "restore_fund" => 4,
        _ if operation.id == "restore_allocation" => 5,
        _ => 1,
    }
}

/// What A's people try with what is not theirs.
struct Trial<'t> {
    a: &'t Tenant,
    b: &'t Tenant,
    /// A slug that nobody has.
    nowhere: &'t str,
    asked: usize,
    breaches: Vec<String>,
}

impl Trial<'_> {
    /// Below B's slug everything is as below a slug that nobody has.
    async fn closed_tenant(&mut self, operation: &Operation) -> Result<()> {
        let request = Request::blind(operation);
        let none = |_: &str| String::new();
        for person in self.a.people() {
            let real = request.send(person, &self.b.slug, none).await?;
            let random = request.send(person, self.nowhere, none).await?;
            self.compare(&real, &random);
        }
        Ok(())
    }

    /// Ids of B by everybody of A, ids of A by its investor and by somebody who was let go; then by their own people.
    async fn foreign_ids(&mut self, operation: &Operation, of_b: &Ids, of_a: &Ids) -> Result<()> {
        let (a, b) = (self.a, self.b);
        let Some(ids) = of_b.known(operation).await? else {
            let name = operation.name();
            self.breaches.push(format!("{name}: no real id is known; the audit must make one"));
            return Ok(());
        };
        let keeper = of_b.keeper(operation);
        let request = Request::of(operation, b, &keeper, &ids).await?;
        let places = [(a.slug.as_str(), a.slug.as_str()), (b.slug.as_str(), self.nowhere)];
        let mut attempts = Vec::new();
        for person in a.people() {
            attempts.extend(places.map(|(real, random)| (person, &ids, real, random)));
        }
        let own = of_a.known(operation).await?;
        if let Some(own) = &own {
            let within =
                [&a.investor, &a.rogue].map(|p| (p, own, a.slug.as_str(), a.slug.as_str()));
            attempts.extend(within);
        }
        for (person, ids, real, random) in attempts {
            let real = request.send(person, real, |name| ids[name].clone()).await?;
            let random = request.send(person, random, |_| Uuid::now_v7().to_string()).await?;
            self.compare(&real, &random);
        }
        // For its own people the real id and a random one are not the same, or the request never came to look at it.
        let own = request.send(&keeper, &b.slug, |name| ids[name].clone()).await?;
        let none = request.send(&keeper, &b.slug, |_| Uuid::now_v7().to_string()).await?;
        if own.essence() == none.essence() {
            let (name, answer) = (operation.name(), own.unexpected());
            self.breaches.push(format!("{name}: untested, its own people get {answer}"));
        }
        Ok(())
    }

    /// An id of B in the body of what A sends about a thing of its own.
    async fn foreign_id_in_a_body(&mut self) -> Result<()> {
        let path = self.a.path(&format!("/funds/{}/allocations", self.a.things.fund));
        let owner = &self.a.owner;
        let real = owner.post(&path, &allocation(self.b.things.investor, "body")).await?;
        let random = owner.post(&path, &allocation(Uuid::now_v7(), "body")).await?;
        self.compare(&real, &random);
        if real.is_success() {
            self.breaches.push(format!("{}: a foreign investor was taken", real.what));
        }
        Ok(())
    }

    fn compare(&mut self, real: &Answer, random: &Answer) {
        self.asked += 1;
        if real.essence() != random.essence() {
            let statuses = format!("{} for the real id, {} for none", real.status, random.status);
            self.breaches.push(format!("{}: {statuses}", real.what));
        }
    }
}

/// Medians of the times that a foreign id and a random one take. No verdict: a busy machine would decide it.
async fn times(a: &Tenant, b: &Tenant) -> Result<String> {
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..TIMED {
        for (times, id) in times.iter_mut().zip([b.things.fund, Uuid::now_v7()]) {
            times.push(a.owner.get(&a.path(&format!("/funds/{id}"))).await?.took);
        }
    }
    let [real, random] = times.map(|mut times| {
        times.sort();
        times[times.len() / 2].as_micros()
    });
    Ok(format!("median time of GET a fund: foreign id {real} µs, random id {random} µs"))
}
