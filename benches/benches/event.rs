//! Every row as a criterion group, with every peer in it.
//!
//! For one row in depth, or against a saved baseline. Peers run one after the other here, so slow
//! drift of the machine falls on some of them: what is quoted comes from `compare`.

use std::time::Duration;

use criterion::{BenchmarkId, Criterion};
use reveille_benches::rows::CASES;
use reveille_benches::{Case, SUBJECTS};

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .sample_size(20)
        .configure_from_args();
    for case in CASES {
        for (index, row) in case.rows().iter().enumerate() {
            group(&mut criterion, case, index, row);
        }
    }
    criterion.final_summary();
}

fn group(criterion: &mut Criterion, case: Case, index: usize, row: &str) {
    let mut group = criterion.benchmark_group(row);
    for subject in &SUBJECTS {
        // Who has no answer; and the floor has nothing to resume: a row that is always zero.
        let answers = (subject.run)(case, 1).is_some_and(|rows| !rows[index].is_zero());
        if !answers {
            continue;
        }
        group.bench_function(BenchmarkId::from_parameter(subject.column.name), |bencher| {
            bencher.iter_custom(|iterations| {
                (subject.run)(case, iterations).map_or(Duration::ZERO, |rows| rows[index])
            });
        });
    }
    group.finish();
}
