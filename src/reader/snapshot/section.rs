//! The sections of a snapshot, by their names in the file.

/// A section this program reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Snapshot,
    Nodes,
    Edges,
    TraceFunctionInfos,
    TraceTree,
    Samples,
    Locations,
    Scopes,
    ScopeContextVars,
    ScopeUses,
    Strings,
}

impl Section {
    const ALL: [Self; 11] = [
        Self::Snapshot,
        Self::Nodes,
        Self::Edges,
        Self::TraceFunctionInfos,
        Self::TraceTree,
        Self::Samples,
        Self::Locations,
        Self::Scopes,
        Self::ScopeContextVars,
        Self::ScopeUses,
        Self::Strings,
    ];

    /// The section whose name in the file is `key`.
    pub(super) fn of_key(key: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|section| section.name().as_bytes() == key)
    }

    /// Its name in the file, and in errors.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Snapshot => "snapshot",
            Self::Nodes => "nodes",
            Self::Edges => "edges",
            Self::TraceFunctionInfos => "trace_function_infos",
            Self::TraceTree => "trace_tree",
            Self::Samples => "samples",
            Self::Locations => "locations",
            Self::Scopes => "scopes",
            Self::ScopeContextVars => "scope_context_vars",
            Self::ScopeUses => "scope_uses",
            Self::Strings => "strings",
        }
    }

    /// Whether nothing can be shown without it.
    pub(super) fn is_essential(self) -> bool {
        matches!(self, Self::Snapshot | Self::Nodes | Self::Edges | Self::Strings)
    }

    /// What reading it is called.
    pub(super) fn stage(self) -> &'static str {
        match self {
            Self::Nodes => "Reading nodes",
            Self::Edges => "Reading edges",
            Self::Strings => "Reading strings",
            Self::Locations => "Reading locations",
            _ => "Reading the rest",
        }
    }
}
