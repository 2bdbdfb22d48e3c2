//! Forms that work without script: what was entered stays, and what is wrong is
//! said beside the field.

/// One field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Under which name it is sent.
    pub name: String,
    /// The label.
    pub label: String,
    /// What stands in it.
    pub value: String,
    /// What stood in it when the form was made, for forms that write only what
    /// was really changed.
    pub was: Option<String>,
    /// What is wrong with it.
    pub error: Option<String>,
    /// What to enter.
    pub hint: Option<String>,
    /// What it looks like.
    pub kind: Input,
    /// It must not be empty.
    pub required: bool,
}

/// What a field looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// One line; the word is the type of the input.
    Line(&'static str),
    /// Several lines.
    Lines,
    /// One of these.
    Choice(Vec<Choice>),
}

impl Input {
    /// Whether it takes the width of two.
    pub const fn is_wide(&self) -> bool {
        matches!(self, Self::Lines)
    }
}

/// Something to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// It is chosen.
    pub chosen: bool,
}

impl Choice {
    /// Something to choose; chosen if `value` is `current`.
    pub fn new(value: impl Into<String>, label: impl Into<String>, current: &str) -> Self {
        let value = value.into();
        Self { chosen: value == current, label: label.into(), value }
    }
}

impl Field {
    /// A line of text.
    pub fn line(name: &str, label: &str, value: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            label: label.to_owned(),
            value: value.into(),
            was: None,
            error: None,
            hint: None,
            kind: Input::Line("text"),
            required: false,
        }
    }

    /// A day.
    pub fn date(name: &str, label: &str, value: impl Into<String>) -> Self {
        Self { kind: Input::Line("date"), ..Self::line(name, label, value) }
    }

    /// Several lines of text.
    pub fn lines(name: &str, label: &str, value: impl Into<String>) -> Self {
        Self { kind: Input::Lines, ..Self::line(name, label, value) }
    }

    /// One of `choices`, each a value and its label.
    pub fn choice(
        name: &str,
        label: &str,
        value: &str,
        choices: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let choices = choices.into_iter().map(|(each, label)| Choice::new(each, label, value));
        Self { kind: Input::Choice(choices.collect()), ..Self::line(name, label, value) }
    }

    /// It must not be empty.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// What to enter.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// What is wrong with it, if anything is.
    #[must_use]
    pub fn wrong(mut self, error: Option<String>) -> Self {
        self.error = error;
        self
    }

    /// What stood in it when the form was made.
    #[must_use]
    pub fn was(mut self, was: impl Into<String>) -> Self {
        self.was = Some(was.into());
        self
    }
}
