use shared::keys::Tier;
use shared::users::{Role, User};
use shared::{Error, Result};

/// Whether somebody may give a key this tier: every other than the free one is an administrator's to give.
pub fn may_give(user: &User, tier: Tier) -> Result<()> {
    if tier != Tier::Free && user.role != Role::Admin {
        return Err(Error::PrivilegeMissing("give a key another tier than free"));
    }
    Ok(())
}
