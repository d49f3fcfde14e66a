//! What the stored values of a Parquet column mean, and how each becomes a 64-bit number.

use ::parquet::basic::{ConvertedType, LogicalType, Type};
use ::parquet::schema::types::ColumnDescriptor;

/// Beyond ±2⁵³ 64-bit numbers skip integers.
const EXACT: u128 = 1 << 53;
/// The greatest power of ten that a 64-bit number holds exactly.
const GREATEST_SCALE: i32 = 22;

/// What a column of names holds.
pub(super) const TEXT: &str = "text or bytes";

/// The meaning of a column's stored values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    /// True is 1, false 0.
    Truth,
    /// DOUBLE or FLOAT.
    Float,
    /// IEEE 754 binary16, in two bytes.
    Half,
    Signed,
    Unsigned,
    /// An integer over this power of ten.
    Decimal(f64),
}

impl Number {
    /// The meaning of a flat column, or what it holds instead of numbers.
    pub(super) fn of(column: &ColumnDescriptor) -> Result<Self, &'static str> {
        let whole = matches!(column.physical_type(), Type::INT32 | Type::INT64);
        let fixed = column.physical_type() == Type::FIXED_LEN_BYTE_ARRAY;
        match (column.logical_type_ref(), column.converted_type()) {
            (Some(LogicalType::Integer(integer)), _) if whole => {
                Ok(if integer.is_signed { Self::Signed } else { Self::Unsigned })
            }
            (Some(LogicalType::Float16), _) if fixed && column.type_length() == 2 => Ok(Self::Half),
            (Some(LogicalType::Decimal(decimal)), _) => Self::decimal(column, decimal.scale),
            (None, ConvertedType::DECIMAL) => Self::decimal(column, column.type_scale()),
            (Some(LogicalType::Date), _) | (None, ConvertedType::DATE) => Err("dates"),
            (Some(LogicalType::Time(_)), _) | (None, ConvertedType::TIME_MILLIS | ConvertedType::TIME_MICROS) => {
                Err("times of day")
            }
            (Some(LogicalType::Timestamp(_)), _)
            | (None, ConvertedType::TIMESTAMP_MILLIS | ConvertedType::TIMESTAMP_MICROS) => Err("times"),
            (
                None,
                ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64,
            ) if whole => Ok(Self::Unsigned),
            _ => match column.physical_type() {
                Type::BOOLEAN => Ok(Self::Truth),
                Type::INT32 | Type::INT64 => Ok(Self::Signed),
                Type::FLOAT | Type::DOUBLE => Ok(Self::Float),
                Type::INT96 => Err("times"),
                Type::BYTE_ARRAY => Err(TEXT),
                Type::FIXED_LEN_BYTE_ARRAY => Err("bytes"),
            },
        }
    }

    fn decimal(column: &ColumnDescriptor, scale: i32) -> Result<Self, &'static str> {
        let stored = match column.physical_type() {
            Type::INT32 | Type::INT64 => true,
            Type::FIXED_LEN_BYTE_ARRAY => (1..=16).contains(&column.type_length()),
            _ => false,
        };
        let held = stored && (0..=GREATEST_SCALE).contains(&scale);
        if held { Ok(Self::Decimal(10_f64.powi(scale))) } else { Err("decimals too long for 64-bit numbers") }
    }

    /// The number that a stored 32-bit integer means.
    pub(super) fn of_i32(self, stored: i32) -> Result<f64, i128> {
        // Reinterpreted, not converted: unsigned numbers are stored in the bits of signed ones.
        if self == Self::Unsigned { Ok(f64::from(stored as u32)) } else { self.of_integer(stored.into()) }
    }

    /// The number that a stored 64-bit integer means, or the integer if 64-bit numbers skip it.
    pub(super) fn of_i64(self, stored: i64) -> Result<f64, i128> {
        self.of_integer(if self == Self::Unsigned { (stored as u64).into() } else { stored.into() })
    }

    /// The number that some bytes mean: of a decimal an integer, the greatest byte first.
    pub(super) fn of_bytes(self, stored: &[u8]) -> Result<f64, i128> {
        if let (Self::Half, [low, high]) = (self, stored) {
            return Ok(half(u16::from_le_bytes([*low, *high])));
        }
        let sign = if stored.first().is_some_and(|b| *b >= 0x80) { -1 } else { 0 };
        self.of_integer(stored.iter().fold(sign, |integer: i128, byte| integer << 8 | i128::from(*byte)))
    }

    /// A quotient of two numbers that are held exactly is rounded once, as the text of the decimal would be.
    fn of_integer(self, stored: i128) -> Result<f64, i128> {
        if stored.unsigned_abs() > EXACT {
            return Err(stored);
        }
        Ok(if let Self::Decimal(divisor) = self { stored as f64 / divisor } else { stored as f64 })
    }
}

/// (−1)^sign 2^(exponent − 15) (1 + fraction / 2¹⁰), and below 2⁻¹⁴ fraction · 2⁻²⁴ (IEEE 754-2019, 3.4).
fn half(bits: u16) -> f64 {
    let fraction = f64::from(bits & 0x3FF);
    let size = match (bits >> 10) & 0x1F {
        0 => fraction * 2_f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        exponent => (1024.0 + fraction) * 2_f64.powi(i32::from(exponent) - 25),
    };
    if bits >> 15 == 1 { -size } else { size }
}

#[cfg(test)]
mod tests {
    use super::{Number, half};

    #[test]
    fn halves_are_those_of_the_standard() {
        let cases =
            [(0x3C00, 1.0), (0xC000, -2.0), (0x7BFF, 65504.0), (0x0001, 2_f64.powi(-24)), (0x3555, 0.333251953125)];
        for (bits, value) in cases {
            assert_eq!(half(bits), value);
        }
        assert_eq!(half(0x8000).to_bits(), (-0.0_f64).to_bits());
        assert!(half(0xFC00) == f64::NEG_INFINITY && half(0x7C01).is_nan());
    }

    #[test]
    fn integers_are_exact_or_refused() {
        let exact = 1_i64 << 53;
        assert_eq!(Number::Signed.of_i64(-exact), Ok(-9007199254740992.0));
        assert_eq!(Number::Signed.of_i64(exact + 1), Err(9007199254740993));
        assert_eq!(Number::Unsigned.of_i64(-1), Err(i128::from(u64::MAX)));
        assert_eq!(Number::Unsigned.of_i32(-1), Ok(4294967295.0));
        assert_eq!(Number::Decimal(100.0).of_bytes(&[0xFF, 0x85]), Ok(-1.23));
        assert_eq!(Number::Decimal(1000.0).of_i32(1), Ok(0.001));
    }
}
