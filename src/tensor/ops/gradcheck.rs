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
    check("matmul", &[[5, 7], [7, 3]], |g, x| g.matmul(x[0], x[1]));
    check("matmul with itself", &[[4, 4]], |g, x| g.matmul(x[0], x[0]));
    check("add_row", &[[5, 3], [1, 3]], |g, x| g.add_row(x[0], x[1]));
    check("sub", &[[3, 5], [3, 5]], |g, x| g.sub(x[0], x[1]));
    check("mul", &[[3, 5], [3, 5]], |g, x| g.mul(x[0], x[1]));
    check("square", &[[3, 5]], |g, x| g.mul(x[0], x[0]));
    check("maximum", &[[3, 5], [3, 5]], |g, x| g.maximum(x[0], x[1]));
    check("scale", &[[3, 5]], |g, x| g.scale(x[0], -1.7));
    check("scale_by", &[[3, 5], [1, 1]], |g, x| g.scale_by(x[0], x[1]));
    check("exp", &[[3, 5]], |g, x| g.exp(x[0]));
    check("clamp", &[[3, 5]], |g, x| g.clamp(x[0], -0.9, 0.8));
    check("relu", &[[3, 5]], |g, x| g.relu(x[0]));
    check("log_sigmoid", &[[3, 5]], |g, x| g.log_sigmoid(x[0]));
    check("normalize", &[[4, 6]], |g, x| g.normalize(x[0]));
    check("prepend", &[[2, 4], [6, 4]], |g, x| g.prepend(x[0], x[1], 3));
    check("narrow", &[[4, 7]], |g, x| g.narrow(x[0], 2, 3));
    check("concat", &[[4, 3], [4, 2]], |g, x| g.concat(x[0], x[1]));
    // Single columns, put beside a constant: alone, a cross-entropy could not tell them apart.
    let beside_zero = |g: &mut Graph, x: Var| {
        let zero = g.constant(1, &vec![0.0; g.rows(x)]);
        g.concat(x, zero)
    };
    check("logprobs", &[[4, 5]], |g, x| {
        let y = g.logprobs(x[0], &[Some(1), None, Some(4), Some(0)]);
        beside_zero(g, y)
    });
    check("entropy", &[[4, 5]], |g, x| {
        let y = g.entropy(x[0]);
        beside_zero(g, y)
    });
    check("sum and mean", &[[2, 3]], |g, x| {
        let (sum, mean) = (g.sum(x[0]), g.mean(x[0]));
        g.concat(sum, mean)
    });
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

#[test]
fn dropout_keeps_the_mean_and_is_off_without_a_generator() {
    let mut rng = Rng::new(3);
    let mut params = Params::new();
    let x = params.add("x", &[100, 100], || 1.0);
    let (mut tape, p) = (Tape::new(), 0.3);
    let mut g = Graph::new(&mut tape, &params).with_dropout(&mut rng);
    let y = g.dropout(g.param(x), p);
    let kept = g.value(y).iter().filter(|y| **y != 0.0).count() as f32 / 1e4;
    assert!((kept - (1.0 - p)).abs() < 0.02, "{kept}");
    assert!(g.value(y).iter().all(|y| *y == 0.0 || *y == 1.0 / (1.0 - p)));
    let mut g = Graph::new(&mut tape, &params);
    assert_eq!(g.dropout(g.param(x), p), g.param(x));
}
