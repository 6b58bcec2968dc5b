//! What is carried between driver and server once somebody is in.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::exchange::Exchange;
use crate::databases::fault::{Fault, Reason};

/// How much of a question is carried at once, and of an answer.
const ASKED_BYTES: usize = 8 * 1024;
const TOLD_BYTES: usize = 32 * 1024;

/// Carries questions and answers until one of the two has no more to say. Nothing is read on while the other has not taken
/// what is there, so that no more is kept than one piece in each direction.
///
/// Nobody speaks while somebody speaks, hence one loop for both directions. A server that does so all the same finds
/// nobody who listens.
pub(super) async fn relay(
    driver: &mut (impl AsyncRead + AsyncWrite + Unpin),
    wire: &mut (impl AsyncRead + AsyncWrite + Unpin),
    mut exchange: Exchange,
) -> Result<(), Fault> {
    let (mut asked, mut told) = (vec![0; ASKED_BYTES], vec![0; TOLD_BYTES]);
    loop {
        tokio::select! {
            biased;
            count = driver.read(&mut asked) => {
                // The driver is of this process. When it goes away nobody is there who could be told why.
                let Ok(count @ 1..) = count else { return Ok(()) };
                exchange.ask(&asked[..count]).map_err(Reason::alone)?;
                send(wire, &asked[..count]).await.map_err(|error| Fault::of_io(&error))?;
            }
            count = wire.read(&mut told) => {
                let count = count.map_err(|error| Fault::of_io(&error))?;
                exchange.hear(&told[..count]).map_err(Reason::alone)?;
                if count == 0 || send(driver, &told[..count]).await.is_err() {
                    return Ok(());
                }
            }
        }
    }
}

async fn send(to: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> io::Result<()> {
    to.write_all(bytes).await?;
    to.flush().await
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::FutureExt;
    use tokio::io::duplex;

    use super::*;
    use crate::databases::guard::exchange::Dialect;

    const EXECUTE: &[u8] = &[5, 0, 0, 0, 0x17, 1, 0, 0, 0];
    const BEGUN: &[u8] = &[1, 0, 0, 1, 1, 3, 0, 0, 2, 3, b'd', b'e'];
    const ENDED: &[u8] = &[5, 0, 0, 4, 0xfe, 0, 0, 2, 0];

    fn exchange() -> Exchange {
        Exchange::new(Dialect { deprecates_eof: true, caches_metadata: false })
    }

    /// A row of a hundred bytes, so many times.
    fn rows(count: usize) -> Vec<u8> {
        [&[100, 0, 0, 3][..], &[0; 100]].concat().repeat(count)
    }

    #[tokio::test]
    async fn every_byte_is_carried_as_it_is_however_it_is_cut() {
        for size in [1, 2, 3, 7, 100, 1 << 16] {
            let ((mut inner, mut driver), (mut outer, mut server)) = (duplex(size), duplex(size));
            let answer = [BEGUN, &rows(500), ENDED].concat();
            let asks = async {
                for _ in 0..2 {
                    driver.write_all(EXECUTE).await.unwrap();
                    let mut heard = vec![0; answer.len()];
                    driver.read_exact(&mut heard).await.unwrap();
                    assert_eq!(heard, answer);
                }
                drop(driver);
            };
            let answers = async {
                for _ in 0..2 {
                    let mut heard = vec![0; EXECUTE.len()];
                    server.read_exact(&mut heard).await.unwrap();
                    assert_eq!(heard, EXECUTE);
                    server.write_all(&answer).await.unwrap();
                }
            };
            let (ended, (), ()) = tokio::join!(relay(&mut inner, &mut outer, exchange()), asks, answers);
            assert_eq!(ended, Ok(()), "{size}");
        }
    }

    #[tokio::test]
    async fn no_more_is_read_than_the_driver_takes() {
        let ((mut inner, mut driver), (mut outer, mut server)) = (duplex(1_000), duplex(1_000));
        driver.write_all(EXECUTE).await.unwrap();
        let answer = [BEGUN, &rows(2_000)].concat();
        let (mut rest, mut idle) = (&answer[..], 0);
        let mut relayed = pin!(relay(&mut inner, &mut outer, exchange()));
        // It is over when nothing moves any more.
        while idle < 100 {
            assert_eq!(relayed.as_mut().now_or_never(), None);
            let taken = server.write(rest).now_or_never().map_or(0, Result::unwrap);
            (rest, idle) = (&rest[taken..], if taken > 0 { 0 } else { idle + 1 });
            tokio::task::yield_now().await;
        }
        let taken = answer.len() - rest.len();
        assert!(taken <= TOLD_BYTES + 2_000, "{taken} bytes");
    }

    #[tokio::test]
    async fn what_may_not_be_said_never_reaches_the_driver() {
        let ((mut inner, mut driver), (mut outer, mut server)) = (duplex(1 << 16), duplex(1 << 16));
        driver.write_all(EXECUTE).await.unwrap();
        server.write_all(b"\x09\0\0\x01\xfe\0\0\0\0\0\x01\0\0").await.unwrap();
        assert_eq!(relay(&mut inner, &mut outer, exchange()).await, Err(Reason::Protocol.alone()));
        drop(inner);
        assert_eq!(driver.read(&mut [0]).await.unwrap(), 0);
    }
}
