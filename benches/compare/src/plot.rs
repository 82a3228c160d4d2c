//! Plots as SVG, written by hand: bars of throughput, and lines of growth. They carry their own colours, readable on a light
//! and on a dark page, and no script.

use crate::{
    contestant::{self, Contestant},
    growth::Place,
    measure::Sample,
    report::ratio,
    workload,
};
use std::{fmt::Write as _, fs, path::Path};

const COLOURS: [&str; 7] = ["#2a6f6b", "#c0504d", "#8d9bb0", "#d9902f", "#6a8f3c", "#7b68a6", "#555f6b"];
const WIDTH: u32 = 900;

fn colour(who: Contestant) -> &'static str {
    let at = contestant::ALL.iter().position(|one| *one == who).unwrap_or(0);
    COLOURS[at % COLOURS.len()]
}

pub fn save(file: &Path, height: u32, inside: &str) -> Result<(), String> {
    let folder = file.parent().ok_or("a plot without a folder")?;
    fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#ffffff\"/>\n{inside}</svg>\n"
    );
    fs::write(file, text).map_err(|e| format!("{}: {e}", file.display()))
}

/// Each contestant's throughput for one of the façade's, at 32 connections.
pub fn throughput(file: &Path, all: &[Sample]) -> Result<(), String> {
    let mut inside = String::from(
        "<text x=\"20\" y=\"24\" font-size=\"15\" font-weight=\"bold\">Requests a second at 32 connections; portico is 1</text>\n",
    );
    let (left, scale, longest) = (20.0, 170.0, f64::from(WIDTH) - 250.0);
    let mut y = 48;
    for one in workload::ALL {
        let mut bars = vec![(Contestant::Portico, 1.0)];
        for who in one.others {
            if let Some((median, ..)) = ratio(all, (one.key, 32), *who, |s| s.rate) {
                bars.push((*who, 1.0 / median));
            }
        }
        if bars.len() < 2 {
            continue;
        }
        let _ = writeln!(
            inside,
            "<text x=\"20\" y=\"{}\" font-weight=\"bold\">({}) {}</text>",
            y + 11,
            one.key,
            one.what
        );
        y += 20;
        for (who, value) in bars {
            let long = (value * scale).min(longest);
            let cut = if value * scale > longest { " (its bar is cut)" } else { "" };
            let _ = writeln!(
                inside,
                "<rect x=\"{left}\" y=\"{y}\" width=\"{long:.0}\" height=\"14\" fill=\"{}\"/>\
                 <text x=\"{:.0}\" y=\"{}\">{value:.2} {}{cut}</text>",
                colour(who),
                left + long + 6.0,
                y + 11,
                who.name()
            );
            y += 18;
        }
        y += 10;
    }
    save(file, y + 10, &inside)
}

/// Each line in a field of its own, against its size on a logarithmic scale; all begin at nothing.
pub fn growth(file: &Path, lines: &[&str], places: &[Place]) -> Result<(), String> {
    let mut inside = String::new();
    let (wide, high) = (270.0, 130.0);
    let mut field: u32 = 0;
    for line in lines {
        let some: Vec<&Place> = places.iter().filter(|place| place.line == *line).collect();
        if some.len() < 2 {
            continue;
        }
        let (left, top) = (20.0 + f64::from(field % 3) * 295.0, 40.0 + f64::from(field / 3) * 200.0);
        field += 1;
        let most = some.iter().map(|p| p.value).fold(f64::MIN_POSITIVE, f64::max) * 1.15;
        let least = some.first().map_or(1.0, |p| p.size.max(1.0)).ln();
        let span = (some.last().map_or(1.0, |p| p.size).ln() - least).max(0.1);
        let unit = some.first().map_or("", |place| &place.unit);
        let _ = writeln!(
            inside,
            "<text x=\"{left}\" y=\"{}\" font-weight=\"bold\">{line}</text>\
             <text x=\"{left}\" y=\"{}\" fill=\"#555f6b\">{unit}</text>\
             <rect x=\"{left}\" y=\"{top}\" width=\"{wide}\" height=\"{high}\" fill=\"none\" stroke=\"#c8cdd3\"/>",
            top - 22.0,
            top - 7.0
        );
        let mut points = String::new();
        for place in some {
            let x = left + 22.0 + (place.size.max(1.0).ln() - least) / span * (wide - 46.0);
            let y = top + high - place.value / most * high;
            let _ = write!(points, "{x:.1},{y:.1} ");
            let _ = writeln!(
                inside,
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"#2a6f6b\"/>\
                 <text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\" font-size=\"10\">{}</text>\
                 <text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\" font-size=\"10\" fill=\"#555f6b\">{:.2}</text>",
                top + high + 13.0,
                place.size,
                y - 6.0,
                place.value
            );
        }
        let _ = writeln!(
            inside,
            "<polyline points=\"{points}\" fill=\"none\" stroke=\"#2a6f6b\" stroke-width=\"1.5\"/>"
        );
    }
    save(file, 60 + field.div_ceil(3) * 200, &inside)
}
