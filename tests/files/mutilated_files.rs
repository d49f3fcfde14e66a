//! Files that were cut, spliced or changed are read or refused, in good time and without a panic.
#![cfg(all(feature = "csv", feature = "parquet", feature = "serde", feature = "xml"))]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use marginal::Error;
use marginal::data::Table;
use marginal::io::{CsvOptions, ModelFile, NetworkOptions, Parquet, ParquetOptions};
use marginal::network::{Network, StateTable};
use marginal::rand::rngs::Xoshiro256PlusPlus;
use marginal::rand::{Rng, RngExt, SeedableRng};

/// A file may take so long: much more than any of these needs, on a busy machine too.
const LONGEST: Duration = Duration::from_secs(5);
/// Files above this size are mutilated no further.
const LARGEST: usize = 20_000;

const MODEL: &str = r#"{"format":"marginal","version":1,"columns":["n","c"],"model":{"kind":"column-mixture",
 "families":["poisson","categorical:2"],"proportions":[0.5,0.5],"components":[
 [{"rate":1.5},{"probability of 0":0.25,"probability of 1":0.75}],
 [{"rate":4.0},{"probability of 0":0.5,"probability of 1":0.5}]]}}"#;
const CHAIN: &str = r#"{"format":"marginal","version":1,"columns":["a"],"sequence":"who","model":
 {"kind":"gaussian-hidden-markov-model","initial":[0.5,0.5],"transitions":[[1.0,0.0],[0.0,1.0]],
 "emissions":[{"mean":[0.0],"root":{"full":[[1.0]]}},{"mean":[3.0],"root":{"full":[[2.0]]}}]}}"#;

/// The pieces that hurt most.
const PIECES: [&str; 24] = [
    "\"",
    "'",
    ";",
    ",",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "<",
    ">",
    "&#0;",
    "//",
    "/*",
    "\u{0}",
    "\r",
    "\n",
    "\t",
    "é",
    "99999999999999999999",
    "-1e999",
    "NaN",
    "4294967296",
];

/// What reads a file of this kind; it returns whether the file was refused.
type Reader = fn(&Path) -> bool;

fn csv(path: &Path) -> bool {
    let all = Table::read_csv(path);
    for is_there in [true, false] {
        let _ = CsvOptions::default().header(is_there).missing(true).read(path);
    }
    let _ = CsvOptions::default().read_text(path, "x1");
    all.is_err()
}

fn states(path: &Path) -> bool {
    let asia = Network::read("data/networks/asia.bif").unwrap();
    StateTable::read_csv(path, &asia).is_err()
}

fn network(path: &Path) -> bool {
    let read = NetworkOptions::default().rounding(0.1).read(path);
    if let Ok(network) = &read {
        assert!(Network::from_bif(&network.to_bif()).unwrap() == *network);
    }
    read.is_err()
}

fn model(path: &Path) -> bool {
    let read = ModelFile::load(path);
    if let Ok(file) = &read {
        assert_eq!(ModelFile::from_json(&file.to_json().unwrap()).unwrap(), *file);
    }
    read.is_err()
}

fn parquet(path: &Path) -> bool {
    let _ = ParquetOptions::default().read_text(path, "eruptions");
    let pass =
        |file: Parquet| -> Result<(), Error> { marginal::data::Dataset::fold(&file, &0.0, &|_, _| Ok(())).map(|_| ()) };
    Parquet::open(path).and_then(pass).is_err()
}

