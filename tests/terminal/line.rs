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

    /// Everything that was sent meanwhile arrives.
    pub fn thaw(&self) {
        self.gate.send_replace(State::Open);
    }
}

async fn connect(client: TcpStream, server: PgConnectOptions, gate: Gate) -> io::Result<()> {
    pass(&gate).await;
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
            let closes = matches!(state, State::ClosesAt(word) if contains(sent, word.as_bytes()));
            if closes {
                *state = State::Closed;
            }
            closes
        });
    };
    let forth = forward(from_client, to_server, &gate, notice);
    let back = forward(from_server, to_client, &gate, |_| {});
    tokio::try_join!(forth, back).map(|_| ())
}

async fn forward(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    gate: &Gate,
    notice: impl Fn(&[u8]),
) -> io::Result<()> {
    let mut chunk = [0; 8192];
    loop {
        let count = from.read(&mut chunk).await?;
        notice(&chunk[..count]);
        pass(gate).await;
        if count == 0 {
            return to.shutdown().await;
        }
        to.write_all(&chunk[..count]).await?;
    }
}

async fn pass(gate: &Gate) {
    gate.subscribe()
        .wait_for(|state| *state != State::Closed)
        .await
        .expect("the gate is kept as long as it is waited at");
}

fn contains(sent: &[u8], word: &[u8]) -> bool {
    sent.windows(word.len()).any(|window| window == word)
}
