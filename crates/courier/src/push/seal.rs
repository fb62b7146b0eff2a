//! A message that only one browser can read: RFC 8291 over RFC 8188, one record.

use aws_lc_rs::{
    aead::{AES_128_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree},
    error::Unspecified,
    hkdf::{HKDF_SHA256, KeyType, Salt},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// Bytes of an uncompressed point of P-256.
const POINT: usize = 65;
/// Bytes of the browser's secret (RFC 8291, 3.2).
const SECRET: usize = 16;
/// The size of a record, and so of the message: services take no more than 4096 bytes (RFC 8030, 7.2).
const RECORD: u32 = 4096;
/// What a message can say: a record less header, padding mark and tag.
pub const TEXT_MAX: usize = 4096 - 16 - 4 - 1 - POINT - 1 - 16;

/// What a browser told us when it subscribed.
#[derive(Clone)]
pub struct Keys {
    point: [u8; POINT],
    secret: [u8; SECRET],
}

/// Why a message cannot be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the message says it")]
pub enum Unsealable {
    #[error("the browser's public key is no point of P-256")]
    Point,
    #[error("the browser's secret is not 16 bytes long")]
    Secret,
    #[error("the message is longer than {TEXT_MAX} bytes")]
    Long,
    #[error("the key drawn for it cannot be used")]
    Key,
}

impl Keys {
    /// Reads both as a browser gives them: base64url, with or without padding.
    ///
    /// # Errors
    /// Which of them is none.
    pub fn read(p256dh: &str, auth: &str) -> Result<Keys, Unsealable> {
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok();
        let point = bytes(p256dh).and_then(|bytes| bytes.try_into().ok()).ok_or(Unsealable::Point)?;
        let secret = bytes(auth).and_then(|bytes| bytes.try_into().ok()).ok_or(Unsealable::Secret)?;
        Ok(Keys { point, secret })
    }
}

/// Seals a message. `random`: 32 bytes that become the key used for this message alone, and 16 of salt.
///
/// # Errors
/// Why it cannot be.
pub fn seal(keys: &Keys, text: &[u8], random: &[u8; 48]) -> Result<Vec<u8>, Unsealable> {
    if TEXT_MAX < text.len() {
        return Err(Unsealable::Long);
    }
    let (scalar, salt) = random.split_at(32);
    let own = PrivateKey::from_private_key(&ECDH_P256, scalar).map_err(|_| Unsealable::Key)?;
    let own_point = own.compute_public_key().map_err(|_| Unsealable::Key)?;
    let theirs = UnparsedPublicKey::new(&ECDH_P256, keys.point);
    let input = agree(&own, theirs, Unsealable::Point, |shared| {
        let info: [&[u8]; 3] = [b"WebPush: info\0", &keys.point, own_point.as_ref()];
        derive::<32>(&keys.secret, shared, &info).map_err(|_| Unsealable::Key)
    })?;
    let key: [u8; 16] =
        derive(salt, &input, &[b"Content-Encoding: aes128gcm\0"]).map_err(|_| Unsealable::Key)?;
    let nonce: [u8; NONCE_LEN] =
        derive(salt, &input, &[b"Content-Encoding: nonce\0"]).map_err(|_| Unsealable::Key)?;
    // The mark of the last record (RFC 8188, 2).
    let mut record = [text, &[2]].concat();
    let cipher = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).map_err(|_| Unsealable::Key)?);
    let sealed =
        cipher.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut record);
    sealed.map_err(|_| Unsealable::Key)?;
    let size = RECORD.to_be_bytes();
    Ok([salt, &size[..], &[POINT as u8], own_point.as_ref(), &record].concat())
}

/// HKDF (RFC 5869) with SHA-256.
fn derive<const N: usize>(salt: &[u8], secret: &[u8], info: &[&[u8]]) -> Result<[u8; N], Unspecified> {
    let mut out = [0; N];
    Salt::new(HKDF_SHA256, salt).extract(secret).expand(info, Long(N))?.fill(&mut out)?;
    Ok(out)
}

struct Long(usize);

impl KeyType for Long {
    fn len(&self) -> usize {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text).unwrap()
    }

    /// RFC 8291, section 5 and appendix A.
    #[test]
    fn the_example_of_the_rfc_comes_out_to_the_byte() {
        let keys = Keys::read(
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            "BTBZMqHH6r4Tts7J_aSIgg",
        )
        .unwrap();
        let mut random = [0; 48];
        random[..32].copy_from_slice(&bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"));
        random[32..].copy_from_slice(&bytes("DGv6ra1nlYgDCS1FRnbzlw"));
        let sealed = seal(&keys, b"When I grow up, I want to be a watermelon", &random).unwrap();
        let expected = concat!(
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8w",
            "EqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        );
        assert_eq!(URL_SAFE_NO_PAD.encode(&sealed), expected);
    }

    #[test]
    fn what_is_no_key_or_too_long_is_refused() {
        let point = URL_SAFE_NO_PAD.encode([4; POINT]);
        let secret = URL_SAFE_NO_PAD.encode([1; SECRET]);
        assert_eq!(Keys::read("AAAA", &secret).err(), Some(Unsealable::Point));
        assert_eq!(Keys::read(&point, "AAAA").err(), Some(Unsealable::Secret));
        let keys = Keys::read(&point, &secret).unwrap();
        assert_eq!(seal(&keys, b"x", &[7; 48]), Err(Unsealable::Point), "not on the curve");
        assert_eq!(seal(&keys, &[0; TEXT_MAX + 1], &[7; 48]), Err(Unsealable::Long));
        assert_eq!(seal(&keys, b"x", &[0; 48]), Err(Unsealable::Key), "zero is no key");
    }
}
