//! What lies in the database, and what becomes of it when somebody changes it.

use super::{
    bench::{Bench, ask, customer},
    each_database,
};
use serde_json::Value;

const PLAIN: &[&str] = &[
    "ada@example.org",
    "ida@example.org",
    "ada.new@example.org",
    "+1 555 01",
    "Juniper",
    "Seattlement",
    "Zoraida",
    "Yolanda",
    "wolfsbane",
    "hydrangea",
    "Prednisolone",
    "temperatureCelsius",
    "Come again",
];

const RECORD: &str = r#"{"type":"visit","description":"Ate wolfsbane","recordedAt":"2026-01-20T09:45:00Z",
    "allergies":["hydrangea"],"medications":[{"name":"Prednisolone","dose":null}],"vetNotes":"Come again.",
    "details":{"temperatureCelsius":38.50,"deep":{"x":[1,2]}}}"#;

#[tokio::test]
async fn a_record_comes_back_and_nothing_of_it_lies_open() {
    each_database("rest", async |bench| {
        let facade = bench.facade().await;
        let ada = customer(&facade, "Ada", "ada@example.org").await;
        let ida = customer(&facade, "Ida", "ida@example.org").await;
        bench
            .tamper(&[&format!(
                "INSERT INTO pets (id, owner_id, name, species, sex_code, created_at) \
                 VALUES ('109', '{ada}', 'Luna', 'cat', 'FS', {})",
                bench.time()
            )])
            .await;
        let records = "/v1/pets/109/medical-records";
        let (status, made) = ask(&facade, "POST", records, RECORD).await;
        assert_eq!(status, 201, "{made}");
        let wanted: Value = serde_json::from_str(RECORD).unwrap();
        for name in ["description", "allergies", "medications", "vetNotes", "details", "recordedAt"] {
            assert_eq!(made[name], wanted[name], "{name}");
        }
        assert_eq!(made["vaccinations"], serde_json::json!([]));
        let (_, listed) = ask(&facade, "GET", &format!("{records}?type=visit"), "").await;
        assert_eq!(listed["medicalRecords"][0], made);

        // Found by equality, before and behind a change; not found by what it was.
        let patch = r#"{"email":"ada.new@example.org","address":{"city":"Portland"},"phone":null}"#;
        let (status, changed) = ask(&facade, "PATCH", &format!("/v1/customers/{ada}"), patch).await;
        assert_eq!(status, 200, "{changed}");
        assert_eq!(
            (&changed["address"]["street"], &changed["address"]["city"], &changed["phone"]),
            (&"12 Juniper Street".into(), &"Portland".into(), &Value::Null)
        );
        assert_eq!(changed["emergencyContacts"][1]["name"], "Yolanda Pell");
        assert_eq!(Bench::id(&facade, "ada.new@example.org").await, ada);
        let count = async |filter: &str| {
            let (_, found) = ask(&facade, "GET", &format!("/v1/customers?{filter}"), "").await;
            found["metadata"]["totalCount"].as_u64().unwrap_or_else(|| panic!("{found}"))
        };
        assert_eq!(count("email=ada@example.org").await, 0);
        assert_eq!(count("email=ADA.new@example.org").await, 0);
        assert_eq!(count("email.ne=ada.new@example.org").await, 1);
        assert_eq!(count("email=ida@example.org&email=ada.new@example.org").await, 2);
        let (status, refused) = ask(&facade, "GET", "/v1/customers?email.gt=a", "").await;
        assert_eq!((status, &refused["code"]), (400, &"F419".into()));
        let (_, two) =
            ask(&facade, "GET", "/v1/customers?fields=email,emergencyContacts(phone)&sort=givenName", "")
                .await;
        assert_eq!(two["customers"][1]["email"], "ida@example.org");
        assert_eq!(two["customers"][1]["emergencyContacts"][1]["phone"], "+1 555 0101 222");
        // Children alone are changed with the record's own key.
        let patch = r#"{"emergencyContacts":[{"name":"Zoraida Quist","phone":"+1 555 0101 333"}]}"#;
        let (_, changed) = ask(&facade, "PATCH", &format!("/v1/customers/{ida}"), patch).await;
        assert_eq!(changed["emergencyContacts"][0]["phone"], "+1 555 0101 333");
        drop(facade);

        if bench.is_sqlite() {
            let bytes = bench.bytes();
            assert!(bytes.len() > 8192);
            let text = String::from_utf8_lossy(&bytes);
            for plain in PLAIN {
                assert!(!text.contains(plain), "`{plain}` lies open");
            }
            assert!(text.contains("s1.") && text.contains("Ada"));
        }
    })
    .await;
}

