//! The clients that TiDB Cloud's connection dialog offers, and how each of them is told where to go.

use tfplugin::function::FunctionError;

use super::escape::{percent, python, query, shell};
use super::{OPTIONS, Target, Tls, USER};

/// A client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Client {
    Mysql,
    MysqlUrl,
    Jdbc,
    Go,
    Mysqlclient,
    Pymysql,
    MysqlConnectorPython,
    Sqlalchemy,
    Django,
    Rails,
    Prisma,
    NodeMysql2,
}

impl Client {
    pub(super) const ALL: [Self; 12] = [
        Self::Mysql,
        Self::MysqlUrl,
        Self::Jdbc,
        Self::Go,
        Self::Mysqlclient,
        Self::Pymysql,
        Self::MysqlConnectorPython,
        Self::Sqlalchemy,
        Self::Django,
        Self::Rails,
        Self::Prisma,
        Self::NodeMysql2,
    ];

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|client| client.name() == name)
    }

    /// The name in configurations.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Mysql => "mysql",
            Self::MysqlUrl => "mysql_url",
            Self::Jdbc => "jdbc",
            Self::Go => "go",
            Self::Mysqlclient => "mysqlclient",
            Self::Pymysql => "pymysql",
            Self::MysqlConnectorPython => "mysql_connector_python",
            Self::Sqlalchemy => "sqlalchemy",
            Self::Django => "django",
            Self::Rails => "rails",
            Self::Prisma => "prisma",
            Self::NodeMysql2 => "node_mysql2",
        }
    }

    /// What the result is, for the documentation.
    pub(super) fn description(self) -> &'static str {
        match self {
            Self::Mysql => {
                "command of the MySQL command-line client, for a POSIX shell. Needs `ca_path`. Without `password` it asks for it."
            }
            Self::MysqlUrl => "URL as MySQL Shell takes it. Needs `ca_path`.",
            Self::Jdbc => {
                "URL for MySQL Connector/J. Without `ca_path` the trust store of the Java machine counts."
            }
            Self::Go => {
                "DSN for go-sql-driver/mysql. With `ca_path` it says `tls=tidb`, and the program has to register a TLS \
                 configuration `tidb` with that file: a DSN cannot name one."
            }
            Self::Mysqlclient => "Python call `MySQLdb.connect(…)`. Needs `ca_path`.",
            Self::Pymysql => "Python call `pymysql.connect(…)`. Needs `ca_path`.",
            Self::MysqlConnectorPython => "Python call `mysql.connector.connect(…)`. Needs `ca_path`.",
            Self::Sqlalchemy => "URL for SQLAlchemy with PyMySQL. Needs `ca_path`.",
            Self::Django => {
                "Python dictionary for `DATABASES[\"default\"]`, with the engine `django_tidb` and mysqlclient. Needs `ca_path`."
            }
            Self::Rails => {
                "`DATABASE_URL` for Rails with mysql2. Without `ca_path` the gem finds the system's certificates."
            }
            Self::Prisma => "`DATABASE_URL` for Prisma. Without `ca_path` the system's certificates count.",
            Self::NodeMysql2 => {
                "URI for mysql2 of Node.js, which trusts public authorities by itself. It cannot name a file: for another \
                 authority set `NODE_EXTRA_CA_CERTS` where the program runs."
            }
        }
    }

    /// The text for a target.
    pub(super) fn write(self, target: &Target) -> Result<String, FunctionError> {
        self.refuse_what_it_cannot_say(target)?;
        Ok(match self {
            Self::Mysql => mysql(target),
            Self::MysqlUrl => mysql_url(target),
            Self::Jdbc => jdbc(target),
            Self::Go => go(target),
            Self::Mysqlclient => mysqlclient(target),
            Self::Pymysql => pymysql(target),
            Self::MysqlConnectorPython => mysql_connector_python(target),
            Self::Sqlalchemy => sqlalchemy(target),
            Self::Django => django(target),
            Self::Rails => rails(target),
            Self::Prisma => prisma(target),
            Self::NodeMysql2 => node_mysql2(target),
        })
    }

    /// Whether it checks certificates against a file only.
    fn needs_ca_path(self) -> bool {
        match self {
            Self::Mysql
            | Self::MysqlUrl
            | Self::Mysqlclient
            | Self::Pymysql
            | Self::MysqlConnectorPython
            | Self::Sqlalchemy
            | Self::Django => true,
            Self::Jdbc | Self::Go | Self::Rails | Self::Prisma | Self::NodeMysql2 => false,
        }
    }

    fn refuse_what_it_cannot_say(self, target: &Target) -> Result<(), FunctionError> {
        let name = self.name();
        let refuse = |text: String| Err(FunctionError::new(text).at(OPTIONS));
        if target.tls == Tls::Verify && self.needs_ca_path() && target.ca_path.is_none() {
            return refuse(format!(
                "{name} checks the server's certificate against a file only: set `ca_path`, or `tls = \"encrypt\"` to do \
                 without the check"
            ));
        }
        if self == Self::NodeMysql2 && target.ca_path.is_some() {
            return refuse(
                "node_mysql2 cannot name a file in a URI: leave `ca_path` out, and set NODE_EXTRA_CA_CERTS where the program \
                 runs if its authority is not a public one"
                    .to_owned(),
            );
        }
        if self != Self::Jdbc && target.truststore_password.is_some() {
            return refuse(format!("{name} has no trust store: leave `truststore_password` out"));
        }
        if self == Self::Go && target.user.contains(':') {
            return Err(FunctionError::new(
                "go cannot tell a colon in the user from the end of the user: use a user without one",
            )
            .at(USER));
        }
        Ok(())
    }
}

