//! Programs that nobody here wrote, started from their packages, with mappings for each; their answers are theirs.
//! Which data they have, and how they are started, is told in `tests/outside/README.md`.

mod support;

mod programs;

mod site;

mod parts;

mod json_server;

mod json_graphql_server;

mod dynalite;

mod tryton;

mod spyne;

mod zeep;
