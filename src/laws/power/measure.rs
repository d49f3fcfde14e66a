//! Each injection put to a suite, case by case, until a law breaks.

use std::collections::BTreeSet;

use crate::distributions::Guarantee;
use crate::latent::LatentModel;
use crate::laws::{LatentCase, Law, Part, Verdict};

use super::{Catch, Injection, Power, Row};

/// Why cases like these cannot show this injection, if it is plain: what they lack.
fn lack<M: LatentModel>(injection: Injection, cases: &[LatentCase<M>], certain: bool) -> Option<&'static str> {
    use Injection as I;
    let all = |holds: &dyn Fn(&LatentCase<M>) -> bool| cases.iter().all(holds);
    match injection {
        I::LastRowDropped | I::BlockDropsLastRow | I::KernelOff | I::MergeKeepsLeft
            if all(&|case| case.observations.counted().len() < 2) =>
        {
            Some("no case of yours has two rows that count")
        }
        I::StatisticsOfAnotherTheta | I::EstimateKeepsOldTheta if all(&|case| case.rivals.is_empty()) => {
            Some("no case has a rival θ: `LatentCase::beside` adds one")
        }
        I::EstimateKeepsOldTheta
        | I::EstimateTilted
        | I::HalfStep
        | I::CoordinateFrozen(_)
        | I::CoordinateNudged(_)
            if all(&|case| case.model.guarantee() != Guarantee::Exact) =>
        {
            Some("the M-step does not promise a maximum, so a worse one is legal while Q rises")
        }
        I::PosteriorTempered
        | I::PosteriorMixed
        | I::PosteriorHardened
        | I::LabelsRotated
        | I::StatisticsOfAnotherTheta
            if certain =>
        {
            Some("every posterior of your data is 0 or 1: let the states overlap")
        }
        _ => None,
    }
}

/// The table of these injections; `certain` says that all posteriors are 0 or 1.
pub(super) fn measure<'a, M: LatentModel, B: LatentModel>(
    cases: &'a [LatentCase<M>],
    certain: bool,
    suite: &[Law<LatentCase<B>>],
    injections: impl IntoIterator<Item = Injection>,
    broken: impl Fn(&'a LatentCase<M>, Injection) -> LatentCase<B>,
) -> Power {
    // A law that the unbroken model breaks has nothing to say about a broken one on the same case.
    let fails = |law: &&Law<LatentCase<B>>, case: &_| matches!(law.check(case), Verdict::Fails(_));
    let alarms = |case| {
        let control = broken(case, Injection::Nothing);
        suite.iter().filter(|law| fails(law, &control)).map(|law| law.name).collect()
    };
    let alarms: Vec<BTreeSet<&'static str>> = cases.iter().map(alarms).collect();
    let row = |injection: Injection| {
        let (mut catches, mut silent) = (Vec::new(), None);
        for (case, alarms) in cases.iter().zip(&alarms) {
            let case = broken(case, injection);
            for law in suite.iter().filter(|law| !alarms.contains(law.name)) {
                match law.check(&case) {
                    Verdict::Fails(failure) => {
                        tally(&mut catches, law.name, *failure.suspects.first().unwrap_or(&law.suspect));
                        break;
                    }
                    Verdict::DoesNotApply(why) | Verdict::NotPromised(why)
                        if injection.parts().contains(&law.suspect) =>
                    {
                        silent = silent.or(Some(format!("{} is silent: {why}", law.name)));
                    }
                    _ => (),
                }
            }
        }
        catches.sort_by_key(|catch: &Catch| std::cmp::Reverse(catch.cases));
        let unseen = || "smaller than what round-off explains, or without effect on these cases".to_owned();
        let reason = || lack(injection, cases, certain).map(str::to_owned).or(silent).unwrap_or_else(unseen);
        let hint = catches.is_empty().then(reason);
        Row { injection, cases: cases.len(), catches, hint }
    };
    let rows = injections.into_iter().map(row).collect();
    Power { rows, alarms: alarms.into_iter().flatten().collect::<BTreeSet<_>>().into_iter().collect() }
}

fn tally(catches: &mut Vec<Catch>, law: &'static str, suspect: Part) {
    match catches.iter_mut().find(|catch| catch.law == law && catch.suspect == suspect) {
        Some(catch) => catch.cases += 1,
        None => catches.push(Catch { law, suspect, cases: 1 }),
    }
}
