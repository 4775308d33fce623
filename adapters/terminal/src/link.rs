//! The terminal as the driver knows it.

use crate::present::Present;
use crate::protocol::{FromServer, Show, Why, encode};
use crate::session;
use crate::socket::{OpenError, Socket};
use crate::translate::Translator;
use bot::{Capabilities, MessageId, Network};
use contract::{Cursor, Intake, Link, LinkError, Parcel, Sent, Translate};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::UnixStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// How long a client may take to print a line and say so: a busy machine is slower than that only
/// when nobody looks at its terminal.
const SHOWN_WAIT: Duration = Duration::from_secs(10);

/// Connections at once, those that have not said hello or are being refused included: with
/// [`crate::present::CLIENTS_MAX`] seats taken there is still room to say so.
const CONNECTIONS_MAX: usize = crate::present::CLIENTS_MAX + 16;

/// The link of network `terminal`.
pub struct Terminal {
    socket: Socket,
    present: Arc<Present>,
    staff: Arc<[String]>,
}

impl Terminal {
    /// Opens the socket at `path`, for the user alone whose program this is. `staff` are the names
    /// that may stand at the desk; if it is empty, anybody may who can open the socket.
    ///
    /// # Errors
    /// [`OpenError`], before anything has been changed.
    pub fn open(path: &Path, staff: &[String]) -> Result<Terminal, OpenError> {
        let socket = Socket::open(path)?;
        Ok(Terminal { socket, present: Arc::new(Present::new()), staff: staff.into() })
    }

    /// How many clients are connected, and word whenever that changes.
    pub fn clients(&self) -> tokio::sync::watch::Receiver<usize> {
        self.present.count()
    }

    /// What the terminal can do, whoever is connected.
    pub const CAPABILITIES: Capabilities = Capabilities {
        edits: true,
        ephemeral: true,
        buttons: true,
        opens_direct: true,
        buttons_max: 8,
    };

    /// Shows a parcel and waits until a client has printed it.
    async fn show(
        &self,
        message: &MessageId,
        parcel: &Parcel,
        changed: bool,
    ) -> Result<(), LinkError> {
        let sending = &parcel.sending;
        let line = |n| {
            encode(&FromServer::Show(Show {
                n,
                message: message.0.clone(),
                reply: sending.reply.clone(),
                about: sending.about.as_ref().map(|about| about.0.clone()),
                changed,
                only_for: sending.only_for.clone(),
            }))
        };
        let only_for = sending.only_for.as_deref();
        let Some(showing) = self.present.show(&sending.to.id, only_for, line) else {
            return Err(LinkError::Lost(format!("nobody is connected at {}", sending.to.id)));
        };
        // A client that went away may have printed it; it passes over what it has printed before.
        match timeout(SHOWN_WAIT, showing.wait).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(LinkError::Uncertain(format!("{} has gone away", sending.to.id))),
            Err(_) => {
                self.present.give_up(showing.n);
                Err(LinkError::Uncertain(format!("{} does not read any more", sending.to.id)))
            }
        }
    }
}

#[async_trait::async_trait]
impl Link for Terminal {
    fn network(&self) -> Network {
        Network(crate::NETWORK.to_owned())
    }

    fn capabilities(&self) -> Capabilities {
        Terminal::CAPABILITIES
    }

    fn knows_repeats(&self) -> bool {
        true
    }

    fn translator(&self) -> Arc<dyn Translate> {
        Arc::new(Translator)
    }

    async fn listen(&self, intake: Intake, _cursor: Option<Cursor>) -> Result<(), LinkError> {
        let lost = |error: std::io::Error| LinkError::Lost(error.to_string());
        let listener = self.socket.listener().map_err(lost)?;
        let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let mut sessions = JoinSet::new();
        loop {
            let stream = tokio::select! {
                () = intake.closed() => return Ok(()),
                Some(_) = sessions.join_next() => continue,
                accepted = listener.accept() => accepted.map_err(lost)?.0,
            };
            if !is_own_user(&stream) {
                continue;
            }
            let permit = room.clone().try_acquire_owned();
            let (present, staff, intake) =
                (self.present.clone(), self.staff.clone(), intake.clone());
            sessions.spawn(async move {
                match permit {
                    Ok(_held) => {
                        let (read, write) = stream.into_split();
                        session::serve(read, write, &present, &intake, &staff).await;
                    }
                    Err(_) => turn_away(stream).await,
                }
            });
        }
    }

    async fn send(&self, parcel: &Parcel) -> Result<Sent, LinkError> {
        let message = MessageId(format!("b{}", parcel.sending.send));
        self.show(&message, parcel, false).await?;
        Ok(Sent { messages: vec![message] })
    }

    async fn change(&self, sent: &Sent, parcel: &Parcel) -> Result<(), LinkError> {
        let Some(message) = sent.messages.first() else {
            return Err(LinkError::Refused("no message to change".to_owned()));
        };
        self.show(message, parcel, true).await
    }
}

/// Whether whoever connects is the user whose program this is, or root.
fn is_own_user(stream: &UnixStream) -> bool {
    let own = rustix::process::getuid().as_raw();
    stream.peer_cred().is_ok_and(|peer| peer.uid() == own || peer.uid() == 0)
}

