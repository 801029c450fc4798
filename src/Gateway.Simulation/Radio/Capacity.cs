using Gateway.Engine.Ports;

namespace Gateway.Simulation;

/// <summary>T4: what an adapter carries at once: its streams out, and one in beside them.</summary>
internal static class Capacity
{
    /// <summary>Why <paramref name="link"/> would be one too many for <paramref name="adapter"/>; null: it would not.</summary>
    public static PortException? RefusalOf(World world, Adapter adapter, Link link)
    {
        var sends = link.From == adapter;
        var used = world.Links.Count(l => l != link && l.Connected && (sends ? l.From == adapter : l.To == adapter));
        if (used < (sends ? adapter.MaxStreams : 1)) return null;
        return sends
            ? new PortException(PortError.NoCapacity, $"{adapter} already carries {used} streams and has no room for {link.To}.", "Use another adapter, or disconnect a speaker.")
            : new PortException(PortError.NoCapacity, $"{adapter} already receives a stream and has no room for {link.From}.", "Use another adapter, or disconnect the other source.");
    }
}
