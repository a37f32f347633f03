//! Four `f32` lanes with one meaning on every target.
//!
//! Every operation is IEEE 754 arithmetic on each lane alone, and [`F32x4::sum`] adds in a fixed order, so
//! the wasm SIMD128, the SSE2 and the plain-array versions give the same bits. There is no fused
//! multiply-add and no approximate reciprocal: both would differ between machines.

use std::ops::{Add, Div, Mul, Sub};

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod lanes {
    use core::arch::wasm32::*;
    pub type Lanes = v128;
    macro_rules! op {
        ($($name:ident = $intrinsic:ident),*) => { $(
            #[inline(always)]
            pub fn $name(a: v128, b: v128) -> v128 { $intrinsic(a, b) }
        )* };
    }
    op!(
        add = f32x4_add,
        sub = f32x4_sub,
        mul = f32x4_mul,
        div = f32x4_div,
        max = f32x4_pmax,
        min = f32x4_pmin
    );
    macro_rules! shuffle {
        ($($name:ident = $lanes:tt),*) => { $(
            #[inline(always)]
            pub fn $name(a: v128, b: v128) -> v128 { shuffle!(@ a b $lanes) }
        )* };
        (@ $a:ident $b:ident [$i:literal $j:literal $k:literal $l:literal]) => { i32x4_shuffle::<$i, $j, $k, $l>($a, $b) };
    }
    shuffle!(zip_low = [0 4 1 5], zip_high = [2 6 3 7], low_halves = [0 1 4 5], high_halves = [2 3 6 7]);
    #[inline(always)]
    pub fn sqrt(a: v128) -> v128 {
        f32x4_sqrt(a)
    }
    #[inline(always)]
    pub fn splat(x: f32) -> v128 {
        f32x4_splat(x)
    }
    #[inline(always)]
    pub fn from_array(a: [f32; 4]) -> v128 {
        f32x4(a[0], a[1], a[2], a[3])
    }
    #[inline(always)]
    pub fn to_array(a: v128) -> [f32; 4] {
        [
            f32x4_extract_lane::<0>(a),
            f32x4_extract_lane::<1>(a),
            f32x4_extract_lane::<2>(a),
            f32x4_extract_lane::<3>(a),
        ]
    }
    #[inline(always)]
    pub fn exponent_from_low_bits(a: v128) -> v128 {
        i32x4_add(i32x4_shl(a, 23), i32x4_splat(0x3F80_0000))
    }
    #[inline(always)]
    pub unsafe fn load(p: *const f32) -> v128 {
        // SAFETY: the caller vouches for four readable floats; wasm loads need no alignment.
        unsafe { v128_load(p.cast()) }
    }
    #[inline(always)]
    pub unsafe fn store(p: *mut f32, a: v128) {
        // SAFETY: the caller vouches for four writable floats.
        unsafe { v128_store(p.cast(), a) }
    }
}

