//! Who may use which route, as the description of the API says: what is described is what is checked, so
//! that neither can be forgotten.

use std::collections::{HashMap, HashSet};

use axum::http::Method;
use utoipa::openapi::{HttpMethod, OpenApi, SecurityRequirement};

use super::super::openapi::{BASE, operations, scope_of};
use crate::model::Scope;

/// The scope that each route needs.
#[derive(Debug, Default)]
pub(in super::super) struct Rules {
    needs: HashMap<(Method, String), Need>,
    names: HashMap<(Method, String), String>,
    paths: HashSet<String>,
}

/// What a route asks of who uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// Nothing: it is for those who are not let in yet.
    Nothing,
    /// At least this scope.
    Scope(Scope),
}

impl Rules {
    /// Reads them out of the description.
    pub(in super::super) fn of(document: &mut OpenApi) -> Self {
        let mut rules = Self::default();
        rules.needs.insert((Method::GET, METRICS.to_owned()), Need::Scope(Scope::Read));
        rules.paths.insert(METRICS.to_owned());
        for (path, item) in &mut document.paths.paths {
            let path = format!("{BASE}{path}");
            for (method, operation) in operations(item) {
                let needs = operation.security.as_deref().unwrap_or_default();
                let scope = needs.iter().find_map(scope_of).and_then(|word| word.parse().ok());
                let need = match (scope, needs) {
                    (Some(scope), _) => Need::Scope(scope),
                    (None, [open]) if *open == SecurityRequirement::default() => Need::Nothing,
                    // It says nothing that is understood: then it is for few.
                    (None, _) => Need::Scope(Scope::Admin),
                };
                let route = (http_method(&method), path.clone());
                rules.names.extend(operation.operation_id.clone().map(|name| (route.clone(), name)));
                rules.needs.insert(route, need);
            }
            rules.paths.insert(path);
        }
        rules
    }

    /// What the description calls a route.
    pub(in super::super) fn name(&self, method: &Method, path: &str) -> Option<&str> {
        self.names.get(&(method.clone(), path.to_owned())).map(String::as_str)
    }

    /// What the route at `path`, as it was registered, asks for. Requests that will be told that there is
    /// nothing there, or nothing of that kind, need to read: strangers learn nothing.
    pub(super) fn need(&self, method: &Method, path: Option<&str>) -> Need {
        let method = if method == Method::HEAD { Method::GET } else { method.clone() };
        let Some(path) = path else { return Need::Scope(Scope::Read) };
        match self.needs.get(&(method, path.to_owned())) {
            Some(need) => *need,
            None if self.paths.contains(path) => Need::Scope(Scope::Read),
            None => Need::Scope(Scope::Admin),
        }
    }
}

/// Outside the API, and for the same door.
pub(in super::super) const METRICS: &str = "/metrics";

fn http_method(method: &HttpMethod) -> Method {
    match method {
        HttpMethod::Get => Method::GET,
        HttpMethod::Put => Method::PUT,
        HttpMethod::Post => Method::POST,
        HttpMethod::Delete => Method::DELETE,
        HttpMethod::Options => Method::OPTIONS,
        HttpMethod::Head => Method::HEAD,
        HttpMethod::Patch => Method::PATCH,
        HttpMethod::Trace => Method::TRACE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use utoipa::openapi::OpenApiBuilder;
    use utoipa::openapi::path::{OperationBuilder, PathItem, PathsBuilder};

    #[test]
    fn what_is_not_described_is_for_few() {
        let with = |security: Vec<SecurityRequirement>| {
            PathItem::new(HttpMethod::Get, OperationBuilder::new().securities(Some(security)))
        };
        let silent = PathItem::new(HttpMethod::Get, OperationBuilder::new());
        let paths = PathsBuilder::new()
            .path("/open", with(vec![SecurityRequirement::default()]))
            .path("/edit", with(vec![SecurityRequirement::new("token", ["edit"])]))
            .path("/typo", with(vec![SecurityRequirement::new("token", ["edti"])]))
            .path("/none", with(vec![]))
            .path("/silent", silent);
        let rules = Rules::of(&mut OpenApiBuilder::new().paths(paths.build()).build());
        let need = |method, path| rules.need(&method, Some(path));
        assert_eq!(need(Method::GET, "/api/v1/open"), Need::Nothing);
        assert_eq!(need(Method::HEAD, "/api/v1/edit"), Need::Scope(Scope::Edit));
        for few in ["/api/v1/typo", "/api/v1/none", "/api/v1/silent", "/api/v1/other"] {
            assert_eq!(need(Method::GET, few), Need::Scope(Scope::Admin), "{few}");
        }
        assert_eq!(need(Method::PUT, "/api/v1/open"), Need::Scope(Scope::Read));
        assert_eq!(need(Method::GET, METRICS), Need::Scope(Scope::Read));
        assert_eq!(rules.need(&Method::GET, None), Need::Scope(Scope::Read));
    }
}
