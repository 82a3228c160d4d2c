//! Portico: an API façade. This file is the map; the folders stand in the order in which they may know
//! each other, lowest first. A request's road is told in `pipeline`: read that first.

pub mod boxed;
pub mod fault;
pub mod pace;
pub mod telemetry;
pub mod value;

pub mod spec;

pub mod plan;

pub mod resilience;

pub mod translate;

pub mod identity;

pub mod idempotency;
pub mod limits;
pub mod seal;

pub mod backend;
pub mod cache;
pub mod describe;
pub mod ledger;

pub mod pages;
pub mod pipeline;

pub mod oauth;

pub mod edge;

pub mod control;

pub mod import;

pub mod cli;
pub mod demo;
