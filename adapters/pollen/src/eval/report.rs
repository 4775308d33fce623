//! A run as a page that stands alone: figures, a reliability diagram, and what went wrong.

use super::explained::Explained;
use super::metrics::{Scored, Scores};
use std::fmt::Write;

/// Bars of the diagram: each a tenth of all confidence.
const BARS: usize = 10;

/// Wrong answers that are listed: more is for `--explain`.
const LISTED_MAX: usize = 200;

/// One voice's figures.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub(crate) struct VoiceScore {
    /// Its name.
    pub(crate) voice: &'static str,
    /// How many questions could be said so.
    pub(crate) questions: usize,
    /// Share of those whose right one stands first.
    pub(crate) top1: Option<f64>,
    /// Share of those whose right one stands among the first three.
    pub(crate) recall3: Option<f64>,
}

/// The questions of one tenth of confidence.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Bar {
    questions: usize,
    right: usize,
    confidence: f64,
}

/// The page.
pub(crate) fn page(
    scores: &Scores,
    scored: &[Scored],
    asked: &[Explained],
    voices: &[VoiceScore],
) -> String {
    let mut html = String::from(HEAD);
    let _ = write!(
        html,
        "<h1>pollen eval</h1>\n<p>{} questions: {} in scope, {} out of scope.</p>\n<table>\n",
        scores.questions, scores.in_scope, scores.out_of_scope
    );
    for (name, value) in [
        ("the right one first (top1)", scores.top1),
        ("among the first three (recall3)", scores.recall3),
        ("among the first five (recall5)", scores.recall5),
        ("mean reciprocal rank (mrr)", scores.mrr),
        ("in scope told from out of scope (auroc)", scores.auroc),
        ("answered with 95 % right (coverage_at_p95)", scores.coverage_at_p95),
    ] {
        let _ = writeln!(html, "<tr><td>{name}</td><td>{}</td></tr>", share(value));
    }
    let (answered, choices, escalated) = (scores.answered, scores.choices, scores.escalated);
    let _ = write!(
        html,
        "</table>\n<h2>At the library’s thresholds</h2>\n<table>\n\
         <tr><th></th><th>right</th><th>wrong</th><th>out of scope</th></tr>\n\
         <tr><td>answered</td><td>{}</td><td>{}</td><td>{}</td></tr>\n\
         <tr><td>choices</td><td>{}</td><td>{}</td><td>{}</td></tr>\n\
         <tr><td>escalated</td><td></td><td>{}</td><td>{}</td></tr>\n</table>\n",
        answered.right,
        answered.wrong,
        answered.out_of_scope,
        choices.with_right,
        choices.without,
        choices.out_of_scope,
        escalated.in_scope,
        escalated.out_of_scope
    );
    html.push_str("<h2>How far its sureness can be trusted</h2>\n");
    html.push_str(
        "<p>Of the questions of which it was so sure, so many came out right. On the line, a confidence is a \
         probability.</p>\n",
    );
    diagram(&mut html, &bars(scored));
    if !voices.is_empty() {
        html.push_str("<h2>Ways of asking</h2>\n<table>\n<tr><th></th><th>questions</th><th>top1</th><th>recall3</th></tr>\n");
        for voice in voices {
            let _ = writeln!(
                html,
                "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                voice.voice,
                voice.questions,
                share(voice.top1),
                share(voice.recall3)
            );
        }
        html.push_str("</table>\n");
    }
    let wrong: Vec<&Explained> = asked.iter().filter(|one| !one.right).collect();
    let _ = writeln!(html, "<h2>Not as it should be: {}</h2>\n<ol>", wrong.len());
    for one in wrong.iter().take(LISTED_MAX) {
        let _ = writeln!(html, "<li>{}</li>", escaped(&one.line()));
    }
    html.push_str("</ol>\n");
    if wrong.len() > LISTED_MAX {
        let _ = writeln!(html, "<p>… and {} more</p>", wrong.len() - LISTED_MAX);
    }
    html.push_str("</body>\n</html>\n");
    html
}

