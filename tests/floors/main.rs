//! The house has floors: imports point down, no two files of a floor import each other, and no file is above 400 lines.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod drawing;
mod imports;

use std::fs;
use std::path::{Path, PathBuf};

use imports::{Imports, Module};

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// The modules in the order of their `pub mod` lines in `lib.rs`: bottom up.
fn floors() -> Vec<String> {
    let lib = fs::read_to_string("src/lib.rs").unwrap();
    lib.lines().filter_map(|l| l.strip_prefix("pub mod ")).map(|l| l.trim_end_matches(';').to_owned()).collect()
}

/// The lines of a file without comments and without its unit tests.
fn code(text: &str) -> impl Iterator<Item = &str> {
    let tests = text.find("#[cfg(test)]").unwrap_or(text.len());
    text[..tests].lines().filter(|l| !l.trim_start().starts_with("//"))
}

#[test]
fn imports_point_down() {
    let floors = floors();
    assert!(floors.len() > 5, "lib.rs lists its floors as `pub mod name;` lines");
    let mut files = Vec::new();
    rust_files(Path::new("src"), &mut files);
    let mut wrong = Vec::new();
    for path in files {
        let inside = path.strip_prefix("src").unwrap();
        let first = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        // lib.rs and the command line stand above all floors.
        let Some(here) = floors.iter().position(|f| f == first) else { continue };
        let text = fs::read_to_string(&path).unwrap();
        for line in code(&text) {
            for used in line.split("crate::").skip(1) {
                let name: String = used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if floors.iter().position(|f| *f == name).is_some_and(|there| there > here) {
                    wrong.push(format!("{}: {}", path.display(), line.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "these imports point up:\n{}", wrong.join("\n"));
}

/// `src/network/exact/plan.rs` is the module network, exact, plan.
fn module(path: &Path) -> Module {
    let inside = path.strip_prefix("src").unwrap().with_extension("");
    let parts = inside.iter().map(|part| part.to_str().unwrap().to_owned());
    parts.filter(|part| part != "mod" && part != "lib").collect()
}

fn imports() -> Imports {
    let mut files = Vec::new();
    rust_files(Path::new("src"), &mut files);
    let text = |path: &PathBuf| code(&fs::read_to_string(path).unwrap()).fold(String::new(), |text, l| text + l + "\n");
    Imports::of(files.iter().map(|path| (module(path), text(path))))
}

#[test]
fn no_files_import_each_other() {
    let imports = imports();
    let shown = |circle: &Vec<&Module>| circle.iter().map(|m| m.join("/")).collect::<Vec<_>>().join(" ");
    let circles: Vec<String> = imports.circles().iter().map(shown).collect();
    assert!(circles.is_empty(), "these files import each other:\n{}", circles.join("\n"));
}

#[test]
fn a_circle_through_re_exports_is_seen() {
    let file = |path: &str, text: &str| (path.split('/').map(str::to_owned).collect(), text.to_owned());
    let house = |of_row: &str| {
        Imports::of(
            [
                (Vec::new(), "pub mod room;".to_owned()),
                file("room", "mod row; mod table;\npub use row::Row;\npub use table::{Table as Matrix, each};"),
                file("room/row", of_row),
                file("room/table", "use super::Row;\npub struct Table(Row);\npub fn each() {}"),
            ]
            .into_iter(),
        )
    };
    assert!(house("pub struct Row;").circles().is_empty());
    assert_eq!(house("use crate::room::Matrix;\npub struct Row(Matrix);").circles().len(), 1);
    assert_eq!(house("pub struct Row;\nimpl Row { fn n(&self) { super::each() } }").circles().len(), 1);
}

#[test]
fn no_file_is_above_400_lines() {
    let mut files = Vec::new();
    for folder in ["src", "tests", "examples", "benches"] {
        rust_files(Path::new(folder), &mut files);
    }
    for path in files {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= 400, "{} has {lines} lines: one idea a file", path.display());
    }
}

/// `MARGINAL_DRAW=1 cargo test --test floors` draws it anew.
#[test]
fn the_architecture_is_drawn_as_it_is() {
    let (begin, end) = ("<!-- drawn from the code -->\n", "<!-- end -->");
    let page = fs::read_to_string("ARCHITECTURE.md").unwrap();
    let (before, rest) = page.split_once(begin).unwrap();
    let (drawn, after) = rest.split_once(end).unwrap();
    let drawing = drawing::drawing(&floors(), &imports());
    if std::env::var_os("MARGINAL_DRAW").is_some() {
        fs::write("ARCHITECTURE.md", format!("{before}{begin}{drawing}{end}{after}")).unwrap();
    } else {
        assert_eq!(drawn, drawing, "the drawing in ARCHITECTURE.md is out of date: MARGINAL_DRAW=1 draws it anew");
    }
}

#[test]
fn no_folder_has_more_than_sixteen_files() {
    let mut files = Vec::new();
    rust_files(Path::new("src"), &mut files);
    let mut counts = std::collections::BTreeMap::new();
    files.iter().for_each(|path| *counts.entry(path.parent().unwrap()).or_insert(0) += 1);
    let crowded: Vec<_> = counts.iter().filter(|(_, count)| **count > 16).collect();
    assert!(crowded.is_empty(), "these folders need rooms: {crowded:?}");
}
