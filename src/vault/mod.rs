//! Keyring, sealing and opening of bodies, keyed digests.
