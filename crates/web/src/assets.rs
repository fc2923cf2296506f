//! Style sheet, scripts and mark, kept in the binary and served under a name that changes with their content.
//!
//! All files share one folder name made from the content of all of them, so that a script can import its neighbour by
//! a relative name and a browser may keep each file for good.
//!
//! Invariant: nothing here comes from outside the repository.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};

use crate::fault::Fault;

struct Asset {
    name: &'static str,
    media_type: &'static str,
    content: &'static str,
}

const ASSETS: [Asset; 7] = [
    Asset {
        name: "tokens.css",
        media_type: "text/css; charset=utf-8",
        content: include_str!("../assets/tokens.css"),
    },
    Asset {
        name: "clerestory.css",
        media_type: "text/css; charset=utf-8",
        content: include_str!("../assets/clerestory.css"),
    },
    Asset {
        name: "print.css",
        media_type: "text/css; charset=utf-8",
        content: include_str!("../assets/print.css"),
    },
    Asset {
        name: "main.js",
        media_type: "text/javascript; charset=utf-8",
        content: include_str!("../assets/main.js"),
    },
    Asset {
        name: "clocks.js",
        media_type: "text/javascript; charset=utf-8",
        content: include_str!("../assets/clocks.js"),
    },
    Asset {
        name: "forms.js",
        media_type: "text/javascript; charset=utf-8",
        content: include_str!("../assets/forms.js"),
    },
    Asset {
        name: "mark.svg",
        media_type: "image/svg+xml",
        content: include_str!("../assets/mark.svg"),
    },
];

/// A name made from the content (FNV-1a, 64 bits): it only has to change when a file changes; nothing trusts it.
static FOLDER: LazyLock<String> = LazyLock::new(|| {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in ASSETS
        .iter()
        .flat_map(|asset| asset.name.bytes().chain(asset.content.bytes()))
    {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    format!("/assets/{hash:016x}")
});

/// The folder under which pages name the assets, for example `/assets/0123456789abcdef`.
pub(crate) fn folder() -> &'static str {
    &FOLDER
}

/// `GET /assets/{folder}/{name}`: kept by browsers for a year; an old folder is not found.
pub(crate) async fn show(
    path: Result<Path<(String, String)>, axum::extract::rejection::PathRejection>,
) -> Response {
    let Ok(Path((wanted, name))) = path else {
        return Fault::NotFound.into_response();
    };
    let known = folder().ends_with(&format!("/{wanted}"));
    match ASSETS.iter().find(|asset| known && asset.name == name) {
        Some(asset) => {
            let mut response = asset.content.into_response();
            let headers = response.headers_mut();
            headers.insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static(asset.media_type),
            );
            headers.insert(
                header::CACHE_CONTROL,
                HeaderValue::from_static("public, max-age=31536000, immutable"),
            );
            response
        }
        None => Fault::NotFound.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_stay_within_trusted_types_and_the_content_policy() {
        for asset in &ASSETS {
            for banned in [
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "document.write",
                "eval(",
                "new Function",
                "localStorage",
                "sessionStorage",
                "http://",
                "https://",
                "@import",
                "url(",
            ] {
                let found = asset.content.contains(banned)
                    && !(asset.name == "mark.svg" && banned == "http://");
                assert!(!found, "{} holds {banned}", asset.name);
            }
        }
    }

    #[test]
    fn a_phone_keeps_no_hover_on_what_was_tapped() {
        for asset in ASSETS.iter().filter(|asset| asset.name.ends_with(".css")) {
            let mut in_hover = false;
            for line in asset.content.lines() {
                if line == "@media (hover: hover) {" {
                    in_hover = true;
                } else if line == "}" {
                    in_hover = false;
                }
                assert!(
                    in_hover || !line.contains(":hover ") && !line.contains(":hover,"),
                    "{line}"
                );
            }
        }
    }

    #[test]
    fn the_folder_is_a_name_of_sixteen_digits() {
        assert_eq!(folder().len(), "/assets/".len() + 16);
    }
}
