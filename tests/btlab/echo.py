#!/usr/bin/python3
"""An Echo Dot in the lab, on the controller --adapter of the live bluetoothd.

It looks like one: its name, the class of a loudspeaker that renders and captures
(0x2c0414), Amazon's identity (usb:v1949p1200d5100, see btair.c), A2DP source and sink
at once. It plays music that was encoded beforehand, by its own clock, and it can be
played to as a speaker is. What it needs of the processor it takes at once, as one with
a processor of its own would: it sends from a thread with real-time priority.

  OUT/echo.sbc, .csv, .json    what it heard as a speaker (see speakers.py)
  OUT/echo-music.sbc           its music, frame by frame, which it plays over and over
  OUT/echo-sent.csv            one line per packet sent: time (CLOCK_MONOTONIC), RTP sequence
                               number, RTP timestamp, first frame (of the music), frames
  OUT/echo-events.jsonl        one JSON object per event

Commands, one a line, are read from the FIFO OUT/echo-control. They are done one after
the other, but for those marked (*), which act at once:

  music FILE        the WAV file (16 bit, mono or stereo, 44.1 kHz) that it plays from now on
  order source|sink which profile it connects first when it calls (at first: source)
  roles both|source|sink      which it connects when it calls (at first: both)
  pair [ADDRESS]    "Alexa, pair", or a tap in her app: it searches for a loudspeaker (the gateway's
                    hci0, or the one named) until it is discoverable, pairs, and calls it
  call              "Alexa, connect to ...": it connects to the one that it is paired with
  hang-up           "Alexa, disconnect" (*)
  play              "Alexa, play music": plays as soon as there is a stream, until told otherwise (*)
  pause             she was told so: the stream is suspended (*)
  stall reopen|link nothing is sent any more, the stream stays up, and it believes that it plays.
                    It ends when the stream is started anew, or only when its link is made anew (*)
  off / on          the plug; `on` boots, and then it calls by itself (off *)
  pauses MS         the longest of its pauses while it plays, every 1 to 2 s: then it sends what
                    has gathered as fast as it can (at first 0: a packet as soon as it is due) (*)
  ppm N             how much its clock is fast (*)
  forget            it forgets whom it is paired with
"""
import argparse
import collections
import os
import random
import signal
import sys
import threading
import time
import wave

import dbus
import dbus.service
from gi.repository import GLib

from labbus import BLUEZ, SINK_UUID, SOURCE_UUID, Bus, Endpoint, ay, rtp, sbc_frames, say, write_au
from speakers import SBC_ALL, Events, Speaker, wait_for_adapters

NAME = "Echo Dot-4XQ"
GATEWAY = "00:AA:01:00:00:00"
BOOT_SECONDS = 3          # a real one takes half a minute
RATE, FRAME = 44100, 128  # samples a frame
BEFORE_OTHERS = 45        # the radios have 50


