//! The word lists of the district. An apostrophe, an accent, an ampersand and markup are among them on
//! purpose: the register escapes them for HTML, and a translation that forgets to undo it shows.

/// A school: its name, its lowest and highest grade, and whether it was closed.
pub(in super::super) struct School {
    pub(in super::super) name: &'static str,
    pub(in super::super) grades: &'static [&'static str],
    pub(in super::super) closed: bool,
}

const ELEMENTARY: &[&str] = &["KG", "01", "02", "03", "04", "05"];
const MIDDLE: &[&str] = &["06", "07", "08"];
const HIGH: &[&str] = &["09", "10", "11", "12"];

const fn school(name: &'static str, grades: &'static [&'static str], closed: bool) -> School {
    School { name, grades, closed }
}

/// `S-4101` to `S-4114`.
pub(in super::super) const SCHOOLS: [School; 14] = [
    school("Alder Creek Elementary School", ELEMENTARY, false),
    school("César Chávez Elementary School", ELEMENTARY, false),
    school("Hillcrest Elementary School", ELEMENTARY, false),
    school("O'Neill Elementary School", ELEMENTARY, false),
    school("Orchard Park Elementary School", ELEMENTARY, false),
    school("River Road Elementary School", ELEMENTARY, false),
    school("Sunset K-8 School", &["KG", "01", "02", "03", "04", "05", "06", "07", "08"], false),
    school("Jane Goodall Middle School", MIDDLE, false),
    school("Lakeview Middle School", MIDDLE, false),
    school("Cascade Valley High School", HIGH, false),
    school("North Fork High School", HIGH, false),
    school("School of Arts & Technology", HIGH, false),
    school("Mill Street Elementary School", ELEMENTARY, true),
    school("Old Town Middle School", MIDDLE, true),
];

pub(in super::super) const DISTRICT: &str = "Cascade Valley School District";
pub(in super::super) const DISTRICT_ID: &str = "D-4100";

pub(super) const STREETS: [&str; 5] =
    ["Alder Lane", "Hillcrest Road", "River Road", "St. James's Place", "Mill Street"];

/// A model: its id, name, number, category, maker, and its price from and to, in whole dollars. Vehicles have
/// the category 1.
pub(in super::super) type Model = (u64, &'static str, &'static str, u64, u64, u64, u64);

pub(in super::super) const MODELS: [Model; 17] = [
    (1, "Saf-T-Liner C2", "C2-77", 1, 1, 92_000, 128_000),
    (2, "Vision", "BBCV-3303", 1, 2, 89_000, 121_000),
    (3, "CE Series", "PB105", 1, 3, 90_000, 118_000),
    (4, "Minotour", "MINI-30", 1, 1, 61_000, 74_000),
    (5, "Transit 350 Passenger Van", "X2C", 1, 4, 38_000, 56_000),
    (6, "Express 3500 \"Activity\" Van", "CG33406", 1, 5, 36_000, 52_000),
    (7, "Grand Caravan", "RTKH53", 1, 6, 24_000, 33_000),
    (8, "Chromebook 3110", "P38T001", 2, 7, 279, 399),
    (9, "Latitude 5440", "P104F", 2, 7, 980, 1_450),
    (10, "iPad (9th generation)", "A2602", 3, 8, 299, 449),
    (11, "PowerLite 118", "H859A", 4, 9, 549, 699),
    (12, "Interactive Display 75\"", "RP7502", 5, 10, 2_150, 2_900),
    (13, "LaserJet Enterprise M507", "M507dn", 6, 11, 720, 890),
    (14, "AED Plus", "8000-004007-01", 7, 12, 1_499, 1_899),
    (15, "Ride-on Mower X350", "X350", 8, 13, 3_399, 3_999),
    (16, "Floor Scrubber T300", "T300", 8, 14, 5_200, 6_900),
    (17, "Upright Piano b1", "B1-PE", 9, 15, 5_099, 5_499),
];

/// Id and name; [`VEHICLES`] is the first.
pub(in super::super) const CATEGORIES: [(u64, &str); 9] = [
    (VEHICLES, "Vehicles"),
    (2, "Laptops"),
    (3, "Tablets"),
    (4, "Projectors"),
    (5, "Displays & Boards"),
    (6, "Printers"),
    (7, "Safety"),
    (8, "Grounds & Custodial"),
    (9, "Music"),
];

/// The category of buses and vans.
pub(in super::super) const VEHICLES: u64 = 1;

pub(in super::super) const MAKERS: [(u64, &str); 15] = [
    (1, "Thomas Built Buses"),
    (2, "Blue Bird"),
    (3, "IC Bus"),
    (4, "Ford"),
    (5, "Chevrolet"),
    (6, "Dodge"),
    (7, "Dell"),
    (8, "Apple"),
    (9, "Epson"),
    (10, "BenQ"),
    (11, "HP"),
    (12, "ZOLL"),
    (13, "John Deere"),
    (14, "Tennant"),
    (15, "Yamaha"),
];

/// A label: its id, name, and what kind of status it is. The documented kinds are these four.
pub(in super::super) const LABELS: [(u64, &str, &str); 5] = [
    (1, "Ready to Deploy", "deployable"),
    (2, "Pending", "pending"),
    (3, "Out for Repair", "undeployable"),
    (4, "Retired", "archived"),
    (5, "In Service", "deployable"),
];

pub(in super::super) const SUPPLIERS: [(u64, &str); 6] = [
    (1, "District Transportation Shop"),
    (2, "Western Bus Sales"),
    (3, "O'Malley & Sons Auto Electric"),
    (4, "Valley Tire Center"),
    (5, "EdTech Depot"),
    (6, "Pacific Fleet Glass"),
];

pub(super) const VEHICLE_NOTES: [&str; 6] = [
    "",
    "",
    "",
    "Wheelchair lift; inspect chains & straps weekly.",
    "Driver's door sticks in the cold.",
    "Spare key in the \"blue\" box <shop>.",
];

pub(super) const WORK: [(&str, &str); 12] = [
    ("Replace front brake pads", "Repair"),
    ("Oil and filter change", "Maintenance"),
    ("Annual safety inspection", "Calibration"),
    ("Stop arm doesn't extend", "Repair"),
    ("Tire rotation", "Maintenance"),
    ("Windshield chip", "Repair"),
    ("A/C blows warm air", "Repair"),
    ("Replace battery", "Repair"),
    ("Two-way radio & camera upgrade", "Upgrade"),
    ("Emergency exit buzzer", "Repair"),
    ("DEF sensor fault", "Repair"),
    ("Wheelchair lift service", "Maintenance"),
];

pub(super) const WORK_NOTES: [&str; 5] =
    ["", "", "Waiting for parts.", "Driver says \"it's worse uphill\".", "See <ticket> & photos."];

pub(super) const EQUIPMENT_WORK: [(&str, &str); 5] = [
    ("Screen is cracked", "Repair"),
    ("Replace lamp", "Maintenance"),
    ("Battery won't hold charge", "Hardware Support"),
    ("Firmware update", "Software Support"),
    ("Portable appliance test", "PAT Test"),
];

/// A task, its weeks and its miles; 0 for none of these.
pub(super) const TASKS: [(&str, u64, u64); 8] = [
    ("Oil and filter change", 26, 6_000),
    ("Brake inspection", 13, 0),
    ("Tire rotation", 0, 7_500),
    ("State safety inspection", 52, 0),
    ("Transmission service", 104, 30_000),
    ("Coolant flush", 104, 0),
    ("Emergency equipment check", 4, 0),
    ("Wheelchair lift service", 26, 0),
];

pub(super) const PART_NUMBERS: [&str; 12] = [
    "BRK-2210", "BRK-2214", "FLT-0102", "FLT-0118", "BAT-0065", "TIR-2257", "WPR-0022", "LMP-0921",
    "ALT-0310", "BLT-0612", "SEN-0440", "GLS-7001",
];
