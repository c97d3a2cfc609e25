//! The keys themselves: how they are made, held and written.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, ExposeSecretMut, SecretBox};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::error::{Error, Result};

const KEY_LENGTH: usize = 32;

/// The keys of all agencies a ring knows, by the agency's slug.
pub(super) type Agencies = BTreeMap<String, AgencyKeys>;

/// What one agency's bodies are sealed and named with.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AgencyKeys {
    /// Never rotates: pins in flight and ids derived earlier stay valid.
    pub digest_key: Secret,
    data_keys: DataKeys,
}

impl AgencyKeys {
    pub fn generate() -> Result<Self> {
        Ok(Self { digest_key: Secret::generate()?, data_keys: DataKeys(vec![DataKey::generate()?]) })
    }

    /// From now on this key seals; bodies under the older ones still open.
    pub fn rotate(&mut self, key: NewKey) {
        self.data_keys.0.push(key.0);
    }

    /// The newest key.
    pub fn sealing(&self) -> &DataKey {
        self.data_keys.0.last().expect("an agency has at least one data key")
    }

    pub fn data_key(&self, id: KeyId) -> Option<&DataKey> {
        self.data_keys.0.iter().find(|key| key.id == id)
    }

    /// Oldest first.
    pub fn data_keys(&self) -> &[DataKey] {
        &self.data_keys.0
    }
}

/// A key that encrypts bodies.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DataKey {
    pub id: KeyId,
    pub key: Secret,
}

impl DataKey {
    fn generate() -> Result<Self> {
        Ok(Self { id: KeyId(Uuid::from_bytes(random()?)), key: Secret::generate()? })
    }
}

/// A data key that no ring has yet: its name is made known first, so that nothing is sealed under a key that the
/// database refuses.
#[derive(Debug)]
pub struct NewKey(DataKey);

impl NewKey {
    pub fn generate() -> Result<Self> {
        Ok(Self(DataKey::generate()?))
    }

    pub fn id(&self) -> String {
        self.0.id.to_text()
    }
}

/// Oldest first, never empty.
#[derive(Debug, Serialize, Deserialize)]
#[serde(try_from = "Vec<DataKey>")]
struct DataKeys(Vec<DataKey>);

impl TryFrom<Vec<DataKey>> for DataKeys {
    type Error = &'static str;

    fn try_from(keys: Vec<DataKey>) -> std::result::Result<Self, Self::Error> {
        if keys.is_empty() { Err("no data keys") } else { Ok(Self(keys)) }
    }
}

/// 16 random bytes that name a data key; as text 32 lowercase hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct KeyId(#[serde(with = "uuid::serde::simple")] Uuid);

impl KeyId {
    pub const LENGTH: usize = 16;

    pub fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    pub fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        self.0.as_bytes()
    }

    pub fn to_text(self) -> String {
        self.0.simple().to_string()
    }
}

/// 256 secret bits: wiped from memory when dropped, never printed, base64 in files.
#[derive(Debug)]
pub(super) struct Secret(SecretBox<[u8; KEY_LENGTH]>);

impl Secret {
    pub fn generate() -> Result<Self> {
        let mut secret = Self(SecretBox::default());
        fill(secret.0.expose_secret_mut())?;
        Ok(secret)
    }

    pub fn expose(&self) -> &[u8; KEY_LENGTH] {
        self.0.expose_secret()
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(&Zeroizing::new(STANDARD.encode(self.expose())))
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_str(SecretText)
    }
}

/// Reads a secret where it stands, without a copy of its text that nobody would wipe.
struct SecretText;

impl de::Visitor<'_> for SecretText {
    type Value = Secret;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("32 bytes in base64")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> std::result::Result<Secret, E> {
        let bytes = Zeroizing::new(STANDARD.decode(text).map_err(|_| E::custom("not base64"))?);
        if bytes.len() != KEY_LENGTH {
            return Err(E::custom("not 32 bytes"));
        }
        let mut secret = Secret(SecretBox::default());
        secret.0.expose_secret_mut().copy_from_slice(&bytes);
        Ok(secret)
    }
}

/// Random bytes of the operating system.
pub(super) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    fill(&mut bytes)?;
    Ok(bytes)
}

fn fill(bytes: &mut [u8]) -> Result<()> {
    getrandom::fill(bytes).map_err(|_| Error::NoRandomness)
}
