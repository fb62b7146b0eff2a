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
    /// Several HTTP requests, one after the other: good when each is answered as it wants, in the time of one check.
    Flow(FlowShape),
    /// TLS alone: good when it is agreed, its chain holds, the certificate is for the name, and has the days left.
    Tls(TlsShape),
    /// A mail server: good when it greets and says what it can do. No mail is sent.
    Smtp(MailShape),
    /// An IMAP server: good when it greets and says what it can do. Nobody signs in.
    Imap(MailShape),
    /// A PostgreSQL server: with a user good when it answers `SELECT 1`, without one when it says whether it speaks TLS.
    Postgres(PostgresShape),
    /// A Redis server: good when it answers `PONG`.
    Redis(RedisShape),
    /// A WebSocket: good when the server switches to it and answers a ping, or says what is expected.
    WebSocket(WebSocketShape),
    /// The health of a gRPC service (grpc.health.v1): good when it says `SERVING`.
    Grpc(GrpcShape),
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
    /// Headers beside our own. One that holds a secret is refused: in a value, `{{secret:NAME}}` stands for what the vantage point was
    /// given under that name.
    #[schema(required = false)]
    headers: Vec<HeaderShape>,
    /// The body sent; `{{secret:NAME}}` as in a header.
    #[schema(required = false)]
    body: String,
    /// The statuses that are a good answer; none: 200 to 299.
    #[schema(required = false)]
    expect: Vec<u16>,
    /// What the body must or must not hold, within its first MiB.
    #[schema(required = false)]
    body_match: BodyMatchShape,
    /// What else the answer must be: each of them, at most 16.
    #[schema(required = false)]
    wanted: Vec<WantedShape>,
    /// Milliseconds within which the whole answer must be there.
    #[schema(required = false)]
    within_ms: u32,
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

/// One thing that an answer must be.
#[derive(ToSchema)]
#[schema(as = Wanted, rename_all = "kebab-case")]
#[expect(dead_code, reason = "the shape of facts::what::Wanted")]
pub(crate) enum WantedShape {
    Header(HeaderWantedShape),
    /// Of the body as text, within its first MiB.
    Body(MustShape),
    /// Of the body as JSON of at most 256 KiB.
    Json(JsonWantedShape),
}

#[derive(ToSchema)]
#[schema(as = HeaderWanted)]
#[expect(dead_code, reason = "the shape of facts::what::HeaderWanted")]
pub(crate) struct HeaderWantedShape {
    name: String,
    must: MustShape,
}

/// What a text must be. `matches` and `unlike` hold regular expressions (of the crate `regex`).
#[derive(ToSchema)]
#[schema(as = Must, rename_all = "kebab-case")]
#[expect(dead_code, reason = "the shape of facts::what::Must")]
pub(crate) enum MustShape {
    Present,
    Absent,
    Is(String),
    Contains(String),
    Lacks(String),
    Matches(String),
    Unlike(String),
}

#[derive(ToSchema)]
#[schema(as = JsonWanted)]
#[expect(dead_code, reason = "the shape of facts::what::JsonWanted")]
pub(crate) struct JsonWantedShape {
    /// A path (RFC 9535), such as `$.status`; where it leads to several values, one of them must be so.
    path: String,
    must: JsonMustShape,
}

/// What a JSON value must be: `is` holds a text, a whole number or a truth value.
#[derive(ToSchema)]
#[schema(as = JsonMust, rename_all = "kebab-case")]
#[expect(dead_code, reason = "the shape of facts::what::JsonMust")]
pub(crate) enum JsonMustShape {
    Present,
    Absent,
    Is(serde_json::Value),
    AtLeast(i64),
    AtMost(i64),
    Matches(String),
}

#[derive(ToSchema)]
#[schema(as = FlowQuestion)]
#[expect(dead_code, reason = "the shape of facts::what::Flow")]
pub(crate) struct FlowShape {
    /// One to ten.
    steps: Vec<StepShape>,
}

#[derive(ToSchema)]
#[schema(as = FlowStep)]
#[expect(dead_code, reason = "the shape of facts::what::Step")]
pub(crate) struct StepShape {
    /// What it is called, for people.
    #[schema(required = false)]
    name: String,
    /// The request. In a URL's path and query, in a header's value and in the body, `{{NAME}}` stands for what an earlier step captured.
    http: HttpShape,
    /// What is taken out of its answer, at most eight values of 4 KiB.
    #[schema(required = false)]
    capture: Vec<CaptureShape>,
}

#[derive(ToSchema)]
#[schema(as = FlowCapture)]
#[expect(dead_code, reason = "the shape of facts::what::Capture")]
pub(crate) struct CaptureShape {
    /// What it is called from then on.
    name: String,
    from: SourceShape,
}

