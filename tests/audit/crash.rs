//! A trail that fails before, within and behind its transaction: nothing is shown or done that is not told of, a line that
//! nobody knows of is at most one too many, and the chain holds.

use super::rig::{Rig, caller};
use portico::telemetry::failpoint::{Act, set};

const CUSTOMER: &str = r#"{"givenName":"Ada","familyName":"Wood","email":"ada@example.org"}"#;

#[tokio::test]
async fn what_is_not_surely_told_of_is_neither_done_nor_shown() {
    for (place, lines) in [("sql.before", 0), ("sql.within", 0), ("sql.behind", 1)] {
        let rig = Rig::open(&format!("crash-{}", place.replace('.', "-"))).await;
        let admin = caller("admin", None);
        let (status, made) = rig.ask(&admin, "POST", "/v1/customers", CUSTOMER).await;
        assert_eq!(status, 201, "{made}");
        let path = format!("/v1/customers/{}", made["customerId"].as_str().unwrap());
        let before = rig.lines().await.len();

        let point = set(place, "INSERT INTO trail", Act::Fail, 1);
        let (status, shown) = rig.ask(&admin, "GET", &path, "").await;
        assert_eq!((status, &shown["code"]), (500, &"F913".into()), "{place}: {shown}");
        assert!(!shown.to_string().contains("Wood"), "{place}: {shown}");
        let (status, written) = rig.ask(&admin, "PATCH", &path, r#"{"givenName":"Bea"}"#).await;
        assert_eq!((status, &written["code"]), (500, &"F913".into()), "{place}: {written}");
        drop(point);

        // One line for the read and one that the write was begun, where they were on the disk already.
        assert_eq!(rig.lines().await.len(), before + 2 * lines, "{place}");
        let (status, shown) = rig.ask(&admin, "GET", &path, "").await;
        assert_eq!((status, &shown["givenName"]), (200, &"Ada".into()), "{place}: nothing was written");
        assert_eq!(rig.lines().await.len(), before + 2 * lines + 1, "{place}");
        assert_eq!(rig.verdict().await.broken, None, "{place}");
    }
}
