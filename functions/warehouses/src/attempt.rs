//! A connection that is being tried: everything that has to be true of it before it is stored.

use shared::Result;
use shared::app::App;
use shared::warehouses::{Field, Found, Refused, Settings, TABLES_MAX, Warehouse};
use tokio::time::Instant;

use crate::engine::{self, Refusal, Rows, Session, TableName};
use crate::plan::{Plan, Said};
use crate::request::Described;
use crate::secrets::Secrets;

/// What is to be tried.
pub struct Attempt {
    /// What it is called, for who reads the error.
    alias: String,
    plan: Plan,
    deadline: Instant,
}

/// What was seen.
pub struct Seen {
    /// The tables, at most as many as are kept.
    pub tables: Vec<Found>,
    /// Whether there are more.
    pub is_cut: bool,
    /// The key that the SSH server has shown.
    pub host_key: Option<String>,
}

impl Attempt {
    /// Of what a client has sent.
    pub fn of_request(described: &Described, secrets: &Secrets, app: &App) -> Result<Self> {
        described.check(secrets.get(Field::ConnectionUri).is_some())?;
        let said = Said {
            use_ssh: described.use_ssh,
            ssh: described.ssh.as_ref(),
            schemas: described.schemas.as_deref(),
            credentials_file: described.path_to_credentials_file.as_deref(),
            secrets,
        };
        Self::new(&described.alias, said, app)
    }

    /// Of what is stored.
    pub fn of_stored(warehouse: &Warehouse, secrets: &Secrets, app: &App) -> Result<Self> {
        let settings = &warehouse.settings;
        let schemas = settings.schemas.as_deref().filter(|_| settings.dialect.has_schemas());
        let said = Said {
            use_ssh: settings.use_ssh,
            ssh: settings.ssh.as_ref(),
            schemas,
            credentials_file: settings.path_to_credentials_file.as_deref(),
            secrets,
        };
        Self::new(&settings.alias, said, app)
    }

    fn new(alias: &str, said: Said<'_>, app: &App) -> Result<Self> {
        let plan = Plan::of(said, &app.config, app.clock.now())?;
        Ok(Self { alias: alias.to_owned(), plan, deadline: Instant::now() + app.config.database_timeout })
    }

    /// The same with another end.
    pub fn until(self, deadline: Instant) -> Self {
        Self { deadline, ..self }
    }

    /// Connects and logs in.
    pub async fn open(&self, app: &App) -> Result<Session, Refused> {
        let dialer = app.connector.dialer();
        let opened = engine::open(&self.plan.target, &self.plan.reach, dialer, self.deadline).await;
        opened.map_err(|refusal| self.refused(refusal))
    }

    /// Connects, and lists the tables.
    pub async fn look(&self, app: &App) -> Result<Seen, Refused> {
        let mut session = self.open(app).await?;
        let host_key = session.host_key().map(|key| key.as_str().to_owned());
        let listed = session.tables(&[]).await;
        session.close().await;
        let mut tables = match listed {
            Ok(listed) => listed,
            Err(Refusal::Empty) => Vec::new(),
            Err(refusal) => return Err(self.refused(refusal)),
        };
        let is_cut = tables.len() > TABLES_MAX;
        tables.truncate(TABLES_MAX);
        let found = |TableName { schema, name }: TableName| Found { schema, name };
        Ok(Seen { tables: tables.into_iter().map(found).collect(), is_cut, host_key })
    }

    /// The names of a table's columns, and so many of its rows.
    pub async fn sample(&self, table: &TableName, rows: usize, app: &App) -> Result<(Vec<String>, Rows), Refused> {
        let mut session = self.open(app).await?;
        let sampled = sample(&mut session, table, rows).await;
        session.close().await;
        sampled.map_err(|refusal| match refusal {
            Refusal::NoSuchTable => Refused::UnknownTable(table.name.clone()),
            refusal => self.refused(refusal),
        })
    }

    /// What is stored of it, the host key that was seen included.
    pub fn settings(self, described: Described, seen: &Seen) -> Settings {
        let ssh = described.ssh.map(|mut ssh| {
            ssh.host_key_fingerprint = ssh.host_key_fingerprint.or_else(|| seen.host_key.clone());
            ssh
        });
        Settings {
            alias: described.alias,
            use_ssh: described.use_ssh,
            dialect: self.plan.dialect,
            schemas: self.plan.schemas,
            path_to_credentials_file: described.path_to_credentials_file,
            ssh,
            file_storage: described.file_storage,
            metadata: described.metadata,
        }
    }

    /// What is read of it, for an answer that stores nothing.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    fn refused(&self, refusal: Refusal) -> Refused {
        Refused::NotConnected { alias: self.alias.clone(), reason: refusal.code(), why: refusal.to_string() }
    }
}

async fn sample(session: &mut Session, table: &TableName, rows: usize) -> Result<(Vec<String>, Rows), Refusal> {
    let described = session.describe(std::slice::from_ref(table)).await?.into_iter().next();
    let columns = described.ok_or(Refusal::NoSuchTable)?.columns.into_iter().map(|column| column.name).collect();
    Ok((columns, session.sample(table, rows).await?))
}

impl Seen {
    /// What is to be told of it besides: that nothing is there, or not all is kept.
    pub fn warning(&self) -> Option<String> {
        match (self.tables.is_empty(), self.is_cut) {
            (true, _) => Some("The database has no tables that this user can see".to_owned()),
            (_, true) => Some(format!("The database has more tables than are kept: the first {TABLES_MAX} are there")),
            _ => None,
        }
    }
}
