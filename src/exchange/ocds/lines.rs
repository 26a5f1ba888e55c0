//! JSON Lines: a file with a document on each line, read line by line.

use std::io::{self, BufRead};

use serde::de::IgnoredAny;

use super::{Reading, Refusal, read};

/// On which line a document stands, where there are several, and what it says.
pub type Document = (Option<usize>, Result<Reading, Refusal>);

/// The documents of a source: one, or, where its first line is a whole document and is not the last, one on each line.
#[derive(Debug)]
pub struct Documents<R> {
    source: R,
    /// What was read ahead, with the numbers of its lines.
    ahead: Vec<(usize, Vec<u8>)>,
    line: usize,
    /// All of a source that is no JSON Lines.
    whole: Option<Vec<u8>>,
}

impl<R: BufRead> Documents<R> {
    /// Looks at the first two lines.
    ///
    /// # Errors
    /// What reading the source said.
    pub fn of(source: R) -> io::Result<Self> {
        let mut documents = Self { source, ahead: Vec::new(), line: 0, whole: None };
        let mut start = Vec::new();
        documents.source.read_until(b'\n', &mut start)?;
        documents.line = 1;
        let is_document = serde_json::from_slice::<IgnoredAny>(&start).is_ok();
        let second = if is_document { documents.next_line()? } else { None };
        if let Some(second) = second {
            documents.ahead = vec![second, (1, start)];
        } else {
            documents.source.read_to_end(&mut start)?;
            documents.whole = Some(start);
        }
        Ok(documents)
    }

    /// The next document. Only one is in memory at a time.
    ///
    /// # Errors
    /// What reading the source said.
    pub fn next_document(&mut self) -> io::Result<Option<Document>> {
        if let Some(whole) = self.whole.take() {
            return Ok(Some((None, read(&whole))));
        }
        Ok(self.line()?.map(|(line, bytes)| (Some(line), read(&bytes))))
    }

    /// The next line in which something stands, read ahead or not.
    fn line(&mut self) -> io::Result<Option<(usize, Vec<u8>)>> {
        match self.ahead.pop() {
            Some(line) => Ok(Some(line)),
            None => self.next_line(),
        }
    }

    /// The next line in which something stands.
    fn next_line(&mut self) -> io::Result<Option<(usize, Vec<u8>)>> {
        loop {
            let mut bytes = Vec::new();
            if self.source.read_until(b'\n', &mut bytes)? == 0 {
                return Ok(None);
            }
            self.line += 1;
            if !bytes.trim_ascii().is_empty() {
                return Ok(Some((self.line, bytes)));
            }
        }
    }
}

/// A source in parts: all of it where it is one document, and where a document stands on each line, some lines each.
#[derive(Debug)]
pub struct Parts<R> {
    documents: Documents<R>,
    /// A part ends before the line with which it would have more bytes.
    enough: usize,
    /// And after so many lines.
    most: usize,
    /// Lines of the parts before.
    lines: usize,
}

impl<R: BufRead> Parts<R> {
    /// Looks at the first two lines.
    ///
    /// # Errors
    /// What reading the source said.
    pub fn of(source: R, (enough, most): (usize, usize)) -> io::Result<Self> {
        Ok(Self { documents: Documents::of(source)?, enough, most, lines: 0 })
    }

    /// The next part, and, where a document stands on each line, how many lines of the source stand before it. A part of
    /// several lines begins with one that is a whole document, by which whoever reads it sees what it is.
    ///
    /// # Errors
    /// What reading the source said.
    pub fn next_part(&mut self) -> io::Result<Option<(Option<usize>, Vec<u8>)>> {
        if let Some(whole) = self.documents.whole.take() {
            return Ok(Some((None, whole)));
        }
        let (mut part, mut before, mut count) = (Vec::new(), self.lines, 0);
        while let Some((number, line)) = self.documents.line()? {
            let is_full = count == self.most || count > 0 && part.len() + line.len() > self.enough;
            if is_full && serde_json::from_slice::<IgnoredAny>(&line).is_ok() {
                self.documents.ahead.push((number, line));
                break;
            }
            // Lines without anything are left out when they are read, and stand here again, so that the numbers are right.
            if count == 0 {
                before = number - 1;
            } else {
                part.extend(std::iter::repeat_n(b'\n', number - 1 - self.lines));
            }
            part.extend(line);
            (self.lines, count) = (number, count + 1);
        }
        Ok((count > 0).then_some((Some(before), part)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of a document its line, and the processes in it or the code of the refusal.
    type Found = (Option<usize>, Result<Vec<String>, &'static str>);

    fn documents(text: &str) -> Vec<Found> {
        let mut documents = Documents::of(text.as_bytes()).unwrap();
        let mut found = Vec::new();
        while let Some((line, reading)) = documents.next_document().unwrap() {
            let ocids = |reading: Reading| reading.procurements.into_iter().map(|one| one.ocid).collect();
            found.push((line, reading.map(ocids).map_err(|refusal| refusal.code)));
        }
        found
    }

    fn release(ocid: &str) -> String {
        format!(r#"{{"ocid": "{ocid}", "tender": {{"items": [{{"id": "1", "quantity": 2}}]}}}}"#)
    }

    #[test]
    fn each_line_is_a_document_and_a_faulty_one_stands_alone() {
        let (one, two) = (release("ocds-x-1"), release("ocds-x-2"));
        let ok = |line, ocid: &str| (line, Ok(vec![ocid.to_owned()]));
        let lines = format!("{one}\n\n{{\"ocid\": \n{two}\r\n");
        assert_eq!(
            documents(&lines),
            [ok(Some(1), "ocds-x-1"), (Some(3), Err("not-json")), ok(Some(4), "ocds-x-2")]
        );
        assert_eq!(documents(&format!("{one}\n")), [ok(None, "ocds-x-1")]);
        let pretty = one.replace(", ", ",\n  ").replacen('{', "{\n", 1);
        assert_eq!(documents(&pretty), [ok(None, "ocds-x-1")]);
        assert_eq!(documents(""), [(None, Err("empty-file"))]);
    }

    #[test]
    fn parts_say_together_what_the_file_says() {
        let (one, two, three) = (release("ocds-x-1"), release("ocds-x-2"), release("ocds-x-3"));
        let text = format!("{one}\n\n{{\"ocid\": \n{two}\n{{\n\n\n{three}\n");
        for enough in
            [(1, 100), (one.len() + 3, 100), (2 * one.len() + 12, 100), (1_000_000, 100), (1_000_000, 2)]
        {
            let mut parts = Parts::of(text.as_bytes(), enough).unwrap();
            let mut found: Vec<Found> = Vec::new();
            while let Some((before, part)) = parts.next_part().unwrap() {
                let of_part = documents(std::str::from_utf8(&part).unwrap());
                let before = before.unwrap();
                found
                    .extend(of_part.into_iter().map(|(line, said)| (Some(line.unwrap_or(1) + before), said)));
            }
            assert_eq!(found, documents(&text), "{enough:?}");
        }
        let whole = "{\n\"a\": 1}\n";
        let mut parts = Parts::of(whole.as_bytes(), (4, 1)).unwrap();
        assert_eq!(parts.next_part().unwrap(), Some((None, whole.as_bytes().to_vec())), "one document");
        assert_eq!(parts.next_part().unwrap(), None);
    }
}
