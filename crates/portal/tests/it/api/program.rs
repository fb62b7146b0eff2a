//! A program with an API token. Whatever it is answered is held against the description of the API: the status is one that the
//! operation tells of, the body has the shape it tells, without a field more.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{LazyLock, Mutex},
};

use axum::{
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::desk::{Answer, Desk, HOST};

/// The description, with every object closed to fields that it does not tell of.
pub(crate) static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let mut document: Value = serde_json::from_str(&portal::server::openapi()).unwrap();
    close(&mut document["components"]["schemas"]);
    document
});
static VALIDATORS: LazyLock<Mutex<BTreeMap<String, &'static Validator>>> = LazyLock::new(Mutex::default);

fn close(value: &mut Value) {
    if let Some(object) = value.as_object_mut() {
        if object.get("properties").is_some_and(Value::is_object)
            && !object.contains_key("additionalProperties")
        {
            object.insert("additionalProperties".to_owned(), Value::Bool(false));
        }
        object.values_mut().for_each(close);
    } else if let Some(list) = value.as_array_mut() {
        list.iter_mut().for_each(close);
    }
}

fn validator(schema: &Value) -> &'static Validator {
    let mut all = VALIDATORS.lock().unwrap();
    all.entry(schema.to_string()).or_insert_with(|| {
        let mut whole = schema.clone();
        whole["components"] = DOCUMENT["components"].clone();
        Box::leak(Box::new(jsonschema::validator_for(&whole).unwrap()))
    })
}

pub(crate) struct Told {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) json: Value,
}

impl Told {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub(crate) fn code(&self) -> &str {
        self.json["code"].as_str().unwrap_or_default()
    }
}

pub(crate) struct Program<'d> {
    desk: &'d Desk,
    pub(crate) token: String,
    /// Operations that were answered with success, by name.
    pub(crate) done: BTreeSet<String>,
    /// Codes of problems that it met.
    pub(crate) met: BTreeSet<String>,
}

impl Desk {
    /// A program of somebody's, with a token that was made on the account page.
    pub(crate) async fn program(&self, login: &str) -> Program<'_> {
        let made =
            self.signed_in(login).await.post("/account/tokens", "name=tests&days=365&scope=write").await;
        let token = made.body.split("uphold_").nth(1).unwrap_or_else(|| panic!("{}", made.body));
        let token: String = token.chars().take_while(char::is_ascii_alphanumeric).collect();
        self.holding(&format!("uphold_{token}"))
    }

    pub(crate) fn holding(&self, token: &str) -> Program<'_> {
        Program { desk: self, token: token.to_owned(), done: BTreeSet::new(), met: BTreeSet::new() }
    }
}

impl Program<'_> {
    pub(crate) async fn get(&mut self, path: &str) -> Told {
        self.send(Method::GET, path, None, &[]).await
    }

    /// As [`Program::get`], where success is expected.
    pub(crate) async fn read(&mut self, path: &str) -> Value {
        let told = self.get(path).await;
        assert_eq!(told.status, StatusCode::OK, "{path}: {}", told.text);
        told.json
    }

    pub(crate) async fn post(&mut self, path: &str, body: Value) -> Told {
        self.send(Method::POST, path, Some(body.to_string()), &[]).await
    }

    pub(crate) async fn send(
        &mut self,
        method: Method,
        path: &str,
        body: Option<String>,
        headers: &[(&str, &str)],
    ) -> Told {
        let mut request = Request::builder().method(method.clone()).uri(path);
        let mut all = vec![("host", HOST)];
        let bearer = format!("Bearer {}", self.token);
        if !self.token.is_empty() {
            all.push(("authorization", &bearer));
        }
        if body.is_some() {
            all.push(("content-type", "application/json"));
        }
        // What is said last is meant.
        for (name, value) in headers {
            all.retain(|(known, _)| known != name);
            all.push((name, value));
        }
        for (name, value) in all {
            request = request.header(name, value);
        }
        let answer = self.desk.send(request.body(Body::from(body.unwrap_or_default())).unwrap()).await;
        let told = told(answer);
        self.check(&method, path, &told);
        told
    }

    /// That the description tells of such an answer.
    fn check(&mut self, method: &Method, path: &str, told: &Told) {
        let problem = told.header("content-type") == "application/problem+json";
        if problem {
            self.met.insert(told.code().to_owned());
        }
        let Some(operation) = operation(method, path) else {
            assert!(problem, "{method} {path} is told of nowhere: {}", told.text);
            return;
        };
        let id = operation["operationId"].as_str().unwrap();
        let status = told.status.as_u16().to_string();
        let answer = &operation["responses"][&status];
        assert!(answer.is_object(), "{id} tells nothing of {status}: {}", told.text);
        if told.status.is_success() {
            self.done.insert(id.to_owned());
        }
        if problem {
            let about = answer["description"].as_str().unwrap();
            assert!(about.contains(&format!("`{}`", told.code())), "{id}: {status} {}: {about}", told.code());
        }
        let media = told.header("content-type").split(';').next().unwrap_or_default().to_owned();
        let schema = &answer["content"][&media]["schema"];
        if told.json.is_null() {
            return;
        }
        assert!(schema.is_object(), "{id}: {media} is not told of: {}", told.text);
        let wrong: Vec<String> = validator(schema)
            .iter_errors(&told.json)
            .map(|error| format!("{} at {}", error, error.instance_path()))
            .collect();
        assert!(wrong.is_empty(), "{id}: {wrong:#?} in {}", told.text);
    }
}

fn told(answer: Answer) -> Told {
    let plain = answer.header("content-encoding").is_empty();
    let json = plain && answer.header("content-type").contains("json");
    let json = if json { serde_json::from_str(&answer.body).unwrap() } else { json!(null) };
    assert!(answer.header("x-request-id").len() == 16, "{}", header::CONTENT_TYPE);
    Told { status: answer.status, headers: answer.headers, text: answer.body, json }
}

/// The operation that an address belongs to.
fn operation(method: &Method, path: &str) -> Option<&'static Value> {
    let path = path.split('?').next().unwrap_or_default();
    let fits = |template: &str| {
        let (ours, theirs): (Vec<&str>, Vec<&str>) =
            (template.split('/').collect(), path.split('/').collect());
        ours.len() == theirs.len() && ours.iter().zip(&theirs).all(|(a, b)| a == b || a.starts_with('{'))
    };
    let found = DOCUMENT["paths"].as_object().unwrap().iter();
    let mut found: Vec<_> = found.filter(|(template, _)| fits(template)).collect();
    found.sort_by_key(|(template, _)| template.matches('{').count());
    found.first()?.1.get(method.as_str().to_lowercase())
}
