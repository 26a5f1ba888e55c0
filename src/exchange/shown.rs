//! A table of a page as one for a spreadsheet: what its reader sees, under the headings that they read.
//!
//! The page itself is asked, as who has logged in, so a table holds what they may see there and not a row more. Where
//! the page goes on behind a link to the next one, so does the table. Figures lose the groups of their digits and get a
//! point before their decimals; what all figures of a column are of (`CLP`, `%`) goes into its heading, and what stands
//! beside them into a column of its own. Days become what spreadsheets take for days. What can be done with a row stays
//! on the page, and so does what is said there to those alone who do not see it.

use std::convert::Infallible;

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{OriginalUri, Request},
    http::{Method, StatusCode, Uri, header, request::Parts},
    response::{IntoResponse, Response},
    routing::get_service,
};
use html5gum::{StartTag, Token, Tokenizer};
use tower::{ServiceExt, service_fn};

use super::{
    lists::MOST_ROWS,
    sheet::{Cell, Format},
};
use crate::foundation::{
    Base,
    clock::Day,
    i18n::Locale,
    page::{TABLES, Whole, filters::in_words},
    problem::{FieldError, Problem},
};

/// No page is longer, not even one that holds a whole table.
const MOST_BYTES: usize = 16 << 20;
/// Stands between the parts of a cell.
const PART: &str = "; ";

/// `/tables/runs/7?table=awards&format=csv` is the table under the heading `awards` of the page `/runs/7`. `pages` are
/// those that want a login.
pub fn routes(pages: Router) -> Router<Base> {
    let answer = service_fn(move |request: Request| {
        let pages = pages.clone();
        async move { Ok::<_, Infallible>(table(pages, request).await.unwrap_or_else(IntoResponse::into_response)) }
    });
    Router::new().nest_service(TABLES, get_service(answer))
}

async fn table(pages: Router, request: Request) -> Result<Response, Problem> {
    let query: Vec<(String, String)> = serde_urlencoded::from_str(request.uri().query().unwrap_or_default())
        .map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "malformed-form"))?;
    let said = |name: &str| query.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone());
    let id = said("table").ok_or_else(Problem::not_found)?;
    let unknown = || FieldError::new("/format", "unknown-word").with("allowed", "csv, xlsx");
    let format: Format =
        said("format").and_then(|word| word.parse().ok()).ok_or_else(|| Problem::invalid(vec![unknown()]))?;
    let rest: Vec<_> = query.iter().filter(|(name, _)| name != "table" && name != "format").collect();
    let rest = serde_urlencoded::to_string(&rest).map_err(Problem::internal)?;
    let joint = if rest.is_empty() { "" } else { "?" };
    let mut address = format!("{}{joint}{rest}", request.uri().path());
    let (parts, _) = request.into_parts();
    let mut shown = Shown::default();
    loop {
        let html = match page(&pages, &parts, &address).await? {
            Ok(html) => html,
            Err(other) => return Ok(other),
        };
        let found = Shown::read(&html, &id);
        if !found.is_there {
            return Err(Problem::not_found());
        }
        shown.heads = found.heads;
        shown.rows.extend(found.rows);
        if shown.rows.len() > MOST_ROWS {
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "table-too-long").with("most", MOST_ROWS));
        }
        match found.next {
            Some(next) if next != address => address = next,
            _ => break,
        }
    }
    let written = tokio::task::spawn_blocking(move || {
        let (headings, rows) = shown.columns();
        format.table(&headings, &rows)
    });
    Ok(format.attached(&id, written.await.map_err(Problem::internal)??))
}

/// The page, or what is answered in its place.
async fn page(pages: &Router, parts: &Parts, address: &str) -> Result<Result<String, Response>, Problem> {
    let uri: Uri = address.parse().map_err(|_| Problem::not_found())?;
    let mut request = Request::from_parts(parts.clone(), Body::empty());
    request.extensions_mut().insert(OriginalUri(uri.clone()));
    request.extensions_mut().insert(Whole);
    *request.uri_mut() = uri;
    *request.method_mut() = Method::GET;
    let answer = pages.clone().oneshot(request).await.map_err(Problem::internal)?;
    let kind = answer.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if answer.status() != StatusCode::OK {
        return Ok(Err(answer));
    }
    if !kind.is_some_and(|kind| kind.starts_with("text/html")) {
        return Err(Problem::not_found());
    }
    let bytes = to_bytes(answer.into_body(), MOST_BYTES).await.map_err(Problem::internal)?;
    String::from_utf8(bytes.into()).map(Ok).map_err(Problem::internal)
}

