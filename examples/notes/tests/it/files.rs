use std::path::Path;

/// Everything that a reader copies, beside the manifest.
const FILES: [&str; 5] =
    ["src/lib.rs", "src/store.rs", "src/audit.rs", "src/main.rs", "migrations/0001_notes.sql"];

fn read(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

/// Lines that hold code: neither blank nor a comment.
fn code(text: &str) -> impl Iterator<Item = &str> {
    let bare = |line: &&str| {
        let line = line.trim_start();
        !line.is_empty() && !line.starts_with("//") && !line.starts_with("--")
    };
    text.lines().filter(bare)
}

#[test]
fn a_complete_resource_is_at_most_120_lines_of_rust_and_sql() {
    let lines: usize = FILES.iter().map(|file| code(&read(file)).count()).sum();
    assert!(lines <= 120, "{lines} lines");
    println!("{lines} lines");
}

#[test]
fn the_guide_shows_every_line_of_it_as_it_is() {
    let guide = read("../../docs/guides/first-module.md");
    let mut shown = std::collections::BTreeMap::<&str, String>::new();
    let mut rest = guide.as_str();
    // A block is announced by the file that it is of: **`src/lib.rs`**.
    while let Some((_, after)) = rest.split_once("**`") {
        let (file, after) = after.split_once("`**").unwrap();
        let (_, block) = after.split_once("```").unwrap();
        let (_, block) = block.split_once('\n').unwrap();
        let (block, after) = block.split_once("```").unwrap();
        let name = FILES.iter().find(|known| **known == file);
        let name = name.unwrap_or_else(|| panic!("the guide shows {file}"));
        assert!(read(name).contains(block.trim()), "{name} does not say:\n{block}");
        shown.entry(name).or_default().push_str(block);
        rest = after;
    }
    for file in FILES {
        let of_guide = shown.get(file).map_or("", String::as_str);
        for line in code(&read(file)) {
            assert!(of_guide.contains(line), "the guide leaves out of {file}: {line}");
        }
    }
}
