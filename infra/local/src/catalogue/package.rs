//! Packages as the lists describe them.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use super::deb822::{self, Stanza};

/// What Debian calls its main part; Ubuntu has two such parts.
const COMPONENTS: [&str; 2] = ["_main_binary-", "_universe_binary-"];

/// One package of the catalogue.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) section: String,
    pub(crate) maintainer: String,
    pub(crate) homepage: Option<String>,
    pub(crate) size_bytes: u64,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) tags: Option<String>,
}

/// Long descriptions. They are kept in files of their own, where the checksum of the text is its name.
type Texts = HashMap<String, (String, String)>;

/// Reads every list in the folder: each package once, sorted by name.
pub(crate) fn read_all(lists: &Path) -> io::Result<Vec<Package>> {
    let files = files(lists)?;
    let mut texts = Texts::new();
    for file in files.iter().filter(|file| name(file).ends_with("_Translation-en")) {
        deb822::for_each(BufReader::new(File::open(file)?), |stanza| add_text(&mut texts, stanza))?;
    }

    // In order of their names, the updates of a release come before the release. The first one counts.
    let mut packages = BTreeMap::new();
    for file in files.iter().filter(|file| is_package_list(name(file))) {
        deb822::for_each(BufReader::new(File::open(file)?), |stanza| {
            if let Some(package) = parse(stanza, &texts) {
                packages.entry(package.name.clone()).or_insert(package);
            }
        })?;
    }
    Ok(packages.into_values().collect())
}

fn files(lists: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files =
        fs::read_dir(lists)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<PathBuf>>>()?;
    files.sort();
    Ok(files)
}

fn name(file: &Path) -> &str {
    file.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

fn is_package_list(name: &str) -> bool {
    name.ends_with("_Packages") && COMPONENTS.iter().any(|component| name.contains(component))
}

fn add_text(texts: &mut Texts, stanza: &Stanza) {
    if let (Some(checksum), Some(text)) = (stanza.get("Description-md5"), stanza.get("Description-en")) {
        texts.insert(checksum.to_owned(), split(text));
    }
}

/// The package of a stanza; none without a name and a section.
fn parse(stanza: &Stanza, texts: &Texts) -> Option<Package> {
    let owned = |field| stanza.get(field).map(str::to_owned);
    // An archive that publishes no texts apart has them here, whole.
    let own_text = || split(stanza.get("Description").unwrap_or_default());
    let (title, description) =
        stanza.get("Description-md5").and_then(|checksum| texts.get(checksum)).cloned().unwrap_or_else(own_text);
    Some(Package {
        name: owned("Package")?,
        version: owned("Version").unwrap_or_default(),
        section: section(stanza.get("Section")?).to_owned(),
        maintainer: owned("Maintainer").unwrap_or_default(),
        homepage: owned("Homepage"),
        size_bytes: stanza.get("Size").and_then(|size| size.parse().ok()).unwrap_or_default(),
        title,
        description,
        tags: stanza.get("Tag").map(|tags| tags.split_whitespace().collect::<Vec<&str>>().join(" ")),
    })
}

/// Ubuntu writes `universe/graphics` for `graphics`.
fn section(text: &str) -> &str {
    text.rsplit_once('/').map_or(text, |(_, section)| section)
}

/// Title and body of a text. A dot alone on its line stands for an empty line.
fn split(text: &str) -> (String, String) {
    let (title, body) = text.split_once('\n').unwrap_or((text, ""));
    let lines: Vec<&str> = body.lines().map(|line| if line.trim() == "." { "" } else { line }).collect();
    (title.trim().to_owned(), lines.join("\n").trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(list: &str) -> Texts {
        let mut texts = Texts::new();
        deb822::for_each(list.as_bytes(), |stanza| add_text(&mut texts, stanza)).unwrap();
        texts
    }

    fn packages(list: &str, texts: &Texts) -> Vec<Package> {
        let mut packages = Vec::new();
        deb822::for_each(list.as_bytes(), |stanza| packages.extend(parse(stanza, texts))).unwrap();
        packages
    }

    #[test]
    fn a_package_gets_the_long_text_that_its_checksum_names() {
        let texts = texts(
            "Package: other\nDescription-md5: 0\nDescription-en: no\n\nDescription-md5: 1\nDescription-en: Paints\n Pictures.\n .\n All of them.\n",
        );
        let found = packages(
            "Package: p\nVersion: 1:2-3\nSection: graphics\nMaintainer: M <m@example.org>\nSize: 12\nDescription: short\nDescription-md5: 1\nTag: a::b,\n c::d\n",
            &texts,
        );
        let expected = Package {
            name: "p".into(),
            version: "1:2-3".into(),
            section: "graphics".into(),
            maintainer: "M <m@example.org>".into(),
            homepage: None,
            size_bytes: 12,
            title: "Paints".into(),
            description: "Pictures.\n\nAll of them.".into(),
            tags: Some("a::b, c::d".into()),
        };
        assert_eq!(found, [expected]);
    }

    #[test]
    fn a_package_whose_text_is_missing_has_its_own() {
        let found = packages("Package: p\nSection: x\nDescription: short\n long\nDescription-md5: 9\n", &Texts::new());
        assert_eq!((found[0].title.as_str(), found[0].description.as_str()), ("short", "long"));
    }

    #[test]
    fn odd_stanzas_are_no_packages_and_odd_sizes_are_nothing() {
        let found = packages(
            "Package: no-section\n\nSection: no-name\n\nPackage: p\nSection: universe/text\nSize: many\n",
            &Texts::new(),
        );
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].section.as_str(), found[0].size_bytes), ("text", 0));
    }

    #[test]
    fn only_lists_of_the_main_part_are_read() {
        assert!(is_package_list("host_debian_dists_x_main_binary-arm64_Packages"));
        assert!(is_package_list("host_ubuntu_dists_x_universe_binary-amd64_Packages"));
        assert!(!is_package_list("host_debian_dists_x_contrib_binary-amd64_Packages"));
        assert!(!is_package_list("host_debian_dists_x_main_i18n_Translation-en"));
    }
}
