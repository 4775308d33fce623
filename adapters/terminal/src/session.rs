//! One client's connection, on the server's side.

use crate::lines::{Line, Lines};
use crate::present::{Present, Seat};
use crate::protocol::{FromClient, FromServer, Guest, LINE_MAX, TEXT_MAX, Why, encode, greet};
use crate::translate::{self, Raw};
use contract::{Arrival, Intake};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// How long a connection may take to say who it is: a program answers at once, and one that never
/// does must not hold a seat.
const HELLO_WAIT: Duration = Duration::from_secs(10);

/// How long one write may take before the client counts as gone: longer than a machine that swaps
/// is busy, shorter than anybody waits.
const WRITE_WAIT: Duration = Duration::from_secs(30);

/// Lines that are not of this protocol before the connection ends: a person's slip is forgiven, a
/// program gone wild is not.
const MISTAKES_MAX: u32 = 16;

/// Serves a connection until it ends, the client is dropped, or nothing is taken in any more.
pub(crate) async fn serve<R, W>(
    read: R,
    mut write: W,
    present: &Present,
    intake: &Intake,
    staff: &[String],
) where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let mut lines = Lines::new(BufReader::new(read), LINE_MAX);
    let Ok(welcomed) = timeout(HELLO_WAIT, welcome(&mut lines, present, staff)).await else {
        return;
    };
    let (guest, seat) = match welcomed {
        Ok(Some(welcomed)) => welcomed,
        // It went away before it said anything.
        Ok(None) => return,
        Err(why) => {
            let refused = encode(&FromServer::Refused { id: None, why, closing: true });
            // Whether it still listens or not, the connection ends.
            let _ = timeout(WRITE_WAIT, write.write_all(&refused)).await;
            return;
        }
    };
    converse(lines, write, present, intake, guest, seat).await;
}

async fn welcome<R: AsyncRead + Unpin>(
    lines: &mut Lines<BufReader<R>>,
    present: &Present,
    staff: &[String],
) -> Result<Option<(Guest, Seat)>, Why> {
    let Ok(Some(line)) = lines.next().await else { return Ok(None) };
    let FromClient::Hello(hello) = parse(&line)? else { return Err(Why::NotUnderstood) };
    let guest = greet(hello, staff)?;
    let seat = present.join(&guest).ok_or(Why::Full)?;
    Ok(Some((guest, seat)))
}

async fn converse<R, W>(
    mut lines: Lines<BufReader<R>>,
    mut write: W,
    present: &Present,
    intake: &Intake,
    guest: Guest,
    seat: Seat,
) where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let Seat { id, mut queue, own, gone } = seat;
    let mut writing = std::pin::pin!(write_all(&mut write, &mut queue));
    let heard = {
        let client = Served { present, intake, guest: &guest, id, own };
        tokio::select! {
            () = client.listen(&mut lines) => true,
            () = &mut writing => false,
            _ = gone => false,
        }
    };
    present.leave(id);
    if heard {
        // What was acknowledged or refused before the end is still told; the queue ends with it.
        writing.await;
    }
}

async fn write_all<W: AsyncWrite + Unpin>(write: &mut W, queue: &mut mpsc::Receiver<Arc<[u8]>>) {
    while let Some(line) = queue.recv().await {
        let written = timeout(WRITE_WAIT, async {
            write.write_all(&line).await?;
            write.flush().await
        });
        if !matches!(written.await, Ok(Ok(()))) {
            return;
        }
    }
}

/// A client that has been welcomed.
struct Served<'a> {
    present: &'a Present,
    intake: &'a Intake,
    guest: &'a Guest,
    id: crate::present::ClientId,
    own: mpsc::Sender<Arc<[u8]>>,
}

