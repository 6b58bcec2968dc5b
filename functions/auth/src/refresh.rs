use shared::Result;
use shared::app::App;
use shared::http::{Renewing, Reply, State};

use crate::view::SignedIn;

/// `POST /api/v1/auth/refresh`: a new token for one that is good or only just over, or for the cookie. The token stands
/// beside `data` too, where the SDK looks for it.
pub async fn refresh(State(app): State<App>, Renewing(user): Renewing) -> Result<Reply<SignedIn>> {
    let (signed_in, cookie) = SignedIn::of(&app, user).await?;
    let (token, expires_in) = (signed_in.token().token.clone(), signed_in.token().expires_in);
    Ok(Reply::ok(signed_in).beside("token", token).beside("expiresIn", expires_in).cookie(cookie))
}