/// A cell as it stands on the page.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Raw {
    text: String,
    /// Of columns and of rows.
    span: (usize, usize),
    is_figure: bool,
    /// Its text is for those alone who do not see the page.
    is_unseen: bool,
    /// It held something that can be done with the row.
    has_deed: bool,
}

/// A table as it stands on the page.
#[derive(Debug, Default)]
struct Shown {
    is_there: bool,
    heads: Vec<Vec<Raw>>,
    rows: Vec<Vec<Raw>>,
    /// Where the page goes on.
    next: Option<String>,
}

/// An attribute's value.
fn attribute(tag: &StartTag<()>, name: &str) -> Option<String> {
    let value = tag.attributes.get(name.as_bytes())?;
    Some(String::from_utf8_lossy(value).into_owned())
}

fn has_class(tag: &StartTag<()>, class: &str) -> bool {
    attribute(tag, "class").is_some_and(|all| all.split_whitespace().any(|one| one == class))
}

/// What of a cell's inside is no part of its text.
const MUTE: &[&str] = &["svg", "button", "form", "select", "script"];
/// What begins a new part of a cell's text.
const APART: &[&str] = &["br", "span", "div", "p", "li"];

impl Shown {
    /// The table under the heading with this id.
    fn read(html: &str, id: &str) -> Self {
        let mut table = Self::default();
        // The heading was met: 1, inside its table: 2, behind it: 3.
        let mut place = 0;
        let (mut in_head, mut cell): (bool, Option<Inside>) = (false, None);
        for Ok(token) in Tokenizer::new(html) {
            match token {
                Token::StartTag(tag) => {
                    let name = String::from_utf8_lossy(&tag.name).into_owned();
                    match (place, name.as_str()) {
                        (0, _)
                            if attribute(&tag, "aria-labelledby").as_deref() == Some(id) && name == "div" =>
                        {
                            place = 1;
                        }
                        (1, "table") => (place, table.is_there) = (2, true),
                        (2, "thead" | "tbody" | "tfoot") => in_head = name == "thead",
                        (2, "tr") => table.part(in_head).push(Vec::new()),
                        (2, "th" | "td") => cell = Some(Inside::new(&tag)),
                        (2, _) => {
                            if let Some(cell) = &mut cell {
                                cell.open(&name, &tag);
                            }
                        }
                        (_, "a") if attribute(&tag, "rel").as_deref() == Some("next") => {
                            table.next = attribute(&tag, "href");
                        }
                        _ => {}
                    }
                }
                Token::String(text) => {
                    if let Some(cell) = &mut cell {
                        cell.say(&String::from_utf8_lossy(&text));
                    }
                }
                Token::EndTag(tag) if place == 2 => match tag.name.as_slice() {
                    b"table" => place = 3,
                    b"th" | b"td" => {
                        if let (Some(done), Some(row)) = (cell.take(), table.part(in_head).last_mut()) {
                            row.push(done.end());
                        }
                    }
                    name => {
                        if let Some(cell) = &mut cell {
                            cell.close(&String::from_utf8_lossy(name));
                        }
                    }
                },
                _ => {}
            }
        }
        table
    }

    const fn part(&mut self, in_head: bool) -> &mut Vec<Vec<Raw>> {
        if in_head { &mut self.heads } else { &mut self.rows }
    }

