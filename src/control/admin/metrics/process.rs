//! The process itself, by the names that Prometheus' own clients use. Read from `/proc` (proc(5)); nothing is shown where
//! there is none.

use super::level;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, NoLabelSet},
    metrics::MetricType,
};
use std::{fmt::Error, fs};

/// Ticks of a second in `/proc/self/stat`: `USER_HZ`, which is 100 wherever Linux runs (time(7)).
const TICKS: f64 = 100.0;

#[derive(Debug)]
pub(super) struct Process;

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), Error> {
        if let Some(bytes) = resident() {
            let about = ("process_resident_memory_bytes", "Memory that the process has in use");
            level(&mut encoder, about, bytes)?;
        }
        if let Ok(open) = fs::read_dir("/proc/self/fd") {
            #[expect(clippy::cast_precision_loss, reason = "nobody has as many")]
            let count = open.count() as f64;
            level(&mut encoder, ("process_open_fds", "Open descriptors"), count)?;
        }
        let Ok(stat) = fs::read_to_string("/proc/self/stat") else { return Ok(()) };
        if let Some((seconds, begun)) = times(&stat) {
            let about = "Time that the process has had of all cores";
            let name = "process_cpu_seconds";
            let mut metric = encoder.encode_descriptor(name, about, None, MetricType::Counter)?;
            metric.encode_counter::<NoLabelSet, _, u64>(&seconds, None)?;
            if let Some(booted) = booted() {
                let about = ("process_start_time_seconds", "When the process began, in seconds since 1970");
                level(&mut encoder, about, booted + begun)?;
            }
        }
        Ok(())
    }
}

fn resident() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes * 1024.0)
}

/// Seconds of all cores, and seconds from the machine's start to the process'.
fn times(stat: &str) -> Option<(f64, f64)> {
    // The name in parentheses may hold anything; fields are counted behind it, from the third.
    let (_, rest) = stat.rsplit_once(')')?;
    let field = |number: usize| rest.split_whitespace().nth(number - 3)?.parse::<f64>().ok();
    Some(((field(14)? + field(15)?) / TICKS, field(22)? / TICKS))
}

fn booted() -> Option<f64> {
    let stat = fs::read_to_string("/proc/stat").ok()?;
    stat.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_counted_behind_the_name() {
        let stat = "7 (a ) b) S 1 7 7 0 -1 4194304 1 0 0 0 250 50 0 0 20 0 9 0 12300 1 1";
        assert_eq!(times(stat), Some((3.0, 123.0)));
        assert_eq!(times("nothing"), None);
    }
}
