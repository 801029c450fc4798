#!/usr/bin/python3
"""Checks the lab's Echo (run --echo), as a stand-in for the product: one loudspeaker on hci0 that is a source as well.

The Echo pairs and calls in both orders of its roles, plays in bursts, stalls, pauses, and is switched off and on;
exit status 0 when each packet that it says it sent has arrived, and when it did what it was told.
"""
import json
import os
import sys
import wave

import dbus

from labbus import Agent, Bus, Endpoint, say
from speakers import BLUEZ, Events, Speaker

HCI0 = "/org/bluez/hci0"


class Check:
    def __init__(self):
        self.out = os.environ["BTLAB_OUT"]
        self.lab = Bus("check")
        Agent(self.lab.bus, "/check/agent")
        self.lab.call("/org/bluez", "org.bluez.AgentManager1", "RegisterAgent", dbus.ObjectPath("/check/agent"), "NoInputNoOutput")
        self.lab.call("/org/bluez", "org.bluez.AgentManager1", "RequestDefaultAgent", dbus.ObjectPath("/check/agent"))
        self.sink = Speaker(self.lab.bus, 0, self.out, Events(os.path.join(self.out, "check-events.jsonl")), name="check")
        self.source = Endpoint(self.lab.bus, "/check/source")
        self.lab.register_source(HCI0, self.source)
        self.sink.start()
        self.lab.bus.add_signal_receiver(self.changed, "PropertiesChanged", "org.freedesktop.DBus.Properties",
                                         bus_name=BLUEZ, path_keyword="path")
        self.failed = 0

    def changed(self, interface, properties, _invalidated, path=None):
        if interface == "org.bluez.MediaTransport1" and path == self.sink.transport:
            self.sink.transport_changed(properties)

    def tell(self, line):
        with open(os.path.join(self.out, "echo-control"), "a") as control:
            control.write(line + "\n")

    def happened(self, what, **more):
        with open(os.path.join(self.out, "echo-events.jsonl")) as file:
            events = [json.loads(line) for line in file if line.endswith("\n")]
        return [e for e in events if e["event"] == what and more.items() <= e.items()]

    def expect(self, what, reached, seconds=60):
        done = self.lab.wait(seconds, reached)
        say(f"{'OK    ' if done else 'FAILED'} {what}")
        self.failed += not done

    @property
    def packets(self):
        return self.sink.stat["packets"]

    def flows(self, what):
        before = self.packets
        self.expect(what, lambda: self.packets > before + 100)

    def silent(self, what):
        before = self.packets
        self.expect(what, lambda: not self.lab.wait(4) and self.packets == before)

    def run(self):
        echo = "/org/bluez/hci0/dev_00_AA_01_%02X_00_%02X" % ((int(os.environ["BTLAB_ECHO"]),) * 2)
        samples = b"".join((n * 7919 % 20011 - 10000).to_bytes(2, "little", signed=True) for n in range(44100 * 3))
        music = os.path.join("/tmp", "music.wav")

        with wave.open(music, "wb") as file:
            file.setparams((1, 2, 44100, 0, "NONE", None))
            file.writeframes(samples)

        self.tell(f"music {music}")
        self.tell("pauses 150")
        self.tell("roles source")
        self.tell("pair")
        self.expect("it pairs by itself", lambda: self.happened("paired"))
        self.expect("it connects its source", lambda: self.sink.transport is not None)
        self.lab.flag(echo, "org.bluez.Device1", "Trusted", True)
        device = self.lab.devices(HCI0)[echo]
        say(f"it is {device['Name']}, class {int(device.get('Class', 0)):#x}, {device.get('Modalias')}")
        self.expect("it looks like an Echo", lambda: int(self.lab.devices(HCI0)[echo].get("Class", 0)) == 0x2c0414
                    and self.lab.devices(HCI0)[echo].get("Modalias") == "usb:v1949p1200d5100")
        self.tell("play")
        self.flows("it plays")
        with open(os.path.join(self.out, "echo-sent.csv")) as file:
            self.lab.wait(4)
            at = [float(line.split(",")[0]) for line in file if line.endswith("\n")]
        self.expect("it plays in bursts", lambda: max(b - a for a, b in zip(at, at[1:])) > 0.06)
        self.tell("stall link")
        self.lab.wait(0.5)
        self.silent("it stalls")
        self.expect("and believes that it plays", lambda: self.state() == "active")
        self.tell("play")
        self.flows("it plays when told so again")
        self.tell("pause")
        self.lab.wait(0.5)
        self.silent("it pauses")
        self.expect("and its stream is suspended", lambda: self.state() == "idle")
        self.tell("play")
        self.flows("it plays on")
        # Two streams of one link at once are more than BlueZ makes as the one that calls: the first one stands.
        self.tell("roles both")
        for order in ("sink", "source"):
            self.tell(f"order {order}")
            self.tell("off")
            self.expect("off, its link is gone", lambda: not self.lab.devices(HCI0)[echo].get("Connected"))
            self.tell("on")
            stands = (lambda: self.sink.transport) if order == "source" else (lambda: echo in self.source.transports)
            self.expect(f"it calls by itself, its {order} first", stands)
        self.flows("and plays on")
        self.tell("pause")
        self.lab.wait(1.5)          # what it sent is on file
        with open(os.path.join(self.out, "echo-sent.csv")) as file:
            sent = sum(1 for _ in file)
        say(f"sent {sent}, heard {self.packets}, lost on the way {self.sink.stat['lost']}")
        self.expect("all that it sent was heard", lambda: sent - self.packets in range(0, 12), 1)  # an off takes what is on the air
        say("OK" if not self.failed else "FAILED")
        return 1 if self.failed else 0

    def state(self):
        return self.lab.call(self.sink.transport, "org.freedesktop.DBus.Properties", "Get", "org.bluez.MediaTransport1", "State")


if __name__ == "__main__":
    sys.exit(Check().run())