    /// Headings and rows of the spreadsheet's table.
    fn columns(&self) -> (Vec<String>, Vec<Vec<Cell>>) {
        let (heads, rows) = (laid_out(&self.heads), laid_out(&self.rows));
        let width = heads.iter().chain(&rows).map(Vec::len).max().unwrap_or(0);
        let blank = Raw::default();
        let (mut headings, mut columns) = (Vec::new(), Vec::new());
        for at in 0..width {
            let mut of: Vec<&Raw> = heads.iter().map(|row| row.get(at).unwrap_or(&blank)).collect();
            let cells: Vec<&Raw> = rows.iter().map(|row| row.get(at).unwrap_or(&blank)).collect();
            let body: Vec<&str> = cells.iter().map(|cell| cell.text.as_str()).collect();
            // Bars, and what can be done with a row: nothing to take along.
            let is_unseen = of.iter().all(|head| head.is_unseen || head.text.is_empty());
            let has_deeds = cells.iter().any(|cell| cell.has_deed);
            if (is_unseen || has_deeds) && body.iter().all(|text| known(text).is_empty()) {
                continue;
            }
            let is_figure = of.iter().any(|head| head.is_figure);
            of.dedup_by(|a, b| a.text == b.text);
            let heading: Vec<&str> =
                of.iter().map(|head| head.text.as_str()).filter(|text| !text.is_empty()).collect();
            let heading = heading.join(" – ");
            // A column that is not marked as one of figures is one when all of them are amounts or shares.
            match figures(&body).filter(|(unit, ..)| is_figure || is_of_figures(unit)) {
                None => {
                    headings.push(heading);
                    columns.push(
                        body.into_iter().map(|text| Cell::text(plain(known(text)))).collect::<Vec<_>>(),
                    );
                }
                Some((unit, cells, notes)) => {
                    headings.push(if unit.is_empty() {
                        heading.clone()
                    } else {
                        format!("{heading} ({unit})")
                    });
                    columns.push(cells);
                    if notes.iter().any(|note| !note.is_empty()) {
                        headings.push(format!("{heading} – …"));
                        columns.push(notes.iter().map(|note| Cell::text(plain(note))).collect());
                    }
                }
            }
        }
        let rows =
            (0..rows.len()).map(|row| columns.iter().map(|column| column[row].clone()).collect()).collect();
        (headings, rows)
    }
}

/// A cell while it is read.
struct Inside {
    cell: Raw,
    /// It holds data, and is no heading of its row or column.
    is_data: bool,
    /// What is open inside: its name, and whether its text counts, and whether it is seen.
    open: Vec<(String, bool, bool)>,
    /// What is said to those alone who do not see the page.
    hidden: String,
    /// The next text begins a part.
    apart: bool,
    /// Where the text of the open link begins, and whether it says to whom does not see it of which row it is.
    link: Option<(usize, bool)>,
}

impl Inside {
    fn new(tag: &StartTag<()>) -> Self {
        let span =
            |name: &str| attribute(tag, name).and_then(|text| text.parse().ok()).unwrap_or(1).clamp(1, 100);
        let cell = Raw {
            span: (span("colspan"), span("rowspan")),
            is_figure: has_class(tag, "n"),
            ..Raw::default()
        };
        let is_data = tag.name.as_slice() == b"td";
        Self { cell, is_data, open: Vec::new(), hidden: String::new(), apart: false, link: None }
    }

    /// What surrounds the next text: whether it counts, and whether it is seen.
    fn around(&self) -> (bool, bool) {
        self.open.last().map_or((true, true), |(_, counts, seen)| (*counts, *seen))
    }

    fn open(&mut self, name: &str, tag: &StartTag<()>) {
        let (mut counts, seen) = self.around();
        let unseen = has_class(tag, "unseen");
        self.apart |= APART.contains(&name) && !unseen;
        self.cell.has_deed |= self.is_data && matches!(name, "form" | "button");
        match name {
            "a" => self.link = Some((self.cell.text.len(), false)),
            // What machines read takes the place of what people read.
            "time" => {
                if let Some(at) = attribute(tag, "datetime") {
                    self.say(&at);
                    counts = false;
                }
            }
            _ => {}
        }
        if unseen && let Some((_, names_row)) = &mut self.link {
            *names_row = true;
        }
        if !tag.self_closing && name != "br" && name != "input" {
            self.open.push((name.to_owned(), counts && !MUTE.contains(&name), seen && !unseen));
        }
    }

