//! K-means: centres, the nearest of them, and seeds.

pub(crate) mod centroids;
pub(crate) mod clusters;
pub(crate) mod k_means;
pub(crate) mod nearest_centre;
pub(crate) mod seeding;
