//! The pictures of the documentation: the path of the traffic and the life of an endpoint, as SVG. Each is a few boxes
//! in frames and the arrows between them; what they say is here, how they look is in [`Drawing`].

use std::fmt::Write as _;
use std::path::PathBuf;

/// The pictures by their path from the workspace.
pub(super) fn all() -> [(PathBuf, String); 2] {
    [("docs/pictures/path.svg".into(), path()), ("docs/pictures/life.svg".into(), life())]
}

/// Where the packets go, and who says where.
fn path() -> String {
    let mut drawing = Drawing::new("The path of the traffic", 880.0, 250.0);
    drawing.frame(Area { x: 16.0, y: 44.0, width: 452.0, height: 190.0 }, "your VPC");
    drawing.frame(Area { x: 600.0, y: 44.0, width: 264.0, height: 190.0 }, "TiDB Cloud");
    let application = drawing.node(32.0, 84.0, 150.0, &["application", "connects to host:port"]);
    let endpoint = drawing.node(282.0, 84.0, 170.0, &["private endpoint", "an address in each subnet"]);
    let dns = drawing.node(32.0, 172.0, 150.0, &["private DNS", "host is the endpoint"]);
    let group = drawing.node(282.0, 172.0, 170.0, &["security group", "lets the port in"]);
    let service = drawing.node(616.0, 84.0, 232.0, &["endpoint service", "accepts registered endpoints"]);
    let cluster = drawing.node(616.0, 172.0, 232.0, &["cluster", "no public address needed"]);
    drawing.arrow(application, endpoint, "TCP 4000");
    drawing.arrow(endpoint, service, "PrivateLink");
    drawing.arrow(service, cluster, "");
    drawing.arrow(application, dns, "");
    drawing.arrow(group, endpoint, "");
    drawing.finish()
}

/// What `status` says from the create to the destroy.
fn life() -> String {
    let mut drawing = Drawing::new("The life of an endpoint", 880.0, 250.0);
    let pending = drawing.node(32.0, 60.0, 170.0, &["pending", "made, registered, waited for"]);
    let active = drawing.node(346.0, 60.0, 170.0, &["active", "both sides and private DNS"]);
    let deleting = drawing.node(660.0, 60.0, 180.0, &["deleting", "until its interfaces are gone"]);
    let broken = drawing.node(189.0, 180.0, 170.0, &["failed, rejected, expired", "status_reason says why"]);
    drawing.arrow(pending, active, "accepted");
    drawing.arrow(active, deleting, "destroy");
    drawing.arrow(pending, broken, "");
    drawing.arrow(active, broken, "cut off");
    drawing.arrow_below(broken, pending, "next apply repairs");
    drawing.arrow(broken, deleting, "destroy");
    drawing.finish()
}

/// Where a box is.
#[derive(Clone, Copy, Debug)]
struct Area {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

impl Area {
    fn middle(&self) -> (f64, f64) {
        (self.x + self.width / 2.0, self.y + self.height / 2.0)
    }

    /// Where the line from the middle towards `(x, y)` leaves the box.
    fn edge_towards(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let (across, up) = self.middle();
        let (dx, dy) = (x - across, y - up);
        let reach =
            |distance: f64, half: f64| if distance == 0.0 { f64::INFINITY } else { half / distance.abs() };
        let part = reach(dx, self.width / 2.0).min(reach(dy, self.height / 2.0));
        (across + dx * part, up + dy * part)
    }
}

/// The height of a box with two lines.
const NODE_HEIGHT: f64 = 50.0;
/// Greys and a blue that can be read on a light and on a dark page.
const GREY: &str = "#768390";
const BLUE: &str = "#2f81f7";

/// A picture while it is drawn.
struct Drawing {
    text: String,
}

// Writing to a string cannot fail.
impl Drawing {
    fn new(title: &str, width: f64, height: f64) -> Self {
        let text = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
             font-family=\"system-ui, sans-serif\" font-size=\"12\" fill=\"{GREY}\">\n<title>{title}</title>\n\
             <defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" \
             orient=\"auto\"><path d=\"M0 0L8 4L0 8z\"/></marker></defs>\n\
             <text x=\"16\" y=\"24\" font-size=\"15\" font-weight=\"600\">{title}</text>\n"
        );
        Self { text }
    }

