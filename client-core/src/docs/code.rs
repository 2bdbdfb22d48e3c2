//! Codes: enums that survive a newer app.
//!
//! Data hold stable snake_case codes, never display text. A code this version
//! does not know is kept as `Unknown`, shown as it is, and written back
//! untouched.

/// Declares an enum of codes with an `Unknown` arm, text and serde forms.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$vdoc])* $variant,)+
            /// A code of a newer version, kept as it came.
            Unknown(String),
        }

        impl $name {
            /// Every code this version knows.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable code.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $code,)+
                    Self::Unknown(code) => code,
                }
            }
        }

        impl From<&str> for $name {
            fn from(code: &str) -> Self {
                match code {
                    $($code => Self::$variant,)+
                    other => Self::Unknown(other.to_owned()),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl crate::docs::field::Scalar for $name {
            fn to_scalar(&self) -> automerge::ScalarValue {
                self.as_str().into()
            }
        }

        impl crate::docs::field::Field for $name {
            fn from_scalar(
                value: &automerge::ScalarValueRef<'_>,
            ) -> Result<Self, crate::docs::Problem> {
                crate::docs::field::text(value).map(Self::from)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(|code| Self::from(code.as_str()))
            }
        }
    };
}

pub(crate) use codes;
