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
import os
import sys
import time

import dbus

from labbus import SINK_UUID, Bus, Endpoint, rtp, say, tone_frames

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
        os.write(fd, rtp(seq, stamp, frames[at:at + per_packet]))
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

    lab = Bus("phone")
    call = lab.call

    def wait_for(what, seconds, reached):
        if not lab.wait(seconds, reached):
            sys.exit(f"phone: not within {seconds} s: {what}")

    endpoint = Endpoint(lab.bus, "/phone/source")
    lab.register_source(adapter, endpoint)

    device = f"{adapter}/dev_" + GATEWAY.replace(":", "_")

    def known():
        return device in lab.devices(adapter)

    if known():
        call(adapter, "org.bluez.Adapter1", "RemoveDevice", dbus.ObjectPath(device))
    lab.flag(adapter, "org.bluez.Adapter1", "Pairable", not args.no_bond)
    if args.knows:
        lab.flag(GATEWAYS_ADAPTER, "org.bluez.Adapter1", "Discoverable", True)
    if not lab.search(adapter, 30, known):
        sys.exit("phone: not within 30 s: the gateway is found")
    try:
        call(device, "org.bluez.Device1", "Pair")
    except dbus.DBusException:
        return 3
    say("phone: paired")
    # The first try of a device that a 5.66 sink has not met fails after 6 s (see guest-init).
    for attempt in range(5):
        try:
            call(device, "org.bluez.Device1", "ConnectProfile", SINK_UUID)
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
    say("phone: connected")
    # A moment, so that whoever listens has opened the receiver.
    lab.wait(2)
    fd, _imtu, omtu = call(endpoint.transports[device], "org.bluez.MediaTransport1", "Acquire")
    frames = tone_frames(args.seconds)
    packets, sent = stream(fd.take(), int(omtu), frames, args.seconds, args.burst / 1000, args.mute)
    say(f"phone: sent {packets} packets, {sent} frames")
    time.sleep(1)
    call(device, "org.bluez.Device1", "Disconnect")
    return 0


if __name__ == "__main__":
    sys.exit(main())
