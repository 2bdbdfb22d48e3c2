//! A physical line into cells.
//!
//! Stricter than most readers, which take what follows a closing quote as text and
//! so swallow a hundred rows after one stray quote without a word. Here a closing
//! quote is followed by a separator or the end of the line, or the row is an error.

/// How a line left the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fed {
    /// The row is complete.
    Complete,
    /// A quote is open: the row goes on in the next line.
    Open,
    /// Text follows a closing quote.
    Broken,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Start,
    Bare,
    Quoted,
    Closed,
}

/// The cells of one row, as they are found.
#[derive(Debug)]
pub(super) struct Splitter {
    separator: char,
    /// Ends beyond these are counted and not kept.
    most: usize,
    at: At,
    text: String,
    ends: Vec<usize>,
    cells: usize,
}

/// One row: its cells one after the other, and where each ends.
#[derive(Debug, Default)]
pub(super) struct Cells {
    pub(super) text: String,
    pub(super) ends: Vec<usize>,
    /// How many there were, kept or not.
    pub(super) count: usize,
}

impl Splitter {
    pub(super) fn new(separator: char, most: usize) -> Self {
        let (text, ends) = (String::new(), Vec::new());
        Self { separator, most, at: At::Start, text, ends, cells: 0 }
    }

    /// Takes the row's first line.
    pub(super) fn first(&mut self, line: &str) -> Fed {
        self.at = At::Start;
        self.text.clear();
        self.ends.clear();
        self.cells = 0;
        self.feed(line)
    }

    /// Takes a further line, within a quote.
    pub(super) fn next(&mut self, line: &str) -> Fed {
        self.text.push('\n');
        self.feed(line)
    }

    /// The number of the cell that is being read, from 0.
    pub(super) const fn cell(&self) -> usize {
        self.cells
    }

    /// The cells of a complete row.
    pub(super) fn take(&mut self) -> Cells {
        let text = std::mem::take(&mut self.text);
        Cells { text, ends: std::mem::take(&mut self.ends), count: self.cells }
    }

    fn feed(&mut self, line: &str) -> Fed {
        for letter in line.chars() {
            self.at = match (self.at, letter) {
                (At::Start, '"') => At::Quoted,
                (At::Quoted, '"') => At::Closed,
                (At::Closed, '"') => {
                    self.text.push('"');
                    At::Quoted
                }
                (At::Quoted, _) => {
                    self.text.push(letter);
                    At::Quoted
                }
                (_, letter) if letter == self.separator => {
                    self.end_cell();
                    At::Start
                }
                (At::Closed, ' ') => At::Closed,
                (At::Closed, _) => return Fed::Broken,
                (At::Start | At::Bare, _) => {
                    self.text.push(letter);
                    At::Bare
                }
            };
        }
        if self.at == At::Quoted {
            return Fed::Open;
        }
        self.end_cell();
        Fed::Complete
    }

    fn end_cell(&mut self) {
        self.cells += 1;
        if self.ends.len() < self.most {
            self.ends.push(self.text.len());
        }
    }
}

impl Cells {
    /// The kept cells in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let cell = self.text.get(start..*end).unwrap_or_default();
            start = *end;
            cell
        })
    }

    /// A cell without space around it.
    pub(super) fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let before = index.checked_sub(1).and_then(|before| self.ends.get(before));
        self.text.get(before.copied().unwrap_or_default()..end).map(str::trim)
    }

    /// Whether nothing but space is in it. Old programs end a file with Ctrl-Z.
    pub(super) fn is_blank(&self) -> bool {
        self.text.chars().all(|letter| letter.is_whitespace() || letter == '\u{1A}')
    }
}
