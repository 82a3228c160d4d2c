//! A ledger that cannot be written: what is to be told of is neither done nor shown, and the rest goes on.

use super::rig::{Rig, caller};

const CUSTOMER: &str = r#"{"givenName":"Ada","familyName":"Wood","email":"ada@example.org"}"#;

async fn broken(rig: &Rig, statement: &str) {
    let url = format!("sqlite:{}", rig.folder.join("ledger.db").display());
    let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(statement.to_owned())).execute(&pool).await.unwrap();
    pool.close().await;
}

#[tokio::test]
async fn what_cannot_be_told_of_is_neither_done_nor_shown() {
    let rig = Rig::open("away").await;
    let admin = caller("admin", None);
    let (status, made) = rig.ask(&admin, "POST", "/v1/customers", CUSTOMER).await;
    assert_eq!(status, 201, "{made}");
    let path = format!("/v1/customers/{}", made["customerId"].as_str().unwrap());
    let owner = caller("owner", Some(("customer", made["customerId"].as_str().unwrap())));
    broken(&rig, "ALTER TABLE trail_head RENAME TO away").await;

    for (method, path, body) in [
        ("POST", "/v1/customers", CUSTOMER),
        ("PATCH", &path, r#"{"givenName":"Bea"}"#),
        ("DELETE", &path, ""),
        ("GET", &path, ""),
        ("GET", "/v1/customers", ""),
        ("GET", "/v1/customers/none", ""),
    ] {
        let (status, answer) = rig.ask(&admin, method, path, body).await;
        assert_eq!((status, &answer["code"]), (500, &"F913".into()), "{method} {path}: {answer}");
        assert!(!answer.to_string().contains("Wood"), "{answer}");
    }
    // What nobody has to be told of.
    let (status, _) = rig.ask(&admin, "GET", "/v1/customers?fields=status", "").await;
    assert_eq!(status, 200);
    let (status, answer) = rig.ask(&owner, "GET", &path, "").await;
    assert_eq!((status, &answer["givenName"]), (200, &"Ada".into()), "nothing was written");

    broken(&rig, "ALTER TABLE away RENAME TO trail_head").await;
    let (status, list) = rig.ask(&admin, "GET", "/v1/customers", "").await;
    assert_eq!((status, &list["metadata"]["totalCount"]), (200, &1.into()), "nothing was made or removed");
    assert_eq!(rig.verdict().await.broken, None);
    let told = rig.told(0).await;
    assert_eq!(told.len(), 3, "{told:?}");
}

/// The write was done, and that could not be told: that it was begun stands there, and the answer is no success.
#[tokio::test]
async fn a_write_whose_outcome_cannot_be_told_was_begun() {
    let rig = Rig::open("half").await;
    let admin = caller("admin", None);
    broken(
        &rig,
        "CREATE TRIGGER half BEFORE INSERT ON trail_pages WHEN NEW.text NOT LIKE '%\"begun\"%' BEGIN SELECT RAISE(ABORT, 'full'); END",
    )
    .await;
    let (status, answer) = rig.ask(&admin, "POST", "/v1/customers", CUSTOMER).await;
    assert_eq!((status, &answer["code"]), (500, &"F913".into()), "{answer}");
    let told = rig.told(0).await;
    assert!(told.len() == 1 && told[0].starts_with("a_admin create begun customers"), "{told:?}");
}
