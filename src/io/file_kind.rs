//! Files that are no text, known by their first bytes.

/// What the file is instead of text in UTF-8, and what to do.
pub(super) fn not_text(start: &[u8]) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 8] = [
        (b"\x1F\x8B", "the file is compressed by gzip: unpack it first, with gunzip"),
        (b"PK\x03\x04", "the file is a zip archive or an Excel workbook: unpack it, or save the sheet as CSV in UTF-8"),
        (b"PAR1\x15", "the file is in the Parquet format: give its name the ending .parquet"),
        (b"BZh91AY&SY", "the file is compressed by bzip2: unpack it first, with bunzip2"),
        (b"\xFD7zXZ\x00", "the file is compressed by xz: unpack it first, with unxz"),
        (b"\x28\xB5\x2F\xFD", "the file is compressed by zstd: unpack it first, with unzstd"),
        (b"\xFF\xFE", "the text is in UTF-16: save it in UTF-8"),
        (b"\xFE\xFF", "the text is in UTF-16: save it in UTF-8"),
    ];
    KINDS.into_iter().find(|(mark, _)| start.starts_with(mark)).map(|(_, what)| what)
}
