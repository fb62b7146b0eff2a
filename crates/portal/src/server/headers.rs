//! The headers of every answer (ASVS 3.4).

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use super::App;

/// Nothing but our own files: no inline script or style, no frames, no plug-ins, forms to ourselves, and strings never become
/// markup in script. The one policy there may be, `worker`, names our service worker and nothing else (`portal.js`).
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
    trusted-types worker";

/// Of what somebody else wrote: it runs nothing, wherever a browser opens it.
pub(crate) const SANDBOX: &str = "default-src 'none'; sandbox";

const ALWAYS: &[(&str, &str)] = &[
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), midi=(), \
         payment=(), publickey-credentials-get=(self), usb=()",
    ),
];

/// Two years, as ASVS 3.4.1 asks for at least one.
const STRICT_TRANSPORT_SECURITY: &str = "max-age=63072000; includeSubDomains";

pub(crate) fn set(app: &App, path: &str, headers: &mut HeaderMap) {
    for (name, value) in ALWAYS {
        // A download has a stricter policy of its own.
        if *name == "content-security-policy" && headers.get(*name).is_some_and(|own| own == SANDBOX) {
            continue;
        }
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if app.config().is_https() {
        headers
            .insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(STRICT_TRANSPORT_SECURITY));
    }
    // What a page shows is for its reader: no cache keeps it (ASVS 14.3.2). Assets say otherwise themselves.
    if !path.starts_with("/assets/") || !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}
