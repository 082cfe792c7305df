//! The picture of all comparisons: the ratio of each row to the best peer, with its interval,
//! around 1.
//!
//! It is 800 pixels wide, as a README shows it. It has no background, and each of its colours is
//! readable on a light page and on a dark one.

use std::fmt::Write;

use crate::record::Record;
use crate::report::{Ratio, Samples, Standing, Table, figure};

/// One bar.
#[derive(Debug)]
struct Bar {
    label: String,
    ratio: Ratio,
    peer: &'static str,
}

const TEXT: &str = "#7d7d7d";
const GRID: &str = "#808080";
const AHEAD: &str = "#2a8f5b";
const BEHIND: &str = "#c9612b";
const LEVEL: &str = "#6f7f95";

/// The ends of the scale; what is further off ends there.
const SCALE: [f64; 2] = [0.1, 10.0];
const GRID_AT: [f64; 7] = [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0];

/// The rows of a sum: its bar contains them.
const PHASES: [&str; 3] = ["register", "set", "resume"];

/// Where the scale begins and ends: labels to its left, figures and peers to its right.
const LEFT: f64 = 470.0;
const RIGHT: f64 = 620.0;
const ROW: usize = 18;
const HEAD: usize = 44;

/// `docs/benchmarks.svg`.
#[must_use]
pub fn chart(records: &[Record]) -> String {
    draw(records.iter().map(|one| (&*one.title, bars(&one.table))).collect())
}

fn draw(parts: Vec<(&str, Vec<Bar>)>) -> String {
    let rows: usize = parts.iter().map(|(_, bars)| bars.len()).sum();
    let height = HEAD * (parts.len() + 1) + ROW * rows;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 800 {height}\" width=\"800\" \
         height=\"{height}\" font-family=\"sans-serif\" font-size=\"11\" fill=\"{TEXT}\">\n",
    );
    text(&mut svg, 8.0, 14, "start", "bold", "ours to the best peer");
    for (x, colour, name) in
        [(200.0, AHEAD, "ahead"), (280.0, BEHIND, "behind"), (360.0, LEVEL, "not decided")]
    {
        bar(&mut svg, [x, x + 16.0], 14, colour);
        text(&mut svg, x + 22.0, 14, "start", "normal", name);
    }
    line(&mut svg, [LEFT + 40.0, LEFT + 60.0], [14, 14], TEXT, 2);
    text(&mut svg, LEFT + 66.0, 14, "start", "normal", "95 % interval of the median");
    let mut y = 0;
    for (title, bars) in parts {
        y += HEAD;
        text(&mut svg, 8.0, y - 8, "start", "bold", &title.replace('`', ""));
        for at in GRID_AT {
            let x = place(at);
            line(&mut svg, [x, x], [y, y + ROW * bars.len()], GRID, if at == 1.0 { 2 } else { 1 });
            text(&mut svg, x, y - 8, "middle", "normal", &at.to_string());
        }
        for Bar { label, ratio, peer } in bars {
            let middle = y + ROW / 2;
            let colour = match ratio.standing() {
                Standing::Ahead => AHEAD,
                Standing::Behind => BEHIND,
                Standing::Level => LEVEL,
            };
            let (one, end) = (place(1.0), place(ratio.median));
            // A bar of length zero is visible.
            bar(&mut svg, [one.min(end) - 1.0, one.max(end) + 1.0], middle, colour);
            if let Some(ends) = ratio.interval {
                line(&mut svg, ends.map(place), [middle, middle], TEXT, 2);
            }
            text(&mut svg, LEFT - 8.0, middle, "end", "normal", &label.replace('`', ""));
            let beside = format!("{} {peer}", figure(ratio.median));
            text(&mut svg, RIGHT + 8.0, middle, "start", "normal", &beside);
            y += ROW;
        }
    }
    svg + "</svg>\n"
}

