//! Floating-point numbers as decimal text and back, exactly rounded.
//!
//! The standard library does the same faster, with tables and code of 25 kB gzipped; here every hard case goes
//! through whole numbers of any length. Start with [`parse_number`] and [`shortest`].

use std::cmp::Ordering;

/// Digits that can decide how a number is rounded; of those behind only counts whether there are any but 0.
const MAX_DIGITS: usize = 800;

/// The `f64` nearest to a decimal number, ties to even; `None` if it is none. As `str::parse`, without `inf` and
/// `nan`.
pub fn parse_number(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (number, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, exponent.parse::<i32>().ok()?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).map(|b| b.wrapping_sub(b'0')).collect();
    if digits.is_empty() || digits.iter().any(|d| *d > 9) {
        return None;
    }
    let start = digits.iter().position(|d| *d > 0).unwrap_or(digits.len());
    let exponent = exponent.saturating_sub(fraction.len().try_into().ok()?);
    let magnitude = nearest(&digits[start..], exponent);
    Some(if text.starts_with('-') { -magnitude } else { magnitude })
}

/// `digits` × 10^`exponent`. The first digit is not 0.
fn nearest(digits: &[u8], exponent: i32) -> f64 {
    // Both factors and thus the rounded result are exact: Clinger, "How to read floating point numbers accurately".
    if digits.len() <= 15 && exponent.abs() <= 22 {
        let mantissa = digits.iter().fold(0.0, |n, d| n * 10.0 + f64::from(*d));
        let power = (0..exponent.abs()).fold(1.0, |power, _| power * 10.0);
        return if exponent < 0 { mantissa / power } else { mantissa * power };
    }
    let magnitude = exponent.saturating_add(digits.len().try_into().unwrap_or(i32::MAX));
    if digits.is_empty() || magnitude < -330 {
        return 0.0;
    }
    if magnitude > 310 {
        return f64::INFINITY;
    }
    let n = digits.len().min(MAX_DIGITS);
    let mut numerator = Big::from(0);
    digits[..n].iter().for_each(|d| numerator.times_plus(10, u32::from(*d)));
    let exponent = exponent + (digits.len() - n) as i32;
    let mut denominator = Big::from(1);
    let scaled = if exponent < 0 { &mut denominator } else { &mut numerator };
    (0..exponent.abs()).for_each(|_| scaled.times_plus(10, 0));
    let mut is_inexact = digits[n..].iter().any(|d| *d > 0);

    // Bits of the quotient, the first or second of which is 1.
    const BITS: i32 = 66;
    let shift = numerator.bits() - denominator.bits();
    if shift > 0 {
        denominator.shift(shift)
    } else {
        numerator.shift(-shift)
    }
    let mut quotient = 0_u128;
    for _ in 0..BITS {
        let fits = numerator.compare(&denominator).is_ge();
        if fits {
            numerator.subtract(&denominator);
        }
        quotient = (quotient << 1) | u128::from(fits);
        numerator.shift(1);
    }
    is_inexact |= numerator.bits() > 0;
    let last_bit = shift - (BITS - 1);
    // The value of the result's last bit, as a power of two; that of the smallest numbers is 2⁻¹⁰⁷⁴.
    let top_bit = last_bit + 127 - quotient.leading_zeros() as i32;
    let unit = (top_bit - 52).max(-1074);
    let mantissa = rounded(quotient, unit - last_bit, is_inexact);
    // The leading one of the mantissa adds 1 to the exponent, as a carry out of it does.
    let bits = (((unit + 1074) as u64) << 52) + mantissa;
    f64::from_bits(bits.min(f64::INFINITY.to_bits()))
}

/// `number` / 2^`shift`, to the nearest, ties to even; `is_more` if there is a little on top of it.
fn rounded(number: u128, shift: i32, is_more: bool) -> u64 {
    if shift >= 128 {
        return 0;
    }
    let (mantissa, rest) = ((number >> shift) as u64, number & ((1 << shift) - 1));
    let half = (1 << shift) >> 1;
    mantissa + u64::from(rest > half || (rest == half && shift > 0 && (is_more || mantissa & 1 == 1)))
}

