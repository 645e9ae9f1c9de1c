//! What a transaction knows, and that nothing of it outlives the transaction.

use underpin_base::{Principal, Role, TenantId, UserId};
use underpin_db::{Purpose, Scope, statements};
use underpin_testkit::TestDb;

statements! {
    WHO: "test.who" () -> (UUID, UUID, TEXT, BOOL, TEXT)
        = "select underpin.tenant(), underpin.subject(), underpin.role(), underpin.is_staff(), underpin.presented()";
    USER: "test.user" () -> (TEXT) = "select current_user::text";
}

type Who = (Option<uuid::Uuid>, Option<uuid::Uuid>, Option<String>, bool, Option<String>);

fn read(row: &underpin_db::Row) -> Who {
    (row.get(0), row.get(1), row.get(2), row.get(3), row.get(4))
}

#[tokio::test]
async fn each_scope_sets_what_it_knows_and_nothing_stays() {
    let test = TestDb::new(&[]).await;
    let principal =
        Principal { tenant: TenantId::new(), subject: UserId::new(), role: Role::Investor };
    for _ in 0..3 {
        let who = read(&test.db.query_one(principal, &WHO, &[]).await.unwrap());
        let expected = (
            Some(principal.tenant.uuid()),
            Some(principal.subject.uuid()),
            Some("investor".into()),
            false,
            None,
        );
        assert_eq!(who, expected);
        let who =
            read(&test.db.query_one(Scope::Presented("it's".into()), &WHO, &[]).await.unwrap());
        assert_eq!(who, (None, None, None, false, Some("it's".into())));
        let user = UserId::new();
        let who = read(&test.db.query_one(Scope::Account(user), &WHO, &[]).await.unwrap());
        assert_eq!(who, (None, Some(user.uuid()), None, false, None));
    }
    assert_eq!(ALL.len(), 2);
}

#[tokio::test]
async fn the_platform_works_as_its_own_role() {
    let test = TestDb::new(&[]).await;
    let user: String =
        test.db.query_one(Scope::System(Purpose::Operate), &USER, &[]).await.unwrap().get(0);
    assert!(user.ends_with("_system"), "{user}");
    let user: String =
        test.db.query_one(Scope::Account(UserId::new()), &USER, &[]).await.unwrap().get(0);
    assert!(user.ends_with("_app"), "{user}");
}
