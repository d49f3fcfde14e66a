//! The drawing in ARCHITECTURE.md, made from the files themselves: what each floor is, its rooms, and which floors it needs.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::imports::Imports;

/// A table of the floors from the top down, and their imports as a Mermaid graph without those that follow from others.
pub(crate) fn drawing(floors: &[String], imports: &Imports) -> String {
    let mut text = String::from("| floor | what it is | rooms |\n| --- | --- | --- |\n");
    for floor in floors.iter().rev() {
        let _ = writeln!(text, "| `{floor}` | {} | {} |", headline(floor), rooms(floor).join(", "));
    }
    let needs: Vec<Vec<usize>> = floors.iter().map(|floor| needed(floor, floors, imports)).collect();
    text.push_str("\n```mermaid\ngraph BT\n");
    for (floor, direct) in floors.iter().zip(&needs) {
        for &other in direct.iter().filter(|other| !direct.iter().any(|via| reaches(&needs, *via, **other))) {
            let _ = writeln!(text, "    {} --> {floor}", floors[other]);
        }
    }
    text.push_str("```\n");
    text
}

/// Whether `to` is needed by what `from` needs.
fn reaches(needs: &[Vec<usize>], from: usize, to: usize) -> bool {
    needs[from].iter().any(|&next| next == to || reaches(needs, next, to))
}

fn needed(floor: &str, floors: &[String], imports: &Imports) -> Vec<usize> {
    let below = |other: &String| other != floor && imports.join(floor, other);
    (0..floors.len()).filter(|&other| below(&floors[other])).collect()
}

/// The first sentence of the floor's documentation, what follows a colon left out.
fn headline(floor: &str) -> String {
    let folder = format!("src/{floor}/mod.rs");
    let file = if Path::new(&folder).exists() { folder } else { format!("src/{floor}.rs") };
    let text = fs::read_to_string(file).unwrap();
    let lines = text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim);
    let paragraph = lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    let sentence = paragraph.split_once(". ").map_or(paragraph.as_str(), |(first, _)| first).trim_end_matches('.');
    without_links(sentence).replace('|', "\\|")
}

/// [`Name`](path) is `Name`.
fn without_links(text: &str) -> String {
    let mut parts = text.split("](");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once(')').map_or(part, |(_, rest)| rest)).replace("[`", "`")
}

fn rooms(floor: &str) -> Vec<String> {
    let folders = fs::read_dir(format!("src/{floor}")).into_iter().flatten().flatten().filter(|e| e.path().is_dir());
    let mut names: Vec<String> = folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
