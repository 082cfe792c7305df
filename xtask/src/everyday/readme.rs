//! The commands that README.md gives: checked, and run as they stand there.

use crate::step::{Done, Stop};
use std::fs;

/// What one block of README.md must consist of: see it work, then test it.
const START: [&str; 2] = ["cargo run --example worker", TEST];

/// The test command that we expect to find.
const TEST: &str = "cargo test";

/// Checks that README.md has a block of exactly the two commands to start with.
pub(crate) fn check() -> Done {
    let text = fs::read_to_string("README.md")?;
    if blocks(&text).contains(&START.to_vec()) {
        return Ok(());
    }
    let wanted = START.join("`, `");
    Err(Stop::Failed(format!("README.md has no fenced block of exactly `{wanted}`")))
}

/// The test command that README.md gives, without the word `cargo`.
pub(crate) fn test_words() -> Result<String, Stop> {
    let text = fs::read_to_string("README.md")?;
    let words = test_command(&text).and_then(|line| line.strip_prefix("cargo "));
    words.map(Into::into).ok_or_else(|| Stop::failed("README.md gives no `cargo test` command"))
}

/// The first command of a fenced block that is `cargo test`, perhaps with more words.
fn test_command(text: &str) -> Option<&str> {
    let is_test = |line: &&str| line.split_whitespace().take(2).eq(TEST.split_whitespace());
    blocks(text).into_iter().flatten().find(is_test)
}

/// The lines of each fenced block, without the prompt, comments, and empty lines.
fn blocks(text: &str) -> Vec<Vec<&str>> {
    let mut blocks = Vec::new();
    let mut open = None;
    for line in text.lines().map(str::trim) {
        if line.starts_with("```") {
            match open.take() {
                None => open = Some(Vec::new()),
                Some(block) => blocks.push(block),
            }
        } else if let Some(block) = &mut open {
            let command = line.split(" #").next().unwrap_or_default().trim();
            let command = command.strip_prefix("$ ").unwrap_or(command);
            if !command.is_empty() && !command.starts_with('#') {
                block.push(command);
            }
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
Run `cargo test --prose`.

```sh
$ cargo run --example worker   # no network

cargo test
```

```rust
let x = 1;
```
";

    #[test]
    fn blocks_hold_commands_alone() {
        assert_eq!(blocks(TEXT), [START.to_vec(), vec!["let x = 1;"]]);
    }

    #[test]
    fn test_command_is_taken_from_a_block_with_all_its_words() {
        assert_eq!(test_command(TEXT), Some("cargo test"));
        assert_eq!(test_command("```\ncargo test --all\n```"), Some("cargo test --all"));
        assert_eq!(test_command("```\ncargo testify\n```\ncargo test"), None);
    }

    #[test]
    fn block_that_never_ends_is_no_block() {
        assert_eq!(test_command("```\ncargo test\n"), None);
    }
}
