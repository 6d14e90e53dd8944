//! Curves as SVG: both axes logarithmic, one line and one colour per series, readable on a light and on a dark page.

use std::fmt::Write as _;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 360.0;
/// Room for the labels, left and below; the same again is left free above and to the right.
const MARGIN: f64 = 56.0;
const COLOURS: [&str; 4] = ["#2f81f7", "#d29922", "#3fb950", "#f85149"];

/// A named line.
#[derive(Debug)]
pub(super) struct Series {
    pub(super) name: &'static str,
    pub(super) points: Vec<(f64, f64)>,
}

/// One axis: powers of ten around everything that has to be on it.
struct Axis {
    low: i32,
    high: i32,
}

impl Axis {
    fn around(values: impl Iterator<Item = f64> + Clone) -> Self {
        let low = values.clone().fold(f64::INFINITY, f64::min).log10().floor() as i32;
        let high = values.fold(f64::NEG_INFINITY, f64::max).log10().ceil() as i32;
        Self { low, high: high.max(low + 1) }
    }

    /// Where a value is, from 0 to 1.
    fn place(&self, value: f64) -> f64 {
        (value.log10() - f64::from(self.low)) / f64::from(self.high - self.low)
    }

    fn ticks(&self) -> impl Iterator<Item = f64> {
        (self.low..=self.high).map(|power| 10_f64.powi(power))
    }
}

/// Draws the series. Values of zero have no place on a logarithmic axis and are left out.
pub(super) fn svg(title: &str, x_label: &str, y_label: &str, series: &[Series]) -> String {
    let shown = || series.iter().flat_map(|series| &series.points).filter(|(x, y)| *x > 0.0 && *y > 0.0);
    let (across, up) =
        (Axis::around(shown().map(|point| point.0)), Axis::around(shown().map(|point| point.1)));
    let x = |value: f64| MARGIN + across.place(value) * (WIDTH - 2.0 * MARGIN);
    let y = |value: f64| HEIGHT - MARGIN - up.place(value) * (HEIGHT - 2.0 * MARGIN);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         font-family=\"system-ui, sans-serif\" font-size=\"12\" fill=\"#768390\">\n<title>{title}</title>\n\
         <text x=\"{MARGIN}\" y=\"24\" font-size=\"15\" font-weight=\"600\">{title}</text>\n"
    );
    // Writing to a string cannot fail.
    for tick in across.ticks() {
        let _ = writeln!(
            text,
            "<path d=\"M{0:.1} {MARGIN}V{1:.1}\" stroke=\"#76839040\"/><text x=\"{0:.1}\" y=\"{2:.1}\" \
             text-anchor=\"middle\">{tick}</text>",
            x(tick),
            HEIGHT - MARGIN,
            HEIGHT - MARGIN + 18.0,
        );
    }
    for tick in up.ticks() {
        let _ = writeln!(
            text,
            "<path d=\"M{MARGIN} {0:.1}H{1:.1}\" stroke=\"#76839040\"/><text x=\"{2:.1}\" y=\"{3:.1}\" \
             text-anchor=\"end\">{tick}</text>",
            y(tick),
            WIDTH - MARGIN,
            MARGIN - 6.0,
            y(tick) + 4.0,
        );
    }
    let _ = writeln!(
        text,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{x_label}</text>\
         <text x=\"{MARGIN}\" y=\"{:.1}\">{y_label}</text>",
        WIDTH / 2.0,
        HEIGHT - MARGIN + 38.0,
        MARGIN - 10.0,
    );
    for (index, series) in series.iter().enumerate() {
        let colour = COLOURS[index % COLOURS.len()];
        let mut line = String::new();
        for (number, (across, up)) in series.points.iter().filter(|(x, y)| *x > 0.0 && *y > 0.0).enumerate() {
            let command = if number == 0 { 'M' } else { 'L' };
            let _ = write!(line, "{command}{:.1} {:.1}", x(*across), y(*up));
            let _ = writeln!(
                text,
                "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\" fill=\"{colour}\"/>",
                x(*across),
                y(*up)
            );
        }
        let _ = writeln!(
            text,
            "<path d=\"{line}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" fill=\"{colour}\" text-anchor=\"end\">{}</text>",
            WIDTH - MARGIN,
            MARGIN + 16.0 * index as f64 - 4.0,
            series.name,
        );
    }
    text.push_str("</svg>\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_point_of_every_series_is_drawn_within_the_picture() {
        let series = [
            Series { name: "calls", points: vec![(1.0, 3.0), (1_000.0, 20_000.0)] },
            Series { name: "seconds", points: vec![(1.0, 0.4), (10.0, 0.0)] },
        ];
        let picture = svg("a title", "endpoints", "number", &series);
        assert_eq!(picture.matches("<circle").count(), 3, "a zero has no place");
        let numbers = picture.split("cx=\"").skip(1).map(|part| part.split('"').next().unwrap());
        for number in numbers.map(|number| number.parse::<f64>().unwrap()) {
            assert!((MARGIN..=WIDTH - MARGIN).contains(&number), "{number}");
        }
    }
}
