//! The picture of all comparisons: each row's ratio to the best peer, and its interval, around 1.
//!
//! It has no ground of its own, and each of its colours reads on a light page and on a dark one.

use std::error::Error;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::record::Record;
use crate::report::{Ratio, Table, figure};

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), Box<dyn Error>>;

/// One bar.
#[derive(Debug)]
struct Bar {
    label: String,
    ratio: Ratio,
}

const TEXT: RGBColor = RGBColor(0x7d, 0x7d, 0x7d);
const GRID: RGBColor = RGBColor(0x80, 0x80, 0x80);
const AHEAD: RGBColor = RGBColor(0x2a, 0x8f, 0x5b);
const BEHIND: RGBColor = RGBColor(0xc9, 0x61, 0x2b);
const LEVEL: RGBColor = RGBColor(0x6f, 0x7f, 0x95);

/// What is further off ends at the edge.
const SCALE: [f64; 2] = [0.1, 10.0];
const GRID_AT: [f64; 7] = [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0];

/// Those of a sum, which are in its bar.
const PHASES: [&str; 3] = ["register", "set", "resume"];

const WIDTH: i32 = 1_000;
/// Where the scale begins and ends; labels to its left, figures to its right.
const LEFT: i32 = 620;
const RIGHT: i32 = 920;
const ROW: i32 = 20;
const HEAD: i32 = 48;

/// `docs/benchmarks.svg`.
///
/// # Errors
/// If it cannot be drawn.
pub fn chart(records: &[Record]) -> Result<String, Box<dyn Error>> {
    let parts: Vec<_> =
        records.iter().map(|record| (&*record.title, bars(&record.table))).collect();
    let rows: usize = parts.iter().map(|(_, bars)| bars.len()).sum();
    let height = HEAD * (parts.len() as i32 + 1) + ROW * rows as i32;
    let mut svg = String::new();
    {
        let area =
            SVGBackend::with_string(&mut svg, (WIDTH as u32, height as u32)).into_drawing_area();
        let mut top = 0;
        legend(&area)?;
        for (title, bars) in &parts {
            top += HEAD;
            // Code in a title of the page is a word like others in a picture.
            write(&area, &title.replace('`', ""), (8, top - 8), 19, HPos::Left)?;
            grid(&area, top, top + ROW * bars.len() as i32)?;
            for bar in bars {
                draw(&area, bar, top + ROW / 2)?;
                top += ROW;
            }
        }
        area.present()?;
    }
    Ok(svg)
}

/// A bar for each row and each of ours; of a row with phases the sum alone.
fn bars(table: &Table) -> Vec<Bar> {
    let phase_of_a_sum = |row: &str| {
        let phase = row.split_once(", ").filter(|(phase, _)| PHASES.contains(phase));
        phase.is_some_and(|(_, rest)| table.row(&format!("sum, {rest}")).is_some())
    };
    let ours: Vec<usize> = table.ours().collect();
    let rows = table.rows.iter().filter(|samples| !phase_of_a_sum(&samples.row));
    let bar = |(samples, &ours): (&crate::report::Samples, &usize)| {
        let best = samples.best_peer(&table.columns)?;
        let ratio = samples.ratio(ours, best)?;
        let ours = if table.ours().count() > 1 { table.columns[ours].name } else { "" };
        let colon = if ours.is_empty() { "" } else { ": " };
        Some(Bar { label: format!("{ours}{colon}{}", samples.row), ratio })
    };
    rows.flat_map(|samples| ours.iter().map(move |ours| (samples, ours))).filter_map(bar).collect()
}

/// What is drawn, and what its colours and the line through a bar are.
fn legend(area: &Area<'_>) -> Drawn {
    const MIDDLE: i32 = 14;
    write(area, "ours to the best peer", (8, MIDDLE), 19, HPos::Left)?;
    let colours = [(AHEAD, "ahead"), (BEHIND, "behind"), (LEVEL, "not decided")];
    for ((colour, name), at) in colours.into_iter().zip([250, 340, 440]) {
        area.draw(&Rectangle::new([(at, MIDDLE - 5), (at + 18, MIDDLE + 5)], colour.filled()))?;
        write(area, name, (at + 26, MIDDLE), 15, HPos::Left)?;
    }
    area.draw(&PathElement::new([(LEFT, MIDDLE), (LEFT + 18, MIDDLE)], TEXT.stroke_width(2)))?;
    write(area, "95 % interval of the median", (LEFT + 26, MIDDLE), 15, HPos::Left)
}

