//! Tells code from text: the shortest lexer that does.
//!
//! Prefixes (`b"…"`, `c"…"`) stay behind as code, which does no harm. A `'` is a
//! character if an escape or its partner follows, and a lifetime otherwise.

/// What a piece of text is.
pub(super) enum Kind {
    /// One character of code.
    Code,
    /// A line comment.
    Comment,
    /// A string, a character, or a block comment.
    Text,
}

/// The kind and the length of the piece that `text` begins with.
pub(super) fn piece(text: &str) -> (Kind, usize) {
    let first = text.chars().next().map_or(1, char::len_utf8);
    if text.starts_with("//") {
        (Kind::Comment, text.find('\n').unwrap_or(text.len()))
    } else if text.starts_with("/*") {
        (Kind::Text, block_comment(text))
    } else if text.starts_with('"') {
        (Kind::Text, quoted(text, '"'))
    } else if let Some(length) = raw_string(text) {
        (Kind::Text, length)
    } else if text.starts_with("'\\") {
        (Kind::Text, quoted(text, '\''))
    } else if text.starts_with('\'') && text.chars().nth(2) == Some('\'') {
        (Kind::Text, text.chars().take(3).map(char::len_utf8).sum())
    } else {
        (Kind::Code, first)
    }
}

/// The length of a string or character with escapes, quotes included.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of a raw string that begins here: `r"…"`, `r#"…"#`.
fn raw_string(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('r')?;
    let hashes = rest.len() - rest.trim_start_matches('#').len();
    let inside = rest[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = inside.find(&end).map_or(inside.len(), |at| at + end.len());
    Some(1 + hashes + 1 + length)
}

/// The length of a block comment, with those inside it.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    loop {
        let Some(next) = text[at..].find(['/', '*']) else { return text.len() };
        at += next;
        match &text.as_bytes()[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] if depth == 1 => return at + 2,
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
}
