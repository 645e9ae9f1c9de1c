//! Who is who in the demo: two tenants, the first with the demo book, the second empty.

use serde::Serialize;
use underpin_base::Role;

use super::secrets::Secrets;

/// A demo tenant.
pub(super) struct DemoTenant {
    pub(super) slug: &'static str,
    pub(super) name: &'static str,
    /// Its colour in the console.
    pub(super) accent: &'static str,
    /// Whether it gets the demo book.
    pub(super) book: bool,
    pub(super) people: &'static [DemoPerson],
}

/// A person in it.
pub(super) struct DemoPerson {
    pub(super) email: &'static str,
    pub(super) name: &'static str,
    pub(super) role: Role,
}

/// The demo; the first person of each tenant is staff.
pub(super) const TENANTS: [DemoTenant; 2] = [
    DemoTenant {
        slug: "meridian",
        name: "Meridian Pension Partners",
        accent: "#3257d6",
        book: true,
        people: &[
            DemoPerson { email: "ada@meridian.example", name: "Ada Okafor", role: Role::Owner },
            DemoPerson { email: "ben@meridian.example", name: "Ben Lindqvist", role: Role::Member },
            DemoPerson {
                email: "ines@meridian.example",
                name: "Inés Valdés",
                role: Role::Investor,
            },
        ],
    },
    DemoTenant {
        slug: "juniper",
        name: "Juniper Family Office",
        accent: "#1d7a55",
        book: false,
        people: &[
            DemoPerson { email: "ada@meridian.example", name: "Ada Okafor", role: Role::Owner },
            DemoPerson { email: "cleo@juniper.example", name: "Cleo Marchetti", role: Role::Admin },
        ],
    },
];

/// Every e-mail of the demo.
pub(super) fn emails() -> impl Iterator<Item = &'static str> {
    TENANTS.iter().flat_map(|tenant| tenant.people).map(|person| person.email)
}

/// A sign-in as the sign-in page shows it (`GET /v1/deployment`).
#[derive(Serialize)]
pub(super) struct SignIn<'a> {
    pub(super) email: &'a str,
    pub(super) password: &'a str,
    pub(super) name: &'a str,
    pub(super) role: &'a str,
    pub(super) tenant: &'a str,
}

/// Every sign-in of the demo; a person of two tenants twice.
pub(super) fn sign_ins(secrets: &Secrets) -> Vec<SignIn<'_>> {
    let people = TENANTS.iter().flat_map(|tenant| tenant.people.iter().map(move |p| (tenant, p)));
    let password = |email| secrets.demo_passwords.get(email).map_or("", String::as_str);
    people
        .map(|(tenant, person)| SignIn {
            email: person.email,
            password: password(person.email),
            name: person.name,
            role: person.role.as_str(),
            tenant: tenant.slug,
        })
        .collect()
}
