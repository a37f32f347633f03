//! `pretune train`: the core that runs in the tab, natively.

use std::path::PathBuf;
use std::time::Instant;

use clap::error::ErrorKind;
use clap::{Arg, ArgMatches, FromArgMatches};

use crate::checkpoint::{self, Probe};
use crate::data::{Corpus, END_OF_TEXT, Tokenizer, World};
use crate::error::Result;
use crate::nn::CausalLm;
use crate::site::files;
use crate::site::progress::Progress;
use crate::train::{MeanLoss, Options, Pretrainer};

/// Documents of the miniature world, for a run without a file: as many as the figure in the page has.
const N_TRAIN: usize = 20_000;
const N_VAL: usize = 96;
/// Reports in a run.
const N_REPORTS: usize = 10;
/// Rows of held-out text that are read at once.
const EVAL_BATCH_SIZE: usize = 32;

/// Pre-train a model and write it as a Hugging Face folder.
///
/// The same options give the same weights, bit for bit, as a figure in a page with them as attributes.
#[derive(clap::Args)]
pub struct Args {
    /// Text to learn, of which the last 10 % are held out; without it, the miniature world.
    #[arg(long, value_name = "FILE")]
    corpus: Option<PathBuf>,
    /// Folder for the model; without it, nothing is written.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    options: Flags,
}

/// [`Options`] as flags: their list is the only place that knows them.
struct Flags(Options);

impl clap::Args for Flags {
    fn augment_args(command: clap::Command) -> clap::Command {
        let defaults = Options::default();
        command.args(Options::ALL.iter().map(|info| {
            let default = defaults.get(info.name).expect("in the list");
            let help = format!("{} [default: {default}; {}]", info.help.trim_end_matches('.'), info.allowed);
            Arg::new(info.name).long(info.name).value_name("VALUE").help(help)
        }))
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> std::result::Result<Self, clap::Error> {
        let mut flags = Self(Options::default());
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> std::result::Result<(), clap::Error> {
        let wrong = |error| clap::Error::raw(ErrorKind::ValueValidation, format!("--{error}\n"));
        for info in Options::ALL {
            if let Some(given) = matches.get_one::<String>(info.name) {
                self.0.set(info.name, given).map_err(wrong)?;
            }
        }
        self.0.validate().map_err(wrong)
    }
}

pub fn execute(args: &Args) -> Result<()> {
    let options = &args.options.0;
    let (tokenizer, corpus) = read_corpus(args)?;
    let mut run = Pretrainer::random(options, tokenizer.vocab_size(), tokenizer.eos());
    println!(
        "{} parameters, {} tokens in the vocabulary, {} tokens a step",
        run.params.n_params(),
        tokenizer.vocab_size(),
        options.batch_size * options.block_size
    );
    learn(&mut run, &corpus, options.max_iters);
    println!("fingerprint {}", run.params.fingerprint());
    if let Some(out) = &args.out {
        let prompt =
            if args.corpus.is_some() { "\n".to_owned() } else { format!("{END_OF_TEXT} The capital of") };
        let probe = Probe::new(CausalLm::new(&run.model, &run.params), &tokenizer, &prompt, None);
        for (name, bytes) in checkpoint::folder(&run.model, &run.params, &tokenizer, &probe) {
            files::write(&out.join(name), &bytes)?;
        }
        println!("wrote {}", out.display());
    }
    Ok(())
}

fn read_corpus(args: &Args) -> Result<(Tokenizer, Corpus)> {
    let options = &args.options.0;
    let Some(file) = &args.corpus else {
        let world = World::new(0);
        let tokenizer = world.tokenizer();
        let corpus = Corpus::from_world(&world, &tokenizer, N_TRAIN, N_VAL, 0);
        return Ok((tokenizer, corpus));
    };
    let text = files::read_text(file)?;
    let within = |error: crate::error::Error| error.within(&file.display().to_string());
    let tokenizer = Tokenizer::train(options.tokenizer, &text, options.vocab_size).map_err(within)?;
    let corpus = Corpus::from_text(&text, &tokenizer, options.block_size).map_err(within)?;
    Ok((tokenizer, corpus))
}

fn learn(run: &mut Pretrainer, corpus: &Corpus, max_iters: usize) {
    let tokens_per_step = run.config.batch_size * run.config.block_size;
    let bar = Progress::default().step("training");
    let (began, mut evaluating) = (Instant::now(), std::time::Duration::ZERO);
    while run.step < max_iters {
        let report = run.step(corpus);
        let seconds = (began.elapsed() - evaluating).as_secs_f64();
        bar.position(run.step, max_iters);
        bar.message(&format!(
            "loss {:.3}  {:.0} tokens/s",
            report.loss,
            (run.step * tokens_per_step) as f64 / seconds
        ));
        if run.step == max_iters || run.step.is_multiple_of((max_iters / N_REPORTS).max(1)) {
            let paused = Instant::now();
            let val_loss = evaluate(run, corpus);
            evaluating += paused.elapsed();
            bar.line(&format!("step {:>6}  train loss {:.4}  val loss {val_loss:.4}", run.step, report.loss));
        }
    }
    let seconds = (began.elapsed() - evaluating).as_secs_f64();
    bar.done();
    if let Some(entropy) = corpus.entropy() {
        println!("entropy of the held-out text {entropy:.4}, which no model can go below");
    }
    println!("{:.1} s of training, {:.0} tokens/s", seconds, (max_iters * tokens_per_step) as f64 / seconds);
}

/// Mean loss over all of the held-out text, each token predicted once.
fn evaluate(run: &mut Pretrainer, corpus: &Corpus) -> f32 {
    let mut loss = MeanLoss::default();
    for batch in corpus.val_batches(EVAL_BATCH_SIZE, run.config.block_size) {
        run.evaluate(&batch, &mut loss);
    }
    loss.mean().unwrap_or(f32::NAN)
}
