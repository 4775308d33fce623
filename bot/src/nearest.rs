//! The branch that is nearest to somebody, and open.

use crate::compose::Composer;
use crate::reply::AnswerPart;
use jiff::ZonedDateTime;
use knowledge::{Branch, Coordinates, Lang, State};

/// A point on the map that somebody shared, in whole millionths of a degree (WGS 84): a tenth of
/// a metre, and comparable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    latitude_millionths: i32,
    longitude_millionths: i32,
}

impl Location {
    /// A point by its degrees, north of the equator and east of Greenwich; `None` for a latitude
    /// beyond 90, a longitude beyond 180 and what is no number.
    pub fn new(latitude: f64, longitude: f64) -> Option<Location> {
        let millionths = |degrees: f64, most: f64| {
            // Within its bound a degree's millionths fit an i32 with room to spare.
            (degrees.abs() <= most).then(|| (degrees * 1e6).round() as i32)
        };
        Some(Location {
            latitude_millionths: millionths(latitude, 90.0)?,
            longitude_millionths: millionths(longitude, 180.0)?,
        })
    }

    /// The point in degrees.
    pub fn coordinates(self) -> Coordinates {
        Coordinates {
            latitude: f64::from(self.latitude_millionths) / 1e6,
            longitude: f64::from(self.longitude_millionths) / 1e6,
        }
    }
}

/// A branch, where it is, and how far that is from somebody.
struct Away<'b> {
    branch: &'b Branch,
    at: Coordinates,
    metres: f64,
}

impl Composer<'_> {
    /// The nearest branch that is open; if none is, the nearest, and which opens first. `None` if
    /// the library has not said where its branches are.
    pub(crate) fn nearest(&self, lang: Lang, location: Location) -> Option<AnswerPart> {
        let here = location.coordinates();
        let mut known: Vec<Away<'_>> = self
            .branches
            .iter()
            .filter_map(|branch| {
                let at = branch.coordinates?;
                Some(Away { branch, at, metres: here.metres_to(&at) })
            })
            .collect();
        // A stable sort: of two that are equally far the main branch comes first.
        known.sort_by(|a, b| a.metres.total_cmp(&b.metres));
        let open = known.iter().find_map(|away| match away.branch.state(self.now) {
            State::Open { until } => Some((away, until)),
            State::Closed { .. } | State::Unknown => None,
        });
        let (told, said) = match open {
            Some((away, until)) => (away, self.open_near(lang, away, until.as_ref())),
            None => {
                let nearest = known.first()?;
                (nearest, self.closed_near(lang, nearest, here))
            }
        };
        let mut lines = vec![said];
        lines.extend(told.branch.address.as_ref().map(|address| {
            let name = told.branch.name.get(lang).unwrap_or(&told.branch.id);
            self.say(lang, "address", &[("branch", name.into()), ("value", address.into())])
        }));
        Some(AnswerPart {
            question: None,
            text: lines.join("\n"),
            source: self.facts_source(lang, &[told.branch]),
            url: Some(map(told.at)),
        })
    }

    fn open_near(&self, lang: Lang, away: &Away<'_>, until: Option<&ZonedDateTime>) -> String {
        let distance = self.voice.distance(lang, away.metres);
        let name = away.branch.name.get(lang).unwrap_or(&away.branch.id);
        let (branch, distance) = (("branch", name.into()), ("distance", (&distance).into()));
        match until {
            Some(until) => {
                let time = self.voice.time(lang, until.time());
                self.say(lang, "nearest-open", &[branch, distance, ("time", (&time).into())])
            }
            None => self.say(lang, "nearest-open-always", &[branch, distance]),
        }
    }

    /// None of the branches that can be found on a map is open.
    fn closed_near(&self, lang: Lang, away: &Away<'_>, here: Coordinates) -> String {
        let distance = self.voice.distance(lang, away.metres);
        let name = away.branch.name.get(lang).unwrap_or(&away.branch.id);
        let args = [("branch", name.into()), ("distance", (&distance).into())];
        let opens = match away.branch.state(self.now) {
            State::Closed { opens, .. } => opens,
            State::Open { .. } | State::Unknown => None,
        };
        let all_closed = (self.branches.iter())
            .all(|branch| matches!(branch.state(self.now), State::Closed { .. }));
        let Some(opens) = opens.filter(|_| all_closed) else {
            // That no branch is open would be saying more than is known.
            let mut said = vec![self.say(lang, "nearest-branch", &args)];
            said.push(self.hours_now(lang, away.branch));
            let elsewhere = self.branches.open_at(self.now).next();
            said.extend(elsewhere.map(|branch| self.hours_now(lang, branch)));
            return said.join(" ");
        };
        let when = self.when_opens(lang, away.branch, &opens);
        let [branch, distance] = args;
        let mut said = vec![self.say(
            lang,
            "nearest-all-closed",
            &[branch, distance, ("when", (&when).into())],
        )];
        let first = self.branches.first_to_open(self.now);
        let first = first.filter(|(_, when)| when.timestamp() < opens.timestamp());
        said.extend(first.map(|(branch, when)| self.opens_first(lang, branch, &when, here)));
        said.join(" ")
    }

    /// That another branch opens before the nearest one.
    fn opens_first(
        &self,
        lang: Lang,
        branch: &Branch,
        opens: &ZonedDateTime,
        here: Coordinates,
    ) -> String {
        let when = self.when_opens(lang, branch, opens);
        let name = branch.name.get(lang).unwrap_or(&branch.id);
        let (branch_name, when) = (("branch", name.into()), ("when", (&when).into()));
        match branch.coordinates {
            Some(at) => {
                let distance = self.voice.distance(lang, here.metres_to(&at));
                let args = [branch_name, when, ("distance", (&distance).into())];
                self.say(lang, "nearest-first-away", &args)
            }
            None => self.say(lang, "nearest-first", &[branch_name, when]),
        }
    }

    /// "today at 9:00", "on Monday at 9:00".
    fn when_opens(&self, lang: Lang, branch: &Branch, opens: &ZonedDateTime) -> String {
        let today = self.now.to_zoned_datetime(branch.zone.clone()).date();
        let names = ["when-today", "when-tomorrow", "when-weekday", "when-date"];
        self.opens(lang, today, opens.datetime(), names, &[])
    }
}

