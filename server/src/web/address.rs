//! Addresses of pages: what a filter says stands in the address, so that a view
//! can be kept and sent to somebody.

use std::fmt::{self, Display};

/// A path with a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    path: String,
    pairs: Vec<(&'static str, String)>,
}

impl Address {
    /// A path without a query.
    pub fn new(path: impl Into<String>) -> Self {
        Self { path: path.into(), pairs: Vec::new() }
    }

    /// With `key` set to `value`; without it where the value is empty.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl ToString) -> Self {
        self.pairs.retain(|(each, _)| *each != key);
        let value = value.to_string();
        if !value.is_empty() {
            self.pairs.push((key, value));
        }
        self
    }

    /// With `key` set, if there is a value for it.
    #[must_use]
    pub fn given(self, key: &'static str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }

    /// With `key` said to be empty, where that means something.
    #[must_use]
    pub fn empty(mut self, key: &'static str) -> Self {
        self.pairs.retain(|(each, _)| *each != key);
        self.pairs.push((key, String::new()));
        self
    }

    /// The same query on another path.
    #[must_use]
    pub fn at(&self, path: impl Into<String>) -> Self {
        Self { path: path.into(), pairs: self.pairs.clone() }
    }

    /// The same path without its query.
    #[must_use]
    pub fn bare(&self) -> Self {
        Self::new(self.path.clone())
    }

    /// The path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// How many parts the query has.
    pub fn parts(&self) -> usize {
        self.pairs.len()
    }
}

impl Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        for (place, (key, value)) in self.pairs.iter().enumerate() {
            let join = if place == 0 { '?' } else { '&' };
            write!(f, "{join}{key}={}", percent_encoded(value))?;
        }
        Ok(())
    }
}

/// A value as a query holds it.
pub fn percent_encoded(text: &str) -> String {
    let letter = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_is_set_and_nothing_twice() {
        let address = Address::new("/visits").with("q", "浦江 & co").with("rep", "");
        assert_eq!(address.to_string(), "/visits?q=%E6%B5%A6%E6%B1%9F%20%26%20co");
        let paged = address.with("page", 2).with("page", 3).with("q", "");
        assert_eq!(paged.to_string(), "/visits?page=3");
        assert_eq!(paged.at("/visits.csv").to_string(), "/visits.csv?page=3");
    }
}
