//! What awards of several lots mean together: who makes, earns, pays and depends on how much.

use eslabon_solver::{
    Instance,
    instance::{DependencyBase, Tier},
};

use super::{ONE, Ratio, patterns::Pattern, scaled};

/// The instance by number, and what does not change with awards.
pub struct Setting<'a> {
    pub instance: &'a Instance,
    /// Per lot: buyer, group and process.
    lots: Vec<[usize; 3]>,
    groups: Vec<&'a str>,
    processes: Vec<&'a str>,
    /// Per member and process.
    capacity: Vec<Vec<Option<i64>>>,
    /// Per member and group: E.
    existing: Vec<Vec<i64>>,
    /// Per member and group: t.
    caps: Vec<Vec<Option<i64>>>,
    /// Per member: R; `None` where undisclosed.
    sales: Vec<Option<i64>>,
    gap_costs: Vec<i64>,
    set_up: Vec<i64>,
    min_total: Vec<i64>,
    budgets: Vec<Option<i64>>,
    supplier_shares: Vec<i64>,
    development_budget: Option<i64>,
    allowance: i64,
    hhi_cap: Option<i64>,
}

fn number<'a>(names: &mut Vec<&'a str>, name: &'a str) -> usize {
    names.iter().position(|known| *known == name).unwrap_or_else(|| {
        names.push(name);
        names.len() - 1
    })
}

impl<'a> Setting<'a> {
    pub fn new(instance: &'a Instance) -> Self {
        let (mut groups, mut processes) = (Vec::new(), Vec::new());
        let mut lots = Vec::new();
        for lot in &instance.lots {
            let buyer = instance.buyers.iter().position(|buyer| buyer.id == lot.buyer);
            let buyer = buyer.unwrap_or_else(|| panic!("the instance is valid"));
            let group = number(&mut groups, &instance.buyers[buyer].group);
            lots.push([buyer, group, number(&mut processes, &lot.process)]);
        }
        for row in &instance.sales {
            number(&mut groups, &row.group);
        }
        let mut setting = Self {
            instance,
            lots,
            groups,
            processes,
            capacity: Vec::new(),
            existing: Vec::new(),
            caps: Vec::new(),
            sales: Vec::new(),
            gap_costs: instance.gaps.iter().map(|gap| scaled(gap.cost.unwrap_or_default())).collect(),
            set_up: instance.suppliers.iter().map(|supplier| scaled(supplier.setup_cost)).collect(),
            min_total: instance.suppliers.iter().map(|supplier| scaled(supplier.min_total)).collect(),
            budgets: instance.buyers.iter().map(|buyer| buyer.budget.map(scaled)).collect(),
            supplier_shares: instance.buyers.iter().map(|b| scaled(b.max_supplier_share)).collect(),
            development_budget: instance.development_budget.map(scaled),
            allowance: scaled(instance.dependency_allowance),
            hhi_cap: instance.hhi_cap.map(scaled),
        };
        for member in 0..instance.suppliers.len() {
            setting.add(member);
        }
        setting
    }

    fn add(&mut self, member: usize) {
        let i = self.instance;
        let supplier = &i.suppliers[member];
        let of = || i.sales.iter().filter(|row| row.supplier == supplier.id);
        let all: i64 = of().map(|row| scaled(row.amount)).sum();
        let ends: i64 = of().map(|row| scaled(row.expiring)).sum();
        self.sales.push(supplier.annual_sales.map(|sales| scaled(sales).max(all) - ends));
        let existing = self.groups.iter().map(|group| {
            of().filter(|row| row.group == *group).map(|row| scaled(row.amount) - scaled(row.expiring)).sum()
        });
        self.existing.push(existing.collect());
        let caps = self.groups.iter().map(|group| {
            let mut rows = i.caps.iter();
            let waiver = rows.find(|row| row.supplier == supplier.id && row.group == *group);
            let own = supplier.dependency_cap.or(i.dependency_cap);
            waiver.map(|row| row.dependency_cap).or(own).map(scaled)
        });
        self.caps.push(caps.collect());
        let capacity = self.processes.iter().map(|process| {
            let mut rows = i.capacity.iter();
            let row = rows.find(|row| row.supplier == supplier.id && row.process == *process);
            row.map(|row| scaled(row.amount))
        });
        self.capacity.push(capacity.collect());
    }