/// A point on a map that anybody can open.
fn map(at: Coordinates) -> String {
    let Coordinates { latitude, longitude } = at;
    format!(
        "https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}#map=17/{latitude}/{longitude}"
    )
}

#[cfg(test)]
mod tests {
    use super::Location;
    use crate::{
        AnswerPart, Body, Bot, Effect, Event, MessageId, Moment, Network, PersonId, Place, Said,
        Settings, Speaker, Wish,
    };
    use jiff::tz::TimeZone;
    use knowledge::{Branch, Branches, Coordinates, Findings, Lang};
    use std::sync::Arc;

    #[test]
    fn a_location_is_on_the_map_or_none() {
        let point = Location::new(51.5, -0.127_758_3).unwrap().coordinates();
        assert_eq!((point.latitude, point.longitude), (51.5, -0.127_758));
        assert!(Location::new(-90.0, 180.0).is_some());
        for (latitude, longitude) in
            [(90.1, 0.0), (0.0, -180.1), (f64::NAN, 0.0), (0.0, f64::INFINITY)]
        {
            assert_eq!(Location::new(latitude, longitude), None, "{latitude} {longitude}");
        }
    }

    fn branch(id: &str, hours: Option<&str>, at: Option<(f64, f64)>) -> Branch {
        let mut branch = Branch::new(id, id, TimeZone::UTC);
        branch.hours = hours.map(|hours| hours.parse().unwrap());
        branch.coordinates = at.map(|(latitude, longitude)| Coordinates { latitude, longitude });
        branch
    }