/// A bar for each row and each of our columns; of a row with phases, the sum alone.
fn bars(table: &Table) -> Vec<Bar> {
    let phase_of_a_sum = |row: &str| {
        let phase = row.split_once(", ").filter(|(phase, _)| PHASES.contains(phase));
        phase.is_some_and(|(_, rest)| table.row(&format!("sum, {rest}")).is_some())
    };
    let bar = |samples: &Samples, ours: usize| {
        let best = samples.best_peer(&table.columns)?;
        let row = &samples.row;
        let label = match table.ours().count() {
            1 => row.clone(),
            _ => format!("{}: {row}", table.columns[ours].name),
        };
        Some(Bar { label, ratio: samples.ratio(ours, best)?, peer: table.columns[best].name })
    };
    let rows = table.rows.iter().filter(|samples| !phase_of_a_sum(&samples.row));
    rows.flat_map(|samples| table.ours().filter_map(move |ours| bar(samples, ours))).collect()
}

/// Where a ratio is, on a logarithmic scale.
fn place(ratio: f64) -> f64 {
    let [least, most] = SCALE;
    let part = (ratio.clamp(least, most) / least).ln() / (most / least).ln();
    (LEFT + part * (RIGHT - LEFT)).round()
}

// === SVG: writing to a String cannot fail ===

fn text(svg: &mut String, x: f64, y: usize, anchor: &str, weight: &str, text: &str) {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    _ = writeln!(
        svg,
        "<text x=\"{x}\" y=\"{y}\" dy=\".35em\" text-anchor=\"{anchor}\" \
         font-weight=\"{weight}\">{text}</text>"
    );
}

fn bar(svg: &mut String, [from, to]: [f64; 2], middle: usize, colour: &str) {
    let (y, width) = (middle - 5, to - from);
    _ = writeln!(
        svg,
        "<rect x=\"{from}\" y=\"{y}\" width=\"{width}\" height=\"10\" fill=\"{colour}\"/>"
    );
}

fn line(svg: &mut String, [x1, x2]: [f64; 2], [y1, y2]: [usize; 2], colour: &str, width: u8) {
    _ = writeln!(
        svg,
        "<path d=\"M{x1} {y1}L{x2} {y2}\" stroke=\"{colour}\" stroke-width=\"{width}\"/>"
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::tests::invented;

    /// The luminance of a colour by WCAG 2.2.
    fn luminance(colour: &str) -> f64 {
        let part = |at: usize| {
            let part = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    }

    #[test]
    fn every_colour_is_readable_on_a_light_page_and_on_a_dark_one() {
        for page in ["#ffffff", "#0d1117"].map(luminance) {
            for colour in [TEXT, GRID, AHEAD, BEHIND, LEVEL] {
                let own = luminance(colour);
                // WCAG 2.2, 1.4.3 asks for 3 : 1 of graphics and of large text.
                let contrast = (own.max(page) + 0.05) / (own.min(page) + 0.05);
                assert!(contrast >= 3.5, "{colour}: {contrast:.2}");
            }
        }
    }

    #[test]
    fn every_row_has_a_bar_of_its_colour_a_figure_and_a_peer() {
        let svg = chart(&[invented()]);
        for text in ["ahead", "behind", "level", "no floor", "An invention", "0.50 left"] {
            assert!(svg.contains(&format!(">{text}</text>")), "{text}: {svg}");
        }
        // One more of each is in the legend.
        let bars = |colour| svg.matches(&format!("height=\"10\" fill=\"{colour}\"")).count();
        assert_eq!([AHEAD, BEHIND, LEVEL].map(bars), [3, 2, 2], "{svg}");
    }

    #[test]
    fn of_phases_with_a_sum_only_the_sum_is_drawn() {
        let mut table = invented().table;
        for row in ["set, 10 waiters", "sum, 10 waiters", "set, twice"] {
            table.rows.push(Samples { row: row.into(), ..table.rows[0].clone() });
        }
        let labels: Vec<_> = bars(&table).into_iter().map(|bar| bar.label).collect();
        let drawn = ["ahead", "behind", "level", "no floor", "sum, 10 waiters", "set, twice"];
        assert_eq!(labels, drawn);
    }

    #[test]
    fn scale_is_even_around_one_and_ends_at_its_edges() {
        assert_eq!(place(1.0), (LEFT + RIGHT) / 2.0);
        assert_eq!(place(0.5) - LEFT, RIGHT - place(2.0));
        assert_eq!((place(0.001), place(1_000.0)), (LEFT, RIGHT));
    }
}
