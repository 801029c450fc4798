using Gateway.Engine;
using Gateway.Engine.Ports;

namespace Gateway.Simulation;

/// <summary>Opens the house's sound ways. Thread-safe.</summary>
internal sealed class SimulatedAudio(World world, Acoustics acoustics, IBluetooth radio) : IOutputProvider, ISourceProvider, IMicrophone
{
    private long _microphones;

    public string Scheme => BluetoothLinks.Scheme;

    public OutputsSnapshot Current => BluetoothLinks.OutputsIn(radio.Current);

    public IAudioOutput Open(OutputRef output)
    {
        var (adapter, device) = BluetoothLinks.Read(output.Key);
        return OpenOutput(adapter, device);
    }

    public bool Takes(SourceRef source) => BluetoothLinks.Carries(source);

    public Task<IAudioInput> OpenAsync(SourceOpening opening, CancellationToken cancellationToken)
    {
        var (adapter, device) = BluetoothLinks.Read(opening.NeedLink());
        return Task.FromResult(OpenReceiver(adapter, device));
    }

    public IAudioOutput OpenOutput(BluetoothAddress adapter, BluetoothAddress device) => world.Do(() =>
    {
        var link = Find(adapter, device, l => l.From.Address == adapter);
        if (link.Output is not null) throw Taken(link.To);
        link.Output = new SimulatedOutput(world, (Sink)link.To, gone => world.Do(() =>
        {
            if (link.Output == gone) link.Output = null;
        }));
        return link.Output;
    });

    public IAudioInput OpenReceiver(BluetoothAddress adapter, BluetoothAddress device) => world.Do(() =>
    {
        var link = Find(adapter, device, l => l.To.Address == adapter);
        if (link.Receiver is not null) throw Taken(link.From);
        var programme = (long)((world.Now - world.Since).TotalSeconds * DeviceClock.SampleRate);
        link.Receiver = new SimulatedReceiver(world, link.From, (link.From as Sink)?.ClockPpm ?? 0, programme, gone => world.Do(() =>
        {
            if (link.Receiver == gone) link.Receiver = null;
        }));
        return link.Receiver;
    });

    public IAudioInput Open(string source) => world.Do(() =>
    {
        if (world.IsClosed) throw new PortException(PortError.PartMissing, "The simulated house has been closed.");
        world.Microphones.RemoveAll(m => !m.IsOpen);
        var microphone = new SimulatedMicrophone(world, acoustics, _microphones++);
        world.Microphones.Add(microphone);
        return microphone;
    });

    private Link Find(BluetoothAddress adapter, BluetoothAddress device, Func<Link, bool> direction)
    {
        var node = world.Devices.FirstOrDefault(d => d.Address == device)
            ?? throw new PortException(PortError.UnknownDevice, $"No radio has seen a device with the address {device}.", "Switch it on, bring it near and scan.");
        return world.Links.Find(l => l.Connected && l.Touches(node) && l.Other(node).Address == adapter && direction(l))
            ?? throw new PortException(PortError.NotReachable, $"{node} has no link in this direction to the adapter {adapter}, so no sound can pass.", $"Connect {node} first.");
    }

    private static PortException Taken(Node node) => new(PortError.Other, $"The sound way of {node} is open already.", "Close it before opening it again.");
}
