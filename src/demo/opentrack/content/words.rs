//! The words that parts, suppliers and vehicles are made of. It draws nothing.

/// A kind of part: its name in the catalogue, its letter, a list price in hundredths, a weight in hundredths of a pound.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) category: &'static str,
    pub(super) price: i64,
    pub(super) weight: i64,
    /// Fits every vehicle, as a fluid does.
    pub(super) universal: bool,
    pub(super) hazardous: bool,
}

const fn kind(name: &'static str, category: &'static str, price: i64, weight: i64) -> Kind {
    Kind { name, category, price, weight, universal: false, hazardous: false }
}

const fn universal(
    name: &'static str,
    category: &'static str,
    price: i64,
    weight: i64,
    hazardous: bool,
) -> Kind {
    Kind { name, category, price, weight, universal: true, hazardous }
}

/// In turn, so that each occurs three or four times. Names have the marks that XML has to escape.
pub(super) const KINDS: [Kind; 48] = [
    kind("Brake pad set, front", "B", 8_495, 620),
    kind("Brake pad set, rear", "B", 7_950, 540),
    kind("Brake rotor, 13\"", "B", 11_200, 2_450),
    kind("Brake caliper, reman", "B", 18_900, 1_180),
    kind("Brake shoe & lining kit", "B", 13_450, 1_920),
    kind("Radiator", "C", 38_900, 2_860),
    kind("Radiator cap", "C", 1_249, 22),
    kind("Thermostat, 195F", "C", 2_399, 45),
    kind("Water pump", "C", 14_575, 970),
    kind("Coolant hose, upper", "C", 3_210, 120),
    kind("Serpentine belt", "E", 4_150, 85),
    kind("Belt tensioner", "E", 7_899, 260),
    kind("Valve cover gasket", "E", 3_640, 60),
    kind("Fuel injector", "E", 22_400, 95),
    kind("Glow plug, set of 8", "E", 15_600, 140),
    kind("Engine mount", "E", 6_725, 480),
    kind("Oil filter", "F", 1_189, 95),
    kind("Air filter", "F", 2_745, 160),
    kind("Cabin air filter", "F", 2_210, 70),
    kind("Fuel filter/water separator", "F", 5_499, 210),
    kind("Crankcase filter", "F", 8_840, 180),
    universal("Engine oil 15W-40, 1 gal", "H", 2_399, 740, false),
    universal("Brake fluid DOT 3, 32 oz", "H", 949, 230, true),
    universal("Coolant 50/50, 1 gal", "H", 1_899, 910, true),
    universal("Diesel exhaust fluid, 2.5 gal", "H", 1_650, 2_310, false),
    universal("Starting fluid, 11 oz", "H", 599, 110, true),
    kind("Headlamp assembly, left", "L", 24_900, 640),
    kind("Headlamp assembly, right", "L", 24_900, 640),
    universal("Bulb <5W, wedge", "L", 225, 2, false),
    kind("Stop arm lamp, LED", "L", 9_475, 130),
    kind("Tail lamp assembly", "L", 8_330, 210),
    kind("Shock absorber, front", "S", 9_860, 780),
    kind("Leaf spring, rear", "S", 31_500, 6_850),
    kind("Tie rod end", "S", 5_290, 190),
    kind("Ball joint, lower", "S", 7_145, 310),
    kind("Sway bar link", "S", 3_399, 110),
    kind("Tire 225/70R19.5", "T", 31_200, 6_600),
    kind("Tire 11R22.5", "T", 46_900, 11_800),
    universal("Valve stem, set of 4", "T", 799, 9, false),
    kind("Wheel bearing kit", "T", 12_650, 520),
    universal("Battery group 31, 950 CCA", "X", 22_995, 5_950, true),
    kind("Alternator, 160A", "X", 41_250, 1_640),
    kind("Starter motor", "X", 36_800, 2_210),
    kind("Ignition coil", "X", 6_480, 75),
    universal("Fuse kit", "X", 1_475, 30, false),
    kind("Wiper blade, 22\"", "Z", 1_625, 55),
    kind("Mirror, crossview", "Z", 18_740, 890),
    kind("Emergency door seal", "Z", 7_260, 420),
];

/// Make, model, first and last year; 0 for still built. What a district drives.
pub(super) const MODELS: [(&str, &str, i32, i32); 12] = [
    ("Blue Bird", "Vision", 2008, 0),
    ("Blue Bird", "All American", 2014, 0),
    ("Thomas", "Saf-T-Liner C2", 2005, 0),
    ("IC Bus", "CE Series", 2006, 2024),
    ("Ford", "E-450", 2009, 0),
    ("Ford", "Transit 350", 2015, 0),
    ("Ford", "F-250", 2011, 2022),
    ("Chevrolet", "Express 3500", 2003, 0),
    ("Chevrolet", "Silverado 2500", 2007, 2019),
    ("GMC", "Savana 2500", 2003, 2023),
    ("Toyota", "Sienna", 2011, 2020),
    ("International", "3800", 1989, 2005),
];

