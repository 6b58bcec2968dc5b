//! The operator's command: `altus4-admin grant EMAIL` or `altus4-admin revoke EMAIL`.

use std::process::ExitCode;

use shared::app::App;
use shared::error::chain;
use shared::users::Role;

const USAGE: &str = "usage: altus4-admin grant|revoke EMAIL

  grant   makes the account an administrator
  revoke  makes it an ordinary user again

Reads the same environment as the functions (ALTUS4_TABLE, ALTUS4_KMS_KEY, ALTUS4_SESSION_SECRET) and the credentials
of AWS as the AWS CLI does. See docs/operations.md.";

#[tokio::main]
async fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (role, email) = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["grant", email] => (Role::Admin, email),
        ["revoke", email] => (Role::User, email),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(email, role).await {
        Ok(()) => {
            println!("{email} has the role {role:?} from the next login on; its sessions have ended");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("altus4-admin: {}", chain(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

async fn run(email: &str, role: Role) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let app = App::start().await?;
    Ok(admin::set_role(&app, email, role).await?)
}
