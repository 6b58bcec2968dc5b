"""Starts ministack as ./dev ministack wants it.

It has a page of its own at /health on every host, where an API Gateway has none: here that path is left to the API, and its own
page is at /_ministack/health alone. And the sockets by which it hands events to functions send what they are given at once:
otherwise a function waits 40 ms for the second half of each event, until its acknowledgement of the first one is sent.
"""

import socketserver

import ministack.app as emulator

emulator._HEALTH_PATHS = ("/_ministack/health",)
socketserver.StreamRequestHandler.disable_nagle_algorithm = True
emulator.main()