async fn turn_away(mut stream: UnixStream) {
    let full = encode(&FromServer::Refused { id: None, why: Why::Full, closing: true });
    // A line this short fits the socket's buffer; one who does not read it is turned away anyway.
    let _ = timeout(Duration::from_secs(1), stream.write_all(&full)).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{FromClient, Hello, Role};
    use crate::session::tests::take_all;
    use crate::translate::place;
    use bot::{Body, Reply, SendId, Sending, Urgency};
    use jiff::Timestamp;
    use tokio::io::{AsyncBufReadExt, BufReader, Lines};
    use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
    use tokio::sync::mpsc;

    fn parcel(send: u64, to: &str, only_for: Option<&str>, text: &str) -> Parcel {
        let reply = Reply {
            lang: knowledge::Lang::EN,
            preface: None,
            banner: None,
            body: Body::Notice { text: text.to_owned() },
            buttons: Vec::new(),
        };
        let sending = Sending {
            send: SendId(send),
            to: place(to),
            reply,
            about: None,
            case: None,
            only_for: only_for.map(str::to_owned),
            urgency: Urgency::Answer,
            expires: Timestamp::MAX,
            changeable_until: None,
        };
        Parcel { sending, key: format!("k{send}"), maybe_said: false }
    }

    /// A client that has been welcomed.
    struct Client {
        lines: Lines<BufReader<OwnedReadHalf>>,
        write: OwnedWriteHalf,
    }

    impl Client {
        async fn connect(path: &Path, name: &str, place: &str, role: Role) -> Client {
            let (read, mut write) = UnixStream::connect(path).await.unwrap().into_split();
            let hello = FromClient::Hello(Hello {
                session: format!("{name}12345678"),
                name: name.to_owned(),
                place: Some(place.to_owned()),
                role,
                lang: None,
            });
            write.write_all(&encode(&hello)).await.unwrap();
            let mut client = Client { lines: BufReader::new(read).lines(), write };
            assert!(matches!(client.next().await, Some(FromServer::Welcome { .. })));
            client
        }

        async fn next(&mut self) -> Option<FromServer> {
            let line = self.lines.next_line().await.unwrap()?;
            Some(serde_json::from_str(&line).unwrap())
        }

        async fn show(&mut self) -> Show {
            let next = self.next().await;
            let Some(FromServer::Show(show)) = next else { panic!("{next:?}") };
            show
        }

        async fn write(&mut self, line: &FromClient) {
            self.write.write_all(&encode(line)).await.unwrap();
        }
    }

    /// Runs a terminal while `body` plays with it.
    async fn with<F: Future<Output = ()>>(
        body: impl FnOnce(Arc<Terminal>, std::path::PathBuf) -> F,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.sock");
        let terminal = Arc::new(Terminal::open(&path, &[]).unwrap());
        let (heard, hearing) = mpsc::channel(8);
        let intake =
            Intake::new(terminal.network(), heard, Arc::new(crate::session::tests::Nobody));
        let listening = terminal.listen(intake, None);
        let taking = take_all(hearing);
        tokio::select! {
            done = listening => panic!("{done:?}"),
            _ = taking => panic!("nothing is left to take in"),
            () = body(terminal.clone(), path) => {}
        }
    }

    #[tokio::test]
    async fn a_message_is_sent_when_somebody_has_shown_it() {
        with(async |terminal: Arc<Terminal>, path: std::path::PathBuf| {
            let nobody = terminal.send(&parcel(1, "dm-ben", None, "hello")).await;
            assert!(matches!(nobody, Err(LinkError::Lost(_))));

            let mut ben = Client::connect(&path, "ben", "dm-ben", Role::Patron).await;
            let one = parcel(1, "dm-ben", None, "hello");
            let (sent, ()) = tokio::join!(terminal.send(&one), async {
                let show = ben.show().await;
                assert_eq!((show.message.as_str(), show.changed), ("b1", false));
                ben.write(&FromClient::Shown(show.n)).await;
            });
            let sent = sent.unwrap();
            let (changed, ()) = tokio::join!(terminal.change(&sent, &one), async {
                let show = ben.show().await;
                assert_eq!((show.message.as_str(), show.changed), ("b1", true));
                ben.write(&FromClient::Shown(show.n)).await;
            });
            assert_eq!(changed, Ok(()));
            // Gone without a word: printed or not, nobody knows.
            let (lost, ()) = tokio::join!(terminal.send(&one), async move {
                ben.show().await;
                drop(ben);
            });
            assert!(matches!(lost, Err(LinkError::Uncertain(_))));
        })
        .await;
    }

    #[tokio::test]
    async fn a_room_hears_its_people_and_one_alone_what_is_theirs() {
        with(async |terminal: Arc<Terminal>, path: std::path::PathBuf| {
            let mut ann = Client::connect(&path, "ann", "room-hall", Role::Patron).await;
            let mut ben = Client::connect(&path, "ben", "room-hall", Role::Patron).await;
            ben.write(&FromClient::Say { id: 1, text: "hi".to_owned(), replies_to: None }).await;
            assert_eq!(ben.next().await, Some(FromServer::Kept(1)));
            let heard = FromServer::Other { name: "ben".to_owned(), text: "hi".to_owned() };
            assert_eq!(ann.next().await, Some(heard));

            let private = parcel(1, "room-hall", Some("ben"), "yours");
            let open = parcel(2, "room-hall", None, "everybody's");
            let (sent, ()) = tokio::join!(terminal.send(&private), async {
                let show = ben.show().await;
                ben.write(&FromClient::Shown(show.n)).await;
            });
            sent.unwrap();
            let (sent, ()) = tokio::join!(terminal.send(&open), async {
                assert_eq!(ann.show().await.message, "b2");
                let show = ben.show().await;
                ben.write(&FromClient::Shown(show.n)).await;
            });
            sent.unwrap();
        })
        .await;
    }
}
