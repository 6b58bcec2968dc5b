//! Texts of the document as HTML.

/// A text in which nothing means anything to a browser.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Paragraphs of a description, with the two marks of Markdown that it uses.
pub fn paragraphs(text: &str) -> String {
    text.split("\n\n").map(paragraph).collect()
}

fn paragraph(text: &str) -> String {
    format!("<p>{}</p>\n", line(text))
}

/// The same of a single line.
pub fn line(text: &str) -> String {
    let text = escape(text.trim());
    marked(&marked(&text, "**", "strong"), "`", "code")
}

/// The even parts stand outside of the marks, the odd ones between them.
fn marked(text: &str, mark: &str, element: &str) -> String {
    let parts = text.split(mark).enumerate();
    parts.map(|(n, part)| if n % 2 == 0 { part.to_owned() } else { format!("<{element}>{part}</{element}>") }).collect()
}
