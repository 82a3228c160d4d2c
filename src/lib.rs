pub mod fault;
pub mod value;
pub mod spec;
pub mod plan;
pub mod translate;
