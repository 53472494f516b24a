//! Builds the dashboard.

fn main() {}
