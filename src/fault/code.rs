//! The one table of codes: each has a status class, a title and a side whose fault it is.
//! Every code has its page in `docs/errors/`; a test holds both directions. Codes are never reused.
//! A code is a stage's letter and digit with a serial, and never reads like a status.

/// Whose doing a fault is: it decides how it is logged, and how it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    Caller,
    Backend,
    Ours,
}

/// A stable error code.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// For example `F112`.
    pub id: &'static str,
    /// The HTTP status that is shown, after folding (PUBLIC-API, "statuses").
    pub status: u16,
    pub title: &'static str,
    /// The public sentence where nothing more can be said.
    pub sentence: &'static str,
    pub whose: Whose,
}

macro_rules! codes {
    ($( $name:ident = $id:literal $status:literal $whose:ident $title:literal, $sentence:literal; )*) => {
        $( pub const $name: Code = Code {
            id: $id, status: $status, title: $title, sentence: $sentence, whose: Whose::$whose,
        }; )*
        /// All codes, in order.
        pub static ALL: &[&Code] = &[ $( &$name, )* ];
    };
}

codes! {
    // F1: arriving and routing.
    NO_PATH = "F111" 404 Caller "No such path", "There is nothing at this path.";
    NO_RECORD = "F112" 404 Caller "No such record", "There is no record with this id, or it is not yours to see.";
    NO_METHOD = "F113" 400 Caller "Method not possible here", "This path does not take this method.";
    BAD_METHOD_PARAMETER = "F114" 400 Caller "Wrong use of `method`", "`method` stands on a POST and is `put`, `patch` or `delete`.";
    BAD_PATH = "F115" 400 Caller "Malformed path", "The path is not well formed.";
    NO_FORMAT = "F116" 400 Caller "No such format", "This API answers in JSON or XML. Ask for one of them in `Accept`, or by the suffix `.json` or `.xml`.";
    BAD_FRAMING = "F121" 400 Caller "Ambiguous framing", "The request's length is said in two ways. Send either `Content-Length` or `Transfer-Encoding: chunked`, once.";
    HEADERS_TOO_LARGE = "F122" 400 Caller "Headers too large", "The request's header is too long or has too many lines.";
    URI_TOO_LONG = "F123" 400 Caller "Address too long", "The request's path and query are longer than 8 kB.";
    MALFORMED_HEAD = "F124" 400 Caller "Malformed request head", "The request's head is not well formed (RFC 9112).";
    BAD_HOST = "F125" 400 Caller "Missing or wrong Host", "The request names no host, or two that differ. Send one `Host` header.";
    BAD_HOOK = "F126" 400 Caller "Webhook not accepted", "This webhook is not signed as it should be, or is too old.";
    BAD_CODING = "F131" 400 Caller "Content coding not taken", "Bodies are taken as they are. Send it again uncompressed, without `Content-Encoding`.";

    // F2: who is calling, and what they may do.
    NO_TOKEN = "F211" 401 Caller "Login needed", "This needs an access token. Send `Authorization: Bearer` with one from this API's authorization server.";
    BAD_TOKEN = "F212" 401 Caller "Token not valid", "The access token is not valid here. Ask for a new one.";
    TOKEN_EXPIRED = "F213" 401 Caller "Token expired", "The access token has expired. Ask for a new one, with the refresh token where you have one.";
    TWO_CREDENTIALS = "F214" 400 Caller "Two credentials at once", "Send one credential, in one way: one `Authorization` header, and no token in the query.";
    BAD_PROOF = "F215" 401 Caller "Proof of possession not valid", "This token is bound to a key, and the request does not prove that you hold it.";
    NO_SCOPE = "F221" 403 Caller "Scope missing", "The access token was not granted the scope that this needs.";
    NOT_YOURS = "F222" 403 Caller "Not for this role", "Your role does not do this here.";
    CONDITION = "F223" 403 Caller "Not allowed as things stand", "A condition for this is not met.";
    IDENTITY_AWAY = "F231" 500 Backend "Identity provider not reachable", "Who you are could not be checked just now. Try again later.";
    TOO_MANY_TRIES = "F241" 429 Caller "Too many tries", "There were too many tries. Wait as long as `Retry-After` says, and try again.";
    LOGIN_REFUSED = "F242" 401 Caller "Login refused", "The e-mail address or the password is wrong, or the address has not been confirmed yet.";
    BAD_LINK = "F243" 400 Caller "Link not valid", "This link was used, is too old, or has been replaced by a newer one. Ask for a new one.";
    NOT_OUR_APP = "F244" 403 Caller "Not one of the company's own apps", "Only the company's own apps log people in here. Vendors' apps use OAuth 2.0: see `/.well-known/oauth-authorization-server`.";
    BAD_REFRESH = "F245" 401 Caller "Refresh token not valid", "This refresh token was used, has expired or was revoked. Log in again.";

    // F3: how much a caller may ask for.
    TOO_MANY = "F311" 429 Caller "Too many requests", "You have sent more requests than you may in this time. Wait as long as `Retry-After` says.";
    TOO_MANY_AT_ONCE = "F312" 429 Caller "Too many requests at once", "You have as many requests under way as you may. Wait for one of them to be answered.";
    QUOTA_USED = "F313" 429 Caller "Quota used up", "You have used what you may ask for in this day or month. `Retry-After` says when the next one begins.";

    // F4: validating.
    BAD_QUERY = "F411" 400 Caller "Several things are wrong in the query", "The query is not valid.";
    UNKNOWN_PARAMETER = "F412" 400 Caller "Unknown parameter", "This parameter is not known here.";
    REPEATED_PARAMETER = "F413" 400 Caller "Repeated parameter", "This parameter can be given once only.";
    BAD_LIMIT = "F414" 400 Caller "Wrong `limit`", "`limit` is a whole number within the API's bounds.";
    BAD_OFFSET = "F415" 400 Caller "Wrong `offset`", "`offset` is a whole number from 0.";
    UNKNOWN_FIELD = "F416" 400 Caller "Unknown name in `fields`", "`fields` names a member that does not exist.";
    BAD_FIELDS = "F417" 400 Caller "Malformed `fields`", "`fields` is not well formed.";
    BAD_FILTER_VALUE = "F418" 400 Caller "Wrong filter value", "The value does not fit the member that it is compared with.";
    BAD_OPERATOR = "F419" 400 Caller "Operator not possible", "This operator cannot be used with this member.";
    BAD_SORT = "F421" 400 Caller "Wrong `sort`", "`sort` names a member that cannot be sorted by.";
    BAD_FLAG = "F422" 400 Caller "Wrong flag", "This parameter is `true` or `false`.";
    BAD_ENCODING = "F423" 400 Caller "Malformed query encoding", "The query holds a broken percent-encoding.";
    OFFSET_TOO_FAR = "F424" 400 Caller "`offset` too far", "`offset` goes further than this resource allows.";
    MISSING_PARAMETER = "F425" 400 Caller "Missing parameter", "This list has to be asked with this parameter.";
    BAD_BODY = "F431" 400 Caller "Several things are wrong in the body", "The body is not valid.";
    BAD_JSON = "F432" 400 Caller "Malformed JSON", "The body is not well-formed JSON.";
    BAD_XML = "F433" 400 Caller "Malformed XML", "The body is not well-formed XML, or uses what this API refuses (DOCTYPE, entities).";
    TOO_LARGE = "F434" 400 Caller "Body too large", "The body is larger than this API takes.";
    BAD_MEDIA_TYPE = "F435" 400 Caller "Unsupported content type", "Send `Content-Type: application/json` or `application/xml`.";
    NO_BODY = "F436" 400 Caller "Body missing", "This operation needs a body.";
    BODY_BROKE_OFF = "F437" 400 Caller "Body broke off", "The body ended before its announced length, or is badly framed. Send the request again, whole.";
    BODY_TOO_SLOW = "F438" 400 Caller "Body too slow", "The body did not arrive in time. Send the request again, faster.";
    MISSING_MEMBER = "F441" 400 Caller "Missing member", "A required member is missing.";
    WRONG_TYPE = "F442" 400 Caller "Wrong type", "A member has another type than the contract says.";
    NOT_ONE_OF = "F443" 400 Caller "Not one of the allowed values", "The value is not among the allowed ones.";
    UNKNOWN_MEMBER = "F444" 400 Caller "Unknown member", "The contract has no member of this name.";
    WRONG_FORMAT = "F445" 400 Caller "Wrong format", "The value does not have the format that the contract says.";
    OUT_OF_BOUNDS = "F446" 400 Caller "Out of bounds", "The value is too long, too short, too large or too small.";
    READ_ONLY = "F447" 400 Caller "Read-only member", "This member is set by the system and cannot be changed.";
    NO_SUCH_COMBINATION = "F448" 400 Caller "Values that do not go together", "These values cannot be kept together.";
    DUPLICATE_MEMBER = "F449" 400 Caller "Member given twice", "An object names the same member twice.";
    NO_REFERENCE = "F451" 400 Caller "No such referenced record", "The value names a record that does not exist.";
    CARD_NUMBER = "F452" 400 Caller "Card number sent", "A card number stands here. This API takes none: send the payment partner's token instead.";
    PRECONDITION_FAILED = "F461" 400 Caller "Precondition failed", "The record has changed since you read it. Read it again and repeat your change.";
    LOST_RACE = "F462" 400 Caller "Lost race", "Another write came first. Read the record again and repeat your change.";
    BAD_PRECONDITION = "F463" 400 Caller "Malformed precondition", "`If-Match` and `If-None-Match` take entity tags in double quotes, or `*`.";
    ALREADY_THERE = "F464" 400 Caller "Already there", "There is a record with this id already. Change that one instead, or choose another id.";
    BAD_KEY = "F465" 400 Caller "Malformed idempotency key", "`Idempotency-Key` is one key of 1 to 255 visible characters.";
    KEY_REUSED = "F466" 400 Caller "Key used for another request", "This `Idempotency-Key` stands for a request with another method, path or body. Choose a new key for a new request.";
    NOT_KEPT = "F467" 400 Caller "Answer not kept", "The first request with this key was answered, and its answer is not kept. Read the record.";

    // F5: the systems behind.
    UNREACHABLE = "F511" 500 Backend "System not reachable", "A system behind this API cannot be reached. Try again later.";
    TIMED_OUT = "F512" 500 Backend "System too slow", "A system behind this API did not answer in time. Try again later.";
    BACKEND_FAILED = "F513" 500 Backend "System failed", "A system behind this API failed. Try again later.";
    NOT_UNDERSTOOD = "F514" 500 Backend "Answer not understood", "A system behind this API gave an answer that could not be understood.";
    NO_LOGIN = "F515" 500 Backend "Login failed behind", "A system behind this API did not accept our credentials.";
    REFUSED_BEHIND = "F516" 400 Backend "Refused by the system of record", "The system that keeps this record refused the values.";
    BUSY = "F517" 500 Backend "System busy", "A system behind this API is busy. Try again later.";
    TOO_MANY_ROWS = "F518" 500 Backend "Too many rows to look through", "This question would look through more records than is allowed. Narrow it with a filter.";
    OUTCOME_UNKNOWN = "F519" 500 Backend "Outcome not known", "A system behind this API has taken the request, and did not say in time what came of it. Look for the record before you send it again.";
    NOT_UNDONE = "F521" 500 Backend "Not undone", "A later step failed, and an earlier one could not be undone. It has been recorded for the operator.";
    CIRCUIT_OPEN = "F531" 500 Backend "System left alone", "A system behind this API has failed too often and is given a rest. Try again when `Retry-After` says.";
    NO_PLACE = "F532" 500 Backend "Too many calls to a system", "A system behind this API has as many calls to answer as it takes. Try again when `Retry-After` says.";
    OVERLOADED = "F533" 500 Ours "Too many requests at once", "More requests are under way than this API takes. Try again when `Retry-After` says.";

    // F6: translating.
    CANNOT_TRANSLATE = "F611" 500 Backend "Value cannot be translated", "A stored value does not fit this API's contract.";
    UNKNOWN_CODE = "F612" 500 Backend "Unknown code", "A stored code has no public meaning yet.";
    MISSING_VALUE = "F613" 500 Backend "Required value missing", "A stored record lacks a value that the contract requires.";
    SEAL_BROKEN = "F614" 500 Backend "Sealed value does not open", "A stored value could not be opened. It has been recorded for the operator.";

    // F9: our own.
    DEADLINE = "F911" 500 Ours "Deadline passed", "The request took too long and was given up.";
    INTERNAL = "F912" 500 Ours "Internal error", "Something went wrong on our side. It has been recorded.";
    STORE_FAILED = "F913" 500 Ours "Internal store failed", "Our own store failed. Try again later.";
    KEYS_AWAY = "F914" 500 Ours "Keys not at hand", "The keys that stored values are sealed with cannot be had just now. Try again later.";
}

/// The code of this id.
pub fn find(id: &str) -> Option<&'static Code> {
    ALL.iter().copied().find(|code| code.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_never_read_like_a_status() {
        for (i, code) in ALL.iter().enumerate() {
            assert!(ALL.iter().skip(i + 1).all(|other| other.id != code.id), "{} stands twice", code.id);
            let digits = &code.id[1..];
            assert!(!["400", "401", "403", "404", "429", "500"].contains(&digits), "{}", code.id);
        }
    }
}
