//! `LowRankNormals`: p(x | z) = N(x; μ_z, Λ_z Λ_zᵀ + Ψ_z), which may share the loadings Λ, the noise Ψ, or both.

use std::ops::Deref;

use nalgebra::DMatrix;
use rand::Rng;

use crate::data::Rows;
use crate::distributions::{
    CYCLES, Doubt, Estimate, Guarantee, LowRankNormal, Noise, Parametric, Scatter, Target, best_loadings, best_normal,
    better_noise, free_parameters,
};
use crate::error::Error;

use super::refused_rows::{not_finite, too_large};
use super::{Components, SampleGiven, Space};

/// Cycles of one M-step where there are several members: the next step goes on from there.
const SOME_CYCLES: usize = 5;

/// K low-rank normals of one dimension, number of factors and shape of noise: the components of mixtures of factor
/// analysers and of probabilistic principal components.
///
/// With [`share_loadings`](Self::share_loadings) and [`share_noise`](Self::share_noise) these are the eight parsimonious
/// mixtures of McNicholas & Murphy (2008). Where nothing or all is shared the M-step is that of [`LowRankNormal`], else some
/// steps of EM for the factors.
/// ```
/// use marginal::components::LowRankNormals;
/// use marginal::distributions::{LowRankNormal, Noise};
/// use marginal::prelude::*;
/// let wave = |t: u32| f64::from(t * 7 % 11) / 4.0;
/// let rows: Vec<f64> = (0..60).flat_map(|t| [wave(t), wave(t) + wave(t + 3) / 9.0, f64::from(t % 2) * 9.0]).collect();
/// let states = LowRankNormals::new(vec![LowRankNormal::standard(3, 1, Noise::Isotropic)?; 2])?.share_noise(true);
/// let fit = Em::default().seed(1).fit(&Mixture::of(states)?, &Table::from_values(rows, 3)?)?;
/// let found = fit.parameters.components();
/// assert!(found[0].noise() == found[1].noise() && found[0].loadings().values() != found[1].loadings().values());
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LowRankNormals {
    members: Vec<LowRankNormal>,
    shared: [bool; 2],
}

impl LowRankNormals {
    /// These normals as a start; nothing is shared yet.
    ///
    /// # Errors
    /// [`Error::Dimension`] if there is none; [`Error::OtherShape`] if they differ in dimension, factors, shape or floors.
    pub fn new(members: Vec<LowRankNormal>) -> Result<Self, Error> {
        let Some(first) = members.first() else {
            return Err(Error::Dimension { what: "the normals", expected: 1, found: 0 });
        };
        match members.iter().position(|member| !member.same_statistics(first)) {
            Some(component) => Err(Error::OtherShape { component }),
            None => Ok(Self { members, shared: [false; 2] }),
        }
    }

    /// Whether estimates have one Λ for all members.
    #[must_use]
    pub fn share_loadings(mut self, shared: bool) -> Self {
        self.shared[0] = shared;
        self
    }

    /// Whether estimates have one Ψ for all members.
    #[must_use]
    pub fn share_noise(mut self, shared: bool) -> Self {
        self.shared[1] = shared;
        self
    }

    /// Whether loadings are shared, and whether the noise is.
    pub fn shared(&self) -> [bool; 2] {
        self.shared
    }

    /// Other members under the same sharing.
    pub(crate) fn with_members(&self, members: Vec<LowRankNormal>) -> Self {
        Self { members, shared: self.shared }
    }

    /// Whether members differ in loadings or noise alone.
    fn is_mixed(&self) -> bool {
        self.members.len() > 1 && self.shared[0] != self.shared[1]
    }
}

/// The members.
impl Deref for LowRankNormals {
    type Target = [LowRankNormal];

    fn deref(&self) -> &[LowRankNormal] {
        &self.members
    }
}

impl<'a> IntoIterator for &'a LowRankNormals {
    type Item = &'a LowRankNormal;
    type IntoIter = std::slice::Iter<'a, LowRankNormal>;

    fn into_iter(self) -> Self::IntoIter {
        self.members.iter()
    }
}

/// What the M-step makes of one member: loadings and noise.
type Made = (Vec<f64>, Vec<f64>);

impl LowRankNormals {
    /// Loadings and noise of the members that are seen.
    fn made(&self, s: &[Scatter], seen: &[usize]) -> Result<Vec<Made>, Error> {
        let cycles = if self.members.len() == 1 { CYCLES } else { SOME_CYCLES };
        match (self.shared, self.is_mixed()) {
            (_, true) => self.made_in_part(s, seen),
            ([true, true], _) => Ok(vec![self.made_of_all(s, seen)?; seen.len()]),
            _ => {
                let of_member = |z: &usize| {
                    let target = Target::of(&s[*z]);
                    target
                        .and_then(|target| best_normal(&self[*z].as_start(), &target, cycles))
                        .map_err(|e| e.of_component(*z))
                };
                seen.iter().map(of_member).collect()
            }
        }
    }

