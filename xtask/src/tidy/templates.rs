//! Rules over what a browser gets: it escapes everything, and nothing of anybody else's runs in it.

use crate::finding::Finding;
use crate::rust_text::line_of;
use crate::tree::{TextFile, Tree};

/// Where pages, styles and scripts for browsers lie.
const FOLDER: &str = "crates/web/";

/// Names that stand in XML for what a picture is: never fetched.
const NAMESPACES: &[&str] = &["http://www.w3.org/2000/svg", "http://www.w3.org/1999/xhtml"];

fn browser_files(tree: &Tree) -> impl Iterator<Item = &TextFile> {
    let served = |file: &&TextFile| {
        matches!(
            file.extension(),
            "html" | "svg" | "css" | "js" | "mjs" | "webmanifest"
        )
    };
    tree.files()
        .filter(|file| file.path.starts_with(FOLDER))
        .filter(served)
}

fn is_template(file: &TextFile) -> bool {
    matches!(file.extension(), "html" | "svg")
}

/// No filter or block that switches escaping off, no script or style that the content policy would refuse.
pub(super) fn escaping(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in browser_files(tree).filter(|file| is_template(file)) {
        for (index, line) in file.text.lines().enumerate() {
            let squeezed: String = line
                .chars()
                .filter(|character| !character.is_whitespace())
                .collect();
            for (needle, message) in [
                (
                    "|safe",
                    "safe switches escaping off: patients write what is rendered here",
                ),
                ("|escape(\"none\")", "escaping is never switched off"),
                ("{%autoescape", "escaping is never switched off"),
            ] {
                if squeezed.contains(needle) {
                    findings.push(Finding::at(&file.path, index + 1, message));
                }
            }
            if let Some(message) = inline_code(line) {
                findings.push(Finding::at(&file.path, index + 1, message));
            }
        }
    }
    findings
}

/// Inline handlers, styles and scripts need a content policy that lets injected ones through too.
fn inline_code(line: &str) -> Option<&'static str> {
    let lower = line.to_ascii_lowercase();
    let attribute = |name: &str| {
        let found = lower
            .split_whitespace()
            .skip(usize::from(!lower.starts_with(' ')));
        found
            .filter_map(|word| word.split_once('='))
            .any(|(key, _)| key == name)
    };
    let handler = lower
        .split_whitespace()
        .filter_map(|word| word.split_once('='))
        .any(|(key, value)| {
            key.len() > 4
                && key.starts_with("on")
                && key.bytes().all(|byte| byte.is_ascii_lowercase())
                && value.starts_with('"')
        });
    if handler {
        return Some("no inline handlers: the content policy refuses them");
    }
    if attribute("style") {
        return Some("no style attribute: the content policy refuses it; use a class");
    }
    let tag = lower
        .split_once("<script")
        .map(|(_, rest)| rest.split('>').next().unwrap_or(rest));
    tag.is_some_and(|tag| !tag.contains("src="))
        .then_some("no inline script: the content policy refuses it")
}

/// No page names another host, so that opening one tells nobody.
pub(super) fn foreign(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in browser_files(tree) {
        let text = NAMESPACES.iter().fold(file.text.clone(), |text, name| {
            text.replace(name, &" ".repeat(name.len()))
        });
        for scheme in ["http://", "https://", "src=\"//", "href=\"//", "url(//"] {
            for (at, _) in text.match_indices(scheme) {
                findings.push(Finding::at(
                    &file.path,
                    line_of(&text, at),
                    "a page names no other host",
                ));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> Tree {
        Tree::sample(&[("crates/web/templates/page.html", text)])
    }

    #[test]
    fn switched_off_escaping_is_found() {
        for bad in [
            "{{ name|safe }}",
            "{{ name | safe }}",
            "{% autoescape false %}",
            "{{ name|escape(\"none\") }}",
        ] {
            assert_eq!(escaping(&page(bad)).len(), 1, "{bad}");
        }
        assert_eq!(escaping(&page("<p>{{ name }} is safe</p>")), []);
    }

    #[test]
    fn inline_code_is_found() {
        for bad in [
            "<p onclick=\"x()\">",
            "<p class=\"a\" style=\"color:red\">",
            "<script>x()</script>",
        ] {
            assert_eq!(escaping(&page(bad)).len(), 1, "{bad}");
        }
        let good = "<script type=\"module\" src=\"/assets/a.js\"></script>\n<input name=\"onset\" value=\"1\">\n<section class=\"style\">";
        assert_eq!(escaping(&page(good)), []);
    }

    #[test]
    fn another_host_is_found() {
        for bad in [
            "<a href=\"https://example.org\">",
            "<img src=\"//example.org/a.png\">",
        ] {
            assert_eq!(foreign(&page(bad)).len(), 1, "{bad}");
        }
        let style = Tree::sample(&[(
            "crates/web/assets/a.css",
            "a { background: url(http://a.example/b) }",
        )]);
        assert_eq!(foreign(&style).len(), 1);
        assert_eq!(
            foreign(&page(
                "<svg xmlns=\"http://www.w3.org/2000/svg\"><a href=\"/floor\">"
            )),
            []
        );
    }
}
