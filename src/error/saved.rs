//! How parameters are written and read (feature `serde`): as what their constructor takes, and through it.
//!
//! A form lists what is written of a type, field by field, and how the type is made of it: a file cannot hold parameters
//! that the constructor refuses, and its error, with the number that was wrong, is the reader's. All numbers are finite,
//! logarithms of probabilities are written as the probabilities, so that JSON holds them to the last bit.

/// Writes and reads a type as a form of named fields.
///
/// `[C: Bound, …]` are type parameters whose values are written, `[G: …]` others. A field may be left out where it has a
/// `#[serde(default)]`.
macro_rules! saved {
    (
        [$($value:ident: $bound:path),*] [$($phantom:tt)*] $type:ty, |$theta:ident|
        { $($(#[$attribute:meta])* $field:ident: $kind:ty = $get:expr),+ $(,)? } => $make:expr
    ) => {
        const _: () = {
            #[derive(serde::Serialize, serde::Deserialize)]
            #[serde(deny_unknown_fields, expecting = "the fields of this type")]
            struct Form<$($value),*> {
                $($(#[$attribute])* $field: $kind),+
            }

            impl<$($value: $bound + serde::Serialize,)* $($phantom)*> serde::Serialize for $type {
                fn serialize<Writer: serde::Serializer>(&self, writer: Writer) -> Result<Writer::Ok, Writer::Error> {
                    let $theta = self;
                    serde::Serialize::serialize(&Form { $($field: $get),+ }, writer)
                }
            }

            impl<'de, $($value: $bound + serde::Deserialize<'de>,)* $($phantom)*> serde::Deserialize<'de> for $type {
                fn deserialize<Reader: serde::Deserializer<'de>>(reader: Reader) -> Result<Self, Reader::Error> {
                    let Form { $($field),+ } = serde::Deserialize::deserialize(reader)?;
                    $make.map_err(serde::de::Error::custom)
                }
            }
        };
    };
}

pub(crate) use saved;