    pub fn member(&self, id: &str) -> usize {
        let place = self.instance.suppliers.iter().position(|supplier| supplier.id == id);
        place.unwrap_or_else(|| panic!("the instance is valid"))
    }

    pub fn id(&self, member: usize) -> &'a str {
        &self.instance.suppliers[member].id
    }

    pub fn gap(&self, id: &str) -> usize {
        self.instance
            .gaps
            .iter()
            .position(|gap| gap.id == id)
            .unwrap_or_else(|| panic!("the instance is valid"))
    }
}

/// The awards of the lots so far.
pub struct Position<'a> {
    setting: &'a Setting<'a>,
    pub coverage: i64,
    pub fit: i64,
    contract: i64,
    /// Per gap: in how many lots it is in the way.
    gaps: Vec<u32>,
    members: Vec<Member>,
    /// Per buyer and member.
    earned: Vec<Vec<i64>>,
}

#[derive(Clone, Default)]
struct Member {
    lots: u64,
    contract: i64,
    annual: i64,
    /// Per group.
    from: Vec<i64>,
    /// Per process.
    load: Vec<i64>,
}

impl<'a> Position<'a> {
    pub fn new(setting: &'a Setting<'a>) -> Self {
        let member = Member {
            from: vec![0; setting.groups.len()],
            load: vec![0; setting.processes.len()],
            ..Member::default()
        };
        let members = setting.instance.suppliers.len();
        Self {
            setting,
            coverage: 0,
            fit: 0,
            contract: 0,
            gaps: vec![0; setting.gap_costs.len()],
            members: vec![member; members],
            earned: vec![vec![0; members]; setting.instance.buyers.len()],
        }
    }

    pub fn take(&mut self, lot: usize, pattern: &Pattern) {
        self.add(lot, pattern, 1);
        for part in &pattern.parts {
            self.members[part.member].lots += 1;
        }
        for (gap, lots) in self.gaps.iter_mut().enumerate() {
            *lots += pattern.gaps >> gap & 1;
        }
    }

    pub fn untake(&mut self, lot: usize, pattern: &Pattern) {
        self.add(lot, pattern, -1);
        for part in &pattern.parts {
            self.members[part.member].lots -= 1;
        }
        for (gap, lots) in self.gaps.iter_mut().enumerate() {
            *lots -= pattern.gaps >> gap & 1;
        }
    }

    fn add(&mut self, lot: usize, pattern: &Pattern, sign: i64) {
        let [buyer, group, process] = self.setting.lots[lot];
        self.coverage += sign * pattern.coverage;
        self.fit += sign * pattern.fit;
        self.contract += sign * pattern.contract;
        for part in &pattern.parts {
            let member = &mut self.members[part.member];
            member.contract += sign * part.contract;
            member.annual += sign * part.annual;
            member.from[group] += sign * part.annual;
            member.load[process] += sign * part.load;
            self.earned[buyer][part.member] += sign * part.contract;
        }
    }

    fn closing(&self) -> i64 {
        let costs = self.gaps.iter().zip(&self.setting.gap_costs);
        costs.filter(|(lots, _)| **lots > 0).map(|(_, cost)| cost).sum()
    }

    /// Contracts, closing gaps and setting up: none of it falls with another award.
    pub fn cost(&self) -> i64 {
        let set_up = self.members.iter().zip(&self.setting.set_up);
        let set_up = set_up.filter(|(member, _)| member.lots > 0).map(|(_, cost)| cost);
        self.contract + self.closing() + set_up.sum::<i64>()
    }

    /// Whether the rules hold that another award can only break.
    pub fn can_go_on(&self) -> bool {
        let setting = self.setting;
        let members = self.members.iter().zip(&setting.capacity).zip(&setting.instance.suppliers);
        let can_make = members.into_iter().all(|((member, capacity), supplier)| {
            let mut loads = member.load.iter().zip(capacity);
            supplier.max_awards.is_none_or(|most| member.lots <= most)
                && loads.all(|(load, most)| most.is_none_or(|most| *load <= most))
        });
        let mut buyers = setting.budgets.iter().zip(&self.earned);
        can_make
            && buyers.all(|(budget, earned)| budget.is_none_or(|most| earned.iter().sum::<i64>() <= most))
            && setting.development_budget.is_none_or(|budget| self.closing() <= budget)
    }

