//! Values made from the types of several schemas come back from an envelope as they went, in whatever order their
//! members stood.

use super::*;
use crate::plan::{
    compile::wsdl::{Choice, samples},
    soap::{Content, Element, Kind as Of, Particle, Simple, Types},
};
use proptest::prelude::*;

const SCHEMAS: &[&str] = &[
    // Attributes, simple content, lists, nil, all numbers.
    r#"<xs:schema targetNamespace="urn:x" elementFormDefault="qualified"><xs:element name="E"><xs:complexType><xs:sequence>
        <xs:element name="s" type="xs:string"/><xs:element name="i" type="xs:int" nillable="true"/><xs:element name="d" type="xs:decimal" minOccurs="0"/>
        <xs:element name="b" type="xs:boolean" minOccurs="0" maxOccurs="3"/><xs:element name="t" type="xs:dateTime" minOccurs="0" nillable="true"/>
        <xs:element name="p" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:simpleContent><xs:extension base="xs:long"><xs:attribute name="u" type="xs:token"/></xs:extension></xs:simpleContent></xs:complexType></xs:element>
        </xs:sequence><xs:attribute name="a" type="xs:unsignedByte" use="required"/></xs:complexType></xs:element></xs:schema>"#,
    // Unqualified, recursive.
    r#"<xs:schema targetNamespace="urn:x"><xs:element name="E" type="t:T"/><xs:complexType name="T"><xs:sequence>
        <xs:element name="n" type="xs:string"/><xs:element name="c" type="t:T" minOccurs="0" maxOccurs="2"/><xs:element name="o" type="t:T" minOccurs="0"/></xs:sequence></xs:complexType></xs:schema>"#,
    // Choices, groups, repeated sequences.
    r#"<xs:schema targetNamespace="urn:x"><xs:element name="E"><xs:complexType><xs:sequence><xs:group ref="t:G" minOccurs="0"/>
        <xs:sequence minOccurs="0" maxOccurs="3"><xs:element name="k" type="xs:date"/><xs:element name="v" type="xs:double" nillable="true"/></xs:sequence>
        <xs:choice minOccurs="0" maxOccurs="4"><xs:element name="x" type="xs:string"/><xs:element name="y" type="xs:int"/></xs:choice></xs:sequence></xs:complexType></xs:element>
        <xs:group name="G"><xs:choice><xs:element name="one" type="xs:string"/><xs:sequence><xs:element name="two" type="xs:string"/><xs:element name="three" type="xs:boolean" minOccurs="0"/></xs:sequence></xs:choice></xs:group></xs:schema>"#,
    // The order is free, and a type is extended.
    r#"<xs:schema targetNamespace="urn:x" elementFormDefault="qualified"><xs:element name="E"><xs:complexType><xs:all><xs:element name="q" type="t:D"/><xs:element name="r" type="xs:base64Binary" minOccurs="0"/></xs:all></xs:complexType></xs:element>
        <xs:complexType name="B"><xs:sequence><xs:element name="m" type="xs:string"/></xs:sequence><xs:attribute name="z" type="xs:string"/></xs:complexType>
        <xs:complexType name="D"><xs:complexContent><xs:extension base="t:B"><xs:sequence><xs:element name="n" type="xs:int" maxOccurs="unbounded"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType></xs:schema>"#,
    // A text alone.
    r#"<xs:schema targetNamespace="urn:x"><xs:element name="E" type="xs:string"/></xs:schema>"#,
];

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % sides
    }

    fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.roll(words.len() as u64) as usize]
    }
}

fn scalar(simple: &Simple, dice: &mut Dice) -> Value {
    let number = |text: &str| Value::Number(text.into());
    match simple.kind {
        Of::Boolean => Value::Bool(dice.roll(2) == 0),
        Of::Integer => number(dice.pick(&["0", "7", "120"])),
        Of::Decimal => number(dice.pick(&["0", "-0.50", "12345678901234567890.10", "100"])),
        Of::Float => number(dice.pick(&["0", "1.5", "-2e10", "1E-7"])),
        Of::Date => Value::Text(dice.pick(&["2024-02-29", "1999-12-31Z"]).into()),
        Of::DateTime => Value::Text("2024-02-29T23:59:59.5+01:00".into()),
        Of::Base64 => Value::Text("TWFu".into()),
        _ if simple.preserve => {
            let words =
                ["", " a ", "<&>\"'", "]]>", "line\nfeed\ttab\rreturn", "größe 🐶", "12", "null", "  "];
            Value::Text(dice.pick(&words).into())
        }
        _ => Value::Text(dice.pick(&["x", "a b"]).into()),
    }
}

