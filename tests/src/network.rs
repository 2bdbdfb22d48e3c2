//! A network that behaves as told: between phones and the server, request by request.
//!
//! It reads whole requests and whole answers, so that "cut after 300 bytes" means the
//! same bytes every time, and a rule can look at what is asked before it decides.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What becomes of one request.
#[derive(Debug, Clone)]
pub enum Rule {
    /// It goes through.
    Pass,
    /// Somebody in between answers, with these bytes, and the server never hears of it.
    Answer(String),
    /// The server does it, and its answer is lost.
    LoseAnswer,
    /// The server gets it twice; the phone gets the second answer.
    Twice,
    /// Nobody answers, and nobody hangs up.
    Silence,
    /// So many bytes go up, then the line is dead.
    CutUp(usize),
    /// So many bytes come down, then the line is dead.
    CutDown(usize),
    /// So many bytes come down, then nothing more, and nobody hangs up.
    Stall(usize),
    /// Both ways at a pace.
    Slow(Pace),
}

/// How slow a line is.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Bytes at a time.
    pub packet: usize,
    /// Time between them.
    pub every: Duration,
    /// Each so-manyth is lost and comes later.
    pub lost: usize,
    /// By so much.
    pub again_after: Duration,
}

/// What a rule may look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The path.
    pub path: String,
    /// Bytes of the whole request.
    pub bytes: usize,
    /// How many went before it.
    pub number: usize,
}

/// What crossed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crossed {
    /// What was asked.
    pub asked: Asked,
    /// Bytes of the server's answer; 0 if it was not asked.
    pub answer: usize,
}

type Decide = Arc<dyn Fn(&Asked) -> Rule + Send + Sync>;

struct Shared {
    server: Mutex<SocketAddr>,
    decide: Mutex<Decide>,
    crossed: Mutex<Vec<Crossed>>,
}

