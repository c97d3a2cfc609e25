//! Through a pooler that shares its connections, as PgBouncer does in transaction mode.

use std::io;
use std::net::SocketAddr;
use std::str::FromStr;

use countersign::domain::JobKind;
use countersign::store::{ConnectOptions, Error, Store};
use sqlx::postgres::PgConnectOptions;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};

use crate::support::{command, database, opened};

/// Has two connections of the server for each client, and uses the other one after each transaction.
#[derive(Clone)]
struct Pooler {
    there: PgConnectOptions,
    /// What to do about settings of a session: to refuse the client, or to forget them.
    refuses: bool,
}

trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

const ENCRYPTION: [u32; 2] = [80_877_103, 80_877_104];
const REFUSAL: &[u8] = b"SFATAL\0C08P01\0Munsupported startup parameter\0\0";

impl Pooler {
    async fn listen(self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(self.clone().serve(client));
            }
        });
        here
    }

    /// Ends with the client, or with an error when one of the three hangs up.
    async fn serve(self, mut client: TcpStream) -> io::Result<()> {
        let Some(startup) = self.startup(&mut client).await? else { return Ok(()) };
        let mut servers = [self.server().await?, self.server().await?];
        for (at, server) in servers.iter_mut().enumerate() {
            server.write_all(&startup).await?;
            let greeting = until_ready(server).await?;
            if at == 0 {
                client.write_all(&greeting).await?;
            }
        }
        let mut at = 0;
        loop {
            let (kind, message) = message(&mut client).await?;
            servers[at].write_all(&message).await?;
            match kind {
                b'X' => return Ok(()),
                b'Q' | b'S' => {
                    let answer = until_ready(&mut servers[at]).await?;
                    client.write_all(&answer).await?;
                    // Within a transaction the client keeps its connection.
                    if answer.last() == Some(&b'I') {
                        at = 1 - at;
                    }
                }
                _ => {}
            }
        }
    }

    async fn server(&self) -> io::Result<Box<dyn Wire>> {
        let port = self.there.get_port();
        Ok(match self.there.get_socket() {
            Some(directory) => Box::new(UnixStream::connect(directory.join(format!(".s.PGSQL.{port}"))).await?),
            None => Box::new(TcpStream::connect((self.there.get_host(), port)).await?),
        })
    }

    /// What the client begins with, without the settings. None: it was refused.
    async fn startup(&self, client: &mut TcpStream) -> io::Result<Option<Vec<u8>>> {
        loop {
            let mut body = vec![0; client.read_u32().await? as usize - 4];
            client.read_exact(&mut body).await?;
            if ENCRYPTION.iter().any(|code| body == code.to_be_bytes()) {
                client.write_all(b"N").await?;
                continue;
            }
            let (version, pairs) = body.split_at(4);
            let words: Vec<&[u8]> = pairs.split(|byte| *byte == 0).collect();
            let (ours, passed): (Vec<_>, Vec<_>) = words
                .chunks_exact(2)
                .filter(|pair| !pair[0].is_empty())
                .partition(|pair| [&b"options"[..], b"extra_float_digits"].contains(&pair[0]));
            if self.refuses && !ours.is_empty() {
                client.write_all(b"E").await?;
                client.write_u32(REFUSAL.len() as u32 + 4).await?;
                client.write_all(REFUSAL).await?;
                return Ok(None);
            }
            let mut rest = version.to_vec();
            for word in passed.concat() {
                rest.extend_from_slice(word);
                rest.push(0);
            }
            rest.push(0);
            let length = rest.len() as u32 + 4;
            return Ok(Some([&length.to_be_bytes()[..], &rest].concat()));
        }
    }
}

async fn message(from: &mut (impl AsyncRead + Unpin)) -> io::Result<(u8, Vec<u8>)> {
    let kind = from.read_u8().await?;
    let length = from.read_u32().await?;
    let mut body = vec![0; length as usize - 4];
    from.read_exact(&mut body).await?;
    Ok((kind, [&[kind][..], &length.to_be_bytes(), &body].concat()))
}

/// All that the server says until it is ready for more. The last byte tells whether it is within a transaction.
async fn until_ready(server: &mut Box<dyn Wire>) -> io::Result<Vec<u8>> {
    let mut said = Vec::new();
    loop {
        let (kind, message) = message(server).await?;
        said.extend(message);
        if kind == b'Z' {
            return Ok(said);
        }
    }
}

#[tokio::test]
async fn a_decision_is_made_through_a_pooler_and_under_the_same_settings() {
    let db = database().await;
    let name: String = db.value("select current_database()::text").await;
    // No call works under this, so each of them said what it needs.
    db.execute(&format!("alter database {name} set default_transaction_isolation = 'serializable'")).await;
    for refuses in [true, false] {
        let there = PgConnectOptions::from_str(&db.url_of("ada")).unwrap();
        let here = Pooler { there, refuses }.listen().await;
        let address = format!("postgres://{}@{here}/{name}?sslmode=disable", db.login("ada"));
        let ada = Store::connect(&ConnectOptions::new(address)).await.unwrap();
        for _ in 0..3 {
            let question = db.question().await;
            assert_eq!(ada.waiting(100, &Default::default()).await.unwrap().len(), 1);
            let pin = opened(&ada, question.job).await.pin.unwrap();
            // What fails leaves nothing behind for the next.
            assert!(matches!(
                ada.claim_jobs(&[JobKind::Send], 1).await,
                Err(Error::Refused { .. } | Error::NotAllowed { .. })
            ));
            assert!(ada.approve(question.job, &pin, Default::default(), command()).await.unwrap().is_applied());
        }
        assert_eq!(ada.migrate().await, Err(Error::Pooled));
    }
}
