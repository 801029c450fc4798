"""What the lab's own sources share (source-check.py, phone.py, echo.py): BlueZ over D-Bus, and SBC."""
import math
import struct
import subprocess
import time

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

BLUEZ = "org.bluez"
SOURCE_UUID = "0000110a-0000-1000-8000-00805f9b34fb"
SINK_UUID = "0000110b-0000-1000-8000-00805f9b34fb"
T0 = time.monotonic()


def say(text):
    print(f"[{time.monotonic() - T0:7.3f}] {text}", flush=True)


def ay(data):
    return dbus.Array([dbus.Byte(b) for b in data], signature="y")


class Bus:
    """Calls and waits during which our own objects (agent, endpoints) are served."""

    def __init__(self, name):
        dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
        self.name, self.bus = name, dbus.SystemBus()
        self.context = GLib.MainContext.default()

    def call(self, path, interface, method, *values, timeout=40):
        answer = {}
        self.bus.get_object(BLUEZ, path, introspect=False).get_dbus_method(method, interface)(
            *values, timeout=timeout, reply_handler=lambda *r: answer.update(reply=r),
            error_handler=lambda e: answer.update(error=e))
        while not answer:
            self.context.iteration(True)
        if "error" in answer:
            say(f"{self.name}: {path} {method}: {answer['error']}")
            raise answer["error"]
        reply = answer["reply"]
        return reply[0] if len(reply) == 1 else reply

    def wait(self, seconds, reached=lambda: False):
        """True as soon as it is reached, False after that time."""
        end = time.monotonic() + seconds
        timer = GLib.timeout_add(50, lambda: True)
        try:
            while not reached():
                if time.monotonic() > end:
                    return False
                self.context.iteration(True)
            return True
        finally:
            GLib.source_remove(timer)

    def set(self, path, interface, name, value):
        self.call(path, "org.freedesktop.DBus.Properties", "Set", interface, name, value)

    def flag(self, path, interface, name, value):
        self.set(path, interface, name, dbus.Boolean(value, variant_level=1))

    def devices(self, adapter):
        objects = self.call("/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")
        return {str(path): interfaces["org.bluez.Device1"] for path, interfaces in objects.items()
                if "org.bluez.Device1" in interfaces and path.startswith(adapter + "/")}

    def register_source(self, adapter, endpoint, capabilities=bytes([0xFF, 0xFF, 2, 53])):
        self.call(adapter, "org.bluez.Media1", "RegisterEndpoint", dbus.ObjectPath(endpoint.__dbus_object_path__),
                  dbus.Dictionary({"UUID": SOURCE_UUID, "Codec": dbus.Byte(0),
                                   "Capabilities": ay(capabilities)}, signature="sv"))

    def search(self, adapter, seconds, reached):
        self.call(adapter, "org.bluez.Adapter1", "SetDiscoveryFilter",
                  dbus.Dictionary({"Transport": "bredr"}, signature="sv"))
        self.call(adapter, "org.bluez.Adapter1", "StartDiscovery")
        found = self.wait(seconds, reached)
        self.call(adapter, "org.bluez.Adapter1", "StopDiscovery")
        return found


class Endpoint(dbus.service.Object):
    """A source endpoint. BlueZ lends each to one stream at a time (in 5.66), so an
    adapter needs one registered endpoint for each speaker that plays at once."""

    def __init__(self, bus, path):
        super().__init__(bus, path)
        self.transports = {}       # by device

    @dbus.service.method("org.bluez.MediaEndpoint1", in_signature="ay", out_signature="ay")
    def SelectConfiguration(self, caps):
        say("SelectConfiguration " + bytes(caps).hex())
        # 44.1 kHz joint stereo, 16 blocks, 8 subbands, loudness
        return ay(bytes([0x21, 0x15, 2, min(53, caps[3])]))

    @dbus.service.method("org.bluez.MediaEndpoint1", in_signature="oa{sv}", out_signature="")
    def SetConfiguration(self, transport, properties):
        say(f"SetConfiguration {transport}")
        self.transports[str(properties["Device"])] = str(transport)

    @dbus.service.method("org.bluez.MediaEndpoint1", in_signature="o", out_signature="")
    def ClearConfiguration(self, transport):
        say(f"ClearConfiguration {transport}")
        self.transports = {d: t for d, t in self.transports.items() if t != str(transport)}

    @dbus.service.method("org.bluez.MediaEndpoint1", in_signature="", out_signature="")
    def Release(self):
        self.transports = {}


class Agent(dbus.service.Object):
    @dbus.service.method("org.bluez.Agent1", in_signature="o", out_signature="")
    def RequestAuthorization(self, device):
        say(f"agent: RequestAuthorization {device}")

    @dbus.service.method("org.bluez.Agent1", in_signature="ou", out_signature="")
    def RequestConfirmation(self, device, passkey):
        say(f"agent: RequestConfirmation {device} {passkey}")

    @dbus.service.method("org.bluez.Agent1", in_signature="os", out_signature="")
    def AuthorizeService(self, device, uuid):
        say(f"agent: AuthorizeService {device} {uuid}")

    @dbus.service.method("org.bluez.Agent1", in_signature="", out_signature="")
    def Cancel(self):
        say("agent: Cancel")

    @dbus.service.method("org.bluez.Agent1", in_signature="", out_signature="")
    def Release(self):
        pass


def sbc_frames(path):
    """The SBC frames of an .au file (44.1 kHz, joint stereo, bitpool 53)."""
    data = subprocess.run(["sbcenc", "-s", "8", "-b", "53", "-B", "16", "-j", path],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True,
                          timeout=60).stdout
    size = next(i for i in range(4, 1024) if data[i] == 0x9C and data[i + 1] == data[1])
    return [data[i:i + size] for i in range(0, len(data) - size + 1, size)]


def write_au(path, samples, channels=2):
    """Samples: 16-bit, big-endian."""
    with open(path, "wb") as file:
        file.write(struct.pack(">4sIIIII", b".snd", 24, len(samples), 3, 44100, channels) + samples)


def tone_frames(seconds):
    """SBC frames of a tone of 441 Hz."""
    rate, samples = 44100, bytearray()
    for n in range(rate):
        value = int(12000 * math.sin(2 * math.pi * 441 * n / rate))
        samples += struct.pack(">hh", value, value)
    write_au("tone.au", bytes(samples) * int(seconds + 1))
    return sbc_frames("tone.au")


def rtp(sequence, stamp, frames):
    """A media packet."""
    return bytes([0x80, 96]) + (sequence & 0xFFFF).to_bytes(2, "big") + (stamp & 0xFFFFFFFF).to_bytes(4, "big") \
        + b"\0\0\0\1" + bytes([len(frames)]) + b"".join(frames)
