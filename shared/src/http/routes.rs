//! The table of a function's routes: a router that can say what it answers.

use std::collections::BTreeMap;

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::map_response;
use axum::routing::{MethodFilter, on};

use super::bare::bare;
use crate::app::App;

/// What a function answers. Tests hold it to the template and the template to it.
#[derive(Default)]
pub struct Routes {
    router: Router<App>,
    table: Vec<Route>,
    aliases: Aliases,
    elsewhere: Option<Elsewhere>,
}

/// Paths that are kept for clients which know them by no other name, each with the path that has taken its place.
pub type Aliases = BTreeMap<&'static str, &'static str>;

/// The methods of a path that another function answers, as they stand in `Allow`.
pub type Elsewhere = fn(&str) -> Option<String>;

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// The method, such as `GET`.
    pub method: String,
    /// The path, with parameters in braces, as API Gateway and axum both write it.
    pub path: &'static str,
}

macro_rules! method {
    ($name:ident, $method:ident) => {
        /// Adds a route with this method.
        #[must_use]
        pub fn $name<H: Handler<T, App>, T: 'static>(self, path: &'static str, handler: H) -> Self {
            self.route(MethodFilter::$method, &Method::$method, path, handler)
        }
    };
}

impl Routes {
    method!(get, GET);
    method!(post, POST);
    method!(put, PUT);
    method!(delete, DELETE);
    method!(patch, PATCH);

    /// The routes of both.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.table.extend(other.table);
        self.aliases.extend(other.aliases);
        Self { router: self.router.merge(other.router), elsewhere: self.elsewhere.or(other.elsewhere), ..self }
    }

    /// Says of a path that it is an alias, and of which.
    #[must_use]
    pub fn alias(mut self, path: &'static str, successor: &'static str) -> Self {
        self.aliases.insert(path, successor);
        self
    }

    /// Says who knows the methods of paths that are not here, for the function that answers where no route fits.
    #[must_use]
    pub fn elsewhere(self, elsewhere: Elsewhere) -> Self {
        Self { elsewhere: Some(elsewhere), ..self }
    }

    /// The aliases among these.
    pub fn aliases(&self) -> &Aliases {
        &self.aliases
    }

    /// The same routes with answers that have no envelope.
    #[must_use]
    pub fn bare(self) -> Self {
        Self { router: self.router.layer(map_response(bare)), ..self }
    }

    /// Every route, in the order in which they were added.
    pub fn table(&self) -> &[Route] {
        &self.table
    }

    pub(super) fn into_parts(self) -> (Router<App>, Aliases, Option<Elsewhere>) {
        (self.router, self.aliases, self.elsewhere)
    }

    fn route<H: Handler<T, App>, T: 'static>(
        mut self,
        filter: MethodFilter,
        method: &Method,
        path: &'static str,
        handler: H,
    ) -> Self {
        self.table.push(Route { method: method.to_string(), path });
        Self { router: self.router.route(path, on(filter, handler)), ..self }
    }
}