/// The shortest decimal number that is read back as the same `f64`, the nearest among these.
pub fn shortest(x: f64) -> String {
    const FRACTION: u64 = (1 << 52) - 1;
    let (exponent, fraction) = (((x.to_bits() >> 52) & 0x7ff) as i32, x.to_bits() & FRACTION);
    text(
        x,
        if exponent == 0 { fraction } else { fraction | (1 << 52) },
        exponent.max(1) - 1075,
        fraction == 0 && exponent > 1,
    )
}

/// The shortest decimal number that is read back as the same `f32`, the nearest among these.
pub fn shortest_f32(x: f32) -> String {
    let (exponent, fraction) = (((x.to_bits() >> 23) & 0xff) as i32, x.to_bits() & 0x7f_ffff);
    let mantissa = if exponent == 0 { fraction } else { fraction | (1 << 23) };
    text(f64::from(x), mantissa.into(), exponent.max(1) - 150, fraction == 0 && exponent > 1)
}

/// |x| = mantissa · 2^exponent. Where the mantissa is a power of two, the number below is at half the distance.
fn text(x: f64, mantissa: u64, exponent: i32, is_power: bool) -> String {
    if !x.is_finite() {
        return if x.is_nan() {
            "NaN"
        } else if x > 0.0 {
            "inf"
        } else {
            "-inf"
        }
        .to_owned();
    }
    let sign = if x.is_sign_negative() { "-" } else { "" };
    if mantissa == 0 {
        return format!("{sign}0");
    }
    let (digits, point) = digits(mantissa, exponent, is_power);
    let n = digits.len() as i32;
    // 0.0001 and 1e-5, as in Python.
    match point {
        -3..=0 => format!("{sign}0.{}{digits}", &"000"[..-point as usize]),
        1..=16 if point < n => {
            let (whole, fraction) = digits.split_at(point as usize);
            format!("{sign}{whole}.{fraction}")
        }
        1..=16 => format!("{sign}{digits}{}", &"0000000000000000"[..(point - n) as usize]),
        _ => {
            let (first, rest) = digits.split_at(1);
            let dot = if rest.is_empty() { "" } else { "." };
            format!("{sign}{first}{dot}{rest}e{}", point - 1)
        }
    }
}

/// The digits behind the decimal point, and the power of ten that they are multiplied by.
///
/// Source: Steele & White, "How to print floating-point numbers accurately", with the borders belonging to a
/// number whose mantissa is even, because reading rounds to even.
fn digits(mantissa: u64, exponent: i32, is_power: bool) -> (String, i32) {
    // The number is rest / scale; it may go up or down by a half of the distance to its neighbors.
    let (mut rest, mut scale) = (Big::from(mantissa), Big::from(1));
    let (mut up, mut down) = (Big::from(1), Big::from(1));
    let more = if is_power { 2 } else { 1 };
    rest.shift(exponent.max(0) + more);
    scale.shift((-exponent).max(0) + more);
    up.shift(exponent.max(0) + more - 1);
    down.shift(exponent.max(0));
    let is_even = mantissa & 1 == 0;
    let is_high = |rest: &Big, up: &Big, scale: &Big| {
        let order = rest.plus(up).compare(scale);
        order.is_gt() || (is_even && order.is_eq())
    };
    // log10(2) ≈ 1233 / 4096, so this is the power or one too low.
    let mut point = ((exponent + 63 - mantissa.leading_zeros() as i32) * 1233) >> 12;
    if point >= 0 {
        (0..point).for_each(|_| scale.times_plus(10, 0));
    } else {
        for number in [&mut rest, &mut up, &mut down] {
            (0..-point).for_each(|_| number.times_plus(10, 0));
        }
    }
    while is_high(&rest, &up, &scale) {
        scale.times_plus(10, 0);
        point += 1;
    }
    let mut digits = String::new();
    loop {
        for number in [&mut rest, &mut up, &mut down] {
            number.times_plus(10, 0);
        }
        let mut digit = 0;
        while rest.compare(&scale).is_ge() {
            rest.subtract(&scale);
            digit += 1;
        }
        let order = rest.compare(&down);
        let is_low = order.is_lt() || (is_even && order.is_eq());
        let is_high = is_high(&rest, &up, &scale);
        if is_low || is_high {
            let is_near = rest.plus(&rest).compare(&scale).is_lt();
            digit += u8::from(is_high && !(is_low && is_near));
        }
        digits.push(char::from(b'0' + digit));
        if is_low || is_high {
            return (digits, point);
        }
    }
}

