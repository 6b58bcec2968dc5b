//! Parts of a transaction that put a whole item, or remove one.

use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem};

use super::change::not_empty;
use super::{Item, Table};
use crate::error::{Error, Result};

impl Table {
    /// The part of a transaction that stores a new item, where none has its key.
    pub fn insertion(&self, item: Item) -> Result<TransactWriteItem> {
        self.replacement(item, "attribute_not_exists(pk)", [])
    }

    /// The part of a transaction that puts an item in the place of the one that has its key, of which this has to hold. The values
    /// are those that the condition names.
    pub fn replacement(
        &self,
        item: Item,
        condition: &str,
        values: impl IntoIterator<Item = (&'static str, AttributeValue)>,
    ) -> Result<TransactWriteItem> {
        let values = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression(condition)
            .set_expression_attribute_values(not_empty(values))
            .build()
            .map_err(Error::internal)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// The part of a transaction that removes an item, which has to be there.
    pub fn removal(&self, key: Item) -> Result<TransactWriteItem> {
        let delete = Delete::builder()
            .table_name(&self.name)
            .set_key(Some(key))
            .condition_expression("attribute_exists(pk)")
            .build()
            .map_err(Error::internal)?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }
}
