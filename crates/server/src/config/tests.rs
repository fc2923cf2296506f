#![expect(clippy::unwrap_used, reason = "tests")]
use super::*;
use crate::files::tests::scratch;

const WHOLE: &str = r#"
listen = "127.0.0.1:9443"
server_lock = "/s/lock"
[database]
socket_dir = "/s/run"
[keys]
root_key_file = "/s/root.key"
places = ["/s/a", "/s/b"]
tombstones_file = "/s/tombstones"
log_signing_key_file = "/s/log-signing.key"
[anchor]
folder = "/s/anchor"
[tls]
local_dir = "/s/tls"
"#;

fn problems_of(text: &str) -> Vec<String> {
    let (config, mut problems) = read(Reader::new(text.parse().unwrap(), BTreeMap::new()));
    if problems.is_empty() {
        problems = dangers::of_settings(&config);
    }
    problems
}

#[test]
fn a_whole_configuration_is_accepted_with_its_defaults() {
    assert_eq!(problems_of(WHOLE), Vec::<String>::new());
    let (config, _) = read(Reader::new(WHOLE.parse().unwrap(), BTreeMap::new()));
    assert_eq!(config.origin, "https://localhost:9443");
    assert_eq!(config.pins, dangers::PIN_COST_FLOOR);
    assert_eq!(config.limits.headers, Duration::from_secs(5));
    assert_eq!(config.limits.connections_per_address_max, 128);
    assert!(!config.demo);
}

#[test]
fn an_empty_file_is_told_all_that_is_missing() {
    let problems = problems_of("");
    for name in [
        "server_lock",
        "database.socket_dir",
        "keys.root_key_file",
        "anchor.folder",
    ] {
        assert!(
            problems
                .iter()
                .any(|said| said.starts_with(&format!("`{name}` is missing"))),
            "{name}"
        );
    }
    assert!(
        problems
            .iter()
            .any(|said| said.starts_with("`tls` needs either"))
    );
}

#[test]
fn each_danger_is_refused_with_its_reason() {
    let demo = "demo = true\nsupervisor_lock = \"/s/up\"\n";
    let cases = [
        (
            format!("demo = true\n{WHOLE}"),
            "`serve` does not serve a demo",
        ),
        (
            WHOLE.replace("/s/root.key", "/s/a/root.key"),
            "`keys.root_key_file` lies in a key place",
        ),
        (
            format!("{demo}{}", WHOLE.replace("127.0.0.1", "0.0.0.0")),
            "listens on this machine alone",
        ),
        (
            WHOLE.replace("[\"/s/a\", \"/s/b\"]", "[\"/s/a\"]"),
            "at least 2",
        ),
        (
            WHOLE.replace("\"/s/b\"", "\"/s/a\""),
            "names one folder twice",
        ),
        (
            WHOLE.replace("\"/s/b\"", "\"/s/a/b\""),
            "one inside another",
        ),
        // The same folder by another way: `/proc/self/root` leads to `/`.
        (
            WHOLE
                .replace("\"/s/a\"", "\"/tmp/a\"")
                .replace("\"/s/b\"", "\"/proc/self/root/tmp/a\""),
            "names one folder twice",
        ),
        (
            format!("{WHOLE}[pins]\nargon2_kib = 19455\n"),
            "cheaper than Argon2id",
        ),
        (
            format!("{WHOLE}[pins]\nargon2_passes = 1\n"),
            "cheaper than Argon2id",
        ),
        (
            format!("origin = \"http://localhost:9443\"\n{WHOLE}"),
            "plain HTTP would show",
        ),
        (
            format!("origin = \"https://clinic.example\"\n{WHOLE}"),
            "for localhost alone",
        ),
        (
            format!("origin = \"https://localhost/x\"\n{WHOLE}"),
            "with nothing behind it",
        ),
    ];
    for (text, reason) in cases {
        let problems = problems_of(&text);
        assert_eq!(problems.len(), 1, "{reason}: {problems:#?}");
        assert!(problems[0].contains(reason), "{reason}: {problems:#?}");
    }
}

#[test]
fn a_demo_under_up_may_have_cheap_pins() {
    let text = format!(
        "demo = true\nsupervisor_lock = \"/s/up\"\n{WHOLE}[pins]\nargon2_kib = 64\nargon2_passes = 1\n"
    );
    assert_eq!(problems_of(&text), Vec::<String>::new());
}

