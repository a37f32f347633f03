//! The program as it is typed.

use std::path::Path;
use std::process::{Command, Output};

fn pretune(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_pretune"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the program starts")
}

fn fixtures() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lessons")
}

#[test]
fn check_lists_findings_and_fails() {
    let output = pretune(&["check", "mistakes/lesson.md", "all-markers/lesson.md"], &fixtures());
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("mistakes/lesson.md:4:1: unknown field `dificulty`; did you mean difficulty?"),
        "{said}"
    );
    assert!(!said.contains("all-markers"), "{said}");
}

#[test]
fn check_of_a_good_lesson_succeeds() {
    let output = pretune(&["check", "all-markers/lesson.md"], &fixtures());
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "1 lesson: nothing to mend\n");
}

#[test]
fn check_finds_what_only_the_disk_knows() {
    let folder = tempfile::tempdir().expect("a folder");
    let lesson = "---\ntitle: T\nslug: same\ndescription: D\n---\n\n![x](gone.png)\n";
    for name in ["a.md", "b.md"] {
        std::fs::write(folder.path().join(name), lesson).expect("a lesson");
    }
    let output = pretune(&["check", "a.md", "b.md"], folder.path());
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("a.md:7:1: no file gone.png; "), "{said}");
    assert!(said.contains("b.md:1:1: slug \"same\" is taken by a.md; "), "{said}");
    assert!(said.ends_with("3 findings\n"), "{said}");
}

#[test]
fn outside_the_project_the_build_says_where_to_go() {
    let folder = tempfile::tempdir().expect("a folder");
    for command in [&["build"][..], &["serve"], &[]] {
        let output = pretune(command, folder.path());
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1));
        assert!(
            said.contains("not inside the Pretune project") && said.contains("; go to the folder"),
            "{said}"
        );
    }
}

#[test]
fn missing_lessons_and_unknown_commands_are_told_apart() {
    let output = pretune(&["check", "no-such.md"], &fixtures());
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.starts_with("error: reading no-such.md: ")
            && said.trim_end().ends_with("check the spelling of the path")
    );
    assert_eq!(pretune(&["bake"], &fixtures()).status.code(), Some(2));
}
