//! `pretune build`: everything that a web server needs, in `dist/`.

use crate::error::Result;
use crate::site::build::{self, Profile};
use crate::site::progress::Progress;
use crate::site::project::Project;

/// Build the site into dist/.
#[derive(clap::Args)]
pub struct Args {
    /// Where root-relative links of a lesson (/learn/…) lead; without it they are plain text.
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// Compile the core faster but slower to run, with its names kept for debugging.
    #[arg(long)]
    dev: bool,
}

pub fn execute(args: &Args) -> Result<()> {
    let project = Project::find()?;
    let progress = Progress::default();
    build::runtime(&project, Profile::of(args.dev), &progress)?;
    let lessons = build::lessons(&project, args.base_url.as_deref())?;
    println!("{} in {}", build::count(lessons.len(), "lesson"), project.dist().display());
    Ok(())
}