    /// From the scatter within all members.
    fn made_of_all(&self, s: &[Scatter], seen: &[usize]) -> Result<Made, Error> {
        let target = within(s, seen)?;
        best_normal(&self.members[0].as_start(), &target, CYCLES)
    }

    /// Some steps of EM for the factors (Rubin & Thayer 1982) where loadings or noise are shared, but not both: with
    /// C = S Pᵀ = Σ w (x − μ) E[z]ᵀ and Θ = E[z zᵀ], both over the weight, Λ solves Λ Θ = C, and Ψ is what is left. Before
    /// each step the loadings that are a member's own, and after it diagonal noise, are the best given all else: by EM alone
    /// a column whose noise vanishes takes ten thousands of steps.
    fn made_in_part(&self, s: &[Scatter], seen: &[usize]) -> Result<Vec<Made>, Error> {
        let pooled = within(s, seen)?;
        let targets = seen.iter().map(|&z| Target::of(&s[z]).map_err(|e| e.of_component(z)));
        let targets = targets.collect::<Result<Vec<_>, _>>()?;
        let mut members: Vec<LowRankNormal> = seen.iter().map(|&z| self.members[z].clone()).collect();
        // From loadings of 0 EM never moves.
        if members.iter().all(|member| member.loadings().values().iter().all(|l| *l == 0.0)) {
            let (loadings, noise) = self.made_of_all(s, seen)?;
            let start = |m: &LowRankNormal| m.with(m.mean().to_vec(), &loadings, &noise);
            members = members.iter().map(start).collect::<Result<_, _>>()?;
        }
        let weights: Vec<f64> = seen.iter().map(|&z| s[z].weight()).collect();
        for _ in 0..SOME_CYCLES {
            if !self.shared[0] {
                for (member, target) in members.iter_mut().zip(&targets) {
                    let loadings = best_loadings(target, member.noise(), member.factors()).values;
                    *member = member.with(member.mean().to_vec(), &loadings, member.noise())?;
                }
            }
            let moments: Vec<Moments> = members.iter().zip(&targets).map(|(m, t)| Moments::of(m, t)).collect();
            let all = vec![(0..members.len()).collect::<Vec<usize>>()];
            let each: Vec<Vec<usize>> = (0..members.len()).map(|k| vec![k]).collect();
            let mut loadings = vec![DMatrix::zeros(0, 0); members.len()];
            for group in if self.shared[0] { &all } else { &each } {
                let of_group = solved(&members, &moments, &weights, group);
                let of_group = of_group.ok_or(Error::Singular { column: 0, pivot: 0.0 })?;
                group.iter().for_each(|g| loadings[*g].clone_from(&of_group));
            }
            let left = moments.iter().zip(&targets).zip(&loadings).map(|((m, t), l)| m.left(t, l));
            let left: Vec<Vec<f64>> = left.collect();
            for group in if self.shared[1] { &all } else { &each } {
                let (first, weight) = (group[0], group.iter().map(|g| weights[*g]).sum::<f64>());
                let share = |j: usize| group.iter().map(|g| weights[*g] * left[*g][j]).sum::<f64>() / weight;
                let target = if self.shared[1] { &pooled } else { &targets[first] };
                let (shape, floors) = (members[first].shape(), members[first].floors_of_noise());
                let floors = target.floors(floors, shape).map_err(|e| e.of_component(seen[first]))?;
                let noise = shape.shaped((0..floors.len()).map(share).collect(), &floors);
                let rows: Vec<DMatrix<f64>> = loadings.iter().map(DMatrix::transpose).collect();
                let sharers: Vec<_> = group.iter().map(|&g| (weights[g], &targets[g], rows[g].as_slice())).collect();
                let noise = match shape {
                    Noise::Diagonal => better_noise(&sharers, &noise, &floors),
                    Noise::Isotropic => noise,
                };
                for &g in group {
                    members[g] = members[g].with(members[g].mean().to_vec(), rows[g].as_slice(), &noise)?;
                }
            }
        }
        Ok(members.iter().map(|m| (m.loadings().values().to_vec(), m.noise().to_vec())).collect())
    }
}