class Music:
    """Frames, encoded beforehand, played over and over."""

    # So many frames last a whole number of samples at 48 kHz too: whoever compares need not
    # think about the place where the music begins again.
    WHOLE = 147

    def __init__(self, path, out):
        with wave.open(path, "rb") as file:
            if file.getsampwidth() != 2 or file.getframerate() != RATE:
                raise ValueError("16 bit at 44.1 kHz, please")
            samples, channels = bytearray(file.readframes(file.getnframes())), file.getnchannels()
        samples[0::2], samples[1::2] = samples[1::2], samples[0::2]     # big-endian
        if channels == 1:
            stereo = bytearray(2 * len(samples))
            for byte in range(2):
                stereo[byte::4] = stereo[byte + 2::4] = samples[byte::2]
            samples = stereo
        write_au("/tmp/music.au", samples)
        frames = sbc_frames("/tmp/music.au")
        self.frames = frames[:len(frames) // self.WHOLE * self.WHOLE]
        with open(os.path.join(out, "echo-music.sbc.new"), "wb") as file:
            file.write(b"".join(self.frames))
        os.replace(os.path.join(out, "echo-music.sbc.new"), os.path.join(out, "echo-music.sbc"))

    def packet(self, at, count):
        frames = self.frames[at:at + count]
        return frames + self.frames[:count - len(frames)]


class Sender(threading.Thread):
    """Sends the music to one stream, by the Echo's own clock."""

    def __init__(self, echo, fd, mtu):
        super().__init__(daemon=True)
        self.echo, self.fd = echo, fd
        self.count = min(15, (mtu - 13) // len(echo.music.frames[0]))
        self.stop = threading.Event()
        self.silent = False
        self.start()

    def run(self):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(BEFORE_OTHERS))
        os.set_blocking(self.fd, True)
        echo, count = self.echo, self.count
        sequence, stamp = echo.random.randrange(1 << 16), echo.random.randrange(1 << 32)
        start = now = time.monotonic()
        sent, pause_at = 0, now + 1
        try:
            while not self.stop.is_set():
                if self.silent:
                    self.stop.wait()
                    break
                if echo.longest_pause and now >= pause_at:
                    # The music plays on meanwhile: what gathers is sent at once afterwards.
                    if self.stop.wait(echo.random.uniform(0.25, 1) * echo.longest_pause):
                        break
                    pause_at = time.monotonic() + echo.random.uniform(1, 2)
                due = start + sent * FRAME / RATE / (1 + echo.ppm / 1e6)
                if due > time.monotonic() and self.stop.wait(due - time.monotonic()):
                    break
                os.write(self.fd, rtp(sequence, stamp, echo.music.packet(echo.at, count)))
                now = time.monotonic()
                echo.sent.append((now, sequence & 0xFFFF, stamp & 0xFFFFFFFF, echo.at, count))
                sequence, stamp, sent = sequence + 1, stamp + count * FRAME, sent + count
                echo.at = (echo.at + count) % len(echo.music.frames)
        except OSError as error:         # the other end closed the stream
            echo.note("stream-broken", error=str(error))
        finally:
            os.close(self.fd)


class Source(Endpoint):
    def __init__(self, echo):
        super().__init__(echo.bus, "/btlab/echo/source")
        self.echo = echo

    @dbus.service.method("org.bluez.MediaEndpoint1", in_signature="oa{sv}", out_signature="")
    def SetConfiguration(self, transport, properties):
        super().SetConfiguration(transport, properties)
        self.echo.source_configured()

    @dbus.service.method("org.bluez.MediaEndpoint1", in_signature="o", out_signature="")
    def ClearConfiguration(self, transport):
        super().ClearConfiguration(transport)
        self.echo.source_cleared()


class Echo(Speaker):
    """A speaker that is a source as well, and has a will of its own."""

    def __init__(self, lab, index, out):
        record = Events(os.path.join(out, "echo-events.jsonl"))
        super().__init__(lab.bus, index, out, record, name="echo")
        self.lab, self.music = lab, None
        self.random = random.Random(4)
        self.at, self.longest_pause, self.ppm = 0, 0.0, 30.0
        self.order, self.roles = "source", "both"
        self.wants_to_play, self.stalled = False, None
        self.on = True
        self.sender = None
        self.acquiring = False
        self.peer = None                # the device that it is paired with
        self.sent = collections.deque() # by the sender's thread, written by ours
        self.sent_file = open(os.path.join(out, "echo-sent.csv"), "w")
        self.source = Source(self)

    def start(self):
        self.show(NAME)
        # What a real Echo says beside the class: it renders, captures, and is audio.
        self.btmgmt("add-uuid", "0000110d-0000-1000-8000-00805f9b34fb", "44")
        self.btmgmt("did", "usb:1949:1200:5100")
        # It offers what its music is encoded in, and nothing else: whichever side calls, that is what is agreed.
        self.lab.register_source(self.adapter_path, self.source, bytes([0x21, 0x15, 2, 53]))
        self.lab.call(self.adapter_path, "org.bluez.Media1", "RegisterEndpoint", dbus.ObjectPath(self.__dbus_object_path__),
                      dbus.Dictionary({"UUID": SINK_UUID, "Codec": dbus.Byte(0), "Capabilities": ay(SBC_ALL)}, signature="sv"))
        self.note("ready", address=self.stat["address"])

    def note(self, what, **more):
        self.events("echo", what, **more)

    # -- the stream that it sends ----------------------------------------------------
    def source_configured(self):
        if self.stalled == "link":
            self.stalled = None
        self.note("source-configured")
        # As an Echo: what plays goes to the new link, a moment after it came up.
        GLib.timeout_add(300, lambda: self.go_on() and False)

    def source_cleared(self):
        self.note("source-cleared")
        self.end_sender()

    def source_transport(self):
        return next(iter(self.source.transports.values()), None)

    def go_on(self):
        """Starts sending where there is a stream, a wish, and music."""
        transport = self.source_transport()
        if transport is None or not self.wants_to_play or self.music is None or self.sender or self.acquiring:
            return
        self.acquiring = True
        self.bus.get_object(BLUEZ, transport, introspect=False).get_dbus_method("Acquire", "org.bluez.MediaTransport1")(
            reply_handler=self.started, error_handler=self.not_started)

    def started(self, fd, _imtu, omtu):
        self.acquiring = False
        self.end_sender()
        self.note("playing", mtu=int(omtu), at=self.at)
        self.sender = Sender(self, fd.take(), int(omtu))
        self.sender.silent = self.stalled is not None

    def not_started(self, error):
        self.acquiring = False
        self.note("play-failed", error=str(error))
        GLib.timeout_add(1000, lambda: self.go_on() and False)

    def end_sender(self):
        if self.sender:
            self.sender.stop.set()
            self.sender.join()
            self.sender = None
            self.note("stopped", at=self.at)

    def source_changed(self, state):
        self.note("source-transport", state=state)
        if state == "idle":
            self.end_sender()            # suspended from the other end
        elif state in ("pending", "active") and not self.sender:
            # Started from the other end: what an Echo sends then ends the lighter kind of stall.
            if self.stalled == "reopen":
                self.stalled = None
            self.go_on()

    # -- its links -----------------------------------------------------------------------
    def find_gateway(self, address):
        """A device that shows itself as a loudspeaker: an Echo's user is offered no other."""
        for path, device in self.lab.devices(self.adapter_path).items():
            if str(device.get("Address")) == address and int(device.get("Class", 0)) & 0x1FFC == 0x414:
                return path
        return None

    def pair(self, address=GATEWAY):
        path = self.adapter_path + "/dev_" + address.replace(":", "_")
        if path in self.lab.devices(self.adapter_path):
            self.lab.call(self.adapter_path, "org.bluez.Adapter1", "RemoveDevice", dbus.ObjectPath(path))
        if not self.lab.search(self.adapter_path, 60, lambda: self.find_gateway(address) is not None):
            self.note("pair-failed", error="no loudspeaker of that address is to be found")
            return
        try:
            self.lab.call(path, "org.bluez.Device1", "Pair")
        except dbus.DBusException as error:
            self.note("pair-failed", error=str(error))
            return
        self.lab.flag(path, "org.bluez.Device1", "Trusted", True)
        self.peer = path
        self.note("paired", device=path)
        self.call()

    def linked(self):
        """The roles in which it has a stream with the other end."""
        return {role for role, there in (("source", self.source_transport()), ("sink", self.transport)) if there}

    def call(self):
        """As it does after it was paired or switched on: until its roles stand, or one of them after three tries, or it gives up."""
        wanted = {"both": ["source", "sink"], "source": ["source"], "sink": ["sink"]}[self.roles]
        wanted.sort(key=lambda role: role != self.order)
        for attempt in range(6):
            for role in wanted:
                if self.peer is None or not self.on:
                    return
                if role in self.linked():
                    continue
                try:
                    self.lab.call(self.peer, "org.bluez.Device1", "ConnectProfile", SINK_UUID if role == "source" else SOURCE_UUID)
                    self.note("connected", role=role, attempt=attempt)
                except dbus.DBusException as error:
                    self.note("connect-failed", role=role, attempt=attempt, error=str(error))
                    # As phone.py does: BlueZ may call a try that was cut off "in progress" for good.
                    if not self.linked():
                        self.send(self.peer, "org.bluez.Device1", "Disconnect")
                self.lab.wait(1, lambda: not self.on)
            if len(self.linked()) == len(wanted) or (self.linked() and attempt >= 2):
                return
            self.lab.wait(1, lambda: not self.on)

    # -- commands ------------------------------------------------------------------------
    def act(self, words):
        """What is done one after the other."""
        verb, rest = words[0], words[1:]
        if verb == "music":
            self.music, self.at = Music(rest[0], self.out), 0
            self.note("music", frames=len(self.music.frames))
        elif verb == "order":
            self.order = rest[0]
        elif verb == "roles":
            self.roles = rest[0]
        elif verb == "pair":
            self.pair(*rest)
        elif verb == "call":
            self.call()
        elif verb == "on":
            self.lab.wait(1)             # nobody is quicker with a plug, and bluetoothd may still be switching it off
            self.on = True
            self.lab.flag(self.adapter_path, "org.bluez.Adapter1", "Powered", True)
            self.lab.wait(BOOT_SECONDS)
            self.change("Discoverable", True)
            self.call()
        elif verb == "forget":
            if self.peer:
                self.lab.call(self.adapter_path, "org.bluez.Adapter1", "RemoveDevice", dbus.ObjectPath(self.peer))
            self.peer = None
        else:
            raise ValueError("unknown command")

    def act_at_once(self, words):
        """What acts at once; False: it is another command."""
        verb, rest = words[0], words[1:]
        if verb == "off":
            self.on = False
            self.stalled = None
            self.end_sender()
            self.change("Powered", False)
        elif verb == "hang-up":
            if self.peer:
                self.send(self.peer, "org.bluez.Device1", "Disconnect")
        elif verb == "play":
            self.wants_to_play, self.stalled = True, None
            if self.sender and self.sender.silent:
                self.suspend()
            self.go_on()
        elif verb == "pause":
            self.wants_to_play = False
            self.suspend()
        elif verb == "stall":
            self.stalled = rest[0] if rest else "link"
            if self.sender:
                self.sender.silent = True
        elif verb == "pauses":
            self.longest_pause = int(rest[0]) / 1000
        elif verb == "ppm":
            self.ppm = float(rest[0])
        else:
            return False
        return True

    def suspend(self):
        self.end_sender()
        if self.source_transport():
            self.send(self.source_transport(), "org.bluez.MediaTransport1", "Release")

    def save_all(self):
        while self.sent:
            at, *rest = self.sent.popleft()
            self.sent_file.write(f"{at:.6f}," + ",".join(map(str, rest)) + "\n")
        self.sent_file.flush()
        self.save()
        return True


def main():
    parser = argparse.ArgumentParser(description="an Echo in the lab")
    parser.add_argument("--adapter", type=int, required=True)
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    lab = Bus("echo")
    adapter = f"/org/bluez/hci{args.adapter}"
    wait_for_adapters(lab.bus, {adapter})
    echo = Echo(lab, args.adapter, args.out)

    def changed(interface, properties, _invalidated, path=None):
        if interface != "org.bluez.MediaTransport1" or path is None:
            return
        if path == echo.transport:
            echo.transport_changed(properties)
        elif path == echo.source_transport() and "State" in properties:
            echo.source_changed(str(properties["State"]))
    lab.bus.add_signal_receiver(changed, "PropertiesChanged", "org.freedesktop.DBus.Properties",
                                bus_name=BLUEZ, path_keyword="path")

    echo.start()

    # bluetoothd died and came back: our endpoints are to be registered anew, the bonds are on disk.
    def owner_changed(_name, _old, new):
        if not new:
            echo.transport = None
            echo.source.transports = {}
            echo.close_stream()
            echo.end_sender()
        else:
            commands.append("restart")
    lab.bus.add_signal_receiver(owner_changed, "NameOwnerChanged", "org.freedesktop.DBus",
                                bus_name="org.freedesktop.DBus", arg0=BLUEZ)

    fifo = os.path.join(args.out, "echo-control")
    os.mkfifo(fifo)
    control = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)   # RDWR: no end of file, ever
    commands = collections.deque()

    def attempt(line, act):
        try:
            done = act(line.split())
            if done is not False:
                echo.note("command", line=line)
            return done
        except Exception as error:   # a bad command must not end the lab
            echo.note("bad-command", line=line, error=str(error))
            return None

    def command(_fd, _condition):
        for line in os.read(control, 4096).decode().splitlines():
            if line.strip() and attempt(line, echo.act_at_once) is False:
                commands.append(line)
        return True
    GLib.io_add_watch(control, GLib.IO_IN, command)

    ending = []
    GLib.unix_signal_add(GLib.PRIORITY_HIGH, signal.SIGTERM, lambda: ending.append(True) or True)
    GLib.timeout_add(500, echo.save_all)
    open(os.path.join(args.out, "echo-ready"), "w").close()
    say(f"{NAME} is {echo.stat['address']}")
    while not ending:
        lab.wait(1, lambda: ending or commands)
        if not commands:
            continue
        line = commands.popleft()
        if line == "restart":
            wait_for_adapters(lab.bus, {adapter})
            echo.start()
            attempt("call", echo.act)
        else:
            attempt(line, echo.act)
    os.remove(fifo)
    echo.end_sender()
    echo.close_stream()
    echo.save_all()
    return 0


if __name__ == "__main__":
    sys.exit(main())
