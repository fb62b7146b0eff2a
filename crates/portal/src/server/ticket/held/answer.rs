//! What whoever is no contact may be answered. Nothing is sent by itself: nobody has proved that the address is the sender's, and an
//! automatic answer would reach whomever a stranger names.

use control::live::command::address_in;

use crate::server::moment::encode;

/// SH-REQ-05: whoever is no contact is told politely whom to ask. It says nothing of whose support we are.
pub(super) const POLITE: &str = "Thank you for your message. We may act only on requests from people who are named to us for that, and you \
    are not among them. Please ask the support of your own organisation: where we work for it, they know how to reach us.";

/// The same as a letter, where the sender has an address (RFC 6068).
pub(super) fn letter(from: &str) -> Option<String> {
    let to = encode(address_in(from)?).replacen("%40", "@", 1);
    Some(format!("mailto:{to}?subject={}&body={}", encode("Your message"), encode(POLITE)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sh_req_05_the_answer_names_nobody_and_points_to_their_own_support() {
        let written = letter("A <a?b@example.org>").unwrap();
        assert!(written.starts_with("mailto:a%3Fb@example.org?subject=Your%20message&body=Thank%20you"));
        assert!(POLITE.contains("ask the support of your own organisation"));
        assert_eq!(letter("Ann, +31 20 000 0000"), None);
    }
}
