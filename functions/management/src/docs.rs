use shared::http::Fixed;

/// `GET /openapi.json`: the contract, for programs.
pub async fn openapi() -> Fixed {
    Fixed::json(include_str!(concat!(env!("OUT_DIR"), "/openapi.json")))
}

/// `GET /docs`: the contract, for people.
pub async fn docs() -> Fixed {
    Fixed::page(include_str!(concat!(env!("OUT_DIR"), "/docs.html")))
}
