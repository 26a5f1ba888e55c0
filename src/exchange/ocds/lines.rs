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
        let next = match self.ahead.pop() {
            Some(line) => Some(line),
            None => self.next_line()?,
        };
        Ok(next.map(|(line, bytes)| (Some(line), read(&bytes))))
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
}
