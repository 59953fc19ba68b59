//! What the kernels of [`super::portable`] that need more than every processor has are made of: the
//! proof that the processor has it, and what replaces them where it never has.

/// Makes a type whose values prove that the processor has some instructions, out of an expression
/// that detects them, and out of functions `count`, `find`, `convert`, `pack`, `plain_text` and `run` that
/// need them.
#[cfg(target_arch = "x86_64")]
macro_rules! kernel {
    ($name:ident, $has_all:expr) => {
        /// Proof that the processor has these instructions: a value of this type exists only where
        /// they were detected.
        #[derive(Debug, Clone, Copy)]
        pub(in crate::reader) struct $name(());

        impl $name {
            pub(in super::super) fn detect() -> Option<Self> {
                $has_all.then_some(Self(()))
            }

            #[inline]
            pub(in super::super) fn count(self, text: &[u8], to: usize) -> Count {
                // SAFETY: `self` proves that the instructions exist.
                unsafe { count(text, to) }
            }

            #[inline]
            pub(in super::super) fn find(
                self,
                text: &[u8],
                from: usize,
                to: usize,
                starts: &mut Starts,
            ) -> Result<(), OutOfTurn> {
                // SAFETY: as above.
                unsafe { find(text, from, to, starts) }
            }

            #[inline]
            pub(in super::super) fn convert(self, text: &[u8], rows: Rows<'_>, field: usize, out: &mut [u32]) -> bool {
                // SAFETY: as above.
                unsafe { convert(text, rows, field, out) }
            }

            #[inline]
            pub(in super::super) fn pack(self, indexes: &[u32], out: &mut [u8]) {
                // SAFETY: as above.
                unsafe { pack(indexes, out) }
            }

            #[inline]
            pub(in super::super) fn plain_text(self, text: &[u8], at: usize) -> usize {
                // SAFETY: as above.
                unsafe { plain_text(text, at) }
            }

            #[inline]
            pub(in super::super) fn run<R>(self, work: impl FnOnce() -> R) -> R {
                // SAFETY: as above.
                unsafe { run(work) }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
pub(super) use kernel;

#[cfg(not(target_arch = "x86_64"))]
pub(super) use absent::Absent;

#[cfg(not(target_arch = "x86_64"))]
mod absent {
    use super::super::portable::{Count, OutOfTurn, Rows, Starts};

    /// Instructions this processor does not have: there are no values of this type.
    #[derive(Debug, Clone, Copy)]
    pub(in crate::reader) enum Absent {}

    impl Absent {
        pub(in super::super) fn detect() -> Option<Self> {
            None
        }

        pub(in super::super) fn count(self, _: &[u8], _: usize) -> Count {
            match self {}
        }

        pub(in super::super) fn find(self, _: &[u8], _: usize, _: usize, _: &mut Starts) -> Result<(), OutOfTurn> {
            match self {}
        }

        pub(in super::super) fn convert(self, _: &[u8], _: Rows<'_>, _: usize, _: &mut [u32]) -> bool {
            match self {}
        }

        pub(in super::super) fn pack(self, _: &[u32], _: &mut [u8]) {
            match self {}
        }

        pub(in super::super) fn plain_text(self, _: &[u8], _: usize) -> usize {
            match self {}
        }

        pub(in super::super) fn run<R>(self, _: impl FnOnce() -> R) -> R {
            match self {}
        }
    }
}
