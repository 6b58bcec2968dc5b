//! The statement of a sample: begun, waited for, and its rows taken.

use std::time::Duration;

use aws_sdk_athena::types::{QueryExecutionContext, QueryExecutionState, ResultConfiguration, Row};
use shared::databases::is_secret;
use tokio::time::sleep;

use super::refused::{of_end, of_statement};
use super::{Athena, CATALOG};
use crate::engine::bounds::{by, shortened, value_chars};
use crate::engine::{Column, Refusal, Rows, Table, quoted};

/// How many rows an answer has at most, the one with the names included ("`GetQueryResults`", API reference of Amazon Athena).
const PAGE: i32 = 1_000;

/// How long is waited before it is asked again what has become of it: at first, and at most.
const PAUSE: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// A statement that has begun.
pub(super) struct Statement<'a> {
    athena: &'a Athena,
    id: String,
    rows: usize,
    columns: usize,
    chars: usize,
}

impl<'a> Statement<'a> {
    /// Begins to read so many rows of a table.
    pub(super) async fn start(athena: &'a Athena, table: &Table, rows: usize) -> Result<Self, Refusal> {
        let columns = table.columns.len();
        let chars = value_chars(rows, columns);
        let context = QueryExecutionContext::builder().catalog(CATALOG).database(&table.name.schema).build();
        let result = ResultConfiguration::builder().output_location(&athena.staging).build();
        let call = athena.client.start_query_execution().query_string(sql(table, rows, chars));
        let call = call.query_execution_context(context).result_configuration(result).work_group(&athena.work_group);
        let begun = by(athena.deadlines.statement, async { call.send().await.map_err(|e| of_statement(&e)) }).await?;
        let id = begun.query_execution_id.ok_or(Refusal::Protocol)?;
        Ok(Self { athena, id, rows, columns, chars })
    }

    /// Waits until it has ended well.
    pub(super) async fn end(&self) -> Result<(), Refusal> {
        let mut pause = PAUSE;
        loop {
            let call = self.athena.client.get_query_execution().query_execution_id(&self.id);
            let found = call.send().await.map_err(|e| of_statement(&e))?.query_execution;
            let status = found.and_then(|execution| execution.status).ok_or(Refusal::Protocol)?;
            match status.state {
                Some(QueryExecutionState::Succeeded) => return Ok(()),
                Some(QueryExecutionState::Queued | QueryExecutionState::Running) => {}
                _ => return Err(of_end(status.state_change_reason.as_deref().unwrap_or_default())),
            }
            sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    /// Tells Athena that nobody waits for it any more.
    pub(super) async fn stop(&self) {
        let call = self.athena.client.stop_query_execution().query_execution_id(&self.id);
        let _ = by(self.athena.deadlines.last, async { call.send().await.map_err(|e| of_statement(&e)) }).await;
    }

    /// Its rows. The first that comes has the names.
    pub(super) async fn rows(&self) -> Result<Rows, Refusal> {
        let (mut rows, mut next, mut names) = (Rows::new(), None, 1);
        loop {
            let call = self.athena.client.get_query_results().query_execution_id(&self.id).max_results(PAGE);
            let page = call.set_next_token(next).send().await.map_err(|e| of_statement(&e))?;
            let found = page.result_set.and_then(|set| set.rows).unwrap_or_default();
            rows.extend(found.into_iter().skip(names).map(|row| self.texts(row)));
            next = page.next_token.filter(|token| !token.is_empty());
            names = 0;
            if next.is_none() || rows.len() >= self.rows {
                rows.truncate(self.rows);
                return Ok(rows);
            }
        }
    }

    /// What was asked for is held to here, too.
    fn texts(&self, row: Row) -> Vec<Option<String>> {
        let cut = |text| shortened(text, self.chars);
        let values = row.data.unwrap_or_default().into_iter().map(|datum| datum.var_char_value.map(cut));
        values.chain(std::iter::repeat(None)).take(self.columns).collect()
    }
}

fn sql(table: &Table, rows: usize, chars: usize) -> String {
    let values = table.columns.iter().map(|column| value(column, chars)).collect::<Vec<_>>().join(", ");
    format!("SELECT {values} FROM {} LIMIT {rows}", quoted(&table.name.name, '"'))
}

/// The text of a column. Types are those of Hive, as the catalogue has them; the statement is read by Trino.
fn value(column: &Column, chars: usize) -> String {
    let name = quoted(&column.name, '"');
    let base = column.data_type.split(['<', '(']).next().unwrap_or_default().trim().to_ascii_lowercase();
    match base.as_str() {
        _ if is_secret(&column.name) => "CAST(NULL AS varchar)".to_owned(),
        "array" | "map" | "struct" => format!("substr(json_format(CAST({name} AS json)), 1, {chars})"),
        "binary" => format!("substr(to_hex({name}), 1, {chars})"),
        _ => format!("substr(CAST({name} AS varchar), 1, {chars})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::TableName;

    #[test]
    fn a_statement_has_the_names_of_the_catalogue_quoted_and_no_secret() {
        let column = |(name, data_type): (&str, &str)| Column {
            name: name.to_owned(),
            data_type: data_type.to_owned(),
            nullable: true,
            comment: None,
            is_primary_key: false,
            foreign_key: None,
        };
        let name = TableName { schema: "db".to_owned(), name: "or\"ders".to_owned() };
        let columns = [("id", "bigint"), ("a\"b", "array<string>"), ("raw", "binary"), ("api_token", "string")];
        let table = Table { name, comment: None, columns: columns.map(column).to_vec() };
        let expected = "SELECT substr(CAST(\"id\" AS varchar), 1, 9), substr(json_format(CAST(\"a\"\"b\" AS json)), 1, 9), \
             substr(to_hex(\"raw\"), 1, 9), CAST(NULL AS varchar) FROM \"or\"\"ders\" LIMIT 5";
        assert_eq!(sql(&table, 5, 9), expected);
    }
}
