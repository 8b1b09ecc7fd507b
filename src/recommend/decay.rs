//! Forward decay in whole numbers: an event weighs more the later it is, and nothing already counted is touched.
//!
//! (Cormode, Shkapenyuk, Srivastava and Xu, "Forward decay", ICDE 2009, with an exponential function.) Time is cut into
//! epochs of one half-life. A mass belongs to an epoch; carried into a later one it is halved per epoch, by a shift. Integers
//! make the state the same however it was reached: live, from a snapshot or from the log.

/// A mass of one event at the start of an epoch.
pub const UNIT: u32 = 1 << 12;

/// 2^(k/256) in units of 2^-12 for k = 0..256.
static FRACTIONS: [u32; 256] = fractions();

/// 2^(1/256) · 2^62, rounded.
const STEP: u128 = 4_624_189_567_668_517_720;

#[expect(clippy::indexing_slicing, reason = "a const function cannot iterate; the bound is the array's own")]
const fn fractions() -> [u32; 256] {
    let mut table = [0; 256];
    let mut value: u128 = 1 << 62;
    let mut place = 0;
    while place < 256 {
        table[place] = ((value + (1 << 49)) >> 50) as u32;
        value = (value * STEP) >> 62;
        place += 1;
    }
    table
}

/// A half-life, and with it the epochs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HalfLife {
    seconds: u32,
}

impl HalfLife {
    /// Of so many days, at least one.
    pub const fn days(days: u32) -> Self {
        Self { seconds: if days == 0 { 86_400 } else { days * 86_400 } }
    }

    /// The epoch of an instant (seconds since 1970) and the mass of one event in it: `UNIT` to just under 2 · `UNIT`.
    pub fn weigh(self, at: u32) -> (u32, u32) {
        let (epoch, rest) = (at / self.seconds, at % self.seconds);
        let place = u64::from(rest) * 256 / u64::from(self.seconds);
        (epoch, FRACTIONS.get(place as usize).copied().unwrap_or(UNIT))
    }
}

/// A decayed sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mass {
    /// The epoch `value` is counted in.
    pub epoch: u32,
    /// The sum, in units of 2^-12 events at the start of the epoch.
    pub value: u64,
}

impl Mass {
    /// Adds a mass of some epoch; one from before decays first.
    pub fn add(&mut self, epoch: u32, mass: u32) {
        if epoch > self.epoch {
            self.value = shifted(self.value, epoch - self.epoch);
            self.epoch = epoch;
        }
        self.value = self.value.saturating_add(shifted(u64::from(mass), self.epoch - epoch));
    }

    /// The sum as it stands in a later epoch, in events.
    pub fn in_epoch(self, epoch: u32) -> f32 {
        self.value as f32 / UNIT as f32 * halvings(epoch.saturating_sub(self.epoch))
    }
}

/// `value` halved `times` times.
pub const fn shifted(value: u64, times: u32) -> u64 {
    if times > 63 { 0 } else { value >> times }
}

/// 2^-times.
pub fn halvings(times: u32) -> f32 {
    f32::from_bits(127_u32.saturating_sub(times) << 23)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_power_of_two() {
        for (place, found) in FRACTIONS.iter().enumerate() {
            let want = (place as f64 / 256.0).exp2() * 4096.0;
            assert!((f64::from(*found) - want).abs() <= 0.51, "{place}: {found} {want}");
        }
    }

    #[test]
    fn masses_halve_with_each_half_life_whatever_the_order() {
        let life = HalfLife::days(10);
        let day = |days: u32| life.weigh(days * 86_400);
        let mut forward = Mass::default();
        let mut backward = Mass::default();
        for days in [0, 10, 20] {
            let (epoch, mass) = day(days);
            forward.add(epoch, mass);
        }
        for days in [20, 10, 0] {
            let (epoch, mass) = day(days);
            backward.add(epoch, mass);
        }
        assert_eq!(forward, backward);
        assert!((forward.in_epoch(2) - 1.75).abs() < 0.01);
        assert!((forward.in_epoch(3) - 0.875).abs() < 0.01);
        assert_eq!(halvings(0), 1.0);
        assert_eq!(halvings(3), 0.125);
    }
}
