//! What was computed on first use and is kept with the heap.

use std::any::Any;
use std::fmt;
use std::sync::OnceLock;

/// Kept answers, one of each type: a new answer that wants to be kept is a type of its own, and
/// this file need not know it.
///
/// A list that only grows, so that answers can be lent out for as long as the memo lives. There
/// are a handful of them, and walking the list takes no lock.
#[derive(Default)]
pub struct Memo(OnceLock<Box<Kept>>);

struct Kept {
    answer: Box<dyn Any + Send + Sync>,
    next: Memo,
}

impl Memo {
    /// The kept answer of this type, computed now if there is none. Two who ask at once may both
    /// compute; one of the two equal answers is kept.
    pub fn get_or_compute<T: Any + Send + Sync, E>(&self, compute: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        if let Some(kept) = self.get() {
            return Ok(kept);
        }
        let mut computed = Some(Box::new(compute()?) as Box<dyn Any + Send + Sync>);
        let mut memo = self;
        loop {
            // Whoever comes first takes the place; it may be an answer of another type.
            let kept = memo.0.get_or_init(|| {
                let answer = computed.take().unwrap_or_else(|| unreachable!("it takes one place only"));
                Box::new(Kept { answer, next: Self::default() })
            });
            if let Some(answer) = kept.answer.downcast_ref() {
                return Ok(answer);
            }
            memo = &kept.next;
        }
    }

    /// The kept answer of this type, if somebody asked for it before.
    pub fn get<T: Any + Send + Sync>(&self) -> Option<&T> {
        let mut memo = self;
        loop {
            let kept = memo.0.get()?;
            if let Some(answer) = kept.answer.downcast_ref() {
                return Some(answer);
            }
            memo = &kept.next;
        }
    }
}

impl fmt::Debug for Memo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memo").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    #[derive(Debug, PartialEq)]
    struct Sum(u32);

    #[derive(Debug, PartialEq)]
    struct Names(Vec<&'static str>);

    #[test]
    fn an_answer_of_each_type_is_computed_once_and_kept() {
        let memo = Memo::default();
        assert_eq!(memo.get::<Sum>(), None);
        assert_eq!(memo.get_or_compute(|| Err::<Sum, _>("cancelled")), Err("cancelled"));
        assert_eq!(memo.get_or_compute(|| Ok::<_, Infallible>(Sum(1))), Ok(&Sum(1)));
        assert_eq!(memo.get_or_compute(|| Ok::<_, Infallible>(Names(vec!["a"]))), Ok(&Names(vec!["a"])));
        assert_eq!(memo.get_or_compute(|| Ok::<_, Infallible>(Sum(2))), Ok(&Sum(1)));
        assert_eq!((memo.get(), memo.get()), (Some(&Sum(1)), Some(&Names(vec!["a"]))));
    }

    #[test]
    fn all_who_ask_at_once_are_given_the_same_answer() {
        let memo = Memo::default();
        let places: Vec<usize> = std::thread::scope(|scope| {
            let ask = |n: u32| {
                let memo = &memo;
                move || {
                    let names: &Names = memo.get_or_compute(|| Ok::<_, Infallible>(Names(Vec::new()))).unwrap();
                    let sum: &Sum = memo.get_or_compute(|| Ok::<_, Infallible>(Sum(n))).unwrap();
                    std::ptr::from_ref(names) as usize ^ std::ptr::from_ref(sum) as usize
                }
            };
            let asking: Vec<_> = (0..8).map(|n| scope.spawn(ask(n))).collect();
            asking.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(places.iter().all(|place| *place == places[0]));
    }
}
