//! The figures of a book, computed report by report, to compare with what SQL says.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use underpin::base::Principal;
use underpin_funds::{
    Dashboard, FundId, Group, InvestorId, Overview, Portfolio, Share, State, Sums, Vintage,
    get_dashboard, get_portfolio,
};
use uuid::Uuid;

use crate::stage::Stage;

/// Most investors and reporting dates that are shown.
const INVESTORS_MAX: usize = 100;
const DAYS_MAX: usize = 240;

/// A report with everything around it.
#[derive(Debug, Clone)]
pub(crate) struct Fact {
    pub(crate) fund: FundId,
    pub(crate) currency: String,
    pub(crate) vintage: Option<i32>,
    pub(crate) investor: InvestorId,
    pub(crate) name: String,
    pub(crate) allocation: Uuid,
    pub(crate) as_of: Date,
    pub(crate) amounts: [i128; 4],
}

/// Every report of a tenant.
#[derive(Debug, Clone)]
pub(crate) struct Book(pub(crate) Vec<Fact>);

impl Book {
    pub(crate) async fn of(stage: &Stage) -> Self {
        Self::of_tenant(stage, stage.staff).await
    }

    pub(crate) async fn of_tenant(stage: &Stage, by: Principal) -> Self {
        let client = stage.test.superuser().await;
        let sql = "select f.id, f.currency, f.vintage, i.id, i.name, a.id, r.as_of, r.commitment_minor, r.called_minor,
                r.distributed_minor, r.value_minor
            from funds.position_report r
            join funds.allocation a on a.tenant_id = r.tenant_id and a.id = r.allocation_id
            join funds.fund f on f.tenant_id = r.tenant_id and f.id = a.fund_id
            join funds.investor i on i.tenant_id = r.tenant_id and i.id = a.investor_id
            where r.tenant_id = $1";
        let rows = client.query(sql, &[&by.tenant.uuid()]).await.unwrap();
        // An empty cell adds nothing.
        let minor = |cell: Option<i64>| i128::from(cell.unwrap_or(0));
        let fact = |row: &tokio_postgres::Row| Fact {
            fund: FundId::from_uuid(row.get(0)),
            currency: row.get(1),
            vintage: row.get(2),
            investor: InvestorId::from_uuid(row.get(3)),
            name: row.get(4),
            allocation: row.get(5),
            as_of: row.get(6),
            amounts: [7, 8, 9, 10].map(|index| minor(row.get(index))),
        };
        Self(rows.iter().map(fact).collect())
    }

    /// Only what fits.
    pub(crate) fn only(&self, fits: impl Fn(&Fact) -> bool) -> Self {
        Self(self.0.iter().filter(|fact| fits(fact)).cloned().collect())
    }

    /// The latest report of each allocation not later than a date.
    fn counted(&self, as_of: Date) -> Vec<&Fact> {
        let mut latest: BTreeMap<Uuid, &Fact> = BTreeMap::new();
        for fact in self.0.iter().filter(|fact| fact.as_of <= as_of) {
            let best = latest.entry(fact.allocation).or_insert(fact);
            if fact.as_of > best.as_of {
                *best = fact;
            }
        }
        latest.into_values().collect()
    }

    pub(crate) fn funds(&self) -> Vec<FundId> {
        self.0.iter().map(|fact| fact.fund).collect::<BTreeSet<_>>().into_iter().collect()
    }