fn element(types: &Types, of: &Element, depth: usize, dice: &mut Dice) -> Value {
    if of.nillable && dice.roll(3) == 0 {
        return Value::Null;
    }
    match &of.content {
        Content::Simple(simple) => scalar(simple, dice),
        Content::Complex(id) => {
            let complex = types.get(*id).unwrap();
            let mut members = Vec::new();
            for attribute in &complex.attributes {
                if attribute.required || dice.roll(2) == 0 {
                    // Attributes' white space is that of the file; a return would be kept, too, but tokens are enough.
                    let value = match scalar(&attribute.simple, dice) {
                        Value::Text(_) => Value::Text("w<\"&".into()),
                        other => other,
                    };
                    members.push((format!("@{}", attribute.name).into(), value));
                }
            }
            if let Some(text) = &complex.text {
                members.push(("$".into(), scalar(text, dice)));
                return Value::Object(members);
            }
            let mut counts = vec![0; complex.fields.len()];
            for particle in &complex.children {
                count(particle, depth, dice, &mut counts);
            }
            for (field, count) in complex.fields.iter().zip(counts) {
                let mut values: Vec<Value> =
                    (0..count).map(|_| element(types, &field.element, depth + 1, dice)).collect();
                if field.many {
                    members.push(((*field.element.name).into(), Value::List(values)));
                } else if let Some(value) = values.pop() {
                    members.push(((*field.element.name).into(), value));
                }
            }
            Value::Object(members)
        }
        Content::Any => Value::Text("any".into()),
    }
}

fn count(particle: &Particle, depth: usize, dice: &mut Dice, counts: &mut [usize]) {
    let times = |min: u32, max: Option<u32>, dice: &mut Dice| {
        let most = if depth > 4 { min } else { max.unwrap_or(min + 3) };
        min + dice.roll(u64::from(most - min) + 1) as u32
    };
    match particle {
        Particle::Element { field, min, max } => counts[*field] += times(*min, *max, dice) as usize,
        Particle::Sequence { min, max, parts } => {
            for _ in 0..times(*min, *max, dice) {
                for part in parts {
                    count(part, depth, dice, counts);
                }
            }
        }
        Particle::Choice { min, max, parts } => {
            for _ in 0..times(*min, *max, dice) {
                count(&parts[dice.roll(parts.len() as u64) as usize], depth, dice, counts);
            }
        }
    }
}

/// The same value with the members of every object in another order.
fn shuffled(value: &Value, dice: &mut Dice) -> Value {
    match value {
        Value::Object(members) => {
            let mut left: Vec<_> = members.iter().map(|(n, v)| (n.clone(), shuffled(v, dice))).collect();
            let mut out = Vec::new();
            while !left.is_empty() {
                out.push(left.remove(dice.roll(left.len() as u64) as usize));
            }
            Value::Object(out)
        }
        Value::List(items) => Value::List(items.iter().map(|item| shuffled(item, dice)).collect()),
        other => other.clone(),
    }
}

fn operations() -> Vec<Operation> {
    let one = |types: &&str| {
        let service = samples::text(&samples::with_types(types)).unwrap();
        service.operation("Op", Choice::default()).unwrap()
    };
    SCHEMAS.iter().map(one).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn values_come_back_as_they_went(seed in any::<u64>()) {
        thread_local!(static OPERATIONS: Vec<Operation> = operations());
        OPERATIONS.with(|operations| {
            for operation in operations {
                let mut dice = Dice(seed);
                let value = element(&operation.types, &operation.input, 0, &mut dice);
                let sent = shuffled(&value, &mut dice);
                let bytes = encode(operation, &sent, &Headers::default()).map_err(|p| format!("{p}: {}", value.to_json())).unwrap();
                let back = decode(operation, &bytes, None, Limits::default()).unwrap();
                prop_assert_eq!(back, value.to_json());
            }
            Ok(())
        })?;
    }
}