#[tokio::test]
async fn what_was_changed_or_moved_is_a_fault_and_never_an_answer() {
    each_database("moved", async |bench| {
        let facade = bench.facade().await;
        let ada = customer(&facade, "Ada", "ada@example.org").await;
        let ida = customer(&facade, "Ida", "ida@example.org").await;
        let read = async |id: &str| ask(&facade, "GET", &format!("/v1/customers/{id}"), "").await;
        let whole = read(&ada).await;
        assert_eq!(whole.0, 200);
        let from = |column: &str, id: &str| format!("(SELECT x.{column} FROM (SELECT * FROM customers) x WHERE x.id = '{id}')");
        let set = |column: &str, value: &str| format!("UPDATE customers SET {column} = {value} WHERE id = '{ada}'");
        let contact = |value: &str, at: u8| {
            format!("UPDATE emergency_contacts SET phone = {value} WHERE customer_id = '{ada}' AND position = {at}")
        };
        let sibling = format!(
            "(SELECT x.phone FROM (SELECT * FROM emergency_contacts) x WHERE x.customer_id = '{ada}' AND x.position = 1)"
        );
        // Column, what is done to it, and what is told: a value of another row, of another member, with a byte changed,
        // cut, plain; a data key of another record, and none.
        for wrong in [
            set("email", &from("email", &ida)),
            set("phone", "email"),
            set("street", "CONCAT(SUBSTR(street, 1, 30), CASE SUBSTR(street, 31, 1) WHEN 'A' THEN 'B' ELSE 'A' END, SUBSTR(street, 32, 500))"),
            set("street", "SUBSTR(street, 1, 40)"),
            set("email", "'mallory@example.org'"),
            set("email", "''"),
            set("data_key", &from("data_key", &ida)),
            set("data_key", "NULL"),
            set("data_key", "'k1.00000000.AAAA'"),
            contact(&sibling, 0),
            contact("'+1 555 0199 666'", 0),
        ] {
            let keep = ["CREATE TABLE kept AS SELECT * FROM customers", "CREATE TABLE kept_contacts AS SELECT * FROM emergency_contacts"];
            let wrong = if bench.is_sqlite() && wrong.contains("CONCAT(") {
                wrong.replace("CONCAT(", "(").replace(", CASE", " || CASE").replace("END, SUBSTR", "END || SUBSTR")
            } else {
                wrong
            };
            bench.tamper(&keep).await;
            bench.tamper(&[&wrong]).await;
            let (status, answer) = read(&ada).await;
            let code = answer["code"].as_str().unwrap_or_default().to_owned();
            assert_eq!(status, 500, "{wrong}: {answer}");
            let expected = if wrong.contains("00000000") { "F914" } else { "F614" };
            assert_eq!(code, expected, "{wrong}");
            assert!(!answer.to_string().contains("mallory") && !answer.to_string().contains("666"));
            assert_eq!(ask(&facade, "GET", "/v1/customers", "").await.0, 500, "{wrong}");
            // What is not sealed can still be had, and others are what they were.
            let (status, _) = ask(&facade, "GET", &format!("/v1/customers/{ada}?fields=givenName"), "").await;
            assert_eq!(status, 200, "{wrong}");
            assert_eq!(read(&ida).await.0, 200, "{wrong}");
            bench
                .tamper(&[
                    "DELETE FROM emergency_contacts",
                    "DELETE FROM customers",
                    "INSERT INTO customers SELECT * FROM kept",
                    "INSERT INTO emergency_contacts SELECT * FROM kept_contacts",
                ])
                .await;
            bench.tamper(&["DROP TABLE kept", "DROP TABLE kept_contacts"]).await;
            assert_eq!(read(&ada).await, whole, "{wrong}");
        }
        // A whole row under another key, with its data key and all.
        bench
            .tamper(&[
                &format!("DELETE FROM emergency_contacts WHERE customer_id = '{ida}'"),
                &format!("DELETE FROM customers WHERE id = '{ida}'"),
                &format!("UPDATE emergency_contacts SET customer_id = '{ida}' WHERE customer_id = 'nobody'"),
                &format!("DELETE FROM emergency_contacts WHERE customer_id = '{ada}'"),
                &format!("UPDATE customers SET id = '{ida}' WHERE id = '{ada}'"),
            ])
            .await;
        let (status, answer) = read(&ida).await;
        assert_eq!((status, &answer["code"]), (500, &"F614".into()));
    })
    .await;
}
