//! What a run of training keeps in memory.

use super::shards::{n_passes, n_shards};
use crate::nn::Gpt2Config;

/// Most bytes that a run may need. Our choice: a mistyped option is refused instead of filling a reader's memory.
pub const MAX_BYTES: usize = 512 << 20;

/// Bytes that a run needs at most: weights, as they are and packed both ways, moments, gradients, and the buffers of
/// one pass, whose lengths are rounded up to powers of two.
pub fn training_bytes(config: &Gpt2Config, batch_size: usize, block_size: usize) -> usize {
    let Gpt2Config { vocab_size: v, n_positions, n_embd: c, n_layer, n_head, .. } = *config;
    let inner = config.n_inner();
    let tables = if config.tie_word_embeddings { v * c } else { 2 * v * c } + n_positions * c;
    let n_params = tables + n_layer * (4 * c * c + 2 * c * inner + 9 * c + inner) + 2 * c;
    // Weights, two packed forms, two moments; gradients of the tape, two branches of the sum and one to spare.
    let of_the_model = 9 * n_params;

    let shard = batch_size.div_ceil(n_shards(batch_size));
    let rows = shard.div_ceil(n_passes(shard, config.flops(1, block_size)).max(1));
    let tokens = rows * block_size;
    let of_a_layer = 12 * tokens * c + 3 * tokens * inner + rows * n_head * block_size * block_size;
    let on_the_way_back = 2 * tokens * inner + 7 * tokens * c + block_size * block_size;
    let of_the_ends = 5 * tokens * c + 2 * tokens * v;
    size_of::<f32>() * (of_the_model + 2 * (n_layer * of_a_layer + on_the_way_back + of_the_ends))
}
