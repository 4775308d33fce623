//! What only this library can make: cookies, form tokens and case links.

use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};

/// Seals texts with the library's own key, each for one use, so that a seal of one use is none for
/// another.
#[derive(Clone)]
pub(crate) struct Seal {
    mac: Hmac<Sha256>,
}

/// What a seal is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// A person's cookie.
    Person,
    /// The form token of a person's page.
    Form,
    /// The link that leads back to a person's conversation.
    Link,
    /// The form token of a desk session.
    DeskForm,
}

/// The length of a seal: 128 bits, which nobody tries out.
const SEAL_BYTES: usize = 16;

impl Seal {
    /// With this key.
    pub(crate) fn new(key: &[u8; 32]) -> Seal {
        // A block is at least as long as a key, so it goes in as it is, padded with zeros: the same
        // as HMAC's own beginning, which takes any length and so returns a result.
        let mut block = hmac::digest::generic_array::GenericArray::default();
        block[..key.len()].copy_from_slice(key);
        Seal { mac: <Hmac<Sha256> as hmac::digest::KeyInit>::new(&block) }
    }

    /// The seal of a text.
    pub(crate) fn of(&self, what: Use, text: &str) -> String {
        hex(&self.keyed(what, text).finalize().into_bytes()[..SEAL_BYTES])
    }

    /// Whether a seal is that of a text; compared in constant time.
    pub(crate) fn fits(&self, what: Use, text: &str, seal: &str) -> bool {
        let Some(bytes) = unhex(seal) else { return false };
        bytes.len() == SEAL_BYTES && self.keyed(what, text).verify_truncated_left(&bytes).is_ok()
    }

    fn keyed(&self, what: Use, text: &str) -> Hmac<Sha256> {
        let mut mac = self.mac.clone();
        mac.update(what.name().as_bytes());
        mac.update(&[0]);
        mac.update(text.as_bytes());
        mac
    }
}

impl Use {
    fn name(self) -> &'static str {
        match self {
            Use::Person => "person",
            Use::Form => "form",
            Use::Link => "link",
            Use::DeskForm => "desk-form",
        }
    }
}

/// The longest hexadecimal text that is read.
const HEX_MAX: usize = 128;

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    let fits = digits.len() <= HEX_MAX && digits.len().is_multiple_of(2);
    if !fits || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

/// What a secret that only its owner holds is called in the store: whoever reads the store cannot
/// use it.
pub(crate) fn fingerprint(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

/// So many bytes of chance as hexadecimal digits; `None` if the system has none to give.
pub(crate) fn chance<const BYTES: usize>() -> Option<String> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).ok()?;
    Some(hex(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_fits_its_own_text_and_use_alone() {
        let seal = Seal::new(&[7; 32]);
        let of_ben = seal.of(Use::Person, "ben");
        assert!(seal.fits(Use::Person, "ben", &of_ben));
        assert!(!seal.fits(Use::Form, "ben", &of_ben));
        assert!(!seal.fits(Use::Person, "bem", &of_ben));
        assert!(!Seal::new(&[8; 32]).fits(Use::Person, "ben", &of_ben));
        for forged in ["", "00", &of_ben[2..], "zz", "é", &"0".repeat(32), &"0".repeat(4_000)] {
            assert!(!seal.fits(Use::Person, "ben", forged), "{forged}");
        }
    }
}
