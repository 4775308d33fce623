//! What links keep for themselves.

use super::forget::{forget, forget_before};
use super::inbox::handle_all;
use super::rows::save;
use super::sample::{arrival, at, case, direct, erasure, keepsake, network};
use super::{Broken, Library, same};
use bot::{CaseId, Erasure, Place};
use contract::{Arrival, Keepsake, OnShelf, SHELF_MAX, Store, StoreError, Version};

/// The shelf on which most of these lie.
const SHELF: &str = "talk";

pub(super) async fn keepsakes_are_kept_in_order_and_read_in_pages(
    library: &dyn Library,
) -> Result<(), Broken> {
    let store = library.open().await?;
    let net = network("net");
    store.keep(&net, &[]).await?;
    same("nothing at first", &all(&*store, "net", SHELF).await?, &Vec::new())?;
    store.keep(&net, &lines(["a", "b", "c"])).await?;
    store.keep(&net, &[keepsake("other", "x", "x")]).await?;
    store.keep(&net, &lines(["d"])).await?;
    let names = |prefix: &'static str, limit| store.shelves(&net, prefix, limit);
    let both = vec![SHELF.to_owned(), "other".to_owned()];
    same("the shelves", &names("", 9).await?, &both)?;
    same("the one that was used last", &names("", 1).await?, &both[..1].to_vec())?;
    same("those that begin so", &names("oth", 9).await?, &both[1..].to_vec())?;
    same("none of another network", &store.shelves(&network("far"), "", 9).await?, &Vec::new())?;
    let found = all(&*store, "net", SHELF).await?;
    same("all", &keys(&found), &["a", "b", "c", "d"].map(str::to_owned).to_vec())?;
    same("new ones", &found.iter().all(|one| one.first == one.version), &true)?;
    same("versions rise", &found.is_sorted_by(|a, b| a.version < b.version), &true)?;
    same("after none", &found.iter().all(|one| one.version > Version::default()), &true)?;
    let page = store.shelf(&net, SHELF, Version::default(), 2).await?;
    same("the first page", &page, &found[..2].to_vec())?;
    let after = page.last().map_or(Version::default(), |one| one.version);
    same("the next", &store.shelf(&net, SHELF, after, 1).await?, &found[2..3].to_vec())?;
    same("the rest", &store.shelf(&net, SHELF, after, 9).await?, &found[2..].to_vec())?;
    let last = found.last().map_or(Version::default(), |one| one.version);
    same("after the last", &store.shelf(&net, SHELF, last, 9).await?, &Vec::new())?;
    same("no page", &store.shelf(&net, SHELF, Version::default(), 0).await?, &Vec::new())?;
    same("its time", &found[0].keep_until, &at(100))
}

pub(super) async fn a_keepsake_put_again_keeps_its_place_and_gets_a_new_version(
    library: &dyn Library,
) -> Result<(), Broken> {
    let store = library.open().await?;
    let net = network("net");
    store.keep(&net, &lines(["a", "b"])).await?;
    let before = all(&*store, "net", SHELF).await?;
    let again = Keepsake { keep_until: at(200), ..keepsake(SHELF, "a", "new") };
    store.keep(&net, &[again]).await?;
    let found = all(&*store, "net", SHELF).await?;
    same("the other one comes first", &found[0], &before[1])?;
    let a = &found[1];
    same("its number", &a.first, &before[0].first)?;
    same("its version is the newest", &(a.version > before[1].version), &true)?;
    same("its value", &a.value, &b"new".to_vec())?;
    same("its time", &a.keep_until, &at(200))?;
    let page = store.shelf(&net, SHELF, before[1].version, 9).await?;
    same("it alone is news", &page, &found[1..].to_vec())?;

    // The same within one call: the last value, the first number.
    let talk = [keepsake(SHELF, "c", "1"), keepsake(SHELF, "d", "2"), keepsake(SHELF, "c", "3")];
    store.keep(&net, &talk).await?;
    let found = all(&*store, "net", SHELF).await?;
    same("by version", &keys(&found), &["b", "a", "d", "c"].map(str::to_owned).to_vec())?;
    same("by number", &(found[3].first < found[2].first), &true)?;
    same("the last value", &found[3].value, &b"3".to_vec())
}

