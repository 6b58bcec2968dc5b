//! The tables of the demo: which package belongs to which, and how a table is filled.

use std::fmt;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Params, Value};

use super::package::Package;

/// Rows in one statement: few enough for a packet, enough that the round trips do not count.
const ROWS_PER_STATEMENT: usize = 500;

/// Rows between two reports of progress.
const ROWS_PER_REPORT: usize = 5_000;

/// Sections whose packages are for programmers, by language for the most part.
const LIBRARY_SECTIONS: [&str; 18] = [
    "cli-mono",
    "debug",
    "gnu-r",
    "golang",
    "haskell",
    "introspection",
    "java",
    "javascript",
    "libdevel",
    "libs",
    "lisp",
    "ocaml",
    "oldlibs",
    "perl",
    "php",
    "python",
    "ruby",
    "rust",
];

/// All columns but the key, in the order in which rows are written.
const COLUMNS: &str = "name, version, section, maintainer, homepage, size_bytes, title, description, tags";

/// A table of the demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    Packages,
    Libraries,
    Documentation,
}

impl Table {
    pub(super) const ALL: [Self; 3] = [Self::Packages, Self::Libraries, Self::Documentation];

    /// The table that this package belongs to.
    pub(super) fn of(package: &Package) -> Self {
        let section = package.section.as_str();
        if section == "doc" || package.name.ends_with("-doc") {
            Self::Documentation
        } else if LIBRARY_SECTIONS.contains(&section) {
            Self::Libraries
        } else {
            Self::Packages
        }
    }

    pub(super) fn database(self) -> &'static str {
        match self {
            Self::Packages => "demo_packages",
            Self::Libraries | Self::Documentation => "demo_libraries",
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Packages => "packages",
            Self::Libraries => "libraries",
            Self::Documentation => "documentation",
        }
    }

    /// The number of rows, when the table is complete.
    pub(super) async fn rows(self, conn: &mut Conn) -> mysql_async::Result<Option<u64>> {
        let known = "SELECT 1 FROM information_schema.tables WHERE table_schema = ? AND table_name = ?";
        let exists: Option<u8> = conn.exec_first(known, (self.database(), self.name())).await?;
        match exists {
            Some(_) => conn.query_first(format!("SELECT COUNT(*) FROM {self}")).await,
            None => Ok(None),
        }
    }

    /// Fills the table under another name and renames it when it is complete. What an interrupted load
    /// has left under that name is thrown away.
    pub(super) async fn load(
        self,
        conn: &mut Conn,
        rows: &[&Package],
        progress: &mut dyn FnMut(&str),
    ) -> mysql_async::Result<()> {
        let loading = format!("{self}_loading");
        conn.query_drop(format!("CREATE DATABASE IF NOT EXISTS {} CHARACTER SET utf8mb4", self.database())).await?;
        conn.query_drop(format!("DROP TABLE IF EXISTS {loading}")).await?;
        conn.query_drop(format!("CREATE TABLE {loading} {DEFINITION}")).await?;

        let total = rows.len();
        for (index, chunk) in rows.chunks(ROWS_PER_STATEMENT).enumerate() {
            // Each statement is a transaction of its own, which is as large as one should be.
            conn.exec_drop(insert(&loading, chunk.len()), values(chunk)).await?;
            let done = index * ROWS_PER_STATEMENT + chunk.len();
            if done.is_multiple_of(ROWS_PER_REPORT) || done == total {
                progress(&format!("{self}: {done} of {total} rows"));
            }
        }

        // Building the index once is much faster than keeping it up to date row by row.
        progress(&format!("{self}: building the full-text index"));
        conn.query_drop(format!("ALTER TABLE {loading} ADD FULLTEXT INDEX title_description (title, description)"))
            .await?;
        conn.query_drop(format!("RENAME TABLE {loading} TO {self}")).await
    }
}

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.database(), self.name())
    }
}

/// Descriptions may exceed the 64 KiB of a `TEXT`; some list everything that a collection contains.
const DEFINITION: &str = "(
    id INT PRIMARY KEY AUTO_INCREMENT,
    name VARCHAR(255) NOT NULL,
    version VARCHAR(255) NOT NULL,
    section VARCHAR(100) NOT NULL,
    maintainer VARCHAR(1000) NOT NULL,
    homepage VARCHAR(1000),
    size_bytes BIGINT UNSIGNED NOT NULL,
    title VARCHAR(1000) NOT NULL,
    description MEDIUMTEXT NOT NULL,
    tags TEXT,
    UNIQUE (name)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4";

fn insert(table: &str, rows: usize) -> String {
    let row = "(?, ?, ?, ?, ?, ?, ?, ?, ?)";
    format!("INSERT INTO {table} ({COLUMNS}) VALUES {}", vec![row; rows].join(", "))
}

fn values(rows: &[&Package]) -> Params {
    let values = rows.iter().flat_map(|package| -> [Value; 9] {
        [
            package.name.as_str().into(),
            package.version.as_str().into(),
            package.section.as_str().into(),
            package.maintainer.as_str().into(),
            package.homepage.as_deref().into(),
            package.size_bytes.into(),
            package.title.as_str().into(),
            package.description.as_str().into(),
            package.tags.as_deref().into(),
        ]
    });
    Params::Positional(values.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str, section: &str) -> Table {
        Table::of(&Package {
            name: name.into(),
            version: String::new(),
            section: section.into(),
            maintainer: String::new(),
            homepage: None,
            size_bytes: 0,
            title: String::new(),
            description: String::new(),
            tags: None,
        })
    }

    #[test]
    fn programs_libraries_and_documentation_are_told_apart() {
        assert_eq!(table("gimp", "graphics"), Table::Packages);
        assert_eq!(table("libpng16-16", "libs"), Table::Libraries);
        assert_eq!(table("python3-numpy", "python"), Table::Libraries);
        assert_eq!(table("debian-handbook", "doc"), Table::Documentation);
    }

    #[test]
    fn documentation_is_known_by_its_name_in_any_section() {
        assert_eq!(table("python-numpy-doc", "python"), Table::Documentation);
        assert_eq!(table("docker", "admin"), Table::Packages);
    }

    #[test]
    fn a_section_that_nobody_has_heard_of_holds_programs() {
        assert_eq!(table("new", "quantum"), Table::Packages);
    }
}
