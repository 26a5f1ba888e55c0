//! Where the fields are on a page, for the summary on top that leads to them.

use std::collections::BTreeMap;

/// The places of a page's fields and of their labels, found once however many of them the summary names.
#[derive(Default)]
pub(super) struct Places<'a> {
    html: &'a str,
    /// Where the id of each element begins.
    ids: BTreeMap<&'a str, usize>,
    /// Where the text of each field's label begins.
    labels: BTreeMap<&'a str, usize>,
}

impl<'a> Places<'a> {
    /// Finds them.
    pub(super) fn of(html: &'a str) -> Self {
        let mut places = Self { html, ..Self::default() };
        for (at, mark) in html.match_indices(" id=\"") {
            if let Some((id, _)) = html[at + mark.len()..].split_once('"') {
                places.ids.entry(id).or_insert(at);
            }
        }
        for (at, mark) in html.match_indices(" for=\"") {
            let begin = at + mark.len();
            if let Some((field, rest)) = html[begin..].split_once('"')
                && rest.starts_with('>')
            {
                places.labels.entry(field).or_insert(begin + field.len() + "\">".len());
            }
        }
        places
    }

    /// Whether the page has the field.
    pub(super) fn has(&self, field: &str) -> bool {
        self.ids.contains_key(field)
    }

    /// What a field is called, as its HTML: the text of its label, or of the legend where it is one of several choices.
    pub(super) fn label(&self, field: &str) -> Option<String> {
        let (before, rest) = self.html.split_at(*self.ids.get(field)?);
        let tag = [before.rsplit_once('<')?.1, rest.split_once('>')?.0].concat();
        let html = if tag.contains("type=\"radio\"") {
            before.rsplit_once("<legend")?.1.split_once('>')?.1.split_once("</legend>")?.0
        } else {
            self.html[*self.labels.get(field)?..].split_once("</label>")?.0
        };
        let texts = html.split('<').enumerate().map(|(at, part)| match part.split_once('>') {
            Some((_, text)) if at > 0 => text,
            _ => part,
        });
        let text = texts.collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
        (!text.is_empty()).then_some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_called_by_their_labels() {
        let html = r#"<form id="form"><label for="name">Nombre <b>corto</b></label><input id="name" name="name">
<fieldset><legend class="x">Si <i>tope</i></legend><input type="radio" id="cap" name="cap"><label for="cap">Sí</label></fieldset>
<p id="lone" data-id="other">ú</p><label for="other">Otro</label></form>"#;
        let places = Places::of(html);
        assert_eq!(places.label("name").as_deref(), Some("Nombre corto"));
        assert_eq!(places.label("cap").as_deref(), Some("Si tope"));
        assert!(places.has("form") && places.has("lone") && !places.has("other") && !places.has(""));
        assert_eq!((places.label("lone"), places.label("other"), places.label("nam")), (None, None, None));
    }

    #[test]
    fn a_long_page_is_looked_through_once() {
        let field = |at: usize| {
            format!(
                "<div><label class=\"unseen\" for=\"lots-{at}-name\">Nombre {at}</label><input id=\"lots-{at}-name\"></div>\n"
            )
        };
        let html = (0..20_000).map(field).collect::<Vec<_>>().concat();
        let places = Places::of(&html);
        for at in 19_000..20_000 {
            assert_eq!(places.label(&format!("lots-{at}-name")), Some(format!("Nombre {at}")));
        }
    }
}
