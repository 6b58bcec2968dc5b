//! A table as the statement that would make it. It is for reading: nothing here runs it.

use shared::warehouses::Dialect;

use super::view::ColumnView;
use crate::engine::quoted;

/// The statement; none where no columns are known.
pub fn create_table(schema: &str, name: &str, columns: &[ColumnView], dialect: Dialect) -> Option<String> {
    if columns.is_empty() {
        return None;
    }
    let sign = if let Dialect::Mysql | Dialect::Bigquery | Dialect::Databricks = dialect { '`' } else { '"' };
    let quote = |name: &str| quoted(name, sign);
    let column = |column: &ColumnView| {
        let end = if column.nullable { "" } else { " NOT NULL" };
        format!("{} {}{end}", quote(&column.name), column.data_type)
    };
    let keys: Vec<String> =
        columns.iter().filter(|column| column.is_primary_key).map(|column| quote(&column.name)).collect();
    let primary = (!keys.is_empty()).then(|| format!("PRIMARY KEY ({})", keys.join(", ")));
    let foreign = columns.iter().filter_map(|column| {
        let key = column.foreign_key.as_ref()?;
        let table: Vec<String> = key.reference_table.splitn(2, '.').map(quote).collect();
        let (own, field) = (quote(&column.name), quote(&key.field_name));
        Some(format!("FOREIGN KEY ({own}) REFERENCES {} ({field})", table.join(".")))
    });
    let parts: Vec<String> = columns.iter().map(column).chain(primary).chain(foreign).collect();
    Some(format!("CREATE TABLE {}.{} (\n  {}\n)", quote(schema), quote(name), parts.join(",\n  ")))
}

#[cfg(test)]
mod tests {
    use shared::warehouses::ForeignKey;

    use super::*;
    use crate::tables::view::example::column;

    #[test]
    fn the_statement_is_whole_and_its_names_are_quoted() {
        let mut columns =
            [column("Id", "integer", false), column("odd\"name", "text", true), column("ref", "int", true)];
        columns[0].is_primary_key = true;
        let key = ForeignKey { field_name: "id".to_owned(), reference_table: "hr.people".to_owned() };
        columns[2].foreign_key = Some(key);
        let made = create_table("public", "Orders", &columns, Dialect::Postgresql).unwrap();
        assert_eq!(
            made,
            "CREATE TABLE \"public\".\"Orders\" (\n  \"Id\" integer NOT NULL,\n  \"odd\"\"name\" text,\n  \"ref\" int,\n  \
             PRIMARY KEY (\"Id\"),\n  FOREIGN KEY (\"ref\") REFERENCES \"hr\".\"people\" (\"id\")\n)"
        );
        let made = create_table("shop", "a`b", &[column("x", "int", true)], Dialect::Mysql).unwrap();
        assert_eq!(made, "CREATE TABLE `shop`.`a``b` (\n  `x` int\n)");
        assert_eq!(create_table("s", "t", &[], Dialect::Mysql), None);
    }
}
