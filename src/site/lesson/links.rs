//! Where a link of a lesson leads, and how it is written for the reader.

use super::html::escape;
use super::sanitize::scheme;

/// The tags around the text of a link.
pub struct LinkTags {
    pub open: String,
    pub close: &'static str,
}

/// The tags of a Markdown link. Root-relative addresses (`/learn/…`) belong to the site that hosts
/// the lesson: they lead there when `base_url` is known and are plain text otherwise, because in a
/// page that is opened from a disk they would lead to the disk's root.
pub fn link(address: &str, title: &str, base_url: Option<&str>) -> LinkTags {
    let is_root_relative = address.starts_with('/') && !address.starts_with("//");
    let href = match (is_root_relative, base_url) {
        (true, None) => {
            let open =
                format!("<span class=\"elsewhere\" title=\"On the lesson's own site: {}\">", escape(address));
            return LinkTags { open, close: "</span>" };
        }
        (true, Some(base)) => format!("{}{address}", base.trim_end_matches('/')),
        (false, _) => address.to_owned(),
    };
    let title = if title.is_empty() { String::new() } else { format!(" title=\"{}\"", escape(title)) };
    let mark = if is_external(&href) { " class=\"external\" rel=\"noopener noreferrer\"" } else { "" };
    LinkTags { open: format!("<a href=\"{}\"{title}{mark}>", escape(&href)), close: "</a>" }
}

/// Whether an address leaves the page's own site.
fn is_external(address: &str) -> bool {
    address.starts_with("//") || matches!(scheme(address).as_deref(), Some("http" | "https"))
}

/// Whether the address of an image names a file next to the lesson.
pub fn is_local_file(address: &str) -> bool {
    scheme(address).is_none() && !address.starts_with(['/', '#', '\\']) && !address.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_relative_links_need_a_base() {
        let tags = link("/learn/a", "", None);
        assert_eq!(tags.open, "<span class=\"elsewhere\" title=\"On the lesson's own site: /learn/a\">");
        let tags = link("/learn/a", "", Some("https://example.org/"));
        assert_eq!(
            tags.open,
            "<a href=\"https://example.org/learn/a\" class=\"external\" rel=\"noopener noreferrer\">"
        );
        assert_eq!(link("#a", "T", None).open, "<a href=\"#a\" title=\"T\">");
        assert!(is_external("//example.org") && !is_external("a.html"));
    }
}
