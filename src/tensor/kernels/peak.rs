//! How fast the processor multiplies and adds when nothing else is in its way.

use crate::tensor::math::opaque;
use crate::tensor::simd::F32x4;

/// Chains of operations side by side: enough that none waits for the one before.
const CHAINS: usize = 12;

/// Floating-point operations of [`peak`].
pub fn peak_flops(turns: usize) -> f64 {
    (turns * CHAINS * 2 * F32x4::LANES) as f64
}

/// `turns` times a multiplication and an addition in each chain, without touching memory.
pub fn peak(turns: usize) -> f32 {
    let (factor, term) = (opaque(0.999), opaque(0.001));
    let mut chains = [0.0; CHAINS].map(opaque);
    for _ in 0..turns {
        chains = chains.map(|x| x * factor + term);
    }
    chains.into_iter().fold(F32x4::splat(0.0), |sum, x| sum + x).sum()
}