impl Served<'_> {
    async fn listen<R: AsyncRead + Unpin>(&self, lines: &mut Lines<BufReader<R>>) {
        let guest = self.guest;
        let welcome = FromServer::Welcome { name: guest.name.clone(), place: guest.place.clone() };
        self.tell(&welcome).await;
        self.intake.reachable(Some(translate::place(&guest.place))).await;
        let mut mistakes = 0;
        while let Ok(Some(line)) = lines.next().await {
            match self.hear(&line).await {
                Ok(()) => {}
                Err(Stop::Closed) => return,
                Err(Stop::Refused(id, why)) => {
                    mistakes += u32::from(why == Why::NotUnderstood);
                    let closing = mistakes >= MISTAKES_MAX;
                    self.tell(&FromServer::Refused { id, why, closing }).await;
                    if closing {
                        return;
                    }
                }
            }
        }
    }

    async fn hear(&self, line: &Line) -> Result<(), Stop> {
        let line = parse(line).map_err(|why| Stop::Refused(None, why))?;
        if let FromClient::Shown(n) = line {
            self.present.shown(self.id, n);
            return Ok(());
        }
        let id = line.id().ok_or(Stop::Refused(None, Why::NotUnderstood))?;
        if line.text().is_some_and(|text| text.len() > TEXT_MAX) {
            return Err(Stop::Refused(Some(id), Why::TooLong));
        }
        let other = match &line {
            FromClient::Say { text, .. } => {
                Some(FromServer::Other { name: self.guest.name.clone(), text: text.clone() })
            }
            FromClient::Hello(_)
            | FromClient::Edit { .. }
            | FromClient::Delete { .. }
            | FromClient::Press { .. }
            | FromClient::Shown(_) => None,
        };
        let key = format!("{}.{id}", self.guest.session);
        let arrival = Arrival::new(key, Raw::new(self.guest, line).encode());
        self.intake.accept(vec![arrival], None).await.map_err(|_| Stop::Closed)?;
        if let Some(other) = other {
            self.present.relay(self.id, &self.guest.place, encode(&other));
        }
        self.tell(&FromServer::Kept(id)).await;
        Ok(())
    }

    /// Writes to this client; waits while its queue is full, so that one who does not read is not
    /// read from either.
    async fn tell(&self, line: &FromServer) {
        // The receiver lives as long as this session.
        let _ = self.own.send(encode(line).into()).await;
    }
}

enum Stop {
    /// The line is not taken; the conversation goes on.
    Refused(Option<u64>, Why),
    /// Nothing is taken in any more.
    Closed,
}

fn parse(line: &Line) -> Result<FromClient, Why> {
    match line {
        Line::TooLong => Err(Why::TooLong),
        Line::Whole(bytes) => serde_json::from_slice(bytes).map_err(|_| Why::NotUnderstood),
    }
}

