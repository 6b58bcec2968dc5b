//! Keys against a model of a few lines: at no moment of any schedule does a key work that was revoked or has expired,
//! and at none does one fail that is good.

#![expect(clippy::unwrap_used, reason = "what panics here is a failed test")]

use std::time::Duration;

use proptest::prelude::*;
use shared::audit::{Action, Entry};
use shared::clock::Timestamp;
use shared::error::Error;
use shared::id::UserId;
use shared::keys::{ApiKey, Environment, Holding, Key, KeyEdit, KeyRefused, NewKey, Permissions, Tier};
use tests::TestApi;

/// How many schedules are tried.
const CASES: u32 = 24;

/// Something that happens. A key is named by its number, modulo how many there are.
#[derive(Debug, Clone)]
enum Step {
    Create { lives_s: Option<u32> },
    Use { key: usize },
    Revoke { key: usize },
    Regenerate { key: usize, grace_s: u32 },
    SetTier { key: usize, tier: Tier },
    SetExpiry { key: usize, lives_s: Option<u32> },
    Wait { s: u32 },
}

/// What the model knows of a key.
struct Model {
    secret: ApiKey,
    key: Key,
    is_held: bool,
    was_ended: bool,
    expires_at: Option<Timestamp>,
    grace_until: Option<Timestamp>,
    tier: Tier,
}

impl Model {
    fn new((secret, key): (ApiKey, Key)) -> Self {
        let (expires_at, tier) = (key.expires_at, key.tier);
        Self { secret, key, is_held: true, was_ended: false, expires_at, grace_until: None, tier }
    }

    fn is_good(&self, now: Timestamp) -> bool {
        !self.was_ended && self.expires_at.is_none_or(|end| now < end) && self.grace_until.is_none_or(|end| now < end)
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (key, lives) = (any::<usize>(), proptest::option::of(1_u32..4_000));
    let tier = prop_oneof![Just(Tier::Free), Just(Tier::Pro), Just(Tier::Enterprise)];
    let step = prop_oneof![
        2 => lives.clone().prop_map(|lives_s| Step::Create { lives_s }),
        6 => key.prop_map(|key| Step::Use { key }),
        2 => key.prop_map(|key| Step::Revoke { key }),
        2 => (key, prop_oneof![Just(0), 1_u32..4_000]).prop_map(|(key, grace_s)| Step::Regenerate { key, grace_s }),
        1 => (key, tier).prop_map(|(key, tier)| Step::SetTier { key, tier }),
        1 => (key, lives).prop_map(|(key, lives_s)| Step::SetExpiry { key, lives_s }),
        3 => (1_u32..2_000).prop_map(|s| Step::Wait { s }),
    ];
    proptest::collection::vec(step, 1..24)
}

/// The service beside the model. Its clock stands still, so that both agree on every instant.
struct World {
    api: TestApi,
    owner: UserId,
    now: Timestamp,
    models: Vec<Model>,
}

impl World {
    async fn run(steps: &[Step]) -> Result<(), TestCaseError> {
        let api = TestApi::start().await;
        let owner = api.register("model").await.id.parse().unwrap();
        let mut world = Self { now: api.now(), api, owner, models: Vec::new() };
        world.step(&Step::Create { lives_s: None }).await?;
        for step in steps {
            world.step(step).await?;
            for number in 0..world.models.len() {
                world.check(number).await?;
            }
            world.check_list().await?;
        }
        Ok(())
    }

    async fn step(&mut self, step: &Step) -> Result<(), TestCaseError> {
        let number = |key: usize| key % self.models.len();
        match *step {
            Step::Create { lives_s } => self.create(lives_s).await,
            Step::Use { key } => self.check(number(key)).await?,
            Step::Revoke { key } => self.revoke(number(key)).await,
            Step::Regenerate { key, grace_s } => self.regenerate(number(key), grace_s).await,
            Step::SetTier { key, tier } => {
                self.edit(number(key), KeyEdit { tier: Some(tier), ..KeyEdit::default() }).await;
            }
            Step::SetExpiry { key, lives_s } => {
                let expires_at = lives_s.map(|s| self.after(s));
                self.edit(number(key), KeyEdit { expires_at: Some(expires_at.into()), ..KeyEdit::default() }).await;
            }
            Step::Wait { s } => self.now = self.after(s),
        }
        Ok(())
    }

