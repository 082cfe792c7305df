//! The program of which the size is measured, of the column `BENCHES_SUBJECT`, counted from 0; see
//! the module `minimal`. It prints the column's name.

use reveille_benches::subjects::SUBJECTS;

const SUBJECT: usize = match option_env!("BENCHES_SUBJECT") {
    Some(number) => match usize::from_str_radix(number, 10) {
        Ok(subject) if subject < SUBJECTS.len() => subject,
        _ => panic!("BENCHES_SUBJECT is not a column"),
    },
    None => 0,
};

fn main() {
    // Evaluated at compile time: the other columns are not linked.
    let (program, name) = const { (SUBJECTS[SUBJECT].minimal, SUBJECTS[SUBJECT].column.name) };
    program();
    println!("{name}");
}
