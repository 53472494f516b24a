//! What is told of a panic: where it was. Its text may hold what was being worked on, which may be a key,
//! so it is told only if it is as it stands in the program.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::PanicHookInfo;

/// Tells the log of panics, in place of what Rust would say.
pub fn log_panics() {
    std::panic::set_hook(Box::new(tell));
}

fn tell(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(place, what = text(panic.payload()), "a part of splitcast failed: please report this");
    let trace = Backtrace::capture();
    if trace.status() == BacktraceStatus::Captured {
        tracing::error!("{trace}");
    }
}

fn text(payload: &(dyn Any + Send)) -> &'static str {
    payload.downcast_ref::<&'static str>().copied().unwrap_or("its text is not shown")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_in_the_program_is_told() {
        let text_of = |work: fn()| text(&*std::panic::catch_unwind(work).unwrap_err());
        assert_eq!(text_of(|| panic!("as it stands")), "as it stands");
        assert_eq!(text_of(|| panic!("{}", "CANARY".to_lowercase())), "its text is not shown");
        // Rust says all of a text that is cut in the middle of a letter.
        assert_eq!(text_of(|| drop("CANARY é"[..8].to_owned())), "its text is not shown");
    }
}
