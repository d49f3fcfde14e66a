//! A law is a value: a name, a formula, the part to suspect, and a check that ends in a verdict.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::Error;

use super::LatentCase;
use super::any_model::{AnyCase, Examinable};

/// What holds for every correct C.
///
/// A law of one's own, checked on one case here and by [`hold`](crate::laws::hold) on as many as proptest draws:
/// ```
/// use marginal::distributions::Gamma;
/// use marginal::laws::{self, Law, Part, Verdict};
///
/// let law = Law::new("the_mode_is_the_peak", "p((α − 1) / β) ≥ p(x)", Part::Density, |gamma: &Gamma| {
///     use marginal::distributions::Distribution;
///     let mode = (gamma.shape() - 1.0) / gamma.rate();
///     let beside = gamma.log_density(&(1.01 * mode)).max(gamma.log_density(&(0.99 * mode)));
///     Ok(Verdict::at_least(gamma.log_density(&mode), beside, 1e-14, "a few roundings"))
/// });
/// assert!(laws::check(&[law], &Gamma::new(3.0, 0.5)?).holds());
/// # Ok::<(), marginal::Error>(())
/// ```
pub struct Law<C> {
    /// Its name: the name of the test that checks it.
    pub name: &'static str,
    /// The formula.
    pub statement: &'static str,
    /// Who is wrong if it fails.
    pub suspect: Part,
    /// How many times dearer than the cheapest laws it is: it is checked on that many times fewer cases.
    pub cost: u32,
    check: Check<C>,
}

/// What an examination ends in, if nothing went wrong on the way.
pub(super) type Outcome = Result<Verdict, Error>;

/// How a case is examined.
enum Check<C> {
    Of(fn(&C) -> Outcome),
    /// As one of a model of unknown types, by what is compiled once for all.
    OfAnyModel(OfAny, fn(&C, OfAny) -> Outcome),
}

type OfAny = fn(&AnyCase<'_>) -> Outcome;

impl<C> Law<C> {
    /// A law of cost 1. An error of `check` that is a refusal (a degenerate estimate, an impossible observation, an
    /// error of the model's own) means that the law does not apply; any other means that it fails.
    pub fn new(
        name: &'static str,
        statement: &'static str,
        suspect: Part,
        check: fn(&C) -> Result<Verdict, Error>,
    ) -> Self {
        Self { name, statement, suspect, cost: 1, check: Check::Of(check) }
    }

    /// The same law, checked on `cost` times fewer cases.
    #[must_use]
    pub fn cost(self, cost: u32) -> Self {
        Self { cost: cost.max(1), ..self }
    }

    /// Checks one case; a model that panics breaks the law.
    pub fn check(&self, case: &C) -> Verdict {
        let outcome = || match self.check {
            Check::Of(check) => check(case),
            Check::OfAnyModel(check, of_any) => of_any(case, check),
        };
        match catch_unwind(AssertUnwindSafe(outcome)) {
            Ok(outcome) => outcome.unwrap_or_else(Verdict::from),
            Err(panic) => {
                let text = panic.downcast_ref::<String>().map(String::as_str);
                let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a word");
                Verdict::neither(format!("the model panicked: {text}"))
            }
        }
    }
}

impl<M: Examinable> Law<LatentCase<M>> {
    /// A law of cost 1 of every latent model.
    pub(super) fn of_any_model(name: &'static str, statement: &'static str, suspect: Part, check: OfAny) -> Self {
        Self { name, statement, suspect, cost: 1, check: Check::OfAnyModel(check, |case, check| check(&case.of_any())) }
    }
}

impl<C> Clone for Check<C> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<C> Copy for Check<C> {}

impl<C> Clone for Law<C> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<C> Copy for Law<C> {}

impl<C> fmt::Debug for Law<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Law").field("name", &self.name).field("statement", &self.statement).finish_non_exhaustive()
    }
}

/// The part of a distribution or model that a law blames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Part {
    /// `log_density`, `log_joint`.
    Density,
    /// `sample`.
    Sampler,
    /// `cdf`.
    Cumulative,
    /// `quantile`.
    Quantile,
    /// `mean`, `variance`, `entropy`.
    Summary,
    /// A kernel that overrides a provided method.
    Kernel,
    /// `merge`, `scale`, `observe`: what is summed.
    Statistics,
    /// `expected_log_density`, `expected_log_joint`, `complete_log_likelihood`.
    Expected,
    /// `e_step`, `posterior`: the posterior or the log-likelihood.
    EStep,
    /// `m_step`, `estimate`, `from_mean`.
    MStep,
    /// `to_vector`, `from_vector`, natural parameters, `linear_gaussian`.
    Coordinates,
    /// `parents` and what is derived from them: the arrows do not say what the joint does.
    Structure,
    /// Something that changes between two calls.
    State,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Density => "density (log_density, log_joint)",
            Self::Sampler => "sampler (sample)",
            Self::Cumulative => "distribution function (cdf)",
            Self::Quantile => "quantiles (quantile)",
            Self::Summary => "summary (mean, variance, entropy)",
            Self::Kernel => "kernel (an overridden method of a whole block)",
            Self::Statistics => "statistics (merge, scale, observe)",
            Self::Expected => "Q (expected_log_density, expected_log_joint, complete_log_likelihood)",
            Self::EStep => "E-step (e_step, posterior: the posterior or the log-likelihood)",
            Self::MStep => "M-step (m_step, estimate, from_mean)",
            Self::Coordinates => "coordinates (to_vector, from_vector, natural parameters, linear_gaussian)",
            Self::Structure => "structure (parents, topological_order, d_separated, markov_blanket)",
            Self::State => "hidden state (something that changes between two calls)",
        })
    }
}

