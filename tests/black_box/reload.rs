//! Files that break on the running server change nothing, and are told with their place; mended ones are taken up.

use super::support::Demo;

/// A file, what stands in it, what breaks it there, and what is said of it.
const BROKEN: &[(&str, &str, &str, &str)] = &[
    ("mappings/pethub/v1/pets.drupal7.yaml", "  name:    title", "  naem:    title", "naem"),
    ("mappings/pethub/v1/pets.yaml", "key: petId", "key: petId\n bad: [", "pets.yaml:"),
    ("config/demo.yaml", "pets: drupal7", "pets: drupal8", "drupal8"),
    ("schemas/pethub/v1/pet.json", "\"title\": \"Pet\",", "\"title\": \"Pet\" ,,", "pet.json:"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_file_changes_nothing_and_a_mended_one_is_taken_up() {
    let demo = Demo::start().await;
    let paths = ["/v1/pets?limit=3&sort=name", "/v1/pets/109.xml", "/v1/pets/109/publicProfile"];
    let mut before = Vec::new();
    for path in paths {
        before.push(demo.client.get(path).await.with(200).body);
    }
    let (mut refused, mut reloaded) = (0, 0);
    for (file, stands, breaks, said) in BROKEN {
        let sound = demo.home.read(file);
        let lines = demo.program.err.all().len();
        demo.home.edit(file, stands, breaks);
        refused += 1;
        demo.program.err.until("not reloaded: the old plan serves on", refused).await;
        let told = demo.program.err.all()[lines..].join("\n");
        let name = file.rsplit('/').next().unwrap();
        assert!(told.contains("error[") || told.contains("error"), "{file}: {told}");
        assert!(told.contains(said), "{file}: `{said}` is not told in {told}");
        assert!(told.contains(&format!("{name}:")), "{file}: no place is told in {told}");
        for (path, before) in paths.iter().zip(&before) {
            assert_eq!(demo.client.get(path).await.with(200).body, *before, "{path} with a broken {file}");
        }
        demo.home.write(file, &sound);
        reloaded += 1;
        demo.program.err.until("\nreloaded ".trim_start(), reloaded).await;
    }
    // What is changed soundly is seen.
    demo.home.edit("mappings/pethub/v1/api.yaml", "default: 10", "default: 4");
    demo.program.err.until("reloaded ", reloaded + 1).await;
    let list = demo.client.get("/v1/pets?fields=name").await.with(200).json();
    assert_eq!((list["pets"].as_array().unwrap().len(), &list["metadata"]["limit"]), (4, &4.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_over_broken_files_changes_nothing() {
    let demo = Demo::start().await;
    let before = demo.client.get("/v1/pets?limit=3").await.with(200).body;
    demo.home.edit("config/demo.yaml", "publicUrl:", "publicURL:");
    demo.program.signal("HUP");
    demo.program.err.until("not reloaded: the old plan serves on", 1).await;
    assert!(demo.program.err.count("publicUrl") > 0, "{:?}", demo.program.err.all());
    assert_eq!(demo.client.get("/v1/pets?limit=3").await.with(200).body, before);
}
