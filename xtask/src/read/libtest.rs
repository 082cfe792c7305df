//! Reads what the test harness prints.

/// How many tests were begun, in all binaries that ran.
pub(crate) fn begun(text: &str) -> usize {
    let count = |line: &str| {
        let rest = line.strip_prefix("running ")?;
        rest.strip_suffix(" tests").or(rest.strip_suffix(" test"))?.parse::<usize>().ok()
    };
    text.lines().filter_map(count).sum()
}

/// What the tests say that there was of this: the sum of all lines `N WHAT`.
pub(crate) fn sum(text: &str, what: &str) -> usize {
    let count = |line: &str| line.strip_suffix(what)?.strip_suffix(' ')?.parse::<usize>().ok();
    text.lines().filter_map(count).sum()
}

/// How many tests passed, in all binaries that ran. (Two seeds of Miri print into each other's lines.)
pub(crate) fn passed(text: &str) -> usize {
    let count = |before: &str| {
        let digits = before.len() - before.trim_end_matches(|it: char| it.is_ascii_digit()).len();
        before[before.len() - digits..].parse::<usize>().ok()
    };
    let parts: Vec<&str> = text.split(" passed; ").collect();
    parts[..parts.len() - 1].iter().filter_map(|before| count(before)).sum()
}

/// How many tests of this module passed.
pub(crate) fn passed_in(text: &str, module: &str) -> usize {
    let prefix = format!("test {module}::");
    text.lines().filter(|line| line.starts_with(&prefix) && line.ends_with("... ok")).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
running 3 tests
test raw::state::tests::a ... ok
test tests::event::b ... ok
test tests::event::c ... ignored
test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out

running 1 test
test tests::d ... FAILED
running late
";

    #[test]
    fn begun_adds_up_all_binaries() {
        assert_eq!(begun(TEXT), 4);
        assert_eq!(begun("running 0 tests"), 0);
    }

    #[test]
    fn sum_is_of_the_lines_that_hold_nothing_else() {
        assert_eq!(sum("3 turns\n4 turns\nall 5 turns\n6 turns more\n", "turns"), 7);
    }

    #[test]
    fn passed_adds_up_all_binaries_also_on_one_line() {
        assert_eq!(passed(TEXT), 2);
        assert_eq!(passed("ok. 31 passed; 0 failed; ok. 12 passed; 0 failed;"), 43);
        assert_eq!(passed("how it passed; nobody knows"), 0);
    }

    #[test]
    fn passed_counts_the_module_at_the_root_alone() {
        assert_eq!(passed_in(TEXT, "tests"), 1);
        assert_eq!(passed_in(TEXT, "raw"), 1);
    }
}