fn draw(area: &Area<'_>, bar: &Bar, middle: i32) -> Drawn {
    let colour = match bar.ratio.interval {
        Some([_, high]) if high < 1.0 => AHEAD,
        Some([low, _]) if low > 1.0 => BEHIND,
        _ => LEVEL,
    };
    let (one, end) = (place(1.0), place(bar.ratio.median));
    let [from, to] = [one.min(end), one.max(end)];
    // A bar of no length is still seen.
    let corners = [(from - 1, middle - 5), (to + 1, middle + 5)];
    area.draw(&Rectangle::new(corners, colour.filled()))?;
    if let Some([low, high]) = bar.ratio.interval {
        let ends = vec![(place(low), middle), (place(high), middle)];
        area.draw(&PathElement::new(ends, TEXT.stroke_width(2)))?;
    }
    write(area, &bar.label, (LEFT - 8, middle), 15, HPos::Right)?;
    write(area, &figure(bar.ratio.median), (RIGHT + 8, middle), 15, HPos::Left)
}

fn grid(area: &Area<'_>, top: i32, bottom: i32) -> Drawn {
    for at in GRID_AT {
        let width = if at == 1.0 { 2 } else { 1 };
        let line = vec![(place(at), top), (place(at), bottom)];
        area.draw(&PathElement::new(line, GRID.stroke_width(width)))?;
        write(area, &at.to_string(), (place(at), top - 8), 12, HPos::Center)?;
    }
    Ok(())
}

fn write(area: &Area<'_>, text: &str, at: (i32, i32), size: i32, across: HPos) -> Drawn {
    let style = ("sans-serif", size).into_font().color(&TEXT).pos(Pos::new(across, VPos::Center));
    Ok(area.draw(&Text::new(text.to_owned(), at, style))?)
}

/// Where a ratio is, on a scale of logarithms.
fn place(ratio: f64) -> i32 {
    let [least, most] = SCALE;
    let part = (ratio.clamp(least, most) / least).ln() / (most / least).ln();
    LEFT + (part * f64::from(RIGHT - LEFT)).round() as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::tests::invented;
    use crate::report::Samples;

    /// The contrast of two colours by WCAG 2.2, 1.4.3: 1 to 21.
    fn contrast(one: RGBColor, other: RGBColor) -> f64 {
        let light = |RGBColor(red, green, blue): RGBColor| {
            let [red, green, blue] = [red, green, blue].map(|part| {
                let part = f64::from(part) / 255.0;
                if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
            });
            0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05
        };
        let (one, other) = (light(one), light(other));
        one.max(other) / one.min(other)
    }

    #[test]
    fn every_colour_reads_on_a_light_page_and_on_a_dark_one() {
        for page in [RGBColor(0xff, 0xff, 0xff), RGBColor(0x0d, 0x11, 0x17)] {
            // 3 : 1 is asked of graphics and of large text.
            for colour in [TEXT, GRID, AHEAD, BEHIND, LEVEL] {
                let contrast = contrast(colour, page);
                assert!(contrast >= 3.5, "{colour:?} on {page:?}: {contrast:.2}");
            }
        }
    }

    #[test]
    fn every_row_has_a_bar_of_its_colour_and_its_figure() {
        let svg = chart(&[invented()]).unwrap();
        for label in
            ["ahead", "behind", "level", "no floor", "An invention", "0.50", "1.50", "1.00"]
        {
            assert!(svg.contains(&format!("\n{label}\n")), "{label}: {svg}");
        }
        let filled = |colour: RGBColor| {
            let RGBColor(red, green, blue) = colour;
            svg.matches(&format!("fill=\"#{red:02X}{green:02X}{blue:02X}\" stroke=\"none\""))
                .count()
        };
        // A text is filled, too, but not with a bar's colour. One more of each is in the legend.
        assert_eq!([AHEAD, BEHIND, LEVEL].map(filled), [3, 2, 2], "{svg}");
    }

    #[test]
    fn of_phases_with_a_sum_only_the_sum_is_drawn() {
        let mut table = invented().table;
        for row in ["set, 10 waiters", "sum, 10 waiters", "set, twice"] {
            let like = &table.rows[0];
            let (about, by_column) = (like.about.clone(), like.by_column.clone());
            table.rows.push(Samples { row: row.into(), about, batch: like.batch, by_column });
        }
        let labels: Vec<_> = bars(&table).into_iter().map(|bar| bar.label).collect();
        assert_eq!(
            labels,
            ["ahead", "behind", "level", "no floor", "sum, 10 waiters", "set, twice"]
        );
    }

    #[test]
    fn scale_is_even_around_one_and_ends_at_its_edges() {
        assert_eq!(place(1.0), (LEFT + RIGHT) / 2);
        assert_eq!(place(0.5) - LEFT, RIGHT - place(2.0));
        assert_eq!((place(0.001), place(1_000.0)), (LEFT, RIGHT));
    }
}
