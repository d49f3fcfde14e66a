//! Laws under proptest: many cases, the smallest one that breaks the law, and no test that passes for want of cases.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::fmt::{self, Debug};
use std::rc::Rc;

use proptest::strategy::{BoxedStrategy, Strategy, ValueTree};
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};

use crate::error::counted;

use super::report::{LEAST_SHARE, accused, folded};
use super::{Law, Part, Report, Verdict, check};

/// The cases of the quick profile, and of the full one.
const CASES: [u32; 2] = [32, 256];

/// How many cases are asked for: `PROPTEST_CASES`, or as many as the profile `MARGINAL_LAWS` has.
///
/// # Panics
/// If `MARGINAL_LAWS` is neither `quick` nor `full`.
fn cases_asked(proptest: u32) -> u32 {
    let profile = std::env::var("MARGINAL_LAWS").unwrap_or_default();
    let of_profile = match profile.as_str() {
        "" | "quick" => CASES[0],
        "full" => CASES[1],
        other => panic!("MARGINAL_LAWS is {other:?}, neither `quick` ({} cases) nor `full` ({})", CASES[0], CASES[1]),
    };
    if std::env::var_os("PROPTEST_CASES").is_some() { proptest } else { of_profile }
}

/// Checks the law of this name in a suite on cases of a strategy: 32, with `MARGINAL_LAWS=full` in the environment 256,
/// with `PROPTEST_CASES` as many as it says; divided by the law's cost.
///
/// # Panics
/// With law, formula, both sides, tolerance, suspect, smallest case and the command that replays it, if the law fails;
/// the suspect is that of the first law in the suite that fails on this case, since each relies on those above it. The
/// case is Rust to paste into a test where all its parts print as Rust, as numbers and structs of public ones do. Or if
/// fewer than a fifth of the cases could tell whether it holds. Or if the suite has no such law, or there is no case.
pub fn hold<S: Strategy + 'static>(suite: &[Law<S::Value>], name: &str, strategy: S)
where
    S::Value: 'static,
{
    let law = suite.iter().find(|law| law.name == name).expect("the suite has the law");
    let Law { name, statement, suspect, cost, .. } = *law;
    let examined = Examined { name, statement, suspect, cost };
    hold_of_any(&examined, &drawn(strategy), &|case| law.check(case.known()), &|case| check(suite, case.known()));
}

/// A case of unknown type: what runs a law is then compiled once, not for each strategy.
#[derive(Clone)]
struct Drawn(Rc<dyn Case>);

trait Case: Debug {
    fn any(&self) -> &dyn Any;
}

impl<C: Debug + 'static> Case for C {
    fn any(&self) -> &dyn Any {
        self
    }
}

impl Drawn {
    fn known<C: 'static>(&self) -> &C {
        (*self.0).any().downcast_ref().expect("a strategy draws cases of one type")
    }
}

impl Debug for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn drawn<S: Strategy + 'static>(strategy: S) -> BoxedStrategy<Drawn>
where
    S::Value: 'static,
{
    strategy.prop_map(|case| Drawn(Rc::new(case))).boxed()
}

/// What is said of a law.
struct Examined {
    name: &'static str,
    statement: &'static str,
    suspect: Part,
    cost: u32,
}

