//! `pretune check`: says what is wrong with lessons, and where.

use crate::error::{Error, Result};
use crate::site::build::{count, recorded_claims};
use crate::site::files;
use crate::site::lesson::check::{check, duplicate_slugs};
use std::path::PathBuf;
use std::process::ExitCode;

/// Check lessons: file:line:column, what is wrong, what is allowed.
#[derive(clap::Args)]
pub struct Args {
    /// The lessons' Markdown files.
    #[arg(required = true, value_name = "LESSON.md")]
    lessons: Vec<PathBuf>,
}

pub fn execute(args: &Args) -> Result<ExitCode> {
    let mut findings = Vec::new();
    let mut fronts = Vec::new();
    for path in &args.lessons {
        let name = path.display().to_string();
        let claims = recorded_claims(path.parent().unwrap_or(path))?;
        let checked = check(&name, &files::read_text(path)?, &claims);
        findings.extend(checked.findings);
        let folder = path.parent().unwrap_or(path);
        for (address, at) in checked.images {
            if !folder.join(&address).is_file() {
                findings.push(Error::input(
                    at,
                    format!("no file {address}"),
                    "an image next to the lesson, or its https: address",
                ));
            }
        }
        fronts.push((name, checked.front));
    }
    let fronts: Vec<_> = fronts.iter().map(|(name, front)| (name.as_str(), front)).collect();
    findings.extend(duplicate_slugs(&fronts));
    for finding in &findings {
        println!("{finding}");
    }
    if findings.is_empty() {
        println!("{}: nothing to mend", count(args.lessons.len(), "lesson"));
        return Ok(ExitCode::SUCCESS);
    }
    println!("{}", count(findings.len(), "finding"));
    Ok(ExitCode::FAILURE)
}
