//! Protocol buffers as they are written: fields of varints, fixed words and stretches of bytes.

/// The value of a field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value<'b> {
    Number(u64),
    Bytes(&'b [u8]),
}

/// What does not make sense, and at which byte of the message.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Broken {
    pub(super) at: usize,
    pub(super) expected: &'static str,
}

/// The fields of a message, one after the other.
#[derive(Debug, Clone)]
pub(super) struct Fields<'b> {
    bytes: &'b [u8],
    pub(super) at: usize,
}

impl<'b> Fields<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The next field: its number and value; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<(u64, Value<'b>)>, Broken> {
        if self.at >= self.bytes.len() {
            return Ok(None);
        }
        let start = self.at;
        let tag = self.varint()?;
        let value = match tag & 7 {
            0 => Value::Number(self.varint()?),
            1 => Value::Number(u64::from_le_bytes(self.word()?)),
            2 => {
                let at = self.at;
                let len = self.varint()?;
                let len = usize::try_from(len).ok().filter(|&len| len <= self.bytes.len() - self.at);
                let len = len.ok_or(Broken { at, expected: "a length that ends within the message" })?;
                self.at += len;
                Value::Bytes(&self.bytes[self.at - len..self.at])
            }
            5 => Value::Number(u32::from_le_bytes(self.word()?).into()),
            _ => return Err(Broken { at: start, expected: "a field of a known type" }),
        };
        if tag >> 3 == 0 {
            return Err(Broken { at: start, expected: "a field with a number" });
        }
        Ok(Some((tag >> 3, value)))
    }

    fn word<const N: usize>(&mut self) -> Result<[u8; N], Broken> {
        let broken = Broken { at: self.at, expected: "the rest of a number" };
        let word = self.bytes[self.at..].first_chunk::<N>().ok_or(broken)?;
        self.at += N;
        Ok(*word)
    }

    fn varint(&mut self) -> Result<u64, Broken> {
        varint(self.bytes, &mut self.at)
    }
}

/// The number at `at`, seven bits a byte.
pub(super) fn varint(bytes: &[u8], at: &mut usize) -> Result<u64, Broken> {
    let start = *at;
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let Some(&byte) = bytes.get(*at) else { break };
        *at += 1;
        value |= u64::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(Broken { at: start, expected: "a number that ends" })
}

/// Calls `take` for each number of a repeated field, which is packed or stands alone.
pub(super) fn numbers(value: Value<'_>, mut take: impl FnMut(u64)) -> Result<(), Broken> {
    match value {
        Value::Number(number) => take(number),
        Value::Bytes(bytes) => {
            let mut at = 0;
            while at < bytes.len() {
                take(varint(bytes, &mut at)?);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_all_types_are_read_and_damage_is_told() {
        let mut fields =
            Fields::new(&[0x08, 0x96, 0x01, 0x12, 2, b'a', b'b', 0x1D, 1, 0, 0, 0, 0x21, 2, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(fields.next(), Ok(Some((1, Value::Number(150)))));
        assert_eq!(fields.next(), Ok(Some((2, Value::Bytes(b"ab")))));
        assert_eq!(fields.next(), Ok(Some((3, Value::Number(1)))));
        assert_eq!(fields.next(), Ok(Some((4, Value::Number(2)))));
        assert_eq!(fields.next(), Ok(None));
        for broken in [&[0x08][..], &[0x08, 0xFF], &[0x12, 9, 1], &[0x1D, 1], &[0x0B], &[0x00, 0], &[0xFF; 12]] {
            let mut fields = Fields::new(broken);
            assert!(fields.next().is_err(), "{broken:?}");
        }
    }
}
