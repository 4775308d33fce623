use super::*;
use bot::{Body, PlaceKind, Reply, SendId, Sending, Urgency};
use knowledge::Lang;

fn item(tries: u32, uncertain: bool, sent: bool) -> OutboxItem {
    let sending = Sending {
        send: SendId(1),
        to: Place {
            network: Network("net".to_owned()),
            id: "a".to_owned(),
            kind: PlaceKind::Direct,
        },
        reply: Reply {
            lang: Lang::EN,
            preface: None,
            banner: None,
            body: Body::Notice { text: "words".to_owned() },
            buttons: Vec::new(),
        },
        about: None,
        case: None,
        only_for: None,
        urgency: Urgency::Answer,
        expires: Timestamp::MAX,
        changeable_until: None,
    };
    let sent = sent.then(|| Sent { messages: Vec::new() });
    OutboxItem { sending, sent, tries, uncertain, queued: Timestamp::UNIX_EPOCH }
}

fn of(item: &OutboxItem, error: LinkError, knows_repeats: bool) -> Verdict {
    verdict(item, Err(error), Timestamp::UNIX_EPOCH, knows_repeats, 0.5)
}

fn later_by(ms: i64, uncertain: bool) -> Verdict {
    let at = later(Timestamp::UNIX_EPOCH, SignedDuration::from_millis(ms));
    Verdict::Settle(OutboxState::Later { at, uncertain })
}

#[test]
fn pauses_grow_and_have_an_end() {
    let lost = || LinkError::Lost(String::new());
    assert_eq!(of(&item(0, false, false), lost(), false), later_by(750, false));
    assert_eq!(of(&item(3, false, false), lost(), false), later_by(6_000, false));
    assert_eq!(of(&item(u32::MAX, true, false), lost(), false), later_by(225_000, true));
}

#[test]
fn a_limit_is_kept_exactly() {
    let limited = LinkError::Limited { after: Duration::from_secs(7), everywhere: false };
    assert_eq!(of(&item(9, false, false), limited, false), later_by(7_000, false));
}

#[test]
fn what_is_uncertain_is_repeated_once_or_for_as_long_as_repeats_are_known() {
    let uncertain = || LinkError::Uncertain(String::new());
    assert_eq!(of(&item(0, false, false), uncertain(), false), later_by(750, true));
    let over = Verdict::GiveUp(Undelivered::Uncertain);
    assert_eq!(of(&item(1, true, false), uncertain(), false), over);
    assert_eq!(of(&item(1, true, false), uncertain(), true), later_by(1_500, true));
    // A change does no harm when it is repeated.
    assert_eq!(of(&item(1, true, true), uncertain(), false), later_by(1_500, true));
}

#[test]
fn what_is_refused_is_given_up() {
    let refused = LinkError::Refused(String::new());
    assert_eq!(of(&item(0, false, false), refused, true), Verdict::GiveUp(Undelivered::Refused));
}

#[test]
fn a_key_is_short_and_differs_where_the_number_does_not() {
    let at = |send, expires: &str| {
        let mut sending = item(0, false, false).sending;
        sending.send = SendId(send);
        sending.expires = expires.parse().unwrap();
        key_of(&sending)
    };
    let one = at(7, "2026-03-10T10:00:00Z");
    assert_eq!(one, at(7, "2026-03-10T10:00:00Z"), "the same at each try");
    assert_ne!(one, at(7, "2026-03-10T10:00:00.001Z"));
    assert_ne!(one, at(8, "2026-03-10T10:00:00Z"));
    assert!(at(u64::MAX, "9999-12-30T22:00:00Z").len() <= 25);
}
