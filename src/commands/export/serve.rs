//! The one page that Prometheus reads.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CONTENT_TYPE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, Semaphore};
use tokio::time::timeout;

use super::metrics;
use crate::commands::Failure;
use crate::commands::interrupt::Interrupt;
use crate::store::Store;

/// However many ask, the database is asked no more often than this.
const FRESH: Duration = Duration::from_secs(1);
/// Less than Prometheus waits for a page.
const PATIENCE: Duration = Duration::from_secs(8);
/// Whoever has not asked for anything by then is let go.
const ASKS_WITHIN: Duration = Duration::from_secs(10);
/// Connections at one time; more have to wait.
const CONNECTIONS: usize = 32;

/// What was told last, and when.
type Page = (Instant, Bytes);

struct Exporter {
    store: Store,
    page: Mutex<Option<Page>>,
}

/// Listens until it is stopped. `ready` is told where, which matters for port 0.
pub async fn until_stopped(
    store: Store,
    listen: SocketAddr,
    ready: impl FnOnce(SocketAddr) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut interrupt = Interrupt::listen()?;
    let listener = TcpListener::bind(listen).await.map_err(|error| {
        Failure::refused(format!("cannot listen on {listen}: {error}; name another address with --listen"))
    })?;
    ready(listener.local_addr()?)?;
    let exporter = Arc::new(Exporter { store, page: Mutex::new(None) });
    let seats = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let seat = Arc::clone(&seats).acquire_owned().await.expect("nobody closes the semaphore");
        let stream = tokio::select! {
            () = interrupt.heard() => return Ok(()),
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                // Out of file descriptors, or the other side has gone already.
                Err(error) => {
                    tracing::warn!(%error, "export");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
        };
        let exporter = Arc::clone(&exporter);
        tokio::spawn(async move {
            let answer = service_fn(|request| answer(Arc::clone(&exporter), request));
            let served = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(ASKS_WITHIN)
                .serve_connection(TokioIo::new(stream), answer)
                .await;
            if let Err(error) = served {
                tracing::debug!(%error, "export");
            }
            drop(seat);
        });
    }
}

async fn answer(exporter: Arc<Exporter>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let plain =
        |status, text: &'static str| page(status, "text/plain; charset=utf-8", Bytes::from_static(text.as_bytes()));
    let mut response = match (request.method(), request.uri().path()) {
        (&Method::GET | &Method::HEAD, "/metrics") => {
            page(StatusCode::OK, metrics::CONTENT_TYPE, exporter.current().await)
        }
        (&Method::GET | &Method::HEAD, "/") => {
            plain(StatusCode::OK, "countersign exports its metrics under /metrics\n")
        }
        (&Method::GET | &Method::HEAD, _) => plain(StatusCode::NOT_FOUND, "there is only /metrics\n"),
        _ => plain(StatusCode::METHOD_NOT_ALLOWED, "this can only be read\n"),
    };
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(ALLOW, hyper::header::HeaderValue::from_static("GET, HEAD"));
    }
    Ok(response)
}

fn page(status: StatusCode, content_type: &'static str, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static(content_type));
    response
}

impl Exporter {
    /// What the database says now, or said within the last second. Who asks meanwhile waits for the same answer.
    async fn current(&self) -> Bytes {
        let mut page = self.page.lock().await;
        if let Some((at, text)) = &*page
            && at.elapsed() < FRESH
        {
            return text.clone();
        }
        let begin = Instant::now();
        let looked = match timeout(PATIENCE, self.store.look()).await {
            Ok(Ok(look)) => Some(look),
            Ok(Err(error)) => {
                tracing::warn!(%error, "export");
                None
            }
            Err(_) => None,
        };
        let text = metrics::text(looked.as_ref(), begin.elapsed()).expect("a string takes everything");
        let text = Bytes::from(text);
        *page = Some((Instant::now(), text.clone()));
        text
    }
}