/// A number with so many decimals (at most 6), ties to even. From 2⁵³ on as [`shortest`].
pub fn fixed(x: f64, decimals: usize) -> String {
    if x.is_nan() || x.abs() >= (1_u64 << 53) as f64 {
        return shortest(x);
    }
    let exponent = (((x.to_bits() >> 52) & 0x7ff) as i32).max(1) - 1075;
    let implicit = if x.abs() < f64::MIN_POSITIVE { 0 } else { 1 << 52 };
    let mantissa = u128::from((x.to_bits() & ((1 << 52) - 1)) | implicit) * 10_u128.pow(decimals as u32);
    let mut digits = rounded(mantissa, -exponent, false).to_string();
    while digits.len() <= decimals {
        digits.insert(0, '0');
    }
    if decimals > 0 {
        digits.insert(digits.len() - decimals, '.');
    }
    if x.is_sign_negative() {
        digits.insert(0, '-');
    }
    digits
}

/// A whole number of any length: 32 bits each, the lowest first.
struct Big(Vec<u32>);

impl Big {
    fn from(number: u64) -> Self {
        Self(vec![number as u32, (number >> 32) as u32])
    }

    /// Times `factor`, plus `summand`.
    #[inline(never)]
    fn times_plus(&mut self, factor: u32, summand: u32) {
        let mut carry = u64::from(summand);
        for part in &mut self.0 {
            carry += u64::from(*part) * u64::from(factor);
            *part = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            self.0.push(carry as u32);
        }
    }

    /// Times 2^`bits`.
    #[inline(never)]
    fn shift(&mut self, bits: i32) {
        (0..bits / 32).for_each(|_| self.0.insert(0, 0));
        self.times_plus(1 << (bits % 32), 0);
    }

    #[inline(never)]
    fn compare(&self, other: &Self) -> Ordering {
        let at = |big: &Self, i: usize| big.0.get(i).copied().unwrap_or(0);
        let n = self.0.len().max(other.0.len());
        (0..n)
            .rev()
            .map(|i| at(self, i).cmp(&at(other, i)))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }

    /// Minus a number that is not greater.
    #[inline(never)]
    fn subtract(&mut self, other: &Self) {
        let mut borrow = false;
        for (i, part) in self.0.iter_mut().enumerate() {
            let (less, first) = part.overflowing_sub(other.0.get(i).copied().unwrap_or(0));
            let (less, second) = less.overflowing_sub(u32::from(borrow));
            (*part, borrow) = (less, first || second);
        }
    }

    #[inline(never)]
    fn plus(&self, other: &Self) -> Self {
        let mut carry = 0;
        let n = self.0.len().max(other.0.len());
        let mut sum = Vec::with_capacity(n + 1);
        for i in 0..=n {
            carry += [self, other].iter().map(|b| u64::from(b.0.get(i).copied().unwrap_or(0))).sum::<u64>();
            sum.push(carry as u32);
            carry >>= 32;
        }
        Self(sum)
    }

