//! `connection_string`: what each client wants to be told to reach a cluster, with TLS on and checked.

mod client;
mod escape;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use tfplugin::function::{Arguments, Function, FunctionDefinition, FunctionError, Parameter};
use tfplugin::{Type, Value};

use self::client::Client;

/// The function `connection_string`.
pub(super) struct ConnectionString;

/// The arguments by their place, for errors that point at one.
const CLIENT: usize = 0;
const HOST: usize = 1;
const PORT: usize = 2;
const USER: usize = 3;
const DATABASE: usize = 4;
const OPTIONS: usize = 5;

/// What the map of options may hold.
const OPTION_NAMES: [&str; 4] = ["password", "ca_path", "truststore_password", "tls"];

/// How far a client goes to make sure of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tls {
    /// Encrypted, with a certificate that somebody trusted has signed for this very name.
    Verify,
    /// Encrypted, whoever answers.
    Encrypt,
    /// In the clear.
    Off,
}

impl Tls {
    const ALL: [(&str, Self); 3] = [("verify", Self::Verify), ("encrypt", Self::Encrypt), ("off", Self::Off)];
}

/// The arguments, checked.
#[derive(Debug)]
struct Target {
    host: String,
    port: u16,
    user: String,
    /// Empty: none is chosen.
    database: String,
    password: Option<String>,
    ca_path: Option<String>,
    truststore_password: Option<String>,
    tls: Tls,
}

impl Function for ConnectionString {
    fn definition(&self) -> FunctionDefinition {
        let clients: Vec<_> = Client::ALL
            .iter()
            .map(|client| format!("- `{}`: {}", client.name(), client.description()))
            .collect();
        FunctionDefinition::new(Type::String)
            .summary("What a client needs to connect, with TLS on")
            .description(format!(
                "Writes what a client takes to connect through a private endpoint: a URL, a DSN, a command or a call. Names \
                 and passwords are escaped as that client asks for.\n\n\
                 TLS is on, and the server's certificate and name are checked, unless `tls` says otherwise. **Starter and \
                 Essential** take nothing but TLS and have certificates of a public authority (Let's Encrypt): where a \
                 client asks for a CA file, give the one of the system that the client runs on, such as \
                 `/etc/ssl/certs/ca-certificates.crt` on Debian or `/etc/ssl/cert.pem` on macOS and Alpine. The path is an \
                 argument because a function has to answer the same everywhere. **Dedicated** takes both TLS and plain \
                 connections and has a certificate authority of its own: download its CA in the console's connection \
                 dialog and give the path of that file.\n\n\
                 A sensitive password makes the whole result sensitive. Leave `password` out to have no secret in the \
                 result: the client then asks for it or takes it from elsewhere.\n\n\
                 The clients:\n\n{}",
                clients.join("\n")
            ))
            .parameter(Parameter::new("client", Type::String).description("One of the clients above."))
            .parameter(
                Parameter::new("host", Type::String)
                    .description("`host` of the `tidblink_private_endpoint`."),
            )
            .parameter(
                Parameter::new("port", Type::Number)
                    .description("`port` of the `tidblink_private_endpoint`."),
            )
            .parameter(
                Parameter::new("user", Type::String)
                    .description("SQL user. On Starter and Essential with the cluster's prefix: `2aEp24QWEDLqRFs.root`."),
            )
            .parameter(
                Parameter::new("database", Type::String)
                    .description("Database to use; `\"\"` connects without choosing one."),
            )
            .variadic(Parameter::new("options", Type::map(Type::String)).description(
                "At most one map; what is left out or null is not used. `password`: the user's password. `ca_path`: file \
                 with the certificates to trust, on the machine that the client runs on; for `jdbc` a trust store. \
                 `truststore_password`: password of that trust store. `tls`: `verify` (the default), `encrypt` (does not \
                 check who answers, which still keeps eavesdroppers out of a private path) or `off` (Dedicated only).",
            ))
    }

    fn call(&self, arguments: Arguments) -> Result<Value, FunctionError> {
        let name: String = arguments.get(CLIENT)?;
        let client = Client::named(&name).ok_or_else(|| {
            let names: Vec<_> = Client::ALL.iter().map(|client| client.name()).collect();
            FunctionError::new(format!("there is no client {name:?}: use one of {}", names.join(", ")))
                .at(CLIENT)
        })?;
        client.write(&Target::read(&arguments)?).map(Value::from)
    }
}

impl Target {
    fn read(arguments: &Arguments) -> Result<Self, FunctionError> {
        let host: String = arguments.get(HOST)?;
        if host.is_empty() {
            return Err(FunctionError::new("the host is empty: give the `host` of the endpoint").at(HOST));
        }
        if !host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte)) {
            return Err(FunctionError::new(format!(
                "{host:?} is not a host name: give the name alone, without scheme, port or path"
            ))
            .at(HOST));
        }
        let port: i64 = arguments.get(PORT)?;
        let port = u16::try_from(port).ok().filter(|port| *port > 0).ok_or_else(|| {
            FunctionError::new(format!("{port} is not a port: ports go from 1 to 65535")).at(PORT)
        })?;
        let user: String = arguments.get(USER)?;
        if user.is_empty() {
            return Err(FunctionError::new("the user is empty: give an SQL user").at(USER));
        }
        let database: String = arguments.get(DATABASE)?;
        for (what, text, index) in [("user", &user, USER), ("database", &database, DATABASE)] {
            refuse_control_characters(what, text, index)?;
        }
        let mut options = options(arguments)?;
        let mut take = |name: &str| options.remove(name).flatten();
        let tls = match take("tls") {
            None => Tls::Verify,
            Some(word) => {
                Tls::ALL.into_iter().find(|(name, _)| *name == word).map(|(_, tls)| tls).ok_or_else(|| {
                    let text = format!("`tls` cannot be {word:?}: use verify, encrypt or off");
                    FunctionError::new(text).at(OPTIONS)
                })?
            }
        };
        Ok(Self {
            host,
            port,
            user,
            database,
            password: take("password"),
            ca_path: take("ca_path").filter(|path| !path.is_empty()),
            truststore_password: take("truststore_password"),
            tls,
        })
    }
}

/// The options that are known, none of them repeated in an error: one is a password.
fn options(arguments: &Arguments) -> Result<BTreeMap<String, Option<String>>, FunctionError> {
    let maps: Vec<BTreeMap<String, Option<String>>> = arguments.rest(OPTIONS)?;
    if maps.len() > 1 {
        return Err(FunctionError::new("give all options in one map").at(OPTIONS + 1));
    }
    let options = maps.into_iter().next().unwrap_or_default();
    for (name, text) in &options {
        if !OPTION_NAMES.contains(&name.as_str()) {
            let known = OPTION_NAMES.join(", ");
            return Err(FunctionError::new(format!("there is no option {name:?}: use {known}")).at(OPTIONS));
        }
        refuse_control_characters(name, text.as_deref().unwrap_or_default(), OPTIONS)?;
    }
    Ok(options)
}

/// No client takes them from a text like these, and in some they would end it.
fn refuse_control_characters(what: &str, text: &str, index: usize) -> Result<(), FunctionError> {
    if text.chars().any(char::is_control) {
        return Err(FunctionError::new(format!(
            "the {what} holds a control character; `chomp()` takes a line break off the end"
        ))
        .at(index));
    }
    Ok(())
}