/// The covariance within the members that are seen.
fn within(s: &[Scatter], seen: &[usize]) -> Result<Target, Error> {
    let mut within = Scatter::full(s[0].mean().len());
    seen.iter().for_each(|&z| within.pool(&s[z]));
    Target::of(&within)
}

/// C, D × q, and Θ, q × q.
struct Moments {
    products: DMatrix<f64>,
    scores: DMatrix<f64>,
}

impl Moments {
    fn of(member: &LowRankNormal, target: &Target) -> Self {
        let (d, q) = (member.dimension(), member.factors());
        let p = DMatrix::from_row_slice(q, d, member.projection());
        let products = target.matrix() * p.transpose();
        let scores = DMatrix::from_row_slice(q, q, member.posterior_covariance()) + p * &products;
        Self { products, scores }
    }

    /// The diagonal of S − 2 Λ Cᵀ + Λ Θ Λᵀ, the mean square of x − μ − Λ z.
    fn left(&self, target: &Target, loadings: &DMatrix<f64>) -> Vec<f64> {
        let gap = loadings * &self.scores - self.products.scale(2.0);
        let of_column = |j: usize| target.matrix()[(j, j)] + gap.row(j).dot(&loadings.row(j));
        (0..loadings.nrows()).map(of_column).collect()
    }
}

/// The loadings that serve all members of a group: row j solves λ_j Σ n Θ / ψ_j = Σ n C_j / ψ_j.
fn solved(members: &[LowRankNormal], moments: &[Moments], weights: &[f64], group: &[usize]) -> Option<DMatrix<f64>> {
    let (d, q) = (members[0].dimension(), members[0].factors());
    let mut loadings = DMatrix::zeros(d, q);
    for j in 0..d {
        let (mut left, mut right) = (DMatrix::zeros(q, q), DMatrix::zeros(q, 1));
        for &g in group {
            let factor = weights[g] / members[g].noise()[j];
            left += moments[g].scores.scale(factor);
            right += moments[g].products.row(j).transpose().scale(factor);
        }
        loadings.set_row(j, &left.cholesky()?.solve(&right).column(0).transpose());
    }
    Some(loadings)
}

impl Components for LowRankNormals {
    type Value = [f64];
    type Statistics = Vec<Scatter>;

    fn count(&self) -> usize {
        self.members.len()
    }

    fn log_density_given(&self, x: &[f64], z: usize) -> f64 {
        self.members.log_density_given(x, z)
    }

    fn empty_statistics(&self) -> Vec<Scatter> {
        self.members.empty_statistics()
    }

    fn observe_given(&self, s: &mut Vec<Scatter>, x: &[f64], z: usize, weight: f64) {
        self.members.observe_given(s, x, z, weight);
    }

    fn estimate_together(&self, s: &Vec<Scatter>, seen: &[bool]) -> Result<Self, Error> {
        let seen: Vec<usize> = (0..seen.len()).filter(|z| seen[*z]).collect();
        if let Some(&z) = seen.iter().find(|z| !(s[**z].weight() > 0.0)) {
            return Err(Error::NoWeight { weight: s[z].weight() }.of_component(z));
        }
        let made = if seen.is_empty() { Vec::new() } else { self.made(s, &seen)? };
        let mut members = self.members.clone();
        for (z, member) in members.iter_mut().enumerate() {
            let place = seen.iter().position(|other| *other == z);
            let mean = place.map_or(member.mean(), |_| s[z].mean()).to_vec();
            // Of a member that no row says anything of, what is shared is that of the others.
            let (mut loadings, mut noise) = (member.loadings().values().to_vec(), member.noise().to_vec());
            if let Some((of_made, own)) = place.map(|p| (&made[p], true)).or(made.first().map(|m| (m, false))) {
                if own || self.shared[0] {
                    loadings.clone_from(&of_made.0);
                }
                if own || self.shared[1] {
                    noise.clone_from(&of_made.1);
                }
            }
            let estimate = member.with(mean, &loadings, &noise);
            *member = estimate.and_then(|m| m.check_resolution().map(|()| m)).map_err(|e| e.of_component(z))?;
        }
        let estimate = self.with_members(members);
        let fell = self.is_mixed() && !(estimate.expected_log_densities(s) >= self.expected_log_densities(s));
        Ok(if fell { self.clone() } else { estimate })
    }

    fn expected_log_densities(&self, s: &Vec<Scatter>) -> f64 {
        self.members.expected_log_densities(s)
    }

    fn log_density_tile(&self, block: Rows<'_, f64>, tile: &mut [f64]) {
        self.members.log_density_tile(block, tile);
    }

