//! What is asked, of whom, and how much better the façade is meant to be.

use crate::contestant::{
    Contestant::{self, Ceiling, Floor, Lua, Node, Open, Pass, Portico, Rust},
    House,
};

pub struct Workload {
    pub key: &'static str,
    pub what: &'static str,
    pub method: &'static str,
    /// As the world asks.
    pub target: &'static str,
    /// What those ask the system behind who hand bytes on.
    pub onward: &'static str,
    pub body: &'static str,
    pub house: House,
    /// Beside the façade.
    pub others: &'static [Contestant],
    /// At 32 connections, of the other's throughput, at least so much.
    pub goals: &'static [(Contestant, f64)],
}

/// A pet as an app sends it.
const PET: &str = r#"{"ownerId":"195","name":"Tibbles","species":"cat","breed":{"primary":"Siamese","secondary":null,"mixed":false},"sex":"female","altered":true,"birthDate":"2019-04-23","weight":{"value":4.35,"unit":"kg"},"colors":["seal point","cream"],"microchip":"985112001234567","behaviorNotes":"Hides at first, then wants to be held.","status":"active"}"#;

pub const ALL: &[Workload] = &[
    Workload {
        key: "a",
        what: "one record",
        target: "/v1/pets/109",
        onward: "/rest/node/109.json",
        others: &[Lua, Pass, Rust, Node, Floor],
        goals: &[(Lua, 1.25), (Floor, 0.9), (Rust, 1.0), (Node, 2.0)],
        ..NONE
    },
    Workload {
        key: "b",
        what: "a list of 10",
        target: "/v1/pets?limit=10",
        onward: "/rest/views/pets.json?sort=asc&offset=0&limit=10",
        others: &[Lua, Pass, Rust, Node, Floor],
        goals: &[(Lua, 3.0), (Floor, 0.7), (Rust, 1.0), (Node, 3.0)],
        ..NONE
    },
    Workload {
        key: "c",
        what: "a list of 100",
        target: "/v1/pets?limit=100",
        onward: "/rest/views/pets.json?sort=asc&offset=0&limit=100",
        others: &[Lua, Pass, Rust, Node, Floor],
        goals: &[(Lua, 3.0), (Floor, 0.5), (Rust, 1.0), (Node, 3.0)],
        ..NONE
    },
    Workload {
        key: "d",
        what: "the list of 10 with three fields",
        target: "/v1/pets?limit=10&fields=petId,name,species",
        onward: "/rest/views/pets.json?sort=asc&offset=0&limit=10",
        others: &[Node, Floor],
        goals: &[(Node, 3.0)],
        ..NONE
    },
    Workload {
        key: "e",
        what: "37 from the 113th, over pages of 25",
        target: "/v1/paged-pets?limit=37&offset=113",
        onward: "",
        others: &[],
        goals: &[],
        ..NONE
    },
    Workload {
        key: "g",
        what: "a shortcut of four parts",
        target: "/v1/pets/109/overview",
        // All at once, with the pet's owner: the façade has to know the pet before it asks for them.
        onward: "/rest/node/109.json,/rest/user/66.json,/rest/views/visits.json?pet=109&sort=asc&offset=0&limit=5,/rest/views/notes.json?pet=109&sort=asc&offset=0&limit=5",
        others: &[Rust, Node, Floor],
        goals: &[(Rust, 1.0), (Node, 3.0)],
        ..NONE
    },
    Workload { key: "h", what: "a list of 10 from SOAP", target: "/v1/parts?limit=10", others: &[], ..NONE },
    Workload {
        key: "i",
        what: "a list of 10 from SQLite",
        target: "/stored/v1/pets?limit=10",
        others: &[Rust],
        goals: &[(Rust, 0.9)],
        ..NONE
    },
    Workload {
        key: "ip",
        what: "a list of 10 from PostgreSQL",
        target: "/stored/v1/pets?limit=10",
        house: House::Postgres,
        others: &[Rust],
        goals: &[(Rust, 0.9)],
        ..NONE
    },
    Workload {
        key: "j",
        what: "the list of 10, kept",
        target: "/v1/kept-pets?limit=10",
        onward: "",
        others: &[Ceiling],
        goals: &[(Ceiling, 0.9)],
        ..NONE
    },
    Workload {
        key: "k",
        what: "a create with validation, read back",
        method: "POST",
        target: "/v1/pets",
        onward: "",
        body: PET,
        others: &[Rust],
        goals: &[(Rust, 1.0)],
        ..NONE
    },
    Workload {
        key: "l",
        what: "the list of 10 with token, rates, validation and audit",
        target: "/guarded/v1/pets?limit=10",
        onward: "/v1/pets?limit=10",
        house: House::Guarded,
        others: &[Open],
        goals: &[(Open, 0.9)],
        ..NONE
    },
];

const NONE: Workload = Workload {
    key: "",
    what: "",
    method: "GET",
    target: "",
    onward: "",
    body: "",
    house: House::Plain,
    others: &[],
    goals: &[],
};

impl Workload {
    pub fn who(&self) -> impl Iterator<Item = Contestant> {
        std::iter::once(Portico).chain(self.others.iter().copied())
    }

    /// What one of them is asked.
    pub fn target_of(&self, who: Contestant) -> &'static str {
        if who.hands_on() { self.onward } else { self.target }
    }

    pub fn headers(&self, token: Option<&str>) -> Vec<(String, String)> {
        let json = |name: &str| (name.to_owned(), "application/json".to_owned());
        let mut all = vec![json("Accept")];
        all.extend(token.map(|token| ("Authorization".to_owned(), format!("Bearer {token}"))));
        if !self.body.is_empty() {
            all.push(json("Content-Type"));
        }
        all
    }
}