    pub(crate) fn currencies(&self) -> Vec<&str> {
        self.0.iter().map(|fact| &*fact.currency).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The state at every reporting date.
    pub(crate) fn history(&self) -> Vec<State> {
        let state = |day: Date| State { as_of: day, sums: sums(&self.counted(day)) };
        self.days().into_iter().map(state).collect()
    }

    pub(crate) fn days(&self) -> BTreeSet<Date> {
        self.0.iter().map(|fact| fact.as_of).collect()
    }

    pub(crate) fn overview(&self, as_of: Date) -> Overview {
        let counted = self.counted(as_of);
        let mut shares: BTreeMap<InvestorId, Share> = BTreeMap::new();
        for fact in &counted {
            let share = shares.entry(fact.investor).or_insert_with(|| Share {
                investor: fact.investor,
                name: fact.name.clone(),
                allocations: 0,
                sums: Sums::default(),
            });
            share.allocations += 1;
            add(&mut share.sums, fact);
        }
        let mut shares: Vec<Share> = shares.into_values().collect();
        shares.sort_by_key(|share| (std::cmp::Reverse(share.sums.committed), share.investor));
        let rest = shares.split_off(shares.len().min(INVESTORS_MAX));
        let rest: BTreeSet<InvestorId> = rest.iter().map(|share| share.investor).collect();
        let others: Vec<&Fact> =
            counted.iter().filter(|fact| rest.contains(&fact.investor)).copied().collect();
        let days: Vec<Date> = self.days().into_iter().filter(|day| *day <= as_of).collect();
        let shown = &days[days.len().saturating_sub(DAYS_MAX)..];
        let state = |day: &Date| State { as_of: *day, sums: sums(&self.counted(*day)) };
        Overview {
            reported_as_of: counted.iter().map(|fact| fact.as_of).max(),
            all: group(&counted),
            largest: shares,
            others: (!others.is_empty()).then(|| group(&others)),
            history: shown.iter().map(state).collect(),
        }
    }

    fn by_vintage(&self, as_of: Date) -> Vec<Vintage> {
        let mut years: BTreeMap<(bool, Option<i32>), Vec<&Fact>> = BTreeMap::new();
        for fact in self.counted(as_of) {
            years.entry((fact.vintage.is_none(), fact.vintage)).or_default().push(fact);
        }
        let vintage = |((_, year), facts): ((bool, Option<i32>), Vec<&Fact>)| Vintage {
            year,
            funds: funds(&facts),
            sums: sums(&facts),
        };
        years.into_iter().map(vintage).collect()
    }

    /// A portfolio; the currencies are given, because a fund without reports has one too.
    pub(crate) fn portfolio(&self, currency: &str, currencies: &[&str], as_of: Date) -> Portfolio {
        let own = self.only(|fact| fact.currency == currency);
        Portfolio {
            currency: currency.to_owned(),
            currencies: currencies.iter().map(ToString::to_string).collect(),
            funds: funds(&own.counted(as_of)),
            overview: own.overview(as_of),
            by_vintage: own.by_vintage(as_of),
        }
    }
}

fn add(sums: &mut Sums, fact: &Fact) {
    let [committed, called, distributed, value] = fact.amounts;
    sums.committed += committed;
    sums.called += called;
    sums.distributed += distributed;
    sums.value += value;
}

fn sums(facts: &[&Fact]) -> Sums {
    let mut sums = Sums::default();
    for fact in facts {
        add(&mut sums, fact);
    }
    sums
}

fn group(facts: &[&Fact]) -> Group {
    let investors: BTreeSet<InvestorId> = facts.iter().map(|fact| fact.investor).collect();
    Group { investors: investors.len() as i64, allocations: facts.len() as i64, sums: sums(facts) }
}

fn funds(facts: &[&Fact]) -> i64 {
    facts.iter().map(|fact| fact.fund).collect::<BTreeSet<_>>().len() as i64
}

/// Compare the dashboards of some funds with the book, at some dates.
pub(crate) async fn check_dashboards(
    stage: &Stage,
    by: Principal,
    book: &Book,
    funds: &[FundId],
    dates: &[Date],
) {
    for fund in funds {
        let own = book.only(|fact| fact.fund == *fund);
        for as_of in dates {
            let got: Dashboard = get_dashboard(stage.db(), by, *fund, *as_of).await.unwrap();
            assert_eq!(got.fund.id, *fund);
            assert_eq!(got.overview, own.overview(*as_of), "{fund} as of {as_of}");
        }
    }
}

/// Compare the portfolio with the book, at some dates.
pub(crate) async fn check_portfolio(
    stage: &Stage,
    by: Principal,
    book: &Book,
    currencies: &[&str],
    dates: &[Date],
) {
    let usd = "USD".parse().unwrap();
    for currency in currencies {
        for as_of in dates {
            let asked = Some(currency.parse().unwrap());
            let got = get_portfolio(stage.db(), by, *as_of, asked, usd).await.unwrap();
            assert_eq!(got, book.portfolio(currency, currencies, *as_of), "{currency} {as_of}");
        }
    }
}
