//! The first packet that a MySQL server sends. (MySQL documentation, "Protocol::HandshakeV10" and "ERR_Packet".)

/// As much of an answer as is looked at; a greeting has some eighty bytes.
pub(super) const MOST: usize = 1024;

/// What a server's first bytes say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Greeting {
    /// It greets, with its version.
    Server(String),
    /// It refuses, with a code and its reason.
    Refusal(u16, String),
    /// More bytes are needed.
    Incomplete,
    /// This is no MySQL server.
    Foreign,
}

/// Reads what has come so far.
pub(super) fn read(bytes: &[u8]) -> Greeting {
    let [low, middle, high, sequence, payload @ ..] = bytes else { return Greeting::Incomplete };
    let length = usize::from(*low) | usize::from(*middle) << 8 | usize::from(*high) << 16;
    // The first packet of a conversation has the number 0, and none that greets or refuses is long.
    if *sequence != 0 || length == 0 || length > MOST {
        return Greeting::Foreign;
    }
    let Some(payload) = payload.get(..length) else {
        return if payload.first().is_none_or(|kind| [10, 0xff].contains(kind)) {
            Greeting::Incomplete
        } else {
            Greeting::Foreign
        };
    };
    match payload {
        [10, rest @ ..] => match rest.iter().position(|byte| *byte == 0) {
            Some(end) if end > 0 => Greeting::Server(text(&rest[..end])),
            _ => Greeting::Foreign,
        },
        [0xff, low, high, message @ ..] => {
            Greeting::Refusal(u16::from_le_bytes([*low, *high]), text(message))
        }
        _ => Greeting::Foreign,
    }
}

/// Text of somebody whom nobody knows yet: without anything that a terminal would obey.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A greeting as TiDB sends it, without what comes after the version.
    pub(in crate::reachability) fn greeting(version: &str) -> Vec<u8> {
        let payload = [&[10][..], version.as_bytes(), &[0, 1, 0, 0, 0]].concat();
        [&[u8::try_from(payload.len()).unwrap(), 0, 0, 0][..], &payload].concat()
    }

    #[test]
    fn a_greeting_tells_the_servers_version() {
        let bytes = greeting("8.0.11-TiDB-v8.5.1");
        assert_eq!(read(&bytes), Greeting::Server("8.0.11-TiDB-v8.5.1".into()));
        for cut in 0..bytes.len() {
            assert_eq!(read(&bytes[..cut]), Greeting::Incomplete, "{cut}");
        }
    }

    #[test]
    fn a_refusal_tells_its_code_and_reason() {
        let payload = [&[0xff, 0x6a, 0x04][..], b"Host is not allowed"].concat();
        let bytes = [&[u8::try_from(payload.len()).unwrap(), 0, 0, 0][..], &payload].concat();
        assert_eq!(read(&bytes), Greeting::Refusal(1130, "Host is not allowed".into()));
    }

    #[test]
    fn whatever_else_is_foreign() {
        for bytes in
            [&b"HTTP/1.1 400 Bad Request"[..], b"SSH-2.0-OpenSSH_9", &[0, 0, 0, 0], &[1, 0, 0, 0, 10]]
        {
            assert_eq!(read(bytes), Greeting::Foreign, "{bytes:?}");
        }
    }

    #[test]
    fn control_characters_never_get_through() {
        assert_eq!(read(&greeting("8\u{1b}[31m")), Greeting::Server("8 [31m".into()));
    }
}
