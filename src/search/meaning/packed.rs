//! A vector in a byte a number: of unit length, its largest number 127.

/// A packed vector.
#[derive(Clone, Debug, PartialEq)]
pub struct Packed {
    /// What the numbers are to be multiplied with.
    pub scale: f32,
    /// The numbers.
    pub numbers: Box<[i8]>,
}

impl Packed {
    /// Packs a vector; `None` for one without direction.
    pub fn of(vector: &[f32]) -> Option<Self> {
        let most = vector.iter().fold(0.0_f32, |most, number| most.max(number.abs()));
        if most <= 0.0 || !most.is_finite() {
            return None;
        }
        // Divided first, so that no square overflows.
        let length = vector.iter().map(|number| (number / most).powi(2)).sum::<f32>().sqrt();
        let numbers = vector.iter().map(|number| (number / most * 127.0).round() as i8).collect();
        Some(Self { scale: 1.0 / (127.0 * length), numbers })
    }

    /// The cosine of the angle to another packed vector of the same length.
    pub fn cosine(&self, scale: f32, numbers: &[i8]) -> f32 {
        let product = |(one, other): (&i8, &i8)| i32::from(*one) * i32::from(*other);
        let sum: i32 = self.numbers.iter().zip(numbers).map(product).sum();
        sum as f32 * self.scale * scale
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cosine_is_right_within_a_hundredth(pairs in proptest::collection::vec((-1.0_f32..1.0, -1.0_f32..1.0), 8..200), scale in 1e-3_f32..1e3) {
            let (one, other): (Vec<f32>, Vec<f32>) = pairs.into_iter().map(|(one, other)| (one * scale, other)).unzip();
            let dot = |left: &[f32], right: &[f32]| left.iter().zip(right).map(|(left, right)| f64::from(*left) * f64::from(*right)).sum::<f64>();
            let right = dot(&one, &other) / (dot(&one, &one) * dot(&other, &other)).sqrt();
            if let (Some(one), Some(other)) = (Packed::of(&one), Packed::of(&other)) {
                prop_assert!((f64::from(one.cosine(other.scale, &other.numbers)) - right).abs() < 0.01);
            }
        }
    }

    #[test]
    fn what_has_no_direction_is_not_packed() {
        assert_eq!(Packed::of(&[0.0, 0.0]), None);
        assert_eq!(Packed::of(&[]), None);
        assert!(Packed::of(&[1e30, 1e30]).is_some());
    }
}
