//! Where the page of a request begins.

use std::collections::BTreeMap;

use shared::Result;
use shared::error::{Invalid, InvalidKind};
use shared::id::{DatabaseId, UserId};

use super::SearchRequest;
use crate::cursor::Position;
use crate::merge::depth;

impl SearchRequest {
    /// How many rows have to be known for the page that begins there: of one in another order than that of relevance whole
    /// blocks.
    pub fn wanted(&self, position: &Position) -> usize {
        let wanted = position.skip + self.limit();
        if self.sort.is_by_relevance() { wanted } else { depth(wanted) }
    }

    /// Where the page begins, in a search of these databases.
    pub fn position(&self, owner: UserId, databases: impl Iterator<Item = DatabaseId>) -> Result<Position> {
        if self.has_min_score() && !self.sort.is_by_relevance() {
            let reason = "must be 0 where rows are sorted by columns";
            return Err(Invalid::new("minScore", InvalidKind::TooBig, reason).into());
        }
        let searched = self.searched(owner, databases);
        match &self.cursor {
            None => Ok(Position::offset(self.offset.get(), searched)),
            Some(_) if self.offset.get() > 0 => {
                Err(Invalid::new("offset", InvalidKind::TooBig, "must be 0 beside a cursor").into())
            }
            Some(cursor) => Ok(Position::read(cursor, searched)?),
        }
    }

    /// All that decides which rows there are and in which order: what a cursor is good for.
    fn searched(&self, owner: UserId, databases: impl Iterator<Item = DatabaseId>) -> String {
        let databases: Vec<String> = databases.map(|id| id.to_string()).collect();
        let weights = [&self.weights, &self.database_weights, &self.table_weights];
        let weights = weights.map(|weights| weights.iter().collect::<BTreeMap<_, _>>());
        let (text, mode, tables, columns) = (self.text(), self.mode(), self.tables(), self.columns());
        let (filters, sort, min_score, correct) = (&self.filters, &self.sort, self.min_score.0, self.correct);
        format!(
            "{owner} {databases:?} {text:?} {mode:?} {tables:?} {columns:?} {weights:?} {filters:?} {sort:?} {min_score} \
             {correct:?}"
        )
    }
}