    fn frame(&mut self, area: Area, name: &str) {
        self.rectangle(area, GREY, " stroke-dasharray=\"4 4\"");
        let _ = writeln!(self.text, "<text x=\"{}\" y=\"{}\">{name}</text>", area.x + 16.0, area.y + 22.0);
    }

    /// A box with a name and a line about it.
    fn node(&mut self, x: f64, y: f64, width: f64, lines: &[&str; 2]) -> Area {
        let area = Area { x, y, width, height: NODE_HEIGHT };
        self.rectangle(area, BLUE, "");
        let (middle, _) = area.middle();
        let [name, about] = lines;
        let _ = writeln!(
            self.text,
            "<text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\" font-weight=\"600\" fill=\"{BLUE}\">{name}</text>\
             <text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\" font-size=\"11\">{about}</text>",
            y + 21.0,
            y + 38.0,
        );
        area
    }

    fn rectangle(&mut self, Area { x, y, width, height }: Area, colour: &str, more: &str) {
        let _ = writeln!(
            self.text,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"6\" fill=\"none\" \
             stroke=\"{colour}\"{more}/>"
        );
    }

    /// A straight arrow with a word above its middle.
    fn arrow(&mut self, from: Area, to: Area, word: &str) {
        self.line(from.edge_towards(to.middle()), to.edge_towards(from.middle()), word);
    }

    /// An arrow back to where another one came from: from the left side of one box up into the bottom of the other.
    fn arrow_below(&mut self, from: Area, to: Area, word: &str) {
        let begin = (from.x, from.middle().1);
        let end = (to.x + 40.0, to.y + to.height);
        let _ = writeln!(
            self.text,
            "<path d=\"M{:.1} {:.1}H{:.1}V{:.1}\" fill=\"none\" stroke=\"{GREY}\" marker-end=\"url(#tip)\"/>",
            begin.0, begin.1, end.0, end.1
        );
        let _ =
            writeln!(self.text, "<text x=\"{:.1}\" y=\"{:.1}\">{word}</text>", end.0 + 4.0, begin.1 - 8.0);
    }

    fn line(&mut self, begin: (f64, f64), end: (f64, f64), word: &str) {
        let _ = writeln!(
            self.text,
            "<path d=\"M{:.1} {:.1}L{:.1} {:.1}\" stroke=\"{GREY}\" marker-end=\"url(#tip)\"/>",
            begin.0, begin.1, end.0, end.1
        );
        if !word.is_empty() {
            let middle = (f64::midpoint(begin.0, end.0), f64::midpoint(begin.1, end.1) - 7.0);
            let _ = writeln!(
                self.text,
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{word}</text>",
                middle.0, middle.1
            );
        }
    }

    fn finish(mut self) -> String {
        self.text.push_str("</svg>\n");
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arrow_begins_and_ends_at_the_edges_of_its_boxes() {
        let area = Area { x: 10.0, y: 10.0, width: 100.0, height: 50.0 };
        assert_eq!(area.edge_towards((300.0, 35.0)), (110.0, 35.0));
        assert_eq!(area.edge_towards((60.0, 300.0)), (60.0, 60.0));
        assert_eq!(area.edge_towards((160.0, 85.0)), (110.0, 60.0));
    }

    #[test]
    fn the_life_knows_every_status_of_the_documentation() {
        let page = include_str!("../../../docs/resources/private_endpoint.md");
        let line = page.lines().find(|line| line.contains("`status` (String)")).expect("the attribute");
        let life = life();
        let states = line.split('`').skip(3).step_by(2).filter(|word| !word.contains('_'));
        let mut count = 0;
        for state in states {
            assert!(life.contains(state), "{state} is not in the picture");
            count += 1;
        }
        assert!(count >= 6, "{line}");
    }
}
