use std::path::Path;

use underpin_audit::{Proof, sha256_of};

/// A directory of this test's own, removed when dropped.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("underpin-proof-{name}-{}", std::process::id()));
        std::fs::create_dir_all(path.join("debug")).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: &str) -> std::path::PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_proof_belongs_to_one_build() {
    let folder = Folder::new("build");
    let program = folder.write("debug/program", "abc");
    let digest = sha256_of(&program).unwrap();
    assert_eq!(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    let text = format!("{{\"commit\": \"c\", \"binary_sha256\": \"{digest}\", \"proofs\": []}}");
    let proof = Proof::read(&folder.write("proof.json", &text)).unwrap();
    assert!(proof.is_of(&digest));
    folder.write("debug/program", "abcd");
    assert!(!proof.is_of(&sha256_of(&program).unwrap()));
    assert!(!Proof::default().is_of(""), "an empty proof proves nothing");
}

#[test]
fn a_proof_is_found_beside_the_program_and_then_above_it() {
    let folder = Folder::new("find");
    let program = folder.0.join("debug/program");
    assert_eq!(Proof::find(&program), None);
    let above = folder.write("proof.json", "{}");
    assert_eq!(Proof::find(&program), Some(above));
    let beside = folder.write("debug/proof.json", "{}");
    assert_eq!(Proof::find(&program), Some(beside));
}

#[test]
fn what_is_no_proof_is_refused_by_its_name() {
    let folder = Folder::new("refuse");
    let path = folder.write("proof.json", "[]");
    let error = Proof::read(&path).unwrap_err().with_causes();
    assert!(error.contains("proof.json is no proof"), "{error}");
    let error = Proof::read(Path::new("/nonexistent/proof.json")).unwrap_err().with_causes();
    assert!(error.contains("/nonexistent/proof.json"), "{error}");
}
