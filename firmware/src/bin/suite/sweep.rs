pub(crate) const CASES: &[reveille_firmware::suite::Case] = &[];
