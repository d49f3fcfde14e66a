//! The names that most programs need: `use marginal::prelude::*;`.

pub use crate::Error;
pub use crate::components::*;
pub use crate::conditionals::*;
pub use crate::data::{Batch, Dataset, Rows, Statistics, Table, Weighted};
pub use crate::distributions::*;
pub use crate::em::{Em, Fit, FitError, Stopped};
pub use crate::graph::{DirectedGraph, Graph, Node};
pub use crate::latent::{Evidence, FiniteLatent, LatentModel, Posterior, Start, StartKind};
pub use crate::models::*;
pub use crate::network::{FiniteGraph, Network};
pub use rand::{Rng, RngExt, SeedableRng};
