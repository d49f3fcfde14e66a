//! One body, compiled for several instruction sets, chosen when the program runs.
//!
//! A kernel is an ordinary safe function, generic in how many doubles a register holds: 8 with AVX-512, 4 with AVX2 and
//! FMA, 2 in the baseline. `vectorised!` compiles it for each, and calls the best that this processor has.
//! `MARGINAL_SIMD=portable|avx2|avx512` forces a choice, if the processor has it; [`InstructionSet::asked`] tells a value
//! that is none of these, which chooses nothing. Results of
//! different instruction sets differ in the last bits; of one instruction set they never do.

use std::sync::OnceLock;

use num_traits::Float;

use crate::error::Error;

const VARIABLE: &str = "MARGINAL_SIMD";

/// The instruction sets that kernels are compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum InstructionSet {
    /// What every processor of this architecture has.
    Portable,
    /// AVX2 and FMA.
    Avx2,
    /// AVX-512 F, DQ, VL and BW.
    Avx512,
}

impl InstructionSet {
    /// The best of this processor, or what `MARGINAL_SIMD` asks for.
    pub fn current() -> Self {
        static CURRENT: OnceLock<InstructionSet> = OnceLock::new();
        *CURRENT.get_or_init(|| {
            let best = Self::best();
            Self::asked().ok().flatten().map_or(best, |asked| best.min(asked))
        })
    }

    /// What `MARGINAL_SIMD` asks for; `None` if it is not set or empty.
    ///
    /// # Errors
    /// [`Error::Setting`] if it is none of the names. [`current`](Self::current) then is the best of this processor, as
    /// if nothing had been asked: a program that wants to know asks here.
    pub fn asked() -> Result<Option<Self>, Error> {
        let Some(value) = std::env::var_os(VARIABLE).filter(|value| !value.is_empty()) else { return Ok(None) };
        match value.to_str() {
            Some("portable") => Ok(Some(Self::Portable)),
            Some("avx2") => Ok(Some(Self::Avx2)),
            Some("avx512") => Ok(Some(Self::Avx512)),
            _ => Err(Error::Setting {
                name: VARIABLE,
                value: value.to_string_lossy().into_owned(),
                known: "portable, avx2, avx512",
            }),
        }
    }

    #[cfg(target_arch = "x86_64")]
    fn best() -> Self {
        let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
        let avx512 = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512bw");
        match (avx2, avx512) {
            (true, true) => Self::Avx512,
            (true, false) => Self::Avx2,
            _ => Self::Portable,
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn best() -> Self {
        Self::Portable
    }
}

/// As `MARGINAL_SIMD` names it.
impl std::fmt::Display for InstructionSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        })
    }
}

/// a b + c; in one rounding where that is one instruction (elsewhere it would be a slow call).
#[inline(always)]
#[allow(clippy::inline_always, reason = "inside a kernel it must be compiled for the kernel's instruction set")]
pub(crate) fn multiply_add<const REGISTER: usize, F: Float>(a: F, b: F, c: F) -> F {
    if REGISTER > 2 { a.mul_add(b, c) } else { a * b + c }
}

/// `vectorised! { pub fn name(a: A, b: B) = body; }` defines `name`, which runs the best compilation of
/// `body::<REGISTER>(a, b)`; `body` must be `#[inline(always)]`. With `fn name<F: Scalar>` it is `body::<REGISTER, F>`.
macro_rules! vectorised {
    ($(#[$doc:meta])* $visibility:vis fn $name:ident$(<$generic:ident: $bound:ident>)?($($argument:ident: $type:ty),* $(,)?)
        = $body:ident;) => {
        $(#[$doc])*
        #[allow(unsafe_code, reason = "a function compiled for an instruction set is called where that set was detected")]
        $visibility fn $name$(<$generic: $bound>)?($($argument: $type),*) {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2,fma")]
                fn avx2$(<$generic: $bound>)?($($argument: $type),*) {
                    $body::<4 $(, $generic)?>($($argument),*);
                }
                #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx2,fma")]
                fn avx512$(<$generic: $bound>)?($($argument: $type),*) {
                    $body::<8 $(, $generic)?>($($argument),*);
                }
                match $crate::numeric::simd::InstructionSet::current() {
                    // SAFETY: `current` never exceeds what `is_x86_feature_detected!` found on this processor, and the
                    // features detected are exactly those that the function is compiled for.
                    $crate::numeric::simd::InstructionSet::Avx512 => return unsafe { avx512($($argument),*) },
                    // SAFETY: as above.
                    $crate::numeric::simd::InstructionSet::Avx2 => return unsafe { avx2($($argument),*) },
                    $crate::numeric::simd::InstructionSet::Portable => (),
                }
            }
            $body::<2 $(, $generic)?>($($argument),*);
        }
    };
}
pub(crate) use vectorised;
