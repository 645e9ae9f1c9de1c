//! Many who send at once get their turn or are told when to come back; nobody who was let in fails.

mod senders;

use senders::{Sender, Told, round};

use super::upload_limit::{growth, peaks};
use crate::{Check, Outcome, Person, Severity, Stage, Stopped, Tenant};

/// Files that one person sends at once.
const OF_ONE: usize = 8;
/// Files that each of many persons sends at once.
const OF_EACH: usize = 4;
/// Persons of the first tenant beside those that it has.
const GUESTS: usize = 3;
/// Most that the memory of a web process may grow, in KiB.
const GROWTH_KIB_MAX: u64 = 128 << 10;

pub(super) const CHECK: Check = Check {
    id: "upload.together",
    seeds: &["S0.8"],
    severity: Severity::P1,
    promise: "A person and a tenant have so many files on their way at once; who is too many is told when to come back, and no other fails.",
    input: "eight files of 8 MiB of one person at the same time; then four each of nine persons of two tenants, over all instances; \
            one more of somebody who was too many",
    measure: "the answers; growth of each web process's peak memory; its processes",
    threshold: "202 to those that are let in, 429 or 503 with Retry-After to the others, and there are others; both tenants are let in; \
                who comes back is let in; growth at most 128 MiB; no process ended",
    fault: "uploads_unbounded",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let (tenants, web) = (stage.tenants().await?, stage.web()?);
    let urls: Vec<_> = web.iter().map(|(instance, _)| instance.url.clone()).collect();
    let mut crowd: Vec<(Person, &Tenant)> = Vec::new();
    for tenant in [&tenants.a, &tenants.b] {
        let staff = [&tenant.owner, &tenant.admin, &tenant.member];
        crowd.extend(staff.into_iter().map(|person| (person.clone(), tenant)));
    }
    for guest in 0..GUESTS {
        let name = format!("sender{guest}");
        crowd.push((stage.guest(&tenants.a, &name, "member", None).await?, &tenants.a));
    }
    let at =
        |number: usize, (by, to)| Sender { by: Person::at(by, &urls[number % urls.len()]), to };
    let one: Vec<_> =
        (0..OF_ONE).map(|number| at(number, (&tenants.a.owner, &tenants.a))).collect();
    let many = crowd.iter().flat_map(|(by, to)| std::iter::repeat_n((by, *to), OF_EACH));
    let many: Vec<_> = many.enumerate().map(|(number, pair)| at(number, pair)).collect();

    let before = peaks(&web.iter().map(|(_, process)| *process).collect::<Vec<_>>())?;
    let of_one = round(&one).await?;
    let of_many = round(&many).await?;
    let growth = growth(&before)?;
    let mut breaches = odd(&of_one);
    breaches.extend(odd(&of_many));
    let (taken_of_one, taken_of_many) = (taken(&of_one), taken(&of_many));
    if taken_of_one == OF_ONE {
        breaches.push(format!("{OF_ONE} files of one person were on their way at once"));
    }
    if taken_of_one == 0 {
        breaches.push("no file of the one person was let in".to_owned());
    }
    for tenant in [&tenants.a, &tenants.b] {
        let own = many.iter().zip(&of_many).filter(|(sender, _)| sender.to.id == tenant.id);
        if own.filter(|(_, told)| told.status == 202).count() == 0 {
            breaches.push(format!("nobody of {} was let in", tenant.slug));
        }
    }
    let again = one[0].insist().await?;
    if again.status != 202 {
        breaches.push(format!("who came back was answered {}", again.status));
    }
    if growth > GROWTH_KIB_MAX {
        breaches.push(format!("a web process grew by {} MiB", growth >> 10));
    }
    if let Some((instance, _)) = web.iter().find(|(_, process)| !process.is_alive()) {
        breaches.push(format!("the web process at {} ended", instance.url));
    }
    let measured = format!(
        "{taken_of_one} of {OF_ONE} files of one person let in, {taken_of_many} of {} of many; growth {} MiB",
        many.len(),
        growth >> 10
    );
    Ok(Outcome::of_breaches(breaches, measured))
}

fn taken(told: &[Told]) -> usize {
    told.iter().filter(|told| told.status == 202).count()
}

/// Answers that are neither a turn nor a word when to come back.
fn odd(told: &[Told]) -> Vec<String> {
    let odd = told.iter().filter(|told| told.status != 202 && !told.again);
    odd.map(|told| format!("a file was answered {}", told.status)).collect()
}
