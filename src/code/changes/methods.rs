//! Names of methods that add to what they are called on, and of those that remove.

/// Methods that add to what they are called on.
pub(super) fn is_add(name: &str) -> bool {
    ["push", "unshift", "set", "add", "append", "prepend", "appendChild", "enqueue"].contains(&name) || listens(name)
}

/// Methods that remove from what they are called on.
pub(super) fn is_remove(name: &str) -> bool {
    ["delete", "shift", "pop", "splice", "clear", "remove", "removeChild", "dequeue"].contains(&name) || forgets(name)
}

/// Methods that register a listener.
pub(super) fn listens(name: &str) -> bool {
    ["on", "once", "addListener", "prependListener", "prependOnceListener", "addEventListener", "subscribe"]
        .contains(&name)
}

/// Methods that take a listener back.
pub(super) fn forgets(name: &str) -> bool {
    ["off", "removeListener", "removeAllListeners", "removeEventListener", "unsubscribe"].contains(&name)
}
