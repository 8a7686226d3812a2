"""A tornado server in a thread of its own, with its own event loop; stopped, it leaves nothing."""

import asyncio
import contextlib
import socket
from concurrent.futures import Future
from threading import Thread

from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.web import Application

__all__ = ["HOST", "Server"]

HOST = "127.0.0.1"


class Server:
    """An application on a port of loopback: bound when made, served from `start` to `stop`.

    Parameters
    ----------
    application : Application
        What to serve.
    port : int
        0 takes a free one.

    Raises
    ------
    OSError
        The port cannot be had.
    """

    def __init__(self, application: Application, port: int = 0) -> None:
        self._application = application
        self._socket = socket.create_server((HOST, port), backlog=128)
        self._socket.setblocking(False)
        self.port: int = self._socket.getsockname()[1]
        self._stopping = asyncio.Event()
        self._loop: IOLoop | None = None
        self._listens: Future[None] = Future()
        self._thread = Thread(target=self._run, name="aleph_nb.demo", daemon=True)

    @property
    def is_running(self) -> bool:
        """Whether it answers."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Serve in a thread; returns when it listens, raises what keeps it from it."""
        try:
            self._thread.start()
            self._listens.result()
        except BaseException:  # an interrupt too: what is half started must not stay
            self.stop()
            raise

    def stop(self) -> None:
        """Close every connection, the socket and the loop, and join the thread; twice is as once."""
        if self._thread.is_alive():
            with contextlib.suppress(Exception):  # a server that failed to start has said so already
                self._listens.result()
            if self._loop is not None:
                self._loop.add_callback(self._stopping.set)
            self._thread.join()
        self._socket.close()

    def _run(self) -> None:
        try:
            # Tornado needs a selector's loop; Windows would make another by default.
            asyncio_loop = asyncio.SelectorEventLoop()
            self._loop = IOLoop(make_current=False, asyncio_loop=asyncio_loop)
            try:
                self._loop.run_sync(self._serve)
            finally:
                self._loop.close(all_fds=True)
        except Exception as error:
            if self._listens.done():
                raise
            self._listens.set_exception(error)  # raised where `start` waits for it
        finally:
            self._socket.close()

    async def _serve(self) -> None:
        server = HTTPServer(self._application)
        server.add_socket(self._socket)
        self._listens.set_result(None)
        await self._stopping.wait()
        server.stop()
        await server.close_all_connections()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
