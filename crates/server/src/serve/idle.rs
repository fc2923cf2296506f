//! A stream that ends when nothing moves on it: whoever holds a connection open and says nothing, or reads nothing,
//! loses it. Server-sent events stay, because they send a comment every few seconds.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

/// A stream with a limit on silence.
pub(crate) struct IdleLimited<S> {
    stream: S,
    limit: Duration,
    moved_at: Instant,
    timer: Pin<Box<Sleep>>,
}

impl<S> IdleLimited<S> {
    /// `limit` is the longest time without a byte in either direction.
    pub(crate) fn new(stream: S, limit: Duration) -> Self {
        let moved_at = instant_now();
        Self {
            stream,
            limit,
            moved_at,
            timer: Box::pin(tokio::time::sleep(limit)),
        }
    }

    /// Passes on what the stream said; after too long a silence, an error instead of waiting on.
    fn watched<T>(
        &mut self,
        cx: &mut Context<'_>,
        said: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if said.is_ready() {
            self.moved_at = instant_now();
            return said;
        }
        // The timer is set anew only when it rings, so that each byte costs no more than a look at the clock.
        while self.timer.as_mut().poll(cx).is_ready() {
            let ends_at = self.moved_at + self.limit;
            if ends_at <= instant_now() {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            self.timer.as_mut().reset(ends_at);
        }
        Poll::Pending
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the server's edge measures silence"
)]
fn instant_now() -> Instant {
    Instant::now()
}

impl<S: AsyncRead + Unpin> AsyncRead for IdleLimited<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let said = Pin::new(&mut this.stream).poll_read(cx, buffer);
        this.watched(cx, said)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for IdleLimited<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let said = Pin::new(&mut this.stream).poll_write(cx, bytes);
        this.watched(cx, said)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        match Pin::new(&mut this.stream).poll_flush(cx) {
            // Flushing nothing is no movement.
            Poll::Ready(done) => Poll::Ready(done),
            Poll::Pending => this.watched(cx, Poll::Pending),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let said = Pin::new(&mut this.stream).poll_shutdown(cx);
        this.watched(cx, said)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let said = Pin::new(&mut this.stream).poll_write_vectored(cx, parts);
        this.watched(cx, said)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    const LIMIT: Duration = Duration::from_secs(75);

    #[tokio::test(start_paused = true)]
    async fn silence_ends_the_stream() {
        let (_other, ours) = tokio::io::duplex(64);
        let mut stream = IdleLimited::new(ours, LIMIT);
        let error = stream.read_u8().await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn a_byte_now_and_then_keeps_it() {
        let (mut other, ours) = tokio::io::duplex(64);
        let mut stream = IdleLimited::new(ours, LIMIT);
        for _ in 0..5 {
            let later = async {
                tokio::time::sleep(LIMIT - Duration::from_secs(1)).await;
                other.write_u8(1).await.unwrap();
            };
            let (read, ()) = tokio::join!(stream.read_u8(), later);
            assert_eq!(read.unwrap(), 1);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_who_does_not_read_loses_it() {
        let (_other, ours) = tokio::io::duplex(4);
        let mut stream = IdleLimited::new(ours, LIMIT);
        let error = stream.write_all(&[0; 64]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