    fn close(&mut self, name: &str) {
        if name == "a"
            && let Some((from, true)) = self.link.take()
        {
            self.leave_out(from);
        }
        if let Some(at) = self.open.iter().rposition(|(open, ..)| open == name) {
            self.open.truncate(at);
            self.apart |= APART.contains(&name) && name != "span";
        }
    }

    /// Leaves out the link's text, which begins there, when that is something that can be done with the row: not when
    /// it is a figure, which leads to more about it.
    fn leave_out(&mut self, from: usize) {
        let said = self.cell.text.get(from..).unwrap_or_default();
        if !self.is_data || measured(said.trim_start_matches(PART).trim()).is_some() {
            return;
        }
        self.cell.text.truncate(from);
        self.cell.has_deed = true;
        self.apart = true;
    }

    fn say(&mut self, text: &str) {
        let (counts, seen) = self.around();
        let words: Vec<&str> = text.split_whitespace().collect();
        if !counts || words.is_empty() {
            return;
        }
        let words = words.join(" ");
        if !seen {
            if !self.hidden.is_empty() {
                self.hidden.push(' ');
            }
            self.hidden.push_str(&words);
            return;
        }
        let cell = &mut self.cell;
        if !cell.text.is_empty() {
            let is_gap = text.starts_with(char::is_whitespace) || !cell.text.ends_with(char::is_alphanumeric);
            cell.text.push_str(if self.apart {
                PART
            } else if is_gap {
                " "
            } else {
                ""
            });
        }
        self.apart = false;
        cell.text.push_str(&words);
    }

    /// The cell: what is said to those alone who do not see it stands for what nobody sees.
    fn end(self) -> Raw {
        let Self { cell, hidden, .. } = self;
        if cell.text.is_empty() && !cell.has_deed && !hidden.is_empty() {
            return Raw { text: hidden, is_unseen: true, ..cell };
        }
        cell
    }
}

/// The cells where they stand, as some go over several columns or rows.
fn laid_out(rows: &[Vec<Raw>]) -> Vec<Vec<Raw>> {
    let mut places: Vec<Vec<Option<Raw>>> = vec![Vec::new(); rows.len()];
    for (line, row) in rows.iter().enumerate() {
        let mut at = 0;
        for cell in row {
            while places[line].get(at).is_some_and(Option::is_some) {
                at += 1;
            }
            for below in places.iter_mut().skip(line).take(cell.span.1) {
                if below.len() < at + cell.span.0 {
                    below.resize(at + cell.span.0, None);
                }
                below[at..at + cell.span.0].fill(Some(cell.clone()));
            }
            at += cell.span.0;
        }
    }
    places.into_iter().map(|row| row.into_iter().map(Option::unwrap_or_default).collect()).collect()
}

/// Nothing is known of it.
fn known(text: &str) -> String {
    if text == "–" { String::new() } else { text.to_owned() }
}

/// Whether a unit is that of amounts or of shares.
fn is_of_figures(unit: &str) -> bool {
    unit == "%" || (unit.len() == 3 && unit.bytes().all(|letter| letter.is_ascii_uppercase()))
}

/// The parts of a text as machines read them: days and moments, and figures without groups of digits.
fn plain(text: impl AsRef<str>) -> String {
    let part = |part: &str| dated(part).or_else(|| ungrouped(part)).unwrap_or_else(|| part.to_owned());
    text.as_ref().split(PART).map(part).collect::<Vec<_>>().join(PART)
}

/// An amount or a share whose digits stand in groups: `1 234 CLP` is `1234 CLP`.
fn ungrouped(text: &str) -> Option<String> {
    let (number, unit) = measured(text)?;
    is_of_figures(&unit).then(|| format!("{number} {unit}"))
}

