//! K-means in the plane, written as a user would: a `LatentModel` with one part broken on demand.

use std::sync::atomic::{AtomicUsize, Ordering};

use marginal::Error;
use marginal::data::{Batch, Statistics};
use marginal::latent::{Climbs, Evidence, Guarantee, LatentModel};
use marginal::laws::proptest::collection::vec;
use marginal::laws::proptest::prelude::*;
use marginal::laws::strategies::{real, weight};
use marginal::laws::{LatentCase, Observations, Part, Shift};

/// What is broken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    None,
    SecondNearest,
    NearestInTheFirstCoordinate,
    ObjectiveWithoutTheHalf,
    ObjectiveOfTheFirstCentre,
    ObjectiveWithoutWeights,
    /// The objective and Q contradict each other; the laws believe Q.
    QWithoutTheHalf,
    TiesToBoth,
    TiesInTurn,
    AbsentRowsAssigned,
    WeightsIgnored,
    DividesByRows,
    MergeForgetsTheSquares,
    MergeAveragesTheSums,
    ResetKeepsTheSums,
    ScaleForgetsTheSums,
    LastRowDropped,
    QOfTheMeanRow,
    HalfAStep,
    FirstCoordinateAlone,
    CentresInTurn,
    CentreOfAnEmptyClusterIsNotANumber,
    CentreOfAllRows,
    DividesByOneMore,
    /// Legal: the M-step says that it is generalised.
    HalfAStepAsDeclared,
    /// Legal likewise: one coordinate at a time.
    FirstCoordinateAloneAsDeclared,
}

/// Each fault and the part that the first broken law must blame.
pub(crate) const CATALOGUE: [(Fault, Part); 23] = [
    (Fault::SecondNearest, Part::EStep),
    (Fault::NearestInTheFirstCoordinate, Part::EStep),
    (Fault::ObjectiveWithoutTheHalf, Part::EStep),
    (Fault::ObjectiveOfTheFirstCentre, Part::EStep),
    (Fault::ObjectiveWithoutWeights, Part::EStep),
    (Fault::QWithoutTheHalf, Part::EStep),
    (Fault::TiesToBoth, Part::EStep),
    (Fault::TiesInTurn, Part::State),
    (Fault::AbsentRowsAssigned, Part::Statistics),
    (Fault::WeightsIgnored, Part::Statistics),
    (Fault::DividesByRows, Part::Statistics),
    (Fault::MergeForgetsTheSquares, Part::Statistics),
    (Fault::MergeAveragesTheSums, Part::Statistics),
    (Fault::ResetKeepsTheSums, Part::Statistics),
    (Fault::ScaleForgetsTheSums, Part::Statistics),
    (Fault::LastRowDropped, Part::Kernel),
    (Fault::QOfTheMeanRow, Part::Expected),
    (Fault::HalfAStep, Part::MStep),
    (Fault::FirstCoordinateAlone, Part::MStep),
    (Fault::CentresInTurn, Part::MStep),
    (Fault::CentreOfAnEmptyClusterIsNotANumber, Part::MStep),
    (Fault::CentreOfAllRows, Part::MStep),
    (Fault::DividesByOneMore, Part::MStep),
];

/// What breaks no law.
pub(crate) const LEGAL: [Fault; 3] = [Fault::None, Fault::HalfAStepAsDeclared, Fault::FirstCoordinateAloneAsDeclared];

/// How many centres there are.
const K: usize = 3;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Centres([[f64; 2]; K]);

impl Shift for Centres {
    fn shifted(&self, by: f64) -> Result<Self, Error> {
        Ok(Self(self.0.map(|c| c.map(|c| c + by))))
    }
}

fn minus(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    [a[0] - b[0], a[1] - b[1]]
}

fn square([a, b]: [f64; 2]) -> f64 {
    a * a + b * b
}

