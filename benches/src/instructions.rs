//! Every row that is counted, in every column.

use crate::compare::Subject;
#[cfg(target_os = "linux")]
use crate::waitable;
use crate::{flag, result, subjects};

/// Passes each row to `count`: its type, column and name, whether it is ours, its iterations, and
/// the closure that runs them.
pub fn all(mut count: impl FnMut([&str; 3], bool, usize, &mut dyn FnMut())) {
    let count = &mut count;
    rows("event", &subjects::SUBJECTS, count);
    rows("flag", &flag::subjects::SUBJECTS, count);
    rows("result", &result::subjects::SUBJECTS, count);
    #[cfg(target_os = "linux")]
    rows("waitable", &waitable::subjects::SUBJECTS, count);
}

fn rows<C>(
    of: &str,
    subjects: &[Subject<C>],
    count: &mut impl FnMut([&str; 3], bool, usize, &mut dyn FnMut()),
) {
    for Subject { column, count: rows, .. } in subjects {
        rows(&mut |row, times, run| count([of, column.name, row], column.is_ours(), times, run));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    #[test]
    fn every_row_is_counted_once_and_has_a_name_of_its_own() {
        let mut names = HashSet::new();
        let mut ours = 0;
        super::all(|name, is_ours, times, run| {
            run();
            ours += usize::from(is_ours);
            assert!(times > 0);
            assert!(names.insert(name.map(str::to_owned)), "{name:?} twice");
        });
        // 11 of an event, 4 of a flag set in either way, 7 of a result and a value, 1 of a
        // descriptor.
        let waitable = usize::from(cfg!(target_os = "linux"));
        assert_eq!(ours, 11 + 2 * 4 + 7 + waitable);
        assert!(names.len() > 100);
    }
}
