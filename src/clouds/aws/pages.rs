//! Listings that come page by page. The SDK has paginators for some of EC2's listings and not for others; this serves
//! all of them, and every page is a call of its own that is repeated by itself.

/// The items of a listing so far, and the page that is due.
#[derive(Debug)]
pub(super) struct Pages<T> {
    items: Vec<T>,
    due: Option<Option<String>>,
}

impl<T> Pages<T> {
    /// Nothing read yet; the first page is due.
    pub(super) fn new() -> Self {
        Self { items: Vec::new(), due: Some(None) }
    }

    /// The token of the page to read now (none for the first); `None` when there is no more.
    pub(super) fn due(&mut self) -> Option<Option<String>> {
        self.due.take()
    }

    /// Takes a page in. EC2 ends some listings with an empty token.
    pub(super) fn add(&mut self, page: Option<Vec<T>>, next: Option<String>) {
        self.items.extend(page.into_iter().flatten());
        self.due = next.filter(|token| !token.is_empty()).map(Some);
    }

    /// Everything that was read.
    pub(super) fn into_items(self) -> Vec<T> {
        self.items
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_read_until_one_has_no_next() {
        for end in [None, Some(String::new())] {
            let mut pages = Pages::new();
            assert_eq!(pages.due(), Some(None));
            pages.add(Some(vec![1, 2]), Some("second".into()));
            assert_eq!(pages.due(), Some(Some("second".into())));
            pages.add(None, Some("third".into()));
            assert_eq!(pages.due(), Some(Some("third".into())));
            pages.add(Some(vec![3]), end);
            assert_eq!(pages.due(), None);
            assert_eq!(pages.into_items(), [1, 2, 3]);
        }
    }
}
