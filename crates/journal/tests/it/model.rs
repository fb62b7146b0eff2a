//! Random histories against the plainest model there is: a list of facts and a map of keys per client.

use std::collections::BTreeMap;

use facts::{ClientId, Fact};
use journal::{Appended, Error, Journal, Key};
use proptest::{prelude::*, test_runner::TestRunner};

use crate::store::{both, fact_of};

#[derive(Debug, Clone)]
enum Step {
    Append { client: bool, numbers: Vec<u32>, key: Option<u8> },
    AppendNew { client: bool, numbers: Vec<u32> },
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let numbers = || proptest::collection::vec(0u32..40, 1..5);
    let step = prop_oneof![
        4 => (any::<bool>(), numbers(), proptest::option::of(0u8..4))
            .prop_map(|(client, numbers, key)| Step::Append { client, numbers, key }),
        2 => (any::<bool>(), numbers()).prop_map(|(client, numbers)| Step::AppendNew { client, numbers }),
        1 => Just(Step::Reopen),
    ];
    proptest::collection::vec(step, 1..25)
}

#[derive(Default)]
struct Model {
    facts: Vec<Fact>,
    keys: BTreeMap<u8, (Vec<Fact>, u64)>,
}

impl Model {
    fn append(&mut self, new: &[Fact], key: Option<u8>) -> Option<Appended> {
        if let Some((facts, first_seq)) = key.and_then(|key| self.keys.get(&key)) {
            let last_seq = first_seq + facts.len() as u64 - 1;
            return (facts == new).then_some(Appended { first_seq: *first_seq, last_seq, already: true });
        }
        let before = self.facts.clone();
        for fact in new {
            if self.facts.contains(fact) {
                self.facts = before;
                return None;
            }
            self.facts.push(fact.clone());
        }
        let first_seq = before.len() as u64 + 1;
        key.map(|key| self.keys.insert(key, (new.to_vec(), first_seq)));
        Some(Appended { first_seq, last_seq: self.facts.len() as u64, already: false })
    }

    fn append_new(&mut self, new: &[Fact]) -> usize {
        let before = self.facts.len();
        for fact in new {
            if !self.facts.contains(fact) {
                self.facts.push(fact.clone());
            }
        }
        self.facts.len() - before
    }
}

fn take(journal: &Journal, models: &mut BTreeMap<ClientId, Model>, step: &Step) {
    let client = |which: bool| -> ClientId { if which { "acme" } else { "beta" }.parse().unwrap() };
    let facts = |client: &ClientId, numbers: &[u32]| -> Vec<Fact> {
        numbers.iter().map(|n| fact_of(client, *n)).collect()
    };
    match step {
        Step::Append { client: which, numbers, key } => {
            let client = client(*which);
            let facts = facts(&client, numbers);
            let name = key.map(|key| Key::new(&format!("key-{key}")).unwrap());
            let answer = journal.append(&client, &facts, name.as_ref());
            let expected = models.entry(client).or_default().append(&facts, *key);
            assert!(
                answer.is_ok() || matches!(answer, Err(Error::Stored { .. } | Error::KeyReused { .. })),
                "{answer:?}"
            );
            assert_eq!(answer.ok(), expected);
        }
        Step::AppendNew { client: which, numbers } => {
            let client = client(*which);
            let facts = facts(&client, numbers);
            let added = journal.append_new(&client, &facts).unwrap().added;
            assert_eq!(added, models.entry(client).or_default().append_new(&facts));
        }
        Step::Reopen => {}
    }
}

#[test]
fn the_journal_does_what_the_plainest_model_does() {
    let config = ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() };
    let run = TestRunner::new(config).run(&steps(), |steps| {
        both(|store| {
            let (mut journal, mut models) = (store.open(), BTreeMap::new());
            for step in &steps {
                if matches!(step, Step::Reopen) {
                    journal = store.open();
                }
                take(&journal, &mut models, step);
            }
            for (client, model) in &models {
                assert_eq!(journal.facts(client, None).unwrap(), model.facts);
            }
            let before = journal.dump_projections().unwrap();
            assert!(journal.verify(&[]).unwrap().is_sound());
            assert!(journal.rebuild().unwrap().repaired.is_empty());
            assert_eq!(journal.dump_projections().unwrap(), before);
        });
        Ok(())
    });
    run.unwrap();
}