/// A day as pages say it, and a moment: `2 de marzo de 2026, 22:00 (hora de Santiago)` is
/// `2026-03-02T22:00 (hora de Santiago)`.
fn dated(text: &str) -> Option<String> {
    let (said, rest) = text.split_once(", ").map_or((text, None), |(day, rest)| (day, Some(rest)));
    let (number, year) = (said.split_whitespace().next()?, said.split_whitespace().next_back()?);
    let (number, year): (u8, u16) = (number.parse().ok()?, year.parse().ok()?);
    let mut days =
        (1..=12).filter_map(|month| format!("{year:04}-{month:02}-{number:02}").parse::<Day>().ok());
    let is_said = |day: &Day| [Locale::Es, Locale::En].iter().any(|locale| in_words(*day, *locale) == said);
    let day = days.find(is_said)?;
    match rest {
        None => Some(day.to_string()),
        Some(rest) => {
            let (time, place) = rest.split_once(' ').unwrap_or((rest, ""));
            let place = if place == "UTC" { "Z".to_owned() } else { format!(" {place}") };
            time.contains(':').then(|| format!("{day}T{time}{}", place.trim_end()))
        }
    }
}

/// A column whose cells are figures of one unit: the unit, the figures, and what stands beside them.
fn figures(cells: &[&str]) -> Option<(String, Vec<Cell>, Vec<String>)> {
    let mut common: Option<String> = None;
    let (mut figures, mut notes) = (Vec::new(), Vec::new());
    for cell in cells {
        let (main, note) = cell.split_once(PART).unwrap_or((cell, ""));
        notes.push(note.to_owned());
        if main.is_empty() || main == "–" {
            figures.push(Cell::text(String::new()));
            continue;
        }
        let (number, unit) = measured(main)?;
        if common.get_or_insert_with(|| unit.clone()) != &unit {
            return None;
        }
        figures.push(Cell::figure(number));
    }
    common.map(|unit| (unit, figures, notes))
}

/// A number as pages write it, with a point before its decimals, and what it is of: `−1 234,50 CLP` is `-1234.50` and
/// `CLP`.
fn measured(text: &str) -> Option<(String, String)> {
    let (sign, rest) = text.strip_prefix(['−', '-']).map_or(("", text), |rest| ("-", rest));
    let (mut number, mut end) = (String::from(sign), 0);
    let mut letters = rest.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let is_before_digit = letters.peek().is_some_and(|(_, next)| next.is_ascii_digit());
        match letter {
            '0'..='9' => number.push(letter),
            ' ' if end > 0 && !number.contains('.') && is_group(&rest[at + 1..]) => {}
            '.' | ',' if end > 0 && !number.contains('.') && is_before_digit => number.push('.'),
            _ => break,
        }
        end = at + letter.len_utf8();
    }
    // A unit that was typed stands in brackets: `1 200 (pieza)`.
    let unit = rest[end..].trim();
    let unit = unit.strip_prefix('(').and_then(|unit| unit.strip_suffix(')')).unwrap_or(unit);
    let is_unit = unit.chars().count() <= 12 && !unit.contains(|c: char| c.is_ascii_digit());
    (end > 0 && is_unit).then(|| (number, unit.to_owned()))
}

