//! SQL that several statements share: which report counts, and what the sums are.

/// Whether allocation `a`, looked for by its fund, is there: in words from which the planner does not conclude that it may use the partial
/// index `allocation_deal_key`. Of a table that was filled a second ago it believes both indexes equally good, and that one would
/// be read from end to end.
macro_rules! alive {
    () => {
        "coalesce(a.deleted_at, 'infinity') = 'infinity'"
    };
}

/// The latest report not later than $2 of allocation `a`, as `r`.
macro_rules! latest {
    ($join:literal) => {
        concat!(
            $join,
            " lateral (select p.as_of, p.commitment_minor, p.called_minor, p.distributed_minor, p.value_minor \
               from funds.position_report p \
               where p.tenant_id = $1 and p.allocation_id = a.id and p.as_of <= $2 \
               order by p.as_of desc limit 1) r"
        )
    };
}

/// The reports of allocation `a`, each with the date of the one that takes its place, as `p`.
///
/// A window for each allocation, over its part of the primary key: nothing is sorted, however many reports there are.
macro_rules! spans {
    ($until:literal) => {
        concat!(
            "cross join lateral (select p.as_of, p.commitment_minor, p.called_minor, p.distributed_minor, p.value_minor, \
               lead(p.as_of) over (order by p.as_of) as next_as_of \
             from funds.position_report p \
             where p.tenant_id = $1 and p.allocation_id = a.id", $until, ") p"
        )
    };
}

/// The four sums over `$of`; an empty cell adds nothing.
macro_rules! four {
    ($of:literal) => {
        concat!(
            "coalesce(sum(",
            $of,
            ".commitment_minor), 0) as committed, coalesce(sum(",
            $of,
            ".called_minor), 0) as called, \
             coalesce(sum(",
            $of,
            ".distributed_minor), 0) as distributed, coalesce(sum(",
            $of,
            ".value_minor), 0) as value"
        )
    };
}

/// Movements by date from a common table `spans`: a report counts from its date and ends where the next begins.
macro_rules! moves {
    ($key:literal) => {
        concat!(
            "select ", $key, "as_of, committed, called, distributed, value from spans \
             union all select ", $key, "next_as_of, -committed, -called, -distributed, -value from spans where next_as_of is not null"
        )
    };
}

pub(super) use {alive, four, latest, moves, spans};