pub(super) async fn a_shelf_is_its_networks_own(library: &dyn Library) -> Result<(), Broken> {
    let store = library.open().await?;
    store.keep(&network("net"), &[keepsake(SHELF, "a", "here")]).await?;
    store.keep(&network("other"), &[keepsake(SHELF, "a", "there")]).await?;
    // The same name in one word.
    store.keep(&network("net/talk"), &[keepsake("x", "a", "elsewhere")]).await?;
    store.keep(&network("net"), &[keepsake("talk/x", "a", "nowhere")]).await?;
    let (here, there) = (all(&*store, "net", SHELF).await?, all(&*store, "other", SHELF).await?);
    same("here", &values(&here), &vec!["here".to_owned()])?;
    same("there", &values(&there), &vec!["there".to_owned()])?;
    same("versions are of the whole store", &(here[0].version < there[0].version), &true)?;
    same("nowhere", &all(&*store, "third", SHELF).await?, &Vec::new())?;
    let long = all(&*store, "net", "talk/x").await?;
    same("a longer name", &values(&long), &vec!["nowhere".to_owned()])
}

pub(super) async fn a_keepsake_comes_with_its_arrival_and_not_with_a_repeat(
    library: &dyn Library,
) -> Result<(), Broken> {
    let store = library.open().await?;
    let net = network("net");
    let batch = [
        bringing("1", "a", "one"),
        arrival("2", "no keepsake"),
        bringing("3", "b", "two"),
        bringing("1", "a", "a repeat in the batch"),
        // The first with its key brings nothing, so neither does the second.
        bringing("2", "c", "another"),
        bringing("4", "a", "new words"),
    ];
    same("how many were new", &store.accept(at(1), &net, &batch, None).await?.len(), &4)?;
    let found = all(&*store, "net", SHELF).await?;
    same("in order", &values(&found), &vec!["two".to_owned(), "new words".to_owned()])?;
    same("the number of the first", &(found[1].first < found[0].first), &true)?;
    same("again", &store.accept(at(2), &net, &batch, None).await?.len(), &0)?;
    same("nothing changed", &all(&*store, "net", SHELF).await?, &found)?;
    handle_all(&*store, None).await?;
    let later = [bringing("3", "b", "a repeat"), bringing("5", "d", "three")];
    same("a repeat and a new one", &store.accept(at(3), &net, &later, None).await?.len(), &1)?;
    let values = values(&all(&*store, "net", SHELF).await?);
    same("only the new one", &values, &["two", "new words", "three"].map(str::to_owned).to_vec())?;
    let elsewhere = store.accept(at(3), &network("other"), &later, None).await?;
    same("on another network", &elsewhere.len(), &2)?;
    same("both", &all(&*store, "other", SHELF).await?.len(), &2)
}

pub(super) async fn keepsakes_survive_reopening(library: &dyn Library) -> Result<(), Broken> {
    let store = library.open().await?;
    let net = network("net");
    store.keep(&net, &lines(["a", "b", "a"])).await?;
    store.accept(at(1), &net, &[bringing("1", "c", "three")], None).await?;
    let before = all(&*store, "net", SHELF).await?;
    drop(store);
    let store = library.open().await?;
    same("what is there", &all(&*store, "net", SHELF).await?, &before)?;
    store.keep(&net, &lines(["b"])).await?;
    let found = all(&*store, "net", SHELF).await?;
    same("in order", &keys(&found), &["a", "c", "b"].map(str::to_owned).to_vec())
}

pub(super) async fn the_newest_stay_on_a_full_shelf(library: &dyn Library) -> Result<(), Broken> {
    let store = library.open().await?;
    let net = network("net");
    let many = |range: std::ops::Range<usize>| -> Vec<Keepsake> {
        range.map(|n| keepsake(SHELF, &n.to_string(), "words")).collect()
    };
    let found =
        |range: std::ops::Range<usize>| -> Vec<String> { range.map(|n| n.to_string()).collect() };
    store.keep(&network("other"), &many(0..1)).await?;
    store.keep(&net, &[keepsake("other", "a", "words")]).await?;
    store.keep(&net, &many(0..SHELF_MAX)).await?;
    same("just full", &keys(&all(&*store, "net", SHELF).await?), &found(0..SHELF_MAX))?;
    // Put again is not one more.
    store.keep(&net, &many(0..1)).await?;
    same("still full", &all(&*store, "net", SHELF).await?.len(), &SHELF_MAX)?;
    // The one that was put there first goes, though it was put again since.
    store.keep(&net, &many(SHELF_MAX..SHELF_MAX + 1)).await?;
    same("one more", &keys(&all(&*store, "net", SHELF).await?), &found(1..SHELF_MAX + 1))?;
    store.keep(&net, &many(SHELF_MAX + 1..2 * SHELF_MAX + 20)).await?;
    let stay = found(SHELF_MAX + 20..2 * SHELF_MAX + 20);
    same("many more", &keys(&all(&*store, "net", SHELF).await?), &stay)?;
    store.accept(at(1), &net, &[bringing("1", "last", "words")], None).await?;
    let arrived = all(&*store, "net", SHELF).await?;
    same(
        "by an arrival",
        &(arrived.len(), keys(&arrived)[0].clone()),
        &(SHELF_MAX, stay[1].clone()),
    )?;
    same("of another network", &all(&*store, "other", SHELF).await?.len(), &1)?;
    same("another shelf", &all(&*store, "net", "other").await?.len(), &1)
}