/// Three digits, and no fourth.
fn is_group(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    digits == 3
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<h2 id="x">Otra</h2><div class="scroll" aria-labelledby="x"><table><tr><td>no</td></tr></table></div>
<h2 id="awards">Adjudicaciones</h2>
<div class="scroll" role="region" tabindex="0" aria-labelledby="awards"><table>
<thead><tr><th scope="col" rowspan="2">Lote</th><th scope="colgroup" colspan="2" class="n">Monto</th><th scope="col" rowspan="2" class="n">Parte</th><th rowspan="2"><span class="unseen">Barra</span></th></tr>
<tr><th class="n">=A</th><th class="n">B</th></tr></thead>
<tbody>
<tr><th scope="row"><a href="/x">Pernos &amp; tuercas</a><span class="note">Req. 1</span></th><td class="n">1&#8239;234,50&nbsp;USD</td><td class="n">–</td><td class="n"><b>30,0&nbsp;%</b><br><span class="tag">sobre el tope</span></td><td><svg><text>9</text></svg></td></tr>
<tr><th scope="row">@SUM<b>A</b></th><td class="n">−2&nbsp;USD</td><td class="n">3&nbsp;CLP</td><td class="n">7,5&nbsp;%</td><td></td></tr>
</tbody></table></div><nav><a href="/runs/7?cursor=b&amp;x=1" rel="next">Siguiente</a></nav>"#;

    #[test]
    fn a_table_of_a_page_is_read_as_people_see_it() {
        let shown = Shown::read(PAGE, "awards");
        assert_eq!(shown.next.as_deref(), Some("/runs/7?cursor=b&x=1"));
        let (headings, rows) = shown.columns();
        assert_eq!(headings, ["Lote", "Monto – =A (USD)", "Monto – B (CLP)", "Parte (%)", "Parte – …"]);
        let csv = String::from_utf8(Format::Csv.table(&headings, &rows).unwrap()).unwrap();
        let lines: Vec<_> = csv.lines().skip(1).collect();
        assert_eq!(lines, ["Pernos & tuercas; Req. 1,1234.50,,30.0,sobre el tope", "'@SUMA,-2,3,7.5,"]);
        assert!(!Shown::read(PAGE, "nothing").is_there);
    }

    #[test]
    fn what_can_be_done_with_a_row_and_what_is_not_seen_stay_on_the_page() {
        const LOTS: &str = r#"<div aria-labelledby="lots"><table>
<thead><tr><th scope="col">Lote</th><th scope="col">Su oferta</th><th scope="col">Paso</th><th scope="col">Desde</th><th scope="col">Total</th></tr></thead><tbody>
<tr><th scope="row"><a href="/l/1">Eje 40 mm</a></th><td><a href="/o">160&#8239;025 CLP<span class="unseen"> Eje 40 mm</span></a> <span class="tag warn">Vencida</span><br><a href="/w">¿Por qué no más?<span class="unseen"> Eje</span></a></td><td>–</td><td>2 de marzo de 2026</td><td>1&#8239;500 CLP</td></tr>
<tr><th scope="row">Buje</th><td><a href="/o">Ofertar<span class="unseen"> Buje</span></a></td><td><a href="/r">Revocar<span class="unseen"> Buje</span></a></td><td><time datetime="2026-03-02T14:00:00Z">2 de marzo</time></td><td>1&#8239;500 kg</td></tr>
</tbody></table></div>"#;
        let (headings, rows) = Shown::read(LOTS, "lots").columns();
        assert_eq!(headings, ["Lote", "Su oferta (CLP)", "Su oferta – …", "Desde", "Total"]);
        let csv = String::from_utf8(Format::Csv.table(&headings, &rows).unwrap()).unwrap();
        let lines: Vec<_> = csv.lines().skip(1).collect();
        let moment = "Buje,,,2026-03-02T14:00:00Z,1 500 kg";
        assert_eq!(lines, ["Eje 40 mm,160025,Vencida,2026-03-02,1500 CLP", moment]);
    }

    #[test]
    fn days_are_written_for_machines_whichever_language_says_them() {
        let plain = |text: &str| super::plain(text);
        assert_eq!(plain("2 de marzo de 2026"), "2026-03-02");
        assert_eq!(plain("31 December 2026; revocada"), "2026-12-31; revocada");
        assert_eq!(
            plain("2 de marzo de 2026, 22:00 (hora de Santiago)"),
            "2026-03-02T22:00 (hora de Santiago)"
        );
        assert_eq!(plain("2 de marzo de 2026, 14:00 UTC"), "2026-03-02T14:00Z");
        for same in ["2 de marzo", "31 de febrero de 2026", "2 veces en 2026", "12 345", "C1", "–"] {
            assert_eq!(plain(same), same);
        }
    }

    #[test]
    fn a_column_of_two_units_stays_as_it_is_written() {
        assert!(figures(&["1 kg", "2 m"]).is_none());
        assert!(figures(&["2 de marzo de 2026"]).is_none());
        assert!(figures(&["3 → 4"]).is_none());
        assert!(figures(&["–", ""]).is_none());
        let number = |text: &str| measured(text).map(|(number, unit)| format!("{number}|{unit}"));
        assert_eq!(number("12 345 678 CLP").as_deref(), Some("12345678|CLP"));
        assert_eq!(number("0.5").as_deref(), Some("0.5|"));
        assert_eq!(number("1 200 (pieza)").as_deref(), Some("1200|pieza"));
        assert_eq!(number("12 3456"), None);
        assert_eq!(number("CLP 3"), None);
    }
}
