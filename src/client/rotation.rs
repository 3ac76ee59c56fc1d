//! The client credentials of a client, which their operator or the program may change.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;

use crate::clock::Deadline;
use crate::credentials::{Files, Source};
use crate::reading::GoesOn;
use crate::transport::Progress;
use crate::{CredentialSource, Credentials, Error};

/// How long a read of files is waited for at most where another pair can go on.
const LONGEST_READ: Duration = Duration::from_secs(5);

/// The pair in use, and the files that it comes from.
pub(super) struct Rotation(ArcSwap<Held>);

struct Held {
    files: Option<Arc<Files>>,
    pair: Arc<Credentials>,
}

impl Rotation {
    /// Reads the pair for the first time, until the deadline.
    ///
    /// # Errors
    /// As [`CredentialSource::read`]; `TIMEOUT`, `RESOURCES` where no thread can be had, and those of `goes_on`.
    pub(super) fn new(
        source: CredentialSource,
        deadline: Deadline,
        goes_on: GoesOn<'_>,
    ) -> Result<Self, Error> {
        let held = match source.0 {
            Source::Fixed(pair) => Held { files: None, pair: Arc::new(pair) },
            Source::Files(files) => {
                let progress = progress_of(&files);
                let pair = files.read_aside(&mut || {
                    goes_on()?;
                    progress.check(deadline)
                })?;
                Held { files: Some(files), pair: Arc::new(pair) }
            }
        };
        Ok(Rotation(ArcSwap::from_pointee(held)))
    }

    /// The pair for a request: what the files hold now, else the last good one, which `unread` is told.
    pub(super) fn read(&self, deadline: Deadline, unread: impl FnOnce(&Error)) -> Arc<Credentials> {
        let held = self.0.load_full();
        let Some(files) = &held.files else { return Arc::clone(&held.pair) };
        match read_before(deadline, files) {
            Ok(pair) if pair == *held.pair => Arc::clone(&held.pair),
            Ok(pair) => {
                let changed = Held { files: Some(Arc::clone(files)), pair: Arc::new(pair) };
                // The program may have replaced the pair meanwhile: then that one counts.
                self.0.compare_and_swap(&held, Arc::new(changed));
                Arc::clone(&self.0.load().pair)
            }
            Err(error) => {
                unread(&error);
                Arc::clone(&held.pair)
            }
        }
    }

    /// Whether the files hold another pair than the one in use. Files that can't be read hold none.
    pub(super) fn has_changed(&self, deadline: Deadline) -> bool {
        let held = self.0.load_full();
        held.files
            .as_ref()
            .is_some_and(|files| read_before(deadline, files).is_ok_and(|pair| pair != *held.pair))
    }

    /// Whether the pair comes from files.
    pub(super) fn can_change(&self) -> bool {
        self.0.load().files.is_some()
    }

    /// Puts a pair in place of the files or the pair before. A request under way keeps its own.
    pub(super) fn replace(&self, pair: Credentials) {
        self.0.store(Arc::new(Held { files: None, pair: Arc::new(pair) }));
    }
}

fn read_before(deadline: Deadline, files: &Arc<Files>) -> Result<Credentials, Error> {
    // A request has to fit into what is left.
    let within = LONGEST_READ.min(deadline.remaining() / 2);
    // One that others wait for hangs as long.
    let until = Deadline::after(within.saturating_sub(files.read_for()));
    let progress = progress_of(files);
    files.read_aside(&mut || {
        if until.has_passed() { Err(progress.not_within(within)) } else { Ok(()) }
    })
}

fn progress_of(files: &Files) -> Progress {
    let progress = Progress::default();
    progress.read(files.shown());
    progress
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::credentials::scratch::Scratch;
    use crate::{Options, Status};

    fn long() -> Deadline {
        Deadline::after(Duration::from_secs(60))
    }

    fn rotation(scratch: &Scratch) -> Result<Rotation, Error> {
        let mut options = Options::new();
        let (id, secret) = (scratch.path("id"), scratch.path("secret"));
        options.set_credential_files(Some(&id), Some(&secret)).unwrap();
        let source = CredentialSource::new(None, None, &options).unwrap();
        Rotation::new(source, long(), &mut || Ok(()))
    }

    fn write(scratch: &Scratch, client_id: &str, client_secret: &str) {
        scratch.write("id", client_id);
        scratch.write("secret", client_secret);
    }

    fn read(rotation: &Rotation) -> Arc<Credentials> {
        rotation.read(long(), |error| panic!("not read: {error}"))
    }

    #[test]
    fn files_that_are_not_there_make_none() {
        let error = rotation(&Scratch::new()).err().unwrap();
        assert_eq!(error.status(), Status::NoCredentials);
    }

    #[test]
    fn the_files_are_compared_with_the_last_pair_and_read_anew() {
        let scratch = Scratch::new();
        write(&scratch, "first", "s3cret");
        let rotation = rotation(&scratch).unwrap();
        assert!(rotation.can_change() && !rotation.has_changed(long()));
        assert_eq!(read(&rotation).client_id(), "first");
        write(&scratch, "second", "s3cret");
        assert!(rotation.has_changed(long()));
        assert_eq!(read(&rotation).client_id(), "second");
        assert!(!rotation.has_changed(long()));
    }

    #[test]
    fn a_read_that_fails_leaves_the_last_pair_and_tells_why() {
        let scratch = Scratch::new();
        write(&scratch, "first", "s3cret");
        let rotation = rotation(&scratch).unwrap();
        write(&scratch, "second", "");
        let mut told = String::new();
        let pair = rotation.read(long(), |error| told = error.to_string());
        assert_eq!(pair.client_id(), "first");
        assert!(told.ends_with("secret is empty"), "{told}");
        assert!(!rotation.has_changed(long()), "nothing that could be used");
    }

    #[test]
    fn a_replaced_pair_ends_the_reading_of_files() {
        let scratch = Scratch::new();
        write(&scratch, "first", "s3cret");
        let rotation = rotation(&scratch).unwrap();
        let under_way = read(&rotation);
        rotation.replace(Credentials::new("pushed", "s3cret").unwrap());
        write(&scratch, "second", "s3cret");
        assert_eq!(read(&rotation).client_id(), "pushed");
        assert!(!rotation.can_change() && !rotation.has_changed(long()));
        assert_eq!(under_way.client_id(), "first");
    }
}
