//! The frontier as a picture: coverage above, cost below, over the cap.
//!
//! One SVG file that stands alone: no font, script or address from elsewhere. It follows the reader's
//! light or dark mode, prints black on white, and is the same for the same figures. Every mark has its
//! number in the table beside it.

use std::fmt::Write;

use eslabon_solver::{Frontier, frontier::FrontierPoint};

use super::finding;

const WIDTH: f64 = 720.;
const LEFT: f64 = 92.;
const RIGHT: f64 = 24.;
/// Height of one panel's plot.
const PANEL: f64 = 170.;
const TOP: f64 = 84.;
/// Between the two plots.
const BETWEEN: f64 = 62.;
const HEIGHT: f64 = TOP + 2. * PANEL + BETWEEN + 58.;

const STYLE: &str = "\
svg{--ink:#1b1b1b;--quiet:#5a5a5a;--rule:#d5d5d5;--line:#0b5cad;--mark:#b3261e;--paper:#fff;font:13px system-ui,sans-serif}\
@media(prefers-color-scheme:dark){svg{--ink:#f1f1f1;--quiet:#b4b4b4;--rule:#444;--line:#7db7f5;--mark:#ff9d92;--paper:#161616}}\
@media print{svg{--ink:#000;--quiet:#333;--rule:#bbb;--line:#000;--mark:#000;--paper:#fff}}\
text{fill:var(--ink)}.q{fill:var(--quiet)}.g{stroke:var(--rule)}.l{fill:none;stroke:var(--line);stroke-width:2}\
.p{fill:var(--line)}.c{stroke:var(--mark);stroke-dasharray:5 4}.m{fill:var(--mark)}.b{fill:var(--paper)}\
.h{font-size:16px;font-weight:600}";

/// The whole picture.
pub(super) fn svg(found: &Frontier) -> String {
    let title = escaped(&finding(found));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         aria-labelledby=\"t d\">\n<title id=\"t\">{title}</title>\n<desc id=\"d\">Two lines over the \
         dependency cap in percent: coverage in percent of what is asked, and cost in {}. The figures \
         stand in frontier.csv.</desc>\n<style>{STYLE}</style>\n\
         <rect class=\"b\" width=\"{WIDTH}\" height=\"{HEIGHT}\"/>\n",
        escaped(&found.currency)
    );
    headline(&mut svg, &title);
    let coverage = |point: &FrontierPoint| found.coverage_share(point) * 100.;
    let most = found.points.iter().filter(|point| point.is_feasible()).map(coverage).fold(100., f64::max);
    let above = Panel { top: TOP, name: "Coverage, % of what is asked", axis: Axis::upto(most) };
    let dearest = found.points.iter().filter(|point| point.is_feasible()).map(|p| p.cost).fold(0., f64::max);
    let name = format!("Cost, {}", escaped(&found.currency));
    let below = Panel { top: TOP + PANEL + BETWEEN, name: &name, axis: Axis::upto(dearest) };
    above.draw(&mut svg, found, coverage);
    below.draw(&mut svg, found, |point| point.cost);
    let _ = writeln!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">Dependency cap, % of a supplier’s sales</text>",
        LEFT + plot_width() / 2.,
        HEIGHT - 14.
    );
    svg + "</svg>\n"
}

/// The finding, on as many lines as it needs.
fn headline(svg: &mut String, title: &str) {
    let mut lines = vec![String::new()];
    for word in title.split(' ') {
        let at = lines.len() - 1;
        if lines[at].chars().count() + word.chars().count() > 78 {
            lines.push(word.to_owned());
        } else {
            let space = if lines[at].is_empty() { "" } else { " " };
            let _ = write!(lines[at], "{space}{word}");
        }
    }
    for (at, line) in lines.iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "a handful of lines")]
        let y = 26. + 21. * at as f64;
        let _ = writeln!(svg, "<text class=\"h\" x=\"16\" y=\"{y}\">{line}</text>");
    }
}

/// Text as it may stand in XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

