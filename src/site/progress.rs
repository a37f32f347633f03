//! What the person sees while a long step runs: a spinner or a bar with the time, then one line.
//!
//! A step that takes under a second leaves no trace on the screen.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Where progress is shown: the terminal; into a file or a pipe goes one line a step.
#[derive(Debug)]
pub struct Progress {
    is_terminal: bool,
}

impl Default for Progress {
    fn default() -> Self {
        Self { is_terminal: std::io::stderr().is_terminal() }
    }
}

/// A step that is running.
pub struct Step {
    name: String,
    bar: ProgressBar,
    began: Instant,
}

impl Progress {
    /// Begins a step of unknown length. `name` says what is being done: `compiling the core`.
    pub fn step(&self, name: &str) -> Step {
        if !self.is_terminal {
            eprintln!("{name} …");
        }
        let bar = ProgressBar::new_spinner();
        set_style(&bar, "{spinner} {prefix}  {elapsed}  {wide_msg:.dim}");
        bar.set_prefix(name.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        Step { name: name.to_owned(), bar, began: Instant::now() }
    }
}

impl Step {
    /// Leaves a line above the bar.
    pub fn line(&self, text: &str) {
        self.bar.suspend(|| println!("{text}"));
    }

    /// Shows what the step is at.
    pub fn message(&self, text: &str) {
        self.bar.set_message(text.trim().to_owned());
    }

    /// Turns the spinner into a bar with the time that is left.
    pub fn position(&self, done: usize, total: usize) {
        if self.bar.length() != Some(total as u64) {
            self.bar.set_length(total as u64);
            set_style(&self.bar, "{prefix}  {bar:30}  {pos}/{len}  {msg}  {eta} left");
        }
        self.bar.set_position(done as u64);
    }

    /// Ends the step; leaves a line if it took long enough to be noticed.
    pub fn done(self) {
        let took = self.began.elapsed();
        self.bar.finish_and_clear();
        if took >= Duration::from_secs(1) {
            eprintln!("{}  {:.1} s", self.name, took.as_secs_f64());
        }
    }
}

fn set_style(bar: &ProgressBar, template: &str) {
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
}