pub(super) async fn a_persons_shelf_is_emptied_with_them(
    library: &dyn Library,
) -> Result<(), Broken> {
    let store = library.open().await?;
    let (net, other) = (network("net"), network("other"));
    let of = |name: &str| direct(name).id;
    let long = direct("ben").to_string();
    let kept = [(of("ben"), "a"), (of("ben"), "b"), (of("ida"), "c"), (long.clone(), "d")];
    let kept = kept.map(|(shelf, key)| keepsake(&shelf, key, "words"));
    store.keep(&net, &kept).await?;
    store.keep(&other, &kept).await?;
    store.keep(&network("third"), &kept).await?;
    let places = vec![direct("ben"), Place { network: other, ..direct("ben") }];
    forget(&*store, Erasure { places, ..erasure("ben") }).await?;
    for (name, left) in [("net", 0), ("other", 0), ("third", 2)] {
        same("ben's", &all(&*store, name, &of("ben")).await?.len(), &left)?;
        same("ida's", &all(&*store, name, &of("ida")).await?.len(), &1)?;
        same("called otherwise", &all(&*store, name, &long).await?.len(), &1)?;
    }
    store.keep(&net, &kept[..1]).await?;
    same("begun anew", &all(&*store, "net", &of("ben")).await?.len(), &1)
}

pub(super) async fn what_tells_of_a_persons_case_goes_wherever_it_lies(
    library: &dyn Library,
) -> Result<(), Broken> {
    let store = library.open().await?;
    save(&*store, &[case(1, "ben", "why?", None), case(2, "ida", "when?", None)]).await?;
    let about = |key: &str, cases: &[u32]| Keepsake {
        cases: cases.iter().copied().map(CaseId).collect(),
        ..keepsake("desk", key, "a sheet")
    };
    let sheets = [
        about("a", &[1]),
        about("b", &[2]),
        about("c", &[2, 3]),
        about("d", &[]),
        about("e", &[1]),
        about("f", &[2]),
    ];
    for name in ["net", "other"] {
        store.keep(&network(name), &sheets).await?;
        // What it tells of is what it told of last.
        let again = [about("e", &[2]), about("f", &[1])];
        store.keep(&network(name), &again).await?;
    }
    // Case 3 is not among the rows any more: it is named.
    forget(&*store, Erasure { cases: vec![CaseId(3)], ..erasure("ben") }).await?;
    for name in ["net", "other"] {
        let left = keys(&all(&*store, name, "desk").await?);
        same("of others", &left, &["b", "d", "e"].map(str::to_owned).to_vec())?;
    }
    Ok(())
}

pub(super) async fn keepsakes_past_their_time_go(library: &dyn Library) -> Result<(), Broken> {
    let store = library.open().await?;
    let net = network("net");
    let until = [("a", 9), ("b", 10), ("c", 11), ("d", 20), ("e", 5)];
    let kept =
        until.map(|(key, until)| Keepsake { keep_until: at(until), ..lines([key])[0].clone() });
    store.keep(&net, &kept).await?;
    // The time that counts is the last one.
    let again = [("d", 5), ("e", 20)];
    let again =
        again.map(|(key, until)| Keepsake { keep_until: at(until), ..lines([key])[0].clone() });
    store.keep(&net, &again).await?;
    same("lies there a while", &all(&*store, "net", SHELF).await?.len(), &5)?;
    forget_before(&*store, at(10)).await?;
    let left = keys(&all(&*store, "net", SHELF).await?);
    same("until then and later", &left, &["b", "c", "e"].map(str::to_owned).to_vec())
}