fn hold_of_any(
    law: &Examined,
    strategy: &BoxedStrategy<Drawn>,
    law_of: &dyn Fn(&Drawn) -> Verdict,
    suite_of: &dyn Fn(&Drawn) -> Report,
) {
    let Examined { name, statement, suspect, cost } = *law;
    let asked = Config::default();
    let cases = cases_asked(asked.cases);
    assert!(cases > 0, "vacuous: {name}: {statement}\n  no cases: PROPTEST_CASES is 0");
    // The same cases at every run, unless PROPTEST_RNG_SEED says otherwise.
    let rng_seed = if asked.rng_seed == RngSeed::Random { RngSeed::Fixed(1) } else { asked.rng_seed };
    let config = Config {
        cases: cases.div_ceil(cost),
        // The message shows the case; a file beside the sources of this crate would help nobody.
        failure_persistence: None,
        rng_seed,
        max_shrink_iters: asked.max_shrink_iters.min(4_000),
        ..asked
    };
    let (held, silent, reason) = (Cell::new(0), Cell::new(0), RefCell::new(String::new()));
    let outcome = TestRunner::new(config).run(strategy, |case| match law_of(&case) {
        Verdict::Holds { .. } => {
            held.set(held.get() + 1);
            Ok(())
        }
        Verdict::NotPromised(_) => Ok(()),
        Verdict::DoesNotApply(why) => {
            silent.set(silent.get() + 1);
            reason.replace(why);
            Ok(())
        }
        Verdict::Fails(failure) => Err(TestCaseError::fail(failure.to_string())),
    });
    let told = f64::from(held.get());
    match outcome {
        Ok(()) if told >= LEAST_SHARE * (told + f64::from(silent.get())) => (),
        Ok(()) => panic!(
            "vacuous: {name}: {statement}\n  of {} only {told} could tell, the last silent one because: {}\n  \
             give it data that the model can fit; if the model can, suspect the {}",
            counted((held.get() + silent.get()) as usize, "case"),
            reason.borrow(),
            suspect,
        ),
        Err(TestError::Abort(why)) => panic!("vacuous: {name}: {statement}\n  no cases: {why}"),
        Err(TestError::Fail(why, case)) => {
            let blame = blame(name, &suite_of(&case));
            let (case, replay) = (pasted(&case), replay(name, rng_seed, cases));
            panic!(
                "law broken: {name}: {statement}\n{blame}\n  because    {why}\nsmallest case:\n{case}\nreplay:\n{replay}"
            )
        }
    }
}

/// Looks for a case, among the first sixteen of a strategy, to which at least one law of the suite applies.
///
/// # Panics
/// If there is none: tests of such a suite hold, and say nothing.
pub fn tell<S: Strategy + 'static>(suite: &[Law<S::Value>], strategy: S)
where
    S::Value: 'static,
{
    tell_of_any(&drawn(strategy), &|case| {
        let mut silent = String::new();
        for law in suite {
            match law.check(case.known()) {
                Verdict::Holds { .. } | Verdict::Fails(_) => return None,
                Verdict::DoesNotApply(why) | Verdict::NotPromised(why) => silent = format!("{}: {why}", law.name),
            }
        }
        Some(silent)
    });
}

/// `silent_on` says why the last law is silent on a case of which no law tells.
fn tell_of_any(strategy: &BoxedStrategy<Drawn>, silent_on: &dyn Fn(&Drawn) -> Option<String>) {
    let mut runner = TestRunner::new(Config { rng_seed: RngSeed::Fixed(1), ..Config::default() });
    let mut reason = "the strategy draws no case".to_owned();
    for _ in 0..16 {
        let Ok(tree) = strategy.new_tree(&mut runner) else { continue };
        match silent_on(&tree.current()) {
            Some(silent) => reason = silent,
            None => return,
        }
    }
    panic!("vacuous: no law of the suite applies to any case\n  the last to be silent is {reason}");
}

/// The case as a line of a test, where it prints as Rust.
fn pasted(case: &Drawn) -> String {
    format!("    let case = {};", format!("{case:#?}").replace('\n', "\n    "))
}

/// The command that draws the same cases again.
fn replay(law: &str, seed: RngSeed, cases: u32) -> String {
    let thread = std::thread::current();
    let test = thread.name().filter(|name| *name != "main").unwrap_or(law);
    let seed = if let RngSeed::Fixed(seed) = seed { seed } else { 1 };
    format!("    PROPTEST_RNG_SEED={seed} PROPTEST_CASES={cases} cargo test {test}")
}

