//! How the learning rate changes over a run.

/// Linear warm-up from 0, then half a cosine down to a minimum, which is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Cosine {
    /// The highest rate, reached after the warm-up.
    pub learning_rate: f64,
    /// The lowest rate, reached after `lr_decay_iters` steps.
    pub min_lr: f64,
    /// Steps of warm-up.
    pub warmup_iters: usize,
    /// Steps until the minimum, the warm-up included.
    pub lr_decay_iters: usize,
}

impl Cosine {
    /// The rate of a step, counted from 0. The very first is 0 where there is a warm-up.
    ///
    /// Hugging Face: `get_cosine_schedule_with_warmup` (whose minimum is 0); nanoGPT: `get_lr`.
    /// Source: Loshchilov & Hutter, arXiv:1608.03983, equation 5.
    pub fn rate(&self, step: usize) -> f64 {
        if step < self.warmup_iters {
            return self.learning_rate * step as f64 / self.warmup_iters as f64;
        }
        if step >= self.lr_decay_iters {
            return self.min_lr;
        }
        let done = (step - self.warmup_iters) as f64 / (self.lr_decay_iters - self.warmup_iters) as f64;
        let share = 0.5 * (1.0 + libm::cos(std::f64::consts::PI * done));
        self.min_lr + share * (self.learning_rate - self.min_lr)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rises_to_the_peak_and_falls_to_the_minimum() {
        let cosine = Cosine { learning_rate: 1.0, min_lr: 0.1, warmup_iters: 10, lr_decay_iters: 110 };
        assert_eq!(cosine.rate(0), 0.0);
        assert_eq!(cosine.rate(5), 0.5);
        assert_eq!(cosine.rate(10), 1.0);
        assert!((cosine.rate(60) - 0.55).abs() < 1e-12);
        assert_eq!(cosine.rate(110), 0.1);
        assert_eq!(cosine.rate(1000), 0.1);
    }
}
