//! Rust source with its comments and strings taken out.
//!
//! Not a parser: a lexer that tells code from text, and on top of it words,
//! bracketed spans and functions. That is enough for rules about calls.
//!
//! **Same Place.** Each byte of `code` stands where it stands in the file. What
//! is not code is a space, so offsets and lines of one are those of the other.

use lexer::{Kind, piece};

mod lexer;

/// The text of a file, code and comments apart.
pub(crate) struct Source {
    /// The code, with a space for each byte of a comment, string or character.
    pub(crate) code: String,
    /// Of each line, the line comment that it ends with; empty if it has none.
    comments: Vec<String>,
}

/// A function, as written.
pub(crate) struct Function<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// Where its `fn` is.
    pub(crate) at: usize,
    /// What stands between its braces.
    pub(crate) body: &'a str,
}

// === impl Source ===

impl Source {
    /// Takes the text of a file apart.
    pub(crate) fn new(text: &str) -> Self {
        let mut code = String::with_capacity(text.len());
        let mut comments = vec![String::new(); text.split('\n').count()];
        let (mut at, mut line) = (0, 0);
        while at < text.len() {
            let (kind, length) = piece(&text[at..]);
            let piece = &text[at..at + length];
            match kind {
                Kind::Code if piece.is_ascii() => code.push_str(piece),
                _ => code.extend(piece.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' })),
            }
            if let Kind::Comment = kind {
                comments[line].push_str(piece.trim_end());
            }
            line += piece.matches('\n').count();
            at += length;
        }
        Self { code, comments }
    }

    /// The line of this offset, counted from 0.
    pub(crate) fn line(&self, at: usize) -> usize {
        self.code[..at].matches('\n').count()
    }

    /// The code of this line.
    pub(crate) fn code_of(&self, line: usize) -> &str {
        self.code.lines().nth(line).unwrap_or_default().trim()
    }

    /// The comment lines directly above this line, from the lowest up.
    pub(crate) fn above(&self, line: usize) -> impl Iterator<Item = &str> {
        let is_comment = |&line: &usize| self.code_of(line).is_empty();
        let lines = (0..line).rev().take_while(is_comment).map(|line| &*self.comments[line]);
        lines.take_while(|comment| !comment.is_empty())
    }

    /// Every word of the code, keywords and numbers too, with its offset.
    pub(crate) fn words(&self) -> impl Iterator<Item = (usize, &str)> {
        words(&self.code)
    }

    /// Every function that has a body.
    pub(crate) fn functions(&self) -> Vec<Function<'_>> {
        let mut words = self.words().peekable();
        let mut found = Vec::new();
        while let Some((at, word)) = words.next() {
            let Some(&(start, name)) = words.peek().filter(|_| word == "fn") else { continue };
            // `fn(u8)` is a type.
            let is_named = self.code[at + 2..start].trim().is_empty();
            if let Some(open) = is_named.then(|| body(&self.code[start..])).flatten() {
                found.push(Function { name, at, body: span(&self.code[start + open..]) });
            }
        }
        found
    }
}

/// Whether this comment is documentation, of what follows or of the file.
pub(crate) fn is_doc(comment: &str) -> bool {
    comment.starts_with("//!") || comment.starts_with("///") && !comment.starts_with("////")
}

/// Every word of this code, with its offset.
pub(crate) fn words(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + code[at..].find(is_part)?;
        let length = code[start..].find(|c| !is_part(c)).unwrap_or(code.len() - start);
        at = start + length;
        Some((start, &code[start..at]))
    })
}

/// What stands between the bracket that `code` begins with and its partner.
pub(crate) fn span(code: &str) -> &str {
    let mut depth = 0_usize;
    for (at, c) in code.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return code.get(1..at).unwrap_or_default();
        }
    }
    &code[1..]
}

/// Where the body of a function begins, seen from its name; `None` if it has none.
fn body(code: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in code.char_indices() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            '{' if depth == 0 => return Some(at),
            ';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> String {
        let code = Source::new(text).code;
        assert_eq!(code.len(), text.len(), "Same Place");
        code.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn comments_are_not_code() {
        assert_eq!(code("a; // b\nc; /* d /* e */ f\n */ g"), "a; c; g");
        assert_eq!(code("//! é x.load(Acquire)\na"), "a");
    }

    #[test]
    fn strings_and_characters_are_not_code() {
        assert_eq!(code(r#"f("a \" b", b"c", '"', '\'', 'é') d"#), "f( , b , , , ) d");
        assert_eq!(code("x = r##\"a \"# b\"##; y"), "x = ; y");
        assert_eq!(code("\"// no comment\" a"), "a");
    }

    #[test]
    fn lifetimes_and_raw_names_are_code() {
        assert_eq!(code("fn f<'a>(r#type: &'a str) {}"), "fn f<'a>(r#type: &'a str) {}");
    }

    #[test]
    fn comments_above_end_at_code_and_at_an_empty_line() {
        let source = Source::new("// far\n\n// two\n  // one\nx;\ny; // beside\nz;");
        assert_eq!(source.above(4).collect::<Vec<_>>(), ["// one", "// two"]);
        assert_eq!(source.above(6).count(), 0);
    }

    #[test]
    fn functions_have_names_and_bodies() {
        let text = "trait T { fn no(); }\nstruct S { f: fn(u8) -> u8 }\nfn a<T>(x: [T; 2]) { b({ 1 }) }\nfn c() {}";
        let source = Source::new(text);
        let found: Vec<_> = source.functions().iter().map(|f| (f.name, f.body.trim())).collect();
        assert_eq!(found, [("a", "b({ 1 })"), ("c", "")]);
    }
}