/// Σ w, Σ w (x − c) and Σ w ‖x − c‖² about the centre at which they were collected; and for a fault, the rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cluster {
    fault: Fault,
    about: [f64; 2],
    weight: f64,
    sum: [f64; 2],
    square: f64,
    rows: f64,
}

impl Statistics for Cluster {
    fn merge(&mut self, other: &Self) {
        let both = self.weight > 0.0 && other.weight > 0.0;
        self.weight += other.weight;
        self.sum.merge(&other.sum);
        self.rows += other.rows;
        if !(self.fault == Fault::MergeForgetsTheSquares && both) {
            self.square += other.square;
        }
        if self.fault == Fault::MergeAveragesTheSums && both {
            self.sum.scale(0.5);
        }
    }
    fn scale(&mut self, factor: f64) {
        self.weight *= factor;
        self.square *= factor;
        if self.fault != Fault::ScaleForgetsTheSums {
            self.sum.scale(factor);
        }
    }
    fn reset(&mut self, empty: &Self) {
        let sum = self.sum;
        self.clone_from(empty);
        if self.fault == Fault::ResetKeepsTheSums {
            self.sum = sum;
        }
    }
}

#[derive(Debug)]
pub(crate) struct KMeans {
    fault: Fault,
    calls: AtomicUsize,
}

impl KMeans {
    /// The centres of a row from the nearest on, the first of equals first.
    fn order(&self, centres: &Centres, x: [f64; 2]) -> [usize; K] {
        let distance = |k: usize| match (self.fault, minus(x, centres.0[k])) {
            (Fault::NearestInTheFirstCoordinate, [a, _]) => a * a,
            (_, away) if away[0].is_nan() => f64::INFINITY,
            (_, away) => square(away),
        };
        let mut order: [usize; K] = std::array::from_fn(|k| k);
        order.sort_by(|a, b| distance(*a).total_cmp(&distance(*b)));
        let tie = distance(order[0]) == distance(order[1]);
        if self.fault == Fault::SecondNearest
            || (tie && self.fault == Fault::TiesInTurn && self.calls.fetch_add(1, Ordering::Relaxed) % 2 == 1)
        {
            order.swap(0, 1);
        }
        order
    }
}

impl LatentModel for KMeans {
    type Observation = [f64; 2];
    type Parameters = Centres;
    type Statistics = [Cluster; K];

    fn statistics(&self, centres: &Centres) -> [Cluster; K] {
        centres.0.map(|about| Cluster { fault: self.fault, about, weight: 0.0, sum: [0.0; 2], square: 0.0, rows: 0.0 })
    }

    fn e_step(&self, centres: &Centres, batch: Batch<'_, [f64; 2]>, s: &mut [Cluster; K]) -> Result<Evidence, Error> {
        let mut evidence = Evidence::default();
        let dropped = usize::from(self.fault == Fault::LastRowDropped && batch.len() > 2);
        for n in 0..batch.len() - dropped {
            let (x, weight) = (batch.block()[n], batch.weight(n));
            let order = self.order(centres, x);
            let to = |k: usize| square(minus(x, centres.0[k]));
            let seen = match self.fault {
                Fault::WeightsIgnored if weight > 0.0 => 1.0,
                Fault::AbsentRowsAssigned => weight.max(0.125),
                _ => weight,
            };
            let tied = self.fault == Fault::TiesToBoth && to(order[0]) == to(order[1]);
            for &k in order.iter().take(1 + usize::from(tied)).filter(|_| seen > 0.0) {
                s[k].weight += seen;
                s[k].rows += 1.0;
                s[k].square += seen * to(k);
                s[k].sum.merge(&minus(x, centres.0[k]).map(|a| seen * a));
            }
            let objective = match self.fault {
                Fault::ObjectiveWithoutTheHalf => -to(order[0]),
                Fault::ObjectiveOfTheFirstCentre => -0.5 * to(0),
                _ => -0.5 * to(order[0]),
            };
            if weight > 0.0 {
                evidence.add(if self.fault == Fault::ObjectiveWithoutWeights { 1.0 } else { weight }, objective);
            }
        }
        Ok(evidence)
    }

