//! Holds an answer against the schema that an OpenAPI document gives for it.
//!
//! What is read is the part of JSON Schema that the document uses. It is strict both
//! ways: a field that the schema does not name is a mistake like one that is missing.

use serde_json::Value;

/// An OpenAPI document.
#[derive(Debug)]
pub struct Document(pub Value);

impl Document {
    /// Every operation: path and method in capitals.
    pub fn operations(&self) -> Vec<(String, String)> {
        let paths = self.0["paths"].as_object().into_iter().flatten();
        let methods = |(path, item): (&String, &Value)| -> Vec<(String, String)> {
            let named = item.as_object().into_iter().flatten().map(|(method, _)| method);
            let named =
                named.filter(|method| ["get", "post", "put", "delete"].contains(&&***method));
            named.map(|method| (path.clone(), method.to_uppercase())).collect()
        };
        paths.flat_map(methods).collect()
    }

    /// The schema of an operation's 200, if it says one.
    pub fn answer(&self, path: &str, method: &str) -> Option<&Value> {
        let responses = &self.0["paths"][path][method.to_lowercase()]["responses"];
        let schema = &responses["200"]["content"]["application/json"]["schema"];
        (!schema.is_null()).then_some(schema)
    }

    /// The schema of its problem answer.
    pub fn problem(&self) -> &Value {
        &self.0["components"]["schemas"]["Problem"]
    }

    /// Where `value` is not what `schema` says.
    pub fn mistakes(&self, schema: &Value, value: &Value) -> Vec<String> {
        let mut found = Vec::new();
        self.look(schema, value, "$", &mut found);
        found
    }

    fn look(&self, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
        if let Some(name) = schema["$ref"].as_str() {
            let pointer = name.trim_start_matches('#');
            return match self.0.pointer(pointer) {
                Some(schema) => self.look(schema, value, at, found),
                None => found.push(format!("{at}: the document lacks {name}")),
            };
        }
        // Where nothing is said of a value, any will do.
        let says = ["type", "properties", "enum", "oneOf", "anyOf", "allOf"];
        if says.iter().all(|key| schema.get(key).is_none()) {
            return;
        }
        for key in ["oneOf", "anyOf"] {
            if let Some(any) = schema[key].as_array() {
                let fits = |each: &&Value| self.mistakes(each, value).is_empty();
                if !any.iter().any(|each| fits(&each)) {
                    found.push(format!("{at}: {value} fits none of {key}"));
                }
                return;
            }
        }
        if let Some(parts) = schema["allOf"].as_array() {
            for part in parts {
                self.look(part, value, at, found);
            }
        }
        if let Some(any) = schema["enum"].as_array()
            && !any.contains(value)
        {
            found.push(format!("{at}: {value} is none of {any:?}"));
        }
        if !of_type(&schema["type"], value) {
            return found.push(format!("{at}: {value} is no {}", schema["type"]));
        }
        match value {
            Value::Array(items) => {
                for (n, item) in items.iter().enumerate() {
                    self.look(&schema["items"], item, &format!("{at}[{n}]"), found);
                }
            }
            Value::Object(fields) => {
                let required = schema["required"].as_array().into_iter().flatten();
                for name in required.filter_map(Value::as_str) {
                    if !fields.contains_key(name) {
                        found.push(format!("{at}: {name} is missing"));
                    }
                }
                for (name, field) in fields {
                    let known = schema["properties"].get(name);
                    match known.or_else(|| schema.get("additionalProperties")) {
                        Some(schema) => self.look(schema, field, &format!("{at}.{name}"), found),
                        None => found.push(format!("{at}: {name} is not described")),
                    }
                }
            }
            _ => {}
        }
    }
}

fn of_type(wanted: &Value, value: &Value) -> bool {
    let is = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    };
    match wanted {
        Value::String(name) => is(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(is),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_field_too_many_is_a_mistake_like_one_too_few() {
        let document = Document(json!({ "components": { "schemas": {
            "Id": { "type": "string" },
        } } }));
        let schema = json!({
            "type": "object",
            "required": ["id"],
            "properties": {
                "id": { "$ref": "#/components/schemas/Id" },
                "name": { "type": ["string", "null"] },
                "kind": { "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Id" }] },
            },
        });
        let check = |value: Value, mistakes: usize| {
            assert_eq!(document.mistakes(&schema, &value).len(), mistakes, "{value}");
        };
        check(json!({ "id": "a", "name": null, "kind": null }), 0);
        check(json!({ "id": "a", "kind": "b" }), 0);
        check(json!({ "id": 1 }), 1);
        check(json!({ "name": "a" }), 1);
        check(json!({ "id": "a", "other": 1 }), 1);
        check(json!({ "id": "a", "kind": 1 }), 1);
        check(json!([]), 1);
    }
}
