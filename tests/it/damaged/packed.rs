//! Damage to files that are packed.

use super::*;
use heapglass::testing::gzip;

#[test]
fn a_packed_file_may_be_damaged_too() {
    let text = sound();
    let packed = gzip(text.as_bytes());
    opens(&packed, &[]);
    let cut = packed.len() - 6;
    opens(&packed[..cut], &[&format!("file: the gzip data is cut short at its byte {cut}")]);
    let mut wrong = packed.clone();
    wrong[cut] ^= 1;
    opens(&wrong, &["file: the gzip checksum does not match: the file was damaged after it was packed"]);
    opens(
        [&packed[..], b"more"].concat(),
        &[&format!("file: 4 bytes after the gzip data at its byte {} were ignored", packed.len())],
    );
    for cut in 2..packed.len() {
        match read(&packed[..cut]) {
            Ok(read) => assert!(!read.warnings.is_empty()),
            Err(e) => assert!(e.to_string().contains("cut short") || e.to_string().contains("damaged"), "{cut}: {e}"),
        }
    }
    refused(
        gzip(b"<html>"),
        "this is not a heap snapshot but a web page (HTML), packed with gzip; \
         the download may have led to a login or an error page: look at it in a browser",
    );
    let bomb = ReadOptions { unpacked_limit: Some(1000), ..ReadOptions::default() };
    let refused = read_bytes_with(&packed, &bomb, &Progress::new()).unwrap_err().to_string();
    assert_eq!(
        refused,
        format!(
            "{} bytes of gzip unpack to more than 1000 bytes, which no snapshot does; \
             raise the limit if this one is to be trusted",
            packed.len()
        )
    );
}

#[test]
fn a_zstd_file_has_the_same_limits() {
    let text = sound();
    let packed = ruzstd::encoding::compress_to_vec(text.as_bytes(), ruzstd::encoding::CompressionLevel::Fastest);
    opens(&packed, &[]);
    let bomb = ReadOptions { unpacked_limit: Some(1000), ..ReadOptions::default() };
    let refused = read_bytes_with(&packed, &bomb, &Progress::new()).unwrap_err().to_string();
    assert!(refused.contains("of zstd unpack to more than 1000 bytes"), "{refused}");
    for cut in 4..packed.len() {
        match read(&packed[..cut]) {
            Ok(read) => assert!(!read.warnings.is_empty(), "cut at byte {cut}"),
            Err(e) => assert!(e.to_string().contains("cut short") || e.to_string().contains("damaged"), "{cut}: {e}"),
        }
    }
}

#[test]
fn a_zstd_file_with_a_bad_checksum_says_so() {
    let text = sound();
    // A frame as the zstd tool writes it, with one block that is not packed, and a checksum.
    let mut frame = vec![0x28, 0xB5, 0x2F, 0xFD, 0x04, 0x58];
    let block = u32::try_from(text.len()).unwrap() << 3 | 1;
    frame.extend(&block.to_le_bytes()[..3]);
    frame.extend(text.as_bytes());
    frame.extend([1, 2, 3, 4]);
    opens(&frame, &["file: the zstd checksum does not match: the file was damaged after it was packed"]);
    let cut = frame.len() - 2;
    opens(&frame[..cut], &[&format!("file: the zstd data is cut short at its byte {cut}")]);
}