    fn observe_tile(&self, s: &mut Vec<Scatter>, block: Rows<'_, f64>, weights: &[f64]) {
        self.members.observe_tile(s, block, weights);
    }

    fn joint_guarantee(&self) -> Guarantee {
        if self.is_mixed() { Guarantee::Generalised } else { self.members.joint_guarantee() }
    }

    fn resolution_given(&self, z: usize) -> f64 {
        self.members[z].resolution()
    }

    fn doubts(&self, _: &Vec<Scatter>, rows: &[f64]) -> Vec<Doubt> {
        let of_member = |(z, member): (usize, &LowRankNormal)| {
            let determining = if self.shared[0] { 1 } else { member.determining_rows() };
            // Where all is shared it is told once.
            let told = if z > 0 && self.shared == [true; 2] { Vec::new() } else { member.doubts_as(z) };
            Doubt::of(z, rows[z], determining, None).chain(told).collect::<Vec<_>>()
        };
        self.iter().enumerate().flat_map(of_member).collect()
    }

    fn degrees_of_freedom(&self) -> Option<usize> {
        let (k, d, q) = (self.count(), self.members[0].dimension(), self.members[0].factors());
        let (noise, of_one) = (self.members[0].shape(), free_parameters(d, q, self.members[0].shape()));
        let of_covariances = match self.shared {
            shared if k == 1 || shared == [true; 2] => of_one,
            [false, false] => k * of_one,
            [shared, _] => {
                let times = |shared: bool| if shared { 1 } else { k };
                let free = times(shared) * (d * q - q * (q - 1) / 2) + times(!shared) * noise.variances(d);
                // No more than K covariances have; shared loadings leave them only their diagonals.
                let own = if shared && noise == Noise::Diagonal { d } else { d * (d + 1) / 2 };
                free.min(d * (d + 1) / 2 - own + k * own)
            }
        };
        Some(k * d + of_covariances)
    }

    fn space(&self) -> Space {
        self.members.space()
    }

    fn numbers_of(&self, x: &[f64]) -> Option<Vec<f64>> {
        self.members.numbers_of(x)
    }

    fn refusal_of(&self, x: &[f64], row: usize) -> Option<Error> {
        not_finite(row, x, false).or_else(|| too_large(row, x))
    }

    /// The same parts must be shared.
    fn check_start(&self, start: &Self) -> Result<(), Error> {
        self.members.check_start(&start.members)?;
        if self.shared == start.shared { Ok(()) } else { Err(Error::OtherShape { component: 0 }) }
    }
}

impl SampleGiven for LowRankNormals {
    fn sample_given(&self, z: usize, rng: &mut dyn Rng) -> Vec<f64> {
        self.members.sample_given(z, rng)
    }
}

/// The coordinates of each member; what is shared stands with the first alone.
impl Parametric for LowRankNormals {
    fn to_vector(&self) -> Vec<f64> {
        let own = |(z, member): (usize, &LowRankNormal)| {
            let [mean, noise, loadings] = self.parts();
            let vector = member.to_vector();
            let kept = |part: &std::ops::Range<usize>, shared: bool| if z > 0 && shared { 0..0 } else { part.clone() };
            let parts = [mean, kept(&noise, self.shared[1]), kept(&loadings, self.shared[0])];
            parts.into_iter().flat_map(|part| vector[part].to_vec()).collect::<Vec<f64>>()
        };
        self.iter().enumerate().flat_map(own).collect()
    }

    fn from_vector(&self, mut coordinates: &[f64]) -> Result<Self, Error> {
        let [mean, noise, loadings] = self.parts();
        let first = &coordinates[..loadings.end];
        let mut members = Vec::with_capacity(self.members.len());
        for (z, member) in self.iter().enumerate() {
            let mut take = |part: &std::ops::Range<usize>, shared: bool| {
                if z > 0 && shared {
                    return &first[part.clone()];
                }
                let (own, rest) = coordinates.split_at(part.len());
                coordinates = rest;
                own
            };
            let parts = [take(&mean, false), take(&noise, self.shared[1]), take(&loadings, self.shared[0])];
            members.push(member.from_vector(&parts.concat())?);
        }
        Ok(self.with_members(members))
    }
}

impl LowRankNormals {
    /// Where means, noise and loadings stand among the coordinates of a member.
    fn parts(&self) -> [std::ops::Range<usize>; 3] {
        let (d, q, shape): (usize, usize, Noise) =
            (self.members[0].dimension(), self.members[0].factors(), self.members[0].shape());
        let noise = d + shape.variances(d);
        [0..d, d..noise, noise..noise + d * q - q * (q - 1) / 2]
    }
}
