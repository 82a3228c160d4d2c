//! The program. It hands over to `cli` at once.

fn main() -> std::process::ExitCode {
    portico::cli::run()
}
