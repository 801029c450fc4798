using Gateway.Engine.Ports;

namespace Gateway.Simulation;

/// <summary>Does a device let a host connect? The catalogue's habits live here (S2, S3, S5).</summary>
internal static class Acceptance
{
    private static readonly TimeSpan s_rapid = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_lockDown = TimeSpan.FromMinutes(5);

    /// <summary>Throws where <paramref name="device"/> refuses <paramref name="host"/> now.</summary>
    public static void OfConnect(World world, Node host, Node device)
    {
        if (!device.Powered) throw NoAnswer(device);
        if (device is not Speaker speaker) return;
        RefuseAppOnly(speaker);
        RefuseLocked(world, speaker);
        if (world.LinkOf(speaker) is { } other && !other.Joins(host, speaker)) throw Held(world, host, speaker, other.Other(speaker));
        if (speaker.Model is not { PlainestCodecFirst: true }) return;
        // S5: sometimes the first handshake fails; the next one then works.
        speaker.HandshakeFailed = !speaker.HandshakeFailed && world.Draw(speaker, "handshake").NextUnit() < 0.5;
        if (!speaker.HandshakeFailed) return;
        throw new PortException(PortError.Other, $"{speaker} broke off the handshake, as its model does with newer Bluetooth stacks.", "Try again; a firmware update of the speaker helps.");
    }

    public static void OfPairing(World world, Node device)
    {
        if (!device.Powered) throw NoAnswer(device);
        switch (device)
        {
            case Speaker speaker:
                RefuseAppOnly(speaker);
                RefuseLocked(world, speaker);
                break;
            case Echo echo:
                throw new PortException(PortError.PairingRejected, $"{echo} is not in pairing mode.", "Switch the gateway's pairing mode on and let the Echo connect to it, or say \"Alexa, pair\".");
            default:
                throw new PortException(PortError.PairingRejected, $"{device} is not in pairing mode.", "Switch the gateway's pairing mode on and pair from the phone.");
        }
    }

    public static PortException NoAnswer(Node device) =>
        new(PortError.NotReachable, $"{device} does not answer: it is off or out of range.", $"Switch {device} on and bring it near.");

    private static PortException Held(World world, Node host, Speaker speaker, Node holder)
    {
        if (host is Adapter adapter) adapter.Held.Add(speaker);
        if (speaker.Model is { Exclusive: true })
        {
            speaker.Refusals.RemoveAll(at => world.Now - at > s_rapid);
            speaker.Refusals.Add(world.Now);
            if (speaker.Refusals.Count >= 3) speaker.LockedUntil = world.Now + s_lockDown;
        }

        return new PortException(PortError.HeldElsewhere, $"{speaker} is connected to another device and takes no second one.", $"Disconnect {speaker} from {holder}.");
    }

    private static void RefuseAppOnly(Speaker speaker)
    {
        if (speaker.Model is not { AppOnly: true }) return;
        throw new PortException(PortError.PairingRejected, $"{speaker} connects through its maker's app only.", "Make it ready to pair in the app, then press Pair.");
    }

    private static void RefuseLocked(World world, Speaker speaker)
    {
        if (world.Now >= speaker.LockedUntil) return;
        var minutes = Math.Ceiling((speaker.LockedUntil - world.Now).TotalMinutes);
        throw new PortException(PortError.PairingRejected, $"{speaker} has locked itself down after refusing several attempts.", $"Leave it alone for {minutes} min, then try once.");
    }
}