    fn m_step(&self, old: &Centres, s: &[Cluster; K]) -> Result<Centres, Error> {
        let weight: f64 = s.iter().map(|c| c.weight).sum();
        let divided = |sum: [f64; 2], by: f64| sum.map(|a| a / by);
        let of_cluster = |cluster: &Cluster, old: [f64; 2]| {
            if cluster.weight == 0.0 && self.fault != Fault::CentreOfAnEmptyClusterIsNotANumber {
                return cluster.about;
            }
            let [a, b] = match self.fault {
                Fault::DividesByRows => divided(cluster.sum, cluster.rows),
                Fault::DividesByOneMore => divided(cluster.sum, cluster.weight + 1.0),
                Fault::CentreOfAllRows => divided(cluster.sum, weight),
                _ => divided(cluster.sum, cluster.weight),
            };
            let new = [a + cluster.about[0], b + cluster.about[1]];
            match self.fault {
                Fault::HalfAStep | Fault::HalfAStepAsDeclared => [0.5 * (new[0] + old[0]), 0.5 * (new[1] + old[1])],
                Fault::FirstCoordinateAlone | Fault::FirstCoordinateAloneAsDeclared => [new[0], old[1]],
                _ => new,
            }
        };
        let mut centres: [[f64; 2]; K] = std::array::from_fn(|k| of_cluster(&s[k], old.0[k]));
        if self.fault == Fault::CentresInTurn {
            centres.rotate_left(1);
        }
        Ok(Centres(centres))
    }

    fn expected_log_joint(&self, centres: &Centres, s: &[Cluster; K]) -> f64 {
        let half = if self.fault == Fault::QWithoutTheHalf { 1.0 } else { 0.5 };
        let of_cluster = |(cluster, centre): (&Cluster, &[f64; 2])| {
            let [a, b] = minus(*centre, cluster.about);
            let weight = if self.fault == Fault::QOfTheMeanRow { cluster.weight.min(1.0) } else { cluster.weight };
            let moved = weight * square([a, b]) - 2.0 * (a * cluster.sum[0] + b * cluster.sum[1]);
            -half * (cluster.square + moved)
        };
        s.iter().zip(&centres.0).map(of_cluster).sum()
    }

    fn check(&self, centres: &Centres) -> Result<(), Error> {
        match centres.0.as_flattened().iter().find(|c| !c.is_finite()) {
            Some(&value) => Err(Error::Parameter { name: "a centre's coordinate", value, domain: "(−∞, ∞)" }),
            None => Ok(()),
        }
    }

    fn climbs(&self) -> Climbs {
        Climbs::Classification
    }

    fn guarantee(&self) -> Guarantee {
        match self.fault {
            Fault::HalfAStepAsDeclared | Fault::FirstCoordinateAloneAsDeclared => Guarantee::Generalised,
            _ => Guarantee::Exact,
        }
    }
}

/// Centres and rows on one grid, so that some rows are as near to one centre as to another, and some clusters empty.
pub(crate) fn any_case(fault: Fault) -> impl Strategy<Value = LatentCase<KMeans>> {
    let point = || (real(), real()).prop_map(|(a, b)| [a, b]);
    let apart = || vec(point(), K).prop_map(|c| Centres([c[0], c[1], c[2]]));
    let centres = || prop_oneof![5 => apart(), 1 => point().prop_map(|c| Centres([c; K]))];
    let rows = vec((point(), weight()), 4..20);
    (centres(), apart(), rows).prop_map(move |(own, rival, rows)| {
        let model = KMeans { fault, calls: AtomicUsize::new(0) };
        LatentCase::new(model, own, Observations::new(rows)).beside(rival)
    })
}
