//! What can be asked of a service, as `facts` writes it and reads it.

use utoipa::ToSchema;

/// One question of a closed list: an object with one name.
#[derive(ToSchema)]
#[schema(as = Question, rename_all = "kebab-case")]
#[expect(dead_code, reason = "the shape of facts::what::What, which reads and writes itself")]
pub(crate) enum QuestionShape {
    /// An HTTP or HTTPS request over a connection of its own.
    Http(HttpShape),
    /// A TCP connection: good when it is accepted.
    Tcp(TcpShape),
    /// A DNS question: good when there is a record, and one of those expected where some are.
    Dns(DnsShape),
    /// An ICMP echo: good when it comes back.
    Icmp(IcmpShape),
}

#[derive(ToSchema)]
#[schema(as = HttpQuestion)]
#[expect(dead_code, reason = "the shape of facts::what::Http")]
pub(crate) struct HttpShape {
    /// `http://` or `https://`, without user or password.
    url: String,
    /// The method, in capitals; GET where none is said.
    #[schema(required = false)]
    method: String,
    /// Headers beside our own; one that holds a secret is refused.
    #[schema(required = false)]
    headers: Vec<HeaderShape>,
    /// The body sent.
    #[schema(required = false)]
    body: String,
    /// The statuses that are a good answer; none: 200 to 299.
    #[schema(required = false)]
    expect: Vec<u16>,
    /// What the body must or must not hold, within its first MiB.
    #[schema(required = false)]
    body_match: BodyMatchShape,
    /// `never`, `same-origin` or `follow`.
    #[schema(required = false)]
    redirects: String,
    /// `auto`, `http1` or `http2`.
    #[schema(required = false)]
    version: String,
    /// `any`, `v4` or `v6`.
    #[schema(required = false)]
    family: String,
}

#[derive(ToSchema)]
#[schema(as = HttpHeader)]
#[expect(dead_code, reason = "the shape of facts::what::Header")]
pub(crate) struct HeaderShape {
    name: String,
    value: String,
}

/// Letter for letter.
#[derive(ToSchema)]
#[schema(as = BodyMatch, rename_all = "kebab-case")]
#[expect(dead_code, reason = "the shape of facts::what::BodyMatch")]
pub(crate) enum BodyMatchShape {
    Contains(String),
    Lacks(String),
}

#[derive(ToSchema)]
#[schema(as = TcpQuestion)]
#[expect(dead_code, reason = "the shape of facts::what::Tcp")]
pub(crate) struct TcpShape {
    /// A name or an address; an IPv6 address without brackets.
    host: String,
    port: u16,
    /// `any`, `v4` or `v6`.
    #[schema(required = false)]
    family: String,
}

#[derive(ToSchema)]
#[schema(as = DnsQuestion)]
#[expect(dead_code, reason = "the shape of facts::what::Dns")]
pub(crate) struct DnsShape {
    /// The name asked for.
    name: String,
    /// `A`, `AAAA`, `CAA`, `CNAME`, `MX`, `NS`, `SOA`, `SRV` or `TXT`.
    record: String,
    /// The server that is asked, with its port; the resolvers of the machine that looks where none is said.
    #[schema(required = false)]
    server: String,
    /// Records as text, one of which must be in the answer.
    #[schema(required = false)]
    expect: Vec<String>,
}

#[derive(ToSchema)]
#[schema(as = IcmpQuestion)]
#[expect(dead_code, reason = "the shape of facts::what::Icmp")]
pub(crate) struct IcmpShape {
    /// A name or an address.
    host: String,
    /// `any`, `v4` or `v6`.
    #[schema(required = false)]
    family: String,
}
