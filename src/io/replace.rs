//! Files replaced as a whole: the new content is written beside the old file and then takes its name, so that at any
//! moment the name stands for all of the old content or all of the new.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// As many symbolic links in a row as systems follow.
const LINKS: usize = 40;

/// Writes a file, or replaces what is there: old or new content as a whole, even if the power fails.
///
/// A symbolic link stays one, and the file that it names is replaced, or made where there is none. The permissions of a
/// replaced file are kept. What is no regular file, such as a terminal, a pipe or `/dev/stdout`, is written to as it is.
/// If it fails, the old file is unchanged; a process that is killed may leave a file `.marginal-….tmp` behind.
/// ```
/// let path = std::env::temp_dir().join(format!("marginal-replace-{}.txt", std::process::id()));
/// marginal::io::replace_file(&path, b"first")?;
/// marginal::io::replace_file(&path, b"second")?;
/// assert_eq!(std::fs::read(&path)?, b"second");
/// # std::fs::remove_file(path)?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// Those of the file system.
pub fn replace_file(path: impl AsRef<Path>, content: &[u8]) -> io::Result<()> {
    match Destination::of(path.as_ref())? {
        Destination::Output(number) => write_output(number, content),
        // Not truncated: what was written there before stays.
        Destination::Special(path) => OpenOptions::new().append(true).open(path)?.write_all(content),
        Destination::File(path) => {
            let beside = Beside::new(&path)?;
            beside.fill(content)?;
            beside.rename(&path)
        }
    }
}

/// Whether [`replace_file`] may write there, as far as can be known before: changes nothing, and opens no pipe.
///
/// # Errors
/// Those of the file system.
pub fn check_replaceable(path: impl AsRef<Path>) -> io::Result<()> {
    match Destination::of(path.as_ref())? {
        Destination::Output(_) | Destination::Special(_) => Ok(()),
        Destination::File(path) => Beside::new(&path).map(drop),
    }
}

/// Whether two paths name one regular file or one named pipe, be it through links, and whether it is there yet or not.
pub fn is_same_file(a: impl AsRef<Path>, b: impl AsRef<Path>) -> bool {
    let [a, b] = [a.as_ref(), b.as_ref()].map(Destination::of);
    match (a, b) {
        (Ok(Destination::File(a)), Ok(Destination::File(b))) => a == b || is_one_inode(&a, &b),
        (Ok(Destination::Special(a)), Ok(Destination::Special(b))) => is_pipe(&a) && is_one_inode(&a, &b),
        _ => false,
    }
}

#[cfg(unix)]
fn is_one_inode(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let inode = |path: &Path| std::fs::metadata(path).map(|of| (of.dev(), of.ino()));
    matches!((inode(a), inode(b)), (Ok(a), Ok(b)) if a == b)
}

#[cfg(unix)]
fn is_pipe(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;
    std::fs::metadata(path).is_ok_and(|of| of.file_type().is_fifo())
}

#[cfg(not(unix))]
fn is_pipe(_: &Path) -> bool {
    false
}

#[cfg(not(unix))]
fn is_one_inode(_: &Path, _: &Path) -> bool {
    false
}

/// Where what is written to a path goes.
enum Destination {
    /// A regular file that is there or can be made; no link.
    File(PathBuf),
    /// A device or a pipe.
    Special(PathBuf),
    /// Standard output (1) or standard error (2) of this process.
    Output(u32),
}

impl Destination {
    fn of(path: &Path) -> io::Result<Self> {
        let mut path = path.to_owned();
        for _ in 0..LINKS {
            let name = path.file_name().ok_or_else(|| io::Error::other("it names a folder, not a file"))?.to_owned();
            let folder = match path.parent() {
                Some(folder) if !folder.as_os_str().is_empty() => folder,
                _ => Path::new("."),
            };
            let folder = folder.canonicalize().map_err(|error| no_folder(folder, error))?;
            path = folder.join(&name);
            if let Some(number) = output_of(&folder, &path) {
                return Ok(Self::Output(number));
            }
            match std::fs::symlink_metadata(&path) {
                // Links there name what a process holds open, which need not be a path.
                Ok(of) if of.is_symlink() && is_system(&folder) => return Ok(Self::Special(path)),
                Ok(of) if of.is_symlink() => path = folder.join(std::fs::read_link(&path)?),
                Ok(of) if of.is_dir() => return Err(io::Error::other("it is a folder, not a file")),
                Ok(of) if of.is_file() => return Ok(Self::File(path)),
                Ok(_) => return Ok(Self::Special(path)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::File(path)),
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::other("its symbolic links lead to one another"))
    }
}

fn no_folder(folder: &Path, error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::NotFound => {
            io::Error::new(error.kind(), format!("there is no folder {}: make it first", folder.display()))
        }
        _ => error,
    }
}

fn is_system(folder: &Path) -> bool {
    folder == Path::new("/dev") || folder.starts_with("/proc")
}

/// The number of this process' output that a path stands for: opened anew, it would be written from its beginning.
fn output_of(folder: &Path, path: &Path) -> Option<u32> {
    if !is_system(folder) {
        return None;
    }
    let in_devices = folder == Path::new("/dev");
    let is_own = folder == Path::new(&format!("/proc/{}/fd", std::process::id()));
    match path.file_name()?.to_str()? {
        "stdout" if in_devices => Some(1),
        "stderr" if in_devices => Some(2),
        "1" if is_own => Some(1),
        "2" if is_own => Some(2),
        _ => None,
    }
}

fn write_output(number: u32, content: &[u8]) -> io::Result<()> {
    if number == 2 {
        return io::stderr().write_all(content);
    }
    let mut output = io::stdout().lock();
    output.write_all(content)?;
    output.flush()
}

/// A new file in the folder of another; it goes when it is dropped, unless it has taken the other's name.
struct Beside {
    path: PathBuf,
    file: File,
    renamed: bool,
}

impl Beside {
    fn new(target: &Path) -> io::Result<Self> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        // A file that must not be written shall not be replaced either.
        match OpenOptions::new().write(true).open(target) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let folder = target.parent().unwrap_or_else(|| Path::new("/"));
        loop {
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            let path = folder.join(format!(".marginal-{}-{count}.tmp", std::process::id()));
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(file) => {
                    let beside = Self { path, file, renamed: false };
                    beside.take_after(target)?;
                    return Ok(beside);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    let reason = format!("no file can be made beside it: {error}");
                    return Err(io::Error::new(error.kind(), reason));
                }
            }
        }
    }

    /// Gives it the permissions, and if that is allowed the owner, of the file that it is to replace.
    fn take_after(&self, target: &Path) -> io::Result<()> {
        let Ok(of) = std::fs::metadata(target) else { return Ok(()) };
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let own = self.file.metadata()?;
            if (own.uid(), own.gid()) != (of.uid(), of.gid()) {
                let _ = std::os::unix::fs::fchown(&self.file, Some(of.uid()), Some(of.gid()));
            }
        }
        self.file.set_permissions(of.permissions())
    }

    fn fill(&self, content: &[u8]) -> io::Result<()> {
        (&self.file).write_all(content)?;
        // The content reaches the disk before the name does.
        self.file.sync_all()
    }

    fn rename(mut self, target: &Path) -> io::Result<()> {
        std::fs::rename(&self.path, target)?;
        self.renamed = true;
        #[cfg(unix)]
        if let Some(folder) = target.parent() {
            // Some file systems cannot; the file is whole in any case.
            let _ = File::open(folder).and_then(|folder| folder.sync_all());
        }
        Ok(())
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        if !self.renamed {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}
