//! The program. It hands over to `cli` at once.

/// A request asks for memory a few hundred times, mostly for little: this allocator takes a tenth off what that costs, where
/// the system's own is glibc's (docs/performance.md). It asks for no huge pages: a quiet façade would hold twice as much.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    portico::cli::run()
}
