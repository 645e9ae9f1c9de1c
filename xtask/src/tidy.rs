//! The rules of the house, held by a test: who may depend on whom, and what no file may contain.

mod dependencies;
mod files;
mod globals;
mod rules;
mod secrets;
mod stars;
mod web;

use anyhow::ensure;

/// Check every rule; the error lists each breach with its place.
pub(crate) fn run() -> anyhow::Result<()> {
    let root = crate::root()?;
    let mut breaches = dependencies::check(&root)?;
    breaches.extend(files::check(&root)?);
    breaches.extend(globals::check(&root)?);
    breaches.extend(secrets::check(&root)?);
    breaches.extend(web::check(&root)?);
    breaches.extend(rules::check(&root)?);
    ensure!(breaches.is_empty(), "the house rules are broken:\n  {}", breaches.join("\n  "));
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_house_rules_hold() {
        if let Err(error) = super::run() {
            panic!("{error}");
        }
    }
}
