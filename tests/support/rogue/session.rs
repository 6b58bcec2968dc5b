//! One connection of a rogue.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

use super::manners::{Asked, Manners, Say, Script};
use super::{Seen, lock, wire};

/// How much a rogue offers that has no end.
const OFFERED: u64 = 1 << 30;

/// How many bytes go out at a time.
const CHUNK: usize = 64 * 1024;

const COM_QUIT: u8 = 0x01;
const COM_QUERY: u8 = 0x03;
const COM_STMT_PREPARE: u8 = 0x16;
const COM_STMT_EXECUTE: u8 = 0x17;

/// The others have hung up, or the rogue has.
struct Over;

/// Takes connections until it is told to stop; every connection ends with it.
pub(super) async fn accept(listener: TcpListener, manners: Manners, seen: Arc<Seen>) {
    let mut sessions = JoinSet::new();
    for id in 1.. {
        let Ok((stream, _)) = listener.accept().await else { return };
        seen.open.send_modify(|open| *open += 1);
        sessions.spawn(serve(stream, id, manners.clone(), Arc::clone(&seen)));
    }
}

/// Talks until one of the two hangs up. What the client says is read all the time, so that nothing of it is missed and
/// the end of it is seen at once.
async fn serve(stream: TcpStream, id: u32, manners: Manners, seen: Arc<Seen>) {
    let (reading, writing) = stream.into_split();
    let (heard, hearing) = unbounded_channel();
    let session = Session { id, seen: Arc::clone(&seen), writing, hearing, number: 0 };
    tokio::select! {
        () = listen(reading, heard, &seen) => {}
        _ = session.talk(&manners) => {}
    }
    seen.open.send_modify(|open| *open -= 1);
}

/// Records all bytes, and hands on the packets that are whole.
async fn listen(mut reading: OwnedReadHalf, heard: UnboundedSender<(u8, Vec<u8>)>, seen: &Seen) {
    let (mut buffer, mut waiting) = (vec![0; CHUNK], Vec::new());
    while let Ok(count @ 1..) = reading.read(&mut buffer).await {
        lock(&seen.received).extend_from_slice(&buffer[..count]);
        waiting.extend_from_slice(&buffer[..count]);
        while let [a, b, c, number, rest @ ..] = waiting.as_slice() {
            let length = u32::from_le_bytes([*a, *b, *c, 0]) as usize;
            let Some(payload) = rest.get(..length) else { break };
            let _ = heard.send((*number, payload.to_vec()));
            waiting.drain(..length + 4);
        }
    }
}

struct Session {
    id: u32,
    seen: Arc<Seen>,
    writing: OwnedWriteHalf,
    hearing: UnboundedReceiver<(u8, Vec<u8>)>,
    /// The number of the next packet.
    number: u8,
}

impl Session {
    async fn talk(mut self, manners: &Manners) -> Result<(), Over> {
        self.say((manners.greeting)(self.id)).await?;
        for script in &manners.login {
            self.hear().await?;
            self.say(script.clone()).await?;
        }
        let mut prepared = String::new();
        loop {
            let packet = self.hear().await?;
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            match packet.split_first() {
                Some((&COM_STMT_PREPARE, sql)) => {
                    prepared = text(sql);
                    self.say((manners.answer)(&Asked::Prepare(&prepared))).await?;
                }
                Some((&COM_STMT_EXECUTE, _)) => self.run(manners, &Asked::Run(&prepared)).await?,
                Some((&COM_QUERY, sql)) => self.run(manners, &Asked::Query(&text(sql))).await?,
                Some((&COM_QUIT, _)) | None => return Err(Over),
                Some(_) => {}
            }
        }
    }

    async fn run(&mut self, manners: &Manners, asked: &Asked<'_>) -> Result<(), Over> {
        if let Asked::Run(sql) | Asked::Query(sql) = asked {
            lock(&self.seen.statements).push((self.id, (*sql).to_owned()));
        }
        self.say((manners.answer)(asked)).await
    }

    async fn hear(&mut self) -> Result<Vec<u8>, Over> {
        let (number, packet) = self.hearing.recv().await.ok_or(Over)?;
        self.number = number.wrapping_add(1);
        Ok(packet)
    }

    async fn say(&mut self, script: Script) -> Result<(), Over> {
        for say in script {
            match say {
                Say::Packet(payload) => {
                    let packet = self.packet(&payload);
                    self.write(&packet).await?;
                }
                Say::Raw(bytes) => self.write(&bytes).await?,
                Say::Slowly(payload) => self.say_slowly(&payload).await?,
                Say::Endlessly(payload) => self.say_endlessly(&payload).await?,
                Say::Gigabyte => self.say_gigabyte().await?,
                Say::Wait => std::future::pending().await,
                Say::Close => return Err(Over),
            }
        }
        Ok(())
    }

    async fn say_slowly(&mut self, payload: &[u8]) -> Result<(), Over> {
        for byte in self.packet(payload) {
            self.write(&[byte]).await?;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        Ok(())
    }

    /// Many packets at a time where they are small: a packet a write would be a slow attack.
    async fn say_endlessly(&mut self, payload: &[u8]) -> Result<(), Over> {
        let mut said = 0;
        while said < OFFERED {
            let mut chunk = Vec::with_capacity(CHUNK + payload.len() + 4);
            while chunk.len() < CHUNK {
                chunk.extend(self.packet(payload));
            }
            self.write(&chunk).await?;
            said += chunk.len() as u64;
        }
        Ok(())
    }

    async fn say_gigabyte(&mut self) -> Result<(), Over> {
        const LARGEST: usize = 0xff_ffff;
        for _ in 0..OFFERED / LARGEST as u64 {
            let packet = self.packet(&vec![1; LARGEST]);
            self.write(&packet).await?;
        }
        Ok(())
    }

    fn packet(&mut self, payload: &[u8]) -> Vec<u8> {
        let packet = wire::packet(self.number, payload);
        self.number = self.number.wrapping_add(1);
        packet
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), Over> {
        for chunk in bytes.chunks(CHUNK) {
            self.writing.write_all(chunk).await.map_err(|_| Over)?;
            self.seen.taken.fetch_add(chunk.len() as u64, Ordering::Relaxed);
        }
        Ok(())
    }
}