#[test]
fn an_unreadable_file_gets_a_sentence() {
    let folder = scratch();
    let file = folder.join("c.toml");
    let said = |bytes: &[u8]| {
        std::fs::write(&file, bytes).unwrap();
        load(&file).unwrap_err().remove(0)
    };
    assert!(said(b"listen = \"a\"\nlisten =").contains("is not TOML: line 2"));
    assert!(said(b"x = \"\xff\"").contains("is not UTF-8 text (byte 5)"));
    assert!(said(&vec![b'#'; 70_000]).contains("is larger than"));
    assert!(load(&folder).unwrap_err()[0].contains("is not a file"));
    assert!(load(&folder.join("none")).unwrap_err()[0].contains("cannot be read"));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn loose_permissions_are_refused_and_the_remedy_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = scratch();
    let key = folder.join("root.key");
    std::fs::write(&key, "k").unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o640)).unwrap();
    let text = WHOLE.replace("/s/root.key", key.to_str().unwrap());
    let (config, _) = read(Reader::new(text.parse().unwrap(), BTreeMap::new()));
    let found = dangers::of_files(&config);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(
        found[0].contains("mode 640") && found[0].contains("chmod 600"),
        "{found:#?}"
    );
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(dangers::of_files(&config), Vec::<String>::new());
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_place_that_others_may_change_is_refused_and_the_remedy_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = scratch();
    let mode_set = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    // Each in a folder of its own, so that each has to be looked at.
    let mut text = WHOLE.to_owned();
    for name in [
        "root.key",
        "a",
        "b",
        "tombstones",
        "log-signing.key",
        "anchor",
    ] {
        let own = folder.join(format!("of-{name}"));
        std::fs::create_dir(&own).unwrap();
        mode_set(&own, 0o700);
        text = text.replace(
            &format!("\"/s/{name}\""),
            &format!("\"{}/{name}\"", own.display()),
        );
    }
    let (config, problems) = read(Reader::new(text.parse().unwrap(), BTreeMap::new()));
    assert_eq!(problems, Vec::<String>::new());
    std::fs::create_dir(&config.anchor_dir).unwrap();
    mode_set(&config.anchor_dir, 0o755);
    std::fs::write(&config.keys.tombstones_file, "").unwrap();
    mode_set(&config.keys.tombstones_file, 0o644);
    assert_eq!(dangers::of_files(&config), Vec::<String>::new());
    let own = [&config.anchor_dir, &config.keys.tombstones_file];
    let above = std::fs::read_dir(&folder).unwrap();
    let above: Vec<PathBuf> = above.map(|entry| entry.unwrap().path()).collect();
    assert_eq!(above.len(), 6);
    for path in own.into_iter().chain(&above) {
        let before = path.metadata().unwrap().permissions();
        for mode in [0o720, 0o702, 0o777] {
            mode_set(path, mode);
            let remedy = format!("(mode {mode:o}): `chmod go-w {}`.", path.display());
            let found = dangers::of_files(&config);
            assert!(
                found.len() == 1 && found[0].ends_with(&remedy),
                "{found:#?}"
            );
        }
        std::fs::set_permissions(path, before).unwrap();
    }
    // As `/tmp` is: there is no way to take away what is another's.
    mode_set(&above[0], 0o1777);
    assert_eq!(dangers::of_files(&config), Vec::<String>::new());
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn every_setting_is_documented_with_its_variable() {
    let document = include_str!("../../../../docs/configuration.md");
    let mut asking = Reader::new(toml::Table::new(), BTreeMap::new());
    let names = {
        read_all_names(&mut asking);
        asking.asked().map(str::to_owned).collect::<Vec<_>>()
    };
    assert!(names.len() > 20);
    for name in names {
        assert!(
            document.contains(&format!("| `{name}` |")),
            "docs/configuration.md does not explain {name}"
        );
    }
}

/// Asks for every setting once; top-level ones by hand, since `read` consumes its reader.
fn read_all_names(reader: &mut Reader) {
    for name in [
        "listen",
        "origin",
        "supervisor_lock",
        "server_lock",
        "demo_file",
        "demo_load",
        "anchor.folder",
        "anchor.public_key_file",
    ] {
        reader.optional_text(name);
    }
    reader.flag("demo", false);
    read_database(reader);
    read_keys(reader);
    read_tls(reader);
    read_pins(reader);
    read_limits(reader);
    read_log(reader);
}

#[test]
fn a_demo_is_offered_to_this_machine_alone() {
    assert!(dangers::loopback_only("127.0.0.1:8443".parse().unwrap()).is_ok());
    assert!(dangers::loopback_only("[::1]:8443".parse().unwrap()).is_ok());
    let sentence = dangers::loopback_only("0.0.0.0:8443".parse().unwrap()).unwrap_err();
    assert!(sentence.contains("127.0.0.1:8443"));
}
