//! stub
use super::{Project, Wish};
use crate::fault::Diagnostics;
use std::path::Path;
pub fn read(_: &Path, _: &Wish, _: &mut Diagnostics) -> Option<Project> { None }