/// The CA file, when the client is to check the server with it.
fn ca(target: &Target) -> Option<&str> {
    target.ca_path.as_deref().filter(|_| target.tls == Tls::Verify)
}

/// One of three words, by how far TLS goes.
fn by_tls<'a>(target: &Target, verify: &'a str, encrypt: &'a str, off: &'a str) -> &'a str {
    match target.tls {
        Tls::Verify => verify,
        Tls::Encrypt => encrypt,
        Tls::Off => off,
    }
}

/// `SCHEME://USER:PASSWORD@HOST:PORT/DATABASE?QUERY`; the values in the query are encoded already.
fn url(scheme: &str, target: &Target, parameters: &[(&str, String)]) -> String {
    let user = percent(&target.user);
    let password = target.password.as_deref().map(|text| format!(":{}", percent(text))).unwrap_or_default();
    let Target { host, port, .. } = target;
    let database = percent(&target.database);
    format!("{scheme}://{user}{password}@{host}:{port}/{database}{}", query_of(parameters))
}

fn query_of(parameters: &[(&str, String)]) -> String {
    let pairs: Vec<_> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}

fn mysql(target: &Target) -> String {
    let mut words = vec![
        "mysql --connect-timeout 15".to_owned(),
        format!("-u {} -h {} -P {}", shell(&target.user), target.host, target.port),
    ];
    if !target.database.is_empty() {
        words.push(format!("-D {}", shell(&target.database)));
    }
    words.push(format!("--ssl-mode={}", by_tls(target, "VERIFY_IDENTITY", "REQUIRED", "DISABLED")));
    words.extend(ca(target).map(|path| format!("--ssl-ca={}", shell(path))));
    // Without a space, or the client would take the password for a database.
    words.push(format!("-p{}", target.password.as_deref().map(shell).unwrap_or_default()));
    words.join(" ")
}

fn mysql_url(target: &Target) -> String {
    let mode = by_tls(target, "VERIFY_IDENTITY", "REQUIRED", "DISABLED");
    let mut parameters = vec![("ssl-mode", mode.to_owned())];
    parameters.extend(ca(target).map(|path| ("ssl-ca", percent(path))));
    url("mysql", target, &parameters)
}

/// User and password are parameters here, as the driver's documentation advises for special characters.
fn jdbc(target: &Target) -> String {
    let mut parameters = vec![("user", percent(&target.user))];
    parameters.extend(target.password.as_deref().map(|text| ("password", percent(text))));
    parameters.push(("sslMode", by_tls(target, "VERIFY_IDENTITY", "REQUIRED", "DISABLED").to_owned()));
    if let Some(path) = ca(target) {
        parameters.push(("trustCertificateKeyStoreUrl", format!("file:{}", query(path))));
        let password = target.truststore_password.as_deref();
        parameters.extend(password.map(|text| ("trustCertificateKeyStorePassword", percent(text))));
    }
    let Target { host, port, .. } = target;
    format!("jdbc:mysql://{host}:{port}/{}{}", percent(&target.database), query_of(&parameters))
}

/// The driver takes user and password as they stand, up to the last `@`; the rest is encoded.
fn go(target: &Target) -> String {
    let password = target.password.as_deref().map(|text| format!(":{text}")).unwrap_or_default();
    let verify = if target.ca_path.is_some() { "tidb" } else { "true" };
    let tls = by_tls(target, verify, "skip-verify", "false");
    let Target { host, port, user, .. } = target;
    format!("{user}{password}@tcp({host}:{port})/{}?tls={tls}", percent(&target.database))
}

/// `CALL(host="…", port=4000, …)`; values are Python expressions already.
fn python_call(call: &str, target: &Target, tls: &[(&str, String)]) -> String {
    let mut arguments = vec![
        format!("host={}", python(&target.host)),
        format!("port={}", target.port),
        format!("user={}", python(&target.user)),
    ];
    arguments.extend(target.password.as_deref().map(|text| format!("password={}", python(text))));
    if !target.database.is_empty() {
        arguments.push(format!("database={}", python(&target.database)));
    }
    arguments.extend(tls.iter().map(|(name, value)| format!("{name}={value}")));
    format!("{call}({})", arguments.join(", "))
}

