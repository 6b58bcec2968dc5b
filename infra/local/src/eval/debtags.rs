//! Debian's catalogue, with the tags that its people have given to packages as judgements. A topic is a tag that 15 to 400
//! packages carry, and its words are the query. The judgements are topical and incomplete: good for comparing.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use super::{Collection, Document, Topic};
use crate::catalogue::{self, Package};
use crate::demo::Failed;

/// Packages that a tag of a topic has.
const CARRIERS: std::ops::RangeInclusive<usize> = 15..=400;

/// Facets whose packages make up the collection.
const COLLECTED: [&str; 17] = [
    "accessibility",
    "admin",
    "biology",
    "devel",
    "field",
    "filetransfer",
    "game",
    "hardware",
    "mail",
    "network",
    "office",
    "protocol",
    "security",
    "sound",
    "use",
    "web",
    "works-with",
];

/// Facets whose tags are topics, with the word that makes a sensible query of a tag's own words.
const TOPICAL: [(&str, &str); 21] = [
    ("accessibility", "accessibility"),
    ("admin", ""),
    ("biology", "biology"),
    ("devel", "development"),
    ("field", ""),
    ("filetransfer", "file transfer"),
    ("game", "game"),
    ("hardware", ""),
    ("junior", ""),
    ("made-of", ""),
    ("mail", "mail"),
    ("network", "network"),
    ("office", ""),
    ("protocol", "protocol"),
    ("science", ""),
    ("security", ""),
    ("sound", ""),
    ("use", ""),
    ("vi", ""),
    ("web", ""),
    ("works-with", ""),
];

/// Values that say nothing.
const EMPTY: [&str; 3] = ["TODO", "special", "other"];

/// The collection, of whatever the catalogue in the cache or of the archive holds today.
pub async fn read(cache: &Path, progress: &mut dyn FnMut(&str)) -> Result<Collection, Failed> {
    let packages = catalogue::packages(cache, progress).await?;
    Ok(collection(&packages))
}

fn collection(packages: &[Package]) -> Collection {
    let kept = packages.iter().filter(|package| is_collected(package));
    let mut documents = Vec::new();
    let mut carriers: BTreeMap<&str, HashMap<u32, u32>> = BTreeMap::new();
    for (id, package) in (1..).zip(kept) {
        documents.push(Document { id, title: package.title.clone(), body: package.description.clone() });
        for tag in tags(package) {
            carriers.entry(tag).or_default().insert(id, 1);
        }
    }
    let topics = carriers.into_iter().filter(|(_, gains)| CARRIERS.contains(&gains.len()));
    let topics = topics.filter_map(|(tag, gains)| Some(Topic { query: query(tag)?, gains })).collect();
    Collection { name: "debtags".to_owned(), documents, topics }
}

fn is_collected(package: &Package) -> bool {
    let collected = |tag: &str| tag.split_once("::").is_some_and(|(facet, _)| COLLECTED.contains(&facet));
    !matches!(package.section.as_str(), "debug" | "localization") && tags(package).any(collected)
}

fn tags(package: &Package) -> impl Iterator<Item = &str> {
    package.tags.as_deref().unwrap_or_default().split(", ")
}

/// The words of a tag; nothing for one that is no topic.
fn query(tag: &str) -> Option<String> {
    let (facet, value) = tag.split_once("::")?;
    let (_, hint) = TOPICAL.iter().find(|(topical, _)| *topical == facet)?;
    let is_topic = !value.is_empty() && !EMPTY.contains(&value);
    is_topic.then(|| format!("{} {hint}", value.replace(['-', ':'], " ")).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(nth: usize, section: &str, tags: &str) -> Package {
        Package {
            name: format!("p{nth}"),
            version: String::new(),
            section: section.to_owned(),
            maintainer: String::new(),
            homepage: None,
            size_bytes: 0,
            title: String::new(),
            description: String::new(),
            tags: Some(tags.to_owned()),
        }
    }

    #[test]
    fn a_tags_words_are_the_query() {
        assert_eq!(query("game::board-chess").as_deref(), Some("board chess game"));
        assert_eq!(query("field::biology:structural").as_deref(), Some("biology structural"));
        assert_eq!((query("role::program"), query("use::TODO"), query("use")), (None, None, None));
    }

    #[test]
    fn a_topic_is_a_tag_that_enough_packages_carry() {
        let mut packages: Vec<Package> = (0..15).map(|nth| package(nth, "games", "use::playing, game::rpg")).collect();
        packages.push(package(15, "games", "use::playing, use::rare, role::program"));
        packages.push(package(16, "debug", "use::playing"));
        packages.push(package(17, "games", "role::program"));
        let collection = collection(&packages);
        assert_eq!(collection.documents.len(), 16);
        let topics: Vec<(&str, usize)> =
            collection.topics.iter().map(|topic| (topic.query.as_str(), topic.gains.len())).collect();
        assert_eq!(topics, [("rpg game", 15), ("playing", 16)]);
    }
}
