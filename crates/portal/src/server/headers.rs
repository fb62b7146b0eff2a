//! The headers of every answer (ASVS 3.4).

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use super::{App, status};

/// Nothing but our own files: no inline script or style, no frames, no plug-ins, forms to ourselves, and strings never become
/// markup in script. The one policy there may be, `worker`, names our service worker and nothing else (`portal.js`).
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
    trusted-types worker";

/// Of what somebody else wrote: it runs nothing, wherever a browser opens it.
pub(crate) const SANDBOX: &str = "default-src 'none'; sandbox";

/// Of the line about a status page that other sites have in a frame: a link and a style of ours, and nothing else.
pub(crate) const IN_FRAMES: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *";

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
    let framed = headers.get(header::CONTENT_SECURITY_POLICY).is_some_and(|own| own == IN_FRAMES);
    let for_others = framed || headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN);
    for (name, value) in ALWAYS {
        if framed && ["content-security-policy", "x-frame-options"].contains(name) {
            continue;
        }
        let value =
            if for_others && *name == "cross-origin-resource-policy" { "cross-origin" } else { value };
        // A download has a stricter policy of its own.
        if *name == "content-security-policy" && headers.get(*name).is_some_and(|own| own == SANDBOX) {
            continue;
        }
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    // Whoever signs in on the way to a file is sent there by the form.
    if let Some(files) = app.config().files()
        && headers.get(header::CONTENT_SECURITY_POLICY).is_some_and(|own| own == CONTENT_SECURITY_POLICY)
    {
        let policy =
            CONTENT_SECURITY_POLICY.replace("form-action 'self'", &format!("form-action 'self' {files}"));
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
    }
    if app.config().is_https() {
        headers
            .insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(STRICT_TRANSPORT_SECURITY));
    }
    // What a page shows is for its reader: no cache keeps it (ASVS 14.3.2). Assets and status pages say otherwise themselves.
    let says_itself = path.starts_with("/assets/") || path.starts_with(status::PREFIX);
    if !says_itself || !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}
