//! What a letter says: what has happened, and where to look.

use uuid::Uuid;

use super::{store::Written, text_key};
use crate::foundation::{
    mail::{Letter, Mail},
    page::filters::in_words,
};

/// So many notices stand in a letter; of the others it says how many there are.
const MOST: usize = 50;

impl Written {
    /// The letter, in its reader's language.
    pub(super) fn letter(&self, id: Uuid, mail: &Mail) -> Letter {
        let locale = self.account.locale;
        let count = self.notices.len().to_string();
        let subject = match self.notices.as_slice() {
            [only] => locale.text(&text_key(&only.event)),
            _ => locale.text_with("letter-notices-subject", &[("count", count)]),
        };
        let whose =
            locale.text_with("letter-notices-for", &[("organisation", self.organisation.name.clone())]);
        let mut parts = vec![format!("{whose}\n\n")];
        for notice in self.notices.iter().take(MOST) {
            let (said, day) = (locale.text(&text_key(&notice.event)), self.organisation.day(notice.at));
            let link = mail.link(&format!("/notices/{}", notice.id));
            parts.push(format!("* {}: {said}\n  {link}\n", in_words(day, locale)));
        }
        let left = self.notices.len().saturating_sub(MOST);
        if left > 0 {
            let more = locale.text_with("letter-notices-more", &[("count", left.to_string())]);
            parts.push(format!("\n{more}\n  {}\n", mail.link("/notices")));
        }
        let how = locale.text("letter-notices-how");
        parts.push(format!("\n{how}\n  {}\n", mail.link("/notices/preferences")));
        let text = parts.concat();
        Letter { key: id.to_string(), to: self.account.email.clone(), subject, text }
    }
}
