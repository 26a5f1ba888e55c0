//! Nothing that arrives makes the reader panic: mutations of our own documents, always the same.

use super::*;
use crate::exchange::ocds::{Options, figures, to_instance};

/// Xorshift (Marsaglia 2003): a fixed seed gives the same mutations on every machine.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit.max(1)).unwrap()).unwrap()
    }
}

/// What a hand, a converter or an enemy would put into a document.
const PIECES: [&str; 26] = [
    "null",
    "true",
    "[]",
    "{}",
    "[[]]",
    "\"\"",
    "0",
    "-1",
    "1e308",
    "1e-308",
    "9999999999999999999",
    "0.1",
    "\"2024-02-30\"",
    "\"9999-12-31\"",
    "\"0000-01-01\"",
    "\"MISSING\"",
    "\"\\ud800\"",
    ",",
    ":",
    "\"",
    "{\"id\":",
    "\"id\"",
    "\"quantity\":1e15",
    "\"9999-12-31T00:00:00+14:00\"",
    "\u{feff}",
    "=1+1|",
];

fn survives(bytes: &[u8]) -> bool {
    let Ok(reading) = read(bytes) else {
        return false;
    };
    for procurement in &reading.procurements {
        if let Some(figures) = figures(procurement) {
            assert!(figures.suppliers.iter().all(|s| !s.share_percent().is_empty()));
        }
        if let Ok(tables) = to_instance(procurement, &Options::default()) {
            assert_eq!(tables.files().len(), 6);
        }
    }
    true
}

#[test]
fn mutated_documents_are_read_or_refused() {
    let mut noise = Noise(0x9e37_79b9_7f4a_7c15);
    let (mut read, mut refused) = (0, 0);
    for round in 0..4_000 {
        let mut bytes = if round % 2 == 0 { CLEAN } else { DIRTY }.as_bytes().to_vec();
        for _ in 0..=noise.below(3) {
            let at = noise.below(bytes.len());
            match noise.below(4) {
                0 => bytes[at] = u8::try_from(noise.below(256)).unwrap(),
                1 => bytes.truncate(at),
                2 => {
                    let end = (at + noise.below(40)).min(bytes.len());
                    bytes.drain(at..end);
                }
                _ => {
                    let piece = PIECES[noise.below(PIECES.len())];
                    bytes.splice(at..at, piece.bytes());
                }
            }
            if bytes.is_empty() {
                break;
            }
        }
        *(if survives(&bytes) { &mut read } else { &mut refused }) += 1;
    }
    assert!(read > 200 && refused > 200, "{read} read, {refused} refused");
}

/// Bytes at random hardly ever stay JSON; values put in place of others always do.
#[test]
fn documents_with_wrong_values_in_right_places_are_read_or_refused() {
    let mut noise = Noise(0x2545_f491_4f6c_dd1d);
    let values: Vec<&str> =
        PIECES.into_iter().filter(|piece| serde_json::from_str::<serde_json::Value>(piece).is_ok()).collect();
    let mut read = 0;
    for round in 0..1_500 {
        let document = if round % 2 == 0 { CLEAN } else { DIRTY };
        let mut document: serde_json::Value = serde_json::from_str(document).unwrap();
        for _ in 0..=noise.below(3) {
            let value = serde_json::from_str(values[noise.below(values.len())]).unwrap();
            *somewhere(&mut document, &mut noise) = value;
        }
        read += usize::from(survives(document.to_string().as_bytes()));
    }
    assert!(read > 500, "only {read} documents were read");
}

/// Walks down at random, and seldom stops early.
fn somewhere<'v>(value: &'v mut serde_json::Value, noise: &mut Noise) -> &'v mut serde_json::Value {
    let size = match &*value {
        serde_json::Value::Array(list) => list.len(),
        serde_json::Value::Object(members) => members.len(),
        _ => 0,
    };
    if size == 0 || noise.below(8) == 0 {
        return value;
    }
    let chosen = noise.below(size);
    match value {
        serde_json::Value::Array(list) => somewhere(&mut list[chosen], noise),
        serde_json::Value::Object(members) => somewhere(members.values_mut().nth(chosen).unwrap(), noise),
        other => other,
    }
}
