using Gateway.Engine.Ports;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>T4: an adapter's room for streams. It is told before the radio refuses: what BlueZ says then is worse.</summary>
internal sealed class AdapterRoom(BluetoothOptions options, BlueZShared shared)
{
    /// <param name="device">Who wants to be connected, for the refusal.</param>
    /// <exception cref="PortException">The adapter carries all that it may.</exception>
    public void Require(RadioAdapter adapter, string device)
    {
        if (!shared.OwnsAudio) return;
        var (name, address, carried) = (adapter.Name, adapter.Address, CarriedOn(adapter));
        var learned = shared.Limits.Of(name, address, carried, shared.Version?.Version);
        var most = options.StreamsOf(name, address, learned?.Streams);
        if (carried < most) return;
        if (learned is null || most == options.StreamsOf(name, address))
        {
            throw new PortException(
                PortError.NoCapacity, $"{name} carries {most} stream(s) already, which is all it may, so {device} finds no room.",
                "Disconnect a speaker, pair it on another adapter, or raise max_streams of this one.");
        }

        throw new PortException(
            PortError.NoCapacity, $"{name} carries {most} stream(s) already and could carry no more (learned on {LearnedLimits.Date(learned.At)}), so {device} finds no room.",
            $"Disconnect a speaker or pair it on another adapter. {name} is tried anew from {LearnedLimits.Date(learned.Until)}, or as soon as its max_streams is changed.");
    }

    /// <summary>BlueZ or the radio itself had no room: the planner need not run into that again.</summary>
    public void Learn(RadioAdapter adapter)
    {
        var carried = CarriedOn(adapter);
        if (carried > 0) shared.Limits.Learn(adapter.Name, adapter.Address, carried, shared.Version?.Version); // else it is not the number
    }

    private int CarriedOn(RadioAdapter adapter) => shared.Streams.CountOn(ObjectPaths.OfAdapter(adapter.Name));
}
