use serde::Serialize;
use shared::app::App;
use shared::clock::Timestamp;
use shared::http::{Reply, State};

/// How the service is.
#[derive(Serialize)]
pub struct Health {
    connected: bool,
    status: &'static str,
    timestamp: Timestamp,
    version: &'static str,
    /// Seconds since this process started.
    uptime: f64,
    services: Vec<Service>,
}

/// Something that the service rests on, and whether it answered just now.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    name: &'static str,
    status: &'static str,
    /// Milliseconds.
    response_time: u128,
}

/// How the service is, for those who manage it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ManagementHealth {
    #[serde(flatten)]
    health: Health,
    authentication_methods: [&'static str; 2],
}

/// `GET /health` and `GET /api/v1/health`: also with the bare fields that the reference answered, beside the envelope.
pub async fn health(State(app): State<App>) -> Reply<Health> {
    let health = Health::check(&app).await;
    let (status, timestamp, uptime) = (health.status, health.timestamp.to_string(), health.uptime);
    Reply::ok(health)
        .beside("status", status)
        .beside("timestamp", timestamp)
        .beside("version", env!("CARGO_PKG_VERSION"))
        .beside("uptime", uptime)
}

/// `GET /api/v1/status`
pub async fn status(State(app): State<App>) -> Reply<Health> {
    Reply::ok(Health::check(&app).await)
}

/// `GET /api/v1/management/health`
pub async fn management_health(State(app): State<App>) -> Reply<ManagementHealth> {
    let health = Health::check(&app).await;
    Reply::ok(ManagementHealth { health, authentication_methods: ["jwt", "api-key"] })
}

impl Health {
    async fn check(app: &App) -> Self {
        let began = app.clock.now();
        let answered = app.table.ping().await.is_ok();
        let timestamp = app.clock.now();
        let status = if answered { "healthy" } else { "unhealthy" };
        Self {
            connected: answered,
            status,
            timestamp,
            version: env!("CARGO_PKG_VERSION"),
            uptime: timestamp.since(app.started_at).as_secs_f64(),
            services: vec![Service { name: "dynamodb", status, response_time: timestamp.since(began).as_millis() }],
        }
    }
}
