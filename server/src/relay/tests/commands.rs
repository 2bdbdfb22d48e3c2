//! What commands may cost.

use client_core::id::CommandId;
use client_core::protocol::{Command, CommandResult};
use rusqlite::{Connection, OpenFlags};
use serde_bytes::ByteBuf;

use crate::app::AppConfig;
use crate::auth::Cost;
use crate::relay::{Allowance, Quotas};
use crate::testing::{Phone, World, hour};

/// A command of a kind that nobody takes, of so many bytes.
fn command(n: u8, bytes: usize) -> Command {
    let body = ByteBuf::from(vec![b'x'; bytes]);
    Command { id: CommandId::from_bytes([n; 16]), kind: "wish".to_owned(), body }
}

async fn send(phone: &mut Phone, commands: Vec<Command>) -> Vec<CommandResult> {
    let mut request = phone.request(Vec::new());
    request.commands = commands;
    phone.exchange_as(request).await.commands
}

fn refused(result: &CommandResult) -> &str {
    result.refused.as_deref().expect("nobody takes wishes")
}

/// Bytes of commands in the data file.
fn kept(world: &World) -> i64 {
    let path = world.dir.path().join(crate::DATA_FILE);
    let file = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let sql = "select coalesce(sum(length(body)), 0) from command";
    file.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn a_command_of_more_than_64_kib_is_refused_with_the_numbers_and_nothing_of_it_is_kept() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let sent = vec![command(1, 64 * 1024), command(2, 64 * 1024 + 1)];
    let answers = send(&mut anna, sent.clone()).await;
    assert_eq!(refused(&answers[0]), "this server takes no commands of kind \"wish\"");
    let too_long = "it holds 65537 bytes, the limit is 65536: say it in fewer words";
    assert_eq!(refused(&answers[1]), too_long);
    assert_eq!(kept(&world), 0, "nor of any other that was refused");
    assert_eq!(send(&mut anna, sent).await, answers, "and it is told again");
}

#[tokio::test]
async fn commands_above_a_quota_wait_on_the_phone_and_are_answered_when_it_is_over() {
    let few = Allowance { changes: 2, ..Quotas::default().device_hour };
    let quotas = Quotas { device_hour: few, ..Quotas::default() };
    let config = AppConfig { password_cost: Cost::CHEAP, quotas, ..AppConfig::default() };
    let world = World::with(config).await;
    let mut anna = world.rep("anna").await;
    let sent: Vec<Command> = (1..=4).map(|n| command(n, 10)).collect();
    let answered = |answers: &[CommandResult]| -> Vec<CommandId> {
        answers.iter().map(|answer| answer.id).collect()
    };
    let ids = |commands: &[Command]| -> Vec<CommandId> {
        commands.iter().map(|command| command.id).collect()
    };
    let answers = send(&mut anna, sent.clone()).await;
    assert_eq!(answered(&answers), ids(&sent[..2]), "what has no answer stays on the phone");
    let again = send(&mut anna, sent[2..].to_vec()).await;
    assert_eq!(answered(&again), []);
    world.pass(hour(1));
    anna.renew().await;
    let later = send(&mut anna, sent[2..].to_vec()).await;
    assert_eq!(answered(&later), ids(&sent[2..]));
}
