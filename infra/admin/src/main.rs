//! The operator's command: `altus4-admin grant EMAIL`, `… revoke EMAIL`, `… logout EMAIL`, `… close ID`, `… rewrap` or
//! `… rollups rebuild`.

use std::process::ExitCode;

use shared::analytics::Rebuilt;
use shared::app::App;
use shared::error::chain;
use shared::id::UserId;
use shared::users::Role;

const USAGE: &str =
    "usage: altus4-admin grant EMAIL | revoke EMAIL | logout EMAIL | close ID | rewrap | rollups rebuild --user ID|--all

  grant   makes the account an administrator
  revoke  makes it an ordinary user again
  logout  ends every session of the account; its keys stay
  close   closes the account with this id for good, or finishes a closing that was cut short
  rewrap  seals the credentials of all connections anew, under what the KMS key is now
  rollups rebuild  makes the figures of searches anew, of one account or of all

Reads the same environment as the functions (ALTUS4_TABLE, ALTUS4_KMS_KEY, ALTUS4_SESSION_SECRET) and the credentials
of AWS as the AWS CLI does. See docs/operations.md.";

type Failed = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let done = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["grant", email] => set_role(email, Role::Admin).await,
        ["revoke", email] => set_role(email, Role::User).await,
        ["logout", email] => log_out(email).await,
        ["close", id] => match id.parse() {
            Ok(id) => close(id).await,
            Err(_) => Err(no_id(id)),
        },
        ["rewrap"] => rewrap().await,
        ["rollups", "rebuild", "--all"] => rebuild(None).await,
        ["rollups", "rebuild", "--user", id] => match id.parse() {
            Ok(id) => rebuild(Some(id)).await,
            Err(_) => Err(no_id(id)),
        },
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("altus4-admin: {}", chain(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

async fn set_role(email: &str, role: Role) -> Result<(), Failed> {
    admin::set_role(&App::of_operator().await?, email, role).await?;
    println!("{email} has the role {role:?} from the next login on; its sessions have ended");
    Ok(())
}

async fn log_out(email: &str) -> Result<(), Failed> {
    admin::end_sessions(&App::of_operator().await?, email).await?;
    println!("every session of {email} has ended");
    Ok(())
}

async fn close(owner: UserId) -> Result<(), Failed> {
    admin::close(&App::of_operator().await?, owner).await?;
    println!("{owner} is closed: no key and no connection is left of it");
    Ok(())
}

fn no_id(id: &str) -> Failed {
    format!("{id:?} is no id of an account").into()
}

async fn rewrap() -> Result<(), Failed> {
    let rewrapped = admin::rewrap(&App::of_operator().await?, |line| println!("{line}")).await?;
    let admin::Rewrapped { done, gone, failed } = rewrapped;
    println!("{done} sealed anew, {gone} removed meanwhile, {failed} left as they were");
    if failed == 0 { Ok(()) } else { Err("run it again when the cause is mended: it takes up what was left".into()) }
}

async fn rebuild(owner: Option<UserId>) -> Result<(), Failed> {
    let accounts = admin::rebuild(&App::of_operator().await?, owner, |line| println!("{line}")).await?;
    let Rebuilt { mended, right, left, added } = accounts.days;
    println!("{mended} days mended, {right} right, {left} left whose searches have ended; {added} searches added");
    if accounts.failed == 0 {
        Ok(())
    } else {
        Err(format!("{} accounts were left as they are", accounts.failed).into())
    }
}
