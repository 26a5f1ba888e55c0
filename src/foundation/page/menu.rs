//! The menu: where one can go from everywhere. Each stage says its own lines, `app.rs` puts them together.

use std::sync::Arc;

use crate::foundation::access::Kind;

/// A line of the menu.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Where it leads.
    pub path: &'static str,
    /// The key of its text.
    pub text: &'static str,
    /// For whom.
    pub kinds: &'static [Kind],
}

/// Every line, in the order in which they are shown.
#[derive(Clone, Debug, Default)]
pub struct Menu(Arc<[Entry]>);

/// How much is new behind a line of the menu; an extension of the request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct News {
    /// The line's path.
    pub path: &'static str,
    /// How many things.
    pub count: u64,
}

/// A line as one person sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shown {
    /// Where it leads.
    pub path: &'static str,
    /// The key of its text.
    pub text: &'static str,
    /// Whether the page that is shown belongs to it.
    pub is_here: bool,
    /// How many things are new behind it.
    pub news: u64,
}

impl Menu {
    /// These lines.
    pub fn new(entries: &[Entry]) -> Self {
        Self(entries.into())
    }

    /// The lines for a kind of organisation, seen from the page at `path`.
    pub(super) fn shown(&self, kind: Option<Kind>, path: &str, news: Option<News>) -> Vec<Shown> {
        let path = path.split('?').next().unwrap_or(path);
        let below = |start: &str| {
            path.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let is_here = |start: &str| if start == "/" { path == "/" } else { below(start) };
        let lines = self.0.iter().filter(|entry| kind.is_some_and(|kind| entry.kinds.contains(&kind)));
        let show = |line: &Entry| Shown {
            path: line.path,
            text: line.text,
            is_here: is_here(line.path),
            news: news.filter(|news| news.path == line.path).map_or(0, |news| news.count),
        };
        lines.map(show).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_sees_its_lines_and_where_it_is() {
        let line = |path, kinds| Entry { path, text: "home-title", kinds };
        let menu =
            Menu::new(&[line("/", Kind::ALL), line("/runs", &[Kind::Institution]), line("/run", Kind::ALL)]);
        let here = |kind, path: &str| {
            let shown = menu.shown(Some(kind), path, None);
            shown.iter().map(|line| (line.path, line.is_here)).collect::<Vec<_>>()
        };
        assert_eq!(here(Kind::Institution, "/runs/7?a=/"), [("/", false), ("/runs", true), ("/run", false)]);
        assert_eq!(here(Kind::Supplier, "/?x=1"), [("/", true), ("/run", false)]);
        assert!(menu.shown(None, "/", None).is_empty(), "who has not logged in has nowhere to go");
        let new = menu.shown(Some(Kind::Supplier), "/", Some(News { path: "/run", count: 2 }));
        assert_eq!(new.iter().map(|line| line.news).collect::<Vec<_>>(), [0, 2]);
    }
}