    /// What somebody at 50 north and 10 east is told on a Tuesday at noon.
    fn told(branches: Vec<Branch>) -> AnswerPart {
        let settings = Settings::new("Linden Library", &[Lang::EN]);
        let mut bot = Bot::new(settings, Arc::new(Branches::new(branches)), Vec::new());
        let network = Network("anywhere".to_owned());
        let event = Event::Said(Said {
            place: Place::direct(&network, "ben"),
            speaker: Speaker {
                person: PersonId("tns0".to_owned()),
                user: "ben".to_owned(),
                locale: None,
            },
            message: MessageId("1".to_owned()),
            replies_to: None,
            addressed: true,
            wish: Wish::Location(Location::new(50.0, 10.0).unwrap()),
            attachments: Vec::new(),
        });
        assert_eq!(bot.ask(&event), None);
        let moment = Moment { time: "2026-03-10T12:00:00Z".parse().unwrap(), seed: 1 };
        for effect in bot.handle(moment, event, Findings::default()) {
            if let Effect::Send(sending) = effect
                && let Body::Answer { mut parts, .. } = sending.reply.body
            {
                return parts.remove(0);
            }
        }
        panic!("nothing is answered");
    }

    #[test]
    fn nothing_is_said_that_is_not_known() {
        let (near, far) = (Some((50.0, 10.001)), Some((50.1, 10.0)));
        let (open, shut) = (Some("Mo-Fr 09:00-18:00"), Some("Mo-Fr 14:00-18:00"));
        for (branches, text) in [
            // Of two that are equally far the main one, or the first, is told.
            (
                vec![branch("a", open, near), branch("b", open, near)],
                "The nearest branch that is open now is a, 100 m from you. It is open until 18:00.",
            ),
            (
                vec![branch("a", None, near), branch("b", Some("24/7"), far)],
                "The nearest branch that is open now is b, 11 km from you.",
            ),
            // Hours that are not known are neither open nor closed.
            (
                vec![branch("a", None, near), branch("b", shut, far)],
                "The nearest branch is a, 100 m from you. The library has not told me the opening \
                 hours of a.",
            ),
            (
                vec![branch("a", shut, near), branch("b", None, far)],
                "The nearest branch is a, 100 m from you. a is closed now. It opens today at 14:00.",
            ),
            // A branch that is on no map may be the one that is open.
            (
                vec![branch("a", shut, near), branch("b", open, None)],
                "The nearest branch is a, 100 m from you. a is closed now. It opens today at 14:00. \
                 b is open now, until 18:00.",
            ),
            (
                vec![branch("a", Some("Fr 14:00-18:00"), near), branch("b", shut, None)],
                "No branch is open now. The nearest is a, 100 m from you. It opens on Friday at \
                 14:00. b opens before that, today at 14:00.",
            ),
            // One that opens at the same time does not open before it.
            (
                vec![branch("a", shut, far), branch("b", shut, near)],
                "No branch is open now. The nearest is b, 100 m from you. It opens today at 14:00.",
            ),
        ] {
            let part = told(branches);
            assert_eq!(part.text, text);
            assert!(!part.source.is_empty());
        }
    }

    #[test]
    fn without_coordinates_it_is_the_hours() {
        let hours = Some("Mo-Fr 09:00-18:00");
        let part = told(vec![branch("a", hours, None), branch("b", hours, None)]);
        assert!(part.text.starts_with("a is open now, until 18:00."), "{}", part.text);
        assert!(part.text.contains("\nb is open now"), "{}", part.text);
        let mut there = branch("a", hours, Some((50.0, 10.0)));
        there.address = Some("1 Elm Street".to_owned());
        let part = told(vec![there]);
        assert!(part.text.ends_with("until 18:00.\na: 1 Elm Street"), "{}", part.text);
        let map = "https://www.openstreetmap.org/?mlat=50&mlon=10#map=17/50/10";
        assert_eq!(part.url.as_deref(), Some(map));
    }
}
