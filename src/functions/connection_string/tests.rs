use super::*;

const HOST_NAME: &str = "privatelink.example.com";
const CA: &str = "/etc/ssl/ca file.pem";

fn call(client: &str, options: &[(&str, &str)]) -> Result<String, FunctionError> {
    call_with(client, HOST_NAME, 4000, "2a.root", "shop", options)
}

fn call_with(
    client: &str,
    host: &str,
    port: i64,
    user: &str,
    database: &str,
    options: &[(&str, &str)],
) -> Result<String, FunctionError> {
    let options = options.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect();
    let arguments = vec![
        Value::from(client),
        Value::from(host),
        Value::from(port),
        Value::from(user),
        Value::from(database),
        Value::Map(options),
    ];
    match ConnectionString.call(Arguments::new(arguments))? {
        Value::String(text) => Ok(text),
        other => panic!("{other:?}"),
    }
}

/// What a client is told with a password full of special characters and a CA file with a space in its path.
fn checked(client: &str) -> String {
    call(client, &[("password", r#"p@s/s:'w"\%"#), ("ca_path", CA)]).unwrap()
}

#[test]
fn the_mysql_command_is_quoted_for_a_shell() {
    assert_eq!(
        checked("mysql"),
        r#"mysql --connect-timeout 15 -u '2a.root' -h privatelink.example.com -P 4000 -D 'shop' --ssl-mode=VERIFY_IDENTITY --ssl-ca='/etc/ssl/ca file.pem' -p'p@s/s:'\''w"\%'"#
    );
    let asking = call("mysql", &[("ca_path", CA)]).unwrap();
    assert!(asking.ends_with(" -p"), "{asking}");
}

#[test]
fn urls_are_percent_encoded() {
    let encoded = "2a.root:p%40s%2Fs%3A%27w%22%5C%25@privatelink.example.com:4000/shop";
    for (client, scheme, query) in [
        ("mysql_url", "mysql", "ssl-mode=VERIFY_IDENTITY&ssl-ca=%2Fetc%2Fssl%2Fca%20file.pem"),
        ("sqlalchemy", "mysql+pymysql", "ssl_ca=/etc/ssl/ca%20file.pem&ssl_check_hostname=true"),
        ("rails", "mysql2", "ssl_mode=verify_identity&sslca=/etc/ssl/ca%20file.pem"),
        ("prisma", "mysql", "sslaccept=strict&sslcert=/etc/ssl/ca%20file.pem"),
    ] {
        assert_eq!(checked(client), format!("{scheme}://{encoded}?{query}"), "{client}");
    }
}

#[test]
fn the_jdbc_url_carries_everything_in_its_query() {
    let text = call("jdbc", &[("password", "a&b"), ("ca_path", "/t.jks"), ("truststore_password", "c&d")]);
    assert_eq!(
        text.unwrap(),
        "jdbc:mysql://privatelink.example.com:4000/shop?user=2a.root&password=a%26b&sslMode=VERIFY_IDENTITY\
         &trustCertificateKeyStoreUrl=file:/t.jks&trustCertificateKeyStorePassword=c%26d"
    );
    let system = call("jdbc", &[]).unwrap();
    assert!(system.ends_with("?user=2a.root&sslMode=VERIFY_IDENTITY"), "{system}");
}

#[test]
fn the_go_dsn_takes_user_and_password_as_they_stand() {
    assert_eq!(checked("go"), r#"2a.root:p@s/s:'w"\%@tcp(privatelink.example.com:4000)/shop?tls=tidb"#);
    assert_eq!(call("go", &[]).unwrap(), "2a.root@tcp(privatelink.example.com:4000)/shop?tls=true");
    let encoded = call_with("go", HOST_NAME, 4000, "root", "a/b?c", &[]).unwrap();
    assert!(encoded.ends_with("/a%2Fb%3Fc?tls=true"), "{encoded}");
    let error = call_with("go", HOST_NAME, 4000, "a:b", "shop", &[]).unwrap_err();
    assert_eq!(error.argument, Some(USER));
}

#[test]
fn python_calls_are_python() {
    let common = r#"host="privatelink.example.com", port=4000, user="2a.root", password="p@s/s:'w\"\\%", database="shop""#;
    let verified = r#"ssl_ca="/etc/ssl/ca file.pem", ssl_verify_cert=True, ssl_verify_identity=True"#;
    assert_eq!(
        checked("mysqlclient"),
        format!(
            r#"MySQLdb.connect({common}, ssl_mode="VERIFY_IDENTITY", ssl={{"ca": "/etc/ssl/ca file.pem"}})"#
        )
    );
    assert_eq!(checked("pymysql"), format!("pymysql.connect({common}, {verified})"));
    assert_eq!(checked("mysql_connector_python"), format!("mysql.connector.connect({common}, {verified})"));
}

#[test]
fn the_django_setting_is_a_dictionary() {
    assert_eq!(
        checked("django"),
        r#"{"ENGINE": "django_tidb", "HOST": "privatelink.example.com", "PORT": 4000, "USER": "2a.root", "PASSWORD": "p@s/s:'w\"\\%", "NAME": "shop", "OPTIONS": {"charset": "utf8mb4", "ssl_mode": "VERIFY_IDENTITY", "ssl": {"ca": "/etc/ssl/ca file.pem"}}}"#
    );
}

#[test]
fn the_node_uri_tells_mysql2_to_check_the_name_too() {
    assert_eq!(
        call("node_mysql2", &[("password", "a b")]).unwrap(),
        "mysql://2a.root:a%20b@privatelink.example.com:4000/shop?ssl=%7B%22minVersion%22%3A%22TLSv1.2%22%2C\
         %22rejectUnauthorized%22%3Atrue%2C%22verifyIdentity%22%3Atrue%7D"
    );
    let error = call("node_mysql2", &[("ca_path", CA)]).unwrap_err();
    assert!(error.text.contains("NODE_EXTRA_CA_CERTS"), "{error}");
}

#[test]
fn a_client_that_cannot_check_without_a_file_says_so() {
    for client in
        ["mysql", "mysql_url", "mysqlclient", "pymysql", "mysql_connector_python", "sqlalchemy", "django"]
    {
        let error = call(client, &[("password", "hunter2")]).unwrap_err();
        assert_eq!(error.argument, Some(OPTIONS), "{client}");
        assert!(error.text.contains("ca_path") && !error.text.contains("hunter2"), "{client}: {error}");
    }
    for client in ["jdbc", "go", "rails", "prisma", "node_mysql2"] {
        assert!(call(client, &[]).is_ok(), "{client}");
    }
}

#[test]
fn every_client_can_do_without_the_check_and_without_tls() {
    for client in Client::ALL {
        let encrypt = call(client.name(), &[("tls", "encrypt")]).unwrap();
        let off = call(client.name(), &[("tls", "off")]).unwrap();
        assert_ne!(encrypt, off, "{client:?}");
        for text in [encrypt, off] {
            let lower = text.to_lowercase();
            for word in ["verify_identity", "strict", "tls=true", "verifyidentity", "check_hostname=true"] {
                assert!(!lower.contains(word), "{client:?}: {text}");
            }
        }
    }
}

#[test]
fn without_a_database_none_is_chosen() {
    for client in Client::ALL {
        let text = call_with(client.name(), HOST_NAME, 4000, "root", "", &[("tls", "encrypt")]).unwrap();
        assert!(!text.contains("-D") && !text.contains("database="), "{text}");
    }
}

#[test]
fn mistakes_are_pointed_at() {
    let options: [(&str, &str); 0] = [];
    for (client, host, port, user, database, index, says) in [
        ("php", HOST_NAME, 4000, "u", "d", CLIENT, "mysql, mysql_url, jdbc, go"),
        ("go", "", 4000, "u", "d", HOST, "empty"),
        ("go", "https://a", 4000, "u", "d", HOST, "without scheme"),
        ("go", "a:4000", 4000, "u", "d", HOST, "without scheme, port"),
        ("go", HOST_NAME, 0, "u", "d", PORT, "1 to 65535"),
        ("go", HOST_NAME, 65_536, "u", "d", PORT, "1 to 65535"),
        ("go", HOST_NAME, -1, "u", "d", PORT, "1 to 65535"),
        ("go", HOST_NAME, 4000, "", "d", USER, "empty"),
        ("go", HOST_NAME, 4000, "u\n", "d", USER, "control character"),
        ("go", HOST_NAME, 4000, "u", "d\0", DATABASE, "control character"),
    ] {
        let error = call_with(client, host, port, user, database, &options).unwrap_err();
        assert_eq!(error.argument, Some(index), "{error}");
        assert!(error.text.contains(says), "{error}");
    }
}

#[test]
fn unknown_options_are_named_and_passwords_never_repeated() {
    for (options, says) in [
        (&[("passwort", "hunter2")][..], "password, ca_path"),
        (&[("tls", "on")], "verify, encrypt or off"),
        (&[("password", "hunter2\n")], "control character"),
        (&[("truststore_password", "hunter2")], "trust store"),
    ] {
        let error = call("go", options).unwrap_err();
        assert_eq!(error.argument, Some(OPTIONS), "{error}");
        assert!(error.text.contains(says) && !error.text.contains("hunter2"), "{error}");
    }
    let twice = Arguments::new(
        [Value::from("go"), Value::from("h"), Value::from(1), Value::from("u"), Value::from("d")]
            .into_iter()
            .chain([Value::Map(BTreeMap::new()), Value::Map(BTreeMap::new())])
            .collect(),
    );
    assert_eq!(ConnectionString.call(twice).unwrap_err().argument, Some(OPTIONS + 1));
}

#[test]
fn an_option_that_is_null_is_left_out() {
    let options = Value::Map([("password".to_owned(), Value::Null)].into_iter().collect());
    let arguments =
        [Value::from("go"), Value::from("h"), Value::from(1), Value::from("u"), Value::from("d"), options];
    let text = ConnectionString.call(Arguments::new(arguments.into_iter().collect())).unwrap();
    assert_eq!(text, Value::from("u@tcp(h:1)/d?tls=true"));
}
