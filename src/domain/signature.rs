//! Signatures of what is sent to other programs: HMAC-SHA256 (RFC 2104) over the second it was sent and the body.
//!
//! The header `Yuelu-Signature` reads `t=SECONDS,v1=HEX`, where HEX is the HMAC of `SECONDS`, a dot and the body under the shared
//! secret. Whoever receives it computes the same, compares, and refuses what is older than a few minutes.

use super::time::Timestamp;
use sha2::{Digest as _, Sha256};

/// Name of the header.
pub const HEADER: &str = "yuelu-signature";

/// Bytes of a block of SHA-256.
const BLOCK: usize = 64;

/// HMAC-SHA256 in lower-case hex.
pub fn hmac(key: &[u8], message: &[u8]) -> String {
    let hashed = Sha256::digest(key);
    let key = if key.len() > BLOCK { hashed.as_slice() } else { key };
    let padded = |mask: u8| key.iter().copied().chain(std::iter::repeat(0)).take(BLOCK).map(|byte| byte ^ mask).collect::<Vec<u8>>();
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(message).finalize();
    let outer = Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize();
    outer.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The value of the header for a body sent at `at`.
pub fn of(secret: &str, at: Timestamp, body: &[u8]) -> String {
    let seconds = at.millis().div_euclid(1_000);
    let signed = [format!("{seconds}.").as_bytes(), body].concat();
    format!("t={seconds},v1={}", hmac(secret.as_bytes(), &signed))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, cases 2 and 6.
    #[test]
    fn hmac_is_that_of_the_standard() {
        let short = hmac(b"Jefe", b"what do ya want for nothing?");
        assert_eq!(short, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        let long = hmac(&[0xaa; 131], b"Test Using Larger Than Block-Size Key - Hash Key First");
        assert_eq!(long, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    }

    #[test]
    fn a_signature_names_its_second() {
        let header = of("secret", Timestamp::from_millis(1_790_000_000_999), b"{}");
        assert_eq!(header, format!("t=1790000000,v1={}", hmac(b"secret", b"1790000000.{}")));
    }
}
