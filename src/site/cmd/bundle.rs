//! `pretune bundle`: a lesson as one file that needs nothing else.

use crate::error::Result;
use crate::site::build::{self, Profile};
use crate::site::progress::Progress;
use crate::site::project::Project;
use crate::site::{bundle, files};
use std::path::PathBuf;

/// Make one HTML file of a lesson that works offline, from a disk or an e-mail.
#[derive(clap::Args)]
pub struct Args {
    /// The lesson's Markdown file.
    #[arg(value_name = "LESSON.md")]
    lesson: PathBuf,
    /// The file to write; without it, SLUG.html in the current folder.
    #[arg(short, long, value_name = "FILE.html")]
    output: Option<PathBuf>,
    /// Where root-relative links of the lesson (/learn/…) lead; without it they are plain text.
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
}

pub fn execute(args: &Args) -> Result<()> {
    // The lesson first: its mistakes are found in milliseconds, a build takes a while.
    let lesson = bundle::read_lesson(&args.lesson, args.base_url.clone())?;
    let project = Project::find()?;
    build::runtime(&project, Profile::Release, &Progress::default())?;
    let bundle = bundle::bundle(&lesson, &bundle::Parts::read(&project.dist())?)?;
    let output = args.output.clone().unwrap_or_else(|| PathBuf::from(format!("{}.html", lesson.front.slug)));
    files::write(&output, bundle.html.as_bytes())?;
    print!("{}", bundle.size_table());
    println!("{}", output.display());
    Ok(())
}
