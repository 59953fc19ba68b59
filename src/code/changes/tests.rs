use super::{Changes, Holder, Question, changes};
use crate::code::lines::Position;
use crate::code::owner::OwnerName;

fn ask(text: &str, owner: &str, holder: Holder, seen_from: &[Position]) -> Changes {
    let owner = OwnerName::parse(owner).expect("a name");
    changes("/app/a.js", text, &Question { owner, rest_of_name: String::new(), holder, seen_from: seen_from.to_vec() })
        .expect("a text that is read")
}

/// What adds and what removes.
fn of(text: &str, owner: &str) -> (Vec<String>, Vec<String>) {
    let found = ask(text, owner, Holder::Collection, &[]);
    let texts = |places: &[super::Place]| places.iter().map(|p| p.text.clone()).collect();
    (texts(&found.adds), texts(&found.removes))
}

#[test]
fn every_way_to_add_is_seen() {
    for add in [
        "x.push(1)",
        "x.unshift(1)",
        "x[key] = 1",
        "x[key] ??= []",
        "x[key]++",
        "x.set(key, 1)",
        "x.add(1)",
        "x.on('a', f)",
        "x?.push(1)",
        "x['push'](1)",
        "x.append(1)",
        "x.splice(0, 0, 1)",
        "x = [...x, 1]",
        "x = { ...x, a: 1 }",
        "x = x.concat(1)",
        "x += 'more'",
        "x.y ??= 1",
        "Object.assign(x, more)",
        "Object.defineProperty(x, key, {})",
        "Reflect.set(x, key, 1)",
        "x.push.apply(x, more)",
        "Array.prototype.push.call(x, 1)",
    ] {
        let (adds, removes) = of(&format!("let x = make();\nfunction f(key, more) {{ {add}; }}"), "x");
        assert_eq!((adds, removes), (vec![add.to_owned()], vec![]), "{add}");
    }
}

#[test]
fn every_way_to_remove_is_seen() {
    for remove in [
        "x.shift()",
        "x.pop()",
        "x.splice(0, 1)",
        "x.clear()",
        "x.delete(1)",
        "delete x[key]",
        "delete x.y",
        "x = []",
        "x = x.filter(f)",
        "x.length = 0",
        "x.length--",
        "x[key] = undefined",
        "x.removeListener('a', f)",
        "Reflect.deleteProperty(x, key)",
    ] {
        let (adds, removes) = of(&format!("let x = make();\nfunction f(key) {{ {remove}; }}"), "x");
        assert_eq!((adds, removes), (vec![], vec![remove.to_owned()]), "{remove}");
    }
}

#[test]
fn other_variables_of_the_name_are_not_meant() {
    let text = "const x = [];\nfunction f() { const x = []; x.push(1); }\nfunction g() { x.push(2); }";
    assert_eq!(of(text, "x").0, ["x.push(2)"]);
    // The function that sees the inner one says that it is the owner.
    let text = "const x = [];\nfunction f() {\n  const x = [];\n  return () => x.push(1);\n}\nx.push(2);";
    let inner = ask(text, "x", Holder::Collection, &[Position { line: 3, column: 9 }]);
    assert_eq!(inner.adds[0].text, "x.push(1)");
    assert_eq!(inner.declared.unwrap().text, "const x = [];");
}

#[test]
fn aliases_one_step_away_count() {
    let adds = |text| of(text, "store.items").0;
    assert_eq!(adds("const store = { items: [] };\nconst list = store.items;\nlist.push(1);"), ["list.push(1)"]);
    assert_eq!(adds("const store = { items: [] };\nconst { items } = store;\nitems.push(1);"), ["items.push(1)"]);
    assert_eq!(adds("const items = [];\nconst store = { items };\nitems.push(1);"), ["items.push(1)"]);
    let handed = "const store = { items: [] };\nfunction add(list) { list.push(1) }\nadd(store.items);";
    assert_eq!(adds(handed), ["list.push(1)"]);
    let of_class =
        "class Store { items = []; add(x) { const list = this.items; list.push(x) } }\nconst store = new Store();";
    assert_eq!(adds(of_class), ["list.push(x)"]);
}