fn mysqlclient(target: &Target) -> String {
    let mode = by_tls(target, "VERIFY_IDENTITY", "REQUIRED", "DISABLED");
    let mut tls = vec![("ssl_mode", python(mode))];
    tls.extend(ca(target).map(|path| ("ssl", format!("{{\"ca\": {}}}", python(path)))));
    python_call("MySQLdb.connect", target, &tls)
}

/// The options by which PyMySQL and MySQL Connector/Python both check a server.
fn python_verification(path: &str) -> Vec<(&'static str, String)> {
    vec![
        ("ssl_ca", python(path)),
        ("ssl_verify_cert", "True".to_owned()),
        ("ssl_verify_identity", "True".to_owned()),
    ]
}

fn pymysql(target: &Target) -> String {
    let tls = match (ca(target), target.tls) {
        (Some(path), _) => python_verification(path),
        (None, Tls::Off) => vec![("ssl_disabled", "True".to_owned())],
        (None, _) => vec![("ssl", "{\"verify_mode\": False}".to_owned())],
    };
    python_call("pymysql.connect", target, &tls)
}

fn mysql_connector_python(target: &Target) -> String {
    let tls = match (ca(target), target.tls) {
        (Some(path), _) => python_verification(path),
        (None, Tls::Off) => vec![("ssl_disabled", "True".to_owned())],
        (None, _) => vec![("ssl_disabled", "False".to_owned())],
    };
    python_call("mysql.connector.connect", target, &tls)
}

/// With these two SQLAlchemy makes the dictionary `ssl` that PyMySQL checks both certificate and name by; with
/// `ssl_verify_cert` in the URL, PyMySQL would make a dictionary of its own without the CA.
fn sqlalchemy(target: &Target) -> String {
    let mut parameters = Vec::new();
    match target.tls {
        Tls::Verify => {
            parameters.extend(ca(target).map(|path| ("ssl_ca", query(path))));
            parameters.push(("ssl_check_hostname", "true".to_owned()));
        }
        Tls::Encrypt => parameters.push(("ssl_check_hostname", "false".to_owned())),
        Tls::Off => parameters.push(("ssl_disabled", "true".to_owned())),
    }
    url("mysql+pymysql", target, &parameters)
}

fn django(target: &Target) -> String {
    let mode = by_tls(target, "VERIFY_IDENTITY", "REQUIRED", "DISABLED");
    let mut options = vec![format!("\"charset\": \"utf8mb4\", \"ssl_mode\": {}", python(mode))];
    options.extend(ca(target).map(|path| format!("\"ssl\": {{\"ca\": {}}}", python(path))));
    let mut entries = vec![
        "\"ENGINE\": \"django_tidb\"".to_owned(),
        format!("\"HOST\": {}", python(&target.host)),
        format!("\"PORT\": {}", target.port),
        format!("\"USER\": {}", python(&target.user)),
    ];
    entries.extend(target.password.as_deref().map(|text| format!("\"PASSWORD\": {}", python(text))));
    entries.push(format!("\"NAME\": {}", python(&target.database)));
    entries.push(format!("\"OPTIONS\": {{{}}}", options.join(", ")));
    format!("{{{}}}", entries.join(", "))
}

fn rails(target: &Target) -> String {
    let mode = by_tls(target, "verify_identity", "required", "disabled");
    let mut parameters = vec![("ssl_mode", mode.to_owned())];
    parameters.extend(ca(target).map(|path| ("sslca", query(path))));
    url("mysql2", target, &parameters)
}

fn prisma(target: &Target) -> String {
    let mut parameters = Vec::new();
    match target.tls {
        Tls::Verify => {
            parameters.push(("sslaccept", "strict".to_owned()));
            parameters.extend(ca(target).map(|path| ("sslcert", query(path))));
        }
        Tls::Encrypt => parameters.push(("sslaccept", "accept_invalid_certs".to_owned())),
        Tls::Off => {}
    }
    url("mysql", target, &parameters)
}

/// mysql2 reads the values of a query as JSON, and checks the server's name only when told to.
fn node_mysql2(target: &Target) -> String {
    let ssl = match target.tls {
        Tls::Verify => r#"{"minVersion":"TLSv1.2","rejectUnauthorized":true,"verifyIdentity":true}"#,
        Tls::Encrypt => r#"{"minVersion":"TLSv1.2","rejectUnauthorized":false}"#,
        Tls::Off => return url("mysql", target, &[]),
    };
    url("mysql", target, &[("ssl", percent(ssl))])
}