const fn plot_width() -> f64 {
    WIDTH - LEFT - RIGHT
}

/// Where a cap in percent stands.
fn x(percent: f64) -> f64 {
    LEFT + percent / 100. * plot_width()
}

/// From 0 to a round number, in four or five round steps.
struct Axis {
    most: f64,
    step: f64,
}

impl Axis {
    fn upto(most: f64) -> Self {
        if most.is_nan() || most <= 0. || most.is_infinite() {
            return Self { most: 1., step: 0.25 };
        }
        let power = 10_f64.powi(exponent(most / 4.));
        let steps = [1., 2., 2.5, 5., 10.].map(|step| step * power);
        let step = steps.into_iter().find(|step| step * 5. >= most * (1. - 1e-9)).unwrap_or(10. * power);
        Self { most: (most / step - 1e-9).ceil() * step, step }
    }

    fn marks(&self) -> impl Iterator<Item = f64> {
        let count = (0..=10_u8).map(f64::from);
        count.map(|at| at * self.step).take_while(|value| *value <= self.most * (1. + 1e-9))
    }
}

/// The power of ten at or below a number above 0, by comparison only: logarithms round differently on
/// different processors.
fn exponent(number: f64) -> i32 {
    let mut power = 0;
    while 10_f64.powi(power + 1) <= number {
        power += 1;
    }
    while 10_f64.powi(power) > number {
        power -= 1;
    }
    power
}

struct Panel<'a> {
    top: f64,
    name: &'a str,
    axis: Axis,
}

impl Panel<'_> {
    fn y(&self, value: f64) -> f64 {
        self.top + PANEL * (1. - value / self.axis.most)
    }

    fn draw(&self, svg: &mut String, found: &Frontier, value: impl Fn(&FrontierPoint) -> f64) {
        self.frame(svg);
        if let Some(chosen) = found.chosen() {
            let (at, bottom) = (x(chosen.percent()), self.top + PANEL);
            let _ = writeln!(
                svg,
                "<line class=\"c\" x1=\"{at:.1}\" y1=\"{:.1}\" x2=\"{at:.1}\" y2=\"{bottom:.1}\"/>",
                self.top
            );
        }
        // One line for each run of caps that leave a solution.
        for run in found.points.split(|point| !point.is_feasible()) {
            let line: Vec<String> =
                run.iter().map(|p| format!("{:.1},{:.1}", x(p.percent()), self.y(value(p)))).collect();
            if line.len() > 1 {
                let _ = writeln!(svg, "<polyline class=\"l\" points=\"{}\"/>", line.join(" "));
            }
        }
        for point in &found.points {
            self.mark(svg, found, point, &value);
        }
    }

    /// The name, the levels and the caps.
    fn frame(&self, svg: &mut String) {
        let _ = writeln!(
            svg,
            "<text x=\"16\" y=\"{:.1}\" font-weight=\"600\">{}</text>",
            self.top - 10.,
            self.name
        );
        for level in self.axis.marks() {
            let y = self.y(level);
            let _ = writeln!(
                svg,
                "<line class=\"g\" x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{:.1}\" y2=\"{y:.1}\"/>\
                 <text class=\"q\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                WIDTH - RIGHT,
                LEFT - 8.,
                y + 4.,
                short(level)
            );
        }
        for cap in (0..=100_u8).step_by(10) {
            let _ = writeln!(
                svg,
                "<text class=\"q\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{cap}</text>",
                x(f64::from(cap)),
                self.top + PANEL + 18.
            );
        }
    }

    fn mark(
        &self,
        svg: &mut String,
        found: &Frontier,
        point: &FrontierPoint,
        value: &impl Fn(&FrontierPoint) -> f64,
    ) {
        let at = x(point.percent());
        if !point.is_feasible() {
            let (y, says) = (self.top + PANEL - 4., "infeasible");
            let cap = point.percent();
            let _ = writeln!(
                svg,
                "<text class=\"m\" x=\"{at:.1}\" y=\"{y:.1}\" text-anchor=\"middle\">×<title>{cap} %: {says}</title></text>"
            );
            return;
        }
        let y = self.y(value(point));
        let label = short(value(point));
        if found.chosen.as_ref() == Some(&point.cap) {
            // Beside the point, on the side where there is room; below the line, which rises.
            let (anchor, dx) = if point.percent() > 70. { ("end", -9.) } else { ("start", 9.) };
            let below = if y + 22. > self.top + PANEL { -10. } else { 18. };
            let _ = writeln!(
                svg,
                "<circle class=\"m\" cx=\"{at:.1}\" cy=\"{y:.1}\" r=\"6\"/>\
                 <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">cap {} %: {label}</text>",
                at + dx,
                y + below,
                point.percent()
            );
        } else {
            let cap = point.percent();
            let _ = writeln!(
                svg,
                "<circle class=\"p\" cx=\"{at:.1}\" cy=\"{y:.1}\" r=\"3\"><title>{cap} %: {label}</title></circle>"
            );
        }
    }
}

