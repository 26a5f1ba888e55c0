//! How long a network takes: prints, and asserts nothing about time.

use eslabon_solver::{Instance, outcome::Status};

use super::support::{Network, solved};

/// A network of `size` suppliers and lots, ten pairs a lot, ten buyer groups; half of the suppliers
/// sell to one of them already, a fifth of those above the cap.
fn network(size: u64) -> Instance {
    // Knuth's multiplicative generator: spread enough for prices, the same everywhere.
    let mut state = 42_u64;
    let mut below = |limit: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % limit
    };
    let mut network =
        (0..10).fold(Network::capped("0.3"), |network, buyer| network.buyer(&format!("B{buyer}")));
    for s in 0..size {
        let (supplier, sales) = (format!("S{s:05}"), 50_000 + below(450_000));
        network = network
            .supplier(&supplier, &sales.to_string())
            .capacity(&supplier, &(200 + below(800)).to_string());
        if below(2) == 0 {
            let amount = sales * (below(40) + 2) / 100;
            let group = format!("B{}", below(10));
            network = network.sales(&supplier, &group, &amount.to_string());
        }
    }
    for l in 0..size {
        let (lot, price) = (format!("L{l:05}"), 20 + below(200));
        let buyer = format!("B{}", below(10));
        network = network.lot(&lot, &buyer, 100 + below(900), &price.to_string());
        let first = below(size);
        for step in 0..10 {
            let supplier = format!("S{:05}", (first + step * 37) % size);
            let unit_price = (price * (90 + below(20))).to_string();
            let fit = format!("0.{}", 5 + below(5));
            network = network.with(|i| i.pairs.push(pair(&supplier, &lot, &unit_price, &fit)));
        }
    }
    network.built()
}

fn pair(supplier: &str, lot: &str, hundredths: &str, fit: &str) -> eslabon_solver::instance::Pair {
    use super::support::decimal;
    eslabon_solver::instance::Pair {
        supplier: supplier.to_owned(),
        lot: lot.to_owned(),
        unit_price: decimal(&format!("{hundredths}e-2")),
        fit: decimal(fit),
        load: decimal("1"),
        max_share: decimal("1"),
    }
}

#[test]
#[ignore = "takes a minute; prints what it took"]
fn what_a_network_takes() {
    for size in [100, 300, 600] {
        let instance = network(size);
        let outcome = solved(&instance);
        assert_eq!(outcome.status, Status::Optimal, "{:?}", outcome.tiers);
        println!("{} pairs: {:?}", instance.pairs.len(), outcome.seconds);
        for tier in &outcome.tiers {
            println!("  {} {} published {}", tier.name, tier.value, tier.published);
        }
    }
}
