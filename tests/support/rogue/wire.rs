//! What servers say, byte by byte (MySQL manual, "Client/Server Protocol").

/// `CLIENT_*` flags that the rogue offers: long passwords, schema in the handshake, local files, protocol 4.1,
/// transactions, secure connection, several results, plugins. No TLS, and the old form of EOF.
const CAPABILITIES: u32 = 1 | 8 | 0x80 | 0x200 | 0x2000 | 0x8000 | 0x2_0000 | 0x4_0000 | 0x8_0000;

/// `SERVER_MORE_RESULTS_EXISTS`.
pub const MORE_RESULTS: u16 = 8;

/// `MYSQL_TYPE_VAR_STRING`.
pub const VAR_STRING: u8 = 0xfd;

/// The greeting of a server of this version that wants to authenticate with this plugin.
pub fn greeting(connection: u32, version: &[u8], plugin: &str) -> Vec<u8> {
    let [low, high] =
        [CAPABILITIES & 0xffff, CAPABILITIES >> 16].map(|half| [half.to_le_bytes()[0], half.to_le_bytes()[1]]);
    [
        &[10][..],
        version,
        &[0],
        &connection.to_le_bytes(),
        b"saltsalt\0",
        &low,
        &[45, 2, 0],
        &high,
        &[21, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        b"saltsaltsalt\0",
        plugin.as_bytes(),
        &[0],
    ]
    .concat()
}

/// The greeting of a server of this version that offers TLS. `CLIENT_SSL` is in the second byte of the capabilities,
/// which follow the protocol, the version and its end, the number of the connection, and eight bytes of salt and theirs.
pub fn with_tls(version: &[u8]) -> Vec<u8> {
    let mut greeting = greeting(1, version, "mysql_native_password");
    greeting[1 + version.len() + 1 + 4 + 9 + 1] |= 0x08;
    greeting
}

/// All is well. The warnings and the status are those of a quiet server.
pub fn ok(status: u16) -> Vec<u8> {
    [&[0, 0, 0][..], &(status | 2).to_le_bytes(), &[0, 0]].concat()
}

/// The end of the columns or of the rows.
pub fn eof(status: u16) -> Vec<u8> {
    [&[0xfe, 0, 0][..], &(status | 2).to_le_bytes()].concat()
}

/// An error, as it is said after the login.
pub fn error(errno: u16, state: &str, text: &str) -> Vec<u8> {
    [&[0xff][..], &errno.to_le_bytes(), b"#", state.as_bytes(), text.as_bytes()].concat()
}

/// An error in place of a greeting, which has no SQLSTATE.
pub fn early_error(errno: u16, text: &str) -> Vec<u8> {
    [&[0xff][..], &errno.to_le_bytes(), text.as_bytes()].concat()
}

/// Asks for another authentication.
pub fn auth_switch(plugin: &str, data: &[u8]) -> Vec<u8> {
    [&[0xfe][..], plugin.as_bytes(), &[0], data].concat()
}

/// Asks the client for one of its files.
pub fn local_infile(path: &str) -> Vec<u8> {
    [&[0xfb][..], path.as_bytes()].concat()
}

/// A statement is prepared: its number is always 1.
pub fn prepared(params: u16) -> Vec<u8> {
    prepared_with(params, 0)
}

/// The same of one that will have so many columns.
pub fn prepared_with(params: u16, columns: u16) -> Vec<u8> {
    [&[0, 1, 0, 0, 0][..], &columns.to_le_bytes(), &params.to_le_bytes(), &[0, 0, 0]].concat()
}

/// How many columns the rows have.
pub fn column_count(count: u64) -> Vec<u8> {
    [&[0xfe][..], &count.to_le_bytes()].concat()
}

/// A column of this name and type.
pub fn column(name: &[u8], kind: u8) -> Vec<u8> {
    let name = length_encoded(name);
    [&b"\x03def\0\0\0"[..], &name, &name, &[0x0c, 45, 0], &[0xff, 0xff, 0, 0], &[kind, 0, 0, 0, 0, 0]].concat()
}

/// A row of the binary protocol, whose values are texts or NULL.
pub fn row(values: &[Option<&[u8]>]) -> Vec<u8> {
    let mut nulls = vec![0; (values.len() + 9) / 8];
    let mut bytes = Vec::new();
    for (index, value) in values.iter().enumerate() {
        match value {
            Some(value) => bytes.extend(length_encoded(value)),
            None => nulls[(index + 2) / 8] |= 1 << ((index + 2) % 8),
        }
    }
    [vec![0], nulls, bytes].concat()
}

/// A row of the text protocol.
pub fn text_row(values: &[&[u8]]) -> Vec<u8> {
    values.iter().flat_map(|value| length_encoded(value)).collect()
}

/// A packet: the length and number of its payload, and the payload.
pub fn packet(number: u8, payload: &[u8]) -> Vec<u8> {
    let [a, b, c, _] = u32::try_from(payload.len()).expect("a payload of less than 16 MB").to_le_bytes();
    [&[a, b, c, number][..], payload].concat()
}

fn length_encoded(bytes: &[u8]) -> Vec<u8> {
    [&[0xfe][..], &(bytes.len() as u64).to_le_bytes(), bytes].concat()
}
