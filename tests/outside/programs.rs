//! Each program starts with the records of `tests/outside/parts.json`; no mapping is involved yet.

use super::support::Program;
use serde_json::Value;
use std::{
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    time::Duration,
};

/// The status and the body of one exchange.
fn ask(program: &Program, method: &str, path: &str, headers: &[&str], body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(&program.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut request = format!("{method} {path} HTTP/1.0\r\nHost: {}\r\n", program.address);
    for header in headers.iter().copied().chain([format!("Content-Length: {}", body.len()).as_str()]) {
        request = request + header + "\r\n";
    }
    stream.write_all((request + "\r\n" + body).as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

fn parts() -> Vec<Value> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outside/parts.json");
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

const JSON: &str = "Content-Type: application/json";

#[test]
fn json_server_has_all_parts() {
    let Some(program) = Program::start("json-server") else { return };
    let (status, body) = ask(&program, "GET", "/parts?_sort=id", &[], "");
    assert_eq!(status, 200);
    let rows: Vec<Value> = serde_json::from_str(&body).unwrap();
    let parts = parts();
    assert_eq!(rows.len(), parts.len());
    for (row, part) in rows.iter().zip(&parts) {
        assert_eq!(row["id"], part["partId"]);
        assert_eq!(row["name"], part["name"]);
        assert_eq!(row.get("note").is_none(), part["note"].is_null());
    }
}

#[test]
fn json_graphql_server_has_all_parts() {
    let Some(program) = Program::start("json-graphql-server") else { return };
    let query = r#"{"query":"{allParts{partNo title note} _allPartsMeta{count}}"}"#;
    let (status, body) = ask(&program, "POST", "/", &[JSON], query);
    assert_eq!(status, 200);
    let answer: Value = serde_json::from_str(&body).unwrap();
    let parts = parts();
    assert_eq!(answer["data"]["_allPartsMeta"]["count"], parts.len());
    for (row, part) in answer["data"]["allParts"].as_array().unwrap().iter().zip(&parts) {
        assert_eq!(
            (&row["partNo"], &row["title"], &row["note"]),
            (&part["partId"], &part["name"], &part["note"])
        );
    }
}

#[test]
fn dynalite_has_all_parts() {
    let Some(program) = Program::start("dynalite") else { return };
    let headers = [
        "Content-Type: application/x-amz-json-1.0",
        "X-Amz-Target: DynamoDB_20120810.Query",
        "X-Amz-Date: 20260101T000000Z",
        "Authorization: AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host, Signature=a",
    ];
    let query = r#"{"TableName":"Parts","IndexName":"InOrder","KeyConditionExpression":"Kind = :k","ExpressionAttributeValues":{":k":{"S":"part"}}}"#;
    let (status, body) = ask(&program, "POST", "/", &headers, query);
    assert_eq!(status, 200, "{body}");
    let answer: Value = serde_json::from_str(&body).unwrap();
    let parts = parts();
    assert_eq!(answer["Count"], parts.len());
    for (row, part) in answer["Items"].as_array().unwrap().iter().zip(&parts) {
        assert_eq!((&row["PartId"]["S"], &row["Name"]["S"]), (&part["partId"], &part["name"]));
    }
}

#[test]
fn spyne_has_all_parts() {
    let Some(program) = Program::start("spyne") else { return };
    let envelope = r#"<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><ListParts xmlns="urn:example:parts:1"/></s:Body></s:Envelope>"#;
    let (status, body) = ask(&program, "POST", "/", &["Content-Type: text/xml; charset=utf-8"], envelope);
    assert_eq!(status, 200, "{body}");
    let parts = parts();
    assert!(body.contains(&format!("<tns:Total>{}</tns:Total>", parts.len())), "{body}");
    for part in &parts {
        let number = part["partId"].as_str().unwrap();
        assert!(body.contains(&format!("<tns:PartNo>{number}</tns:PartNo>")), "{number} is missing");
    }
    let nil = parts.iter().filter(|part| part["note"].is_null()).count();
    assert_eq!(body.matches("xsi:nil=\"true\"").count(), nil);
}

#[test]
fn tryton_has_all_parts_and_a_reservation() {
    let Some(program) = Program::start("tryton") else { return };
    let rpc = |authorization: &str, body: &str| -> Value {
        let (status, body) = ask(&program, "POST", "/parts/", &[JSON, authorization], body);
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap()
    };
    let login = r#"{"id":1,"method":"common.db.login","params":["admin",{"password":"admin"}]}"#;
    assert!(rpc("X-None: 1", login)["result"][1].is_string());
    // Base64 of `admin:admin`: a name and a password do instead of a session.
    let basic = "Authorization: Basic YWRtaW46YWRtaW4=";
    let count =
        r#"{"id":2,"method":"model.product.product.search_count","params":[[],{"active_test":false}]}"#;
    assert_eq!(rpc(basic, count)["result"], parts().len());
    let free = r#"{"id":3,"method":"model.product.product.search_read","params":[[["code","=","P-0005"]],0,1,null,["quantity"],{"company":1,"companies":[1],"locations":[3],"stock_date_end":{"__class__":"date","year":2100,"month":1,"day":1},"stock_assign":ASSIGNED}]}"#;
    assert_eq!(rpc(basic, &free.replace("ASSIGNED", "false"))["result"][0]["quantity"], 5.0);
    assert_eq!(rpc(basic, &free.replace("ASSIGNED", "true"))["result"][0]["quantity"], 2.0);
}
