//! A command and all that it starts, killed together.
//!
//! **A Limit Takes The Group.** A command with a limit leads a process group of
//! its own, and the whole group is killed when the command ends or its time is
//! over: cargo's death alone would leave a hung test behind. The price is that
//! Ctrl-C does not reach such a group; it goes on to its own end.
//!
//! Where there are no process groups, the command alone is killed.

use std::process::{Child, Command};

/// Lets a command lead a group of its own.
#[cfg(unix)]
pub(super) fn lead(command: &mut Command) {
    std::os::unix::process::CommandExt::process_group(command, 0);
}

/// Kills what is left of a command and its group.
#[cfg(unix)]
pub(super) fn kill(child: &mut Child) {
    // The shell's own `kill`: there is a shell everywhere. An empty group is an error we expect.
    let kill = format!("kill -s KILL -- -{}", child.id());
    _ = Command::new("sh").args(["-c", &kill]).stderr(std::process::Stdio::null()).status();
}

/// Lets a command lead a group of its own.
#[cfg(not(unix))]
pub(super) fn lead(_: &mut Command) {}

/// Kills what is left of a command and its group.
#[cfg(not(unix))]
pub(super) fn kill(child: &mut Child) {
    // It may have ended by itself.
    _ = child.kill();
}