    /// Whether the other rules hold, once every lot is decided.
    pub fn keeps_rules(&self) -> bool {
        let mut buyers = self.setting.supplier_shares.iter().zip(&self.earned);
        let mut members = self.members.iter().zip(&self.setting.min_total);
        buyers.all(|(share, earned)| {
            let spent: i64 = earned.iter().sum();
            earned.iter().all(|amount| amount * ONE <= share * spent)
        }) && members.all(|(member, least)| member.lots == 0 || member.contract >= *least)
            && (0..self.members.len()).all(|member| self.keeps_caps(member) && self.keeps_hhi(member))
    }

    /// The base of dependency: R + N or R; `None` where undisclosed.
    fn base(&self, member: usize) -> Option<i128> {
        let sales = self.setting.sales[member]?;
        let new = match self.setting.instance.dependency_base {
            DependencyBase::Projected => self.members[member].annual,
            DependencyBase::Conservative => 0,
        };
        Some(i128::from(sales + new))
    }

    /// Per group: E + A, and the room beyond t · base, both in parts of a part.
    fn sides(&self, member: usize, group: usize, cap: i64) -> (i128, i128) {
        let one = i128::from(ONE);
        let existing = i128::from(self.setting.existing[member][group]);
        let left = existing + i128::from(self.members[member].from[group]);
        let sales = i128::from(self.setting.sales[member].unwrap_or(0));
        let mut room = i128::from(self.setting.allowance) * one;
        if self.setting.instance.no_worsening {
            room = room.max(existing * one - i128::from(cap) * sales);
        }
        (left * one, room)
    }

    fn keeps_caps(&self, member: usize) -> bool {
        let base = self.base(member).unwrap_or(0);
        self.setting.caps[member].iter().enumerate().all(|(group, cap)| {
            cap.is_none_or(|cap| {
                let (left, room) = self.sides(member, group, cap);
                left <= i128::from(cap) * base + room
            })
        })
    }

    fn keeps_hhi(&self, member: usize) -> bool {
        let (Some(cap), Some(base)) = (self.setting.hhi_cap, self.base(member)) else {
            return true;
        };
        let sales = i128::from(self.setting.sales[member].unwrap_or(0));
        if sales == 0 {
            return true;
        }
        let existing = self.setting.existing[member].iter().map(|e| i128::from(*e));
        let squares =
            existing.clone().zip(&self.members[member].from).map(|(e, a)| (e + i128::from(*a)).pow(2));
        let squares: i128 = squares.sum();
        let present: i128 = existing.map(|e| e.pow(2)).sum();
        // An HHI of 10⁴ is a share of 1, and the cap is in ten-thousandths itself.
        let one = i128::from(ONE);
        squares * one * one <= i128::from(cap) * base.pow(2)
            || self.setting.instance.no_worsening && squares * sales.pow(2) <= present * base.pow(2)
    }

    pub fn value(&self, tier: Tier) -> Ratio {
        match tier {
            Tier::Coverage => Ratio::parts(self.coverage),
            Tier::Fit => Ratio::parts(self.fit),
            Tier::Cost => Ratio::parts(self.cost()),
            Tier::Suppliers => {
                let active = self.members.iter().filter(|member| member.lots > 0).count();
                Ratio::new(i128::try_from(active).unwrap_or(0), 1)
            }
            Tier::Spread => self.spread(),
        }
    }

    /// The smallest τ' with E + A ≤ min(t, τ')·base + room for every group; t = 1 without a cap.
    fn spread(&self) -> Ratio {
        let mut least = Ratio::new(0, 1);
        for member in 0..self.members.len() {
            let Some(base) = self.base(member).filter(|base| *base > 0) else { continue };
            for (group, cap) in self.setting.caps[member].iter().enumerate() {
                let (left, room) = self.sides(member, group, cap.unwrap_or(ONE));
                least = least.max(Ratio::new(left - room, base * i128::from(ONE)));
            }
        }
        least
    }
}