pub(super) async fn any_bytes_and_any_text_come_back_from_a_shelf(
    library: &dyn Library,
) -> Result<(), Broken> {
    let store = library.open().await?;
    let net = network("a \"network\" 'of' \u{1F41D}, \\ and [");
    let shelf = "\0 \"'\\ \u{7f}é\0";
    let values: [Vec<u8>; 5] =
        [Vec::new(), (0..=255).collect(), vec![0; 3], vec![7; 300_000], Vec::new()];
    let names = ["", "\0\"'\\\u{7f}é", "\0\"'\\\u{7f}è", "7", "7.0"];
    let kept: Vec<Keepsake> = names
        .iter()
        .zip(&values)
        .map(|(key, value)| Keepsake { value: value.clone(), ..keepsake(shelf, key, "") })
        .collect();
    store.keep(&net, &kept).await?;
    let arrivals: Vec<Arrival> = kept
        .iter()
        .map(|one| Keepsake { shelf: String::new(), ..one.clone() })
        .map(|one| Arrival { keepsake: Some(one.clone()), ..Arrival::new(one.key, "raw") })
        .collect();
    store.accept(at(1), &net, &arrivals, None).await?;
    for shelf in [shelf, ""] {
        let found = store.shelf(&net, shelf, Version::default(), 9).await?;
        same("keys", &keys(&found), &names.map(str::to_owned).to_vec())?;
        let whole = found.iter().map(|one| &one.value).eq(&values);
        same("what came back is what was kept", &whole, &true)?;
    }
    Ok(())
}

pub(super) async fn a_superseded_store_keeps_nothing(library: &dyn Library) -> Result<(), Broken> {
    let old = library.open().await?;
    let net = network("net");
    old.keep(&net, &lines(["a"])).await?;
    let before = all(&*old, "net", SHELF).await?;
    let new = library.open().await?;
    let tries = [
        old.keep(&net, &lines(["b"])).await,
        old.keep(&net, &lines(["a"])).await,
        old.accept(at(1), &net, &[bringing("1", "c", "words")], None).await.map(drop),
        old.keep(&net, &[]).await,
    ];
    for outcome in tries {
        same("superseded", &matches!(outcome, Err(StoreError::Superseded)), &true)?;
    }
    same("as it was", &all(&*new, "net", SHELF).await?, &before)?;
    new.keep(&net, &lines(["d"])).await?;
    let found = all(&*old, "net", SHELF).await?;
    same("the old one can read", &keys(&found), &["a", "d"].map(str::to_owned).to_vec())
}

pub(super) async fn versions_are_not_used_twice(library: &dyn Library) -> Result<(), Broken> {
    let store = library.open().await?;
    let net = network("net");
    store.keep(&net, &lines(["a", "b", "a"])).await?;
    let last = newest(&*store).await?;
    forget_before(&*store, at(1_000)).await?;
    same("all are gone", &all(&*store, "net", SHELF).await?, &Vec::new())?;
    store.keep(&net, &lines(["a"])).await?;
    let next = newest(&*store).await?;
    same("it rises", &(next > last), &true)?;
    let anew = all(&*store, "net", SHELF).await?;
    same("its number is new too", &(anew[0].first > last), &true)?;
    forget_before(&*store, at(1_000)).await?;
    drop(store);
    let store = library.open().await?;
    store.accept(at(1), &net, &[bringing("1", "b", "words")], None).await?;
    same("after reopening", &(newest(&*store).await? > next), &true)
}

/// Keepsakes on the usual shelf, their keys as values.
fn lines<const N: usize>(keys: [&str; N]) -> [Keepsake; N] {
    keys.map(|key| keepsake(SHELF, key, key))
}

/// An arrival with a keepsake for the usual shelf.
fn bringing(arrival: &str, key: &str, value: &str) -> Arrival {
    Arrival { keepsake: Some(keepsake(SHELF, key, value)), ..Arrival::new(arrival, value) }
}

async fn all(store: &dyn Store, net: &str, shelf: &str) -> Result<Vec<OnShelf>, StoreError> {
    store.shelf(&network(net), shelf, Version::default(), usize::MAX).await
}

async fn newest(store: &dyn Store) -> Result<Version, StoreError> {
    let found = all(store, "net", SHELF).await?;
    Ok(found.last().map_or(Version::default(), |one| one.version))
}

fn keys(found: &[OnShelf]) -> Vec<String> {
    found.iter().map(|one| one.key.clone()).collect()
}

fn values(found: &[OnShelf]) -> Vec<String> {
    found.iter().map(|one| String::from_utf8_lossy(&one.value).into_owned()).collect()
}
