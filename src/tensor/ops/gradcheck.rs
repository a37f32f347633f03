//! Every operation's derivative against central differences.

use super::AttentionMask;
use crate::rng::Rng;
use crate::tensor::{Graph, Params, Tape, Var};

/// Checks an operation on inputs of the given shapes. Its result becomes a loss by way of a cross-entropy
/// with random labels, whose own derivative is checked on the way.
fn check(name: &str, shapes: &[[usize; 2]], op: impl Fn(&mut Graph, &[Var]) -> Var) {
    let mut rng = Rng::stream(5, name);
    let mut params = Params::new();
    let ids: Vec<_> =
        shapes.iter().enumerate().map(|(i, s)| params.add(&i.to_string(), s, || rng.normal())).collect();
    let label_seed = rng.next_u64();
    let pass = |params: &Params, tape: &mut Tape, backward: bool| {
        tape.gradients.clear();
        let mut g = Graph::new(tape, params);
        let inputs: Vec<Var> = ids.iter().map(|&id| g.param(id)).collect();
        let y = op(&mut g, &inputs);
        let mut rng = Rng::new(label_seed);
        let cols = g.cols(y);
        let labels: Vec<_> =
            (0..g.rows(y)).map(|_| rng.chance(0.9).then(|| rng.below(cols) as u32)).collect();
        let loss = g.cross_entropy(y, &labels);
        if backward {
            g.backward(loss);
        }
        f64::from(g.value(loss)[0])
    };
    let mut tape = Tape::new();
    // Twice, so that reused buffers are checked as well.
    pass(&params, &mut tape, true);
    pass(&params, &mut tape, true);
    let grads: Vec<Vec<f32>> =
        ids.iter().map(|&id| tape.gradients.get(id).expect("every input has one").to_vec()).collect();
    let largest = grads.iter().flatten().fold(0.0_f64, |a, &g| a.max(f64::from(g).abs()));
    let step = 4e-3_f32;
    for (&id, grad) in ids.iter().zip(&grads) {
        for (i, &grad) in grad.iter().enumerate() {
            let x = params.value(id)[i];
            let mut at = |x| {
                params.value_mut(id)[i] = x;
                pass(&params, &mut tape, false)
            };
            let slope = (at(x + step) - at(x - step)) / f64::from((x + step) - (x - step));
            at(x);
            let error = (slope - f64::from(grad)).abs();
            assert!(
                error < 2e-3 * largest + 5e-5,
                "{name}, input {}, element {i}: {grad} against {slope}",
                params.name(id)
            );
        }
    }
}

#[test]
fn every_operation_has_the_right_gradient() {
    check("add", &[[3, 5], [3, 5]], |g, x| g.add(x[0], x[1]));
    check("add itself", &[[2, 3]], |g, x| g.add(x[0], x[0]));
    check("embedding", &[[6, 5]], |g, x| g.embedding(x[0], [1, 5, 1, 0, 2, 3, 4].into_iter()));
    check("conv1d", &[[5, 7], [7, 3], [1, 3]], |g, x| g.conv1d(x[0], x[1], x[2]));
    check("linear", &[[5, 7], [3, 7]], |g, x| g.linear(x[0], x[1]));
    check("layer_norm", &[[4, 6], [1, 6], [1, 6]], |g, x| g.layer_norm(x[0], x[1], x[2], 1e-3));
    check("gelu", &[[3, 6]], |g, x| g.gelu(x[0]));
    check("cross_entropy", &[[4, 5]], |_, x| x[0]);
    let padding = [true, true, true, true, true, false, true, true, false, false];
    check("causal attention", &[[10, 12]], |g, x| g.attention(x[0], 2, 2, AttentionMask::Causal, None).0);
    check("full attention", &[[10, 12]], |g, x| {
        g.attention(x[0], 2, 2, AttentionMask::Full, Some(&padding)).0
    });
    check("prefix attention", &[[10, 12]], |g, x| {
        g.attention(x[0], 2, 2, AttentionMask::Prefix(&[3, 0]), None).0
    });
}

#[test]
fn a_frozen_input_gets_no_gradient_and_changes_no_other() {
    let mut rng = Rng::new(1);
    let mut params = Params::new();
    let [x, w, b] = [[4, 3], [3, 2], [1, 2]].map(|s| params.add(&format!("{s:?}"), &s, || rng.normal()));
    let mut grad_of_x = |frozen: bool| {
        params.set_requires_grad(w, !frozen);
        let mut tape = Tape::new();
        let mut g = Graph::new(&mut tape, &params);
        let y = g.conv1d(g.param(x), g.param(w), g.param(b));
        let loss = g.cross_entropy(y, &[Some(0), Some(1), None, Some(0)]);
        g.backward(loss);
        assert_eq!(tape.gradients.get(w).is_none(), frozen);
        tape.gradients.get(x).expect("trained").to_vec()
    };
    assert_eq!(grad_of_x(true), grad_of_x(false));
}