pub(super) const NOTES: [&str; 6] = [
    "Core charge applies.",
    "Torque to spec & recheck after 50 miles.",
    "Shelf life 24 months.",
    "Order in pairs.",
    "Check casting number before fitting: two versions exist.",
    "Ask for \"heavy duty\" when reordering.",
];

/// A supplier as it stands in the file at the start.
pub(super) struct Supply {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    /// A place among the customers of the seed.
    pub(super) contact: Option<usize>,
    pub(super) phone: Option<&'static str>,
    pub(super) email: Option<&'static str>,
    /// Street, city, region, postal code, country.
    pub(super) address: [&'static str; 5],
    pub(super) lead_days: Option<i32>,
    pub(super) terms: &'static str,
    pub(super) active: bool,
    /// Year, month, day.
    pub(super) added: (i16, i8, i8),
    /// What its part numbers begin with.
    pub(super) prefix: &'static str,
}

/// The last one is new and delivers nothing yet. Phones are as somebody typed them.
pub(super) const SUPPLIERS: [Supply; 9] = [
    Supply {
        id: "0107",
        name: "Great Lakes Fleet Supply",
        contact: Some(11),
        phone: Some("+1 555 010 0107"),
        email: Some("orders@greatlakesfleet.example.com"),
        address: ["1800 Harbor Dr", "Erie", "PA", "16507", "US"],
        lead_days: Some(3),
        terms: "NET30",
        active: true,
        added: (1996, 4, 15),
        prefix: "GL",
    },
    Supply {
        id: "0112",
        name: "O'Hara & Sons Brake",
        contact: Some(23),
        phone: Some("(555) 010-0112"),
        email: Some("parts@oharabrake.example.com"),
        address: ["42 Foundry St", "Toledo", "OH", "43604", "US"],
        lead_days: Some(2),
        terms: "NET15",
        active: true,
        added: (1998, 11, 2),
        prefix: "OB",
    },
    Supply {
        id: "0230",
        name: "Prairie Bus Parts",
        contact: Some(37),
        phone: Some("5550100230"),
        email: None,
        address: ["905 Grain Belt Rd", "Fargo", "ND", "58102", "US"],
        lead_days: Some(6),
        terms: "NET30",
        active: true,
        added: (2003, 2, 20),
        prefix: "PB",
    },
    Supply {
        id: "0318",
        name: "Northern Cooling Ltd",
        contact: None,
        phone: Some("+1 555 010 0318"),
        email: Some("sales@northerncooling.example.ca"),
        address: ["77 Rue Saint-Éloi", "Montréal", "QC", "H2X 1Y4", "CA"],
        lead_days: Some(9),
        terms: "NET60",
        active: true,
        added: (2005, 7, 1),
        prefix: "NC",
    },
    Supply {
        id: "0455",
        name: "Brightline Lighting",
        contact: Some(52),
        phone: None,
        email: Some("hello@brightline.example.com"),
        address: ["6 Filament Way", "Albany", "NY", "12207", "US"],
        lead_days: Some(4),
        terms: "NET30",
        active: true,
        added: (2011, 9, 12),
        prefix: "BL",
    },
    Supply {
        id: "0460",
        name: "Delta Tire & Wheel",
        contact: Some(68),
        phone: Some("+1 555 010 0460"),
        email: Some(""),
        address: ["3100 River Rd", "Memphis", "TN", "38109", "US"],
        lead_days: None,
        terms: "COD",
        active: true,
        added: (2012, 1, 30),
        prefix: "DT",
    },
    Supply {
        id: "1020",
        name: "Volt Electric Rebuilders",
        contact: Some(81),
        phone: Some("555.010.1020"),
        email: Some("desk@voltrebuild.example.com"),
        address: ["12 Armature Ct Unit B", "Dayton", "OH", "45402", "US"],
        lead_days: Some(5),
        terms: "NET15",
        active: true,
        added: (2016, 5, 9),
        prefix: "VE",
    },
    Supply {
        id: "1044",
        name: "Midwest Surplus (closed)",
        contact: None,
        phone: Some("+1 555 010 1044"),
        email: None,
        address: ["PO Box 9", "Gary", "IN", "46402", "US"],
        lead_days: None,
        terms: "COD",
        active: false,
        added: (1994, 8, 8),
        prefix: "00",
    },
    Supply {
        id: "1101",
        name: "Cascade School Transport Parts",
        contact: Some(95),
        phone: Some("+1 555 010 1101"),
        email: Some("team@cascadestp.example.com"),
        address: ["250 Timber Ln", "Bend", "OR", "97701", "US"],
        lead_days: Some(0),
        terms: "NET30",
        active: true,
        added: (2025, 10, 6),
        prefix: "CS",
    },
];

/// Carrier, and what its tracking numbers begin with.
pub(super) const CARRIERS: [(&str, &str); 4] =
    [("UPS", "1Z88A"), ("FedEx Freight", "7743"), ("Estes", "061-"), ("Supplier truck", "")];
