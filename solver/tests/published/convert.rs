//! Files of the OR-Library (J. E. Beasley, *OR-Library: distributing test problems by electronic mail*,
//! JORS 41, 1990) as instances of the format. Also behind `cargo run --example orlib`.

use eslabon_solver::{
    Decimal, Instance,
    instance::{Buyer, Capacity, Limits, Lot, Objective, Pair, Supplier, Tier},
};

/// Generalised assignment: `m n`, the costs and the resources of m agents for n jobs, the capacities of
/// the agents; or a count and so many of these one after the other.
///
/// # Errors
/// What is wrong with the text.
pub fn generalised_assignment(text: &str) -> Result<Vec<Instance>, String> {
    let mut words = Words(text.split_whitespace().collect());
    let (agents, jobs) = (words.at(0)?, words.at(1)?);
    let alone = words.0.len() == 2 + 2 * agents * jobs + agents;
    let count = if alone { 1 } else { words.whole()? };
    let problems: Vec<Instance> = (0..count).map(|_| one_assignment(&mut words)).collect::<Result<_, _>>()?;
    if words.0.is_empty() { Ok(problems) } else { Err(format!("{} numbers are left over", words.0.len())) }
}

fn one_assignment(words: &mut Words<'_>) -> Result<Instance, String> {
    let (agents, jobs) = (words.whole()?, words.whole()?);
    let costs = words.decimals(agents * jobs)?;
    let resources = words.decimals(agents * jobs)?;
    let capacities = words.decimals(agents)?;
    let mut instance = empty();
    for (agent, capacity) in capacities.into_iter().enumerate() {
        instance.suppliers.push(Supplier::new(id("A", agent)));
        instance.capacity.push(Capacity {
            supplier: id("A", agent),
            process: PROCESS.to_owned(),
            amount: capacity,
        });
        for job in 0..jobs {
            let at = agent * jobs + job;
            let pair = Pair::new(id("A", agent), id("J", job), costs[at]);
            instance.pairs.push(Pair { load: resources[at], ..pair });
        }
    }
    for job in 0..jobs {
        let highest = (0..agents).map(|agent| costs[agent * jobs + job]).max().unwrap_or_default();
        let lot = Lot::new(id("J", job), BUYER, PROCESS, 1, reference(highest));
        instance.lots.push(Lot { divisible: false, ..lot });
    }
    Ok(instance)
}

/// Capacitated warehouse location: `m n`, capacity and fixed cost of m warehouses; then for each of n
/// customers its demand and m costs of serving *all* of it. Some files have the word `capacity` where
/// the number is to be chosen.
///
/// # Errors
/// What is wrong with the text.
pub fn warehouse_location(text: &str, capacity: Option<&str>) -> Result<Instance, String> {
    let mut words = Words(text.split_whitespace().collect());
    let (warehouses, customers) = (words.whole()?, words.whole()?);
    let mut fixed = Vec::new();
    for _ in 0..warehouses {
        let word = words.word()?;
        let amount = if word.parse::<f64>().is_ok() {
            word
        } else {
            capacity.ok_or_else(|| format!("{word:?} stands for a number that must be chosen"))?
        };
        fixed.push((decimal(amount)?, words.decimal()?));
    }
    let mut demands = Vec::new();
    for _ in 0..customers {
        let demand = words.decimal()?;
        demands.push((demand, words.decimals(warehouses)?));
    }
    if !words.0.is_empty() {
        return Err(format!("{} numbers are left over", words.0.len()));
    }
    // Lots have whole units, so all quantities are counted in the smallest part that occurs.
    let places = demands.iter().map(|(demand, _)| places(*demand)).max().unwrap_or(0);
    let parts = |number: Decimal| (0..places).fold(number, |number, _| number.tenfold());
    let mut instance = empty();
    for (at, (amount, cost)) in fixed.into_iter().enumerate() {
        let supplier = Supplier { setup_cost: cost, ..Supplier::new(id("W", at)) };
        instance.suppliers.push(supplier);
        let process = PROCESS.to_owned();
        instance.capacity.push(Capacity { supplier: id("W", at), process, amount: parts(amount) });
    }
    for (at, (demand, costs)) in demands.into_iter().enumerate() {
        let quantity = parts(demand).to_integer().and_then(|units| u64::try_from(units).ok()).unwrap_or(0);
        if quantity == 0 {
            continue;
        }
        let mut highest = Decimal::ZERO;
        for (warehouse, cost) in costs.into_iter().enumerate() {
            let price = per_unit(cost, quantity)?;
            highest = highest.max(price);
            instance.pairs.push(Pair::new(id("W", warehouse), id("C", at), price));
        }
        instance.lots.push(Lot::new(id("C", at), BUYER, PROCESS, quantity, reference(highest)));
    }
    instance.pairs.sort_by(|a, b| (&a.supplier, &a.lot).cmp(&(&b.supplier, &b.lot)));
    Ok(instance)
}

const BUYER: &str = "B";
const PROCESS: &str = "P";

/// Everything is covered first, then the cost is the least that there is.
fn empty() -> Instance {
    let objective = |tier| Objective { tier, tolerance: Decimal::ZERO };
    Instance {
        currency: "USD".to_owned(),
        no_worsening: true,
        objectives: [Tier::Coverage, Tier::Cost].map(objective).to_vec(),
        limits: Limits { relative_gap: Decimal::ZERO, ..Limits::default() },
        buyers: vec![Buyer {
            id: BUYER.to_owned(),
            group: BUYER.to_owned(),
            budget: None,
            max_supplier_share: Decimal::ONE,
        }],
        ..Instance::default()
    }
}

fn id(prefix: &str, at: usize) -> String {
    format!("{prefix}{:04}", at + 1)
}

/// A reference price for the coverage of a lot: near its prices, and never 0.
fn reference(highest: Decimal) -> Decimal {
    if highest.is_zero() { Decimal::ONE } else { highest }
}

fn places(number: Decimal) -> usize {
    let text = number.to_string();
    text.split_once('.').map_or(0, |(_, fraction)| fraction.len())
}

/// The price of one unit where all together cost so much, to 14 digits: a millionth of the optimum is
/// what has to come out.
fn per_unit(cost: Decimal, quantity: u64) -> Result<Decimal, String> {
    #[expect(clippy::cast_precision_loss, reason = "demands are far below 2^53")]
    let price = cost.to_f64() / quantity as f64;
    decimal(&format!("{price:.13e}"))
}

fn decimal(word: &str) -> Result<Decimal, String> {
    word.parse().map_err(|error| format!("{word:?} {error}"))
}

/// The words that are still to be read.
struct Words<'a>(std::collections::VecDeque<&'a str>);

impl<'a> Words<'a> {
    fn word(&mut self) -> Result<&'a str, String> {
        self.0.pop_front().ok_or_else(|| "the file is cut off".to_owned())
    }

    fn at(&self, at: usize) -> Result<usize, String> {
        let word = self.0.get(at).ok_or_else(|| "the file is cut off".to_owned())?;
        word.parse().map_err(|_| format!("{word:?} is no whole number"))
    }

    fn whole(&mut self) -> Result<usize, String> {
        let number = self.at(0)?;
        self.word()?;
        Ok(number)
    }

    fn decimal(&mut self) -> Result<Decimal, String> {
        decimal(self.word()?)
    }

    fn decimals(&mut self, count: usize) -> Result<Vec<Decimal>, String> {
        (0..count).map(|_| self.decimal()).collect()
    }
}