/// What a session takes part in, for the tests of this and of the link.
#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::protocol::{Hello, Role};
    use contract::{Batch, Heard};
    use proptest::prelude::*;
    use tokio::io::AsyncReadExt;

    /// A library of which nothing can be asked.
    pub(crate) struct Nobody;

    #[async_trait::async_trait]
    impl contract::Inside for Nobody {
        fn now(&self) -> jiff::Timestamp {
            jiff::Timestamp::UNIX_EPOCH
        }
        fn health(&self) -> contract::Health {
            unreachable!("the terminal asks nothing")
        }
        async fn look(&self, _text: String) -> Option<bot::Looked> {
            None
        }
        fn sheet(&self, _case: &bot::Case, _others: &[bot::Case]) -> bot::Reply {
            unreachable!("the terminal asks nothing")
        }
        fn topics(&self) -> Vec<String> {
            unreachable!("the terminal asks nothing")
        }
        fn preview(&self, _case: &bot::Case, _staff: &str, _text: &str) -> bot::Reply {
            unreachable!("the terminal asks nothing")
        }
    }

    /// Takes in everything, and returns the keys of what arrived once all senders are gone.
    pub(crate) async fn take_all(mut heard: mpsc::Receiver<Heard>) -> Vec<String> {
        let mut keys = Vec::new();
        while let Some(heard) = heard.recv().await {
            match heard {
                Heard::Batch(Batch { arrivals, kept, .. }) => {
                    keys.extend(arrivals.into_iter().map(|arrival| arrival.key));
                    kept.send(()).unwrap();
                }
                Heard::Reachable(network, _) => assert_eq!(network.0, crate::NETWORK),
            }
        }
        keys
    }

    /// Plays bytes to a session and returns all that it wrote, and the keys of what arrived.
    async fn play(bytes: &[u8]) -> (String, Vec<String>) {
        let (ours, theirs) = tokio::io::duplex(1 << 22);
        let (heard, hearing) = mpsc::channel(8);
        let intake = Intake::new(bot::Network(crate::NETWORK.to_owned()), heard, Arc::new(Nobody));
        let (mut read, mut write) = tokio::io::split(ours);
        write.write_all(bytes).await.unwrap();
        write.shutdown().await.unwrap();
        let session = async move {
            let present = Present::new();
            let (read, write) = tokio::io::split(theirs);
            serve(read, write, &present, &intake, &[]).await;
        };
        let ((), keys) = tokio::join!(session, take_all(hearing));
        let mut wrote = String::new();
        read.read_to_string(&mut wrote).await.unwrap();
        (wrote, keys)
    }

    fn hello() -> Vec<u8> {
        encode(&FromClient::Hello(Hello {
            session: "abcdefgh".to_owned(),
            name: "ben".to_owned(),
            place: None,
            role: Role::Patron,
            lang: None,
        }))
    }

    #[tokio::test]
    async fn each_line_is_kept_or_refused() {
        let mut bytes = hello();
        let say = |id, text: String| encode(&FromClient::Say { id, text, replies_to: None });
        bytes.extend(say(1, "hello".to_owned()));
        bytes.extend(say(2, "x".repeat(TEXT_MAX + 1)));
        bytes.extend(say(3, "y".repeat(1_000_000)));
        bytes.extend(b"{\"say\":\xff}\n{}\n");
        bytes.extend(encode(&FromClient::Delete { id: 4, message: 1 }));
        let (wrote, keys) = play(&bytes).await;
        let lines: Vec<&str> = wrote.lines().collect();
        assert_eq!(
            lines,
            [
                r#"{"welcome":{"name":"ben","place":"dm-ben"}}"#,
                r#"{"kept":1}"#,
                r#"{"refused":{"id":2,"why":"too_long","closing":false}}"#,
                r#"{"refused":{"why":"too_long","closing":false}}"#,
                r#"{"refused":{"why":"not_understood","closing":false}}"#,
                r#"{"refused":{"why":"not_understood","closing":false}}"#,
                r#"{"kept":4}"#,
            ]
        );
        assert_eq!(keys, ["abcdefgh.1", "abcdefgh.4"]);
    }

    #[tokio::test]
    async fn who_does_not_say_hello_is_refused() {
        for bytes in [&b"{\"shown\":1}\n"[..], b"GET / HTTP/1.1\r\n\r\n", b"\0\0\0\n"] {
            let (wrote, keys) = play(bytes).await;
            assert_eq!(wrote, "{\"refused\":{\"why\":\"not_understood\",\"closing\":true}}\n");
            assert!(keys.is_empty());
        }
        assert_eq!(play(b"").await.0, "");
    }

    #[tokio::test]
    async fn a_program_gone_wild_is_stopped() {
        let mut bytes = hello();
        bytes.extend(b"?\n".repeat(1000));
        let (wrote, _) = play(&bytes).await;
        assert_eq!(wrote.lines().count(), 1 + MISTAKES_MAX as usize);
        assert!(wrote.ends_with("\"closing\":true}}\n"));
    }

    #[tokio::test(start_paused = true)]
    async fn who_never_says_hello_does_not_hold_a_seat() {
        let (_ours, theirs) = tokio::io::duplex(64);
        let (heard, _hearing) = mpsc::channel(8);
        let intake = Intake::new(bot::Network(crate::NETWORK.to_owned()), heard, Arc::new(Nobody));
        let (read, write) = tokio::io::split(theirs);
        serve(read, write, &Present::new(), &intake, &[]).await;
    }

    #[tokio::test]
    async fn nothing_is_acknowledged_that_was_not_kept() {
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        let (heard, mut hearing) = mpsc::channel(8);
        let intake = Intake::new(bot::Network(crate::NETWORK.to_owned()), heard, Arc::new(Nobody));
        let (mut read, mut write) = tokio::io::split(ours);
        let mut bytes = hello();
        bytes.extend(encode(&FromClient::Say {
            id: 1,
            text: "hello".to_owned(),
            replies_to: None,
        }));
        write.write_all(&bytes).await.unwrap();
        let present = Present::new();
        let (their_read, their_write) = tokio::io::split(theirs);
        let refuse = async {
            while let Some(heard) = hearing.recv().await {
                if let Heard::Batch(batch) = heard {
                    // The disk is full: the batch is dropped unanswered.
                    drop(batch);
                    return;
                }
            }
        };
        tokio::join!(serve(their_read, their_write, &present, &intake, &[]), refuse);
        let mut wrote = String::new();
        read.read_to_string(&mut wrote).await.unwrap();
        assert!(!wrote.contains("kept"), "{wrote}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn no_bytes_stop_or_hang_a_session(
            greeted in any::<bool>(),
            parts in prop::collection::vec(
                prop_oneof![
                    prop::collection::vec(any::<u8>(), 0..200),
                    Just(b"\n".to_vec()),
                    Just(b"{\"say\":{\"id\":1,\"text\":\"".to_vec()),
                    Just(b"\"}}\n".to_vec()),
                    Just(b"{\"shown\":18446744073709551615}\n".to_vec()),
                    Just(b"{\"press\":{\"id\":2,\"code\":\"dc.1\"}}\n".to_vec()),
                    Just(b"[".repeat(5_000)),
                ],
                0..20,
            ),
        ) {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            let mut bytes = if greeted { hello() } else { Vec::new() };
            bytes.extend(parts.concat());
            // A session that hangs would never let this return.
            let (wrote, _) = runtime.block_on(play(&bytes));
            for line in wrote.lines() {
                serde_json::from_str::<FromServer>(line).unwrap();
            }
        }
    }
}