/// A running network; ends when it is dropped.
pub struct Network {
    addr: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl Network {
    /// Listens on a free port; everything passes until told otherwise.
    ///
    /// # Errors
    /// If it cannot listen.
    pub async fn before(server: SocketAddr) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let addr = listener.local_addr()?;
        let shared = Arc::new(Shared {
            server: Mutex::new(server),
            decide: Mutex::new(Arc::new(|_asked| Rule::Pass)),
            crossed: Mutex::default(),
        });
        let of_task = Arc::clone(&shared);
        #[expect(clippy::disallowed_methods, reason = "the network itself is its only tracker")]
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((phone, _)) = listener.accept().await {
                connections.spawn(serve(phone, Arc::clone(&of_task)));
            }
        });
        Ok(Self { addr, shared, task })
    }

    /// Its address as a URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The server stands elsewhere now.
    pub fn leads_to(&self, server: SocketAddr) {
        *lock(&self.shared.server) = server;
    }

    /// From the next request on.
    pub fn rule(&self, decide: impl Fn(&Asked) -> Rule + Send + Sync + 'static) {
        *lock(&self.shared.decide) = Arc::new(decide);
    }

    /// The same for every request.
    pub fn all(&self, rule: Rule) {
        self.rule(move |_asked| rule.clone());
    }

    /// What crossed since the last look.
    pub fn crossed(&self) -> Vec<Crossed> {
        std::mem::take(&mut *lock(&self.shared.crossed))
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One connection of a phone's, request after request.
async fn serve(mut phone: TcpStream, shared: Arc<Shared>) {
    if phone.set_nodelay(true).is_err() {
        return;
    }
    let mut number = 0;
    while let Some(request) = message(&mut phone).await {
        let line = request.split(|byte| *byte == b'\r').next().unwrap_or_default();
        let path = String::from_utf8_lossy(line).split(' ').nth(1).unwrap_or_default().to_owned();
        let asked = Asked { path, bytes: request.len(), number };
        number += 1;
        let decide = Arc::clone(&lock(&shared.decide));
        let rule = decide(&asked);
        let server = *lock(&shared.server);
        let note = |answer: usize| {
            lock(&shared.crossed).push(Crossed { asked: asked.clone(), answer });
        };
        match rule {
            Rule::Pass | Rule::Slow(_) => {
                let pace = if let Rule::Slow(pace) = rule { Some(pace) } else { None };
                let Some(answer) = ask(server, &request, pace).await else { return };
                note(answer.len());
                if send(&mut phone, &answer, pace).await.is_err() {
                    return;
                }
            }
            Rule::Answer(answer) => {
                note(0);
                let _sent = phone.write_all(answer.as_bytes()).await;
                let _closed = phone.shutdown().await;
                return;
            }
            Rule::LoseAnswer => {
                note(ask(server, &request, None).await.unwrap_or_default().len());
                return;
            }
            Rule::Twice => {
                let _first = ask(server, &request, None).await;
                let Some(answer) = ask(server, &request, None).await else { return };
                note(answer.len());
                if phone.write_all(&answer).await.is_err() {
                    return;
                }
            }
            Rule::Silence => {
                note(0);
                hang_on(&mut phone).await;
                return;
            }
            Rule::CutUp(bytes) => {
                let part = request.get(..bytes).unwrap_or(&request);
                if let Ok(mut line) = TcpStream::connect(server).await {
                    let _sent = line.write_all(part).await;
                }
                note(0);
                return;
            }
            Rule::CutDown(bytes) | Rule::Stall(bytes) => {
                let answer = ask(server, &request, None).await.unwrap_or_default();
                note(answer.len());
                let _sent = phone.write_all(answer.get(..bytes).unwrap_or(&answer)).await;
                if matches!(rule, Rule::Stall(_)) {
                    hang_on(&mut phone).await;
                }
                return;
            }
        }
    }
}

/// Waits until the phone hangs up, or the test is over.
async fn hang_on(phone: &mut TcpStream) {
    let mut nothing = [0; 64];
    while matches!(phone.read(&mut nothing).await, Ok(1..)) {}
}

/// Asks the server on a line of its own.
async fn ask(server: SocketAddr, request: &[u8], pace: Option<Pace>) -> Option<Vec<u8>> {
    let mut line = TcpStream::connect(server).await.ok()?;
    line.set_nodelay(true).ok()?;
    send(&mut line, request, pace).await.ok()?;
    message(&mut line).await
}

async fn send(
    to: &mut (impl AsyncWrite + Unpin),
    bytes: &[u8],
    pace: Option<Pace>,
) -> std::io::Result<()> {
    let Some(pace) = pace else { return to.write_all(bytes).await };
    for (number, packet) in bytes.chunks(pace.packet).enumerate() {
        tokio::time::sleep(pace.every).await;
        if number % pace.lost == pace.lost - 1 {
            tokio::time::sleep(pace.again_after).await;
        }
        to.write_all(packet).await?;
    }
    Ok(())
}

/// One HTTP message with its body; none at the end, or if it is cut short.
async fn message(from: &mut (impl AsyncRead + Unpin)) -> Option<Vec<u8>> {
    let mut read = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        if let Some(whole) = length(&read)
            && read.len() >= whole
        {
            return Some(read);
        }
        match from.read(&mut buffer).await {
            Ok(more @ 1..) => read.extend_from_slice(buffer.get(..more)?),
            _ => return None,
        }
    }
}

/// How long the message is that begins so; none while its head is not complete.
fn length(read: &[u8]) -> Option<usize> {
    let head = read.windows(4).position(|at| at == b"\r\n\r\n")? + 4;
    let lines = String::from_utf8_lossy(read.get(..head)?).to_ascii_lowercase();
    let body = lines.lines().find_map(|line| line.strip_prefix("content-length:"));
    Some(head + body.and_then(|length| length.trim().parse().ok()).unwrap_or(0))
}
