//! Counts what a thread allocates, so that a test can say that something needs little memory, or none.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use pretune::bench::{Reference, Stream};
use pretune::data::{Corpus, World};
use pretune::train::{Options, Pretrainer, training_bytes};

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

thread_local! {
    /// Bytes that this thread holds beyond those at the start of the measurement, and the most so far.
    static HELD: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
    /// Times that it asked for memory.
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

fn count(change: isize) {
    let held = HELD.get() + change;
    HELD.set(held);
    PEAK.set(PEAK.get().max(held));
}

// SAFETY: all memory comes from and goes back to the system's allocator; counting does not allocate.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        unsafe { System.dealloc(memory, layout) }
    }
}

/// Runs `work` and returns its result with the most bytes that it held at any moment.
pub fn peak_bytes<T>(work: impl FnOnce() -> T) -> (T, usize) {
    HELD.set(0);
    PEAK.set(0);
    let result = work();
    (result, PEAK.get() as usize)
}

/// How often `work` asked for memory.
fn allocations(work: impl FnOnce()) -> usize {
    let before = ALLOCATIONS.get();
    work();
    ALLOCATIONS.get() - before
}

#[test]
fn a_step_allocates_nothing_after_the_first_few() {
    let world = World::new(0);
    let tokenizer = world.tokenizer();
    let corpus = Corpus::from_world(&world, &tokenizer, 200, 4, 0);
    let options = Options { n_embd: 28, n_head: 2, batch_size: 7, block_size: 19, ..Options::default() };
    let mut run = Pretrainer::random(&options, tokenizer.vocab_size(), tokenizer.eos());
    (0..3).for_each(|_| _ = run.step(&corpus));
    assert_eq!(allocations(|| (0..5).for_each(|_| _ = run.step(&corpus))), 0);
}

#[test]
fn a_run_needs_no_more_memory_than_is_said() {
    for reference in [Reference::MICRO, Reference::MINI] {
        let said = training_bytes(&reference.model(), reference.batch_size, reference.block_size);
        let mut stream = Stream::new();
        let (_, peak) = peak_bytes(|| {
            let mut run = reference.pretrainer();
            (0..2).for_each(|_| _ = run.learn(stream.batch(&reference)));
            run
        });
        assert!(peak <= said, "{peak} bytes, {said} said");
        assert!(said < 2 * peak, "{peak} bytes, {said} said: not worth much");
    }
}
