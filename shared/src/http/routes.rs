//! The table of a function's routes: a router that can say what it answers.

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
}

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
        Self { router: self.router.merge(other.router), table: self.table }
    }

    /// The same routes with answers that have no envelope.
    #[must_use]
    pub fn bare(self) -> Self {
        Self { router: self.router.layer(map_response(bare)), table: self.table }
    }

    /// Every route, in the order in which they were added.
    pub fn table(&self) -> &[Route] {
        &self.table
    }

    pub(super) fn into_router(self) -> Router<App> {
        self.router
    }

    fn route<H: Handler<T, App>, T: 'static>(
        mut self,
        filter: MethodFilter,
        method: &Method,
        path: &'static str,
        handler: H,
    ) -> Self {
        self.table.push(Route { method: method.to_string(), path });
        Self { router: self.router.route(path, on(filter, handler)), table: self.table }
    }
}
