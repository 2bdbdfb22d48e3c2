//! Messages on their way.
//!
//! An answer belongs to the connection of its request: a phone that gave up never
//! hears it. A request has no such luck, and may arrive twice, or long after the
//! phone stopped waiting and sent the next one.

use client_core::engine::Outbound;
use client_core::protocol::REFRESH_PATH;
use client_core::sync::Answer;

use super::script::Fate;

/// What is on the way.
#[derive(Debug, Clone)]
pub enum Cargo {
    /// To the server.
    Request(Outbound),
    /// To the phone.
    Answer(Answer),
}

/// A message.
#[derive(Debug, Clone)]
pub struct Message {
    /// An exchange keeps its number on the way back.
    pub id: u64,
    /// The phone at its end.
    pub phone: usize,
    /// What it carries.
    pub cargo: Cargo,
}

/// Everything on the way, oldest first.
#[derive(Debug, Default)]
pub struct Network {
    messages: Vec<Message>,
    next: u64,
}

impl Network {
    /// Sends a request; its number.
    pub fn post(&mut self, phone: usize, post: Outbound) -> u64 {
        self.next += 1;
        self.messages.push(Message { id: self.next, phone, cargo: Cargo::Request(post) });
        self.next
    }

    /// Sends what comes back.
    pub fn reply(&mut self, id: u64, phone: usize, answer: Answer) {
        self.messages.push(Message { id, phone, cargo: Cargo::Answer(answer) });
    }

    /// Takes the n-th message off the way, round and round.
    pub fn take(&mut self, nth: u8) -> Option<Message> {
        let index = usize::from(nth).checked_rem(self.messages.len())?;
        Some(self.messages.remove(index))
    }

    /// Takes the message with this number.
    pub fn take_id(&mut self, id: u64) -> Option<Message> {
        let index = self.messages.iter().position(|message| message.id == id)?;
        Some(self.messages.remove(index))
    }

    /// Leaves a copy of a request on the way that nobody waits for.
    pub fn leave_copy(&mut self, phone: usize, post: &Outbound) {
        // A refresh token that comes again after its successor was used is taken for
        // a stolen one, and rightly: no network of ours repeats one that late.
        if post.path != REFRESH_PATH {
            self.post(phone, post.clone());
        }
    }

    /// Nobody waits for this one any more.
    pub fn abandon(&mut self, id: u64) {
        self.messages.retain(|message| {
            let refresh =
                matches!(&message.cargo, Cargo::Request(post) if post.path == REFRESH_PATH);
            let answer = matches!(message.cargo, Cargo::Answer(_));
            message.id != id || !(refresh || answer)
        });
    }

    /// Everything on the way is lost.
    pub fn clear(&mut self) {
        self.messages.clear();
    }
}

/// What somebody in between answers, if this fate has somebody answer in between.
pub fn in_between(fate: Fate) -> Option<Answer> {
    let page = |status: u16, body: &str| Answer {
        status,
        content_type: Some("text/html; charset=utf-8".into()),
        body: body.as_bytes().to_vec(),
        ..Answer::default()
    };
    match fate {
        Fate::Whole | Fate::Twice | Fate::Cut(_) | Fate::Noise => None,
        Fate::Portal => Some(page(200, "<html><body>Please sign in to the hotel</body></html>")),
        Fate::BadGateway => Some(page(502, "<html><body>bad gateway</body></html>")),
        Fate::TooLarge => Some(page(413, "<html><body>too large</body></html>")),
    }
}

/// What is left of a body after this fate.
pub fn damaged(mut body: Vec<u8>, fate: Fate) -> Vec<u8> {
    match fate {
        Fate::Cut(thousandths) => body.truncate(body.len() * usize::from(thousandths) / 1_000),
        Fate::Noise => {
            for (place, byte) in body.iter_mut().enumerate() {
                *byte ^= u8::try_from(place % 251).unwrap_or(0) | 0x80;
            }
        }
        _ => {}
    }
    body
}
