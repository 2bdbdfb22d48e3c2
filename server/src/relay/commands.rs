//! Commands: kept once, answered clearly.

use client_core::protocol::{Command, CommandResult};
use client_core::time::Timestamp;

use super::SyncError;
use crate::app::App;
use crate::auth::SignedDevice;
use crate::storage::Documents;
use crate::storage::model::NewCommand;

/// Takes commands in order. A repeated one gets the answer it got before.
pub(super) async fn take(
    app: &App,
    from: &SignedDevice,
    commands: Vec<Command>,
    now: Timestamp,
) -> Result<Vec<CommandResult>, SyncError> {
    let mut results = Vec::with_capacity(commands.len());
    for command in commands {
        let id = command.id;
        if let Some(refused) = app.storage().command_answer(from.signed.org, id).await? {
            results.push(CommandResult { id, refused });
            continue;
        }
        // No kind has a handler yet; a stored command of a kind that gets one later
        // can be taken up from the table.
        let refused = Some(format!("this server takes no commands of kind {:?}", command.kind));
        let kept = NewCommand {
            id,
            user: from.signed.user,
            device: from.device,
            kind: command.kind,
            body: command.body.into_vec(),
            refused: refused.clone(),
        };
        app.storage().keep_command(from.signed.org, kept, now).await?;
        results.push(CommandResult { id, refused });
    }
    Ok(results)
}
