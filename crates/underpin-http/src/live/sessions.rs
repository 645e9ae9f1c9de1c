use underpin_identity::{Identity, SessionId, Standing};
use underpin_realtime::{Asked, Ended, Guard, Holder};

/// The guard of the hub: sessions and memberships as identity knows them.
pub(super) struct Sessions(pub(super) Identity);

impl Guard for Sessions {
    fn ask<'a>(&'a self, holders: &'a [Holder]) -> Asked<'a> {
        Box::pin(async move {
            let asked = holders.iter();
            let asked =
                asked.map(|holder| (SessionId::from_uuid(holder.session), holder.principal));
            let standings = self.0.standings(&asked.collect::<Vec<_>>()).await?;
            let ended = standings.into_iter().map(|standing| match standing {
                Standing::Good => None,
                Standing::SignedOut => Some(Ended::SignedOut),
                Standing::Changed => Some(Ended::Changed),
            });
            Ok(ended.collect())
        })
    }
}