#[test]
fn properties_go_by_their_names_within_the_file() {
    let text = "class Store {\n  items = [];\n  add(x) { this.items.push(x) }\n}\nother.items.push(1);\nconst store = new Store();";
    let found = ask(text, "store.items", Holder::Collection, &[]);
    assert_eq!(found.adds.iter().map(|p| p.text.as_str()).collect::<Vec<_>>(), ["this.items.push(x)"]);
    assert!(!found.adds[0].is_certain);
    assert_eq!(found.declared.unwrap().text, "items = [];");

    let private = "class Store {\n  static #all = new Map();\n  add(x) { Store.#all.set(x, this) }\n}";
    let found = ask(private, "Store.#all", Holder::Collection, &[]);
    assert!(found.adds[0].is_certain);
    assert_eq!(
        (found.adds[0].text.as_str(), found.declared.unwrap().text.as_str()),
        ("Store.#all.set(x, this)", "static #all = new Map();")
    );
}

#[test]
fn exports_globals_and_members_are_followed() {
    let adds = |text, owner| of(text, owner).0;
    let exports = "module.exports.list = [];\nmodule.exports.add = x => module.exports.list.push(x);";
    assert_eq!(adds(exports, "exports.list"), ["module.exports.list.push(x)"]);
    assert_eq!(adds("function f(k) { globalThis.seen[k] = 1; }", "globalThis.seen"), ["globalThis.seen[k] = 1"]);
    assert_eq!(adds("function f(k) { seen[k] = 1; }", "globalThis.seen"), ["seen[k] = 1"]);
    let members = "const topics = new Map();\nfunction f(t, x) { topics.get(t).push(x); topics.set(t, []); }";
    assert_eq!(adds(members, "topics[ ]"), ["topics.get(t).push(x)"]);
    assert_eq!(
        adds("const all = [];\nfor (const one of all) one.events.push(1);", "all[ ].events"),
        ["one.events.push(1)"]
    );
    assert_eq!(adds("const all = {};\n(all[k] ??= []).push(1);", "all[ ]"), ["(all[k] ??= []).push(1)"]);
}

#[test]
fn timers_are_added_by_what_starts_them() {
    let text =
        "function f() {\n  const state = {};\n  setInterval(() => tick(state), 1000);\n  setTimeout(other, 1);\n}";
    let found = ask(text, "state", Holder::Timers, &[]);
    assert_eq!(
        found.adds.iter().map(|p| p.text.as_str()).collect::<Vec<_>>(),
        ["setInterval(() => tick(state), 1000)"]
    );
}

#[test]
fn what_only_declares_neither_adds_nor_removes() {
    let text = "let x = [];\nclass A { constructor() { this.y = []; } reset() { this.y = []; } }";
    assert_eq!(of(text, "x"), (vec![], vec![]));
    assert_eq!(of(text, "a.y"), (vec![], vec!["this.y = []".to_owned()]));
}

#[test]
fn hostile_texts_are_refused_in_a_sentence() {
    let question = Question {
        owner: OwnerName::parse("x").unwrap(),
        rest_of_name: String::new(),
        holder: Holder::Collection,
        seen_from: vec![],
    };
    let why = |text: &str| changes("/app/a.js", text, &question).unwrap_err().to_string();
    assert_eq!(why(&"[".repeat(1_000_000)), "the file nests too deeply to look for the lines that add");
    assert!(why(&" ".repeat(super::MAX_TEXT + 1)).starts_with("the file is too large"));
    assert!(why("let = = 1; )").starts_with("the file cannot be read as JavaScript"));
    // As deep as is let through.
    for (repeated, end, times) in
        [("[", "", 990), ("({a(){", "", 330), ("a=>", "a", 3000), ("-", "a", 9000), ("([a=", "", 450)]
    {
        let _ = changes("/app/a.js", &(repeated.repeat(times) + end), &question);
    }
}
