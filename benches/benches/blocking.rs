//! Every row of the blocking waits as a criterion group, with every peer in it.
//!
//! For one row in depth, or against a saved baseline. Peers run one after the other here, so slow
//! drift of the machine falls on some of them: what is quoted comes from `compare_blocking`.

use std::time::Duration;

use criterion::{BenchmarkId, Criterion};
use reveille_benches::blocking::SUBJECTS;
use reveille_benches::blocking::rows::CASES;

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .sample_size(20)
        .configure_from_args();
    for case in CASES {
        let mut group = criterion.benchmark_group(case.to_string());
        for subject in &SUBJECTS {
            group.bench_function(BenchmarkId::from_parameter(subject.column.name), |bencher| {
                bencher.iter_custom(|iterations| {
                    let samples = (subject.run)(case, iterations);
                    let mean = samples.iter().sum::<f64>() / samples.len() as f64;
                    Duration::from_nanos((mean * iterations as f64) as u64)
                });
            });
        }
        group.finish();
    }
    criterion.final_summary();
}
