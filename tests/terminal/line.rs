//! A network between a program and the database, which keeps what is sent to itself while it is frozen.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;

/// All connections over it stand still together.
pub struct Line {
    here: SocketAddr,
    there: PgConnectOptions,
    gate: Gate,
}

type Gate = Arc<watch::Sender<State>>;

#[derive(Clone, PartialEq)]
enum State {
    Open,
    /// Freezes when a client sends this, and keeps it.
    ClosesAt(String),
    Closed,
    /// Answers no more from the moment on in which a client sends this.
    FallsSilentAt(String),
    Silent,
    /// Breaks when a client sends this, and keeps it.
    BreaksAt(String),
    Broken,
}

impl Line {
    /// A line to the server and database of this address, for the login in it.
    pub async fn to(there: PgConnectOptions) -> Line {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = listener.local_addr().unwrap();
        let gate = Gate::new(watch::channel(State::Open).0);
        let (server, shared) = (there.clone(), Arc::clone(&gate));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(connect(client, server.clone(), Arc::clone(&shared)));
            }
        });
        Line { here, there, gate }
    }

    /// The same database and login, at this end of the line.
    pub fn url(&self) -> String {
        let (login, database) = (self.there.get_username(), self.there.get_database().unwrap());
        let here = PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(self.here.port());
        here.username(login).database(database).ssl_mode(PgSslMode::Disable).to_url_lossy().to_string()
    }

    /// From the moment on in which a client sends this, nothing arrives, and nobody is told.
    pub fn freeze_at(&self, word: &str) {
        self.gate.send_replace(State::ClosesAt(word.to_owned()));
    }

    /// From the moment on in which a client sends this, everything arrives at the server and nothing comes back.
    pub fn fall_silent_at(&self, word: &str) {
        self.gate.send_replace(State::FallsSilentAt(word.to_owned()));
    }

    /// Breaks every connection in the moment in which a client sends this, which does not arrive.
    pub fn break_at(&self, word: &str) {
        self.gate.send_replace(State::BreaksAt(word.to_owned()));
    }

    /// Breaks every connection now.
    pub fn cut(&self) {
        self.gate.send_replace(State::Broken);
    }

    /// Everything that was sent meanwhile arrives.
    pub fn thaw(&self) {
        self.gate.send_replace(State::Open);
    }
}

async fn connect(client: TcpStream, server: PgConnectOptions, gate: Gate) -> io::Result<()> {
    pass(&gate, &[State::Closed]).await;
    let port = server.get_port();
    match server.get_socket() {
        Some(directory) => {
            let server = UnixStream::connect(directory.join(format!(".s.PGSQL.{port}"))).await?;
            join(client.into_split(), server.into_split(), gate).await
        }
        None => {
            join(client.into_split(), TcpStream::connect((server.get_host(), port)).await?.into_split(), gate).await
        }
    }
}

/// What one side sent before it hung up still arrives at the other.
async fn join(
    (from_client, to_client): (impl AsyncRead + Unpin, impl AsyncWrite + Unpin),
    (from_server, to_server): (impl AsyncRead + Unpin, impl AsyncWrite + Unpin),
    gate: Gate,
) -> io::Result<()> {
    let notice = |sent: &[u8]| {
        gate.send_if_modified(|state| {
            let (word, then) = match &*state {
                State::ClosesAt(word) => (word, State::Closed),
                State::FallsSilentAt(word) => (word, State::Silent),
                State::BreaksAt(word) => (word, State::Broken),
                State::Open | State::Closed | State::Silent | State::Broken => return false,
            };
            let is_said = contains(sent, word.as_bytes());
            if is_said {
                *state = then;
            }
            is_said
        });
    };
    let forth = forward(from_client, to_server, &gate, &[State::Closed, State::Broken], notice);
    let back = forward(from_server, to_client, &gate, &[State::Closed, State::Silent, State::Broken], |_| {});
    tokio::select! {
        ended = async { tokio::try_join!(forth, back) } => ended.map(|_| ()),
        // Both ends are dropped.
        () = broken(&gate) => Ok(()),
    }
}

async fn broken(gate: &Gate) {
    let mut state = gate.subscribe();
    state.wait_for(|state| *state == State::Broken).await.expect("the gate is kept as long as it is waited at");
}

async fn forward(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    gate: &Gate,
    stopped_by: &[State],
    notice: impl Fn(&[u8]),
) -> io::Result<()> {
    let mut chunk = [0; 8192];
    loop {
        let count = from.read(&mut chunk).await?;
        notice(&chunk[..count]);
        pass(gate, stopped_by).await;
        if count == 0 {
            return to.shutdown().await;
        }
        to.write_all(&chunk[..count]).await?;
    }
}

async fn pass(gate: &Gate, stopped_by: &[State]) {
    gate.subscribe()
        .wait_for(|state| !stopped_by.contains(state))
        .await
        .expect("the gate is kept as long as it is waited at");
}

fn contains(sent: &[u8], word: &[u8]) -> bool {
    sent.windows(word.len()).any(|window| window == word)
}
