//! Who may join which room: whoever may read the thing.

use underpin::http::{Api, Problem, Room, Tenant};
use uuid::Uuid;

use crate::{
    FundId, ImportId,
    ops::{get_fund, list_imports},
};

/// `fund/<id>`, for those who see the fund.
pub(crate) fn fund() -> Room {
    Room::of("fund", |api: Api, tenant: Tenant, id: Uuid| async move {
        let fund = FundId::from_uuid(id);
        let seen = get_fund::may_see_fund(&api.db, tenant.principal, fund).await;
        seen.map_err(Problem::from)
    })
}

/// `funds`, for every member: each hears what is for them.
pub(crate) fn funds() -> Room {
    Room::named("funds", |_: Api, _: Tenant| std::future::ready(Ok(true)))
}

/// `import/<id>`, for staff.
pub(crate) fn import() -> Room {
    Room::of("import", |api: Api, tenant: Tenant, id: Uuid| async move {
        let import = ImportId::from_uuid(id);
        list_imports::get_import(&api.db, tenant.principal, import).await?;
        Ok(true)
    })
}
