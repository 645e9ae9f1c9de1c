//! A database, a worker, and somebody who writes.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use underpin_base::{Clock as _, Principal, Role, Secret, TenantId, UserId};
use underpin_db::{Component, Scope};
use underpin_jobs::{JobId, JobState, JobView, Operator, Registry, Runner, RunnerSettings};
use underpin_mail::{
    Error, Language, Letter, Mailer, Outlet, Result, SmtpSettings, Template, Words, register,
};
use underpin_runtime::{
    CancellationToken,
    settings::{MailFrom, SmtpSecurity, SmtpUrl},
};
use underpin_testkit::{FakeClock, TestDb, until};

use crate::relay::Relay;

pub(crate) const COMPONENTS: [Component; 2] = [underpin_jobs::COMPONENT, underpin_mail::COMPONENT];
pub(crate) const SECRET: &[u8] = b"a secret of thirty-two bytes ...";
const HELLO: Template = Template {
    kind: "test.hello",
    en: Words {
        subject: "Hello {name} – ümläut",
        before: &["Hello {name}.", ".A line with a dot before it"],
        link: Some("Come in"),
        after: &[],
    },
    de: Words { subject: "Hallo {name}", before: &["Hallo {name}."], link: None, after: &[] },
};

pub(crate) struct Stage {
    pub(crate) test: TestDb,
    pub(crate) clock: FakeClock,
    pub(crate) mailer: Mailer,
    pub(crate) principal: Principal,
    pub(crate) stop: CancellationToken,
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// A relay that is talked to in the clear, with a timeout that a test can wait for.
pub(crate) fn towards(relay: &Relay) -> SmtpSettings {
    SmtpSettings {
        url: SmtpUrl {
            security: SmtpSecurity::Plain,
            host: relay.address.ip().to_string(),
            port: relay.address.port(),
            account: Some(("me".to_owned(), Secret::new("hunter2".to_owned()))),
        },
        from: MailFrom {
            name: Some("The Platform".to_owned()),
            address: "no-reply@platform.test".to_owned(),
        },
        authorities: None,
        timeout: Duration::from_secs(5),
    }
}

impl Stage {
    pub(crate) async fn new(outlet: Outlet) -> Self {
        let test = TestDb::new(&COMPONENTS).await;
        let clock = FakeClock::default();
        let mailer =
            Mailer::new(test.db.clone(), Arc::new(clock.clone()), SECRET, &outlet).unwrap();
        let principal =
            Principal { tenant: TenantId::new(), subject: UserId::new(), role: Role::Member };
        Self { test, clock, mailer, principal, stop: CancellationToken::new() }
    }

    /// Send what is posted, as a worker would.
    pub(crate) fn work(&self) {
        let mut registry = Registry::new();
        register(&mut registry, &self.mailer);
        // Its lease outlasts every step of the clock here.
        let settings =
            RunnerSettings { lease: Duration::from_hours(100), ..RunnerSettings::default() };
        let runner = Runner::new(self.test.second_process(), registry, settings);
        tokio::spawn(runner.run(self.stop.clone()));
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) async fn post(&self, letter: &Letter) -> Result<bool> {
        self.post_as(self.principal, letter).await
    }

    pub(crate) async fn post_as(&self, scope: impl Into<Scope>, letter: &Letter) -> Result<bool> {
        let (mailer, now) = (&self.mailer, self.now());
        self.test
            .db
            .transact(scope, |tx, _| Box::pin(async move { mailer.post(tx, letter, now).await }))
            .await
    }

    /// Post and roll back.
    pub(crate) async fn post_in_vain(&self, letter: &Letter) {
        let (mailer, now) = (&self.mailer, self.now());
        let outcome: Result<()> = self
            .test
            .db
            .transact(self.principal, |tx, _| {
                Box::pin(async move {
                    mailer.post(tx, letter, now).await?;
                    Err(Error::TooLarge(0))
                })
            })
            .await;
        outcome.unwrap_err();
    }

    /// Every job there is.
    pub(crate) async fn jobs(&self) -> Vec<JobView> {
        let operator = Operator::new(self.test.db.clone());
        let mut all = Vec::new();
        for state in
            [JobState::Deferred, JobState::Ready, JobState::Running, JobState::Done, JobState::Dead]
        {
            all.extend(operator.jobs(state, None, 100).await.unwrap());
        }
        all
    }

    /// The only job, once it is in this state.
    pub(crate) async fn job(&self, state: JobState) -> JobView {
        until(&format!("the job is {state}"), async || {
            self.jobs().await.into_iter().find(|job| job.state == state)
        })
        .await
    }

    /// Let a deferred job come due.
    pub(crate) async fn pass_time(&self) -> JobId {
        let job = self.job(JobState::Deferred).await;
        self.test.advance(Duration::from_mins(16)).await;
        job.id
    }

    /// The columns `sent`, `refused`, `reason`, and whether anything is sealed, of every mail.
    pub(crate) async fn rows(&self) -> Vec<(bool, bool, Option<String>, bool)> {
        let sql = "select sent_at is not null, refused_at is not null, reason, sealed is not null
                   from underpin.mail order by id";
        let rows = self.test.superuser().await.query(sql, &[]).await.unwrap();
        rows.iter().map(|row| (row.get(0), row.get(1), row.get(2), row.get(3))).collect()
    }
}

/// A letter to `name` under a key.
pub(crate) fn letter(key: &str, name: &str) -> Letter {
    Letter {
        key: key.to_owned(),
        kind: HELLO.kind,
        to: format!("{name}@example.com"),
        name: Some(name.to_owned()),
        content: HELLO.fill(
            Language::En,
            &[("name", name)],
            Some("https://app.example.com/in#secret-token"),
        ),
        expires_at: None,
    }
}
