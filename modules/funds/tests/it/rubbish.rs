//! Files that are no book.

use crate::stage::Stage;

const HEADER: &str = "investor,fund,as_of,commitment";

fn long_row() -> Vec<u8> {
    let mut file = format!("{HEADER}\nA,F,2025-03-31,1\nA,\"").into_bytes();
    file.extend(std::iter::repeat_n(b'x', 10 << 20));
    file.extend(b"\",2025-03-31,1\n");
    file
}

#[tokio::test]
async fn each_kind_of_rubbish_ends_its_import_with_a_code_of_its_own() {
    let files: Vec<(&str, Vec<u8>)> = vec![
        ("empty_file", Vec::new()),
        ("empty_file", b"\xef\xbb\xbf\r\n\r\n".to_vec()),
        ("not_csv", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj".to_vec()),
        ("not_csv", b"PK\x03\x04\x14\x00\x06\x00".to_vec()),
        ("not_csv", b"{\"funds\": []}".to_vec()),
        ("not_csv", b"investor;fund;as_of;commitment\nA;F;2025-03-31;1\n".to_vec()),
        ("not_utf8", [HEADER.as_bytes(), b"\nRh\xf4ne,F,2025-03-31,1\n"].concat()),
        ("not_utf8", b"\xff\xfei\x00n\x00v\x00".to_vec()),
        ("header_missing", b"name,amount\nA,1\n".to_vec()),
        ("header_twice", b"investor,fund,as_of,commitment,fund_name\n".to_vec()),
        ("header_twice", format!("{HEADER}\nA,F,2025-03-31,1\n{HEADER}\n").into_bytes()),
        ("too_many_columns", format!("{HEADER}{}\n", ",x".repeat(9_996)).into_bytes()),
        ("row_too_long", long_row()),
    ];
    let stage = Stage::new().await;
    let worker = stage.work(1);
    for (code, file) in files {
        let id = stage.send(stage.staff, &file).await.unwrap();
        let import = stage.over(stage.staff, id).await;
        let (got, message) = import.error.clone().unwrap_or_default();
        assert_eq!((import.state(), got.as_str()), ("failed", code), "{message}");
        assert!(!message.is_empty());
    }
    drop(worker);
    let client = stage.test.superuser().await;
    let dead = client.query_one("select count(*) from underpin.job_dead", &[]).await.unwrap();
    assert_eq!(dead.get::<_, i64>(0), 0, "a bad file is an answer, not a dead job");
}

#[tokio::test]
async fn a_file_in_another_encoding_applies_nothing_however_late_that_shows() {
    let stage = Stage::new().await;
    let mut file = format!("{HEADER}\n").into_bytes();
    for n in 0..5_000 {
        file.extend(format!("A,Fund {n},2025-03-31,1\n").into_bytes());
    }
    file.extend(b"A,Rh\xf4ne,2025-03-31,1\n");
    let import = stage.import_in_chunks(100, &file).await;
    assert_eq!((import.state(), import.counts.read), ("failed", 0));
    assert_eq!(stage.count("funds.fund").await, 0);
}
