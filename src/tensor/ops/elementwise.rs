use crate::tensor::{Graph, Var};

impl Graph<'_> {
    /// `a − b`
    ///
    /// Shapes: `a (R, C), b (R, C) → (R, C)`. PyTorch: `a - b`.
    ///
    /// # Panics
    ///
    /// If the shapes differ.
    pub fn sub(&mut self, a: Var, b: Var) -> Var {
        self.binary("sub", [a, b], |a, b| a - b, |_, _| [1.0, -1.0])
    }

    /// `a ∘ b`
    ///
    /// Shapes: `a (R, C), b (R, C) → (R, C)`. PyTorch: `a * b`.
    ///
    /// # Panics
    ///
    /// If the shapes differ.
    pub fn mul(&mut self, a: Var, b: Var) -> Var {
        self.binary("mul", [a, b], |a, b| a * b, |a, b| [b, a])
    }

    /// The larger of two; where they are equal, half of the gradient goes to each.
    ///
    /// Shapes: `a (R, C), b (R, C) → (R, C)`. PyTorch: `torch.maximum(a, b)`.
    ///
    /// # Panics
    ///
    /// If the shapes differ.
    pub fn maximum(&mut self, a: Var, b: Var) -> Var {
        self.binary("maximum", [a, b], f32::max, |a, b| {
            let share = if a == b { 0.5 } else { f32::from(u8::from(a > b)) };
            [share, 1.0 - share]
        })
    }

    /// `factor · x`
    ///
    /// Shapes: `x (R, C) → (R, C)`. PyTorch: `factor * x`.
    pub fn scale(&mut self, x: Var, factor: f32) -> Var {
        self.unary(x, move |x| factor * x, move |_, _| factor)
    }

    /// `eˣ`
    ///
    /// Shapes: `x (R, C) → (R, C)`. PyTorch: `torch.exp(x)`.
    pub fn exp(&mut self, x: Var) -> Var {
        self.unary(x, libm::expf, |_, y| y)
    }

    /// The nearest number from `low` to `high`. What lies outside has no gradient.
    ///
    /// Shapes: `x (R, C) → (R, C)`. PyTorch: `torch.clamp(x, low, high)`.
    pub fn clamp(&mut self, x: Var, low: f32, high: f32) -> Var {
        let inside = move |x: f32, _| f32::from(u8::from((low..=high).contains(&x)));
        self.unary(x, move |x| x.clamp(low, high), inside)
    }

    /// `max(x, 0)`
    ///
    /// Shapes: `x (R, C) → (R, C)`. PyTorch: `torch.relu(x)`.
    pub fn relu(&mut self, x: Var) -> Var {
        self.unary(x, |x| x.max(0.0), |x, _| f32::from(u8::from(x > 0.0)))
    }

    /// `log σ(x) = min(x, 0) − log(1 + e^−|x|)`
    ///
    /// Shapes: `x (R, C) → (R, C)`. PyTorch: `torch.nn.functional.logsigmoid(x)`.
    pub fn log_sigmoid(&mut self, x: Var) -> Var {
        let value = |x: f32| x.min(0.0) - libm::log1pf(libm::expf(-x.abs()));
        // d log σ(x) / dx = σ(−x)
        self.unary(x, value, |x, _| 1.0 / (1.0 + libm::expf(x)))
    }

    /// Multiplies each element by the same variable.
    ///
    /// Shapes: `x (R, C), factor (1, 1) → (R, C)`. PyTorch: `factor * x`.
    ///
    /// # Panics
    ///
    /// If the factor is not a single number.
    pub fn scale_by(&mut self, x: Var, factor: Var) -> Var {
        let [c] = self.value(factor) else { panic!("scale_by: the factor is one number") };
        let (c, mut y) = (*c, self.buffer(self.value(x).len()));
        y.iter_mut().zip(self.value(x)).for_each(|(y, x)| *y = c * x);
        let y = self.push(self.cols(x), y, &[x, factor]);
        self.on_backward(y, move |g, dy| {
            g.with_grad(factor, |g, d| {
                let dot: f32 = g.value(x).iter().zip(&*dy).map(|(x, dy)| x * dy).sum();
                d.begun()[0] += dot;
            });
            dy.iter_mut().for_each(|dy| *dy *= c);
            g.hand_over(x, dy);
        });
        y
    }

    /// A function of each element; `slope` is its derivative, from the element and the result.
    fn unary(
        &mut self,
        x: Var,
        f: impl Fn(f32) -> f32,
        slope: impl Fn(f32, f32) -> f32 + Copy + 'static,
    ) -> Var {
        let mut y = self.buffer(self.value(x).len());
        y.iter_mut().zip(self.value(x)).for_each(|(y, x)| *y = f(*x));
        let y = self.push(self.cols(x), y, &[x]);
        self.on_backward(y, move |g, dy| {
            for ((dy, x), y) in dy.iter_mut().zip(g.value(x)).zip(g.value(y)) {
                *dy *= slope(*x, *y);
            }
            g.hand_over(x, dy);
        });
        y
    }

    /// A function of each pair of elements; `slopes` are its two derivatives.
    fn binary(
        &mut self,
        name: &str,
        [a, b]: [Var; 2],
        f: impl Fn(f32, f32) -> f32,
        slopes: impl Fn(f32, f32) -> [f32; 2] + Copy + 'static,
    ) -> Var {
        assert_eq!((self.rows(a), self.cols(a)), (self.rows(b), self.cols(b)), "{name}: shapes differ");
        let mut y = self.buffer(self.value(a).len());
        for ((y, a), b) in y.iter_mut().zip(self.value(a)).zip(self.value(b)) {
            *y = f(*a, *b);
        }
        let y = self.push(self.cols(a), y, &[a, b]);
        self.on_backward(y, move |g, dy| {
            for (i, input) in [a, b].into_iter().enumerate() {
                g.with_grad(input, |g, d| {
                    let values = g.value(a).iter().zip(g.value(b));
                    for ((d, (a, b)), dy) in d.begun().iter_mut().zip(values).zip(&*dy) {
                        *d += dy * slopes(*a, *b)[i];
                    }
                });
            }
        });
        y
    }
}