const HEAD: &str = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>pollen eval</title>\n\
<style>\nbody { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff }\n\
table { border-collapse: collapse } td, th { padding: .2rem .8rem; border-bottom: 1px solid #ccc; text-align: left }\n\
td + td, th + th { text-align: right } svg { max-width: 100%; height: auto }\n</style>\n</head>\n<body>\n";

/// Puts each question into its tenth.
fn bars(scored: &[Scored]) -> [Bar; BARS] {
    let mut bars = [Bar::default(); BARS];
    for one in scored {
        let confidence = f64::from(one.confidence.clamp(0.0, 1.0));
        let at = ((confidence * BARS as f64) as usize).min(BARS - 1);
        bars[at].questions += 1;
        bars[at].right += usize::from(one.in_scope && one.rank == Some(1));
        bars[at].confidence += confidence;
    }
    bars
}

/// How far confidence and share of right ones are apart on average, by questions (expected
/// calibration error). `None` without a question.
fn gap(bars: &[Bar]) -> Option<f64> {
    let all: usize = bars.iter().map(|bar| bar.questions).sum();
    let apart = bars.iter().map(|bar| (bar.confidence - bar.right as f64).abs());
    (all > 0).then(|| apart.sum::<f64>() / all as f64)
}

/// Confidence to the right, share of right ones upwards, one point a tenth, its number of
/// questions beside it.
fn diagram(html: &mut String, bars: &[Bar]) {
    const SIDE: f64 = 400.0;
    const EDGE: f64 = 50.0;
    let x = |share: f64| EDGE + share * SIDE;
    let y = |share: f64| EDGE + (1.0 - share) * SIDE;
    let whole = SIDE + 2.0 * EDGE;
    let _ = writeln!(
        html,
        "<svg viewBox=\"0 0 {whole} {whole}\" width=\"{whole}\" role=\"img\" aria-label=\"Reliability diagram\" \
         font-size=\"12\" fill=\"#222\">"
    );
    let _ = writeln!(
        html,
        "<rect x=\"{}\" y=\"{}\" width=\"{SIDE}\" height=\"{SIDE}\" fill=\"none\" stroke=\"#999\"/>\
         <line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" stroke=\"#999\" stroke-dasharray=\"4 4\"/>",
        x(0.0),
        y(1.0),
        x(0.0),
        y(0.0),
        x(1.0),
        y(1.0)
    );
    for tenth in [0.0, 0.2, 0.4, 0.6, 0.8, 1.0] {
        let _ = writeln!(
            html,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{tenth:.1}</text>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{tenth:.1}</text>",
            x(tenth),
            y(0.0) + 18.0,
            x(0.0) - 6.0,
            y(tenth) + 4.0
        );
    }
    let points: Vec<(f64, f64, usize)> = bars
        .iter()
        .filter(|bar| bar.questions > 0)
        .map(|bar| {
            let all = bar.questions as f64;
            (x(bar.confidence / all), y(bar.right as f64 / all), bar.questions)
        })
        .collect();
    let line: Vec<String> = points.iter().map(|(x, y, _)| format!("{x:.1},{y:.1}")).collect();
    let _ = writeln!(
        html,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"#1a5fb4\" stroke-width=\"2\"/>",
        line.join(" ")
    );
    for (x, y, questions) in points {
        let _ = writeln!(
            html,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"#1a5fb4\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\">{questions}</text>",
            x + 7.0,
            y + 14.0
        );
    }
    let _ = writeln!(
        html,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">confidence</text>\
         <text x=\"14\" y=\"{:.1}\" text-anchor=\"middle\" transform=\"rotate(-90 14 {:.1})\">share of right ones</text>\n</svg>",
        x(0.5),
        y(0.0) + 38.0,
        y(0.5),
        y(0.5)
    );
    if let Some(gap) = gap(bars) {
        let _ = writeln!(html, "<p>Expected calibration error: {gap:.3}.</p>");
    }
}

fn share(value: Option<f64>) -> String {
    value.map_or("–".to_owned(), |value| format!("{value:.3}"))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::{bars, gap, page};
    use crate::eval::explained::Explained;
    use crate::eval::metrics::{Scored, Scores, Told};

    fn scored(confidence: f32, right: bool) -> Scored {
        let told = Told::Answer { right };
        Scored { in_scope: true, rank: right.then_some(1), confidence, told, took_us: 0 }
    }

    #[test]
    fn questions_stand_in_the_tenth_of_their_confidence() {
        let all = [scored(0.0, false), scored(0.95, true), scored(1.0, true), scored(0.92, false)];
        let bars = bars(&all);
        assert_eq!((bars[0].questions, bars[9].questions, bars[9].right), (1, 3, 2));
        let gap = gap(&bars).unwrap();
        assert!((gap - 0.87 / 4.0).abs() < 1e-6, "{gap}");
        assert_eq!(super::gap(&super::bars(&[])), None);
    }

    #[test]
    fn a_page_stands_alone_and_takes_no_question_for_markup() {
        let asked = Explained {
            text: "<script>alert(1)</script>".to_owned(),
            expected: None,
            rank: None,
            outcome: "answer".to_owned(),
            right: false,
            first: Vec::new(),
            expected_signals: None,
        };
        let page = page(&Scores::default(), &[scored(0.5, true)], &[asked], &[]);
        assert!(page.contains("<svg") && page.contains("&lt;script&gt;"), "{page}");
        assert!(!page.contains("<script") && !page.contains("http"), "nothing is fetched");
    }
}