#[cfg(target_arch = "x86_64")]
mod lanes {
    use core::arch::x86_64::*;
    pub type Lanes = __m128;
    macro_rules! op {
        ($($name:ident = $intrinsic:ident),*) => { $(
            #[inline(always)]
            pub fn $name(a: __m128, b: __m128) -> __m128 {
                // SAFETY: SSE is part of every x86-64 processor.
                unsafe { $intrinsic(a, b) }
            }
        )* };
    }
    op!(add = _mm_add_ps, sub = _mm_sub_ps, mul = _mm_mul_ps, div = _mm_div_ps);
    op!(zip_low = _mm_unpacklo_ps, zip_high = _mm_unpackhi_ps, low_halves = _mm_movelh_ps);
    #[inline(always)]
    pub fn high_halves(a: __m128, b: __m128) -> __m128 {
        // SAFETY: SSE.
        unsafe { _mm_movehl_ps(b, a) }
    }
    #[inline(always)]
    pub fn max(a: __m128, b: __m128) -> __m128 {
        // SAFETY: SSE. `maxps(b, a)` is `b > a ? b : a`, the very rule of wasm's `pmax(a, b)`.
        unsafe { _mm_max_ps(b, a) }
    }
    #[inline(always)]
    pub fn min(a: __m128, b: __m128) -> __m128 {
        // SAFETY: SSE. `minps(b, a)` is `b < a ? b : a`, the very rule of wasm's `pmin(a, b)`.
        unsafe { _mm_min_ps(b, a) }
    }
    #[inline(always)]
    pub fn sqrt(a: __m128) -> __m128 {
        // SAFETY: SSE.
        unsafe { _mm_sqrt_ps(a) }
    }
    #[inline(always)]
    pub fn splat(x: f32) -> __m128 {
        // SAFETY: SSE.
        unsafe { _mm_set1_ps(x) }
    }
    #[inline(always)]
    pub fn from_array(a: [f32; 4]) -> __m128 {
        // SAFETY: the array holds four floats.
        unsafe { _mm_loadu_ps(a.as_ptr()) }
    }
    #[inline(always)]
    pub fn to_array(a: __m128) -> [f32; 4] {
        let mut out = [0.0; 4];
        // SAFETY: the array holds four floats.
        unsafe { _mm_storeu_ps(out.as_mut_ptr(), a) };
        out
    }
    #[inline(always)]
    pub fn exponent_from_low_bits(a: __m128) -> __m128 {
        // SAFETY: SSE2 is part of every x86-64 processor.
        unsafe {
            let shifted = _mm_slli_epi32::<23>(_mm_castps_si128(a));
            _mm_castsi128_ps(_mm_add_epi32(shifted, _mm_set1_epi32(0x3F80_0000)))
        }
    }
    #[inline(always)]
    pub unsafe fn load(p: *const f32) -> __m128 {
        // SAFETY: the caller vouches for four readable floats.
        unsafe { _mm_loadu_ps(p) }
    }
    #[inline(always)]
    pub unsafe fn store(p: *mut f32, a: __m128) {
        // SAFETY: the caller vouches for four writable floats.
        unsafe { _mm_storeu_ps(p, a) }
    }
}

#[cfg(not(any(target_arch = "x86_64", all(target_arch = "wasm32", target_feature = "simd128"))))]
mod lanes {
    pub type Lanes = [f32; 4];
    macro_rules! op {
        ($($name:ident = |$a:ident, $b:ident| $body:expr),*) => { $(
            #[inline(always)]
            pub fn $name(x: Lanes, y: Lanes) -> Lanes {
                std::array::from_fn(|i| { let ($a, $b) = (x[i], y[i]); $body })
            }
        )* };
    }
    op!(add = |a, b| a + b, sub = |a, b| a - b, mul = |a, b| a * b, div = |a, b| a / b);
    op!(max = |a, b| if a < b { b } else { a }, min = |a, b| if b < a { b } else { a });
    macro_rules! shuffle {
        ($($name:ident = |$a:ident, $b:ident| $lanes:expr),*) => { $(
            #[inline(always)]
            pub fn $name($a: Lanes, $b: Lanes) -> Lanes { $lanes }
        )* };
    }
    shuffle!(zip_low = |a, b| [a[0], b[0], a[1], b[1]], zip_high = |a, b| [a[2], b[2], a[3], b[3]]);
    shuffle!(low_halves = |a, b| [a[0], a[1], b[0], b[1]], high_halves = |a, b| [a[2], a[3], b[2], b[3]]);
    #[inline(always)]
    pub fn sqrt(a: Lanes) -> Lanes {
        a.map(f32::sqrt)
    }
    #[inline(always)]
    pub fn splat(x: f32) -> Lanes {
        [x; 4]
    }
    #[inline(always)]
    pub fn from_array(a: [f32; 4]) -> Lanes {
        a
    }
    #[inline(always)]
    pub fn to_array(a: Lanes) -> [f32; 4] {
        a
    }
    #[inline(always)]
    pub fn exponent_from_low_bits(a: Lanes) -> Lanes {
        a.map(|x| f32::from_bits((x.to_bits() << 23).wrapping_add(0x3F80_0000)))
    }
    #[inline(always)]
    pub unsafe fn load(p: *const f32) -> Lanes {
        // SAFETY: the caller vouches for four readable floats.
        unsafe { p.cast::<Lanes>().read_unaligned() }
    }
    #[inline(always)]
    pub unsafe fn store(p: *mut f32, a: Lanes) {
        // SAFETY: the caller vouches for four writable floats.
        unsafe { p.cast::<Lanes>().write_unaligned(a) }
    }
}

/// Four `f32` values that are computed at once.
#[derive(Clone, Copy)]
pub struct F32x4(lanes::Lanes);

impl F32x4 {
    /// Number of lanes.
    pub const LANES: usize = 4;

    /// All lanes equal `x`.
    #[inline(always)]
    pub fn splat(x: f32) -> Self {
        Self(lanes::splat(x))
    }