/// A figure on an axis: at most four digits or so, with thousands and millions as words.
fn short(value: f64) -> String {
    let (scaled, unit) = match value.abs() {
        size if size >= 1e9 => (value / 1e9, " bn"),
        size if size >= 1e6 => (value / 1e6, " M"),
        size if size >= 1e4 => (value / 1e3, " k"),
        _ => (value, ""),
    };
    let text = format!("{scaled:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text}{unit}")
}

#[cfg(test)]
mod tests {
    use eslabon_solver::outcome::Status;

    use super::*;

    fn point(cap: &str, coverage: f64, cost: f64) -> FrontierPoint {
        let status = if cost > 0. { Status::Optimal } else { Status::Infeasible };
        FrontierPoint { cap: cap.to_owned(), status, coverage, covered: coverage, cost, tiers: Vec::new() }
    }

    fn example(chosen: Option<&str>) -> Frontier {
        Frontier {
            format: "eslabon-frontier/1".to_owned(),
            currency: "CLP".to_owned(),
            chosen: chosen.map(str::to_owned),
            asked: 2_000_000.,
            points: vec![
                point("0.05", 0., 0.),
                point("0.1", 600_000., 610_000.),
                point("0.3", 1_500_000., 1_480_000.),
                point("1", 1_900_000., 1_810_000.),
            ],
            complete: true,
        }
    }

    #[test]
    fn the_picture_is_the_same_for_the_same_figures() {
        insta::assert_snapshot!(svg(&example(Some("0.3"))));
    }

    #[test]
    fn the_title_says_what_was_found() {
        let title = |chosen| finding(&example(chosen));
        assert_eq!(
            title(Some("0.3")),
            "A cap of 30 % covers 75.0 % of what is asked, 20.0 points less than one of 100 %"
        );
        assert_eq!(title(Some("1")), "A cap of 100 % costs no coverage: 95.0 % of what is asked is covered");
        assert_eq!(title(Some("0.05")), "A cap of 5 % leaves no solution; one of 100 % does");
        assert_eq!(title(None), "A cap of 100 % covers 95.0 % of what is asked");
    }

    #[test]
    fn what_stands_in_the_picture_cannot_leave_it() {
        let mut frontier = example(None);
        frontier.currency = "<script>&\"".to_owned();
        assert!(!svg(&frontier).contains("<script"));
    }

    #[test]
    fn axes_end_in_round_numbers() {
        for (most, end, step) in
            [(100., 100., 20.), (1_810_000., 2_000_000., 500_000.), (0.7, 0.8, 0.2), (0., 1., 0.25)]
        {
            let axis = Axis::upto(most);
            assert!((axis.most - end).abs() < 1e-9 * end && (axis.step - step).abs() < 1e-9 * step, "{most}");
        }
    }

    #[test]
    fn figures_on_axes_are_short() {
        for (value, text) in
            [(0., "0"), (75., "75"), (0.25, "0.25"), (1_500_000., "1.5 M"), (12_500., "12.5 k")]
        {
            assert_eq!(short(value), text);
        }
    }
}
