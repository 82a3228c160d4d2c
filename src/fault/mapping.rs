//! The codes of what can be wrong in the operator's files, with their titles. Each has its page in
//! `docs/errors/`. It holds no logic; who finds a fault says what and where.

macro_rules! codes {
    ($( $name:ident = $id:literal $title:literal; )*) => {
        $( pub const $name: &str = $id; )*
        /// All codes with their titles, in order.
        pub static ALL: &[(&str, &str)] = &[ $( ($id, $title), )* ];
    };
}

codes! {
    // M0: reading a file.
    SYNTAX = "M001" "Broken YAML";
    DUPLICATE_KEY = "M002" "Key given twice";
    YAML_FEATURE = "M003" "YAML feature that is not used here";
    TOO_LARGE = "M004" "File too large or nested too deep";
    UNKNOWN_KEY = "M011" "Unknown key";
    WRONG_TYPE = "M012" "Wrong type";
    MISSING_KEY = "M013" "Missing key";
    NOT_ONE_OF = "M014" "Not one of the allowed words";
    OUT_OF_BOUNDS = "M015" "Value out of bounds";
    UNREADABLE = "M021" "File cannot be read";
    UNKNOWN_FILE = "M022" "File says nothing that is known";
    SAID_TWICE = "M023" "Said in two files";

    // M1: contracts.
    NO_CONTRACT = "M111" "Contract not found";
    BAD_SCHEMA = "M112" "Contract is no usable JSON Schema";
    UNSUPPORTED_SCHEMA = "M113" "Contract says what has no public form";
    RESERVED = "M114" "Reserved word";
    NOT_CAMEL = "M115" "Name not in lowerCamelCase";

    // M2: resources.
    NO_MEMBER = "M211" "No such member";
    BAD_PATH = "M212" "Path not possible";
    BAD_ORDER = "M213" "Order not total";
    NOT_COMPARABLE = "M214" "Member cannot be compared";
    NO_RESOURCE = "M215" "No such resource";
    NO_API = "M216" "No such API";
    PATH_TAKEN = "M217" "Path already taken";
    BAD_DERIVED = "M218" "Derived member not possible";
    BAD_FORM = "M219" "Resource of another form";

    // M3: bindings.
    NO_FILLER = "M311" "Member without a filler";
    FILLED_TWICE = "M312" "Filled twice";
    CODE_MISSING = "M313" "Code without a way in or out";
    CONVERTER_MISFIT = "M314" "Converter does not fit";
    NO_WAY_BACK = "M315" "No way back";
    BAD_PLACE = "M316" "Place not understood";
    NO_CALL = "M317" "No such call";
    INPUT_MISSING = "M318" "Input not supplied";
    OPERATION_MISSING = "M319" "Operation not done";
    PROMISE_BROKEN = "M321" "Promise that cannot be kept";
    BAD_LOOKUP = "M322" "Look-up not possible";
    LOOKUP_CYCLE = "M323" "Look-ups in a circle";
    UNCLEAR_KIND = "M324" "Kind of binding not clear";
    NO_ALIAS = "M325" "No such table, child or join";
    NO_DIALECT = "M326" "No such dialect";
    BAD_PATTERN = "M327" "Pattern not understood";
    BAD_CONSTANT = "M328" "Constant does not fit";
    LAW_BROKEN = "M331" "Value does not come back";
    NOT_INDEXED = "M332" "No index for a filter or sort";
    COMBINATION_MISSING = "M333" "Combination without a code";
    BAD_SERVICE = "M341" "Description of a service not usable";
    NO_OPERATION = "M342" "No such operation";
    NOT_IN_SCHEMA = "M343" "Place not in the schema";

    // M4: shortcuts.
    NO_PART = "M411" "No such part";
    PART_CYCLE = "M412" "Parts in a circle";
    SHAPE_MISFIT = "M413" "Shapes do not fit";
    PART_UNCLEAR = "M414" "Part not clear";

    // M5: configuration.
    NO_BINDING = "M511" "No such binding";
    NO_SOURCE = "M512" "No such source";
    NOT_SERVED = "M513" "Resource that nothing serves";
    BAD_ADDRESS = "M514" "Address not understood";
    PLAIN_TRANSPORT = "M515" "Plain transport not declared";
    BAD_CACHE = "M521" "Cache that cannot be";

    // M6: imports.
    NOT_IMPORTABLE = "M611" "Description that cannot be read";
    REFERENCE_OUTSIDE = "M612" "Reference that is not followed";
    NOTHING_FOUND = "M613" "Nothing to make a resource of";
    LEFT_OUT = "M614" "Left out of an import";

    // M7: who may come, and what they may do.
    BAD_IDENTITY = "M711" "Identity that cannot be";
    NO_ACCESS = "M721" "Operation that nobody may do";
    NO_ROLE = "M722" "No such role";
    BAD_GRANT = "M723" "Grant that cannot be held";
    BAD_CONDITION = "M724" "Condition not understood";
    BAD_SEAL = "M731" "Seal that cannot be";
    SEALED_PROMISE = "M732" "Promise that a sealed member cannot keep";
    NO_SEALING = "M733" "Nothing to seal with";
    BAD_SEALING = "M734" "Keys that cannot be used";
    BAD_RATE = "M741" "Rate that cannot be";
    BAD_ADDRESSES = "M751" "Addresses that do not go together";
    BAD_BOUNDS = "M752" "Bounds that do not fit together";
    NOT_HELD_SO = "M753" "Bound that this kind of source has not";
    BAD_NAME = "M761" "Name that no certificate can have";
    BAD_CORS = "M762" "Rule for other origins that cannot be";
    BAD_CONTACT = "M763" "security.txt that cannot be";
}

#[cfg(test)]
mod tests {
    #[test]
    fn ids_are_unique_and_in_order() {
        assert!(super::ALL.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
