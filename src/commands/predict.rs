//! `marginal predict`: the most probable component of each row, its nearest centre, its state, or its factors.

use std::io::Write;

use marginal::io::ModelFile;

use super::failure::Failure;
use super::fitted::Fitted;
use super::kinds::factor_analysis::write_scores;
use crate::commands::arguments::uses::Predict;
use crate::commands::reading::beside::Beside;
use crate::commands::reading::input::Input;
use crate::commands::writing::grid::shortest;

pub(super) fn run(arguments: &Predict, out: &mut dyn Write) -> Result<(), Failure> {
    let file = ModelFile::load(&arguments.model)?;
    let header = arguments.header.is_there;
    let (sequence, missing) = (arguments.sequence.column.as_deref(), arguments.cells.allowed());
    let beside = Beside { sequence, header, missing: missing.as_ref(), ..Beside::default() };
    let input = Input::for_model(&arguments.file, &file, beside)?;
    let fitted = Fitted::of(&file.model)?;
    let mut csv = csv::Writer::from_writer(out);
    if arguments.scores {
        write_scores(&file.model, &input, &mut csv)?;
    } else if arguments.responsibilities {
        let shares = fitted.responsibilities(&input).map_err(|e| input.explain(&e))?;
        let Some(shares) = shares else {
            return Err(Failure::because("K-means has no responsibilities: leave --responsibilities out"));
        };
        let labels = fitted.labels(&input).map_err(|e| input.explain(&e))?;
        let header = (0..shares.columns()).map(|k| format!("p{k}"));
        csv.write_record(std::iter::once(fitted.part().to_string()).chain(header))?;
        for (label, shares) in labels.iter().zip(shares.rows().iter()) {
            csv.write_record(std::iter::once(label.to_string()).chain(shares.iter().map(|p| shortest(*p))))?;
        }
    } else {
        let labels = fitted.labels(&input).map_err(|e| input.explain(&e))?;
        csv.write_record([fitted.part().name()])?;
        labels.iter().try_for_each(|label| csv.write_record([label.to_string()]))?;
    }
    Ok(csv.flush()?)
}