    fn after(&self, s: u32) -> Timestamp {
        self.now.plus(Duration::from_secs(s.into()))
    }

    fn entry(&self) -> Entry {
        Entry::by_operator(self.owner, Action::KeyUpdated, "the model", self.now)
    }

    async fn create(&mut self, lives_s: Option<u32>) {
        let new = NewKey {
            name: "A key".to_owned().try_into().unwrap(),
            environment: Environment::Test,
            permissions: Permissions::default(),
            tier: Tier::Free,
            expires_at: lives_s.map(|s| self.after(s)),
        };
        let made = new.make(self.owner, self.now).unwrap();
        self.api.service.app.keys.insert(&made.1, Holding::FewerThanMax, &self.entry()).await.unwrap();
        self.models.push(Model::new(made));
    }

    async fn revoke(&mut self, number: usize) {
        let entry = self.entry();
        let model = &mut self.models[number];
        self.api.service.app.keys.revoke(&model.key, &entry).await.unwrap();
        (model.was_ended, model.is_held) = (true, false);
    }

    async fn regenerate(&mut self, number: usize, grace_s: u32) {
        let (now, grace_until, entry) = (self.now, self.after(grace_s), self.entry());
        let model = &mut self.models[number];
        let made = self.api.service.app.keys.regenerate(&model.key, grace_until.since(now), &entry, None).await;
        let may = model.is_held && model.expires_at.is_none_or(|end| now < end);
        assert_eq!(made.is_ok(), may);
        if let Ok(made) = made {
            assert_eq!((made.1.tier, made.1.expires_at), (model.tier, model.expires_at));
            (model.is_held, model.grace_until) = (false, Some(grace_until));
            self.models.push(Model::new(made));
        }
    }

    async fn edit(&mut self, number: usize, edit: KeyEdit) {
        let entry = self.entry();
        let model = &mut self.models[number];
        let edited = self.api.service.app.keys.update(&model.key, &edit, &entry).await;
        assert_eq!(edited.is_ok(), model.is_held);
        if edited.is_ok() {
            model.tier = edit.tier.unwrap_or(model.tier);
            model.expires_at = edit.expires_at.map_or(model.expires_at, Option::from);
        }
    }

    async fn check(&self, number: usize) -> Result<(), TestCaseError> {
        let (model, app) = (&self.models[number], &self.api.service.app);
        match (model.is_good(self.now), app.keys.spend(&model.secret.hash(), "GET /", self.now).await) {
            (true, Ok(used)) => {
                prop_assert_eq!((used.key.id, used.key.tier), (model.key.id, model.tier));
                prop_assert_eq!(used.quota.allowance, model.tier.allowance());
            }
            (false, Err(Error::KeyRefused(KeyRefused::Revoked | KeyRefused::Expired))) => {}
            (is_good, answer) => {
                let answer = answer.map(|used| used.quota);
                prop_assert!(false, "key {number} is good: {is_good}, but it is answered {answer:?}");
            }
        }
        Ok(())
    }

    async fn check_list(&self) -> Result<(), TestCaseError> {
        let mut held: Vec<_> = self.models.iter().filter(|model| model.is_held).map(|model| model.key.id).collect();
        let listed = self.api.service.app.keys.list(self.owner).await.unwrap();
        let mut listed: Vec<_> = listed.iter().map(|key| key.id).collect();
        held.sort_unstable();
        listed.sort_unstable();
        prop_assert_eq!(listed, held);
        Ok(())
    }
}

#[test]
fn a_key_works_exactly_as_long_as_it_is_good() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(steps in steps())| {
        runtime.block_on(World::run(&steps))?;
    });
}
