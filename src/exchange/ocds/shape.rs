//! Finds the releases in a document, whatever it is wrapped in, and merges those of one process.

use std::collections::BTreeMap;

use super::{
    findings::{Code, Refusal, Warnings},
    json::{Node, Value},
};

/// One contracting process: its compiled release, and the id of the record around it.
#[derive(Debug)]
pub(super) struct Process {
    pub ocid: Option<String>,
    pub release: Node,
}

/// The keys by which a release is known; a document has at least one of them.
const STAGES: [&str; 4] = ["tender", "awards", "contracts", "bids"];

/// The contracting processes of a document, in its order.
pub(super) fn processes(root: Node, warnings: &mut Warnings) -> Result<Vec<Process>, Refusal> {
    let mut found = Found::default();
    found.look_into(root, None, warnings);
    let linked = found.linked;
    let processes = found.merge(warnings);
    if !processes.is_empty() {
        return Ok(processes);
    }
    Err(if linked > 0 {
        Refusal::new(
            "links-only",
            format!("the document holds {linked} links to releases and no release itself"),
            "download the compiled release, or the linked files, and import those",
        )
    } else {
        Refusal::new(
            "not-ocds",
            "the document holds no release with a tender, award, contract or bid",
            "import an OCDS release, record or package of them",
        )
    })
}

#[derive(Default)]
struct Found {
    compiled: Vec<Process>,
    /// Releases to be merged by their process, in order of appearance.
    loose: Vec<Process>,
    linked: usize,
}

impl Found {
    fn look_into(&mut self, node: Node, ocid: Option<&str>, warnings: &mut Warnings) {
        if let Value::List(elements) = node.value {
            for element in elements {
                self.look_into(element, ocid, warnings);
            }
            return;
        }
        let ocid = node.text("ocid").map(str::to_owned).or(ocid.map(str::to_owned));
        let ocid = ocid.as_deref();
        let at = node.at.clone();
        if STAGES.iter().any(|stage| node.get(stage).is_some()) {
            self.loose.push(Process { ocid: ocid.map(str::to_owned), release: node });
        } else if let Some(release) = take(&node, "compiledRelease") {
            self.compiled_release(release, ocid, warnings);
        } else if let Some(inner) = take(&node, "records").or_else(|| take(&node, "releases")) {
            self.look_into(inner, ocid, warnings);
        } else if node.get("url").or_else(|| node.get("uri")).is_some() {
            self.linked += 1;
            warnings.add(Code::ReleaseLinked, &at, "is only a link; not followed");
        } else {
            warnings.add(Code::NotARelease, &at, "has no tender, award, contract or bid; skipped");
        }
    }

    fn compiled_release(&mut self, release: Node, ocid: Option<&str>, warnings: &mut Warnings) {
        let ocid = release.text("ocid").or(ocid).map(str::to_owned);
        if STAGES.iter().any(|stage| release.get(stage).is_some()) {
            self.compiled.push(Process { ocid, release });
        } else {
            warnings.add(Code::NotARelease, &release.at, "has no tender, award, contract or bid; skipped");
        }
    }

    fn merge(self, warnings: &mut Warnings) -> Vec<Process> {
        let mut merged = self.compiled;
        let mut position: BTreeMap<String, usize> = BTreeMap::new();
        let mut groups: Vec<Vec<Process>> = Vec::new();
        for process in self.loose {
            let Some(ocid) = process.ocid.clone() else {
                groups.push(vec![process]);
                continue;
            };
            let at = *position.entry(ocid).or_insert(groups.len());
            match groups.get_mut(at) {
                Some(group) => group.push(process),
                None => groups.push(vec![process]),
            }
        }
        merged.extend(groups.into_iter().filter_map(|group| one(group, warnings)));
        merged
    }
}

/// The releases of one process as one, in the order of their dates.
fn one(mut group: Vec<Process>, warnings: &mut Warnings) -> Option<Process> {
    if group.len() > 1 {
        warnings.add(
            Code::ReleasesMerged,
            &group[0].release.at,
            format!("{} releases of this process were merged, later ones over earlier ones", group.len()),
        );
        group.sort_by_key(|process| process.release.text("date").map(str::to_owned));
    }
    group
        .into_iter()
        .reduce(|base, over| Process { ocid: base.ocid, release: overlay(base.release, over.release) })
}

/// The merge of the standard: members over members, list elements by their id, `null` removes.
fn overlay(base: Node, over: Node) -> Node {
    let value = match (base.value, over.value) {
        (Value::Object(mut members), Value::Object(newer)) => {
            for (key, node) in newer {
                if matches!(node.value, Value::Null) {
                    members.remove(&key);
                } else if let Some(older) = members.remove(&key) {
                    members.insert(key, overlay(older, node));
                } else {
                    members.insert(key, node);
                }
            }
            return Node { at: base.at, value: Value::Object(members) };
        }
        (Value::List(older), Value::List(newer)) if identified(&older) && identified(&newer) => {
            Value::List(by_id(older, newer))
        }
        (_, newer) => newer,
    };
    Node { at: over.at, value }
}

fn identified(list: &[Node]) -> bool {
    list.iter().all(|node| node.text("id").is_some())
}

fn by_id(older: Vec<Node>, newer: Vec<Node>) -> Vec<Node> {
    let mut list: Vec<Option<Node>> = older.into_iter().map(Some).collect();
    let mut position: BTreeMap<String, usize> = BTreeMap::new();
    for (at, node) in list.iter().enumerate() {
        if let Some(id) = node.as_ref().and_then(|node| node.text("id")) {
            position.entry(id.to_owned()).or_insert(at);
        }
    }
    for node in newer {
        let known = node.text("id").and_then(|id| position.get(id).copied());
        match known.and_then(|at| list.get_mut(at)) {
            Some(place) => {
                *place = Some(match place.take() {
                    Some(older) => overlay(older, node),
                    None => node,
                });
            }
            None => list.push(Some(node)),
        }
    }
    list.into_iter().flatten().collect()
}

/// The member `key`, if it is an object or a list.
fn take(node: &Node, key: &str) -> Option<Node> {
    node.get(key).filter(|inner| matches!(inner.value, Value::Object(_) | Value::List(_))).cloned()
}
