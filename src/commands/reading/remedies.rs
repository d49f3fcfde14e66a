//! What to do about a fit that collapses: only what can be done, and has not been done.

use std::fmt;

/// What a model has K of: the word in which it is spoken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Cluster,
    Component,
    State,
}

impl Part {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Cluster => "cluster",
            Self::Component => "component",
            Self::State => "state",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The remedies that a command has.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Remedies {
    /// Fewer components than were asked for.
    pub(crate) fewer: bool,
    /// A floor on covariances, where there is none yet.
    pub(crate) floor: bool,
    /// A prior of the components, where there is none yet.
    pub(crate) prior: bool,
}

impl Remedies {
    /// `: fewer components, --floor or --prior weak`, with one more remedy at the end; nothing if there is none.
    pub(crate) fn with(self, part: Part, last: Option<&str>) -> String {
        let fewer = self.fewer.then(|| format!("fewer {part}s"));
        let floor = self.floor.then(|| "--floor".to_owned());
        let prior = self.prior.then(|| "--prior weak".to_owned());
        let all: Vec<String> = [fewer, floor, prior, last.map(str::to_owned)].into_iter().flatten().collect();
        match all.split_last() {
            None => String::new(),
            Some((only, [])) => format!(": {only}"),
            Some((last, others)) => format!(": {}, or {last}", others.join(", ")),
        }
    }

    /// What helps where a column is constant: neither fewer components, nor a prior as wide as the file.
    pub(crate) fn of_constant_column(self) -> Self {
        Self { fewer: false, prior: false, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_done_is_advised() {
        let all = Remedies { fewer: true, floor: true, prior: true };
        assert_eq!(
            all.with(Part::Component, Some("other data")),
            ": fewer components, --floor, --prior weak, or other data"
        );
        assert_eq!(all.of_constant_column().with(Part::State, None), ": --floor");
        assert_eq!(Remedies::default().with(Part::State, Some("other data")), ": other data");
        assert_eq!(Remedies::default().with(Part::State, None), "");
    }
}
