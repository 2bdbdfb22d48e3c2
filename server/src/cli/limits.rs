//! `serve --limits FILE`: a server that allows less than the program does.
//!
//! The limits in the program are what was measured to be bearable, so a file may only
//! lower them. A name that is not known is an error: a limit somebody believes to be
//! set must be.

use std::path::Path;

use client_core::guard::Limits;
use toml::{Table, Value};

use super::failure::{Exit, Failure};
use crate::relay::{Allowance, Quotas};

/// Lowers what the file names.
pub(super) fn lower(path: &Path, limits: &mut Limits, quotas: &mut Quotas) -> Result<(), Failure> {
    let failed = |reason: String| {
        let happened = format!("{}: {reason}", path.display());
        Failure::new(Exit::Config, happened, "Correct the file and start again.")
    };
    let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    let table: Table = text.parse().map_err(|error: toml::de::Error| failed(error.to_string()))?;
    lower_all(&table, limits, quotas).map_err(failed)
}

fn lower_all(table: &Table, limits: &mut Limits, quotas: &mut Quotas) -> Result<(), String> {
    for (name, value) in table {
        match name.as_str() {
            "change_bytes" => size(name, value, &mut limits.change_bytes)?,
            "change_operations" => number(name, value, &mut limits.change_operations)?,
            "change_dependencies" => size(name, value, &mut limits.change_dependencies)?,
            "document_bytes" => size(name, value, &mut limits.document_bytes)?,
            "document_operations" => number(name, value, &mut limits.document_operations)?,
            "document_actors" => size(name, value, &mut limits.document_actors)?,
            "text_bytes" => size(name, value, &mut limits.text_bytes)?,
            "device_hour" => allowance(name, value, &mut quotas.device_hour)?,
            "device_day" => allowance(name, value, &mut quotas.device_day)?,
            "person_day" => allowance(name, value, &mut quotas.person_day)?,
            unknown => return Err(format!("there is no limit called {unknown}")),
        }
    }
    let Limits { change_dependencies, document_actors, .. } = *limits;
    if change_dependencies <= document_actors {
        return Err(format!(
            "change_dependencies is {change_dependencies} and document_actors is \
             {document_actors}: where all of them wrote at once, the next change names what \
             each wrote, so change_dependencies has to be the larger one"
        ));
    }
    Ok(())
}

fn allowance(section: &str, value: &Value, allowance: &mut Allowance) -> Result<(), String> {
    let Value::Table(table) = value else {
        return Err(format!("{section} is a section: write [{section}] above its limits"));
    };
    for (name, value) in table {
        let full = format!("{section}.{name}");
        match name.as_str() {
            "changes" => number(&full, value, &mut allowance.changes)?,
            "bytes" => number(&full, value, &mut allowance.bytes)?,
            "operations" => number(&full, value, &mut allowance.operations)?,
            "documents" => number(&full, value, &mut allowance.documents)?,
            _ => return Err(format!("there is no limit called {full}")),
        }
    }
    Ok(())
}

fn size(name: &str, value: &Value, limit: &mut usize) -> Result<(), String> {
    let mut wide = *limit as u64;
    number(name, value, &mut wide)?;
    // It was a size before and is no larger now.
    *limit = usize::try_from(wide).unwrap_or(*limit);
    Ok(())
}

fn number(name: &str, value: &Value, limit: &mut u64) -> Result<(), String> {
    let said = value.as_integer().and_then(|said| u64::try_from(said).ok());
    match said {
        Some(said @ 1..) if said <= *limit => {
            *limit = said;
            Ok(())
        }
        _ => Err(format!("{name} is {value}, possible is 1 to {limit}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lowered(text: &str) -> Result<(Limits, Quotas), String> {
        let (mut limits, mut quotas) = (Limits::default(), Quotas::default());
        lower_all(&text.parse().unwrap(), &mut limits, &mut quotas)?;
        Ok((limits, quotas))
    }

    #[test]
    fn a_file_lowers_what_it_names_and_nothing_else() {
        let (limits, quotas) =
            lowered("change_bytes = 32768\n[device_hour]\nchanges = 100\n").unwrap();
        assert_eq!(limits, Limits { change_bytes: 32_768, ..Limits::default() });
        let few = Allowance { changes: 100, ..Quotas::default().device_hour };
        assert_eq!(quotas, Quotas { device_hour: few, ..Quotas::default() });
        assert_eq!(lowered(""), Ok((Limits::default(), Quotas::default())));
    }

    #[test]
    fn nobodys_next_change_is_refused_because_many_wrote_at_once() {
        let said = lowered("change_dependencies = 200").unwrap_err();
        assert!(said.contains("document_actors is 200"), "{said}");
        let (limits, _quotas) =
            lowered("change_dependencies = 51\ndocument_actors = 50\n").unwrap();
        assert_eq!((limits.change_dependencies, limits.document_actors), (51, 50));
    }

    #[test]
    fn what_would_raise_a_limit_or_is_none_is_refused_with_the_range() {
        for (text, said) in [
            ("change_bytes = 65537", "change_bytes is 65537, possible is 1 to 65536"),
            ("change_bytes = 0", "change_bytes is 0, possible is 1 to 65536"),
            ("change_bytes = \"much\"", "change_bytes is \"much\", possible is 1 to 65536"),
            ("change_byte = 5", "there is no limit called change_byte"),
            ("[device_hour]\nvisits = 5", "there is no limit called device_hour.visits"),
            ("device_hour = 5", "device_hour is a section: write [device_hour] above its limits"),
        ] {
            assert_eq!(lowered(text), Err(said.to_owned()));
        }
    }
}
