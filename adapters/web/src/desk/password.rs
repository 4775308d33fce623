//! The desk's password, kept as its argon2 hash (RFC 9106; parameters: OWASP Password Storage Cheat
//! Sheet).

use argon2::password_hash::{PasswordHash, SaltString};
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use tokio::sync::Semaphore;

/// The longest password that is read: a whole sentence, and no work for the hash.
pub(super) const PASSWORD_MAX: usize = 256;

/// Hashes at once: each takes 19 MiB and a core for a moment.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// The hash of a password in PHC form; `None` if the system has no chance to give for its salt.
pub fn hash_password(password: &str) -> Option<String> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).ok()?;
    let salt = SaltString::encode_b64(&salt).ok()?;
    let hash = Argon2::default().hash_password(password.as_bytes(), &salt).ok()?;
    Some(hash.to_string())
}

/// Whether this is a hash that passwords can be compared with.
pub fn is_password_hash(text: &str) -> bool {
    PasswordHash::new(text).is_ok_and(|hash| hash.hash.is_some())
}

/// Whether a password is the one of this hash.
pub(super) async fn fits(password: String, hash: String) -> bool {
    let Ok(_held) = AT_ONCE.acquire().await else { return false };
    let compare = move || {
        PasswordHash::new(&hash)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
    };
    tokio::task::spawn_blocking(compare).await.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_alone() {
        let hash = hash_password("honey and thyme").unwrap();
        assert!(hash.starts_with("$argon2id$") && is_password_hash(&hash));
        assert!(fits("honey and thyme".to_owned(), hash.clone()).await);
        assert!(!fits("honey and time".to_owned(), hash.clone()).await);
        assert_ne!(hash, hash_password("honey and thyme").unwrap());
        for text in ["", "honey", "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA"] {
            assert!(!is_password_hash(text), "{text}");
        }
    }
}
