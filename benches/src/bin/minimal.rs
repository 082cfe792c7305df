//! The program that is weighed, of the column `BENCHES_SUBJECT`, counted from 0: see `minimal`

use reveille_benches::minimal;

const SUBJECT: usize = match option_env!("BENCHES_SUBJECT") {
    Some(number) => match usize::from_str_radix(number, 10) {
        Ok(subject) if subject < minimal::COUNT => subject,
        _ => panic!("BENCHES_SUBJECT is no column"),
    },
    None => 0,
};

fn main() {
    minimal::main::<SUBJECT>();
}
