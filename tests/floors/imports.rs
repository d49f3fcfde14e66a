//! Which file imports from which, `super::` and re-exports followed to where a name is defined.

use std::collections::{BTreeMap, BTreeSet};

/// The path of a module: `["network", "exact", "plan"]`.
pub(crate) type Module = Vec<String>;

/// What a file defines, what it re-exports under which path, and all paths that it names.
#[derive(Debug, Default)]
struct File {
    defined: BTreeSet<String>,
    exported: BTreeMap<String, Vec<String>>,
    named: Vec<Vec<String>>,
}

/// The files of a crate and the paths in them.
#[derive(Debug)]
pub(crate) struct Imports(BTreeMap<Module, File>);

/// What comes before a name that is defined.
const KEYWORDS: [&str; 9] = ["struct", "enum", "trait", "fn", "type", "const", "static", "union", "macro_rules!"];

impl Imports {
    /// From the texts of all files, without comments and unit tests.
    pub(crate) fn of(texts: impl Iterator<Item = (Module, String)>) -> Self {
        Self(texts.map(|(module, text)| (module, File::of(&text))).collect())
    }

    /// The files that a file imports from, itself and the modules around it left out.
    fn from(&self, module: &Module) -> BTreeSet<&Module> {
        let named = self.0[module].named.iter();
        let found = named.filter_map(|path| self.home(module, path, 0));
        found.filter(|home| !module.starts_with(home)).collect()
    }

    /// The file in which a path, as written in a module, ends.
    fn home(&self, module: &[String], path: &[String], depth: usize) -> Option<&Module> {
        let ups = path.iter().take_while(|part| *part == "super").count();
        let (mut here, mut rest) = match path.first()?.as_str() {
            "crate" => (Vec::new(), &path[1..]),
            "self" => (module.to_vec(), &path[1..]),
            "super" => (module[..module.len().checked_sub(ups)?].to_vec(), &path[ups..]),
            first if self.0.contains_key(&child(module, first)) => (module.to_vec(), path),
            _ => return None,
        };
        while let Some((name, after)) = rest.split_first() {
            let file = self.0.get(&here)?;
            // A function and its file may share a name: the re-export is meant where the path ends.
            let export =
                file.exported.get(name).filter(|_| after.is_empty() || !self.0.contains_key(&child(&here, name)));
            let export = export.filter(|_| depth < 8 && !file.defined.contains(name));
            if let Some(home) = export.and_then(|path| self.home(&here, path, depth + 1)) {
                return Some(home);
            }
            if !self.0.contains_key(&child(&here, name)) {
                break;
            }
            (here, rest) = (child(&here, name), after);
        }
        self.0.get_key_value(&here).map(|(home, _)| home)
    }

    /// Whether some file of one floor imports from another floor.
    pub(crate) fn join(&self, floor: &str, other: &str) -> bool {
        let on = |module: &Module, floor: &str| module.first().is_some_and(|first| first == floor);
        self.0
            .keys()
            .filter(|module| on(module, floor))
            .any(|module| self.from(module).iter().any(|home| on(home, other)))
    }

    /// Groups of files each of which imports, by way of others, from every other of its group.
    pub(crate) fn circles(&self) -> Vec<Vec<&Module>> {
        let reached = |start| {
            let (mut seen, mut open) = (BTreeSet::new(), vec![start]);
            while let Some(module) = open.pop() {
                open.extend(self.from(module).into_iter().filter(|next| seen.insert(*next)));
            }
            seen
        };
        let reach: BTreeMap<&Module, BTreeSet<&Module>> =
            self.0.keys().map(|module| (module, reached(module))).collect();
        let circle = |module: &&Module| {
            let mates = reach[*module].iter().copied().filter(|other| reach[*other].contains(*module));
            mates.collect::<Vec<_>>()
        };
        let circles = self.0.keys().filter(|module| reach[*module].contains(*module)).map(|module| circle(&module));
        circles.collect::<BTreeSet<_>>().into_iter().collect()
    }
}

fn child(module: &[String], name: &str) -> Module {
    module.iter().map(String::as_str).chain([name]).map(str::to_owned).collect()
}

impl File {
    fn of(text: &str) -> Self {
        let mut file = Self::default();
        let words: Vec<&str> = text.split_whitespace().collect();
        for pair in words.windows(2).filter(|pair| KEYWORDS.contains(&pair[0])) {
            file.defined.insert(pair[1].chars().take_while(|c| is_name(*c)).collect());
        }
        let mut rest = text;
        while let Some(start) = rest.find("use ") {
            let before = rest[..start].rsplit('\n').next().unwrap_or_default().trim();
            let end = start + rest[start..].find(';').unwrap_or(rest.len() - start);
            if before.is_empty() || (before.starts_with("pub") && !before.contains(' ')) {
                for (path, name) in leaves(rest[start + 4..end].trim()) {
                    file.exported.insert(name, path.clone());
                    file.named.push(path);
                }
            }
            rest = rest.get(end.max(start + 4)..).unwrap_or_default();
        }
        for root in ["crate::", "super::"] {
            for (at, _) in text.match_indices(root) {
                let path: String = text[at..].chars().take_while(|c| is_name(*c) || *c == ':').collect();
                file.named.push(path.trim_end_matches(':').split("::").map(str::to_owned).collect());
            }
        }
        file
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The paths of a tree `a::{b, c as d}`, each with the name that it gets.
fn leaves(tree: &str) -> Vec<(Vec<String>, String)> {
    let Some((stem, branches)) = tree.split_once('{') else {
        let (path, name) = tree.split_once(" as ").unwrap_or((tree, ""));
        let mut path: Vec<String> = path.split("::").map(|part| part.trim().to_owned()).collect();
        path.pop_if(|last| last == "self" || last == "*");
        let name = if name.is_empty() { path.last().cloned().unwrap_or_default() } else { name.trim().to_owned() };
        return vec![(path, name)];
    };
    let branches = branches.strip_suffix('}').unwrap_or(branches);
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, c) in branches.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&branches[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&branches[start..]);
    let parts = parts.into_iter().map(str::trim).filter(|part| !part.is_empty());
    parts.flat_map(|part| leaves(&format!("{stem}{part}"))).collect()
}
