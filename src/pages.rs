//! Listings that come page by page. What is not in a listing counts as gone, so only one that is certainly whole is taken:
//! pages that lead round in a circle, overlap, or fall short of the announced number are read anew from the first one,
//! because something may have come or gone meanwhile, and in the end refused.

use std::collections::HashSet;
use std::fmt;

/// How often a listing is read before it counts as one that cannot be read.
const READINGS: u32 = 3;

/// What one page brought.
#[derive(Debug)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    /// The token of the page after it; an empty one is none.
    pub(crate) next: Option<String>,
    /// How many items there are on all pages, where the service says that.
    pub(crate) total: Option<u64>,
}

/// The items of a listing so far, and the page that is due. Every page is a call of its own, repeated by itself.
#[derive(Debug)]
pub(crate) struct Pages<T> {
    /// What tells an item from all others; `None` for items that may well stand there twice.
    key: fn(&T) -> Option<&str>,
    readings: u32,
    due: Option<Option<String>>,
    items: Vec<T>,
    tokens: HashSet<String>,
    keys: HashSet<String>,
    total: Option<u64>,
}

/// Why the pages make no whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Disorder {
    /// A page leads back to one that came before.
    Circle,
    /// An item stands on two pages, so that another one may stand on none.
    Twice(String),
    /// Two pages announce different numbers of items.
    Changed(u64, u64),
    /// Fewer items came than were announced.
    Short { came: usize, announced: u64 },
}

impl fmt::Display for Disorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the pages of the answer make no whole, {READINGS} times over: ")?;
        match self {
            Self::Circle => f.write_str("the next one is one that came before, so they would never end"),
            Self::Twice(key) => write!(f, "{key} stands on two of them, so another item may be on none"),
            Self::Changed(one, other) => write!(f, "one announces {one} items in all and another {other}"),
            Self::Short { came, announced } => write!(f, "{came} items came of the {announced} announced"),
        }
    }
}

impl<T> Pages<T> {
    /// Nothing read yet; the first page is due. `key` tells an item from all others; it gives `None` for an item that
    /// may stand there twice.
    pub(crate) fn by(key: fn(&T) -> Option<&str>) -> Self {
        Self {
            key,
            readings: 1,
            due: Some(None),
            items: Vec::new(),
            tokens: HashSet::new(),
            keys: HashSet::new(),
            total: None,
        }
    }

    /// The token of the page to read now (none for the first); `None` when there is no more.
    pub(crate) fn due(&mut self) -> Option<Option<String>> {
        self.due.take()
    }

    /// How many items came so far.
    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    /// Takes a page in.
    ///
    /// # Errors
    /// What was wrong with the pages of the last reading, when all readings are used up.
    pub(crate) fn add(&mut self, page: Page<T>) -> Result<(), Disorder> {
        let Err(disorder) = self.take(page) else { return Ok(()) };
        if self.readings == READINGS {
            return Err(disorder);
        }
        tracing::debug!(reading = self.readings, %disorder, "reading a listing again from its first page");
        *self = Self { readings: self.readings + 1, ..Self::by(self.key) };
        Ok(())
    }

    fn take(&mut self, page: Page<T>) -> Result<(), Disorder> {
        // A count that a service leaves at 0 says nothing.
        let announced = page.total.filter(|total| *total > 0);
        match (self.total, announced) {
            (Some(before), Some(now)) if before != now => return Err(Disorder::Changed(before, now)),
            _ => self.total = self.total.or(announced),
        }
        for item in page.items {
            if let Some(key) = (self.key)(&item)
                && !self.keys.insert(key.to_owned())
            {
                return Err(Disorder::Twice(key.to_owned()));
            }
            self.items.push(item);
        }
        if let Some(next) = page.next.filter(|token| !token.is_empty()) {
            if !self.tokens.insert(next.clone()) {
                return Err(Disorder::Circle);
            }
            self.due = Some(Some(next));
            return Ok(());
        }
        match self.total {
            Some(announced) if u64::try_from(self.len()).is_ok_and(|came| came < announced) => {
                Err(Disorder::Short { came: self.len(), announced })
            }
            _ => Ok(()),
        }
    }

