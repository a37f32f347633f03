//! The only source of randomness: xoshiro256++, seeded by SplitMix64.
//!
//! Everything random in the core draws from an [`Rng`] that was made from a seed, so a run is a
//! function of its seed. Start with [`Rng::new`].
//!
//! Source: Blackman & Vigna, "Scrambled linear pseudorandom number generators", arXiv:1805.01407.

use crate::json::fields;

/// A seeded generator. Cloning it forks the stream: both copies go on alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Rng {
    state: [u64; 4],
}

fields!(Rng: state);

impl Rng {
    /// The generator of a seed. Different seeds, also neighbouring ones, give unrelated streams.
    pub fn new(seed: u64) -> Self {
        let mut s = seed;
        let mut split_mix = || {
            s = s.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let z = (s ^ (s >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^ (z >> 31)
        };
        Self { state: [split_mix(), split_mix(), split_mix(), split_mix()] }
    }

    /// A generator for a named purpose, unrelated to the parent's other streams.
    ///
    /// Giving the data, the initialization and the sampling a stream each keeps a change in one from
    /// moving the others.
    pub fn stream(seed: u64, name: &str) -> Self {
        // FNV-1a, 64 bits.
        let hash = name
            .bytes()
            .fold(0xCBF2_9CE4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01B3));
        Self::new(seed ^ hash)
    }

    /// The next 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        let s = &mut self.state;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// A number in `[0, 1)` with 24 random bits, all that an `f32` can hold.
    pub fn uniform(&mut self) -> f32 {
        (self.next_u64() >> 40) as f32 * (1.0 / (1 << 24) as f32)
    }

    /// An index in `0..n`, without bias (Lemire's method, arXiv:1805.10941).
    ///
    /// # Panics
    ///
    /// If `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        assert!(n > 0, "below: n must not be 0");
        let n = n as u64;
        loop {
            let product = u128::from(self.next_u64()) * u128::from(n);
            if product as u64 >= n.wrapping_neg() % n {
                return (product >> 64) as usize;
            }
        }
    }

    /// Whether an event of the given probability happens.
    pub fn chance(&mut self, probability: f32) -> bool {
        self.uniform() < probability
    }

    /// An index drawn with the given weights, which need not sum to 1.
    ///
    /// # Panics
    ///
    /// If there are no weights.
    pub fn weighted(&mut self, weights: &[f32]) -> usize {
        let total: f32 = weights.iter().sum();
        let mut left = self.uniform() * total;
        let last = weights.len().checked_sub(1).expect("weighted: no weights");
        for (i, &w) in weights.iter().enumerate() {
            if left < w {
                return i;
            }
            left -= w;
        }
        // Rounding can leave a crumb: it belongs to the last index that can be drawn at all.
        weights.iter().rposition(|&w| w > 0.0).unwrap_or(last)
    }

    /// A draw from the standard normal distribution (Marsaglia's polar method).
    pub fn normal(&mut self) -> f32 {
        loop {
            let u = 2.0 * self.uniform() - 1.0;
            let v = 2.0 * self.uniform() - 1.0;
            let s = u * u + v * v;
            if s > 0.0 && s < 1.0 {
                return u * libm::sqrtf(-2.0 * libm::logf(s) / s);
            }
        }
    }

    /// Shuffles in place (Fisher–Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_stream_is_reproduced() {
        // First outputs of the authors' C code for the state {1, 2, 3, 4}.
        let mut rng = Rng { state: [1, 2, 3, 4] };
        let expected = [41943041, 58720359, 3588806011781223, 3591011842654386];
        assert_eq!([(); 4].map(|()| rng.next_u64()), expected);
    }

    #[test]
    fn normal_draws_have_mean_0_and_variance_1() {
        let mut rng = Rng::new(7);
        let draws: Vec<f32> = (0..20_000).map(|_| rng.normal()).collect();
        let mean = draws.iter().sum::<f32>() / draws.len() as f32;
        let variance = draws.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / draws.len() as f32;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.05, "{mean} {variance}");
    }

    #[test]
    fn weighted_never_draws_a_weight_of_0() {
        let mut rng = Rng::new(1);
        for _ in 0..1000 {
            assert_ne!(rng.weighted(&[0.0, 0.3, 0.0, 0.7, 0.0]) % 2, 0);
        }
    }
}