/// Whom to suspect, and what else is broken on the same case: the first law that fails tells, the others follow.
fn blame(law: &str, report: &Report) -> String {
    let Some(first) = report.broken().next() else {
        // The case that broke the law breaks it no more: something changes between two calls.
        return format!("  suspect    the {}; looked at again, the case breaks no law", Part::State);
    };
    let suspects = accused(first.suspects());
    let others = report.broken().skip(1).map(|line| line.law).filter(|name| *name != law);
    if first.law != law {
        let name = first.law;
        return format!(
            "  suspect    {suspects}\n  since      {name} fails on this case too, and this law relies on it: mend that first"
        );
    }
    match folded(others) {
        None => format!("  suspect    {suspects}; every other law holds on this case"),
        Some(names) => format!("  suspect    {suspects}\n  and        {names}"),
    }
}

/// One test a law, for as many types as there are lines: `name: subject(strategy);`.
///
/// | subject | a strategy of | what is checked |
/// | --- | --- | --- |
/// | `distribution` | a [`Distribution`](crate::distributions::Distribution) | density and sampler |
/// | `cumulative` | a [`Cumulative`](crate::distributions::Cumulative) distribution | `cdf` and quantiles |
/// | `summary` | a distribution with a [`Summary`](crate::distributions::Summary) | mean, variance and entropy |
/// | `estimate` | an [`Estimate`](crate::distributions::Estimate) | statistics, and the estimate, on data of its own sampler |
/// | `parametric` | an `Estimate` that is [`Parametric`](crate::distributions::Parametric) | coordinates; the estimate is stationary |
/// | `exponential_family` | an [`ExponentialFamily`](crate::distributions::ExponentialFamily) | the natural form |
/// | `conditional` | a [`ConditionalDistribution`](crate::conditionals::ConditionalDistribution), and one of its parents' values | density and sampler for each of these values |
/// | `estimate_conditional` | an [`EstimateConditional`](crate::conditionals::EstimateConditional), and one of its parents' values | statistics, and the estimate, on data of its own sampler |
/// | `components` | a bank of [`Components`](crate::components::Components) that can be sampled | tiles, statistics, and the estimate of all members together |
/// | `directed_graph` | a [`DirectedGraph`](crate::graph::DirectedGraph) | order, blanket, separation |
/// | `graph` | a [`Graph`](crate::graph::Graph) | all of these; joint, exact inference, ancestral draws |
/// | `latent_model` | a [`LatentCase`](crate::laws::LatentCase) | E-step, M-step, statistics, Q |
/// | `finite_latent` | a `LatentCase` of a [`FiniteLatent`](crate::latent::FiniteLatent) | all of these, and Bayes' rule |
/// | `finite_conditional` | a `LatentCase` of a `FiniteLatent` model of p(x, z \| y) on rows of x and y | the same but the mass |
/// | `parametric_latent` | a `LatentCase` whose θ is `Parametric` | coordinates; ℓ and Q have one slope; the M-step is stationary |
/// | `exchangeable` | a `LatentCase` whose θ is [`Relabel`](crate::laws::Relabel) | labels do not matter |
/// | `location_family` | a `LatentCase` whose θ is [`Shift`](crate::laws::Shift) | the origin does not matter |
/// | `scale_family` | a `LatentCase` whose θ is [`Scale`](crate::laws::Scale) | the unit does not matter |
/// | `recovery` | a `LatentCase` whose θ is a `Distribution` of observations | EM that starts at the truth stays beside it |
///
/// A case that breaks a law of estimation or EM shrinks to rows of which none can be left out.
///
/// ```
/// use marginal::conditionals::LinearGaussian;
/// use marginal::distributions::Normal;
/// use marginal::laws::proptest::prelude::*;
/// use marginal::laws::strategies::{mixture_cases, positive, real};
///
/// fn any_normal() -> impl Strategy<Value = Normal> {
///     (real(), positive()).prop_map(|(mean, deviation)| Normal::new(mean, deviation).unwrap())
/// }
///
/// fn any_line() -> impl Strategy<Value = LinearGaussian<f64>> {
///     (real(), real(), positive()).prop_map(|(a, b, deviation)| LinearGaussian::new(a, &[b], deviation).unwrap())
/// }
///
/// marginal::laws! {
///     normal: distribution(any_normal());
///     normal_fits: estimate(any_normal());
///     two_normals: finite_latent(mixture_cases(any_normal()));
///     line: conditional(any_line(), real()); // the second strategy draws values of the parents
///     line_fits: estimate_conditional(any_line(), real());
/// }
/// ```
/// Beside the laws, each line has the test `some_law_tells`: a suite of which no law applies to any case fails.
///
/// A law is checked on 32 cases, which is a matter of seconds; with `MARGINAL_LAWS=full` in the environment on 256.
/// `PROPTEST_CASES` and proptest's other variables are honoured.
#[macro_export]
macro_rules! laws {
    ($($name:ident: $subject:ident($($strategy:tt)*));* $(;)?) => {
        $($crate::__laws! { $name $subject ($($strategy)*) })*
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __laws {
    ($name:ident parametric_latent $cases:tt) => {
        $crate::__each_law! { parametric => [$crate::__tests] $name parametric_latent $cases }
    };
    ($name:ident estimate_conditional $cases:tt) => {
        $crate::__each_law! { estimate => [$crate::__tests] $name estimate_conditional $cases }
    };
    ($name:ident components $cases:tt) => {
        $crate::__each_law! { estimate => [$crate::__tests] $name components $cases }
    };
    ($name:ident $subject:ident $cases:tt) => {
        $crate::__each_law! { $subject => [$crate::__tests] $name $subject $cases }
    };
}

/// The cases of a subject, from what stands in the line of [`laws!`].
#[doc(hidden)]
#[macro_export]
macro_rules! __cases {
    (estimate ($strategy:expr)) => {
        $crate::laws::fewer_rows($crate::laws::strategies::observed($strategy))
    };
    (parametric ($strategy:expr)) => {
        $crate::__cases!(estimate($strategy))
    };
    (conditional ($strategy:expr, $given:expr)) => {
        $crate::laws::slices($strategy, $given)
    };
    (estimate_conditional ($strategy:expr, $given:expr)) => {
        $crate::__cases!(estimate($crate::laws::regressions($strategy, $given)))
    };
    (components ($strategy:expr)) => {
        $crate::__cases!(estimate($crate::laws::strategies::labelled($strategy)))
    };
    (latent_model ($strategy:expr)) => {
        $crate::laws::fewer_rows($strategy)
    };
    (finite_latent ($strategy:expr)) => {
        $crate::laws::fewer_rows($strategy)
    };
    (finite_conditional ($strategy:expr)) => {
        $crate::laws::fewer_rows($strategy)
    };
    (parametric_latent ($strategy:expr)) => {
        $crate::laws::fewer_rows($strategy)
    };
    (exchangeable ($strategy:expr)) => {
        $crate::laws::fewer_rows($strategy)
    };
    (location_family ($strategy:expr)) => {
        $crate::laws::fewer_rows($strategy)
    };
    (scale_family ($strategy:expr)) => {
        $crate::laws::fewer_rows($strategy)
    };
    (recovery ($strategy:expr)) => {
        $crate::laws::fewer_rows($strategy)
    };
    ($subject:ident ($strategy:expr)) => {
        $strategy
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __tests {
    ($name:ident $subject:ident $cases:tt $($law:ident)*) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;
            #[test]
            fn some_law_tells() {
                let cases = $crate::__cases!($subject $cases);
                $crate::laws::tell(&$crate::laws::$subject(), cases);
            }
            $(
                #[test]
                fn $law() {
                    let cases = $crate::__cases!($subject $cases);
                    $crate::laws::hold(&$crate::laws::$subject(), stringify!($law), cases);
                }
            )*
        }
    };
}