    /// Everything that was read.
    pub(crate) fn into_items(self) -> Vec<T> {
        self.items
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Items, the next page's token, the announced number.
    type Planted = (&'static [&'static str], &'static str, u64);

    /// Reads a listing whose calls are answered with `planted` in turn, the last one for ever; also counts the calls.
    fn read(planted: &[Planted]) -> (Result<Vec<&'static str>, Disorder>, usize) {
        let mut pages = Pages::by(|item: &&'static str| Some(*item).filter(|item| *item != "any"));
        let mut calls = 0;
        while pages.due().is_some() {
            let (items, next, total) = planted[calls.min(planted.len() - 1)];
            calls += 1;
            let page = Page { items: items.to_vec(), next: Some(next.to_owned()), total: Some(total) };
            if let Err(disorder) = pages.add(page) {
                return (Err(disorder), calls);
            }
        }
        (Ok(pages.into_items()), calls)
    }

    #[test]
    fn pages_are_read_until_one_has_no_next() {
        assert_eq!(
            read(&[(&["a"], "2", 0), (&[], "3", 0), (&["b", "c"], "", 0)]),
            (Ok(vec!["a", "b", "c"]), 3)
        );
        assert_eq!(read(&[(&[], "", 0)]), (Ok(vec![]), 1));
        assert_eq!(read(&[(&["any"], "2", 0), (&["any"], "", 0)]), (Ok(vec!["any", "any"]), 2));
        let mut pages = Pages::by(|item: &&str| Some(*item));
        assert_eq!(pages.due(), Some(None));
        assert_eq!(pages.add(Page { items: vec!["a"], next: Some("2".into()), total: None }), Ok(()));
        assert_eq!(pages.due(), Some(Some("2".into())));
        assert_eq!(pages.add(Page { items: vec!["b"], next: None, total: None }), Ok(()));
        assert_eq!(pages.due(), None);
    }

    #[test]
    fn a_listing_that_changed_meanwhile_is_read_again_from_the_first_page() {
        let whole = [(&["a", "b"][..], "2", 3), (&["c"][..], "", 3)];
        let disturbed: [&[Planted]; 4] = [
            // One moved to the front, so that another one was missed.
            &[(&["c", "a"], "2", 3), (&["c"], "", 3)],
            // One went, so that the one behind it was missed.
            &[(&["x", "a"], "2", 4), (&["c"], "", 3)],
            // A page that lacks its last item.
            &[(&["a", "b"], "2", 3), (&[], "", 3)],
            // A page that came twice.
            &[(&["a", "b"], "2", 3), (&["a", "b"], "2", 3)],
        ];
        for first in disturbed {
            let planted: Vec<_> = first.iter().chain(&whole).copied().collect();
            assert_eq!(read(&planted), (Ok(vec!["a", "b", "c"]), 4), "{first:?}");
        }
    }

    #[test]
    fn a_listing_that_never_makes_a_whole_is_refused() {
        let table: [(&[Planted], Disorder); 4] = [
            (&[(&[], "again", 0)], Disorder::Circle),
            (&[(&["a"], "", 2)], Disorder::Short { came: 1, announced: 2 }),
            (&[(&[], "", 1)], Disorder::Short { came: 0, announced: 1 }),
            (&[(&["a"], "2", 0), (&["a"], "", 0)], Disorder::Twice("a".into())),
        ];
        for (planted, disorder) in table {
            let endless: Vec<_> = planted.iter().copied().cycle().take(12).collect();
            let (result, calls) = read(&endless);
            assert_eq!(result, Err(disorder), "{planted:?}");
            assert!(calls <= 6, "{calls} calls");
        }
        let counts = [(&["a"][..], "2", 2), (&["b"][..], "", 3)].repeat(3);
        assert_eq!(read(&counts), (Err(Disorder::Changed(2, 3)), 6));
    }
}
