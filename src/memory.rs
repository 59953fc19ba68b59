//! How the allocator keeps what is free: for the whole program, and before it has threads.

#![allow(unsafe_code, reason = "what the allocator keeps is set by its own calls")]

/// Makes all threads take memory from one place, and leave it there for each other. Columns are made
/// by one thread and used by the next: with a place for each thread, as is usual, each keeps what it
/// needed most. To be called before there are threads.
pub fn share_memory_between_threads() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: a number is set that the allocator looks at when a thread asks it for the first time.
    // A refusal costs memory and nothing else.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1);
    }
}

/// Gives memory that is free within this process back to the system. What was freed piece by piece
/// stays with the allocator otherwise, at the size it had when it was needed most.
pub fn give_back_free_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: the allocator takes its own locks; nothing that is in use changes.
    unsafe {
        libc::malloc_trim(0);
    }
}
