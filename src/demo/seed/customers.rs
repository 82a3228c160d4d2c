//! The 200 customers, ids 2 to 201 (1 is the administrator of the site that they first signed up with). Which pets
//! they keep is decided in `pets`.

use super::draw::Draw;
use super::{Customer, EmergencyContact, PaymentOption, words};

const KIND: u64 = 1;
const FIRST: u64 = 2;
const LAST: u64 = 201;
/// 2012-01-03T09:00:00Z, when the first site opened.
const OPENED: i64 = 1_325_581_200;
/// 2026-08-01T00:00:00Z: later than this nobody signed up.
const LAST_SIGNUP: i64 = 1_785_542_400;
/// 2026-10-31T00:00:00Z: later than this nothing was changed.
pub(super) const LAST_CHANGE: i64 = 1_793_404_800;
/// The owner of the example pet, who signed up four minutes before entering it.
const EXAMPLE_OWNER: u64 = 66;
const EXAMPLE_OWNER_CREATED: i64 = 1_400_140_691;

pub(super) fn customers() -> Vec<Customer> {
    (FIRST..=LAST).map(customer).collect()
}

fn customer(id: u64) -> Customer {
    let mut draw = Draw::of(KIND, id);
    let given_name = draw.pick(words::GIVEN);
    let family_name = draw.pick(words::FAMILY);
    let domain = draw.pick(&["example.org", "example.com", "example.net"]);
    let (city, region, postal, country) = draw.pick(words::PLACES);
    let street = format!("{} {}", draw.between(1, 2999), draw.pick(words::STREETS));
    let postal_code = match country {
        "CA" => format!("{postal} {}B{}", draw.below(10), draw.below(10)),
        _ => format!("{postal}{:02}", draw.below(100)),
    };
    let language = if country == "MX" || draw.chance(14) { "es" } else { "en" };
    let preferred_channel = draw.pick(&["email", "email", "email", "sms", "sms", "push"]);
    let marketing = draw.chance(35);
    let contacts = if id == EXAMPLE_OWNER { 2 } else { draw.pick(&[0, 0, 1, 1, 1, 2, 2, 3]) };
    let emergency_contacts = (0..contacts).map(|_| emergency_contact(&mut draw, country)).collect();
    let payments = draw.pick(&[0, 0, 1, 1, 1, 2]);
    let payment_options = (0..payments).map(|at| payment_option(&mut draw, id, at)).collect();
    let status = if id != EXAMPLE_OWNER && draw.chance(6) { "inactive" } else { "active" };
    let created_at =
        if id == EXAMPLE_OWNER { EXAMPLE_OWNER_CREATED } else { draw.moment(OPENED, LAST_SIGNUP) };
    let updated_at = if draw.chance(25) { created_at } else { draw.moment(created_at, LAST_CHANGE) };
    Customer {
        id: id.to_string(),
        email: format!("{}.{}{id}@{domain}", plain(given_name), plain(family_name)),
        given_name: given_name.to_owned(),
        family_name: family_name.to_owned(),
        phone: format!("+1 555 010 {id:04}"),
        street,
        city: city.to_owned(),
        region: region.to_owned(),
        postal_code,
        country: country.to_owned(),
        language: language.to_owned(),
        preferred_channel: preferred_channel.to_owned(),
        marketing,
        emergency_contacts,
        payment_options,
        status: status.to_owned(),
        created_at,
        updated_at,
    }
}

fn emergency_contact(draw: &mut Draw, country: &str) -> EmergencyContact {
    let relation = draw.pick(&["vet", "neighbor", "relative", "relative", "friend"]);
    let name = match relation {
        "vet" => draw.pick(words::PRACTICES).to_owned(),
        _ => format!("{} {}", draw.pick(words::GIVEN), draw.pick(words::FAMILY)),
    };
    let calling = if country == "MX" { "+52" } else { "+1" };
    let phone = format!("{calling} 555 {:03} {:04}", draw.between(200, 899), draw.below(10_000));
    EmergencyContact { name, phone, relation: relation.to_owned() }
}

fn payment_option(draw: &mut Draw, id: u64, at: u64) -> PaymentOption {
    PaymentOption {
        // The id and the place in front make it unique, whatever is drawn behind them.
        token: format!("tok_{id:03}{at}{:08x}", draw.below(1 << 32)),
        brand: draw.pick(words::BRANDS).to_owned(),
        last4: format!("{:04}", draw.below(10_000)),
    }
}

/// A name as it may stand in an address: ASCII letters in lower case, accents taken off, all else left out.
fn plain(name: &str) -> String {
    name.to_lowercase()
        .chars()
        .filter_map(|letter| match letter {
            'a'..='z' => Some(letter),
            'á' | 'ã' | 'å' | 'ä' => Some('a'),
            'é' | 'è' | 'ë' => Some('e'),
            'í' => Some('i'),
            'ñ' => Some('n'),
            'ó' | 'ö' => Some('o'),
            'ú' | 'ü' => Some('u'),
            _ => None,
        })
        .collect()
}