/// Where a value is found: at a JSON path, by a regular expression (its first group), or in a header.
#[derive(ToSchema)]
#[schema(as = CaptureFrom, rename_all = "kebab-case")]
#[expect(dead_code, reason = "the shape of facts::what::Source")]
pub(crate) enum SourceShape {
    Json(String),
    Matches(String),
    Header(String),
}

#[derive(ToSchema)]
#[schema(as = TlsQuestion)]
#[expect(dead_code, reason = "the shape of facts::what::Tls")]
pub(crate) struct TlsShape {
    /// A name or an address; an IPv6 address without brackets.
    host: String,
    /// 443 where none is said.
    #[schema(required = false)]
    port: u16,
    /// The name that the certificate must be for, where it is not the host's.
    #[schema(required = false)]
    name: String,
    /// Whole days that the certificate must have left at least.
    #[schema(required = false)]
    days_left: u16,
    /// The oldest version that is accepted: `1.2` or `1.3`.
    #[schema(required = false)]
    least: String,
    /// `any`, `v4` or `v6`.
    #[schema(required = false)]
    family: String,
}

#[derive(ToSchema)]
#[schema(as = MailQuestion)]
#[expect(dead_code, reason = "the shape of facts::what::Mail")]
pub(crate) struct MailShape {
    /// A name or an address; an IPv6 address without brackets.
    host: String,
    port: u16,
    /// `plain`, `starttls` or `tls`.
    #[schema(required = false)]
    security: String,
    /// `any`, `v4` or `v6`.
    #[schema(required = false)]
    family: String,
}

#[derive(ToSchema)]
#[schema(as = PostgresQuestion)]
#[expect(dead_code, reason = "the shape of facts::what::Postgres")]
pub(crate) struct PostgresShape {
    /// A name or an address; an IPv6 address without brackets.
    host: String,
    /// 5432 where none is said.
    #[schema(required = false)]
    port: u16,
    /// `plain` or `starttls`.
    #[schema(required = false)]
    security: String,
    /// Who signs in.
    #[schema(required = false)]
    user: String,
    /// The name of a secret that the vantage point was given.
    #[schema(required = false)]
    password: String,
    #[schema(required = false)]
    database: String,
    /// `any`, `v4` or `v6`.
    #[schema(required = false)]
    family: String,
}

#[derive(ToSchema)]
#[schema(as = RedisQuestion)]
#[expect(dead_code, reason = "the shape of facts::what::Redis")]
pub(crate) struct RedisShape {
    /// A name or an address; an IPv6 address without brackets.
    host: String,
    /// 6379 where none is said.
    #[schema(required = false)]
    port: u16,
    /// `plain` or `tls`.
    #[schema(required = false)]
    security: String,
    /// Who signs in, where it is not the default user.
    #[schema(required = false)]
    user: String,
    /// The name of a secret that the vantage point was given.
    #[schema(required = false)]
    password: String,
    /// `any`, `v4` or `v6`.
    #[schema(required = false)]
    family: String,
}

#[derive(ToSchema)]
#[schema(as = WebSocketQuestion)]
#[expect(dead_code, reason = "the shape of facts::what::WebSocket")]
pub(crate) struct WebSocketShape {
    /// `ws://` or `wss://`, without user or password.
    url: String,
    #[schema(required = false)]
    headers: Vec<HeaderShape>,
    /// A text that is sent.
    #[schema(required = false)]
    send: String,
    /// What one of the next ten messages must be; the very text that was sent where none is said.
    #[schema(required = false)]
    expect: MustShape,
    /// `any`, `v4` or `v6`.
    #[schema(required = false)]
    family: String,
}

#[derive(ToSchema)]
#[schema(as = GrpcQuestion)]
#[expect(dead_code, reason = "the shape of facts::what::Grpc")]
pub(crate) struct GrpcShape {
    /// `http://` or `https://` with host and port.
    url: String,
    /// The service; the whole server where none is said.
    #[schema(required = false)]
    service: String,
    /// `any`, `v4` or `v6`.
    #[schema(required = false)]
    family: String,
}

/// How soon a check is asked again after a failure; all looks together end before the next is due.
#[derive(ToSchema)]
#[schema(as = Again)]
#[expect(dead_code, reason = "the shape of facts::Again")]
pub(crate) struct AgainShape {
    /// How often at most: one to three.
    times: u8,
    /// Milliseconds between the end of one look and the next, up to a minute.
    after_ms: u32,
}

/// So many of a hundred good answers within so many microseconds, over so many seconds.
#[derive(ToSchema)]
#[schema(as = ResponseTimeObjective)]
#[expect(dead_code, reason = "the shape of facts::Pace")]
pub(crate) struct PaceShape {
    /// 1 to 99.
    percentile: u8,
    within_us: u32,
    /// 60 to 86,400; 300 where none is said.
    #[schema(required = false)]
    over_s: u32,
}
