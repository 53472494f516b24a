//! The page: built by Vite into `web/dist`, carried inside the program.
//!
//! What Vite puts under `assets/` has a hash in its name and may be kept for ever; the rest is asked
//! for again and answered by its hash. Paths that look like none of the files are the page's own.
//!
//! Vite puts compressed copies beside the files they are worth it for, so that nothing is compressed here.

mod encoding;

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use rust_embed::{Embed, EmbeddedFile};

use self::encoding::Encoding;
use super::error::Error;

#[derive(Embed)]
#[folder = "web/dist"]
struct Page;

/// Answers whatever is not under `/api/v1`.
pub(super) async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    match find(uri.path()) {
        None => Error::NoRoute.into_response(),
        Some(_) if method != Method::GET && method != Method::HEAD => {
            ([(header::ALLOW, "GET,HEAD")], Error::Method).into_response()
        }
        Some((path, file)) => answer(&path, file, &headers),
    }
}

/// The file that a path leads to. Compressed copies have no address of their own.
fn find(path: &str) -> Option<(String, EmbeddedFile)> {
    let path = path.trim_start_matches('/');
    let is_api = path == "api" || path.starts_with("api/");
    let is_copy = Encoding::COPIES.iter().any(|encoding| path.ends_with(encoding.suffix()));
    if is_api || is_copy || path.starts_with('.') {
        return None;
    }
    let path = match path {
        "docs/api" | "docs/api/" => API_DOCS,
        path if path.contains('.') => path,
        _ => INDEX,
    };
    Some((path.to_owned(), Page::get(path)?))
}

fn answer(path: &str, file: EmbeddedFile, asked: &HeaderMap) -> Response {
    let (encoding, file) = encoded(path, file, asked);
    let etag = etag(&file);
    let keep = [
        (header::CACHE_CONTROL, cache_control(path)),
        (header::ETAG, etag.clone()),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
    ];
    if is_known(asked, &etag) {
        return (StatusCode::NOT_MODIFIED, keep).into_response();
    }
    let kind = [(header::CONTENT_TYPE, content_type(path))];
    let mut response = (keep, kind, file.data).into_response();
    if let Some(name) = encoding.name() {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    response
}

/// The copy of a file that suits best who asks. Each is a file of its own, with its own hash. The plain one goes
/// to who takes nothing else, too.
fn encoded(path: &str, plain: EmbeddedFile, asked: &HeaderMap) -> (Encoding, EmbeddedFile) {
    let copy = encoding::accepted(asked)
        .into_iter()
        .take_while(|encoding| *encoding != Encoding::Plain)
        .find_map(|encoding| Some((encoding, Page::get(&format!("{path}{}", encoding.suffix()))?)));
    copy.unwrap_or((Encoding::Plain, plain))
}

fn etag(file: &EmbeddedFile) -> HeaderValue {
    let hash = HEXLOWER.encode(&file.metadata.sha256_hash());
    HeaderValue::try_from(format!("\"{hash}\"")).unwrap_or(HeaderValue::from_static(""))
}

/// Whether the browser has this very file. It may know several, and proxies mark them as weak.
fn is_known(asked: &HeaderMap, etag: &HeaderValue) -> bool {
    let known = asked.get(header::IF_NONE_MATCH);
    let (Some(Ok(known)), Ok(etag)) = (known.map(HeaderValue::to_str), etag.to_str()) else {
        return false;
    };
    known.split(',').any(|known| known.trim().trim_start_matches("W/") == etag)
}

fn cache_control(path: &str) -> HeaderValue {
    HeaderValue::from_static(match path.starts_with("assets/") {
        true => "public, max-age=31536000, immutable",
        false => "no-cache",
    })
}

fn content_type(path: &str) -> HeaderValue {
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let charset = match kind.type_() == mime_guess::mime::TEXT {
        true => "; charset=utf-8",
        false => "",
    };
    HeaderValue::try_from(format!("{kind}{charset}"))
        .unwrap_or(HeaderValue::from_static("application/octet-stream"))
}

const INDEX: &str = "index.html";

/// The description of the API, to be read.
const API_DOCS: &str = "api-docs.html";