    /// The lanes in order.
    #[inline(always)]
    pub fn from_array(a: [f32; 4]) -> Self {
        Self(lanes::from_array(a))
    }

    /// The lanes in order.
    #[inline(always)]
    pub fn to_array(self) -> [f32; 4] {
        lanes::to_array(self.0)
    }

    /// The first four values of a slice.
    ///
    /// # Panics
    ///
    /// If there are fewer.
    #[inline(always)]
    pub fn load(from: &[f32]) -> Self {
        assert!(from.len() >= 4);
        // SAFETY: the slice has at least four values.
        unsafe { Self::load_unchecked(from.as_ptr()) }
    }

    /// Writes the lanes to the first four places of a slice.
    ///
    /// # Panics
    ///
    /// If there are fewer.
    #[inline(always)]
    pub fn store(self, to: &mut [f32]) {
        assert!(to.len() >= 4);
        // SAFETY: the slice has at least four places.
        unsafe { self.store_unchecked(to.as_mut_ptr()) }
    }

    /// [`F32x4::load`] without the check, for inner loops whose bounds are checked once outside.
    ///
    /// # Safety
    ///
    /// Four floats must be readable from `from` on.
    #[inline(always)]
    pub unsafe fn load_unchecked(from: *const f32) -> Self {
        // SAFETY: promised by the caller.
        Self(unsafe { lanes::load(from) })
    }

    /// [`F32x4::store`] without the check.
    ///
    /// # Safety
    ///
    /// Four floats must be writable from `to` on.
    #[inline(always)]
    pub unsafe fn store_unchecked(self, to: *mut f32) {
        // SAFETY: promised by the caller.
        unsafe { lanes::store(to, self.0) }
    }

    /// `(a0, a1, b0, b1)`
    #[inline(always)]
    pub fn low_halves(a: Self, b: Self) -> Self {
        Self(lanes::low_halves(a.0, b.0))
    }

    /// `(a2, a3, b2, b3)`
    #[inline(always)]
    pub fn high_halves(a: Self, b: Self) -> Self {
        Self(lanes::high_halves(a.0, b.0))
    }

    /// Rows become columns.
    #[inline(always)]
    pub fn transpose([a, b, c, d]: [Self; 4]) -> [Self; 4] {
        let (ab, cd) = (lanes::zip_low(a.0, b.0), lanes::zip_low(c.0, d.0));
        let (ab_high, cd_high) = (lanes::zip_high(a.0, b.0), lanes::zip_high(c.0, d.0));
        [
            Self(lanes::low_halves(ab, cd)),
            Self(lanes::high_halves(ab, cd)),
            Self(lanes::low_halves(ab_high, cd_high)),
            Self(lanes::high_halves(ab_high, cd_high)),
        ]
    }

    /// The larger value of each pair of lanes; `self`'s where they compare equal or not at all.
    #[inline(always)]
    pub fn max(self, other: Self) -> Self {
        Self(lanes::max(self.0, other.0))
    }

    /// The smaller value of each pair of lanes; `self`'s where they compare equal or not at all.
    #[inline(always)]
    pub fn min(self, other: Self) -> Self {
        Self(lanes::min(self.0, other.0))
    }

    /// The correctly rounded square root.
    #[inline(always)]
    pub fn sqrt(self) -> Self {
        Self(lanes::sqrt(self.0))
    }

    /// `(l0 + l2) + (l1 + l3)`.
    #[inline(always)]
    pub fn sum(self) -> f32 {
        let [a, b, c, d] = self.to_array();
        (a + c) + (b + d)
    }

    /// The largest lane.
    #[inline(always)]
    pub fn max_lane(self) -> f32 {
        let [a, b, c, d] = self.to_array();
        let larger = |x: f32, y: f32| if x < y { y } else { x };
        larger(larger(a, b), larger(c, d))
    }

    /// `2ⁿ` where each lane holds `1.5·2²³ + n` for a whole `n` from −126 to 127: the low bits of such a
    /// float are `n`, so shifting them into the exponent's place is all there is to do.
    #[inline(always)]
    pub(super) fn exponent_from_low_bits(self) -> Self {
        Self(lanes::exponent_from_low_bits(self.0))
    }
}

macro_rules! operator {
    ($($trait:ident :: $method:ident),*) => { $(
        impl $trait for F32x4 {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Self(lanes::$method(self.0, other.0))
            }
        }
    )* };
}
operator!(Add::add, Sub::sub, Mul::mul, Div::div);
