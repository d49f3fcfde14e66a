//! What is written of a network: its variables, each with the names of its states and parents and its table.

use crate::error::{NetworkError, saved};

use super::{Network, Variable};

saved!([] [] Network, |network| {
        name: String = network.label().to_owned(),
        #[serde(default)] properties: Vec<String> = network.properties().to_vec(),
        variables: Vec<Written> = network.variables().iter().map(|variable| written(network, variable)).collect(),
    }
    => build(&name, &properties, &variables));

/// A variable; its table has a row for each joint state of the parents, the first parent the slowest.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    states: Vec<String>,
    parents: Vec<String>,
    table: Vec<f64>,
    #[serde(default)]
    properties: Vec<String>,
}

fn written(network: &Network, variable: &Variable) -> Written {
    Written {
        name: variable.name().to_owned(),
        states: variable.states().to_vec(),
        parents: variable.parents().iter().map(|&p| network.variables()[p].name().to_owned()).collect(),
        table: variable.entries().to_vec(),
        properties: variable.properties().to_vec(),
    }
}

fn build(name: &str, properties: &[String], variables: &[Written]) -> Result<Network, NetworkError> {
    let mut builder = Network::builder();
    builder.name(name);
    for property in properties {
        builder.property(property);
    }
    for variable in variables {
        builder.variable(&variable.name, &variable.states, &variable.parents, variable.table.clone());
        for property in &variable.properties {
            builder.variable_property(property);
        }
    }
    builder.build()
}
