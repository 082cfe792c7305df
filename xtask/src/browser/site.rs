//! A server of files for the one browser that we start.

use std::{
    fs,
    io::{self, BufRead as _, BufReader, Write as _},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    thread,
};

/// Serves the folder on this machine until the program ends; gives back the port.
pub(super) fn serve(folder: PathBuf) -> io::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = listener.local_addr()?.port();
    thread::spawn(move || {
        for caller in listener.incoming().flatten() {
            // A browser that has gone is not missed.
            _ = answer(caller, &folder);
        }
    });
    Ok(port)
}

fn answer(mut caller: TcpStream, folder: &Path) -> io::Result<()> {
    let mut lines = BufReader::new(&caller).lines();
    let request = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    // The headers are read, since a close with something unread resets the connection.
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let (status, kind, body) = match named(&request).map(|name| (name, fs::read(folder.join(name))))
    {
        Some((name, Ok(body))) => ("200 OK", kind(name), body),
        _ => ("404 Not Found", "text/plain", Vec::new()),
    };
    let length = body.len();
    write!(caller, "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n")?;
    write!(caller, "Connection: close\r\n\r\n")?;
    caller.write_all(&body)
}

/// The file that a request asks for; none above the folder.
fn named(request: &str) -> Option<&str> {
    let path = request.strip_prefix("GET /")?.split([' ', '?']).next()?;
    match path {
        "" => Some("index.html"),
        path if path.split('/').any(|part| part.is_empty() || part == "..") => None,
        path => Some(path),
    }
}

fn kind(name: &str) -> &'static str {
    match Path::new(name).extension().and_then(|end| end.to_str()) {
        Some("html") => "text/html",
        Some("js") => "text/javascript",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_names_a_file_below_the_folder_or_none() {
        assert_eq!(named("GET / HTTP/1.1"), Some("index.html"));
        assert_eq!(named("GET /pkg/a.wasm?1 HTTP/1.1"), Some("pkg/a.wasm"));
        for bad in ["GET /../secret HTTP/1.1", "GET //etc/passwd HTTP/1.1", "POST / HTTP/1.1", ""] {
            assert_eq!(named(bad), None, "{bad}");
        }
    }
}
