/// A part of a policy as one of the guides has it, to be taken into a policy of one's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// Its TOML: whole tables of a policy, with their references.
    pub text: &'static str,
}

/// The examples that ship with fieldsync. The guides know four lists of stages and two
/// standards of visit frequency (DOMAIN D1, D6); each is data, and none is in code.
pub const EXAMPLES: [Example; 6] = [
    Example {
        name: "stages-s3",
        about: "the funnel of S3: four stages",
        text: include_str!("../presets/examples/stages-s3.toml"),
    },
    Example {
        name: "stages-s1",
        about: "the process of S1: six nodes from the lead to after-sales",
        text: include_str!("../presets/examples/stages-s1.toml"),
    },
    Example {
        name: "stages-s2",
        about: "the process of S2: five phases",
        text: include_str!("../presets/examples/stages-s2.toml"),
    },
    Example {
        name: "stages-s0",
        about: "the follow-up of S0: five steps after the lead",
        text: include_str!("../presets/examples/stages-s0.toml"),
    },
    Example {
        name: "frequency-both",
        about: "both visit standards of S3 at once",
        text: include_str!("../presets/examples/frequency-both.toml"),
    },
    Example {
        name: "weights-50-50",
        about: "a month's other weighting: result and process alike",
        text: include_str!("../presets/examples/weights-50-50.toml"),
    },
];

impl Example {
    /// The example of this name.
    pub fn find(name: &str) -> Option<Self> {
        EXAMPLES.into_iter().find(|example| example.name == name)
    }
}

/// A table of a policy's text, with the comments right above its header.
struct Block<'t> {
    /// Its path; none before the first header.
    name: Option<&'t str>,
    lines: Vec<&'t str>,
}

const SOURCES: &str = "sources";

impl Example {
    /// The text of a policy with this example in place of what it says there itself.
    /// Everything else stays as it was written.
    #[must_use]
    pub fn put_into(self, policy: &str) -> String {
        let own = blocks(self.text);
        let is_table = |name: &str| name != SOURCES;
        let tables: Vec<&str> =
            own.iter().filter_map(|block| block.name).filter(|name| is_table(name)).collect();
        let below = |name: &str| {
            tables.iter().any(|table| {
                name.strip_prefix(table)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            })
        };
        let references = |block: &Block<'_>| block.name == Some(SOURCES);
        let tail = |block: &Block<'_>| -> Vec<String> {
            let own = block.lines.iter().filter(|line| reference(line).is_some());
            own.map(|line| (*line).to_owned()).collect()
        };
        let mut lines: Vec<String> = Vec::new();
        let put = |lines: &mut Vec<String>| {
            for block in own.iter().filter(|block| block.name.is_some_and(is_table)) {
                lines.extend(block.lines.iter().map(|line| (*line).to_owned()));
            }
        };
        let mut is_in = false;
        for block in blocks(policy) {
            if block.name.is_some_and(below) {
                if !is_in {
                    put(&mut lines);
                    is_in = true;
                }
                continue;
            }
            let stale = |line: &&str| reference(line).is_some_and(below);
            let drop_stale = references(&block);
            let kept = block.lines.iter().filter(|line| !(drop_stale && stale(line)));
            lines.extend(kept.map(|line| (*line).to_owned()));
            if references(&block) {
                lines.extend(own.iter().filter(|block| references(block)).flat_map(tail));
            }
        }
        if !is_in {
            lines.push(String::new());
            put(&mut lines);
        }
        if !blocks(policy).iter().any(references) {
            lines.push(format!("[{SOURCES}]"));
            lines.extend(own.iter().filter(|block| references(block)).flat_map(tail));
        }
        lines.join("\n") + "\n"
    }
}

/// A text by its tables.
fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = vec![Block { name: None, lines: Vec::new() }];
    for line in text.lines() {
        if let Some(name) = header(line) {
            let mut above = Vec::new();
            if let Some(last) = blocks.last_mut() {
                while last.lines.last().is_some_and(|line| line.starts_with('#')) {
                    above.extend(last.lines.pop());
                }
            }
            above.reverse();
            blocks.push(Block { name: Some(name), lines: above });
        }
        if let Some(last) = blocks.last_mut() {
            last.lines.push(line);
        }
    }
    blocks
}

/// The path in a line that begins a table.
fn header(line: &str) -> Option<&str> {
    let inside = line.strip_prefix("[[").or_else(|| line.strip_prefix('['))?;
    let (name, _rest) = inside.split_once(']')?;
    let letter = |letter: char| letter.is_ascii_alphanumeric() || "_-.".contains(letter);
    (!name.is_empty() && name.chars().all(letter)).then_some(name)
}

/// The path in a line of `[sources]`.
fn reference(line: &str) -> Option<&str> {
    line.trim_start().strip_prefix('"')?.split_once('"').map(|(key, _rest)| key)
}