    /// Bits without leading zeros.
    fn bits(&self) -> i32 {
        let last = self.0.iter().rposition(|part| *part > 0);
        last.map_or(0, |i| 32 * (i as i32 + 1) - self.0[i].leading_zeros() as i32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    fn assert_same(text: &str) {
        let (ours, std) = (parse_number(text).unwrap(), text.parse::<f64>().unwrap());
        assert_eq!(ours.to_bits(), std.to_bits(), "{text}: {ours:e}, not {std:e}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn every_f64_comes_back(bits: u64) {
            let x = f64::from_bits(bits);
            prop_assume!(x.is_finite());
            let text = shortest(x);
            prop_assert_eq!(parse_number(&text).unwrap().to_bits(), bits);
            // The standard library's digits, which are the shortest.
            let digits = |text: &str| text.split('e').next().unwrap().replace(['.', '-'], "").trim_matches('0').to_owned();
            prop_assert_eq!(digits(&text), digits(&format!("{x:e}")));
        }

        #[test]
        fn every_f32_comes_back(bits: u32) {
            let x = f32::from_bits(bits);
            prop_assume!(x.is_finite());
            let text = shortest_f32(x);
            prop_assert_eq!(text.parse::<f32>().unwrap().to_bits(), bits);
            let digits = |text: &str| text.split('e').next().unwrap().replace(['.', '-'], "").trim_matches('0').to_owned();
            prop_assert_eq!(digits(&text), digits(&format!("{x:e}")));
        }

        #[test]
        fn decimals_are_read_as_the_standard_library_reads_them(text in "-?[0-9]{1,40}(\\.[0-9]{0,40})?(e-?[0-9]{1,3})?") {
            assert_same(&text);
        }

        #[test]
        fn halfway_is_decided_by_what_follows(bits in 0..0x7fe0_0000_0000_0000_u64, tail in "[0-9]{0,3}") {
            // The exact decimal digits of the middle between two numbers are at most 767.
            let x = f64::from_bits(bits);
            let middle = format!("{:.1100}", x);
            assert_same(&format!("{}{tail}", middle.trim_end_matches('0')));
        }

        #[test]
        fn fixed_decimals_are_those_of_the_standard_library(x in -1e6..1e6, decimals in 0_usize..=6) {
            prop_assert_eq!(fixed(x, decimals), format!("{x:.decimals$}"));
        }
    }

    #[test]
    fn borders_are_exact() {
        let texts = [
            "0",
            "-0",
            "5e-324",
            "2.4703282292062327e-324",
            "2.4703282292062328e-324",
            "1.7976931348623157e308",
        ];
        let more = [
            "1.7976931348623159e308",
            "2.2250738585072011e-308",
            "9007199254740993",
            "9007199254740993.0000000001",
        ];
        texts.iter().chain(&more).for_each(|text| assert_same(text));
        assert_same(&format!("0.{}1", "0".repeat(400)));
        assert_same(&format!("1{}e-400", "0".repeat(400)));
        assert_same(&format!("9007199254740993.{}1", "0".repeat(900)));
        for x in [f64::MAX, f64::MIN_POSITIVE, 5e-324, 1.0, 0.1, 1e22, 1e23, 4.35, 2f64.powi(60)] {
            assert_eq!(parse_number(&shortest(x)), Some(x));
        }
        for x in [0.5, 1.5, 2.5, 0.125, 0.375, -0.004, 0.0, 1e-300, 1.005] {
            for decimals in 0..4 {
                assert_eq!(fixed(x, decimals), format!("{x:.decimals$}"));
            }
        }
    }

    #[test]
    fn numbers_are_written_as_people_write_them() {
        let written =
            [0.0, 1.0, -2.5, 0.008, 0.0001, 1e-5, 1.5e-7, 1e15, 123456.0, 1e16, 1e300].map(shortest);
        let expected = [
            "0",
            "1",
            "-2.5",
            "0.008",
            "0.0001",
            "1e-5",
            "1.5e-7",
            "1000000000000000",
            "123456",
            "1e16",
            "1e300",
        ];
        assert_eq!(written, expected);
        assert_eq!(
            [0.1, 0.002, 16_777_216.0, 3.4e38].map(shortest_f32),
            ["0.1", "0.002", "16777216", "3.4e38"]
        );
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in
            ["", "-", ".", "e5", "1e", "1e+", "0x1", "1 ", "inf", "NaN", "1_000", "--1", "1.2.3", "１"]
        {
            assert_eq!(parse_number(text), None, "{text}");
        }
        assert_eq!([".5", "5.", "+1"].map(parse_number), [Some(0.5), Some(5.0), Some(1.0)]);
    }
}
