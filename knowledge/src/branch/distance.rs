//! How far two points on the map are apart.

use super::Coordinates;

/// The Earth's mean radius (IUGG). The Earth is not quite round: distances are up to half a
/// percent off, which is less than their rounding.
const EARTH_RADIUS_M: f64 = 6_371_008.8;

impl Coordinates {
    /// The distance to another point in metres, as the crow flies (haversine).
    pub fn metres_to(&self, other: &Coordinates) -> f64 {
        let (here, there) = (self.latitude.to_radians(), other.latitude.to_radians());
        let north = (there - here) / 2.0;
        let east = (other.longitude - self.longitude).to_radians() / 2.0;
        let chord = north.sin().powi(2) + here.cos() * there.cos() * east.sin().powi(2);
        // Rounding may bring the other side of the Earth above 1, which has no arcsine.
        2.0 * EARTH_RADIUS_M * chord.sqrt().min(1.0).asin()
    }
}

#[cfg(test)]
mod tests {
    use super::{Coordinates, EARTH_RADIUS_M};
    use std::f64::consts::PI;

    fn metres(from: (f64, f64), to: (f64, f64)) -> f64 {
        let point = |(latitude, longitude)| Coordinates { latitude, longitude };
        let (there, back) = (point(from).metres_to(&point(to)), point(to).metres_to(&point(from)));
        assert!((there - back).abs() < 1e-6, "{from:?} {to:?}: {there} there, {back} back");
        there
    }

    #[test]
    fn distances_are_those_of_a_round_earth() {
        let around = 2.0 * PI * EARTH_RADIUS_M;
        for (from, to, expected) in [
            ((51.5, -0.1), (51.5, -0.1), 0.0),
            // A degree of latitude, and one of longitude at 60 degrees: half of it.
            ((51.0, 7.0), (52.0, 7.0), around / 360.0),
            ((60.0, 10.0), (60.0, 10.01), around / 36_000.0 / 2.0),
            // Over the line where the days change, over a pole, and to the other side.
            ((0.0, 179.5), (0.0, -179.5), around / 360.0),
            ((89.0, 0.0), (89.0, 180.0), around / 180.0),
            ((0.0, 0.0), (0.0, 180.0), around / 2.0),
            ((45.0, 10.0), (-45.0, -170.0), around / 2.0),
        ] {
            let found = metres(from, to);
            assert!((found - expected).abs() < 0.5, "{from:?} to {to:?}: {found}");
        }
        // London to Paris, as any atlas has it.
        let found = metres((51.5074, -0.1278), (48.8566, 2.3522));
        assert!((343_000.0..345_000.0).contains(&found), "{found}");
    }
}
