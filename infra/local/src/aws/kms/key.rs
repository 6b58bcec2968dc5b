//! One KMS key: what it is made of, and what may be done with it in which state.

use aws_lc_rs::rand;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    super::{
        refused::Refused,
        wire::{Blob, REGION_AND_ACCOUNT, fresh_uuid, seconds},
    },
    ciphertext::{self, Ciphertext, Context, Opener},
};

/// A symmetric key for encryption.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    id: Uuid,
    description: String,
    created_ms: i64,
    state: KeyState,
    /// The backing key that encrypts. Its number is how many there were before it.
    current: Blob,
    /// The backing keys before it, which still open what they sealed.
    former: Vec<Blob>,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
enum KeyState {
    Enabled,
    Disabled,
    PendingDeletion { at_ms: i64 },
}

impl Key {
    pub fn new(description: String, now_ms: i64) -> Result<Self, Refused> {
        Ok(Self {
            id: fresh_uuid(),
            description,
            created_ms: now_ms,
            state: KeyState::Enabled,
            current: random(32)?,
            former: Vec::new(),
        })
    }

    pub fn id(&self) -> Uuid {
        self.id
    }

    pub fn arn(&self) -> String {
        format!("arn:aws:kms:{REGION_AND_ACCOUNT}:key/{}", self.id)
    }

    pub fn metadata(&self) -> Value {
        let (state, deletion) = match self.state {
            KeyState::Enabled => ("Enabled", None),
            KeyState::Disabled => ("Disabled", None),
            KeyState::PendingDeletion { at_ms } => ("PendingDeletion", Some(seconds(at_ms))),
        };
        let mut metadata = json!({
            "AWSAccountId": "000000000000",
            "Arn": self.arn(),
            "CreationDate": seconds(self.created_ms),
            "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
            "Description": self.description,
            "Enabled": self.state == KeyState::Enabled,
            "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
            "KeyId": self.id,
            "KeyManager": "CUSTOMER",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "KeyState": state,
            "KeyUsage": "ENCRYPT_DECRYPT",
            "MultiRegion": false,
            "Origin": "AWS_KMS",
        });
        if let Some(deletion) = deletion {
            metadata["DeletionDate"] = json!(deletion);
        }
        metadata
    }

    pub fn seal(&self, plaintext: &Blob, context: &Context) -> Result<Blob, Refused> {
        self.check_usable()?;
        let opener = Opener { key: self.id, backing_key: self.former.len() as u64 };
        ciphertext::seal(opener, &self.current, plaintext, context)
    }

    pub fn open(&self, ciphertext: &Ciphertext, context: &Context) -> Result<Blob, Refused> {
        self.check_usable()?;
        let number = usize::try_from(ciphertext.opener.backing_key).map_err(|_| Refused::InvalidCiphertext)?;
        let material = self.former.iter().chain([&self.current]).nth(number).ok_or(Refused::InvalidCiphertext)?;
        ciphertext.open(material, context)
    }

    /// A new backing key for what is sealed from now on.
    pub fn rotate(&mut self) -> Result<(), Refused> {
        self.check_usable()?;
        let next = random(32)?;
        self.former.push(std::mem::replace(&mut self.current, next));
        Ok(())
    }

    pub fn enable(&mut self) -> Result<(), Refused> {
        self.check_not_pending_deletion()?;
        self.state = KeyState::Enabled;
        Ok(())
    }

    pub fn disable(&mut self) -> Result<(), Refused> {
        self.check_not_pending_deletion()?;
        self.state = KeyState::Disabled;
        Ok(())
    }

    pub fn schedule_deletion(&mut self, at_ms: i64) -> Result<(), Refused> {
        self.check_not_pending_deletion()?;
        self.state = KeyState::PendingDeletion { at_ms };
        Ok(())
    }

    /// As in AWS, the key comes back disabled.
    pub fn cancel_deletion(&mut self) -> Result<(), Refused> {
        match self.state {
            KeyState::PendingDeletion { .. } => self.state = KeyState::Disabled,
            KeyState::Enabled | KeyState::Disabled => return Err(Refused::KeyNotPendingDeletion(self.arn())),
        }
        Ok(())
    }

    pub fn is_deleted(&self, now_ms: i64) -> bool {
        matches!(self.state, KeyState::PendingDeletion { at_ms } if at_ms <= now_ms)
    }

    pub fn check_not_pending_deletion(&self) -> Result<(), Refused> {
        match self.state {
            KeyState::PendingDeletion { .. } => Err(Refused::KeyPendingDeletion(self.arn())),
            KeyState::Enabled | KeyState::Disabled => Ok(()),
        }
    }

    fn check_usable(&self) -> Result<(), Refused> {
        match self.state {
            KeyState::Enabled => Ok(()),
            KeyState::Disabled => Err(Refused::KeyDisabled(self.arn())),
            KeyState::PendingDeletion { .. } => Err(Refused::KeyPendingDeletion(self.arn())),
        }
    }
}

/// Bytes that nobody can guess.
pub fn random(length: usize) -> Result<Blob, Refused> {
    let mut bytes = vec![0; length];
    rand::fill(&mut bytes).map_err(|_| Refused::Cryptography)?;
    Ok(Blob(bytes))
}
