#!/usr/bin/python3
"""A phone (or an Echo) in the lab: pairs with the gateway on hci0 and plays to it.

It lives beside the speaker of its adapter: it registers an A2DP source
endpoint, searches for the gateway until it is discoverable, pairs (Just Works),
connects the gateway's A2DP sink and streams a tone of 441 Hz in real time.

  --burst MS   send in bursts of MS milliseconds, as an Echo was seen to do
  --mute S     stop sending for 6 s after S seconds, with the stream still up
  --adapter N  it lives on hciN (default 1)
  --knows      it knows the gateway's address, as somebody who was here before or who
               sniffed it: the gateway is made discoverable, which is all that it cannot do
  --no-bond    pair without a lasting key, which Bluetooth lets in where nobody is pairable

What it remembers of an earlier visit it forgets at first. Exit status 0 when all was
sent, 3 when the gateway did not let it pair, 4 when it did not take its sound.
"""
import argparse
import importlib.util
import os
import sys
import time

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

spec = importlib.util.spec_from_file_location(
    "source_check", os.path.join(os.path.dirname(os.path.abspath(__file__)), "source-check.py"))
lab = importlib.util.module_from_spec(spec)
spec.loader.exec_module(lab)

GATEWAYS_ADAPTER = "/org/bluez/hci0"
GATEWAY = "00:AA:01:00:00:00"


def stream(fd, mtu, frames, seconds, burst, mute):
    per_packet = min(15, (mtu - 13) // len(frames[0]))
    interval = per_packet * 128 / 44100
    os.set_blocking(fd, True)
    start, seq, stamp, at, pause = time.monotonic(), 0, 0, 0, 0.0
    while seq * interval < seconds and at + per_packet <= len(frames):
        due = start + pause + seq * interval
        if burst:
            due = start + pause + (seq * interval // burst) * burst
        if mute and not pause and seq * interval >= mute:
            pause = 6.0
            continue
        wait = due - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        header = bytes([0x80, 96]) + (seq & 0xFFFF).to_bytes(2, "big") + stamp.to_bytes(4, "big") \
            + b"\0\0\0\1" + bytes([per_packet])
        os.write(fd, header + b"".join(frames[at:at + per_packet]))
        seq, stamp, at = seq + 1, stamp + per_packet * 128, at + per_packet
    return seq, at


def main():
    parser = argparse.ArgumentParser(description="plays to the gateway, as a phone does")
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--burst", type=float, default=0)
    parser.add_argument("--mute", type=float, default=0)
    parser.add_argument("--knows", action="store_true")
    parser.add_argument("--no-bond", action="store_true")
    parser.add_argument("--adapter", type=int, default=1)
    args = parser.parse_args()
    adapter = f"/org/bluez/hci{args.adapter}"
    os.chdir("/tmp")

    dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
    bus = dbus.SystemBus()
    context = GLib.MainContext.default()

    def call(path, interface, method, *values, timeout=40):
        answer = {}
        bus.get_object(lab.BLUEZ, path, introspect=False).get_dbus_method(method, interface)(
            *values, timeout=timeout, reply_handler=lambda *r: answer.update(reply=r),
            error_handler=lambda e: answer.update(error=e))
        while not answer:
            context.iteration(True)
        if "error" in answer:
            lab.say(f"phone: {path} {method}: {answer['error']}")
            raise answer["error"]
        reply = answer["reply"]
        return reply[0] if len(reply) == 1 else reply

    def wait_for(what, seconds, reached):
        end = time.monotonic() + seconds
        GLib.timeout_add(50, lambda: time.monotonic() < end)
        while not reached():
            if time.monotonic() > end:
                sys.exit(f"phone: not within {seconds} s: {what}")
            context.iteration(True)

    endpoint = lab.Endpoint(bus, "/phone/source")
    call(adapter, "org.bluez.Media1", "RegisterEndpoint",
         dbus.ObjectPath("/phone/source"),
         dbus.Dictionary({"UUID": lab.SOURCE_UUID, "Codec": dbus.Byte(0),
                          "Capabilities": lab.ay(bytes([0xFF, 0xFF, 2, 53]))}, signature="sv"))

    device = f"{adapter}/dev_" + GATEWAY.replace(":", "_")

    def known():
        objects = call("/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")
        return device in objects

    def set_flag(path, name, value):
        call(path, "org.freedesktop.DBus.Properties", "Set", "org.bluez.Adapter1", name,
             dbus.Boolean(value, variant_level=1))

    if known():
        call(adapter, "org.bluez.Adapter1", "RemoveDevice", dbus.ObjectPath(device))
    set_flag(adapter, "Pairable", not args.no_bond)
    if args.knows:
        set_flag(GATEWAYS_ADAPTER, "Discoverable", True)
    call(adapter, "org.bluez.Adapter1", "SetDiscoveryFilter",
         dbus.Dictionary({"Transport": "bredr"}, signature="sv"))
    call(adapter, "org.bluez.Adapter1", "StartDiscovery")
    wait_for("the gateway is found", 30, known)
    call(adapter, "org.bluez.Adapter1", "StopDiscovery")
    try:
        call(device, "org.bluez.Device1", "Pair")
    except dbus.DBusException:
        return 3
    lab.say("phone: paired")
    # The first try of a device that a 5.66 sink has not met fails after 6 s (see guest-init).
    for attempt in range(5):
        try:
            call(device, "org.bluez.Device1", "ConnectProfile", lab.SINK_UUID)
            break
        except dbus.DBusException:
            if attempt == 4:
                return 4
            # As a phone does: without it BlueZ may call a try that was cancelled "in progress" for good.
            try:
                if not args.no_bond:      # its key would end with the link
                    call(device, "org.bluez.Device1", "Disconnect")
            except dbus.DBusException:
                pass
            time.sleep(2)
    wait_for("the stream is configured", 10, lambda: device in endpoint.transports)
    lab.say("phone: connected")
    # A moment, so that whoever listens has opened the receiver.
    end = time.monotonic() + 2
    wait_for("a moment", 3, lambda: time.monotonic() > end)
    fd, _imtu, omtu = call(endpoint.transports[device], "org.bluez.MediaTransport1", "Acquire")
    frames = lab.sbc_frames(args.seconds)
    packets, sent = stream(fd.take(), int(omtu), frames, args.seconds, args.burst / 1000, args.mute)
    lab.say(f"phone: sent {packets} packets, {sent} frames")
    time.sleep(1)
    call(device, "org.bluez.Device1", "Disconnect")
    return 0


if __name__ == "__main__":
    sys.exit(main())
