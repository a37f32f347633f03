//! `pretune serve`: the lessons at an address on this machine.

use crate::error::{Error, Result};
use crate::site::build::{self, Profile};
use crate::site::progress::Progress;
use crate::site::project::Project;
use crate::site::server;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};

/// Show the lessons in a browser; builds what is missing. This is the default.
#[derive(clap::Args)]
pub struct Args {
    /// The port to listen on.
    #[arg(long, default_value_t = 8080)]
    pub port: u16,
    /// The address to listen on; 0.0.0.0 opens the lessons to the local network.
    #[arg(long, default_value = "127.0.0.1")]
    host: String,
    /// Where root-relative links of a lesson (/learn/…) lead; without it they are plain text.
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// Compile the core faster but slower to run, with its names kept for debugging.
    #[arg(long)]
    dev: bool,
}

pub fn execute(args: &Args) -> Result<()> {
    let project = Project::find()?;
    // The port first: nobody waits for a build to learn that it is taken.
    let listener = listen(&args.host, args.port)?;
    build::runtime(&project, Profile::of(args.dev), &Progress::default())?;
    let site = server::Site::new(&project, args.base_url.clone());
    let address =
        listener.local_addr().map_err(|e| Error::environment("listening", e, "try another --port"))?;
    println!("http://{address}/  (Ctrl-C ends)");
    server::serve(listener, site)
}

fn listen(host: &str, port: u16) -> Result<TcpListener> {
    let wrong_host =
        |cause: String| Error::input("--host", cause, "a name or address of this machine, such as 127.0.0.1");
    let addresses: Vec<SocketAddr> =
        (host, port).to_socket_addrs().map_err(|e| wrong_host(format!("{host:?}: {e}")))?.collect();
    TcpListener::bind(addresses.as_slice()).map_err(|e| match e.kind() {
        std::io::ErrorKind::AddrInUse => Error::environment(
            format!("port {port} of {host}"),
            "another program listens there",
            format!("end it, or choose another: --port {}", port.checked_add(1).unwrap_or(8080)),
        ),
        std::io::ErrorKind::PermissionDenied => Error::environment(
            format!("port {port} of {host}"),
            "this user may not listen there",
            "choose a port above 1023: --port 8080",
        ),
        _ => wrong_host(format!("{host:?}: {e}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_one_clear_error() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap_or_else(|e| panic!("{e}"));
        let port = taken.local_addr().map_or(0, |a| a.port());
        let error = listen("127.0.0.1", port).err().map(|e| e.to_string());
        let next = port.checked_add(1).unwrap_or(8080);
        let expected = format!(
            "port {port} of 127.0.0.1: another program listens there; end it, or choose another: --port {next}"
        );
        assert_eq!(error, Some(expected));
    }
}