/// What a check ends in.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// The law holds; `slack` is the largest violation seen, as a share of its tolerance.
    Holds {
        /// violation / tolerance ≤ 1.
        slack: f64,
    },
    /// The law fails.
    Fails(Failure),
    /// This case cannot tell, and why: the model refused it, or it lacks what is needed.
    DoesNotApply(String),
    /// The type makes no such promise (its M-step is `Generalised`, say), whatever the case.
    NotPromised(String),
}

impl Verdict {
    /// Whether left = right within the tolerance, which comes `from` somewhere: a bound, in words.
    pub fn equal(left: f64, right: f64, tolerance: f64, from: &'static str) -> Self {
        let mut worst = Worst::of(from);
        worst.equal(left, right, tolerance, format_args!("the two sides"));
        worst.verdict()
    }

    /// There are no two sides to compare.
    fn neither(because: String) -> Self {
        let (left, right, suspects) = (f64::NAN, f64::NAN, Vec::new());
        Self::Fails(Failure { left, right, tolerance: 0.0, from: "none", because, suspects })
    }

    /// The same verdict; a failure names these suspects, the likeliest first, in place of the law's own.
    ///
    /// For a law that can tell on a case which of several parts is wrong, or that it cannot tell two of them apart.
    #[must_use]
    pub fn suspecting(self, suspects: &[Part]) -> Self {
        match self {
            Self::Fails(failure) => Self::Fails(Failure { suspects: suspects.to_vec(), ..failure }),
            other => other,
        }
    }

    /// Whether left ≥ right − tolerance.
    pub fn at_least(left: f64, right: f64, tolerance: f64, from: &'static str) -> Self {
        let mut worst = Worst::of(from);
        worst.at_least(left, right, tolerance, format_args!("the two sides"));
        worst.verdict()
    }
}

/// A law that failed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The left side.
    pub left: f64,
    /// The right side.
    pub right: f64,
    /// What round-off, or chance, explains.
    pub tolerance: f64,
    /// Where the tolerance comes from.
    pub from: &'static str,
    /// What was compared.
    pub because: String,
    /// Who is wrong, the likeliest first, where the case tells more than the law; empty if it is the law's own suspect.
    pub suspects: Vec<Part>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { left, right, tolerance, from, because, .. } = self;
        write!(f, "{because}\n  left       {left:e}\n  right      {right:e}\n  tolerance  {tolerance:e} ({from})")
    }
}

impl From<Error> for Verdict {
    fn from(error: Error) -> Self {
        if is_refusal(&error) {
            return Self::DoesNotApply(error.to_string());
        }
        Self::neither(format!("neither an answer nor a refusal, but: {error}"))
    }
}

/// Whether the data may bring this about in a correct model.
pub(super) fn is_refusal(error: &Error) -> bool {
    match error {
        Error::Component { source, .. } | Error::AtIteration { source, .. } | Error::AtRow { source, .. } => {
            is_refusal(source)
        }
        Error::Outside { .. } | Error::Empty | Error::TooFewRows { .. } | Error::Model(_) => true,
        _ => error.is_impossible() || error.is_degenerate(),
    }
}

/// The worst of several comparisons.
#[derive(Debug)]
pub(super) struct Worst {
    from: &'static str,
    seen: Option<(f64, Failure)>,
}

impl Worst {
    pub(super) fn of(from: &'static str) -> Self {
        Self { from, seen: None }
    }

    /// left = right within the tolerance; two equal infinities are equal.
    pub(super) fn equal(&mut self, left: f64, right: f64, tolerance: f64, because: fmt::Arguments<'_>) {
        let violation = if left == right { 0.0 } else { (left - right).abs() };
        self.add(violation, (left, right), tolerance, because);
    }

    /// left ≥ right − tolerance.
    pub(super) fn at_least(&mut self, left: f64, right: f64, tolerance: f64, because: fmt::Arguments<'_>) {
        let violation = if left >= right { 0.0 } else { right - left };
        self.add(violation, (left, right), tolerance, because);
    }

    /// Something was looked at, and it was as it should be.
    pub(super) fn nothing_wrong(&mut self) {
        self.equal(0.0, 0.0, 0.0, format_args!(""));
    }

    fn add(&mut self, violation: f64, (left, right): (f64, f64), tolerance: f64, because: fmt::Arguments<'_>) {
        // NaN on either side, or in the tolerance, is a violation.
        let share = if violation == 0.0 { 0.0 } else { violation / tolerance };
        let share = if share.is_nan() { f64::INFINITY } else { share };
        if self.seen.as_ref().is_none_or(|(worst, _)| share > *worst) {
            let (from, suspects) = (self.from, Vec::new());
            self.seen = Some((share, Failure { left, right, tolerance, from, because: because.to_string(), suspects }));
        }
    }

    /// Fails if a violation is above its tolerance; does not apply if nothing was compared.
    pub(super) fn verdict(self) -> Verdict {
        match self.seen {
            None => Verdict::DoesNotApply("there was nothing to compare".into()),
            Some((slack, _)) if slack <= 1.0 => Verdict::Holds { slack },
            Some((_, failure)) => Verdict::Fails(failure),
        }
    }
}
