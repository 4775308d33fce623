//! What can be wrong with the web page.

use super::Found;
use super::checks::closed_to_others;
use crate::library::Library;
use crate::lock::Lock;
use crate::password;
use std::net::TcpListener;

/// Looks at the page's address, its password and what stands before it.
pub(super) fn look(library: &Library, found: &mut Found) {
    let web = &library.settings.web;
    if !web.enabled {
        return found.good(
            "web",
            "switched off: no `enabled = true` under [web] in pollen.toml".to_owned(),
        );
    }
    let listen = web.listen;
    match &web.address {
        Some(address) if web.proxies.is_empty() && address.starts_with("https://") => found.wrong("web", format!(
            "people know the page as {address}, so a web server stands before it, and `proxies` does not name it: all patrons together have the limit of one; write proxies = [\"127.0.0.1\"], or that server's address, under [web]"
        )),
        None if !listen.ip().is_loopback() => found.wrong("web", format!(
            "it listens to others at {listen} without TLS, and everybody on the way can read what is said; let a web server with TLS stand before it (docs/web.md) and write its address as `address` under [web]"
        )),
        Some(address) => found.good("web", format!("opens at {listen}, known as {address}")),
        None => found.good("web", format!("opens at http://{listen}/, for this machine alone")),
    }
    address(library, found);
    desk(library, found);
}

/// Whether the address is free, unless the library's own program has it.
fn address(library: &Library, found: &mut Found) {
    let listen = library.settings.web.listen;
    let data = library.data();
    let runs =
        data.join("lock").exists() && Lock::take(&data, &library.shown(), "doctor", false).is_err();
    if runs {
        return;
    }
    if let Err(error) = TcpListener::bind(listen) {
        found.wrong("web", format!(
            "cannot listen at {listen} ({error}); stop what listens there, or write another address for `listen` under [web]"
        ));
    }
}

/// The desk's password.
fn desk(library: &Library, found: &mut Found) {
    let path = library.desk_password();
    let set = format!("`pollen init --password {}`", library.dir.display());
    match password::read(&path) {
        Err(error) => found.wrong("desk", format!("{error:#}; set the password anew with {set}")),
        Ok(None) => found
            .wrong("desk", format!("nobody can sign in: it has no password; set one with {set}")),
        Ok(Some(hash)) if !web::is_password_hash(&hash) => found.wrong(
            "desk",
            format!(
                "{} is no hash that can be read; set the password anew with {set}",
                path.display()
            ),
        ),
        Ok(Some(_)) => {
            if closed_to_others("desk", &path, found) {
                found.good("desk", "its password is set".to_owned());
            }
        }
    }
}
