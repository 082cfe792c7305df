//! What the steps install, tried where nothing is installed.
//!
//! debootstrap makes a bare root of the release that this machine has. For each [`Kit`] a copy of it is
//! given the kit's packages, as a step would install them; then every file that the kit names must be
//! there, and its probe must run. Needs root, and about a gigabyte of disk while it runs.

use crate::{
    install::{self, INSTALL, KITS, Kit},
    run::{Run, target},
    step::{self, Done, Stop},
};
use std::{fs, io, path::Path, time::Duration};

const DEBOOTSTRAP: Kit = Kit {
    name: "debootstrap",
    packages: &[("debootstrap", "/usr/sbin/debootstrap")],
    probe: "debootstrap --version",
};

/// What apt needs to reach the same mirrors, by the same way, as this machine.
const APT: [&str; 2] = ["/etc/apt", "/usr/share/keyrings"];

/// How long one command may take.
const LIMIT: Duration = Duration::from_secs(1200);

pub(crate) fn check() -> Done {
    if Run::program("id", "-u").unseen()?.text.trim() != "0" {
        return Err(Stop::skipped("only root can make a root"));
    }
    let sources = sources().ok_or_else(|| Stop::skipped("this is not Debian"))?;
    install::debian(&DEBOOTSTRAP)?;
    let folder = target("fresh");
    let base = folder.join("base");
    if !base.join("etc/debian_version").exists() {
        remove(&base)?;
        fs::create_dir_all(&folder)?;
        let (release, mirror) = sources;
        let words = format!("--variant=minbase {release} {} {mirror}", base.display());
        let made = Run::program("/usr/sbin/debootstrap", &words).limit(LIMIT).go();
        made.map_err(|_| Stop::skipped("debootstrap cannot make a root"))?;
        for place in APT {
            let place_there = base.join(&place[1..]);
            let words = format!("-a {place}/. {}", place_there.display());
            fs::create_dir_all(place_there)?;
            Run::program("cp", &words).go()?;
        }
        // What the host keeps to itself beside Debian's lists is not for a bare root.
        chroot(&base, "apt-get update").go()?;
    }
    let mut wrong = Vec::new();
    for kit in KITS {
        if let Err(why) = try_out(kit, &base, &folder.join("root")) {
            println!("{}: {why:?}", kit.name);
            wrong.push(kit.name);
        }
    }
    if !wrong.is_empty() {
        return Err(Stop::Failed(format!("incomplete: {}", wrong.join(", "))));
    }
    step::note(format!("{} kits, each in a bare root", KITS.len()));
    Ok(())
}

/// Installs a kit into a copy of `base`, and looks for all that it promises.
fn try_out(kit: &Kit, base: &Path, root: &Path) -> Done {
    remove(root)?;
    Run::program("cp", &format!("-a {} {}", base.display(), root.display())).go()?;
    let names: Vec<&str> = kit.packages.iter().map(|&(name, _)| name).collect();
    chroot(root, &format!("DEBIAN_FRONTEND=noninteractive apt-get {INSTALL} {}", names.join(" ")))
        .go()?;
    if let Some((package, file)) = kit.missing(root).next() {
        return Err(Stop::Failed(format!("{package} has no {file}")));
    }
    chroot(root, kit.probe).go()?;
    Ok(remove(root)?)
}

/// A shell command in this root, with the kernel's file systems mounted for as long as it runs.
fn chroot(root: &Path, command: &str) -> Run {
    let script = format!(
        "mount -t proc proc {0}/proc && mount --rbind /dev {0}/dev && exec chroot {0} \
         env HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin sh -ec '{1}'",
        root.display(),
        command.replace('\'', "'\\''")
    );
    Run::program("unshare", "--mount --propagation private sh -ec").word(&script).limit(LIMIT)
}

/// The release and the mirror of this machine: of the first `deb` line, or the first stanza.
fn sources() -> Option<(String, String)> {
    let output = Run::program("apt-get", "indextargets --format $(RELEASE)|$(REPO_URI)").unseen();
    parse(&output.ok().filter(|output| output.passed())?.text)
}

/// The first line of `apt-get indextargets` that names a release proper.
fn parse(targets: &str) -> Option<(String, String)> {
    let pairs = targets.lines().filter_map(|line| line.split_once('|'));
    let (release, mirror) = pairs.into_iter().find(|(release, _)| !release.contains('-'))?;
    Some((release.into(), mirror.into()))
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn release_proper_is_chosen_before_its_updates() {
        let targets = "bookworm-updates|http://a/debian/\nbookworm|http://b/debian/\n";
        let wanted = ("bookworm".to_owned(), "http://b/debian/".to_owned());
        assert_eq!(parse(targets), Some(wanted));
        assert_eq!(parse(""), None);
    }
}
