//! What a server says first. The driver takes the banner of another protocol for the length of a packet that is never
//! complete, and its user would wait, and hear of a time-out, for what is a wrong port.

use std::net::SocketAddr;

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

/// The header of a packet and the first byte of what is in it.
const HEAD_BYTES: usize = 5;

/// Whether the server at one of these addresses, all of which have been checked, says something that no server of MySQL
/// begins with (MySQL internals manual, "Protocol::Handshake": version 10, or an error, in the first packet).
pub(super) async fn is_of_another_protocol(addresses: &[SocketAddr]) -> bool {
    let mut head = [0; HEAD_BYTES];
    let Ok(mut server) = TcpStream::connect(addresses).await else { return false };
    let Ok(_) = server.read_exact(&mut head).await else { return false };
    let [.., sequence, first] = head;
    sequence != 0 || ![10, 255].contains(&first)
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_banner_is_told_from_a_greeting() {
        for (banner, is_other) in [
            (&b"SSH-2.0-OpenSSH_9.2p1\r\n"[..], true),
            (b"220 mail.example.com ESMTP\r\n", true),
            (b"HTTP/1.1 400 Bad Request\r\n", true),
            (b"\x4a\x00\x00\x00\x0a8.4.0\x00", false),
            (b"\x17\x00\x00\x00\xff\x10\x04", false),
            (b"", false),
        ] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let server = tokio::spawn(async move { listener.accept().await.unwrap().0.write_all(banner).await });
            assert_eq!(is_of_another_protocol(&[address]).await, is_other, "{banner:?}");
            server.await.unwrap().unwrap();
        }
    }
}
