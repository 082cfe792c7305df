//! Just enough of WebDriver to open a page, click, and read: <https://www.w3.org/TR/webdriver2/>.
//!
//! chromedriver answers with JSON on one line, of which we want one string at a time.

use crate::step::{Done, Stop};
use std::{
    fs,
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
};

/// A browser with one page.
pub(super) struct Driver {
    server: Server,
    /// The path of all commands.
    session: String,
}

/// chromedriver; it is killed when this is dropped.
struct Server {
    process: Child,
    port: u16,
}

/// Under which name an answer tells an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// No window, no sandbox (which a container's root cannot have), and nothing said to the world.
const ARGUMENTS: [&str; 6] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-quic",
];

// === impl Driver ===

impl Driver {
    /// Starts a browser with an empty profile in this folder.
    pub(super) fn start(profile: &Path) -> Result<Self, Stop> {
        match fs::remove_dir_all(profile) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => fs::create_dir_all(profile)?,
        }
        let server = Server::start()?;
        let words = ARGUMENTS.map(|word| format!("\"{word}\",")).concat();
        let words = format!("{words}\"--user-data-dir={}\"", profile.display());
        let options = format!("{{\"goog:chromeOptions\":{{\"args\":[{words}]}}}}");
        let wanted = format!("{{\"capabilities\":{{\"alwaysMatch\":{options}}}}}");
        let id = string(&server.ask("POST", "/session", &wanted)?, "sessionId")?;
        Ok(Self { server, session: format!("/session/{id}") })
    }

    pub(super) fn open(&self, url: &str) -> Done {
        self.ask("POST", "/url", &format!("{{\"url\":\"{url}\"}}")).map(drop)
    }

    /// Clicks the element of this id, as a person does.
    pub(super) fn click(&self, id: &str) -> Done {
        let element = self.element(id)?;
        self.ask("POST", &format!("/element/{element}/click"), "{}").map(drop)
    }

    /// The text of the element of this id, as a person sees it.
    pub(super) fn text(&self, id: &str) -> Result<String, Stop> {
        let element = self.element(id)?;
        string(&self.ask("GET", &format!("/element/{element}/text"), "")?, "value")
    }

    fn element(&self, id: &str) -> Result<String, Stop> {
        let wanted = format!("{{\"using\":\"css selector\",\"value\":\"#{id}\"}}");
        string(&self.ask("POST", "/element", &wanted)?, ELEMENT)
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> Result<String, Stop> {
        self.server.ask(method, &format!("{}{path}", self.session), body)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Closes the browser.
        _ = self.ask("DELETE", "", "");
    }
}

// === impl Server ===

impl Server {
    /// Starts it on a port of its choice, which it tells.
    fn start() -> Result<Self, Stop> {
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped());
        let mut server = Self { process: command.spawn()?, port: 0 };
        let said =
            BufReader::new(server.process.stdout.take().into_iter().next().ok_or_else(silent)?);
        for line in said.lines() {
            if let Some((_, port)) = line?.split_once("started successfully on port ") {
                server.port = port.trim_end_matches('.').parse().map_err(|_| silent())?;
                return Ok(server);
            }
        }
        Err(silent())
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> Result<String, Stop> {
        let mut line = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        let (host, length) = (format!("127.0.0.1:{}", self.port), body.len());
        write!(line, "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n")?;
        write!(line, "Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}")?;
        let answer = answer(&mut BufReader::new(line))?;
        match answer.split_once('\n') {
            Some((status, body)) if status.contains(" 200 ") => Ok(body.into()),
            _ => Err(Stop::Failed(format!("chromedriver: {method} {path}: {answer}"))),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

fn silent() -> Stop {
    Stop::failed("chromedriver does not say on which port it is")
}

/// The first line of an answer, and what stands below its headers.
fn answer(line: &mut impl io::BufRead) -> io::Result<String> {
    let (mut status, mut length) = (String::new(), 0);
    line.read_line(&mut status)?;
    loop {
        let mut header = String::new();
        line.read_line(&mut header)?;
        match header.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().map_err(io::Error::other)?;
            }
            Some(_) => {}
            None => break,
        }
    }
    let mut body = String::new();
    line.take(length).read_to_string(&mut body)?;
    Ok(format!("{}\n{body}", status.trim_end()))
}

/// The first string of this name.
fn string(json: &str, name: &str) -> Result<String, Stop> {
    let missing = || Stop::Failed(format!("chromedriver: there is no `{name}` in {json}"));
    let (_, rest) = json.split_once(&format!("\"{name}\":\"")).ok_or_else(missing)?;
    let mut text = String::new();
    let mut rest = rest.chars();
    loop {
        match rest.next().ok_or_else(missing)? {
            '"' => return Ok(text),
            // What the page shows has no others than quotes and backslashes.
            '\\' => text.extend(rest.next()),
            letter => text.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn string_is_the_one_of_its_name_up_to_its_end() {
        let json = r#"{"value":{"sessionId":"a1","value":"say \"so\" \\"}}"#;
        assert_eq!(string(json, "sessionId").unwrap(), "a1");
        assert_eq!(string(json, "value").unwrap(), "say \"so\" \\");
        assert!(string(json, "other").is_err());
        assert!(string(r#"{"value":"cut"#, "value").is_err());
    }

    #[test]
    fn answer_is_its_status_and_as_much_as_it_promises() {
        let said = "HTTP/1.1 200 OK\r\ncontent-length: 3\r\nX: y\r\n\r\nabcdef";
        assert_eq!(answer(&mut said.as_bytes()).unwrap(), "HTTP/1.1 200 OK\nabc");
    }
}
