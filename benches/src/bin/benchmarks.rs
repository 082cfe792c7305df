//! Writes the page and the picture of all comparisons: `benchmarks RECORDS DOCS DATE COMMIT`
//!
//! RECORDS is the folder with the records of the comparisons, and with `code.tsv`, the sizes of the
//! minimal programs. `cargo xtask bench` runs the comparisons, and this program.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use reveille_benches::chart::chart;
use reveille_benches::minimal;
use reveille_benches::page::{About, page};
use reveille_benches::record::Record;

/// The records, in the order of the page. Other systems than Linux have fewer.
const NAMES: [&str; 7] = ["event", "flag", "signal", "blocking", "result", "waitable", "originals"];

/// The end of the page, written by hand.
const NOTES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/notes.md");

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [folder, docs, date, commit] = &arguments[..] else {
        return Err("arguments: RECORDS DOCS DATE COMMIT".into());
    };
    let paths = NAMES.map(|name| Path::new(folder).join(name).with_extension("json"));
    let read = paths.iter().filter(|path| path.exists()).map(|path| Record::read(path));
    let mut records: Vec<Record> = read.collect::<Result<_, _>>()?;
    let code = Path::new(folder).join("code.tsv");
    if let Some(events) = records.iter_mut().find(|record| record.name == "event" && code.exists())
    {
        events.costs += &format!("\n{}", minimal::table(&fs::read_to_string(code)?)?);
    }
    if records.is_empty() {
        return Err(format!("no records in {folder}").into());
    }
    let about = About {
        date: date.clone(),
        commit: commit.clone(),
        machine: machine(),
        notes: fs::read_to_string(NOTES)?,
    };
    for (name, text) in
        [("benchmarks.md", page(&records, &about)), ("benchmarks.svg", chart(&records))]
    {
        let path = Path::new(docs).join(name);
        fs::write(&path, text)?;
        println!("{}", path.display());
    }
    Ok(())
}

/// Processor and kernel, if the system reports them.
fn machine() -> String {
    let processor = fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("model name"))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    });
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").ok();
    let kernel = kernel.map(|release| format!("Linux {}", release.trim()));
    let known: Vec<String> = [processor, kernel].into_iter().flatten().collect();
    if known.is_empty() { env::consts::OS.into() } else { known.join(", ") }
}
