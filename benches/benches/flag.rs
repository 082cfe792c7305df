//! Every row of the flags as a criterion group, with every peer in it.
//!
//! For one row in depth, or against a saved baseline. Peers run one after the other here, so slow
//! drift of the machine falls on some of them: what is quoted comes from `compare_flag`, and the
//! way from a signal to a task is there only.

use std::time::Duration;

use criterion::{BenchmarkId, Criterion};
use reveille_benches::flag::rows::CASES;
use reveille_benches::flag::{Case, SUBJECTS};

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .sample_size(20)
        .configure_from_args();
    for case in CASES {
        group(&mut criterion, case);
    }
    criterion.final_summary();
}

fn group(criterion: &mut Criterion, case: Case) {
    let mut group = criterion.benchmark_group(case.to_string());
    // Threads settle between two iterations of the slow rows: a thousand of them have to do.
    let most = case.iterations().max(1_000);
    for subject in SUBJECTS.iter().filter(|subject| !(subject.run)(case, 1).is_empty()) {
        group.bench_function(BenchmarkId::from_parameter(subject.column.name), |bencher| {
            bencher.iter_custom(|iterations| {
                let samples = (subject.run)(case, iterations.min(most));
                let mean = samples.iter().sum::<f64>() / samples.len() as f64;
                Duration::from_nanos((mean * iterations as f64) as u64)
            });
        });
    }
    group.finish();
}
