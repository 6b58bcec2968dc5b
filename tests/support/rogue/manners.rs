//! How a rogue behaves: what it says instead of a greeting, when somebody logs in, and when it is asked something.

use std::sync::Arc;

use super::wire::{VAR_STRING, column, column_count, eof, greeting, ok, prepared, row, text_row};

/// What a rogue says, in order.
pub type Script = Vec<Say>;

/// One thing that a rogue says or does.
#[derive(Clone)]
pub enum Say {
    /// A packet with this payload.
    Packet(Vec<u8>),
    /// Bytes without the header of a packet.
    Raw(Vec<u8>),
    /// A packet with this payload, one byte a second.
    Slowly(Vec<u8>),
    /// A packet with this payload, again and again, until a gigabyte has been said.
    Endlessly(Vec<u8>),
    /// Packets of 16 MB less one byte, each of which says that it is not the last one, until a gigabyte has been said.
    Gigabyte,
    /// Nothing more, and the connection stays.
    Wait,
    /// Hangs up.
    Close,
}

/// What the rogue was asked for.
pub enum Asked<'a> {
    /// To prepare this statement.
    Prepare(&'a str),
    /// To run this statement, which it has prepared: rows are those of the binary protocol.
    Run(&'a str),
    /// To run this statement, which has not been prepared: rows are those of the text protocol. The driver asks so for
    /// settings.
    Query(&'a str),
}

/// How a rogue behaves.
#[derive(Clone)]
pub struct Manners {
    /// What it says first, given the number of the connection.
    pub greeting: Arc<dyn Fn(u32) -> Script + Send + Sync>,
    /// What it says to each packet of the client, until the client is logged in.
    pub login: Vec<Script>,
    /// What it says to a statement.
    pub answer: Arc<dyn Fn(&Asked<'_>) -> Script + Send + Sync>,
}

impl Manners {
    /// An honest server with one empty schema: what the others are made of, and the proof that they speak the protocol.
    pub fn honest() -> Self {
        Self {
            greeting: Arc::new(|id| vec![Say::Packet(greeting(id, b"8.0.36", "mysql_native_password"))]),
            login: vec![vec![Say::Packet(ok(0))]],
            answer: Arc::new(honest),
        }
    }

    /// Says this first.
    #[must_use]
    pub fn greets(mut self, script: Script) -> Self {
        self.greeting = Arc::new(move |_| script.clone());
        self
    }

    /// Is of this version.
    #[must_use]
    pub fn version(mut self, version: &[u8]) -> Self {
        let version = version.to_vec();
        self.greeting = Arc::new(move |id| vec![Say::Packet(greeting(id, &version, "mysql_native_password"))]);
        self
    }

    /// Answers the packets of a login like this, one script each.
    #[must_use]
    pub fn logs_in(mut self, scripts: Vec<Script>) -> Self {
        self.login = scripts;
        self
    }

    /// Prepares what it is asked to, and answers every prepared statement like this.
    #[must_use]
    pub fn answers(self, script: Script) -> Self {
        self.decides(move |asked| match asked {
            Asked::Prepare(_) | Asked::Query(_) => honest(asked),
            Asked::Run(_) => script.clone(),
        })
    }

    /// Decides for itself.
    #[must_use]
    pub fn decides(mut self, answer: impl Fn(&Asked<'_>) -> Script + Send + Sync + 'static) -> Self {
        self.answer = Arc::new(answer);
        self
    }
}

/// Rows of texts, with the status that ends them.
pub fn rows(width: usize, rows: &[&[Option<&[u8]>]], status: u16) -> Script {
    let columns = (0..width).map(|_| column(b"c", VAR_STRING));
    std::iter::once(column_count(width as u64))
        .chain(columns)
        .chain([eof(status)])
        .chain(rows.iter().map(|values| row(values)))
        .chain([eof(status)])
        .map(Say::Packet)
        .collect()
}

/// What an honest server says.
pub fn honest(asked: &Asked<'_>) -> Script {
    match asked {
        Asked::Prepare(sql) => {
            let params = sql.matches('?').count();
            let mut script = vec![prepared(u16::try_from(params).expect("few parameters"))];
            script.extend((0..params).map(|_| column(b"?", VAR_STRING)));
            script.extend((params > 0).then(|| eof(0)));
            script.into_iter().map(Say::Packet).collect()
        }
        Asked::Run(sql) if sql.contains("@@version") => {
            rows(5, &[&[Some(b"8.0.36"), Some(b"3"), Some(b"84"), Some(b"1"), None]], 0)
        }
        Asked::Run(sql) if sql.contains("max_execution_time > 0") => rows(2, &[&[Some(b"1"), Some(b"1")]], 0),
        Asked::Run(sql) if sql.starts_with("SELECT") => rows(5, &[], 0),
        Asked::Run(_) => vec![Say::Packet(ok(0))],
        Asked::Query(_) => {
            let setting = text_row(&[b"28800"]);
            [column_count(1), column(b"c", VAR_STRING), eof(0), setting, eof(0)].map(Say::Packet).to_vec()
        }
    }
}
