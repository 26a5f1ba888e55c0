//! How far a thing has come: the steps of its way, for the tracker on its page.

use std::cmp::Ordering;

/// The steps of a way, each with where it stands: `past`, `now` or `ahead`. None for what has left the way, which has no
/// next step.
pub fn course(way: &[&'static str], at: &str) -> Vec<(&'static str, &'static str)> {
    let Some(present) = way.iter().position(|step| *step == at) else { return Vec::new() };
    let stands = |place: usize| match place.cmp(&present) {
        Ordering::Less => "past",
        Ordering::Equal => "now",
        Ordering::Greater => "ahead",
    };
    way.iter().enumerate().map(|(place, step)| (*step, stands(place))).collect()
}

#[cfg(test)]
mod tests {
    use super::course;

    #[test]
    fn what_is_behind_is_past_and_who_has_left_the_way_is_nowhere_on_it() {
        let way = ["draft", "published", "closed"];
        assert_eq!(course(&way, "published"), [("draft", "past"), ("published", "now"), ("closed", "ahead")]);
        assert_eq!(course(&way, "withdrawn"), []);
    }
}
