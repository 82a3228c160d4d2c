//! stub
use super::{Project, Wish};
use crate::fault::Diagnostics;
pub async fn read(_: &str, _: &Wish, _: &mut Diagnostics) -> Option<Project> { None }
