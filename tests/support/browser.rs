//! A person at a browser: keeps cookies, says where a form comes from, and reads HTML simply.

use std::collections::BTreeMap;

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header},
};
use tower::ServiceExt;

const HOST: &str = "127.0.0.1:8080";

/// A browser.
#[derive(Clone)]
pub struct Browser {
    router: Router,
    pub cookies: BTreeMap<String, String>,
    /// Sent with every form; what a browser of today sends, until a test says otherwise.
    pub says: Vec<(&'static str, String)>,
}

/// A page as it came.
#[derive(Debug)]
pub struct Html {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

/// A form on a page, filled in as the page fills it.
#[derive(Clone, Debug)]
pub struct Filled {
    pub action: String,
    pub fields: Vec<(String, String)>,
}

impl Browser {
    pub fn new(router: Router) -> Self {
        let says = vec![("sec-fetch-site", "same-origin".to_owned()), ("origin", format!("http://{HOST}"))];
        Self { router, cookies: BTreeMap::new(), says }
    }

    /// Opens an address.
    pub async fn open(&mut self, path: &str) -> Html {
        self.request(Method::GET, path, None).await
    }

    /// Sends a form.
    pub async fn send(&mut self, form: &Filled) -> Html {
        let body = serde_urlencoded::to_string(&form.fields).unwrap();
        let body = ("application/x-www-form-urlencoded", body.into_bytes());
        self.request(Method::POST, &form.action, Some(body)).await
    }

    /// Sends a form and goes where the answer leads.
    pub async fn submit(&mut self, form: &Filled) -> Html {
        let answer = self.send(form).await.expect(303);
        self.open(&answer.location()).await.expect(200)
    }

    /// Opens the page with the form that is sent to this address, changes fields, and sends it.
    pub async fn fill(&mut self, path: &str, fields: &[(&str, &str)]) -> Html {
        let form = self.open(path).await.expect(200).form(path);
        self.send(&fields.iter().fold(form, |form, (name, text)| form.with(name, text))).await
    }

    /// Sends a file with the form of this address.
    pub async fn upload(&mut self, action: &str, file: &[u8]) -> Html {
        let head = "--8\r\ncontent-disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\n";
        let body = [head.as_bytes(), file, b"\r\n--8--\r\n"].concat();
        self.request(Method::POST, action, Some(("multipart/form-data; boundary=8", body))).await
    }

    /// Logs in.
    pub async fn log_in(&mut self, email: &str, password: &str) -> Html {
        let page = self.open("/login").await.expect(200);
        let form = page.form("/login").with("email", email).with("password", password);
        self.send(&form).await
    }

    async fn request(&mut self, method: Method, path: &str, form: Option<(&str, Vec<u8>)>) -> Html {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, HOST);
        if !self.cookies.is_empty() {
            let cookies: Vec<_> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        let request = match form {
            None => request.body(Body::empty()),
            Some((kind, form)) => {
                request = request.header(header::CONTENT_TYPE, kind);
                for (name, value) in &self.says {
                    request = request.header(*name, value);
                }
                request.body(Body::from(form))
            }
        };
        let response = self.router.clone().oneshot(request.unwrap()).await.unwrap();
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            self.keep(cookie);
        }
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Html { status: parts.status, headers: parts.headers, text }
    }

    fn keep(&mut self, cookie: &HeaderValue) {
        let text = cookie.to_str().unwrap();
        let (name, value) = text.split(';').next().unwrap().split_once('=').unwrap();
        if value.is_empty() || text.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

impl Html {
    /// Demands the status; shows the page otherwise.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    /// Where the answer leads.
    #[track_caller]
    pub fn location(&self) -> String {
        self.headers.get(header::LOCATION).expect("a Location").to_str().unwrap().to_owned()
    }

    /// A header's text; empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// What people read: without tags, every kind of space as one plain space.
    pub fn words(&self) -> String {
        let body = self.text.split_once("<body>").map_or("", |(_, body)| body);
        let texts = body.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
        unescape(&texts.collect::<Vec<_>>().join(" ")).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Demands that the page says this.
    #[track_caller]
    pub fn says(&self, text: &str) -> &Self {
        assert!(self.words().contains(text), "no «{text}» in: {}", self.words());
        self
    }

    /// The window's title.
    #[track_caller]
    pub fn title(&self) -> String {
        let (_, rest) = self.text.split_once("<title>").expect("a title");
        unescape(rest.split_once("</title>").unwrap().0)
    }

    /// The first link whose address holds this.
    #[track_caller]
    pub fn link(&self, part: &str) -> String {
        let links = tags(&self.text, "a").into_iter().filter_map(|tag| attribute(tag, "href"));
        let found = links.into_iter().find(|href| href.contains(part));
        found.unwrap_or_else(|| panic!("no link to {part} in {}", self.text))
    }

    /// The form that is sent to this address, or to one that holds it, filled in as it stands.
    #[track_caller]
    pub fn form(&self, action: &str) -> Filled {
        let forms = self.text.split("<form").skip(1).map(|rest| rest.split_once("</form>").unwrap().0);
        let forms: Vec<_> = forms.collect();
        let to = |form: &&str| attribute(form.split_once('>').unwrap().0, "action").unwrap_or_default();
        let found = forms.iter().find(|form| to(form) == action);
        let found = found.or_else(|| forms.iter().find(|form| to(form).contains(action)));
        let form = found.unwrap_or_else(|| panic!("no form to {action} in {}", self.text));
        let action = attribute(form.split_once('>').unwrap().0, "action").unwrap();
        let mut fields = Vec::new();
        for tag in tags(form, "input") {
            let radio = matches!(attribute(tag, "type").as_deref(), Some("radio" | "checkbox"));
            if let Some(name) = attribute(tag, "name").filter(|_| !radio || tag.contains(" checked")) {
                fields.push((name, attribute(tag, "value").unwrap_or_default()));
            }
        }
        for part in form.split("<textarea").skip(1) {
            let (open, rest) = part.split_once('>').unwrap();
            let text = unescape(rest.split_once("</textarea>").unwrap().0);
            fields.push((attribute(open, "name").unwrap(), text));
        }
        for part in form.split("<select").skip(1) {
            let (open, rest) = part.split_once('>').unwrap();
            let options = tags(rest.split_once("</select>").unwrap().0, "option");
            let chosen = options.iter().find(|option| option.contains(" selected")).or(options.first());
            let value = chosen.and_then(|option| attribute(option, "value"));
            fields.push((attribute(open, "name").unwrap(), value.unwrap_or_default()));
        }
        Filled { action, fields }
    }
}

impl Filled {
    /// The same form with a field filled in.
    #[must_use]
    pub fn with(mut self, name: &str, text: &str) -> Self {
        self.fields.retain(|(field, _)| field != name);
        self.fields.push((name.to_owned(), text.to_owned()));
        self
    }

    /// What a field holds.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, text)| text.as_str())
    }
}

fn tags<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let open = format!("<{name} ");
    html.split(open.as_str()).skip(1).map(|rest| rest.split_once('>').unwrap().0).collect()
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = format!(" {name}=\"");
    let (_, rest) = [" ", tag].concat().split_once(&start).map(|(a, b)| (a.to_owned(), b.to_owned()))?;
    rest.split_once('"').map(|(value, _)| unescape(value))
}

fn unescape(text: &str) -> String {
    let pairs =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\"")];
    let text = pairs.iter().fold(text.to_owned(), |text, (entity, plain)| text.replace(entity, plain));
    text.replace("&#39;", "'").replace("&nbsp;", "\u{a0}").replace("&#38;", "&").replace("&amp;", "&")
}
