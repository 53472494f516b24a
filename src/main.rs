//! splitcast.
fn main() {}
