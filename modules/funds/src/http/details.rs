//! A fund and an allocation as they are shown alone, and after a change.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::wire::{Money, Named};
use crate::{Allocation, DatedReport, FundDetails, ReportEntry};

/// A fund without what was reported of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FundDetails)]
pub(crate) struct FundDetailsBody {
    #[schema(format = Uuid)]
    id: String,
    name: String,
    currency: String,
    #[schema(required)]
    vintage: Option<i32>,
    #[schema(required)]
    strategy: Option<String>,
    #[schema(required)]
    manager: Option<String>,
    /// Counts its changes; the ETag.
    version: i64,
}

impl From<FundDetails> for FundDetailsBody {
    fn from(fund: FundDetails) -> Self {
        Self {
            id: fund.id.to_string(),
            name: fund.name,
            currency: fund.currency,
            vintage: fund.vintage,
            strategy: fund.strategy,
            manager: fund.manager,
            version: fund.version,
        }
    }
}

/// A promise of an investor to a fund, with all that was reported of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AllocationDetails)]
pub(crate) struct AllocationBody {
    #[schema(format = Uuid)]
    id: String,
    fund: Named,
    investor: Named,
    currency: String,
    /// Which deal; empty for the unnamed one.
    deal_ref: String,
    /// Which part of it, from 1.
    tranche: i32,
    /// Counts what people changed. The ETag also changes with an import.
    version: i64,
    /// Newest first; the first 1,000.
    reports: Vec<ReportBody>,
}

/// What an allocation stood at on a date.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PositionReport)]
struct ReportBody {
    #[schema(value_type = String, format = Date)]
    as_of: Date,
    commitment: Money,
    /// Null where it was not reported.
    #[schema(required)]
    called: Option<Money>,
    #[schema(required)]
    distributed: Option<Money>,
    #[schema(required)]
    value: Option<Money>,
    source: ReportSource,
}

/// Who said it last.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ReportSource {
    /// A line of an import.
    Import,
    /// A person.
    Manual,
}

impl From<&Allocation> for AllocationBody {
    fn from(allocation: &Allocation) -> Self {
        let (fund, investor) = (&allocation.fund, &allocation.investor);
        let report = |report: &DatedReport| ReportBody::new(report, &allocation.currency);
        Self {
            id: allocation.id.to_string(),
            fund: Named { id: fund.0.to_string(), name: fund.1.clone() },
            investor: Named { id: investor.0.to_string(), name: investor.1.clone() },
            currency: allocation.currency.clone(),
            deal_ref: allocation.deal_ref.clone(),
            tranche: allocation.tranche,
            version: allocation.version,
            reports: allocation.reports.iter().map(report).collect(),
        }
    }
}

impl ReportBody {
    fn new(report: &DatedReport, currency: &str) -> Self {
        let money = |minor: i64| Money::new(minor.into(), currency);
        let amounts = &report.amounts;
        Self {
            as_of: report.as_of,
            commitment: money(amounts.commitment),
            called: amounts.called.map(money),
            distributed: amounts.distributed.map(money),
            value: amounts.value.map(money),
            source: if report.manual { ReportSource::Manual } else { ReportSource::Import },
        }
    }
}

/// What is reported of an allocation at a date; amounts are in the fund's currency.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EnterReport)]
pub(super) struct ReportRequest {
    #[schema(format = Date)]
    as_of: String,
    #[schema(example = "1234.50")]
    commitment: String,
    /// Not reported if absent or null.
    called: Option<String>,
    distributed: Option<String>,
    value: Option<String>,
}

impl From<ReportRequest> for ReportEntry {
    fn from(request: ReportRequest) -> Self {
        let ReportRequest { as_of, commitment, called, distributed, value } = request;
        Self { as_of, commitment, called, distributed, value }
    }
}