/// One change of a file.
fn mutilate(bytes: &mut Vec<u8>, rng: &mut dyn Rng) {
    if bytes.is_empty() {
        return;
    }
    let at = rng.random_range(0..bytes.len());
    let to = rng.random_range(at..bytes.len().min(at + 200));
    match rng.random_range(0..8) {
        0 => bytes.truncate(at),
        1 => bytes[at] = rng.random(),
        2 => bytes[at] ^= 1 << rng.random_range(0..8),
        3 => _ = bytes.drain(at..to),
        4 => {
            let piece = bytes[at..to].to_vec();
            let place = rng.random_range(0..bytes.len());
            bytes.splice(place..place, piece);
        }
        5 => {
            let piece = PIECES[rng.random_range(0..PIECES.len())].repeat(if rng.random_bool(0.1) { 500 } else { 1 });
            bytes.splice(at..at, piece.into_bytes());
        }
        6 => {
            let start = bytes[..at].iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1);
            let end = bytes[at..].iter().position(|b| *b == b'\n').map_or(bytes.len(), |end| at + end + 1);
            let line = bytes[start..end].to_vec();
            bytes.splice(start..start, line);
        }
        _ => {
            let digit = bytes[at..].iter().position(u8::is_ascii_digit);
            if let Some(digit) = digit {
                bytes.splice(at + digit..=at + digit, *b"99999999999");
            }
        }
    }
}

/// Valid files, each with what reads it.
fn files() -> Vec<(String, Vec<u8>, Reader)> {
    let read = |name: &str| std::fs::read(name).unwrap();
    let asia = Network::read("data/networks/asia.bif").unwrap();
    let header: Vec<&str> = asia.variables().iter().map(marginal::network::Variable::name).collect();
    let rows = "yes,no,yes,no,?,no,yes,NA\n".repeat(20);
    let mut files: Vec<(String, Vec<u8>, Reader)> = vec![
        ("csv".into(), read("data/faithful.csv"), csv),
        ("csv".into(), b"1990,1991\n1,2\n\"3\",4\n,5\n".to_vec(), csv),
        ("csv".into(), read("data/iris.csv"), csv),
        ("csv".into(), format!("{}\n{rows}", header.join(",")).into_bytes(), states),
        ("bif".into(), read("data/networks/asia.bif"), network),
        ("bif".into(), read("tests/cases/interval_states.bif"), network),
        ("xml".into(), asia.to_xmlbif().unwrap().into_bytes(), network),
        ("uai".into(), asia.to_uai().into_bytes(), network),
        ("json".into(), MODEL.into(), model),
        ("json".into(), CHAIN.into(), model),
        ("parquet".into(), read("data/faithful.parquet"), parquet),
    ];
    if let Ok(folder) = std::env::var("MUTILATED_FILES") {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let ending = path.extension().unwrap_or_default().to_string_lossy().into_owned();
            let reader: Reader = match ending.as_str() {
                "csv" => csv,
                "json" => model,
                "parquet" => parquet,
                "bif" | "uai" | "xml" => network,
                _ => continue,
            };
            files.push((ending, std::fs::read(path).unwrap(), reader));
        }
    }
    files.retain(|(_, bytes, _)| bytes.len() <= LARGEST);
    files
}

/// MUTILATED_SECONDS says for how long, MUTILATED_SEED from where, MUTILATED_FILES names a folder of further files.
#[test]
fn no_mutilated_file_panics_or_hangs() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (seed, time) = (number("MUTILATED_SEED").unwrap_or(1), number("MUTILATED_SECONDS").map(Duration::from_secs));
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let (files, start) = (files(), Instant::now());
    let (mut tried, mut refused, mut slowest) = (0, 0, Duration::ZERO);
    let more = |tried: usize| time.map_or(tried < 200 * files.len(), |time| start.elapsed() < time);
    while more(tried) {
        let (ending, whole, reader) = &files[tried % files.len()];
        let mut bytes = whole.clone();
        for _ in 0..rng.random_range(1..4) {
            mutilate(&mut bytes, &mut rng);
        }
        let name = format!("mutilated_{seed}.{ending}");
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::write(&path, &bytes).unwrap();
        let before = Instant::now();
        refused += usize::from(reader(&path));
        let taken = before.elapsed();
        assert!(taken < LONGEST, "{} took {taken:?}", path.display());
        slowest = slowest.max(taken);
        tried += 1;
    }
    println!("{tried} files, {refused} refused, the slowest took {slowest:?}");
    assert!(refused > tried / 4 && refused < tried, "{refused} of {tried} were refused");
}
